"""Which deliveries and couriers a list shows."""

from django.conf import settings
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from delivery.models import Courier, Delivery
from restaurant.api import CommaSelect, Filters, TrueOrFalse
from restaurant.moments import After, Before

# Two services may each hear so late of an order; later it is not known to be new any more.
BY_ORDER = {"ids": "order_id", "late": 2 * settings.INBOX_RETENTION}


class DeliveryFilter(Filters):
    courier = filters.UUIDFilter(field_name="courier_id", help_text="The courier's id.")
    status = filters.MultipleChoiceFilter(
        choices=Delivery.Status.choices, widget=CommaSelect, help_text="One or more, by comma."
    )
    created_after = After("created_at", **BY_ORDER)
    created_before = Before("created_at", **BY_ORDER)

    class Meta:
        model = Delivery
        fields: list[str] = []


class CourierFilter(Filters):
    on_shift = TrueOrFalse(help_text="Whether the courier is on shift.")

    class Meta:
        model = Courier
        fields = ["mode"]
