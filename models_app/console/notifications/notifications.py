"""Webhooks, and what became of each notification: of a tenant, and (for platform admins) of the platform itself."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from models_app.console.ui.actions import ActionForm
from models_app.console.ui.credentials import CredentialForm, CredentialsPage
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import SharedPage, TenantPage
from models_app.console.ui.panels import Cell, Facts, Note, Panel, badge, opens, several, when
from models_app.console.ui.quiet_hours import QuietHoursFields, initial, zones
from models_app.console.ui.tables import Column, Table
from models_app.notifications import selectors, webhooks
from models_app.notifications.events import KINDS, SUBSCRIBABLE, Event
from models_app.notifications.filters import DeliveryFilters
from models_app.notifications.models import Delivery, Webhook
from tenants import services
from tenants.permissions import may
from tenants.roles import Permission

EVENTS = [(each, f"{each}: {KINDS[Event(each)].words}") for each in SUBSCRIBABLE]


def manages(page: Any) -> bool:
    """Whether the page's person may set up webhooks: for the tenant, or for the platform."""
    return may(page.person, Permission.MANAGE_TENANT if page.tenant else Permission.MANAGE_PLATFORM, page.tenant)


class WebhookForm(CredentialForm):
    in_dialog = True

    def is_offered(self) -> bool:
        return manages(self.page)

    def webhooks(self) -> QuerySet[Webhook]:
        return selectors.webhooks(self.page.tenant)


QUIET = [("", "called at any time"), ("held", "held for the end of the tenant's quiet hours, unless urgent")]


class SetQuietHours(QuietHoursFields, ActionForm[TenantPage]):
    in_dialog = True
    name, label, title, needs = "quiet", "Save", "Set quiet hours", Permission.MANAGE_TENANT
    service_names = {"quiet_hours": "quiet_begin"}
    hint = (
        "In these hours the tenant's people get no e-mail of what is not urgent, unless they have quiet hours of their "
        "own, and webhooks that keep them are not called."
    )

    def prepare(self) -> None:
        self.offer(quiet_zone=zones())

    def initial_values(self) -> Mapping[str, Any]:
        return initial(self.page.tenant.quiet_hours)

    def perform(self) -> None:
        changes = {"quiet_hours": self.text()}
        services.change_tenant(tenant=self.page.tenant, changes=changes, actor=self.page.person)


class CreateWebhook(WebhookForm):
    prominent = True
    name, label, title = "create", "Create webhook", "New webhook"
    hint = "The signing secret is shown once, when the webhook is created."
    url = forms.CharField(
        label="URL", max_length=2000, help_text="An address that accepts POST requests, such as https://…"
    )
    events = forms.MultipleChoiceField(choices=EVENTS, widget=forms.CheckboxSelectMultiple)
    quiet = forms.ChoiceField(label="In quiet hours", required=False, choices=QUIET)

    def perform(self) -> HttpResponse:
        data = self.cleaned_data
        given = {"url": data["url"], "events": data["events"], "keeps_quiet_hours": bool(data["quiet"])}
        _, secret = webhooks.create_webhook(actor=self.page.person, tenant=self.page.tenant, **given)
        return self.show(secret)


class _OneWebhook(WebhookForm):
    from_rows = True
    webhook = forms.ChoiceField()

    def prepare(self) -> None:
        assert isinstance(self.page, NotificationsPage)
        self.offer(webhook=[(str(row.pk), row.url) for row in self.page.webhooks])

    def chosen(self) -> Webhook:
        return get_object_or_404(self.webhooks(), pk=self.cleaned_data["webhook"])


class ChangeWebhook(_OneWebhook):
    name, label, title = "change", "Save", "Edit webhook"
    url = forms.CharField(label="URL", max_length=2000)
    events = forms.MultipleChoiceField(
        required=False,
        choices=EVENTS,
        widget=forms.CheckboxSelectMultiple,
        help_text="If none is chosen, the events stay as they are.",
    )
    quiet = forms.ChoiceField(label="In quiet hours", required=False, choices=QUIET)

    def perform(self) -> None:
        changes = {name: self.cleaned_data[name] for name in ("url", "events") if self.cleaned_data[name]}
        changes["keeps_quiet_hours"] = bool(self.cleaned_data["quiet"])
        webhooks.change_webhook(actor=self.page.person, webhook=self.chosen(), changes=changes)


class SwitchWebhook(_OneWebhook):
    name, label, title = "switch", "Save", "Turn webhook on or off"
    hint = "Events that happen while a webhook is off are not sent to it, now or later."
    is_active = forms.ChoiceField(label="State", choices=[("on", "on"), ("off", "off")])

    def perform(self) -> None:
        changes = {"is_active": self.cleaned_data["is_active"] == "on"}
        webhooks.change_webhook(actor=self.page.person, webhook=self.chosen(), changes=changes)


class TestWebhook(_OneWebhook):
    name, label, title = "test", "Send test", "Send test"
    success = "Test sent. Deliveries show the result."

    def perform(self) -> None:
        webhooks.send_test(actor=self.page.person, webhook=self.chosen())


class RotateSecret(_OneWebhook):
    name, label, title = "rotate", "Create new secret", "New secret"
    warning = "The old secret stops signing at once. The receiver refuses deliveries until it has the new one."

    def perform(self) -> HttpResponse:
        return self.show(webhooks.rotate_secret(actor=self.page.person, webhook=self.chosen())[1])


class RemoveWebhook(_OneWebhook):
    name, label, title, danger = "remove", "Remove", "Remove webhook", True
    warning, success = "Remove this webhook and its log of deliveries? This cannot be undone.", "Removed."

    def perform(self) -> None:
        webhooks.remove_webhook(actor=self.page.person, webhook=self.chosen())


class Redeliver(ActionForm):
    in_dialog = from_rows = True
    name, label, title = "redeliver", "Send again", "Send again"
    hint = "The delivery is sent now under the same id, by which receivers recognise repeats."
    success = "Delivery sent."
    delivery = forms.IntegerField(widget=forms.HiddenInput)

    def is_offered(self) -> bool:
        return manages(self.page)

    def perform(self) -> None:
        rows = selectors.deliveries(self.page.tenant)
        delivery = get_object_or_404(rows, pk=self.cleaned_data["delivery"])
        webhooks.redeliver(actor=self.page.person, delivery=delivery)


class NotificationsPage(CredentialsPage):
    title = "Notifications"
    actions: ClassVar[Sequence[type[ActionForm[Any]]]] = (
        CreateWebhook, ChangeWebhook, SwitchWebhook, TestWebhook, RotateSecret, RemoveWebhook, Redeliver,
    )  # fmt: skip

    @cached_property
    def webhooks(self) -> list[Webhook]:
        """What its acts can be done to."""
        return list(selectors.webhooks(self.tenant))

    def render(self) -> HttpResponse:
        self.__dict__.pop("webhooks", None)  # there may be one more now
        return super().render()

    def panels(self) -> Iterable[Panel]:
        if not manages(self):
            yield Note("Admins set up webhooks and see deliveries here. Your own e-mail setting is on “My account”.")
            return
        yield from self.once("New secret")
        if self.tenant is not None:
            yield Facts([("Quiet hours", Cell(self.tenant.quiet_hours or "none"))])
        yield self._webhooks()
        yield self._deliveries()

    def _webhooks(self) -> Panel:
        return Table(
            WEBHOOKS,
            self.webhooks,
            title="Webhooks",
            empty="No webhooks yet. Create one to notify a program.",
            next_link=("New webhook", "#create"),
        )

    def _deliveries(self) -> Panel:
        listing = Listing(self.request, selectors.deliveries(self.tenant), DELIVERIES, DeliveryFilters)
        return listing.table(title="Deliveries", empty="No deliveries yet.")


class Notifications(NotificationsPage, TenantPage):
    tab = "notifications"
    actions = (*NotificationsPage.actions, SetQuietHours)
    intro = "Webhooks notify programs; e-mails notify people according to their roles."


class PlatformNotifications(NotificationsPage, SharedPage):
    needs = Permission.MANAGE_PLATFORM
    intro = "Platform webhooks receive the events of all tenants."


def _acts(row: Webhook) -> Cell:
    other = "off" if row.is_active else "on"
    return several(
        opens("Test", "test", webhook=row.pk),
        opens("Edit", "change", webhook=row.pk, url=row.url, quiet="held" if row.keeps_quiet_hours else ""),
        opens(f"Turn {other}", "switch", webhook=row.pk, is_active=other),
        opens("New secret", "rotate", webhook=row.pk),
        opens("Remove", "remove", grave=True, webhook=row.pk),
    )


def _to(row: Delivery) -> str:
    return row.webhook.url if row.webhook else str(row.person)


def _acts_of_delivery(row: Delivery) -> Cell:
    return opens("Send again", "redeliver", delivery=row.pk, about=f"{row.notification.title}, to {_to(row)}")


def _state(row: Delivery) -> Cell:
    tone = {Delivery.State.DELIVERED: "good", Delivery.State.GIVEN_UP: "bad"}.get(Delivery.State(row.state), "wait")
    return Cell(row.state, kind="badge", tone=tone)


def _events(row: Webhook) -> Cell:
    """One word for all there are, for twenty names say no more and hide the rest of the row."""
    return Cell("all" if set(row.events) >= set(SUBSCRIBABLE) else ", ".join(row.events))


WEBHOOKS: Sequence[Column[Webhook]] = (
    Column("url", "URL", lambda row: Cell(row.url)),
    Column("events", "Events", _events),
    Column("state", "State", lambda row: badge("active" if row.is_active else "off")),
    Column("quiet", "Quiet hours", lambda row: Cell("kept" if row.keeps_quiet_hours else "–")),
    Column("made", "Created", lambda row: when(row.created_at)),
    Column("acts", "Actions", _acts),
)
DELIVERIES: Sequence[Column[Delivery]] = (
    Column(
        "what",
        "Notification",
        lambda row: Cell(row.notification.title, href=row.notification.page),
        "notification__title",
    ),
    Column("to", "To", lambda row: Cell(_to(row))),
    Column("state", "State", _state, sort="state"),
    Column("attempts", "Attempts", lambda row: Cell(row.attempts, kind="number"), sort="attempts"),
    Column("last-tried", "Last attempt", lambda row: when(row.tried_at), sort="tried_at"),
    Column("next", "Next attempt", lambda row: when(row.due_at if row.state == Delivery.State.WAITING else None)),
    Column("error", "Error", lambda row: Cell(row.error)),
    Column("acts", "Actions", _acts_of_delivery),
)
