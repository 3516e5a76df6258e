"""Whose log-in was changed is told so, whoever did it: it may have been somebody else, in their name.

What is told of is what stands in the audit trail, so that no way of changing it is forgotten here.
"""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse

from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Person

_DONE = {
    AuditAction.SET_PASSWORD: "The password was set",
    AuditAction.ADD_SECOND_FACTOR: "{kind} added",
    AuditAction.REMOVE_SECOND_FACTOR: "{kind} removed",
    AuditAction.LINK_SIGN_ON: "Single sign-on was linked",
    AuditAction.UNLINK_SIGN_ON: "Single sign-on was unlinked",
}
_KINDS = {
    "totp": "An authenticator app was",
    "webauthn": "A passkey was",
    "recovery_codes": "Recovery codes were",
}
_WHAT_TO_DO = "If you did not expect this, tell an admin of the platform at once: they can lock your account."


@receiver(post_save, sender=AuditEntry)
def changed(sender: Any, instance: AuditEntry, created: bool, raw: bool = False, **_: Any) -> None:
    """Tell whose log-in it is, in the transaction of what was done."""
    if created and not raw and instance.act in _DONE and instance.subject_id is not None:
        _tell(instance, Person.objects.get(pk=instance.subject_id))


def _tell(entry: AuditEntry, person: Person) -> None:
    tell(
        Event.LOG_IN_CHANGED,
        tenant=None,
        subject=f"How {person.email} logs in",
        page=reverse("console:account"),
        text=f"{_sentence(entry)} {_WHAT_TO_DO}",
        data={"person": person.email, "act": entry.act},
        author=person,
    )


def _sentence(entry: AuditEntry) -> str:
    done = _DONE[AuditAction(entry.act)].format(kind=_KINDS.get(entry.details.get("kind", ""), "A second factor was"))
    by = f", by {entry.person}" if entry.person else ""
    return f"{done}{by}{f', from {entry.address}' if entry.address else ''}."
