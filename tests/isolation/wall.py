"""Two tenants with everything, and the ways in which one of them calls: for the tests of the wall between them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from models_app.changes.track_record.models import TrackRecord
from models_app.transforms.models import Fit, Sample, Transform
from scoring.models import (
    DayStatistics,
    HourProfile,
    HourStatistics,
    KeyDay,
    MinuteStatistics,
    RefusedRequests,
    Release,
)
from scoring.services import publish_document
from scoring.serving.process import serving
from tenants.models import AuditEntry, Intent, Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import (
    World,
    make_change,
    make_delivery,
    make_document,
    make_intent,
    make_person,
    make_policy_change,
    make_replacement,
    make_transform,
    make_webhook,
    serve,
    text_of,
)
from tests.watching import make_incident, make_monitor, make_refresh, make_standing_approval, make_trial

CONSOLE, SCORING = "muse_site.urls_console", "muse_site.urls_scoring"
PARAMETER = re.compile(r"\^?\(\?P<(\w+)>[^)]*\)(?:/?\$)?|<(?:\w+:)?(\w+)>")  # of a path or of a regular expression
MARKERS = ("globex", "Globex", "hidden-intent", "hidden sample")  # what names something of theirs
EVENT_ID = "0193587e-6d2a-7c3b-9a55-3f2b8c6d1e90"
# What addresses name that is no row of theirs, but for the tenant itself.
FIXED = {
    "tenant": "globex",
    "of": "api-key",
    "version": 1,
    "kind": "models",
    "event_id": EVENT_ID,
    "content_type_id": 1,
    "object_id": 1,
    "app_label": "tenants/",
    "uidb64": "MQ",
    "url": "nothing/here",
}


@dataclass
class Wall:
    """Two tenants with everything, and the ways in which `ours` calls; `parameters` name objects of `theirs`."""

    ours: World
    theirs: World
    person: Person
    token: str
    parameters: dict[str, Any]

    def url(self, pattern: str, **instead: Any) -> str:
        values = self.parameters | instead
        try:
            return "/" + re.sub(PARAMETER, lambda found: str(values[found[1] or found[2]]), pattern)
        except KeyError as missing:
            raise AssertionError(f"{pattern}: add an object of theirs to Wall.parameters, named {missing}") from None

    def call(self, method: str, url: str, secret: str | None = None, body: object = None) -> HttpResponse:
        """Call by a token or key; without one, by nobody. No answer to ours may name anything of theirs."""
        client = Client(headers={"authorization": f"Bearer {secret}"} if secret else {}, raise_request_exception=False)
        sent = {} if method == "GET" else {"data": json.dumps(body or {}), "content_type": "application/json"}
        return _clean(client.generic(method, url, **sent), f"{url} {body}")

    def page(self, url: str, sent: dict[str, str] | None = None) -> HttpResponse:
        """Open a page as our person, or with `sent` act on it."""
        client = Client(raise_request_exception=False)
        client.force_login(self.person, "django.contrib.auth.backends.ModelBackend")
        return _clean(client.get(url) if sent is None else client.post(url, sent), f"{url} {sent}")

    def object_id(self, app: str, model: str) -> Any:
        """The primary key of an object of theirs, for a page of the admin."""
        found = admin.site._registry  # every registered model, by class
        (registered,) = (each for each in found if (each._meta.app_label, each._meta.model_name) == (app, model))
        if registered is Tenant:
            return self.theirs.tenant.pk
        if "tenant" not in {field.name for field in registered._meta.fields}:
            return 1  # shared, or nobody's: who may see it is not a matter of tenants
        with platform_scope():
            theirs = registered._default_manager.filter(tenant=self.theirs.tenant).first()
        assert theirs, f"the admin has {app}.{model}: make one of theirs in _everything()"
        return theirs.pk


def _clean(answer: HttpResponse, request: str) -> HttpResponse:
    """The answer, once it is sure that it names nothing of theirs but what the request itself has said."""
    text = (b"".join(answer) if answer.streaming else answer.content).decode()
    assert not [marker for marker in MARKERS if marker in text and marker not in request], f"names theirs: {text}"
    return answer


def build() -> Wall:
    """Both tenants, served by this process."""
    ours, theirs = serve("acme"), serve("globex")
    person = make_person("admin@acme.example", Role.ADMIN, ours.tenant)
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    make_delivery(make_webhook(url="https://example.com/globex"), "Globex: to the platform")
    with platform_scope():
        parameters = _everything(theirs)
    assert serving().watcher.look()
    return Wall(ours, theirs, person, token, FIXED | parameters)


def _everything(theirs: World) -> dict[str, Any]:
    """One of everything that a tenant can have; what addresses call each."""
    member = make_person("admin@globex.example", Role.ADMIN, theirs.tenant)
    intent = make_intent(theirs.tenant, "hidden-intent")
    transform = make_transform(intent, theirs.predictor)
    release = _released(theirs, intent, transform)
    _counted(release, intent, transform, theirs)
    make_monitor(intent)
    return (
        {"incident": make_incident(intent).pk, "refresh": make_refresh(intent).pk}
        | {"trial": make_trial(theirs).pk}
        | {"approval": make_standing_approval(theirs, member).number}
        | {"intent": intent.name, "transform": transform.pk, "number": release.number, "other": release.number}
        | _of_people(theirs, member)
        | _of_notifications(theirs)
        | _of_fitting(transform, member)
        | _of_changes(theirs, member)
        | {"entry": AuditEntry.objects.filter(tenant=theirs.tenant).latest("pk").pk}
    )


def _released(theirs: World, intent: Intent, transform: Transform) -> Release:
    text = text_of(make_document(intent, transform))
    return publish_document(tenant=theirs.tenant, document=text, actor=None, reason="globex needs it")


def _counted(release: Release, intent: Intent, transform: Transform, theirs: World) -> None:
    """What monitoring counts of a release."""
    now = timezone.now().replace(second=0, microsecond=0)
    common = {"tenant": theirs.tenant, "intent": intent.name}
    rate = {"threshold": "hidden", "score": 0.5, "target": 0.1, "low": 0.0, "high": 1.0}
    TrackRecord.objects.create(release=release, since=now, **rate, **common)
    served = {"release": release.number, "predictor": theirs.predictor.key}
    counted = {"events": 5, "transform": transform.pk, **common}
    MinuteStatistics.objects.create(minute=now, **served, **counted)
    HourStatistics.objects.create(hour=now, **counted)
    HourProfile.objects.create(hour=now, **counted)
    DayStatistics.objects.create(day=now.date(), **counted)
    KeyDay.objects.create(tenant=theirs.tenant, key=theirs.key, day=now.date(), events=5)
    RefusedRequests.objects.create(hour=now, reason="quota", requests=5, **common)


def _of_people(theirs: World, member: Person) -> dict[str, Any]:
    token = create_personal_token(person=member, name="globex", actor=None)[0]
    membership = Membership.objects.get(person=member)
    passkey = Authenticator.objects.create(user=member, type="webauthn", data={"name": "globex", "credential": {}})
    return {
        "person": member.pk,
        "token": token.pk,
        "member": membership.pk,
        "key": theirs.key.pk,
        "pk": passkey.pk,
    }


def _of_notifications(theirs: World) -> dict[str, Any]:
    webhook = make_webhook(theirs.tenant, "https://globex.example/hook")
    delivery = make_delivery(webhook, "Globex: something happened")
    return {"webhook": webhook.pk, "delivery": delivery.pk}


def _of_fitting(transform: Transform, member: Person) -> dict[str, Any]:
    common = {"tenant": transform.tenant, "created_by": member}
    sample = Sample.objects.create(name="hidden sample", digest="0" * 64, size=1, column="p", rows=1, **common)
    subject = {name: getattr(transform, name) for name in ("intent", "predictor", "reference")}
    fit = Fit.objects.create(source={"kind": "sample", "sample": sample.pk}, **subject, **common)
    return {"sample": sample.pk, "fit": fit.pk}


def _of_changes(theirs: World, member: Person) -> dict[str, Any]:
    change = make_change(theirs, author=member)
    make_policy_change(theirs.tenant, member, number=change.number)
    replacement = make_replacement(theirs, change)
    return {"change": change.number, "proposal": replacement.pk, "name": theirs.model.name}


def addresses(configuration: str) -> list[tuple[str, Any]]:
    """All addresses of a service, as patterns, with what answers there."""
    return list(_walk(get_resolver(configuration)))


def _walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern)
        else:
            yield pattern, entry.callback
