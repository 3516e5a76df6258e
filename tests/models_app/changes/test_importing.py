"""A release document as a file: proposed as it stands, or refused with the place that does not hold here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from models_app.changes.models import ChangeRequest
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_person, make_transform, serve
from tests.models_app.changes.conftest import Case
from tests.models_app.changes.test_api import api


@pytest.fixture
def case(db: None, build: Callable[[], Case]) -> Case:
    return build()


def exported(case: Case, number: int = 1) -> Any:
    return yaml.safe_load(api(case, "author").call("GET", f"releases/{number}/export").content)


def proposed(case: Case, document: Any, who: str = "author") -> Any:
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    return api(case, who).call(
        "POST", "changes/import", {"title": "From a file", "reason": "as agreed", "document": text}
    )


def count() -> int:
    with platform_scope():
        return ChangeRequest.objects.count()


def test_import__release_as_exported__brings_back_that_release(case: Case) -> None:
    before = exported(case)
    case.world.publish(y=(0.0, 0.2, 0.3, 0.5, 1.0))
    answer = proposed(case, before)
    assert answer.status_code == 201, answer.content
    assert answer.json()["republishes"] == 1


def test_import__edited_routes__are_proposed_to_the_letter(case: Case) -> None:
    with platform_scope():
        other = make_transform(case.world.intent, case.world.predictor, y=(0.0, 0.1, 0.4, 0.5, 1.0))
    document = exported(case)
    document["intents"]["card-payments"]["routes"][0]["live"]["transform"] = other.pk
    knots = {"kind": other.kind, "reference": other.reference.key, "x": other.x, "y": other.y}
    document["transforms"] = {str(other.pk): knots}
    answer = proposed(case, document)
    assert answer.status_code == 201, answer.content
    with platform_scope():
        stored = ChangeRequest.objects.get(tenant=case.world.tenant, number=answer.json()["number"])
    assert json.loads(stored.document) == json.loads(json.dumps(document))


def test_import__what_is_served__is_409(case: Case) -> None:
    assert proposed(case, exported(case)).status_code == 409


def _beta(document: Any) -> None:
    next(iter(document["predictors"].values()))["members"][0]["beta"] = 0.123
    document["intents"]["card-payments"]["routes"][0]["name"] = "renamed"


def _tenant(document: Any) -> None:
    document["tenant"] = "somebody"


def _transform(document: Any) -> None:
    document["transforms"] = {"99999999": next(iter(document["transforms"].values()))}
    document["intents"]["card-payments"]["routes"][0]["live"]["transform"] = 99999999


def _threshold(document: Any) -> None:
    document["intents"]["card-payments"]["thresholds"][0]["score"] = 0.123


def _unknown(document: Any) -> None:
    document["surprise"] = 1


@pytest.mark.parametrize(
    ("edit", "field", "message"),
    [
        (_beta, "document.predictors.", '"beta":0.123'),
        (_tenant, "document.tenant", "it is of another tenant"),
        (_transform, "routes.card-payments[0].live.transform", "there is no transform 99999999"),
        (_threshold, "document.intents.card-payments.thresholds.review.score", "the document says 0.123"),
        (_unknown, "document", "surprise"),
    ],
)
def test_import__document_that_does_not_hold_here__names_the_place_and_stores_nothing(
    case: Case, edit: Callable[[Any], None], field: str, message: str
) -> None:
    document, before = exported(case), count()
    edit(document)
    answer = proposed(case, document)
    assert answer.status_code == 422, answer.content
    (error,) = answer.json()["errors"]
    assert error["field"].startswith(field)
    assert message in error["expected"]
    assert count() == before


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"


@pytest.mark.parametrize(
    "text", ["", "{", "- 1", "tenant: acme", BOMB, "!!python/object/apply:os.getcwd []", "[" * 5000, "a: \x07"]
)
def test_import__text_that_is_no_document__is_422_at_its_field(case: Case, text: str) -> None:
    answer = proposed(case, text)
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["field"].startswith("document")


def test_import__transform_of_another_tenant__is_not_there(case: Case) -> None:
    other = serve().transform
    document = exported(case)
    document["intents"]["card-payments"]["routes"][0]["live"]["transform"] = other.pk
    document["transforms"] = {str(other.pk): next(iter(document["transforms"].values()))}
    answer = proposed(case, document)
    assert answer.status_code == 422
    assert "there is no transform" in answer.json()["errors"][0]["expected"]


def test_import__by_somebody_who_may_not_propose__is_403(case: Case) -> None:
    case.second = make_person(role=Role.VIEWER, tenant=case.world.tenant)
    assert proposed(case, exported(case), "second").status_code == 403


def test_command__good_file__makes_a_draft_of_that_person(case: Case, tmp_path: Path) -> None:
    before = exported(case)
    case.world.publish(y=(0.0, 0.2, 0.3, 0.5, 1.0))
    file = tmp_path / "release.yaml"
    file.write_text(yaml.safe_dump(before))
    options = {"email": case.author.email, "title": "From a file", "reason": "as agreed"}
    call_command("import_release", case.world.tenant.slug, file, **options)
    with platform_scope():
        change = ChangeRequest.objects.latest("pk")
    assert (change.state, change.author) == ("draft", case.author)


@pytest.mark.parametrize(
    ("tenant", "email", "message"), [("nobody", "", "no tenant"), ("", "no@example.com", "who may log in")]
)
def test_command__bad_words__say_which(case: Case, tmp_path: Path, tenant: str, email: str, message: str) -> None:
    file = tmp_path / "release.yaml"
    file.write_text("{}")
    options = {"email": email or case.author.email, "title": "t", "reason": "r"}
    with pytest.raises(CommandError, match=message):
        call_command("import_release", tenant or case.world.tenant.slug, file, **options)


def test_page__file_of_a_release__becomes_a_change_request(case: Case) -> None:
    before = exported(case)
    case.world.publish(y=(0.0, 0.2, 0.3, 0.5, 1.0))
    assert upload(case, yaml.safe_dump(before).encode()).status_code == 302
    with platform_scope():
        assert ChangeRequest.objects.latest("pk").republishes.number == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00", b"{}", b"", b"tenant: [acme",
        b"[" * 100_000, b"[" * 50_000 + b"]" * 50_000, b"tenant: 1" + b"0" * 5_000, b'tenant: "\\uD800"',
        b"a: 2026-99-99", b"!!bool maybe", b'!!int ""', b"!!timestamp never", b"tenant: .nan",
    ],
)  # fmt: skip
def test_page__file_that_is_no_document__says_so_at_the_file(case: Case, content: bytes) -> None:
    before = count()
    answer = upload(case, content)
    assert answer.status_code == 422
    assert b'id="import-document_error"' in answer.content
    assert count() == before


def upload(case: Case, content: bytes) -> Any:
    client = Client()
    client.force_login(case.author, "django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("release.yaml", content)
    sent = {"act": "import", "called": "From a file", "reason": "as agreed", "document": file}
    return client.post(f"/tenants/{case.world.tenant.slug}/changes", sent)
