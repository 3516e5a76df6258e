"""The wall between tenants, at every address of both services: `theirs` does not exist for `ours`.

One test walks the addresses that Django resolves. For each it looks up in ROUTES (or, for pages of the console's
admin, by the end of the address) how the address is tried (tests/isolation/attempts.py); an address that it does not
find fails. A new address needs a line in ROUTES, and an object of `theirs` for each of its parameters in
tests/isolation/wall.py.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.isolation.attempts import (
    admin_object,
    admin_page,
    by_key,
    console_of_a_tenant,
    console_page,
    console_shared,
    counted,
    log_in_step,
    looked_for,
    of_a_tenant,
    open_to_all,
    own,
    own_factor,
    own_self,
    own_tokens,
    scored,
    shared,
)
from tests.isolation.standing import behind_each
from tests.isolation.wall import CONSOLE, EVENT_ID, SCORING, Wall, addresses


def _score(name: str) -> object:
    return {"intent": f"{name}-intent", "event_id": EVENT_ID, "features": {}}


def _batch(name: str) -> object:
    return {"intent": f"{name}-intent", "events": [{"features": {}}]}


def _labels(name: str) -> object:
    return {"labels": [{"intent": f"{name}-intent", "event_id": EVENT_ID, "label": 1}]}


TENANT_PAGES = (
    "", "/new-intent", "/intents/<slug:intent>", "/intents/<slug:intent>/change", "/intents/<slug:intent>/setup",
    "/intents/<slug:intent>/refreshes", "/intents/<slug:intent>/trials",
    "/incidents/<int:incident>", "/fits", "/new-fit", "/fits/<int:fit>", "/transforms",
    "/transforms/<int:transform>",
    "/changes", "/new-change", "/changes/<int:change>",
    "/changes/<int:change>/decision-changes", "/changes/<int:change>/decision-changes/export",
    "/releases", "/releases/<int:number>", "/events",
    "/event-counts", "/events/<path:event_id>", "/keys", "/members", "/policy", "/notifications", "/audit",
    "/choices/<slug:kind>",
    "/audit/export", "/audit/<int:entry>", "/history/<slug:of>/<int:key>",
)  # fmt: skip
API, TENANT = "api/v1/", "api/v1/tenants/<slug:tenant>"
ROUTES: dict[str, dict[str, Callable[[Wall, str, Any], None]]] = {
    CONSOLE: {
        **dict.fromkeys(("", "account", "changes", "intents", "tenants"), console_page),
        **dict.fromkeys(("monitoring", "monitoring/incidents"), console_page),
        **dict.fromkeys(
            ("models", "predictors", "references", "serving", "people", "audit", "proposals", "notifications"),
            console_shared,
        ),
        "choices/<slug:kind>": console_shared,
        "audit/export": console_shared,
        "audit/<int:entry>": console_shared,
        "history/<slug:of>/<int:key>": console_shared,
        "models/<slug:name>/<int:version>": console_shared,
        "predictors/<slug:name>/<int:version>": console_shared,
        "models/new": console_shared,
        "predictors/new": console_shared,
        "references/new/curve": console_shared,
        "references/new/beta": console_shared,
        "references/<slug:name>/<int:version>": console_shared,
        "proposals/<int:proposal>": console_shared,
        **{f"tenants/<slug:tenant>{page}": console_of_a_tenant for page in TENANT_PAGES},
        "healthz": open_to_all,
        "livez": open_to_all,
        "readyz": open_to_all,
        "metrics": open_to_all,
        f"{API}schema": open_to_all,
        f"{API}docs": open_to_all,
        f"{API}me": own_self,
        f"{API}tenants": own,
        f"{API}audit": shared,
        f"{API}audit/export": shared,
        f"{API}people": shared,
        f"{API}people/<int:person>": shared,
        f"{API}people/<int:person>/password-link": shared,
        **dict.fromkeys(("log-in/single-sign-on", "log-in/single-sign-on/back"), open_to_all),
        "password/forgotten": open_to_all,
        "password/<uidb64>/<token>": open_to_all,
        **{
            f"second-factor{page}": own_factor
            for page in (
                "",
                "/app",
                "/app/remove",
                "/codes",
                "/codes/new",
                "/passkeys",
                "/passkeys/new",
                "/passkeys/<int:pk>/name",
                "/passkeys/<int:pk>/remove",
            )
        },
        **dict.fromkeys(
            (
                "log-in",
                "log-in/confirm",
                "second-factor/log-in",
                "second-factor/show",
                "second-factor/confirm",
                "second-factor/passkeys/log-in",
                "second-factor/passkeys/confirm",
                "second-factor/lost/<token>",
            ),
            log_in_step,
        ),
        f"{API}tokens": own_tokens,
        f"{API}tokens/<int:token>/revoke": shared,
        f"{API}models": shared,
        f"{API}models/<slug:name>/<int:version>": shared,
        f"{API}predictors": shared,
        f"{API}predictors/<slug:name>/<int:version>": shared,
        f"{API}references": shared,
        f"{API}references/<slug:name>/<int:version>": shared,
        f"{API}serving": shared,
        f"{API}proposals": shared,
        f"{API}proposals/<int:proposal>": shared,
        f"{API}proposals/<int:proposal>/cancel": shared,
        f"{API}proposals/<int:proposal>/approve": shared,
        TENANT: of_a_tenant,
        f"{TENANT}/audit": of_a_tenant,
        f"{TENANT}/audit/export": of_a_tenant,
        f"{TENANT}/members": of_a_tenant,
        f"{TENANT}/members/<int:member>": of_a_tenant,
        f"{TENANT}/keys": of_a_tenant,
        f"{TENANT}/keys/<int:key>/networks": of_a_tenant,
        f"{TENANT}/keys/<int:key>/quota": of_a_tenant,
        f"{TENANT}/keys/<int:key>/rotate": of_a_tenant,
        f"{TENANT}/keys/<int:key>/revoke": of_a_tenant,
        f"{TENANT}/intents": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/statistics": counted,
        f"{TENANT}/intents/<slug:intent>/alert-rates": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/track-record": of_a_tenant,
        f"{TENANT}/standing-approvals": of_a_tenant,
        f"{TENANT}/standing-approvals/<int:approval>": of_a_tenant,
        f"{TENANT}/standing-approvals/<int:approval>/approve": of_a_tenant,
        f"{TENANT}/standing-approvals/<int:approval>/revoke": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/refresh-policy": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/refreshes": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/refreshes/<int:refresh>": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/successor-policy": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/trials": of_a_tenant,
        f"{TENANT}/intents/<slug:intent>/trials/<int:trial>": of_a_tenant,
        f"{API}incidents": own,
        f"{TENANT}/incidents": of_a_tenant,
        f"{TENANT}/incidents/<int:incident>": of_a_tenant,
        f"{TENANT}/incidents/<int:incident>/acknowledge": of_a_tenant,
        f"{TENANT}/incidents/<int:incident>/close": of_a_tenant,
        f"{TENANT}/monitors": of_a_tenant,
        f"{TENANT}/transforms": of_a_tenant,
        f"{TENANT}/transforms/<int:transform>": of_a_tenant,
        f"{TENANT}/refused-requests": of_a_tenant,
        f"{TENANT}/samples": of_a_tenant,
        f"{TENANT}/fits": of_a_tenant,
        f"{TENANT}/fits/<int:fit>": of_a_tenant,
        f"{TENANT}/fits/<int:fit>/cancel": of_a_tenant,
        **{
            f"{API}{page}": shared
            for page in (
                "policy/changes",
                "policy/changes/<int:change>",
                "policy/changes/<int:change>/approve",
                "policy/changes/<int:change>/reject",
                "policy/changes/<int:change>/withdraw",
                "webhooks",
                "webhooks/<int:webhook>",
                "webhooks/<int:webhook>/secret",
                "webhooks/<int:webhook>/test",
                "deliveries",
                "deliveries/<int:delivery>/redeliver",
            )
        },
        f"{TENANT}/webhooks": of_a_tenant,
        f"{TENANT}/webhooks/<int:webhook>": of_a_tenant,
        f"{TENANT}/webhooks/<int:webhook>/secret": of_a_tenant,
        f"{TENANT}/webhooks/<int:webhook>/test": of_a_tenant,
        f"{TENANT}/deliveries": of_a_tenant,
        f"{TENANT}/deliveries/<int:delivery>/redeliver": of_a_tenant,
        f"{API}changes": own,
        f"{TENANT}/policy": of_a_tenant,
        f"{TENANT}/policy/changes": of_a_tenant,
        f"{TENANT}/policy/changes/<int:change>": of_a_tenant,
        f"{TENANT}/policy/changes/<int:change>/approve": of_a_tenant,
        f"{TENANT}/policy/changes/<int:change>/reject": of_a_tenant,
        f"{TENANT}/policy/changes/<int:change>/withdraw": of_a_tenant,
        f"{TENANT}/changes": of_a_tenant,
        f"{TENANT}/changes/import": of_a_tenant,
        f"{TENANT}/changes/<int:change>": of_a_tenant,
        f"{TENANT}/changes/<int:change>/submit": of_a_tenant,
        f"{TENANT}/changes/<int:change>/refresh": of_a_tenant,
        f"{TENANT}/changes/<int:change>/withdraw": of_a_tenant,
        f"{TENANT}/changes/<int:change>/approve": of_a_tenant,
        f"{TENANT}/changes/<int:change>/reject": of_a_tenant,
        f"{TENANT}/changes/<int:change>/comments": of_a_tenant,
        f"{TENANT}/changes/<int:change>/publish": of_a_tenant,
        f"{TENANT}/changes/<int:change>/evidence": of_a_tenant,
        f"{TENANT}/changes/<int:change>/decision-changes": of_a_tenant,
        f"{TENANT}/changes/<int:change>/decision-changes/export": of_a_tenant,
        f"{TENANT}/releases": of_a_tenant,
        f"{TENANT}/releases/rollback": of_a_tenant,
        f"{TENANT}/releases/<int:number>": of_a_tenant,
        f"{TENANT}/releases/<int:number>/diff/<int:other>": of_a_tenant,
        f"{TENANT}/releases/<int:number>/export": of_a_tenant,
        f"{TENANT}/events": looked_for,
        f"{TENANT}/event-counts": looked_for,
        f"{TENANT}/events/<path:event_id>": of_a_tenant,
        f"{API}events/<path:event_id>": by_key,
    },
    SCORING: {
        "healthz": open_to_all,
        "livez": open_to_all,
        "readyz": open_to_all,
        "metrics": open_to_all,
        f"{API}schema": open_to_all,
        f"{API}docs": open_to_all,
        f"{API}score": scored(_score, 404),
        f"{API}score/batch": scored(_batch, 404),
        f"{API}labels": scored(_labels, 422),
    },
}
ADMIN_OBJECT = re.compile(r"admin/\w+/\w+/<path:object_id>/.*")
ADMIN_PAGE = re.compile(
    r"admin/(\w+/\w+/(add/)?|search/|login/|logout/|password_change/(done/)?|autocomplete/|jsi18n/|)"
    r"|admin/\^\(\?P<app_label>.*\)/\$|admin/\(\?P<url>\.\*\)\$|admin/r/<path:content_type_id>/<path:object_id>/"
)


def _check_for(configuration: str, pattern: str) -> Callable[[Wall, str, Any], None] | None:
    if pattern.startswith("admin/"):
        known = {ADMIN_OBJECT: admin_object, ADMIN_PAGE: admin_page}
        return next((check for form, check in known.items() if form.fullmatch(pattern)), None)
    return ROUTES[configuration].get(pattern)


ADDRESSES = [(each, *found) for each in (CONSOLE, SCORING) for found in addresses(each)]


@pytest.mark.parametrize(("configuration", "pattern", "view"), ADDRESSES, ids=[f"{a} {b}" for a, b, _ in ADDRESSES])
def test_address__called_by_another_tenant__shows_nothing(
    wall: Wall, settings: Settings, configuration: str, pattern: str, view: Any
) -> None:
    check = _check_for(configuration, pattern)
    assert check, f"{configuration} has the address {pattern!r}, which this test does not know: add it to ROUTES"
    settings.ROOT_URLCONF = configuration
    if configuration == SCORING:
        settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "csp.middleware.CSPMiddleware"]
    behind_each(lambda: check(wall, pattern, view))


@pytest.mark.parametrize("configuration", [CONSOLE, SCORING])
def test_routes__all__are_still_there(configuration: str) -> None:
    gone = set(ROUTES[configuration]) - {pattern for each, pattern, _ in ADDRESSES if each == configuration}
    assert not gone, f"no addresses any more, take them out of ROUTES: {sorted(gone)}"
