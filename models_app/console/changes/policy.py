"""What a tenant asks of a change before it is served."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from models_app.changes.models import ReviewPolicy
from models_app.changes.policy import FIELDS
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import Subject
from models_app.changes.second_factor import is_asked
from models_app.changes.selectors import policy_of
from models_app.console.ui.counts import counted
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Facts, Panel, number
from models_app.console.ui.policy_changes import ACTS, PolicyForm, policy_changes
from models_app.console.ui.rows import Row, RowsField
from models_app.console.ui.schema_rows import NumberField
from models_app.console.ui.tables import Column, Table
from tenants import selectors
from tenants.models import Tenant
from tenants.roles import Permission

LEAST = 0.01  # %


class ToleranceRow(Row):
    noun = "threshold"
    threshold = forms.CharField(label="Threshold")
    tolerance = NumberField(label="Tolerance, %", min_value=LEAST, max_value=100)


class SetPolicy(PolicyForm[TenantPage]):
    title, needs, hint = "Edit policy", Permission.MANAGE_TENANT, "The new policy applies to open change requests too."
    in_dialog = prominent = True
    approvals_needed = forms.IntegerField(min_value=1, max_value=9)
    approver_role = forms.ChoiceField(
        choices=[("approver", "approver"), ("admin", "admin")], help_text="At least this role."
    )
    tolerance = NumberField(
        label="Tolerance of alert rates, %",
        min_value=LEAST,
        max_value=100,
        help_text="Relative to the rate: with 10 %, a rate of 1 % may become 0.9 to 1.1 %.",
    )
    tolerances = RowsField(
        ToleranceRow,
        required=False,
        label="Tolerances of single thresholds",
        help_text="Name the intent and the threshold, such as card-payments/decline.",
    )
    alerts_a_day = NumberField(
        label="Or by so many alerts a day",
        min_value=0,
        max_value=1e9,
        help_text="The wider of both counts. It lets tenants with few alerts pass; 0 turns it off.",
    )
    risk_tolerance = NumberField(
        label="Rise of risk without an answer, %",
        min_value=0,
        max_value=1000,
        help_text="If events above a live threshold's probability are known to be more by this, approvers must answer.",
    )
    segment_tolerance = NumberField(
        label="Tolerance within segments, %",
        min_value=LEAST,
        max_value=1000,
        help_text="How far the alert rate of a context value, such as one channel, may move beside the whole intent's.",
    )
    recall_tolerance = NumberField(
        label="Tolerance of a fall in recall, percentage points",
        required=False,
        min_value=LEAST,
        max_value=100,
        help_text="Of the labelled fraud that a threshold catches; asked where labels are enough. Empty turns it off.",
    )
    expires_after_days = forms.IntegerField(min_value=1, max_value=365)
    evidence_days = forms.IntegerField(
        min_value=1, max_value=365, help_text="The window of events that evidence is computed on."
    )
    publish_when_approved = forms.BooleanField(required=False, help_text="Publish with the last approval needed.")
    second_factor = forms.BooleanField(
        required=False, help_text="Who decides must have logged in with an authenticator app or a passkey."
    )

    def initial_values(self) -> Mapping[str, Any]:
        policy = policy_of(self.page.tenant)
        own = [{"threshold": name, "tolerance": _percent(value)} for name, value in sorted(policy.tolerances.items())]
        shown = {name: getattr(policy, name) for name in FIELDS}
        return {**shown, **_shares(policy), "tolerances": own}

    def clean_tolerance(self) -> float:
        return float(self.cleaned_data["tolerance"]) / 100

    def clean_risk_tolerance(self) -> float:
        return float(self.cleaned_data["risk_tolerance"]) / 100

    def clean_segment_tolerance(self) -> float:
        return float(self.cleaned_data["segment_tolerance"]) / 100

    def clean_recall_tolerance(self) -> float | None:
        points = self.cleaned_data["recall_tolerance"]
        return None if points is None else float(points) / 100

    def clean_tolerances(self) -> dict[str, float]:
        rows = self.cleaned_data["tolerances"]
        found = {row["threshold"]: row["tolerance"] / 100 for row in rows}
        if len(found) < len(rows):
            raise forms.ValidationError("Name each threshold once.")
        known = _thresholds(self.page.tenant) | policy_of(self.page.tenant).tolerances.keys()
        if unknown := sorted(found.keys() - known):
            there = ", ".join(sorted(known)) or "none yet"
            raise forms.ValidationError(f"There is no threshold {', '.join(unknown)}; there are: {there}.")
        return found

    def subject(self) -> Subject:
        return Subject(self.page.tenant, PolicyChange.Kind.POLICY)


def _shares(policy: ReviewPolicy) -> dict[str, float]:
    shares = {name: getattr(policy, name) for name in FIELDS if name.endswith("tolerance")}
    return {name: _percent(share) for name, share in shares.items() if share is not None}


def _percent(share: float) -> float:
    return float(f"{100 * share:.12g}")


def _tolerance(policy: ReviewPolicy) -> str:
    also = f", or {counted(policy.alerts_a_day, 'alert')} a day where that is more" if policy.alerts_a_day else ""
    return f"±{100 * policy.tolerance:g} %{also}"


def _recall(policy: ReviewPolicy) -> str:
    if policy.recall_tolerance is None:
        return "none: labels do not gate"
    return f"{counted(100 * policy.recall_tolerance, 'percentage point')}, where labels are enough"


def _thresholds(tenant: Tenant) -> set[str]:
    """Of all intents, as tolerances name them."""
    rows = selectors.intents(tenant).values_list("name", "thresholds")
    return {f"{intent}/{each['name']}" for intent, thresholds in rows for each in thresholds}


TOLERANCES: Sequence[Column[tuple[str, float]]] = (
    Column("threshold", "Threshold", lambda row: Cell(row[0])),
    Column("tolerance", "Tolerance", lambda row: Cell(f"±{100 * row[1]:g} %")),
)


class Policy(TenantPage):
    title, tab, actions = "Review policy", "policy", (SetPolicy, *ACTS)
    intro = "How many approvals a change needs and from whom, and how far it may move an alert rate."

    def panels(self) -> Iterable[Panel]:
        policy = policy_of(self.tenant)
        published = (
            "with the last approval needed" if policy.publish_when_approved else "by a person, once it is approved"
        )
        yield Facts(
            [
                ("Approvals needed", number(policy.approvals_needed)),
                ("Approver role", Cell(f"{policy.approver_role}s, or a higher role")),
                ("Published", Cell(published)),
                ("Second factor", Cell("asked of who decides" if is_asked(policy) else "not asked for")),
                ("Tolerance of alert rates", Cell(_tolerance(policy))),
                ("Tolerance within segments", Cell(f"±{100 * policy.segment_tolerance:g} % beside the whole intent")),
                ("Tolerance of a fall in recall", Cell(_recall(policy))),
                ("Rise of risk without an answer", Cell(f"up to {100 * policy.risk_tolerance:g} %")),
                ("Evidence window", Cell(f"the last {counted(policy.evidence_days, 'day')}")),
                ("Change requests expire after", Cell(counted(policy.expires_after_days, "day"))),
            ]
        )
        yield Table(
            TOLERANCES,
            sorted(policy.tolerances.items()),
            title="Tolerances of single thresholds",
            empty=f"None: ±{100 * policy.tolerance:g} % applies to all.",
        )

    def below(self) -> Iterable[Panel]:
        yield policy_changes(self)
