"""The wall between tenants, at every address of both services: `theirs` does not exist for `ours`.

One test walks the addresses that Django resolves. For each it looks up in ROUTES (or, for pages of the console's
admin, by the end of the address) how the address is tried; an address that it does not find fails. A new address
needs a line in ROUTES, and an object of `theirs` for each of its parameters in tests/isolation/wall.py.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.isolation.standing import behind_each
from tests.isolation.wall import CONSOLE, EVENT_ID, SCORING, Wall, addresses

# ---- how an address is tried


def people_only(wall: Wall, url: str, method: str) -> None:
    """A client's key, even one of theirs, and nobody at all are turned away before anything is looked up."""
    for secret in (wall.ours.token, wall.theirs.token, None):
        assert wall.call(method, url, secret).status_code == 401


def of_a_tenant(wall: Wall, pattern: str, view: Any) -> None:
    """404 for their tenant, and for their object below our tenant, whatever the method and the body."""
    urls = {wall.url(pattern)}
    if pattern.count("<") > 1:
        urls.add(wall.url(pattern, tenant=wall.ours.tenant.slug))
    for url in urls:
        for method in view.view_class.permissions:
            assert wall.call(method, url, wall.token).status_code == 404, f"{method} {url}"
            people_only(wall, url, method)


def counted(wall: Wall, pattern: str, view: Any) -> None:
    """404 for their tenant; below ours, an intent of theirs has no rows, as one that was never scored."""
    assert wall.call("GET", wall.url(pattern), wall.token).status_code == 404
    answer = wall.call("GET", wall.url(pattern, tenant=wall.ours.tenant.slug), wall.token)
    assert (answer.status_code, answer.json()["rows"]) == (200, [])
    people_only(wall, wall.url(pattern), "GET")


def looked_for(wall: Wall, pattern: str, view: Any) -> None:
    """404 for their tenant; below ours, their intent is none, and what is found is ours alone."""
    assert wall.call("GET", wall.url(pattern), wall.token).status_code == 404
    ours = wall.url(pattern, tenant=wall.ours.tenant.slug)
    answer = wall.call("GET", ours, wall.token)
    assert (answer.status_code, next(iter(answer.json().values()))) == (200, [])
    assert wall.call("GET", f"{ours}?intent=hidden-intent", wall.token).status_code == 422
    people_only(wall, wall.url(pattern), "GET")


def shared(wall: Wall, pattern: str, view: Any) -> None:
    """What the platform shares: 404 for people without a platform role."""
    url = wall.url(pattern)
    for method in view.view_class.permissions:
        assert wall.call(method, url, wall.token).status_code == 404, f"{method} {url}"
        people_only(wall, url, method)


def own(wall: Wall, pattern: str, view: Any) -> None:
    """A page of what is the caller's own: it has nothing of theirs (see `_clean`), and only the platform adds to it."""
    for method in view.view_class.permissions:
        assert wall.call(method, wall.url(pattern), wall.token).status_code == (200 if method == "GET" else 403)
        people_only(wall, wall.url(pattern), method)


def own_self(wall: Wall, pattern: str, view: Any) -> None:
    """Who calls, and nobody else: they may change what is theirs."""
    for method in ("GET", "PATCH"):
        answer = wall.call(method, wall.url(pattern), wall.token)
        assert (answer.status_code, answer.json()["email"]) == (200, wall.person.email)
        people_only(wall, wall.url(pattern), method)


def own_tokens(wall: Wall, pattern: str, view: Any) -> None:
    """One's own and nobody else's; anybody who is known may add to them."""
    assert wall.call("GET", wall.url(pattern), wall.token).json()["count"] == 1
    assert wall.call("POST", wall.url(pattern), wall.token).status_code == 422
    people_only(wall, wall.url(pattern), "POST")


def by_key(wall: Wall, pattern: str, view: Any) -> None:
    """404 for a client's key; people and nobody are turned away."""
    assert wall.call("GET", wall.url(pattern), wall.ours.token).status_code == 404
    for secret in (wall.token, None):
        assert wall.call("GET", wall.url(pattern), secret).status_code == 401


def scored(body: Callable[[str], object], status: int) -> Callable[[Wall, str, Any], None]:
    """Their intent is for our key what an intent is that nobody has."""

    def check(wall: Wall, pattern: str, view: Any) -> None:
        url = wall.url(pattern)
        theirs, nobodys = (wall.call("POST", url, wall.ours.token, body(name)) for name in ("hidden", "no"))
        assert theirs.status_code == nobodys.status_code == status
        assert theirs.content.replace(b"hidden", b"no") == nobodys.content
        for secret in (wall.token, None):
            assert wall.call("POST", url, secret, body("hidden")).status_code == 401

    return check


def open_to_all(wall: Wall, pattern: str, view: Any) -> None:
    """Not about any tenant: anybody may call it, and it names none (see `_clean`)."""
    for secret in (wall.token, wall.ours.token, None):
        assert wall.call("GET", wall.url(pattern), secret).status_code < 500


def console_page(wall: Wall, pattern: str, view: Any) -> None:
    """A page of what is the person's own: it shows nothing of theirs, and nobody is sent to the log-in."""
    assert wall.page(wall.url(pattern)).status_code == 200
    _closed_to_nobody(wall, wall.url(pattern))


def own_factor(wall: Wall, pattern: str, view: Any) -> None:
    """What somebody logs in with beside their password: theirs is for us what nobody has, and closed to nobody."""
    url = wall.url(pattern)
    nothing = wall.page(wall.url(pattern, pk=2**31))
    assert wall.page(url).status_code == nothing.status_code
    assert nothing.status_code == (404 if "<int:pk>" in pattern or pattern in LACKING else 200)
    assert wall.call("GET", url)["Location"].split("?")[0] in ("/admin/login/", "/log-in")


def log_in_step(wall: Wall, pattern: str, view: Any) -> None:
    """A step of logging in, which is open to all: without the one before, it leads back."""
    assert wall.call("GET", wall.url(pattern)).status_code in (200, 302)
    assert wall.page(wall.url(pattern)).status_code in (200, 302)


def console_shared(wall: Wall, pattern: str, view: Any) -> None:
    """404 for people without a platform role, opened or acted on."""
    assert wall.page(wall.url(pattern)).status_code == 404
    for act in view.view_class.actions:
        assert wall.page(wall.url(pattern), {"act": act.name}).status_code == 404
    _closed_to_nobody(wall, wall.url(pattern))


def console_of_a_tenant(wall: Wall, pattern: str, view: Any) -> None:
    """404 for their tenant, and for their object below ours, opened or acted on."""
    urls = {wall.url(pattern)}
    if pattern.count("<") > 1:
        urls.add(wall.url(pattern, tenant=wall.ours.tenant.slug))
    for url in urls:
        assert wall.page(url).status_code == 404, url
        for act in view.view_class.actions:
            assert wall.page(url, {"act": act.name}).status_code == 404, f"{act.name} on {url}"
        _closed_to_nobody(wall, url)


def _closed_to_nobody(wall: Wall, url: str) -> None:
    answer = wall.call("GET", url)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def admin_page(wall: Wall, pattern: str, view: Any) -> None:
    """A page about nothing of a tenant, or a list: opened or refused, it shows nothing of theirs."""
    assert wall.page(wall.url(pattern)).status_code in (200, 302, 403, 404, 405)


def admin_object(wall: Wall, pattern: str, view: Any) -> None:
    """A page about one object: for theirs it answers as for one that is not there, or that nobody of ours may see."""
    _, app, model, _ = pattern.split("/", 3)
    theirs, nothing = (wall.page(wall.url(pattern, object_id=pk)) for pk in (wall.object_id(app, model), 2**31))
    assert theirs.status_code == nothing.status_code
    assert theirs.status_code in (403, 404) or theirs["Location"].endswith(("/admin/", "/change/"))


def _score(name: str) -> object:
    return {"intent": f"{name}-intent", "event_id": EVENT_ID, "features": {}}


def _batch(name: str) -> object:
    return {"intent": f"{name}-intent", "events": [{"features": {}}]}


def _labels(name: str) -> object:
    return {"labels": [{"intent": f"{name}-intent", "event_id": EVENT_ID, "label": 1}]}


TENANT_PAGES = (
    "", "/new-intent", "/intents/<slug:intent>", "/intents/<slug:intent>/change", "/intents/<slug:intent>/setup",
    "/intents/<slug:intent>/refreshes",
    "/incidents/<int:incident>", "/fits", "/new-fit", "/fits/<int:fit>", "/transforms",
    "/transforms/<int:transform>",
    "/changes", "/new-change", "/changes/<int:change>",
    "/changes/<int:change>/decision-changes", "/changes/<int:change>/decision-changes/export",
    "/releases", "/releases/<int:number>", "/events",
    "/event-counts", "/events/<path:event_id>", "/keys", "/members", "/policy", "/notifications", "/audit",
    "/choices/<slug:kind>",
    "/audit/export", "/audit/<int:entry>", "/history/<slug:of>/<int:key>",
)  # fmt: skip
LACKING = ("second-factor/app/remove", "second-factor/codes")  # of somebody who has no factor
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
