"""Which deliveries and couriers a list shows."""

from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from delivery.models import Courier, Delivery
from restaurant.api import CommaSelect


class DeliveryFilter(filters.FilterSet):  # type: ignore[misc]
    courier = filters.UUIDFilter(field_name="courier_id", help_text="The courier's id.")
    status = filters.MultipleChoiceFilter(
        choices=Delivery.Status.choices, widget=CommaSelect, help_text="One or more, by comma."
    )

    class Meta:
        model = Delivery
        fields: list[str] = []


class CourierFilter(filters.FilterSet):  # type: ignore[misc]
    class Meta:
        model = Courier
        fields = ["mode", "on_shift"]
