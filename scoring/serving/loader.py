"""Brings what a process holds to what Postgres says: keys at once, then each release that has changed."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from django.db import Error as DatabaseError

from scoring.engine import document
from scoring.engine.breaker import Limits
from scoring.engine.compiled import CompiledRelease
from scoring.serving.keyring import Keyring
from scoring.serving.quotas import Quotas
from scoring.serving.state import Failure, State
from scoring.serving.trial import Trials
from scoring.store import artifacts
from scoring.store.artifacts import ModelSessions
from scoring.store.sources import Catalogue, DiskCopy, TenantRow, read_catalogue, read_document

TIDY_SECONDS = 3600.0
RETRY_SECONDS = 5.0  # what did not load may have been waiting for a file

logger = logging.getLogger(__name__)


class Loader:
    """One for each process; all of it runs in the watcher's thread.

    `waiting`: releases of these tenants wait for models that are being tried, and will be looked at again.
    """

    def __init__(self, state: State, quotas: Quotas, disk: DiskCopy, trials: Trials, limits: Limits) -> None:
        self._state = state
        self._quotas = quotas
        self._disk = disk
        self._trials = trials
        self._limits = limits
        self.waiting: set[int] = set()
        self._sessions = ModelSessions()
        self._catalogue: Catalogue | None = None
        self._retry_at: dict[int, float] = {}
        self._tidy_at = 0.0

    def refresh(self) -> bool:
        """Read Postgres and take over what has changed; returns whether anything has.

        Raises database errors. A release that does not load is noted in the state, and tried again later.
        """
        catalogue = read_catalogue()
        changed = catalogue != self._catalogue
        if changed:
            self._take_over(catalogue)
            _try_to_keep(self._disk.keep_catalogue, catalogue)
        self.waiting.clear()
        for tenant in self._to_load(catalogue):
            self._load_current(tenant)
            changed = changed or tenant.id not in self.waiting
        if not self.waiting:
            self._trials.forget()
        self._state.loaded()
        self._tidy(catalogue)
        return changed

    def load_from_disk(self) -> bool:
        """Start with what was served last, for Postgres is away; returns whether there was anything."""
        catalogue = self._disk.catalogue()
        if catalogue is None:
            return False
        self._take_over(catalogue)
        self._catalogue = None  # whatever Postgres says later, it is news
        for tenant, (number, text) in self._disk.releases(catalogue).items():
            self._load(tenant, number, text)
        self._state.loaded()
        return True

    def _take_over(self, catalogue: Catalogue) -> None:
        tenants = {tenant.id: tenant.quota for tenant in catalogue.tenants}
        self._quotas.set(tenants, {key.id: key.quota for key in catalogue.keys})
        of_days = {tenant.id: tenant.day_quota for tenant in catalogue.tenants}
        self._quotas.set_days(of_days, {key.id: key.day_quota for key in catalogue.keys})
        self._state.know(
            Keyring(catalogue.keys, catalogue.ended), {tenant.id: tenant.slug for tenant in catalogue.tenants}
        )
        self._catalogue = catalogue

    def _to_load(self, catalogue: Catalogue) -> list[TenantRow]:
        return [tenant for tenant in catalogue.tenants if self._is_behind(tenant)]

    def _is_behind(self, tenant: TenantRow) -> bool:
        held = self._state.held
        serves, failure = held.releases.get(tenant.id), held.failures.get(tenant.id)
        if failure is not None and failure.number == tenant.release:
            return time.monotonic() >= self._retry_at.get(tenant.id, 0.0)
        return (serves.number if serves else None) != tenant.release or failure is not None

    def _load_current(self, tenant: TenantRow) -> None:
        if tenant.release is None:
            self._state.forget(tenant.id)
        elif not self._follow(tenant.id, tenant.release) and tenant.id not in self._state.held.releases:
            self._fall_back(tenant.id)

    def _follow(self, tenant: int, number: int) -> bool:
        """Serve this release from now on; returns whether it is served."""
        try:
            text = read_document(tenant, number)
        except DatabaseError:
            raise
        except Exception as error:
            self._fail(tenant, number, error)
            return False
        served = self._load(tenant, number, text)
        if served:
            _try_to_keep(self._disk.keep_release, tenant, number, text)
        return served

    def _fall_back(self, tenant: int) -> None:
        """A process that has just started has no release before: what this machine served last takes its place."""
        failure, kept = self._state.held.failures.get(tenant), self._disk.release(tenant)
        if failure is not None and kept is not None and kept[0] != failure.number:
            self._load(tenant, *kept)
            self._state.fail(tenant, failure)

    def _load(self, tenant: int, number: int, text: str) -> bool:
        """Build a release, try it out, and only then serve it; returns whether it is served."""
        try:
            content = document.decode(text)
            models = _answering(content)
            if not self._may_be_loaded(models):
                self.waiting.add(tenant)
                return False
            release = CompiledRelease(content, number, self._sessions.load, self._limits)
            release.warm_up()
        except Exception as error:
            self._fail(tenant, number, error)
            return False
        self._state.serve(tenant, release)
        for model in models.values():
            _try_to_keep(artifacts.keep, model.digest)
        logger.info("Release %d of tenant %d is served.", number, tenant)
        return True

    def _tidy(self, catalogue: Catalogue) -> None:
        """Now and then remove the copies of models that nothing has named for long."""
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            _try_to_keep(artifacts.forget_copies, self._named(catalogue))

    def _named(self, catalogue: Catalogue) -> set[str]:
        """The digests of all models that releases name which are served, or may take their place after a start."""
        held = self._state.held.releases
        documents = [release.document for release in held.values()]
        for tenant, (number, text) in self._disk.releases(catalogue).items():
            if tenant not in held or held[tenant].number != number:
                with suppress(document.DocumentError):
                    documents.append(document.decode(text))
        return {model.digest for each in documents for model in each.models.values()}

    def _may_be_loaded(self, models: Mapping[str, document.Model]) -> bool:
        """Whether each of these models, that may answer, was seen to run on this machine.

        Before the first request there is time to wait.
        """
        return self._trials.passed(models, wait_for_them=not self._state.held.loaded)

    def _fail(self, tenant: int, number: int, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        self._retry_at[tenant] = time.monotonic() + RETRY_SECONDS
        self._state.fail(tenant, Failure(number, reason))
        logger.error("Release %d of tenant %d does not load, the one before goes on: %s", number, tenant, reason)


def _answering(content: document.ReleaseDocument) -> dict[str, document.Model]:
    """The models of all predictors that may answer, by key."""
    routes = [route for intent in content.intents.values() for route in intent.routes]
    predictors = {target.predictor for route in routes for target in route.answering}
    keys = {member.model for predictor in predictors for member in content.predictors[predictor].members}
    return {key: content.models[key] for key in sorted(keys)}


def _try_to_keep(keep: Callable[..., object], *arguments: object) -> None:
    """The copy on disk is for bad days; that it cannot be written must not stop a good one."""
    try:
        keep(*arguments)
    except (OSError, artifacts.ArtifactError) as error:
        logger.warning("The copy of what is served could not be written to disk: %s", error)
