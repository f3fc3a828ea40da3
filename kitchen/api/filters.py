"""Which tickets and stations a list shows."""

from django.conf import settings
from django.db.models import QuerySet
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from kitchen.models import Station, Ticket
from restaurant.api import CommaSelect, Filters, TrueOrFalse
from restaurant.moments import After, Before

# An order that reaches the kitchen later than this is not known to be new any more.
BY_ORDER = {"ids": "order_id", "late": settings.INBOX_RETENTION}


class TicketFilter(Filters):
    station = filters.CharFilter(field_name="station__code", help_text="The station's code.")
    status = filters.MultipleChoiceFilter(
        choices=Ticket.Status.choices, widget=CommaSelect, help_text="One or more, by comma."
    )
    order = filters.UUIDFilter(field_name="order_id", help_text="The order's id.")
    acknowledged = TrueOrFalse(
        method="of_cancelled",
        help_text="Cancelled tickets alone: `false` for those that no cook took note of yet.",
    )
    queued_after = After("queued_at", **BY_ORDER)
    queued_before = Before("queued_at", **BY_ORDER)

    class Meta:
        model = Ticket
        fields: list[str] = []

    def of_cancelled(
        self, tickets: QuerySet[Ticket], _name: str, acknowledged: bool
    ) -> QuerySet[Ticket]:
        # Both, lest an index serves neither: one has the status, the other the time.
        cancelled = tickets.filter(status=Ticket.Status.CANCELLED, cancelled_at__isnull=False)
        return cancelled.filter(acknowledged_at__isnull=not acknowledged)


class StationFilter(Filters):
    is_open = TrueOrFalse(help_text="Whether the station takes orders.")

    class Meta:
        model = Station
        fields = ["mode"]
