"""The API's bodies."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from delivery.models import Courier, Delivery
from restaurant.bodies.text import SAID_PATTERN


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    number = serializers.IntegerField(help_text="What staff call out.")
    attempt = serializers.IntegerField(help_text="The first or the second; there is no third.")
    courier_id = serializers.UUIDField(allow_null=True)
    courier_name = serializers.CharField(
        source="courier.name", default=None, allow_null=True, help_text="Null while it waits."
    )

    class Meta:
        model = Delivery
        fields = [
            "order_id",
            "number",
            "status",
            "attempt",
            "courier_id",
            "courier_name",
            "address",
            "note",
            "due_at",
            "waiting_since",
            "assigned_at",
            "dispatched_at",
            "delivered_at",
            "failed_at",
            "failure_reason",
            "created_at",
            "updated_at",
        ]


class CourierSerializer(serializers.ModelSerializer[Courier]):
    user_id = serializers.UUIDField(allow_null=True, help_text="Their account, if they have one.")
    load_limit = serializers.IntegerField(
        allow_null=True, help_text="How many deliveries they carry at once; null: without limit."
    )
    load = serializers.IntegerField(help_text="Deliveries they carry now.")

    class Meta:
        model = Courier
        fields = ["id", "name", "phone", "user_id", "mode", "on_shift", "load_limit", "load"]


class FailedRequestSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=200,
        validators=[RegexValidator(SAID_PATTERN)],
        help_text="For dispatch. When the delivery is given up with it, the customer reads it too.",
    )
