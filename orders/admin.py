from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.enums import ActionVariant

from orders import services
from orders.errors import OrdersError
from orders.models import (
    Category,
    DeadLetter,
    IdempotencyKey,
    InboxMessage,
    MenuItem,
    MenuVersion,
    Option,
    OptionGroup,
    Order,
    OrderLine,
    OutboxMessage,
    RefusalCount,
    TimelineEntry,
)
from restaurant.admin_parts import (
    Asked,
    DeadLetterPage,
    Deed,
    InboxPage,
    OutboxPage,
    Page,
    ReadOnlyPage,
    badge,
    flag,
)

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


class AlreadySo(OrdersError):
    """It was so before."""


def _take_off(item: MenuItem, asked: Asked) -> None:
    if not services.set_availability(sku=item.sku, available=False):
        raise AlreadySo


def _put_back(item: MenuItem, asked: Asked) -> None:
    if not services.set_availability(sku=item.sku, available=True):
        raise AlreadySo


class OverdueFilter(admin.SimpleListFilter):
    title = _("overdue")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(overdue_since__isnull=False) if self.value() == "yes" else queryset


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
        ("created_at", RangeDateTimeFilter),
    )
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
        return f"{order.total} {order.currency}"


@admin.register(Category)
class CategoryAdmin(Page):
    list_display = ("name", "position")
    search_fields = ("name",)


class GroupInline(TabularInline):
    """An item's option groups; their options are on their own pages, one click away."""

    model = OptionGroup
    fields = ("name", "min", "max", "position")
    extra = 0
    show_change_link = True
    tab = True


class OptionInline(TabularInline):
    model = Option
    fields = ("sku", "name", "price", "position")
    extra = 0


@admin.register(MenuItem)
class MenuItemAdmin(Page):
    list_display = ("name", "sku", "category", "price", "station", "availability")
    list_select_related = ("category",)
    list_filter = (("category", RelatedDropdownFilter), ("available", BooleanRadioFilter))
    search_fields = ("name", "sku", "station")
    inlines = (GroupInline,)
    fieldsets = (
        (None, {"fields": ("name", "sku", "category", "position", "description")}),
        (_("Sale"), {"fields": ("price", "available")}),
        (_("Kitchen"), {"fields": ("station", "preparation_seconds")}),
    )
    readonly_fields = ("available",)
    availability = flag(
        "availability",
        lambda item: None if item.available else _("86'd"),
        "danger",
        title=_("availability"),
    )
    deeds = (
        Deed(
            name="take_off",
            title=_("86"),
            question=_("Nobody can order it until it is put back."),
            permission="orders.set_availability",
            do=_take_off,
            refusal=OrdersError,
            offered=lambda item: item.available,
            icon="block",
            variant=ActionVariant.DANGER,
        ),
        Deed(
            name="put_back",
            title=_("Put back"),
            question=_("It can be ordered again."),
            permission="orders.set_availability",
            do=_put_back,
            refusal=OrdersError,
            offered=lambda item: not item.available,
            icon="check",
            variant=ActionVariant.SUCCESS,
        ),
    )


@admin.register(OptionGroup)
class OptionGroupAdmin(Page):
    list_display = ("name", "item", "min", "max")
    list_select_related = ("item",)
    search_fields = ("name", "item__name", "item__sku")
    autocomplete_fields = ("item",)
    inlines = (OptionInline,)


@admin.register(Option)
class OptionAdmin(Page):
    list_display = ("name", "sku", "group", "item", "price")
    list_select_related = ("group__item",)
    search_fields = ("name", "sku", "group__item__name")
    autocomplete_fields = ("group",)

    @admin.display(description=_("item"), ordering="group__item__name")
    def item(self, option: Option) -> MenuItem:
        return option.group.item


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyPage):
    list_display = ("order", "quantity", "name", "unit_price", "station")
    list_select_related = ("order",)
    list_filter = (("order__created_at", RangeDateTimeFilter),)
    search_numbers = ("order_id",)
    search_fields = ("=sku",)


@admin.register(TimelineEntry)
class TimelineAdmin(ReadOnlyPage):
    list_display = ("order", "type", "at", "event_id")
    list_select_related = ("order",)
    list_filter = (("at", RangeDateTimeFilter),)
    search_ids = ("event_id", "order__public_id")
    search_numbers = ("order_id",)


@admin.register(MenuVersion)
class MenuVersionAdmin(ReadOnlyPage):
    """Which menu is the current one."""


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyPage):
    list_display = ("key", "customer_id", "order_id", "created_at")
    list_filter = (("created_at", RangeDateTimeFilter),)
    search_ids = ("customer_id", "order_id")
    search_fields = ("=key",)


@admin.register(RefusalCount)
class RefusalCountAdmin(ReadOnlyPage):
    """What was refused: the request was not taken, so nothing else is left of it."""

    list_display = ("at", "code", "count")
    list_filter = (("at", RangeDateTimeFilter),)
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
