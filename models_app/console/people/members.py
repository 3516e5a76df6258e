"""People and their roles: in one tenant, and in the whole platform."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import Subject
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage, TenantPage
from models_app.console.ui.panels import Cell, Panel, badge, opens, several, when
from models_app.console.ui.policy_changes import ACTS, PolicyForm, policy_changes
from models_app.console.ui.tables import Column, Table
from models_app.inputs.errors import invalid
from models_app.notifications.password_links import send_password_link
from models_app.sign_in import single_sign_on
from models_app.sign_in.factors import holds_factor, send_recovery_link
from models_app.sign_in.links import is_linked, unlink
from tenants import selectors, services
from tenants.filters import MemberFilters, PersonFilters
from tenants.models import Membership, Person
from tenants.permissions import may, permissions_of
from tenants.roles import ALLOWED, Permission, Role

WHY = "Required for the roles approver and admin: another admin reads it and must agree before one is given or taken."
MOST_ROLES = 5  # that are named of one person in a list


def _person(email: str) -> Person:
    found = Person.objects.filter(email=email.lower()).first()
    if found is None:
        raise invalid("email", f"no user has the e-mail address {email}; a platform admin can add people")
    return found


class RoleForm(PolicyForm):
    """Gives a role: of those that decide what is served, another admin must agree, and a reason is asked for."""

    def prepare(self) -> None:
        super().prepare()
        self.label = type(self).label  # only roles that decide take two
        if reason := self.fields.get("reason"):
            reason.required, reason.help_text = False, WHY

    def values(self) -> dict[str, Any]:
        return {"role": self.cleaned_data["role"]}


class GiveRole(RoleForm):
    in_dialog = prominent = True
    name, label, title, needs = "give", "Give role", "Give a role", Permission.MANAGE_TENANT
    hint, at_once = "The new role replaces the role that the person has here.", "Role given."
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(choices=Role.choices)

    def subject(self) -> Subject:
        return Subject(self.page.tenant, PolicyChange.Kind.ROLE, _person(self.cleaned_data["email"]).email)


class TakeRole(RoleForm):
    name, label, title, needs = "take", "Remove", "Remove a role", Permission.MANAGE_TENANT
    in_dialog = from_rows = danger = True
    prominent = False
    warning, at_once = "The person loses what the role allows here.", "Role removed."
    member = forms.ChoiceField()

    def rows(self) -> Any:
        tenant = self.page.tenant
        return selectors.members(tenant) if tenant else Membership.objects.filter(tenant=None).select_related("person")

    def prepare(self) -> None:
        super().prepare()
        self.offer(member=[(str(row.pk), f"{row.person.email}: {row.role}") for row in self.rows()])

    def subject(self) -> Subject:
        held = get_object_or_404(self.rows(), pk=self.cleaned_data["member"])
        return Subject(self.page.tenant, PolicyChange.Kind.ROLE, held.person.email)

    def values(self) -> dict[str, Any]:
        return {"role": None}


class Members(TenantPage):
    title, tab, actions = "Members", "members", (GiveRole, TakeRole)
    intro = "People with a role in this tenant. Those with a role for the whole platform are not listed."

    def panels(self) -> Iterable[Panel]:
        listing = Listing(self.request, selectors.members(self.tenant), self._columns(), MemberFilters)
        yield listing.table(empty="No members with a tenant role yet. Give somebody one.")
        yield what_roles_may(permissions_of(self.person, self.tenant))

    def _columns(self) -> Sequence[Column[Membership]]:
        return (
            Column("email", "E-mail address", lambda row: Cell(row.person.email), sort="person__email"),
            Column("name", "Name", lambda row: Cell(row.person.name or "–"), sort="person__name"),
            Column("role", "Role", lambda row: Cell(row.role)),
            Column("since", "Since", lambda row: when(row.created_at), sort="created_at"),
            Column("acts", "Actions", self._acts),
        )

    def _acts(self, row: Membership) -> Cell:
        may_manage = may(self.person, Permission.MANAGE_TENANT, self.tenant)
        return opens("Remove", "take", grave=True, member=row.pk) if may_manage else Cell("")


def what_roles_may(mine: Collection[Permission]) -> Panel:
    """The table of roles itself, as it is checked, and what the person who looks may do."""
    columns: Sequence[Column[Permission]] = (
        Column("permission", "Permission", lambda permission: Cell(permission.value.capitalize())),
        *map(_of_role, Role),
        Column("you", "You", lambda permission: badge("yes" if permission in mine else "no")),
    )
    hint = "A role includes the roles before it. Shared models need a role for the whole platform."
    return Table(columns, list(Permission), title="What each role may do", hint=hint)


def _of_role(role: Role) -> Column[Permission]:
    return Column(role.value, role.label, lambda permission: Cell("yes" if permission in ALLOWED[role] else "–"))


class AddPerson(RoleForm):
    in_dialog = prominent = True
    name, label, title, needs, at_once = "add", "Add person", "New person", Permission.MANAGE_PLATFORM, "Added."
    email = forms.EmailField(label="E-mail address")
    called = forms.CharField(label="Name", required=False, max_length=200)
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    role = forms.ChoiceField(required=False, choices=[("", "none"), *Role.choices], label="Role for the whole platform")

    def prepare(self) -> None:
        super().prepare()
        if services.passwords_go_by_link():
            del self.fields["password"]
            self.fields["email"].help_text = "A link to set a password is sent there."

    def subject(self) -> Subject:
        return Subject(None, PolicyChange.Kind.ROLE, self.cleaned_data["email"].lower())

    def perform(self) -> None:
        data, actor = self.cleaned_data, self.page.person
        called = {"email": data["email"], "name": data["called"]}
        person = services.create_person(**called, password=data.get("password"), actor=actor)
        if services.passwords_go_by_link():
            send_password_link(person=person, actor=actor)
        if data["role"]:
            super().perform()
        else:
            self.page.tell(self.at_once)


class SendLink(ActionForm):
    name, label, title, needs = "link", "Send", "Send a link to set a password", Permission.MANAGE_PLATFORM
    in_dialog = from_rows = True
    hint, success = "It holds for a day, and goes to the person's own address.", "It is on its way."
    email = forms.EmailField(label="E-mail address")

    def perform(self) -> None:
        send_password_link(person=_person(self.cleaned_data["email"]), actor=self.page.person)


class RecoverFactor(ActionForm):
    name, label, title, needs = "recover", "Recover", "Recover a lost second factor", Permission.MANAGE_PLATFORM
    in_dialog = from_rows = danger = True
    hint = "Be sure that it is they who ask. Whoever may decide here can see in the audit trail that you did this."
    email = forms.EmailField(label="E-mail address")

    def perform(self) -> None:
        send_recovery_link(person=_person(self.cleaned_data["email"]), actor=self.page.person)
        by_link = services.passwords_go_by_link()
        self.page.tell("A link is on its way." if by_link else "It is taken off. They set up another.")


class UnlinkSignOn(ActionForm):
    name, label, title, needs = "unlink", "Unlink", "Unlink single sign-on", Permission.MANAGE_PLATFORM
    in_dialog = from_rows = True
    hint = "Whoever has their address at the organisation is linked anew when they next sign in. Do this if it is they."
    success = "Unlinked."
    email = forms.EmailField(label="E-mail address")

    def perform(self) -> None:
        unlink(person=_person(self.cleaned_data["email"]), actor=self.page.person)


class SwitchPerson(ActionForm):
    name, label, title, needs = "switch", "Save", "Lock or unlock a person", Permission.MANAGE_PLATFORM
    in_dialog = from_rows = True
    hint = (
        "A locked person keeps their roles but cannot log in or use tokens. Who unlocks somebody is no second person "
        "beside them, where two must agree, until their password is set by a link."
    )
    success = "Changed."
    email = forms.EmailField(label="E-mail address")
    state = forms.ChoiceField(choices=[("active", "active"), ("locked", "locked")])

    def perform(self) -> None:
        changes: Mapping[str, Any] = {"is_active": self.cleaned_data["state"] == "active"}
        services.change_person(person=_person(self.cleaned_data["email"]), changes=changes, actor=self.page.person)


class GivePlatformRole(GiveRole):
    needs, title, from_rows, prominent = Permission.MANAGE_PLATFORM, "Give a role for the whole platform", True, False


class TakePlatformRole(TakeRole):
    needs, title = Permission.MANAGE_PLATFORM, "Remove a role for the whole platform"


class People(SharedPage):
    title, needs = "People", Permission.MANAGE_PLATFORM
    actions = (
        AddPerson,
        GivePlatformRole,
        TakePlatformRole,
        SendLink,
        RecoverFactor,
        UnlinkSignOn,
        SwitchPerson,
        *ACTS,
    )

    def panels(self) -> Iterable[Panel]:
        rows = selectors.people().prefetch_related("authenticator_set", "socialaccount_set")
        listing = Listing(self.request, rows, PEOPLE, PersonFilters)
        yield listing.table()
        yield policy_changes(self)
        yield what_roles_may(permissions_of(self.person, None))


def _roles(person: Person) -> str:
    """The platform's first, then tenants', the rest of many counted."""
    held = sorted(person.memberships.all(), key=lambda each: (each.tenant is not None, each.pk))
    roles = [
        f"{each.role} of {each.tenant.name if each.tenant else 'the whole platform'}" for each in held[:MOST_ROLES]
    ]
    more = [f"and {len(held) - MOST_ROLES} more"] if len(held) > MOST_ROLES else []
    return ", ".join([*roles, *more]) or "none"


def _acts(person: Person) -> Iterable[Cell]:
    yield opens("Give role", "give", email=person.email)
    for held in person.memberships.all():
        if held.tenant_id is None:
            yield opens("Remove role", "take", grave=True, member=held.pk)
    if services.passwords_go_by_link() and person.is_active:
        yield opens("Send a link", "link", email=person.email)
    if holds_factor(person):
        yield opens("Recover second factor", "recover", email=person.email)
    if single_sign_on.is_on() and is_linked(person):
        yield opens("Unlink single sign-on", "unlink", email=person.email)
    words, then = ("Lock", "locked") if person.is_active else ("Unlock", "active")
    yield opens(words, "switch", email=person.email, state=then)


PEOPLE: Sequence[Column[Person]] = (
    Column("email", "E-mail address", lambda person: Cell(person.email), sort="email"),
    Column("name", "Name", lambda person: Cell(person.name or "–"), sort="name"),
    Column("state", "State", lambda person: badge("active" if person.is_active else "locked")),
    Column("roles", "Roles", lambda person: Cell(_roles(person))),
    Column("last-log-in", "Last log-in", lambda person: when(person.last_login), sort="last_login"),
    Column("acts", "Actions", lambda person: several(*_acts(person))),
)
