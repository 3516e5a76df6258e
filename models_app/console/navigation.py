"""The console's menu, as Unfold draws it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

from tenants.models import Person
from tenants.permissions import may
from tenants.roles import Permission


def _sees_shared(request: HttpRequest) -> bool:
    return isinstance(request.user, Person) and may(request.user, Permission.VIEW_SHARED)


def _runs_platform(request: HttpRequest) -> bool:
    return isinstance(request.user, Person) and may(request.user, Permission.MANAGE_PLATFORM)


# Pages that belong elsewhere than below what their address begins with.
_BELONGS = {"incident": "console:monitoring"}


def _item(title: str, icon: str, page: str, permission: Any = None) -> dict[str, Any]:
    """Lit on its own page and on those below it; home, which is above all, on its own alone."""

    def active(request: HttpRequest) -> bool:
        match = request.resolver_match
        if match is not None and match.url_name in _BELONGS:
            return _BELONGS[match.url_name] == page
        here, there = request.path.rstrip("/"), str(reverse_lazy(page)).rstrip("/")
        return here == there or (bool(there) and here.startswith(f"{there}/"))

    item = {"title": title, "icon": icon, "link": reverse_lazy(page), "active": active}
    return {**item, "permission": permission} if permission else item


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of pages; what a person may not know of is not in it."""
    shared = [
        _item("Models", "model_training", "console:models", _sees_shared),
        _item("Predictors", "account_tree", "console:predictors", _sees_shared),
        _item("References", "show_chart", "console:references", _sees_shared),
    ]
    platform = [
        _item("Serving", "dns", "console:serving", _sees_shared),
        _item("Audit", "history", "console:platform_audit", _sees_shared),
        _item("Notifications", "notifications", "console:platform_notifications", _runs_platform),
        _item("People", "group", "console:people", _runs_platform),
        _item("Records", "database", "admin:index"),
        _item("My account", "key", "console:account"),
        _item("REST API", "api", "docs"),
    ]
    daily = [
        _item("Home", "home", "console:home"),
        _item("Monitoring", "monitor_heart", "console:monitoring"),
        _item("Change requests", "fact_check", "console:all_changes"),
        _item("Replacements", "dynamic_feed", "console:replacements", _sees_shared),
        _item("Intents", "track_changes", "console:intents"),
        _item("Tenants", "domain", "console:tenants"),
    ]
    groups: list[dict[str, Any]] = [
        {"items": daily},
        {"title": "Shared", "items": shared},
        {"title": "Platform", "items": platform},
    ]
    return groups if _sees_shared(request) else [groups[0], groups[2]]
