"""What a tenant asks of a change before it is served."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from models_app.console.acts import ActForm
from models_app.console.page import TenantPage
from models_app.console.parts import Cell, Facts, Part, Table, number
from models_app.console.rows import Row, RowsField
from models_app.console.schema_rows import NumberField
from models_app.selectors.changes import policy_of
from models_app.services.changes import set_policy
from models_app.services.changes.policy import FIELDS
from tenants.roles import Act


class ToleranceRow(Row):
    noun = "threshold"
    threshold = forms.CharField(label="Threshold")
    tolerance = NumberField(label="May move by, as a share")


class SetPolicy(ActForm):
    title, needs, hint = "Change it", Act.MANAGE_TENANT, "Open change requests go by it from now on."
    in_dialog = prominent = True
    approvals_needed = forms.IntegerField(min_value=1, max_value=9)
    approver_role = forms.ChoiceField(
        choices=[("approver", "approver"), ("admin", "admin")], help_text="At least this role."
    )
    tolerance = forms.FloatField(help_text="By how much a change may move an alert rate, as a share: 0.1 is 10 %.")
    tolerances = RowsField(
        ToleranceRow,
        required=False,
        label="For single thresholds",
        help_text="By the intent's name and its threshold's, as card-payments/decline.",
    )
    expires_after_days = forms.IntegerField(min_value=1, max_value=365)
    evidence_days = forms.IntegerField(
        min_value=1, max_value=365, help_text="The window of events that evidence looks at."
    )
    publish_when_approved = forms.BooleanField(required=False, help_text="Publish with the last approval needed.")

    def start(self) -> Mapping[str, Any]:
        assert self.page.tenant
        policy = policy_of(self.page.tenant)
        own = [{"threshold": name, "tolerance": value} for name, value in sorted(policy.tolerances.items())]
        return {**{name: getattr(policy, name) for name in FIELDS}, "tolerances": own}

    def clean_tolerances(self) -> dict[str, float]:
        rows = self.cleaned_data["tolerances"]
        found = {row["threshold"]: row["tolerance"] for row in rows}
        if len(found) < len(rows):
            raise forms.ValidationError("Name each threshold once.")
        return found

    def perform(self) -> None:
        assert self.page.tenant
        set_policy(actor=self.page.person, tenant=self.page.tenant, changes=self.cleaned_data)


class Policy(TenantPage):
    title, tab, acts = "Review policy", "policy", (SetPolicy,)
    lead = "How many approvals a change needs and from whom, and how far it may move an alert rate."

    def parts(self) -> Iterable[Part]:
        policy = policy_of(self.tenant)
        published = (
            "with the last approval needed" if policy.publish_when_approved else "by a person, once it is approved"
        )
        yield Facts(
            [
                ("Approvals needed", number(policy.approvals_needed)),
                ("From", Cell(f"{policy.approver_role}s, or a higher role")),
                ("Published", Cell(published)),
                ("An alert rate may move by", Cell(f"±{100 * policy.tolerance:g} %")),
                ("Evidence looks at", Cell(f"the last {policy.evidence_days} days")),
                ("A change request expires after", Cell(f"{policy.expires_after_days} days")),
            ]
        )
        yield Table(
            ["Threshold", "May move by"],
            [[Cell(name), Cell(f"±{100 * value:g} %")] for name, value in sorted(policy.tolerances.items())],
            title="Thresholds with a tolerance of their own",
            empty=f"None: ±{100 * policy.tolerance:g} % holds for all.",
        )
