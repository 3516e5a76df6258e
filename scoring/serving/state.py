"""What a scoring process holds in memory. The watcher replaces it; requests read it, each of them once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from scoring.engine.compiled import CompiledRelease
from scoring.serving.keyring import Keyring


@dataclass(frozen=True)
class Failure:
    """A release that did not load: the one before it goes on serving."""

    number: int
    reason: str


@dataclass(frozen=True)
class Held:
    """One consistent view; all mappings by tenant id. `loaded`: keys and releases have been read at least once."""

    loaded: bool = False
    keyring: Keyring = field(default_factory=Keyring)
    slugs: Mapping[int, str] = field(default_factory=dict)
    releases: Mapping[int, CompiledRelease] = field(default_factory=dict)
    failures: Mapping[int, Failure] = field(default_factory=dict)

    def numbers_by_slug(self) -> dict[str, int]:
        return {self.slugs[tenant]: release.number for tenant, release in self.releases.items()}

    def failures_by_slug(self) -> dict[str, Failure]:
        return {self.slugs[tenant]: failure for tenant, failure in self.failures.items()}


class State:
    """The one reference. Only the watcher writes it, so changes need no lock."""

    def __init__(self) -> None:
        self.held = Held()

    def serve(self, tenant: int, release: CompiledRelease) -> None:
        """Swap a tenant's release: every request from now on is scored by this one."""
        held = self.held
        failures = {key: failure for key, failure in held.failures.items() if key != tenant}
        self.held = replace(held, releases={**held.releases, tenant: release}, failures=failures)

    def fail(self, tenant: int, failure: Failure) -> None:
        """Note that a release did not load; what is served stays."""
        self.held = replace(self.held, failures={**self.held.failures, tenant: failure})

    def know(self, keyring: Keyring, slugs: Mapping[int, str]) -> None:
        """Take over keys and tenants; what belongs to tenants that are gone goes."""
        held = self.held
        releases = {tenant: release for tenant, release in held.releases.items() if tenant in slugs}
        failures = {tenant: failure for tenant, failure in held.failures.items() if tenant in slugs}
        self.held = replace(held, keyring=keyring, slugs=dict(slugs), releases=releases, failures=failures)

    def forget(self, tenant: int) -> None:
        """Serve nothing for a tenant that has no release any more."""
        held = self.held
        releases = {key: release for key, release in held.releases.items() if key != tenant}
        failures = {key: failure for key, failure in held.failures.items() if key != tenant}
        self.held = replace(held, releases=releases, failures=failures)

    def loaded(self) -> None:
        if not self.held.loaded:
            self.held = replace(self.held, loaded=True)
