"""Having refreshes made as they are due; a periodic task does."""

from datetime import datetime, timedelta

from django.utils import timezone

from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.refreshes.schedule import latest_due
from models_app.work.workers import give_out_after_commit
from tenants.scope import platform_scope, tenant_scope

SETTLED = timedelta(minutes=3)  # events are written a little after they were scored


def order_refreshes(*, now: datetime | None = None) -> int:
    """Ask for each policy's latest refresh that is due and was not asked for yet; how many.

    What was missed before that is not made up for. Two at once, or a clock that goes back, ask for none twice.
    """
    at = (now or timezone.now()) - SETTLED
    with platform_scope():
        policies = list(RefreshPolicy.objects.filter(enabled=True))
        latest = {each.pk: latest_due(each.schedule, at) for each in policies}
        asked = set(Refresh.objects.filter(due__in=set(latest.values())).values_list("policy", "due"))
    wanted = [each for each in policies if (each.pk, latest[each.pk]) not in asked]
    return sum(_order(each, latest[each.pk]) for each in wanted if latest[each.pk] >= each.since)


def _order(policy: RefreshPolicy, due: datetime) -> bool:
    """Whether it was asked for here: not while another of this policy is under way, nor where a later one was made."""
    with tenant_scope(policy.tenant_id):
        rows = RefreshPolicy.objects.select_for_update(no_key=True, of=("self",))
        policy = rows.get(pk=policy.pk)
        before = Refresh.objects.filter(policy=policy)
        if not policy.enabled or before.filter(state__in=Refresh.ACTIVE).exists():
            return False
        if before.filter(due__gte=due, due__lte=timezone.now()).exists():
            return False
        refresh, is_new = Refresh.objects.get_or_create(
            policy=policy, due=due, defaults={"tenant_id": policy.tenant_id}
        )
        if is_new:
            give_out_after_commit(refresh)
    return is_new
