"""Which paths can change what is served, or what decides over that: who may take each, when, and what guards it.

It is read from the code itself. A path is a method of REST, an act of a page, a command, a task or long work; it can
write what a chain of references leads it to. So a new way to write stands in the table before anybody has thought of
it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.core.management import get_commands, load_command_class
from django.urls import URLResolver, get_resolver

from models_app.changes import transitions
from models_app.work.models import LongWork
from muse_site.code_graph import Graph, name_of
from tenants.roles import ALLOWED, Permission, Role

PACKAGES = ("muse_site", "models_app", "scoring", "tenants")
CONSOLE = "muse_site.urls_console"

# What writes, and what it writes.
WRITERS = {
    "scoring.services.publish_document": "release",
    "models_app.changes.policy.set_policy": "review policy",
    "models_app.intents.services.change_intent": "intent",
    "tenants.services.people.add_member": "role",
    "models_app.changes.standing_approvals.services.approve_standing_approval": "standing approval",
    "scoring.lake.erasing.erase_tenant": "erasing",
    "tenants.services.people.remove_member": "role",
    "tenants.services.people.change_person": "lock",
    "tenants.services.people.set_password": "sign-in",
    "models_app.sign_in.factors.send_recovery_link": "sign-in",
}
# What stands before a writer: one of these must be on the way.
GUARDS = {
    "models_app.changes.transitions.PUBLISH": "approvals",
    "models_app.changes.transitions.PUBLISH_STANDING": "standing approval",
    "models_app.releases.publish._break_glass": "break glass",
    "models_app.changes.rollback.roll_back": "back to what was approved",
    "models_app.changes.standing_approvals.services.check_another": "second person",
    "models_app.changes.policy_changes.services.approve": "second person",
    "models_app.changes.policy_changes.services.check_at_once": "second person",
    "models_app.changes.policy_changes.services.check_segments": "second person",
    "models_app.changes.policy_changes.services.needs_another": "second person",
    "scoring.lake.erasing.Answerable.check": "two people whom the operator names",
    "models_app.changes.policy_changes.subjects.Subject.tried": "taken back at once, to see what it would do",
}
STATES = {
    f"models_app.changes.transitions.{name}": value.sources
    for name, value in vars(transitions).items()
    if isinstance(value, transitions.Transition) and value is not transitions.PASS
}
# Paths without a guard, and why that is right. A new one fails the tests until it is guarded, or stands here.
ALONE = {
    "act recover on people": "who does so is one pair of eyes with that person",
    "act switch on people": "who does so is one pair of eyes with that person",
    "command create_person": "an operator on the machine",
    "command set_password": "an operator on the machine",
    "command demo": "an operator on the machine, for made-up tenants",
}


Starts = list[tuple[str, type | None]]  # functions, each with the class that `self` is there
Entry = tuple[str, Permission | None, Starts]


@dataclass(frozen=True)
class Path:
    """One way in. `permission`: what a person must be allowed to do; None: open to operators on the machine only."""

    name: str
    permission: Permission | None
    writes: tuple[str, ...]
    states: tuple[str, ...]
    guards: tuple[str, ...]

    @property
    def is_guarded(self) -> bool:
        """Whether something stands before what it writes, or a reason why nothing has to."""
        return bool(self.guards) or self.name in ALONE

    def may(self, role: Role) -> bool:
        """Whether the role may take it; whether it goes through then, its guards say."""
        return self.permission is not None and self.permission in ALLOWED[role]


def coverage() -> list[Path]:
    """All paths that can write, by name."""
    graph = Graph(PACKAGES)
    found = (_path(graph, name, permission, starts) for name, permission, starts in _entries())
    return sorted((path for path in found if path.writes), key=lambda path: path.name)


def table(paths: Iterable[Path]) -> str:
    """The matrix as Markdown: a row for each path, a column for each role."""
    head = ["path", "writes", *(str(role.value) for role in Role), "in states", "guarded by"]
    rows = [head, ["---"] * len(head)]
    rows += [
        [
            f"`{path.name}`",
            ", ".join(path.writes),
            *("yes" if path.may(role) else "–" for role in Role),
            ", ".join(path.states) or "–",
            ", ".join(path.guards) or ALONE.get(path.name, "NOTHING"),
        ]
        for path in paths
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _path(graph: Graph, name: str, permission: Permission | None, starts: Starts) -> Path:
    reached = set[str]().union(*(graph.reached(start, of) for start, of in starts))
    states = dict.fromkeys(str(state) for node in STATES if node in reached for state in STATES[node])
    return Path(name, permission, _of(WRITERS, reached), tuple(states), _of(GUARDS, reached))


def _of(names: dict[str, str], reached: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words for node, words in names.items() if node in reached))


def _entries() -> Iterator[Entry]:
    for pattern, view in _addresses(get_resolver(CONSOLE)):
        kind = getattr(view, "view_class", None)
        for method, permission in getattr(kind, "permissions", {}).items():
            if method != "GET":
                yield f"{method} {pattern}", permission, [(name_of(getattr(kind, method.lower())), kind)]
        for form in getattr(kind, "actions", ()):
            yield (
                f"act {form.name} on {pattern}",
                form.needs,
                [(name_of(form.perform), form), (name_of(form.clean), form)],
            )
    for command, app in get_commands().items():
        if app.split(".")[0] in PACKAGES or app in PACKAGES:
            kind = type(load_command_class(app, command))
            yield f"command {command}", None, [(name_of(kind.handle), kind)]
    yield from _tasks()


def _tasks() -> Iterator[Entry]:
    current_app.loader.import_default_modules()
    for name, task in current_app.tasks.items():
        if name.split(".")[0] in PACKAGES:
            yield f"task {name}", None, [(name_of(task.run), None)]
    for kind, rows in LongWork.kinds().items():  # which tasks reach by their names only
        yield f"work {kind}", None, [(rows.WORK, None)]


def _addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _addresses(entry, pattern)
        else:
            yield pattern, entry.callback
