"""What is in the data folder: two tenants with a past, made over the product's REST APIs as people would.

Everything of note to an upgrade is there once: each type of feature with nulls, a feature whose type was changed,
features kept and not, models of one and of two inputs' kinds, predictors of one and of two members, default and custom
transforms, routes with conditions and shadows, a release that was taken back, change requests in every state.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from muse_site.driving.client import Console, Json, Scoring, path_of
from muse_site.driving.two_people import Proposal, TwoPeople
from tests.upgrade import small_models

NORTH, RIVER = "north-bank", "river-shop"
_POINTS = [{"score": 0.5, "alert_rate": 0.2}, {"score": 0.7, "alert_rate": 0.1}, {"score": 0.9, "alert_rate": 0.05}]
_THRESHOLDS = [{"name": "review", "score": 0.7}, {"name": "decline", "score": 0.9, "action": "decline"}]
_CONTEXT = [
    {"name": "channel", "type": "string", "values": ["web", "shop"]},
    {"name": "limit", "type": "number"},
    {"name": "vip", "type": "boolean"},
]
_NOTE = {"name": "note", "type": "number", "required": False, "nullable": True}
_SEEN = {"name": "seen", "type": "boolean", "required": False}
# As both are from the third release on.
_CHANGED = [{**_NOTE, "type": "integer"}, {**_SEEN, "type": "category", "categories": ["yes", "no"]}]
_WEBHOOK = {"url": "https://hooks.example.invalid/muse", "events": ["change.published", "release.rolled_back"]}
_WHY = "there were not enough events to go by"


@dataclass
class Contents:
    """Fills a running product; `keys` are the tenants' API keys, `answers` what events were answered with, by id."""

    admin: Console
    people: TwoPeople
    scoring_address: str
    keys: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Json]] = field(default_factory=dict)
    _seed: int = 100

    def make(self) -> None:
        self._shared()
        for slug in (NORTH, RIVER):
            self._tenant(slug)
        self._north()
        self._river()
        self._everywhere()

    def score(self, slug: str, intent: str, count: int, *, own_ids: bool = False, **more: object) -> None:
        """Score events of the last three days, one by one and as a batch; label every third."""
        with Scoring(self.scoring_address, self.keys[slug]) as client:
            sent = self._events(intent, count, own_ids, more)
            for event in sent[:3]:
                self._answered(slug, intent, event, client.score(intent, event))
            batch = client.score_batch(intent, sent[3:])
            for event, answer in zip(sent[3:], batch["results"], strict=True):
                self._answered(slug, intent, event, {**answer, "release": batch["release"]})
            labels = [
                {"intent": intent, "event_id": each["event_id"], "label": place % 2} for place, each in enumerate(sent)
            ]
            client.label(labels[::3])

    # ---- what tenants share

    def _shared(self) -> None:
        for upload in small_models.uploads():
            self.admin.wait_for_model(self.admin.upload("models", *upload.form()))
        two = [{"model": "trees@1", "weight": 2.0}, {"model": "logistic@1", "beta": 0.5}]
        self.admin.post("predictors", {"name": "trees", "members": [{"model": "trees@1"}]})
        self.admin.post("predictors", {"name": "logistic", "members": [{"model": "logistic@1"}]})
        self.admin.post("predictors", {"name": "logistic", "members": [{"model": "logistic@2"}]})
        self.admin.post("predictors", {"name": "both", "members": two, "aggregation": "logit_mean"})
        self.admin.post("predictors", {"name": "both", "members": two, "aggregation": "max"})
        self.admin.post("references", {"name": "alerts", "kind": "curve", "parameters": {"points": _POINTS}})
        self.admin.post("references", {"name": "tail", "kind": "beta", "parameters": {"a": 1.0, "b": 4.0}})
        self.admin.post("webhooks", _WEBHOOK)

    # ---- the tenants

    def _tenant(self, slug: str) -> None:
        self.admin.post("tenants", {"slug": slug, "name": slug.replace("-", " ").title()})
        at = f"tenants/{slug}"
        self.keys[slug] = self.admin.post(f"{at}/keys", {"name": "programs", "scopes": ["score", "label", "read"]})[
            "key"
        ]
        old = self.admin.post(f"{at}/keys", {"name": "of last year", "scopes": ["score"]})
        self.admin.post(f"{at}/keys/{old['id']}/revoke", {"reason": "no longer in use"})
        turned = self.admin.post(f"{at}/keys", {"name": "turned", "scopes": ["read"]})
        self.admin.post(f"{at}/keys/{turned['id']}/rotate", {})
        self.admin.post(f"{at}/webhooks", _WEBHOOK)
        self.admin.post(f"{at}/members", {"email": "viewer@example.com", "role": "viewer"})

    def _north(self) -> None:
        """Four releases, of which the last takes back the one before; two requests that wait."""
        at = f"tenants/{NORTH}"
        self._intent(NORTH, "payments", [*small_models.FEATURES, _NOTE, _SEEN])
        self._intent(NORTH, "logins", small_models.FEATURES[:2], thresholds=[], keep_features=["hour"])
        trees, both = self._default(NORTH, "payments", "trees@1"), self._default(NORTH, "payments", "both@1")
        web = {"name": "web", "when": [{"attribute": "channel", "any_of": ["web"]}], "live": both, "shadows": [trees]}
        self._publish(NORTH, "Start", {"payments": [web, {"name": "rest", "live": trees, "shadows": [both]}]})
        self.score(NORTH, "payments", 260, note=1.5, seen=True)
        self.score(NORTH, "payments", 8, own_ids=True, note=2.5)
        self.admin.wait_until_kept()
        recorded = self._fitted(NORTH, "payments", "trees@1", {"kind": "recorded", "days": 5})
        replay = self._fitted(NORTH, "payments", "both@2", {"kind": "replay", "days": 5})
        rest = {"name": "rest", "live": recorded, "shadows": [replay]}
        web = {"name": "web", "when": [{"attribute": "channel", "any_of": ["web"]}], "live": replay}
        large = {"name": "large", "when": [{"attribute": "limit", "minimum": 500.0}], "live": recorded}
        self._publish(NORTH, "Fit to our own payments", {"payments": [large, web, rest]})
        self.score(NORTH, "payments", 25, note=3.5)
        self.admin.wait_until_kept()
        self.admin.patch(f"{at}/intents/payments", {"features": [*small_models.FEATURES, *_CHANGED]})
        logins = [{"name": "all", "live": self._default(NORTH, "logins", "logistic@1")}]
        self._publish(NORTH, "Logins too, and whole notes", {"payments": [rest], "logins": logins})
        self.score(NORTH, "payments", 20, note=7, seen="no")
        self.score(NORTH, "logins", 20)
        back = self.people.approver.post(f"{at}/releases/rollback", {"number": 2, "reason": "too many alerts"})
        self.admin.wait_until_served({NORTH: back["number"]})
        self.score(NORTH, "payments", 20, note=4.5, seen=False)
        self.admin.wait_until_kept()
        live = self._fitted(NORTH, "payments", "trees@1", {"kind": "recorded", "days": 4})
        self._propose(NORTH, "In review: fitted anew", {"payments": [{"name": "rest", "live": live}]})
        draft = [{"name": "rest", "live": live, "shadows": [replay]}]
        change = self.people.author.propose_change(NORTH, "A draft", "to be talked about", {"payments": draft})
        self.people.author.wait_for_evidence(change)
        self.people.author.post(f"{path_of(change)}/comments", {"text": "What do you think?"})

    def _river(self) -> None:
        """One release; a request that is approved and waits to be published, one rejected and one withdrawn."""
        at = f"tenants/{RIVER}"
        self.admin.patch(f"{at}/policy", {"publish_when_approved": False, "tolerances": {"payments/review": 0.2}})
        self._intent(RIVER, "payments", small_models.FEATURES, keep_features="none", idempotency_seconds=0)
        first, second = (self._default(RIVER, "payments", each) for each in ("logistic@2", "trees@1"))
        self._publish(RIVER, "Start", {"payments": [{"name": "all", "live": first, "shadows": [second]}]})
        self.score(RIVER, "payments", 120)
        self.admin.wait_until_kept()
        rows = np.random.default_rng(9).beta(1.0, 8.0, 1500)
        files = {"file": ("probabilities.csv", small_models.column(rows))}
        sample = self.admin.upload(f"{at}/samples", {"name": "of last year"}, files)
        fitted = self._fitted(RIVER, "payments", "trees@1", {"kind": "sample", "sample": sample["id"]})
        change, evidence = self._propose(RIVER, "Approved: trees", {"payments": [{"name": "all", "live": fitted}]})
        self.people.approver.approve_change(change, evidence, "as we said")
        change, _ = self._propose(RIVER, "Rejected: trees on defaults", {"payments": [{"name": "all", "live": second}]})
        self.people.approver.post(f"{path_of(change)}/reject", {"text": "it has no fit"})
        change, _ = self._propose(RIVER, "Withdrawn", {"payments": [{"name": "all", "live": first}]})
        self.people.author.post(f"{path_of(change)}/withdraw", {"reason": "not now"})

    def _everywhere(self) -> None:
        """A replacement for all tenants, which ends as it may with so few events."""
        source = {"kind": "either", "days": 5}
        replacement = ("Logistic for all", "to compare", "logistic@2", "logistic@1", source)
        self.people.author.wait_for_replacement(self.people.author.replace_everywhere(*replacement), 60.0)

    # ---- small steps

    def _intent(self, slug: str, name: str, features: list[Json], **more: object) -> None:
        body = {"name": name, "features": features, "context": _CONTEXT, "thresholds": _THRESHOLDS, **more}
        self.admin.post(f"tenants/{slug}/intents", body)

    def _default(self, slug: str, intent: str, predictor: str) -> Json:
        body = {"intent": intent, "predictor": predictor, "reference": "alerts@1"}
        return {"predictor": predictor, "transform": self.admin.post(f"tenants/{slug}/transforms", body)["id"]}

    def _fitted(self, slug: str, intent: str, predictor: str, source: Json) -> Json:
        fit = self.people.author.fit(slug, intent, predictor, "alerts@1", source)
        return {"predictor": predictor, "transform": self.people.author.wait_for_fit(slug, fit)["transform"]}

    def _propose(self, slug: str, title: str, routes: Json) -> tuple[Json, Json]:
        return self.people.propose(Proposal(slug, title, f"{title}: agreed in the weekly meeting", _WHY, routes))

    def _publish(self, slug: str, title: str, routes: Json) -> None:
        change, evidence = self._propose(slug, title, routes)
        approved = self.people.approver.approve_change(change, evidence, "as we agreed")
        if approved["release"] is None:
            approved = self.people.approver.post(f"{path_of(change)}/publish", {})
        self.admin.wait_until_served({slug: approved["release"]})

    def _events(self, intent: str, count: int, own_ids: bool, more: dict[str, object]) -> list[Json]:
        self._seed += 1
        names = [each["name"] for each in small_models.FEATURES[: 2 if intent == "logins" else None]]
        rng = np.random.default_rng(self._seed)
        start = datetime.now(UTC) - timedelta(days=3)
        return [
            {
                "event_id": _own_id(place) if own_ids else _uuid7(rng, start + timedelta(minutes=15 * place)),
                "occurred_at": (start + timedelta(minutes=15 * place)).isoformat(),
                "context": {"channel": ("web", "shop")[place % 2], "limit": 50.0 * (place % 20), "vip": place % 5 == 0},
                "features": {name: features[name] for name in names if name in features} | (more if place % 4 else {}),
            }
            for place, features in enumerate(small_models.events(count, self._seed))
        ]

    def _answered(self, slug: str, intent: str, event: Json, answer: Json) -> None:
        kept = {name: answer[name] for name in ("score", "probability", "predictor", "transform", "release")}
        self.answers.setdefault(slug, {})[event["event_id"]] = {"intent": intent, "sent": event, **kept}


def _own_id(place: int) -> str:
    """As clients have them: anything."""
    return f"order {place} #7 ü: 50%" if place % 2 else f"order/{place}/../7?x=1"


def _uuid7(rng: np.random.Generator, moment: datetime) -> str:
    stamp = int(moment.timestamp() * 1000)
    a, b = (int(each) for each in rng.integers(0, 1 << 62, 2))
    return str(uuid.UUID(int=stamp << 80 | 7 << 76 | (a & 0xFFF) << 64 | 2 << 62 | b & (1 << 62) - 1))
