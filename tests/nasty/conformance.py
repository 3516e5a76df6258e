"""Requests that Schemathesis makes of a service's own document, answered in this process and rolled back."""

import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

ALL = os.environ.get("NASTY") == "all"
EXAMPLES = 30 if ALL else 2  # of each operation, of each of the ways below
STORIES, STEPS = (300, 12) if ALL else (10, 6)
CHECKS: list[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip

Json = Any


def bounds(examples: int, **more: Any) -> settings:
    """The same cases in the short form each time; none is made smaller, for each costs a request."""
    return settings(
        max_examples=examples, deadline=None, database=None, derandomize=not ALL, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), **more,
    )  # fmt: skip


@dataclass
class Conformance:
    """What one caller gets. `headers`: what they are known by; `known`: good values, by the names of fields.

    `statuses` counts the answers, and `wrong` has those that are not as documented, one of each kind.
    """

    headers: Mapping[str, str]
    known: Mapping[str, Json]
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)

    def ask_all(self, schema: BaseSchema) -> None:
        """Good and bad requests of every operation, with all made up, or with what is there in some places."""
        for found in schema.get_all_operations():
            operation = found.ok()
            for mode in GenerationMode:
                made = operation.as_strategy(generation_mode=mode)
                for share in (0.0, 0.9):
                    with suppress(Unsatisfiable):  # what takes nothing cannot be asked badly
                        self._ask_one(made, share)

    def tell_stories(self, schema: BaseSchema) -> None:
        """Requests one after the other, each with what the answers before it named, as its links say."""
        conformance = self

        class Story(schema.as_state_machine()):  # type: ignore[misc]
            """Its requests change what those after them find, and nothing once it has ended."""

            def setup(self) -> None:
                self.atomic = transaction.atomic()
                self.atomic.__enter__()

            def teardown(self) -> None:
                transaction.set_rollback(True)
                self.atomic.__exit__(None, None, None)

            def before_call(self, case: Case) -> None:
                conformance.fill_in(case, 0.5, random.Random(repr(case.path_parameters)))

            def call(self, case: Case, **_: Any) -> Response:
                with transaction.atomic():
                    return conformance.send(case)

            def validate_response(self, response: Response, case: Case, *_: Any, **__: Any) -> None:
                conformance.look_at(response, case)

        Story.run(settings=bounds(STORIES, stateful_step_count=STEPS))

    def fill_in(self, case: Case, share: float, chance: random.Random) -> None:
        """Put what is there at some of the places that name it."""
        for part in (case.path_parameters, case.body):
            if isinstance(part, dict):
                part.update({name: self.known[name] for name in part if name in self.known and chance.random() < share})

    def send(self, case: Case) -> Response:
        """Ask it; the connection to the database stays open, for the test's transaction is on it."""
        signals = (request_started, request_finished)
        for signal in signals:
            signal.disconnect(close_old_connections)
        try:
            return case.call(headers=dict(self.headers))
        finally:
            for signal in signals:
                signal.connect(close_old_connections)

    def look_at(self, response: Response, case: Case) -> None:
        """Hold an answer against the document."""
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failures:
            for each in failures.exceptions:
                kind = case.operation.label, each.title
                self.wrong.setdefault(kind, f"{kind}: {each.message[:600]} <- {_shown(case, response)}")

    def _ask_one(self, made: st.SearchStrategy[Case], share: float) -> None:
        @bounds(EXAMPLES)
        @given(made, st.integers(0, 2**32))
        def ask(case: Case, seed: int) -> None:
            self.fill_in(case, share, random.Random(seed))
            with transaction.atomic():
                response = self.send(case)
                transaction.set_rollback(True)
            self.look_at(response, case)

        ask()


def schema_of(parts: Callable[[str], bool] = lambda path: True) -> BaseSchema:
    """The document of the service that this process answers for now. `parts`: which of its paths are asked."""
    document = Client().get("/api/v1/schema?format=json").json()
    document["paths"] = {path: each for path, each in document["paths"].items() if parts(path)}
    config = SchemathesisConfig()
    schema = openapi.from_dict(document, config=config)
    schema.config.generation.with_security_parameters = False  # who asks is for the test to say
    schema.app = WSGIHandler()
    return schema


def _shown(case: Case, response: Response) -> str:
    asked = f"{case.method} {case.formatted_path} {case.query!r} {str(case.body)[:300]}"
    return f"{asked} -> {response.status_code} {response.content.decode(errors='replace')[:300]}"
