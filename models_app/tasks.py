"""What Celery runs; each task only calls a service."""

from celery import shared_task
from django.conf import settings

from models_app.changes import expiry
from models_app.changes.decision_changes import retention as retention_of_decision_changes
from models_app.changes.evidence import renewal
from models_app.changes.track_record import came
from models_app.monitoring import degraded, quarantine
from models_app.monitors import order, over_intents
from models_app.notifications import delivering, password_links, retention
from models_app.refreshes import order as order_of_refreshes
from models_app.refreshes import taking_back
from models_app.sign_in import factors
from models_app.successors import order as order_of_trials
from models_app.work import workers

# By these names an earlier version sent work. Its rows are found again, as others are whose message was lost.
EARLIER = (
    *("check_model", "run_fit", "compute_evidence", "run_next_line", "resume_stalled_checks"),
    *("resume_stalled_fits", "resume_stalled_evidence", "resume_stalled_proposals"),
)


@shared_task
def run_work(kind: str, tenant_id: int, row_id: int) -> None:
    workers.run_work(kind, tenant_id, row_id)


@shared_task
def resume_stalled_work() -> int:
    return workers.resume_stalled_work()


@shared_task
def expire_changes() -> int:
    return expiry.expire_changes()


@shared_task
def renew_evidence() -> int:
    return renewal.renew_evidence()


@shared_task
def write_down_what_came() -> int:
    return came.write_down_what_came()


@shared_task(soft_time_limit=45)
def deliver(delivery_id: int) -> None:
    delivering.deliver(delivery_id)


@shared_task(soft_time_limit=45)
def send_password_link(person_id: int) -> None:
    password_links.deliver_link(person_id)


@shared_task
def send_recovery_link(person_id: int, admin_id: int) -> None:
    factors.deliver_recovery_link(person_id, admin_id)


@shared_task
def deliver_due() -> int:
    return delivering.deliver_due()


@shared_task
def tell_of_quarantined_tables() -> int:
    return quarantine.tell_of_quarantined_tables()


@shared_task
def tell_of_degraded_events() -> int:
    return degraded.tell_of_degraded()


@shared_task
def forget_notifications() -> int:
    return retention.forget(days=settings.ENV["MUSE_NOTIFICATION_DAYS"])


@shared_task
def forget_decision_changes() -> int:
    return retention_of_decision_changes.forget(days=settings.ENV["MUSE_RETENTION_DAYS"])


@shared_task
def order_looks() -> int:
    return order.order_looks()


@shared_task
def judge_incidents() -> int:
    return over_intents.judge_incidents()


@shared_task
def forget_looks() -> int:
    return order.forget_looks()


@shared_task
def order_refreshes() -> int:
    return order_of_refreshes.order_refreshes()


@shared_task
def take_back_strayed() -> int:
    return taking_back.take_back_strayed()


@shared_task
def order_trials() -> int:
    return order_of_trials.order_trials()


def _sent_earlier(*_: int) -> int:
    return workers.resume_stalled_work()


for _name in EARLIER:
    shared_task(name=f"{__name__}.{_name}")(_sent_earlier)
