"""What lists of deliveries are narrowed by."""

from collections.abc import Sequence

from django_filters import FilterSet

from models_app.notifications.models import Delivery
from tenants.filters import Choice, Search, same


class DeliveryFilters(FilterSet):
    q = Search("notification__title", "webhook__url", "person__email")
    state = Choice(same(Delivery.State.values), help_text="Only deliveries in this state.")

    class Meta:
        model = Delivery
        fields: Sequence[str] = ()
