"""How an address is tried, by what it is about: each fails where `ours` gets to see, or to do, anything of `theirs`."""

from collections.abc import Callable
from typing import Any

from tests.isolation.wall import Wall

LACKING = ("second-factor/app/remove", "second-factor/codes")  # of somebody who has no factor


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
