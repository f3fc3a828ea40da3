"""Which orders a list shows."""

from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from orders.models import Order
from restaurant.api import CommaSelect


class OrderFilter(filters.FilterSet):  # type: ignore[misc]
    status = filters.MultipleChoiceFilter(
        choices=Order.Status.choices, widget=CommaSelect, help_text="One or more, by comma."
    )
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    customer = filters.UUIDFilter(field_name="customer_id", help_text="For staff.")

    class Meta:
        model = Order
        fields: list[str] = []
