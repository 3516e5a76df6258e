"""Which incidents stand once all intents are judged together; a periodic task says so.

An incident is opened by its own intent's look, at a false alarm a year of each intent: of a thousand intents, three a
day. Looks come one after another, and none knows what the others will find. So what they have found is judged at one
moment, by each intent's latest look: at any such moment few of the incidents that stand are false.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from models_app.incidents.models import Incident
from models_app.monitors.models import Monitor
from models_app.monitors.order import LOOKED_BACK, last_hour
from models_app.statistics.monitors.deciding import standing
from tenants.scope import platform_scope


def judge_incidents(*, now: datetime | None = None) -> int:
    """Say of each incident that goes on whether it stands; how many intents do. Those not looked at lately do not."""
    since = last_hour(now or timezone.now()) - LOOKED_BACK
    with platform_scope():
        rows = Monitor.objects.filter(looked_at__gt=since).values_list("intent", "a_year")
        found = {intent: float("inf") if a_year is None else a_year for intent, a_year in rows}
        intents = standing(found, settings.ENV["MUSE_FALSE_ALARMS_A_YEAR"])
        going_on = Incident.objects.filter(state__in=Incident.GOING_ON)
        going_on.filter(intent__in=intents, stands=False).update(stands=True)
        going_on.exclude(intent__in=intents).filter(stands=True).update(stands=False)
    return len(intents)
