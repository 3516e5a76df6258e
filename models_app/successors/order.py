"""Having trials judged once they are over and their labels are mature; a periodic task does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from models_app.catalog.selectors import predictor_by_key
from models_app.changes.models import ChangeRequest
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.successors.routes import Pair, pairs
from models_app.work.workers import give_out_after_commit
from scoring import releases
from scoring.engine import document as documents
from scoring.models import Release
from tenants.scope import platform_scope, tenant_scope


def order_trials(*, now: datetime | None = None) -> int:
    """Ask for each trial that is due and was not asked for yet; how many. Two at once ask for none twice."""
    at = now or timezone.now()
    with platform_scope():
        policies = list(SuccessorPolicy.objects.filter(enabled=True).values_list("tenant_id", "pk"))
    return sum(_order(tenant_id, pk, at) for tenant_id, pk in policies)


def _order(tenant_id: int, pk: int, at: datetime) -> int:
    with tenant_scope(tenant_id):
        rows = SuccessorPolicy.objects.select_for_update(no_key=True, of=("self",))
        policy = rows.select_related("tenant", "intent").get(pk=pk)
        due = list(_due(policy, at)) if policy.enabled else []
        for trial in due:
            trial.save()
            give_out_after_commit(trial)
    return len(due)


def _due(policy: SuccessorPolicy, at: datetime) -> Iterator[Trial]:
    """A trial for each shadow that stood beside what is live for as long as the policy says, and is not judged yet."""
    if policy.since + _takes(policy) > at:
        return
    live = releases.current(policy.tenant)
    for pair in sorted(pairs(documents.decode(live.document), policy.intent.name)) if live else ():
        earliest = _earliest(policy, pair)
        if earliest is None or earliest + _takes(policy) > at:
            continue
        begin = max(earliest, _together_since(policy, pair, earliest))
        if begin + _takes(policy) <= at:
            yield _trial(policy, pair, begin)


def _takes(policy: SuccessorPolicy) -> timedelta:
    """From when a trial begins to when its labels are mature, by the intent's rule."""
    return policy.length + timedelta(days=policy.intent.label_maturity_days)


def _earliest(policy: SuccessorPolicy, pair: Pair) -> datetime | None:
    """When the next trial may begin: where the last one ended. None while that is judged, or waits for people."""
    trials = Trial.objects.filter(policy=policy, shadow=predictor_by_key(pair[1], "shadow"))
    waiting = trials.filter(change_request__state__in=ChangeRequest.OPEN)
    if trials.filter(state__in=Trial.ACTIVE).exists() or waiting.exists():
        return None
    last = trials.order_by("-end").values_list("end", flat=True).first()
    return policy.since if last is None else max(policy.since, last)


def _together_since(policy: SuccessorPolicy, pair: Pair, earliest: datetime) -> datetime:
    """Since when each release has had both in these places, as far back as is of interest."""
    rows = Release.objects.filter(tenant=policy.tenant).order_by("-number").values_list("published_at", "document")
    since = timezone.now()
    for published_at, text in rows.iterator(chunk_size=20):
        if pair not in pairs(documents.decode(text), policy.intent.name):
            break
        since = published_at
        if since <= earliest:
            break
    return since


def _trial(policy: SuccessorPolicy, pair: Pair, begin: datetime) -> Trial:
    live, shadow = (predictor_by_key(key, "predictor") for key in pair)
    times = {"begin": begin, "end": begin + policy.length, "due": begin + _takes(policy)}
    return Trial(tenant=policy.tenant, policy=policy, live=live, shadow=shadow, **times)
