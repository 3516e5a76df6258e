"""People and their roles: in one tenant, and in the whole platform."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm
from models_app.console.listing import Listing
from models_app.console.page import SharedPage, TenantPage
from models_app.console.parts import Cell, Part, Table, badge, when
from models_app.services.errors import invalid
from tenants import selectors, services
from tenants.models import Membership, Person
from tenants.roles import ALLOWED, Act, Role


def _person(email: str) -> Person:
    found = Person.objects.filter(email=email.lower()).first()
    if found is None:
        raise invalid("email", f"nobody here has the address {email}; an admin of the platform adds people")
    return found


class GiveRole(ActForm):
    in_dialog = prominent = True
    name, label, title, needs = "give", "Give the role", "Give a role", Act.MANAGE_TENANT
    hint, done = "It replaces the role that the person held here.", "The role is given."
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(choices=Role.choices)

    def perform(self) -> None:
        person, role = _person(self.cleaned_data["email"]), self.cleaned_data["role"]
        services.add_member(person=person, tenant=self.page.tenant, role=role, actor=self.page.person)


class TakeRole(ActForm):
    name, label, title, needs, in_dialog, danger = (
        "take",
        "Take it away",
        "Take a role away",
        Act.MANAGE_TENANT,
        True,
        True,
    )
    warning, done = "Take this role away?", "The role is taken away."
    member = forms.ChoiceField()

    def rows(self) -> Any:
        tenant = self.page.tenant
        return selectors.members(tenant) if tenant else Membership.objects.filter(tenant=None).select_related("person")

    def prepare(self) -> None:
        self.offer(member=[(str(row.pk), f"{row.person.email}: {row.role}") for row in self.rows()])

    def perform(self) -> None:
        membership = get_object_or_404(self.rows(), pk=self.cleaned_data["member"])
        services.remove_member(membership=membership, actor=self.page.person)


class Members(TenantPage):
    title, tab, acts = "Members", "members", (GiveRole, TakeRole)
    lead = "People with a role in this tenant. Those with a role for the whole platform are not listed."

    def parts(self) -> Iterable[Part]:
        yield _members(selectors.members(self.tenant))
        yield what_roles_may()


def _members(rows: Iterable[Membership]) -> Part:
    shown = [
        [Cell(row.person.email), Cell(row.person.name or "–"), Cell(row.role), when(row.created_at)] for row in rows
    ]
    return Table(["E-mail address", "Name", "Role", "Since"], shown, empty="Nobody has a role here yet.")


def what_roles_may() -> Part:
    """The table of roles itself, as it is checked."""
    rows = [[Cell(act.value), *(Cell("yes" if act in ALLOWED[role] else "–") for role in Role)] for act in Act]
    return Table(["Act", *(role.label for role in Role)], rows, title="What each role may do")


class AddPerson(ActForm):
    in_dialog = prominent = True
    name, label, title, needs, done = "add", "Add the person", "New person", Act.MANAGE_PLATFORM, "Added."
    email = forms.EmailField(label="E-mail address")
    called = forms.CharField(label="Name", required=False, max_length=200)
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    role = forms.ChoiceField(required=False, choices=[("", "none"), *Role.choices], label="Role for the whole platform")

    def perform(self) -> None:
        data, actor = self.cleaned_data, self.page.person
        person = services.create_person(
            email=data["email"], password=data["password"], name=data["called"], actor=actor
        )
        if data["role"]:
            services.add_member(person=person, tenant=None, role=data["role"], actor=actor)


class SwitchPerson(ActForm):
    name, label, title, needs, in_dialog = "switch", "Change it", "Let a person in or out", Act.MANAGE_PLATFORM, True
    done = "Changed."
    email = forms.EmailField(label="E-mail address")
    is_active = forms.BooleanField(required=False, label="May log in", initial=True)

    def perform(self) -> None:
        changes: Mapping[str, Any] = {"is_active": self.cleaned_data["is_active"]}
        services.change_person(person=_person(self.cleaned_data["email"]), changes=changes, actor=self.page.person)


class GivePlatformRole(GiveRole):
    needs, title = Act.MANAGE_PLATFORM, "Give a role for the whole platform"


class TakePlatformRole(TakeRole):
    needs, title = Act.MANAGE_PLATFORM, "Take a role for the whole platform away"


class People(SharedPage):
    title, needs = "People", Act.MANAGE_PLATFORM
    acts = (AddPerson, GivePlatformRole, TakePlatformRole, SwitchPerson)

    def parts(self) -> Iterable[Part]:
        listing = Listing(self.request, selectors.people(), ("email", "name"))
        yield listing.table(["E-mail address", "Name", "State", "Roles"], _row)
        yield what_roles_may()


def _row(person: Person) -> list[Cell]:
    roles = (
        f"{each.role} of {each.tenant.slug if each.tenant else 'the platform'}" for each in person.memberships.all()
    )
    return [
        Cell(person.email),
        Cell(person.name or "–"),
        badge("active" if person.is_active else "dead"),
        Cell(", ".join(roles) or "none"),
    ]
