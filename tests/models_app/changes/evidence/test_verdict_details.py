"""The verdict as a value in the row of evidence: filled in where a former version has kept a sentence alone."""

import hashlib
import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from models_app.changes.evidence.models import Evidence
from models_app.statistics.evidence import stored
from tenants.scope import platform_scope
from tests.factories import add_evidence, make_change, serve
from tests.models_app.statistics.evidence.test_stored import intent

pytestmark = pytest.mark.django_db
upgrade = import_module("models_app.migrations.0010_verdict_details")


def of_a_former_version(result: Any, verdict: str) -> Evidence:
    text = result if isinstance(result, str) else json.dumps(result)
    evidence = add_evidence(make_change(serve()), verdict)
    with platform_scope():
        digest = hashlib.sha256(text.encode()).hexdigest()
        Evidence.objects.filter(pk=evidence.pk).update(result=text, digest=digest, sentence="Alerts at ‘decline’ 0.9 …")
    return upgraded(evidence)


def upgraded(evidence: Evidence) -> Evidence:
    with platform_scope():
        upgrade.fill(apps, SimpleNamespace(connection=connection))
        return Evidence.objects.get(pk=evidence.pk)


def test_upgrade__of_old_evidence__has_the_value_and_the_text_that_approvals_are_bound_to() -> None:
    evidence = of_a_former_version({"intents": [intent()], "verdict": {"state": "x"}}, "not enough events")
    verdict = stored.read_verdict(evidence.verdict_details)
    assert verdict is not None
    assert verdict.threshold is not None
    assert (verdict.state, verdict.threshold.name) == (evidence.verdict, "decline")
    assert evidence.sentence == "Alerts at ‘decline’ 0.9 …"
    assert hashlib.sha256(evidence.result.encode()).hexdigest() == evidence.digest


@pytest.mark.parametrize(
    "result", [{"intents": [intent()]}, {"intents": [{"n": 3}]}, {"intents": None}, "[3]", "7", "no JSON"]
)
def test_upgrade__of_what_does_not_tell_the_verdict_that_was_given__leaves_the_sentence_alone(result: Any) -> None:
    evidence = of_a_former_version(result, "pass")
    assert (evidence.verdict, evidence.verdict_details) == ("pass", None)
    assert evidence.sentence == "Alerts at ‘decline’ 0.9 …"
