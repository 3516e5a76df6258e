"""What Celery runs; each task only calls a service."""

from celery import shared_task
from django.conf import settings

from models_app.catalog import check
from models_app.changes import expiry
from models_app.changes.evidence import order
from models_app.changes.evidence.run import compute_evidence as _compute_evidence
from models_app.monitoring import quarantine
from models_app.notifications import delivering, retention
from models_app.replacements import services
from models_app.replacements.run import run_next_line as _run_next_line
from models_app.transforms import fits
from models_app.transforms.run import run_fit as _run_fit


@shared_task
def check_model(model_id: int) -> None:
    check.check_model(model_id)


@shared_task
def run_fit(tenant_id: int, fit_id: int) -> None:
    _run_fit(tenant_id, fit_id)


@shared_task
def resume_stalled_checks() -> int:
    return check.resume_stalled_checks()


@shared_task
def resume_stalled_fits() -> int:
    return fits.resume_stalled_fits()


@shared_task
def resume_stalled_evidence() -> int:
    return order.resume_stalled_evidence()


@shared_task
def expire_changes() -> int:
    return expiry.expire_changes()


@shared_task
def compute_evidence(tenant_id: int, evidence_id: int) -> None:
    _compute_evidence(tenant_id, evidence_id)


@shared_task
def run_next_line(proposal_id: int) -> None:
    _run_next_line(proposal_id)


@shared_task
def resume_stalled_proposals() -> int:
    return services.resume_stalled_proposals()


@shared_task(soft_time_limit=45)
def deliver(delivery_id: int) -> None:
    delivering.deliver(delivery_id)


@shared_task
def deliver_due() -> int:
    return delivering.deliver_due()


@shared_task
def tell_of_quarantined_tables() -> int:
    return quarantine.tell_of_quarantined_tables()


@shared_task
def forget_notifications() -> int:
    return retention.forget(days=settings.ENV["MUSE_NOTIFICATION_DAYS"])
