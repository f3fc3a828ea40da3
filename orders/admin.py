from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
)

from orders.late import is_late
from orders.menu import admin as menu_admin
from orders.models import (
    DeadLetter,
    IdempotencyKey,
    InboxMessage,
    MenuVersion,
    Order,
    OrderLine,
    OutboxMessage,
    RefusalCount,
    TimelineEntry,
)
from restaurant.admin_parts import (
    DeadLetterPage,
    InboxPage,
    OutboxPage,
    RangeFilter,
    ReadOnlyPage,
    badge,
    by_ids,
    flag,
)
from restaurant.amounts import shown

__all__ = ["menu_admin"]

ORDER_COLOURS = {
    "accepted": "info",
    "cooking": "warning",
    "cooked": "warning",
    "out_for_delivery": "primary",
    "delivered": "success",
    "cancelled": "danger",
    "rejected": "danger",
    "delivery_failed": "danger",
}


class OverdueFilter(admin.SimpleListFilter):
    title = _("overdue")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(is_late(timezone.now())) if self.value() == "yes" else queryset


@admin.register(Order)
class OrderAdmin(ReadOnlyPage):
    """The list of orders. An order's own page looks across services: the front of house has it."""

    list_display = (
        "__str__",
        "status_badge",
        "marks",
        "sum",
        "address",
        "created_at",
        "updated_at",
    )
    list_filter = (
        ("status", ChoicesCheckboxFilter),
        OverdueFilter,
        ("cancel_requested", BooleanRadioFilter),
        ("created_at", by_ids("public_id")),
    )
    ordered_by = {"created_at": "public_id"}
    search_ids = ("public_id", "customer_id")
    search_numbers = ("id",)
    search_help_text = _("A number, an order's id or a customer's id")
    status_badge = badge("status", ORDER_COLOURS, title=_("status"))
    marks = flag(
        "marks",
        lambda order: (
            _("overdue")
            if order.overdue_since
            else _("cancel requested")
            if order.cancel_requested
            else None
        ),
        "danger",
        title=_("marks"),
    )

    @admin.display(description=_("total"), ordering="total")
    def sum(self, order: Order) -> str:
        return shown(order.total, order.currency)


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyPage):
    list_display = ("order", "quantity", "name", "price", "station")
    list_select_related = ("order",)
    # Shown as an amount, which the field itself is not.
    exclude = ("unit_price",)
    readonly_fields = ("price",)
    list_filter = (
        ("order__created_at", by_ids("order__public_id")),
        ("order__status", ChoicesCheckboxFilter),
    )
    ordered_by = {"order__created_at": "order__public_id"}
    search_numbers = ("order_id",)
    # As it was written, so that an index has it.
    search_fields = ("sku__exact",)

    @admin.display(description=_("price"), ordering="unit_price")
    def price(self, line: OrderLine) -> str:
        return shown(line.unit_price, line.order.currency)


@admin.register(TimelineEntry)
class TimelineAdmin(ReadOnlyPage):
    list_display = ("order", "type", "at", "event_id")
    list_select_related = ("order",)
    list_filter = (("at", by_ids("event_id")),)
    # As they came: by the time when they were decided, no index has all orders' entries.
    ordering = ("-id",)
    ordered_by = {"at": "event_id"}
    search_ids = ("event_id", "order__public_id")
    search_numbers = ("order_id",)


@admin.register(MenuVersion)
class MenuVersionAdmin(ReadOnlyPage):
    """Which menu is the current one."""


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyPage):
    list_display = ("key", "customer_id", "order_id", "created_at")
    list_filter = (("created_at", RangeFilter),)
    search_ids = ("customer_id", "order_id")
    search_fields = ("=key",)


@admin.register(RefusalCount)
class RefusalCountAdmin(ReadOnlyPage):
    """What was refused: the request was not taken, so nothing else is left of it."""

    list_display = ("at", "code", "count")
    list_filter = (("at", RangeFilter),)
    search_fields = ("=code",)
    search_help_text = _("A reason")


@admin.register(OutboxMessage)
class OutboxAdmin(OutboxPage):
    pass


@admin.register(InboxMessage)
class InboxAdmin(InboxPage):
    pass


@admin.register(DeadLetter)
class DeadLetterAdmin(DeadLetterPage):
    service = "orders"
