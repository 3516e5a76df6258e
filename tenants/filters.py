"""What lists are narrowed by: one set of filters a model, the same on the console's pages, in REST and in OpenAPI.

This file has the kinds of filter, and those of what tenants have; other words have a `filters.py` in their own folder.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, NumberFilter

from tenants.models import ApiKey, Membership, Person, PersonalToken, Tenant
from tenants.roles import Role

Choices = Sequence[tuple[str, str]]  # values, each with its words


class Search(CharFilter):
    """Rows that have the words anywhere in one of these fields."""

    def __init__(self, *fields: str, distinct: bool = False) -> None:
        self.fields = fields
        names = ", ".join(field.replace("__", " ").replace("_", " ") for field in fields)
        super().__init__(help_text=f"Words in: {names}.", distinct=distinct)

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return rows
        found = rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in self.fields)))
        return found.distinct() if self.distinct else found


class Name(CharFilter):
    """Rows with exactly this name in the field."""


class Number(NumberFilter):
    """Rows whose field compares so with a number; one beyond all floats is an error."""

    field_class = forms.FloatField


class Choice(ChoiceFilter):
    """Rows with one of some values in the field; any other value is an error, which names them."""

    def __init__(self, choices: Choices, field_name: str | None = None, **options: Any) -> None:
        wrong = {"invalid_choice": expected([value for value, _ in choices])}
        super().__init__(field_name, choices=list(choices), error_messages=wrong, **options)


class Either(Choice):
    """Rows for which a condition holds, each of which has a value and words for it."""

    def __init__(self, conditions: Mapping[str, tuple[str, Q]], **options: Any) -> None:
        self.conditions = conditions
        super().__init__([(value, words) for value, (words, _) in conditions.items()], **options)

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(self.conditions[value][1]) if value else rows


def same(values: Iterable[str]) -> Choices:
    """Values that are their own words."""
    return [(value, value) for value in values]


def expected(values: Iterable[str]) -> str:
    """What is said of another value, which stands in it as `%(value)s`."""
    return f"there is no “%(value)s”; there are {', '.join(values).replace('%', '%%')}"


class TenantFilters(FilterSet):
    q = Search("slug", "name")
    release = Either(
        {"live": ("live", Q(current__isnull=False)), "none": ("nothing live", Q(current__isnull=True))},
        help_text="Only tenants with a live release, or without one.",
    )

    class Meta:
        model = Tenant
        fields: Sequence[str] = ()


class MemberFilters(FilterSet):
    q = Search("person__email", "person__name")
    role = Choice(same(Role.values), help_text="Only people with this role.")

    class Meta:
        model = Membership
        fields: Sequence[str] = ()


class PersonFilters(FilterSet):
    q = Search("email", "name")
    state = Either(
        {"active": ("active", Q(is_active=True)), "locked": ("locked", Q(is_active=False))},
        help_text="Only people who may log in, or who are locked out.",
    )

    class Meta:
        model = Person
        fields: Sequence[str] = ()


class KeyFilters(FilterSet):
    q = Search("name", "prefix")

    class Meta:
        model = ApiKey
        fields: Sequence[str] = ()


class TokenFilters(FilterSet):
    q = Search("name", "prefix")

    class Meta:
        model = PersonalToken
        fields: Sequence[str] = ()
