"""Which orders a list shows."""

from typing import Any

from django import forms
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from orders.models import Order


class CommaSelect(forms.SelectMultiple):
    """Takes `?status=placed,cooking` as well as `?status=placed&status=cooking`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [part for value in values for part in value.split(",") if part]


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
