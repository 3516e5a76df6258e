"""One tenant of the demonstration: what is set up for it, and its releases. Each step does what is still missing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from muse_site.client import Console, Json
from muse_site.demo.profiles import CONTEXT, FEATURES, INTENT, THRESHOLDS, Profile
from muse_site.demo.shared import NEW, OLD

_KEY = "demonstration"


@dataclass(frozen=True)
class DemoTenant:
    """A tenant with the shared predictors (by model name) and reference."""

    console: Console
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
            intent = {"name": INTENT, "features": FEATURES, "context": CONTEXT, "thresholds": THRESHOLDS}
            self.console.post(f"{self.path}/intents", intent)
        return self._new_key()

    def cold_start(self) -> int:
        """The first release: the old model with the new one as its shadow, on default transforms. Its number."""
        if not self._has_release(1):
            transforms = {model: self._found("default", model) or self._default(model) for model in (OLD, NEW)}
            return self._serve("Cold start: transforms made of the models' validation scores", transforms)
        return 1

    def fit(self, end: date, days: int) -> int:
        """The second release: the same on transforms fitted on the tenant's own days before `end`. Its number."""
        if not self._has_release(2):
            found = {model: self._found("custom", model) for model in (OLD, NEW)}
            asked = {model: self._ask_fit(model, end, days) for model in found if found[model] is None}
            done = {model: self.console.wait_for_fit(self.profile.slug, fit) for model, fit in asked.items()}
            transforms = {model: found[model] or int(done[model]["transform"]) for model in found}
            return self._serve(f"Transforms fitted on the tenant's own payments of {days} days", transforms)
        return 2

    def propose(self, analyst: Console) -> Json:
        """The analyst's change request that lets the new model answer, with evidence; in review if it passes."""
        rows = list(analyst.pages(f"{self.path}/changes"))
        return rows[0] if rows else self._proposed(analyst)

    def _proposed(self, analyst: Console) -> Json:
        new, old = (
            {"predictor": self.predictors[each], "transform": self._found("custom", each)} for each in (NEW, OLD)
        )
        body = {
            "title": "Let the new model answer",
            "reason": "It finds more fraud at the same number of alerts.",
            "routes": {INTENT: [{"name": "all payments", "live": new, "shadows": [old]}]},
        }
        path = f"{self.path}/changes/{analyst.post(f'{self.path}/changes', body)['number']}"
        evidence = analyst.wait_for_evidence(path)
        change: Json = analyst.post(f"{path}/submit", {}) if evidence["verdict"] == "pass" else analyst.get(path)
        return change

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

    def _ask_fit(self, model: str, end: date, days: int) -> Json:
        midnight = datetime.combine(end, time(), UTC)
        source = {"kind": "recorded", "as_of": midnight.isoformat(), "days": days}
        return self.console.fit(self.profile.slug, INTENT, self.predictors[model], self.reference, source)

    def _serve(self, reason: str, transforms: dict[str, int]) -> int:
        old, new = ({"predictor": self.predictors[model], "transform": transforms[model]} for model in (OLD, NEW))
        return self.console.publish(
            self.profile.slug, reason, {INTENT: [{"name": "all payments", "live": old, "shadows": [new]}]}
        )

    def _new_key(self) -> str:
        for key in self.console.pages(f"{self.path}/keys"):
            if key["name"] == _KEY and key["revoked_at"] is None:
                self.console.post(f"{self.path}/keys/{key['id']}/revoke", {"reason": "the demonstration starts anew"})
        key = self.console.post(f"{self.path}/keys", {"name": _KEY, "scopes": ["score", "label", "read"]})
        return str(key["key"])
