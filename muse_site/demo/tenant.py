"""One tenant of the demonstration: what is set up for it, and its releases. Each step does what is still missing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from muse_site.demo import changes
from muse_site.demo.profiles import CONTEXT, FEATURES, INTENT, THRESHOLDS, Profile
from muse_site.demo.shared import NEW, OLD
from muse_site.driving.client import Console, Json, path_of
from muse_site.driving.two_people import TwoPeople

_KEY = "demonstration"


@dataclass(frozen=True)
class DemoTenant:
    """A tenant with the shared predictors (by model name) and reference."""

    console: Console
    people: TwoPeople
    profile: Profile
    predictors: dict[str, str]
    reference: str

    @property
    def path(self) -> str:
        return f"tenants/{self.profile.slug}"

    def set_up(self) -> str:
        """The tenant, its intent, and a new key for its programs, which is returned; keys of earlier runs end."""
        if self.console.find(self.path) is None:
            self.console.post("tenants", {"slug": self.profile.slug, "name": self.profile.name})
        if self.console.find(f"{self.path}/intents/{INTENT}") is None:
            intent: Json = {"name": INTENT, "features": FEATURES, "context": CONTEXT, "thresholds": THRESHOLDS}
            intent |= {"amount": "amount", "segment_features": self.profile.segment_features}
            self.console.post(f"{self.path}/intents", intent)
        if not self._has_release(1):  # from then on, a policy is changed by two people
            self.console.patch(f"{self.path}/policy", self.profile.policy)
        return self._new_key()

    def cold_start(self) -> int:
        """The first release: the old model with the new one as its shadow, on default transforms. Its number."""
        if not self._has_release(1):
            old, new = (self._target(each, self._found("default", each) or self._default(each)) for each in (OLD, NEW))
            self.people.publish(changes.cold_start(self.profile, old, new))
        return 1

    def fit(self, end: date, days: int) -> int:
        """The second release: the same on transforms fitted on the tenant's own days before `end`. Its number."""
        if not self._has_release(2):
            midnight = datetime.combine(end, time(), UTC).isoformat()
            transforms = {model: self._found("custom", model) for model in (OLD, NEW)}
            fits = {model: self._ask_fit(model, midnight, days) for model in transforms if transforms[model] is None}
            results = {model: self.console.wait_for_fit(self.profile.slug, fit) for model, fit in fits.items()}
            old, new = (
                self._target(model, transforms[model] or int(results[model]["transform"])) for model in (OLD, NEW)
            )
            self.people.publish(changes.fitted(self.profile, old, new, midnight, days))
        return 2

    def propose(self) -> tuple[Json, Json]:
        """The change request that lets the new model answer, and its evidence; whatever has become of it since."""
        for row in self.people.author.pages(f"{self.path}/changes"):
            if row["title"] in (changes.NEW_MODEL, changes.NEW_MODEL_EARLIER) and row["state"] != "draft":
                return row, self.people.author.get(f"{path_of(row)}/evidence")
        new = self._target(NEW, self._found(self.profile.transform, NEW))
        old = self._target(OLD, self._found("custom", OLD))
        return self.people.propose(changes.new_model(self.profile, new, old))

    def _has_release(self, number: int) -> bool:
        return self.console.find(f"{self.path}/releases/{number}") is not None

    def _found(self, kind: str, model: str) -> int | None:
        """The newest transform of this kind for a model's predictor."""
        for transform in self.console.pages(f"{self.path}/transforms", intent=INTENT):
            if transform["kind"] == kind and transform["predictor"] == self.predictors[model]:
                return int(transform["id"])
        return None

    def _default(self, model: str) -> int:
        body = {"intent": INTENT, "predictor": self.predictors[model], "reference": self.reference}
        return int(self.console.post(f"{self.path}/transforms", body)["id"])

    def _ask_fit(self, model: str, as_of: str, days: int) -> Json:
        source = {"kind": "recorded", "as_of": as_of, "days": days}
        return self.console.fit(self.profile.slug, INTENT, self.predictors[model], self.reference, source)

    def _target(self, model: str, transform: int | None) -> Json:
        return {"predictor": self.predictors[model], "transform": transform}

    def _new_key(self) -> str:
        for key in self.console.pages(f"{self.path}/keys"):
            if key["name"] == _KEY and key["revoked_at"] is None:
                self.console.post(f"{self.path}/keys/{key['id']}/revoke", {"reason": "the demonstration starts anew"})
        key = self.console.post(f"{self.path}/keys", {"name": _KEY, "scopes": ["score", "label", "read"]})
        return str(key["key"])
