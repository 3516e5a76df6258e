"""What is told of releases. Services call this, in their transactions."""

from django.urls import reverse

from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from scoring.models import Release
from tenants.models import Person


def tell_of_release(event: Event, release: Release, *, actor: Person | None, text: str) -> None:
    """Notify of a release that was undone, does not load, or was published without review."""
    change = getattr(release, "change_request", None)  # a release without one was published directly
    tell(
        event,
        tenant=release.tenant,
        subject=f"{release.tenant}: release {release.number}",
        page=reverse("console:release", kwargs={"tenant": release.tenant.slug, "number": release.number}),
        text=text,
        data={
            "release": release.number,
            "change": change.number if change else None,
            "by": actor.email if actor else None,
            "reason": text,
        },
        author=change.author if change else None,
        without=[actor] if event is Event.ROLLED_BACK else [],
    )
