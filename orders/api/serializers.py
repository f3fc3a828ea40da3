"""The API's bodies, for its schema and its forms. `orders.requests` and `represent` do the work."""

from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.models import Order
from orders.requests import MOST_LINES
from restaurant.bodies.text import PATTERN, SAID_PATTERN


# As the service writes it; the library's own pattern takes "" and "5" too.
@extend_schema_field(
    {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,10}\.[0-9]{2}$"}
)
class _MoneyField(serializers.DecimalField):
    """An amount with two decimal places."""


def _money(**options: Any) -> _MoneyField:
    return _MoneyField(max_digits=12, decimal_places=2, **options)


def _text(pattern: str = PATTERN, **options: Any) -> serializers.CharField:
    return serializers.CharField(validators=[RegexValidator(pattern)], **options)


class LineRequestSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=99)
    options = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=50,
        help_text="SKUs of the chosen options.",
    )
    note = _text(required=False, allow_blank=True, max_length=500)


class OrderRequestSerializer(serializers.Serializer[Any]):
    lines = serializers.ListField(
        child=LineRequestSerializer(), min_length=1, max_length=MOST_LINES
    )
    address = _text(SAID_PATTERN, max_length=300)
    note = _text(required=False, allow_blank=True, max_length=500)


class CancelRequestSerializer(serializers.Serializer[Any]):
    reason = _text(required=False, allow_blank=True, max_length=500)


class AvailabilityRequestSerializer(serializers.Serializer[Any]):
    available = serializers.BooleanField(help_text="`false` takes the dish off the menu.")


class AvailabilitySerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    available = serializers.BooleanField()
    changed = serializers.BooleanField(help_text="Whether it was otherwise before.")


class LineOptionSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    group = serializers.CharField()
    price = _money(help_text="Difference it makes; may be negative.")


class LineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    options = LineOptionSerializer(many=True)
    unit_price = _money(help_text="Of one, options included.")
    total = _money()
    note = serializers.CharField(allow_blank=True)


class OrderSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="UUIDv7.")
    number = serializers.IntegerField(help_text="What staff call out.")
    status = serializers.ChoiceField(Order.Status.choices)
    cancel_requested = serializers.BooleanField()
    currency = serializers.CharField(help_text="ISO 4217.")
    total = _money()
    lines = LineSerializer(many=True)
    address = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TimelineEntrySerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="The event, as `order_cooked`.")
    status = serializers.ChoiceField(
        Order.Status.choices, allow_null=True, help_text="The status it stands for, if any."
    )
    at = serializers.DateTimeField()
    detail = serializers.DictField(
        help_text=(
            "What else there is to say, by `type`, as `docs/reference/events.md` tells; `{}` when"
            " nothing. What the kitchen refuses has a `reason`, in English, and a `code`:"
            " `station_closed`, with the `stations` that are, or `already_cooked`."
        )
    )


class EventSerializer(TimelineEntrySerializer):
    sequence = serializers.IntegerField(help_text="Its number, from 1; the same for ever.")
    order_status = serializers.ChoiceField(
        Order.Status.choices, help_text="How far the order had come with it."
    )


class OptionSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    price = _money(help_text="Difference it makes; may be negative.")


class OptionGroupSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    min = serializers.IntegerField(help_text="How many must be chosen.")
    max = serializers.IntegerField(help_text="How many may be chosen.")
    options = OptionSerializer(many=True)


class MenuItemSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    price = _money()
    station = serializers.CharField()
    prep_seconds = serializers.IntegerField()
    available = serializers.BooleanField()
    option_groups = OptionGroupSerializer(many=True)
    picture = serializers.CharField(
        allow_null=True,
        help_text=(
            "URL of a WebP picture, relative to the menu's own (RFC 3986, 5), as"
            " `/media/menu/….webp`; absolute where another host has it. Its content never changes."
        ),
    )
    thumbnail = serializers.CharField(
        allow_null=True, help_text="URL of the same, small; relative as well."
    )


class CategorySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    items = MenuItemSerializer(many=True)


class MenuSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField(help_text="ISO 4217.")
    categories = CategorySerializer(many=True)
