"""Tables of rows in forms: what is there is shown whole, and what is typed comes as services take it."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from models_app.console.ui.rows import Row, RowsField
from models_app.console.ui.schema_rows import AttributeRow, FeatureRow, ThresholdRow, WordsField
from models_app.intents.to_document import intent_part
from scoring.engine import document
from scoring.engine.document import ContextAttribute, Feature, Threshold
from tenants.models import Intent
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World

CHANGE = "/tenants/acme/intents/card-payments/change"
Visit = Callable[..., Client]

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)
names = texts.filter(bool)
numbers = st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6).filter(lambda each: not each.is_integer()))
features = st.fixed_dictionaries(
    {"name": names, "type": st.sampled_from(["number", "integer", "boolean", "category"])},
    optional={
        "categories": st.lists(texts, min_size=1, max_size=4), "minimum": numbers, "maximum": numbers,
        "nullable": st.just(True), "required": st.just(False),
    },
)  # fmt: skip
attributes = st.fixed_dictionaries(
    {"name": names, "type": st.sampled_from(["string", "number", "boolean"])},
    optional={"values": st.lists(texts, min_size=1, max_size=4), "required": st.just(True)},
)
thresholds = st.fixed_dictionaries({"name": names, "score": numbers}, optional={"action": names})


class Typing(HTMLParser):
    """What a browser would send of a form that nobody has touched."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "select":
            self._select = str(has["name"])
        elif tag == "option" and "selected" in has:
            self.sent[self._select] = str(has["value"])
        elif tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
            self.sent[str(has["name"])] = has.get("value") or ("on" if has.get("type") == "checkbox" else "")


def sent_of(html: str) -> dict[str, str]:
    typing = Typing()
    typing.feed(html)
    return typing.sent


def around(row: type[Row], parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts, shown in a form and sent as they are."""
    field = RowsField(row, required=False)
    sent = sent_of(field.widget.render("f", field.prepare_value(parts)))
    return field.clean(field.widget.value_from_datadict(sent, {}, "f"))


@given(st.lists(features, max_size=4))
def test_features__shown_and_sent__are_as_before(parts: list[dict[str, Any]]) -> None:
    assert around(FeatureRow, parts) == parts


@given(st.lists(attributes, max_size=3))
def test_attributes__shown_and_sent__are_as_before(parts: list[dict[str, Any]]) -> None:
    assert around(AttributeRow, parts) == parts


@given(st.lists(thresholds, max_size=3))
def test_thresholds__shown_and_sent__are_as_before(parts: list[dict[str, Any]]) -> None:
    assert around(ThresholdRow, parts) == parts


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", []),
        ("web, app", ["web", "app"]),
        (r' web ,"a, b", "say \"so\"",', ["web", "a, b", 'say "so"']),
        ('""', [""]),
    ],
)
def test_texts__typed_by_a_person__are_apart_by_commas(typed: str, meant: list[str]) -> None:
    assert WordsField(required=False).clean(typed) == meant


@pytest.mark.parametrize(
    ("row", "part"), [(FeatureRow, Feature), (AttributeRow, ContextAttribute), (ThresholdRow, Threshold)]
)
def test_columns__of_a_part__are_all_that_a_document_knows_of_it(row: type[Row], part: type[msgspec.Struct]) -> None:
    assert {row.service_names.get(name, name) for name in part.__struct_fields__} == set(row.base_fields)


def test_rows__that_are_empty__are_left_out() -> None:
    sent = {"f-0-name": "", "f-0-type": "number", "f-4-name": "amount", "f-4-type": "number"}
    field = RowsField(FeatureRow)
    assert field.clean(field.widget.value_from_datadict(sent, {}, "f")) == [{"name": "amount", "type": "number"}]


def test_change_intent__sent_as_it_is_shown__changes_nothing(world: World, visit: Visit) -> None:
    client, before = visit(Role.ADMIN, world.tenant), served(world)
    sent = sent_of(client.get(CHANGE).content.decode()) | {"act": "change", "description": ""}
    assert client.post(CHANGE, sent).status_code == 302
    assert served(world) == before


def test_change_intent__with_a_fault_in_a_row__marks_its_cell_and_keeps_what_was_typed(
    world: World, visit: Visit
) -> None:
    sent = {
        "act": "change", "features-0-name": "amount", "features-0-type": "number", "features-0-minimum": "9",
        "features-0-maximum": "2", "thresholds-0-name": "typed", "thresholds-0-score": "0.5", "keep_features": "all",
        "idempotency_seconds": "60",
    }  # fmt: skip
    answer = visit(Role.ADMIN, world.tenant).post(CHANGE, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Feature 1, Maximum: expected 9.0 (the minimum) or more" in page
    assert 'value="typed"' in page
    cell = page[page.index('name="features-0-maximum"') :]
    assert 'aria-invalid="true"' in cell[: cell.index(">")]


def test_change_intent__that_was_changed_meanwhile__is_refused(world: World, visit: Visit) -> None:
    client = visit(Role.ADMIN, world.tenant)
    sent = sent_of(client.get(CHANGE).content.decode()) | {"act": "change", "description": "mine"}
    assert client.post(CHANGE, {**sent, "description": "theirs"}).status_code == 302
    answer = client.post(CHANGE, sent)
    assert answer.status_code == 409
    assert "changed since you opened it" in answer.content.decode()


def test_new_intent__with_two_hundred_features__is_made(world: World, visit: Visit) -> None:
    sent = QueryDict(mutable=True)
    sent.update(
        {"act": "create", "called": "wide", "keep_features": "some", "kept": "f1, f2", "idempotency_seconds": "1"}
    )
    for place in range(200):
        sent.update({f"features-{place}-name": f"f{place}", f"features-{place}-type": "number"})
        sent.update(
            {f"features-{place}-minimum": "0", f"features-{place}-maximum": "1", f"features-{place}-nullable": "on"}
        )
    client = visit(Role.ADMIN, world.tenant)
    answer = client.post("/tenants/acme/new-intent", sent.urlencode(), "application/x-www-form-urlencoded")
    assert answer.status_code == 302
    with platform_scope():
        intent = Intent.objects.get(name="wide")
    assert (len(intent.features), intent.kept_features) == (200, ["f1", "f2"])


def served(world: World) -> document.Intent:
    """What the next release would have of it."""
    with platform_scope():
        return intent_part(Intent.objects.get(pk=world.intent.pk), ())
