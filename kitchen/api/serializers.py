"""The API's bodies."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from kitchen.models import Station, Ticket

WHEN = {
    "queued_at": "When the kitchen took its order in.",
    "started_at": "When it was started; null before. A recall leaves it.",
    "due_at": "When the timer finishes it, while it cooks at an automatic station; else null.",
    "done_at": "When it was done; null before, and while it cooks again.",
    "acknowledged_at": "When a cook took note that it was cancelled; null before.",
}


# Orders' lines have a component of the short name.
@extend_schema_serializer(component_name="TicketLine")
class LineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    options = serializers.ListField(child=serializers.CharField(), help_text="Names.")
    note = serializers.CharField(allow_blank=True)


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    order_id = serializers.UUIDField()
    number = serializers.IntegerField(source="order.number", help_text="What staff call out.")
    station = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    lines = LineSerializer(many=True)
    # As on the menu.
    prep_seconds = serializers.IntegerField(
        source="preparation_seconds", help_text="Of the dish that takes longest."
    )

    class Meta:
        model = Ticket
        fields = [
            "id",
            "order_id",
            "number",
            "station",
            "status",
            "lines",
            "prep_seconds",
            "queued_at",
            "started_at",
            "due_at",
            "done_at",
            "acknowledged_at",
        ]
        extra_kwargs = {name: {"help_text": text} for name, text in WHEN.items()}


class StationSerializer(serializers.ModelSerializer[Station]):
    capacity = serializers.IntegerField(
        allow_null=True, help_text="How many tickets cook at once; null: without limit."
    )
    queued = serializers.IntegerField(help_text="Tickets that wait.")
    cooking = serializers.IntegerField(help_text="Tickets that cook.")

    class Meta:
        model = Station
        fields = ["code", "name", "mode", "capacity", "is_open", "queued", "cooking"]
