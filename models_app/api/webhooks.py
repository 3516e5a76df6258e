"""/api/v1/tenants/{tenant}/webhooks and …/deliveries; without the tenant, the platform's own, told of all tenants."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.notifications import models, selectors, webhooks
from models_app.notifications.events import SUBSCRIBABLE
from models_app.notifications.filters import DeliveryFilters
from tenants.api.base import Input, PersonView
from tenants.roles import Permission


class WebhookBody(serializers.ModelSerializer[models.Webhook]):
    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = models.Webhook
        fields = ["id", "url", "events", "is_active", "keeps_quiet_hours", "created_at"]


class NewWebhookBody(WebhookBody):
    """`secret` signs what is sent. It is shown this once."""

    secret = serializers.CharField()

    class Meta(WebhookBody.Meta):
        fields = [*WebhookBody.Meta.fields, "secret"]


class DeliveryBody(serializers.ModelSerializer[models.Delivery]):
    event = serializers.CharField(source="notification.event")
    title = serializers.CharField(source="notification.title")
    webhook = serializers.IntegerField(source="webhook_id", allow_null=True)
    email = serializers.EmailField(source="person.email", allow_null=True, default=None)
    due_at = serializers.DateTimeField(help_text="While it waits: when it is tried next.")

    class Meta:
        model = models.Delivery
        fields = [
            "id", "event", "title", "webhook", "email", "state", "attempts", "error", "created_at", "tried_at",
            "due_at", "delivered_at",
        ]  # fmt: skip


class CreateWebhook(Input):
    url = serializers.CharField(max_length=2000)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=[(each, each) for each in SUBSCRIBABLE]), allow_empty=False, max_length=99
    )
    keeps_quiet_hours = serializers.BooleanField(
        required=False, help_text="Calls that are not urgent wait for the end of the tenant's quiet hours."
    )


class ChangeWebhook(CreateWebhook):
    is_active = serializers.BooleanField(required=False)


class Nothing(Input):
    """An act that needs no more than to be asked for."""


class WebhookView(PersonView):
    """A view of webhooks: of the tenant that the URL names, or of the platform, whose address only its admins have."""

    def webhook(self) -> models.Webhook:
        return get_object_or_404(selectors.webhooks(self.tenant), pk=self.kwargs["webhook"])

    def with_secret(self, pair: tuple[models.Webhook, str]) -> Response:
        webhook, secret = pair
        return Response({**WebhookBody(webhook).data, "secret": secret}, status=201)


class Webhooks(WebhookView):
    permissions = {"GET": Permission.MANAGE_TENANT, "POST": Permission.MANAGE_TENANT}

    @extend_schema(responses=WebhookBody(many=True))
    def get(self, request: Request, **place: Any) -> Response:
        """Who is called, and for which events."""
        return self.page(selectors.webhooks(self.tenant), WebhookBody)

    @extend_schema(request=CreateWebhook, responses={201: NewWebhookBody})
    def post(self, request: Request, **place: Any) -> Response:
        """Have an address called."""
        body = self.body(CreateWebhook)
        return self.with_secret(webhooks.create_webhook(actor=self.person, tenant=self.tenant, **body))


class Webhook(WebhookView):
    permissions = {"PATCH": Permission.MANAGE_TENANT, "DELETE": Permission.MANAGE_TENANT}

    @extend_schema(request=ChangeWebhook, responses=WebhookBody)
    def patch(self, request: Request, **place: Any) -> Response:
        """Change what is given."""
        changes = self.body(ChangeWebhook, partial=True)
        changed = webhooks.change_webhook(actor=self.person, webhook=self.webhook(), changes=changes)
        return Response(WebhookBody(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **place: Any) -> Response:
        """Take it out, with the log of its deliveries."""
        webhooks.remove_webhook(actor=self.person, webhook=self.webhook())
        return Response(status=204)


class WebhookSecret(WebhookView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    @extend_schema(request=Nothing, responses={201: NewWebhookBody})
    def post(self, request: Request, **place: Any) -> Response:
        """A new secret; the old one signs nothing any more."""
        webhook = self.webhook()
        self.body(Nothing)
        return self.with_secret(webhooks.rotate_secret(actor=self.person, webhook=webhook))


class WebhookTest(WebhookView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    @extend_schema(request=Nothing, responses={202: DeliveryBody})
    def post(self, request: Request, **place: Any) -> Response:
        """Send a test; its delivery tells how it went."""
        webhook = self.webhook()
        self.body(Nothing)
        return Response(DeliveryBody(webhooks.send_test(actor=self.person, webhook=webhook)).data, status=202)


class Deliveries(WebhookView):
    permissions = {"GET": Permission.MANAGE_TENANT}
    filters = DeliveryFilters

    @extend_schema(responses=DeliveryBody(many=True))
    def get(self, request: Request, **place: Any) -> Response:
        """What was sent, is tried again, or was given up, newest first."""
        return self.page(selectors.deliveries(self.tenant), DeliveryBody)


class Redelivery(WebhookView):
    permissions = {"POST": Permission.MANAGE_TENANT}

    @extend_schema(request=Nothing, responses={202: DeliveryBody})
    def post(self, request: Request, **place: Any) -> Response:
        """Send it again, now."""
        delivery = get_object_or_404(selectors.deliveries(self.tenant), pk=self.kwargs["delivery"])
        self.body(Nothing)
        again = webhooks.redeliver(actor=self.person, delivery=delivery)
        return Response(DeliveryBody(again).data, status=202)


class PlatformWebhooks(Webhooks):
    """The platform's own webhooks, told of all tenants."""

    shared = True
    permissions = dict.fromkeys(Webhooks.permissions, Permission.MANAGE_PLATFORM)


class PlatformWebhook(Webhook):
    """One of the platform's own webhooks."""

    shared = True
    permissions = dict.fromkeys(Webhook.permissions, Permission.MANAGE_PLATFORM)


class PlatformWebhookSecret(WebhookSecret):
    shared = True
    permissions = dict.fromkeys(WebhookSecret.permissions, Permission.MANAGE_PLATFORM)


class PlatformWebhookTest(WebhookTest):
    shared = True
    permissions = dict.fromkeys(WebhookTest.permissions, Permission.MANAGE_PLATFORM)


class PlatformDeliveries(Deliveries):
    """What was sent to the platform's own webhooks."""

    shared = True
    permissions = dict.fromkeys(Deliveries.permissions, Permission.MANAGE_PLATFORM)


class PlatformRedelivery(Redelivery):
    shared = True
    permissions = dict.fromkeys(Redelivery.permissions, Permission.MANAGE_PLATFORM)
