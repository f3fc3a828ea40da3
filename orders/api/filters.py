"""Which orders a list shows."""

from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from orders.models import Order
from restaurant.api import CommaSelect, Filters
from restaurant.moments import After, Before


class OrderFilter(Filters):
    # Others see their own orders whoever they name.
    rights = {"customer": "orders.view_order"}
    status = filters.MultipleChoiceFilter(
        choices=Order.Status.choices, widget=CommaSelect, help_text="One or more, by comma."
    )
    created_after = After("created_at")
    created_before = Before("created_at")
    customer = filters.UUIDFilter(
        field_name="customer_id",
        help_text=(
            "For staff: a customer's id, which the address of their page on the staff site has."
        ),
    )

    class Meta:
        model = Order
        fields: list[str] = []
