"""The API's bodies."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from delivery.models import Courier, Delivery
from restaurant.bodies.text import SAID_PATTERN

Status = Delivery.Status
WHEN = {
    "due_at": (
        "When the timer takes the next step: while `assigned`, the courier leaves; while"
        " `out_for_delivery`, they are there. Null in other states, and when a manual courier has"
        " it: people tell of each step."
    ),
    "waiting_since": "Since when it waits for a courier; null when it does not.",
    "assigned_at": "When it was given to the courier who has it; null when nobody has.",
    "dispatched_at": "When the courier left with it, in this try (`attempt`); null before.",
    "delivered_at": "When the customer had it; null before.",
    "failed_at": (
        "When the last try that failed did so, or the delivery was given up; null when nothing"
        " failed. That of the first stays while the second is made, and once it is delivered."
    ),
    "failure_reason": "Why, at `failed_at`: also for who tries again. Empty when nothing failed.",
    "created_at": "When delivery heard that the order is cooked.",
    "updated_at": "When any of this last changed.",
}


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    number = serializers.IntegerField(help_text="What staff call out.")
    attempt = serializers.IntegerField(
        help_text="Which try is made, or was the last: the first or the second."
    )
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
        extra_kwargs = {name: {"help_text": text} for name, text in WHEN.items()}

    def to_representation(self, delivery: Delivery) -> dict[str, Any]:
        """Tell the times of this try alone: the row keeps those of the first in the second."""
        told: dict[str, Any] = super().to_representation(delivery)
        if delivery.courier_id is None:
            told["assigned_at"] = None
        if not _has_left(delivery):
            told["dispatched_at"] = None
        return told


def _has_left(delivery: Delivery) -> bool:
    """Tell whether its courier has left with it in this try."""
    if delivery.status == Status.CANCELLED and delivery.courier_id is not None:
        # From either state: who had it for this try left after they were given it, or never.
        given, left = delivery.assigned_at, delivery.dispatched_at
        return given is not None and left is not None and left >= given
    return delivery.status in (Status.OUT_FOR_DELIVERY, Status.DELIVERED, Status.FAILED)


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
