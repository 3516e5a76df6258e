"""What is told of fits. Services call this, in their transactions."""

from django.urls import reverse

from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from models_app.transforms.models import Fit


def tell_of_fit(fit: Fit) -> None:
    tell(
        Event.FIT_FAILED,
        tenant=fit.tenant,
        subject=f"{fit.tenant}: fit {fit.pk} of {fit.intent.name} with {fit.predictor.key}",
        page=reverse("console:fit", kwargs={"tenant": fit.tenant.slug, "fit": fit.pk}),
        text=fit.error,
        data={"fit": fit.pk, "intent": fit.intent.name, "predictor": fit.predictor.key, "error": fit.error},
        author=fit.created_by,
    )
