"""What people call the rows that the audit trail and history hold by primary key, and the pages about them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.db.models.functions import JSONObject

from models_app.catalog.models import ModelVersion, PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review, ReviewPolicy
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from models_app.console.ui.page import Page
from models_app.console.ui.panels import address
from models_app.incidents.models import Incident
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.replacements.models import Replacement
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.transforms.models import Fit, Transform
from scoring.models import CurrentRelease, Release
from tenants import history
from tenants.audit_terms import SubjectType
from tenants.models import ApiKey, Intent, Person, PersonalToken, Tenant
from tenants.permissions import may
from tenants.roles import Permission

Key = tuple[str, int]  # a kind of row (tenants.history.kind_of) and a primary key
PERSON = SubjectType.PERSON
_OWNER = {"tenant": "tenant__slug"}


@dataclass(frozen=True)
class Kind:
    """What rows of a model are called (`words`), and the `page` about one, by its name in urls.py; "": there is none.

    `place` has the parts of the page's address, `more` what the words need besides: paths of fields, by name. `key` is
    the field that holds the row's primary key.
    """

    model: type[Model]
    words: str
    page: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    key: str = "pk"

    @property
    def is_a_tenants(self) -> bool:
        """Whether a row belongs to one tenant, below which its page is."""
        return "tenant" in self.place

    @property
    def values(self) -> JSONObject:
        """All that a name and an address are made of, as one object."""
        owner = {"owner": "tenant__name"} if self.place.get("tenant") == _OWNER["tenant"] else {}
        return JSONObject(**self.place, **self.more, **owner)

    def address(self, values: Mapping[str, Any]) -> str:
        """The page about the row with these values, or ""."""
        parts = {name: values[name] for name in self.place}
        return address(self.page, **parts) if self.page and None not in parts.values() else ""


def _version(model: type[Model], words: str, page: str) -> Kind:
    return Kind(model, f"{words} {{name}}@{{version}}", page, {"name": "name", "version": "version"})


_CHANGE = {**_OWNER, "change": "change_request__number"}
_INTENT = {**_OWNER, "intent": "intent__name"}
_MEMBER = {"name": "predictor__name", "version": "predictor__version"}
_MODEL = {"model": "model__name", "model_version": "model__version"}
KINDS: Mapping[str, Kind] = {
    SubjectType.CHANGE_REQUEST: Kind(
        ChangeRequest, "change request {change}", "change", {**_OWNER, "change": "number"}
    ),
    SubjectType.EVIDENCE: Kind(Evidence, "evidence of change request {change}", "change", _CHANGE),
    "review": Kind(
        Review, "review of change request {change} by {person}", "change", _CHANGE, {"person": "person__email"}
    ),
    SubjectType.RELEASE: Kind(Release, "release {number}", "release", {**_OWNER, "number": "number"}),
    "current-release": Kind(CurrentRelease, "current release", "releases", _OWNER),
    SubjectType.FIT: Kind(Fit, "fit {fit}", "fit", {**_OWNER, "fit": "pk"}),
    SubjectType.INCIDENT: Kind(Incident, "incident {incident}", "incident", {**_OWNER, "incident": "pk"}),
    SubjectType.STANDING_APPROVAL: Kind(
        StandingApproval, "standing approval {number}", "refreshes", _INTENT, {"number": "number"}
    ),
    "bounds-approval": Kind(
        BoundsApproval,
        "approval of standing approval {number} by {person}",
        "refreshes",
        {**_OWNER, "intent": "standing_approval__intent__name"},
        {"number": "standing_approval__number", "person": "person__email"},
    ),
    SubjectType.REFRESH_POLICY: Kind(RefreshPolicy, "refresh policy of {intent}", "refreshes", _INTENT),
    SubjectType.REFRESH: Kind(
        Refresh, "refresh {refresh}", "refreshes", {**_OWNER, "intent": "policy__intent__name"}, {"refresh": "pk"}
    ),
    SubjectType.SUCCESSOR_POLICY: Kind(SuccessorPolicy, "successor policy of {intent}", "trials", _INTENT),
    SubjectType.TRIAL: Kind(
        Trial, "trial {trial}", "trials", {**_OWNER, "intent": "policy__intent__name"}, {"trial": "pk"}
    ),
    SubjectType.TRANSFORM: Kind(Transform, "transform {transform}", "transform", {**_OWNER, "transform": "pk"}),
    SubjectType.INTENT: Kind(Intent, "intent {intent}", "intent", {**_OWNER, "intent": "name"}),
    SubjectType.TENANT: Kind(Tenant, "tenant {tenant}", "tenant", {"tenant": "slug"}),
    SubjectType.REVIEW_POLICY: Kind(ReviewPolicy, "review policy", "policy", _OWNER),
    SubjectType.POLICY_CHANGE: Kind(PolicyChange, "policy change {number}", "policy", _OWNER, {"number": "number"}),
    SubjectType.API_KEY: Kind(
        ApiKey, "API key {name} (muse_{prefix}_…)", "keys", _OWNER, {"name": "name", "prefix": "prefix"}
    ),
    # Roles are taken away again; their history still says whose they were.
    "membership": Kind(
        history.kinds(None)["membership"],
        "role of {person}",
        "members",
        _OWNER,
        {"person": "person__email"},
        "pgh_obj_id",
    ),
    PERSON: Kind(Person, "{email}", more={"email": "email"}),
    "personal-token": Kind(PersonalToken, "token {name} of {person}", more={"name": "name", "person": "person__email"}),
    SubjectType.MODEL_VERSION: _version(ModelVersion, "model version", "model"),
    SubjectType.PREDICTOR_VERSION: _version(PredictorVersion, "predictor version", "predictor"),
    SubjectType.REFERENCE_DISTRIBUTION: _version(ReferenceDistribution, "reference distribution", "reference"),
    "predictor-member": Kind(
        PredictorMember, "{model}@{model_version} in {name}@{version}", "predictor", _MEMBER, _MODEL
    ),
    SubjectType.REPLACEMENT: Kind(
        Replacement, "replacement “{title}”", "replacement", {"proposal": "pk"}, {"title": "title"}
    ),
}


@dataclass(frozen=True)
class Name:
    """What a row is called, and the page about it, where there is one that its reader may open."""

    text: str
    href: str = ""

    @property
    def heading(self) -> str:
        """Return the name as a heading: with a capital letter, unless it is a person's e-mail address."""
        return self.text if "@" in self.text.split(" ")[0] else self.text[:1].upper() + self.text[1:]


def names(page: Page, keys: Iterable[Key]) -> dict[Key, Name]:
    """The name of each row, in one query a kind; of a row that is gone, its kind and primary key."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for kind, key in keys:
        wanted[kind].add(key)
    found = {(kind, key): Name(f"{words(kind)} {key}") for kind, of_kind in wanted.items() for key in of_kind}
    for kind in wanted.keys() & KINDS.keys():
        found |= {(kind, key): name for key, name in _named(page, KINDS[kind], wanted[kind])}
    return found


def _named(page: Page, kind: Kind, keys: set[int]) -> Iterable[tuple[int, Name]]:
    may_open = kind.is_a_tenants or may(page.person, Permission.VIEW_SHARED)
    rows = kind.model._default_manager.filter(**{f"{kind.key}__in": keys})
    for key, values in rows.values_list(kind.key, kind.values):
        # Numbers are a tenant's own: where there are many tenants, whose it is belongs to the name.
        owner = f" of {values['owner']}" if values.get("owner") and page.tenant is None else ""
        yield key, Name(kind.words.format(**values) + owner, kind.address(values) if may_open else "")


def words(name: str) -> str:
    """A kind or a field as it is written in a sentence."""
    return name.replace("-", " ").replace("_", " ")
