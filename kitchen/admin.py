from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RelatedDropdownFilter,
)
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from kitchen import services
from kitchen.errors import KitchenError
from kitchen.models import (
    DeadLetter,
    InboxMessage,
    KitchenOrder,
    OutboxMessage,
    Station,
    Ticket,
)
from restaurant.admin_parts import (
    Asked,
    DeadLetterPage,
    Deed,
    InboxPage,
    OutboxPage,
    Page,
    RangeFilter,
    ReadOnlyInline,
    ReadOnlyPage,
    badge,
    by_ids,
)

ORDER_COLOURS = {"cooking": "warning", "cooked": "success", "cancelled": "danger"}
# What is told to a service later than this is not known to be new any more.
LATE = settings.INBOX_RETENTION
TICKET_COLOURS = {"cooking": "warning", "done": "success", "cancelled": "danger"}


def _start(ticket: Ticket, asked: Asked) -> None:
    services.start_ticket(ticket_id=ticket.pk, now=asked.now, by=asked.name)


def _bump(ticket: Ticket, asked: Asked) -> None:
    services.bump(ticket_id=ticket.pk, now=asked.now, by=asked.name)


def _recall(ticket: Ticket, asked: Asked) -> None:
    services.recall(ticket_id=ticket.pk, now=asked.now, by=asked.name)


def _cancel(order: KitchenOrder, asked: Asked) -> None:
    services.cancel_order(
        order_id=order.pk, reason=asked.data["reason"], now=asked.now, by=asked.name
    )


def _open(station: Station, asked: Asked) -> None:
    services.set_station_open(code=station.code, is_open=True, now=asked.now)


def _close(station: Station, asked: Asked) -> None:
    services.set_station_open(code=station.code, is_open=False, now=asked.now)


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("The customer reads it."),
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Ticket)
class TicketAdmin(ReadOnlyPage):
    list_display = ("order", "station", "status_badge", "dishes", "queued_at", "started_at")
    list_select_related = ("order", "station")
    list_filter = (
        ("status", ChoicesCheckboxFilter),
        ("station", RelatedDropdownFilter),
        ("queued_at", by_ids("order_id", late=LATE)),
        ("done_at", RangeFilter),
    )
    ordered_by = {"done_at": "done_at", "queued_at": "order_id"}
    search_ids = ("order_id",)
    search_numbers = ("order__number",)
    search_help_text = _("An order's number or id")
    fieldsets = (
        (None, {"fields": ("order", "station", "status_badge", "dishes")}),
        (
            _("Times"),
            {
                "fields": (
                    "queued_at",
                    "started_at",
                    "due_at",
                    "done_at",
                    "cancelled_at",
                    "acknowledged_at",
                    "preparation_seconds",
                )
            },
        ),
        (_("Last move"), {"fields": ("moved_by", "moved_at")}),
    )
    status_badge = badge("status", TICKET_COLOURS, title=_("status"))
    deeds = (
        Deed(
            name="start",
            title=_("Start"),
            question=_("The ticket is started ahead of its turn, if the station has room."),
            permission="kitchen.change_ticket",
            do=_start,
            refusal=KitchenError,
            offered=lambda ticket: ticket.status == Ticket.Status.QUEUED,
        ),
        Deed(
            name="bump",
            title=_("Bump"),
            question=_("The ticket is done. With the last one, the order goes to delivery."),
            permission="kitchen.change_ticket",
            do=_bump,
            refusal=KitchenError,
            offered=lambda ticket: ticket.status == Ticket.Status.COOKING,
            icon="done_all",
            variant=ActionVariant.SUCCESS,
        ),
        Deed(
            name="recall",
            title=_("Recall"),
            question=_("The bump is undone: the ticket cooks again."),
            permission="kitchen.change_ticket",
            do=_recall,
            refusal=KitchenError,
            offered=lambda ticket: ticket.status == Ticket.Status.DONE,
            icon="undo",
        ),
    )

    @admin.display(description=_("dishes"))
    def dishes(self, ticket: Ticket) -> SafeString:
        """Give each dish on a line, as a cook reads it."""
        return format_html_join("\n", "<div>{}</div>", ((_dish(line),) for line in ticket.lines))


def _dish(line: dict[str, Any]) -> str:
    extras = [*line.get("options", []), line.get("note", "")]
    said = ", ".join(filter(None, extras))
    return f"{line['quantity']} × {line['name']}" + (f" ({said})" if said else "")  # noqa: RUF001


class TicketInline(ReadOnlyInline):
    model = Ticket
    fields = ("station", "status_badge", "dishes", "queued_at", "started_at", "done_at")
    readonly_fields = fields
    ordering = ("id",)
    show_change_link = True
    status_badge = TicketAdmin.status_badge
    dishes = TicketAdmin.dishes

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("station")


@admin.register(KitchenOrder)
class KitchenOrderAdmin(ReadOnlyPage):
    list_display = ("__str__", "status_badge", "open_tickets", "created_at", "updated_at")
    list_filter = (
        ("status", ChoicesCheckboxFilter),
        ("created_at", by_ids("order_id", late=LATE)),
        ("updated_at", by_ids("order_id", late=2 * LATE)),
    )
    search_ids = ("order_id",)
    search_numbers = ("number",)
    search_help_text = _("A number or an id")
    inlines = (TicketInline,)
    fieldsets = (
        (None, {"fields": ("number", "order_id", "status_badge", "reason", "open_tickets")}),
        (_("Order"), {"fields": ("address", "note")}),
        (_("Times"), {"fields": ("created_at", "updated_at", "correlation_id")}),
    )
    status_badge = badge("status", ORDER_COLOURS, title=_("status"))
    deeds = (
        Deed(
            name="cancel",
            title=_("Cancel"),
            question=_("The order will not be cooked. This cannot be undone."),
            permission="kitchen.change_kitchenorder",
            do=_cancel,
            refusal=KitchenError,
            offered=lambda order: order.status in KitchenOrder.UNFINISHED,
            form=ReasonForm,
            icon="cancel",
            variant=ActionVariant.DANGER,
        ),
    )


@admin.register(Station)
class StationAdmin(Page):
    list_display = ("name", "code", "mode", "capacity", "is_open")
    list_filter = (("is_open", BooleanRadioFilter), ("mode", ChoicesCheckboxFilter))
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": ("name", "code", "is_open")}),
        (_("Cooking"), {"fields": ("mode", "capacity")}),
        (_("Board"), {"fields": ("warn_after_seconds", "late_after_seconds")}),
    )
    deeds = (
        Deed(
            name="open",
            title=_("Open"),
            question=_("The station takes orders again."),
            permission="kitchen.change_station",
            do=_open,
            refusal=KitchenError,
            offered=lambda station: not station.is_open,
            icon="lock_open",
            variant=ActionVariant.SUCCESS,
        ),
        Deed(
            name="close",
            title=_("Close"),
            question=_("Orders that need the station are rejected until it is opened again."),
            permission="kitchen.change_station",
            do=_close,
            refusal=KitchenError,
            offered=lambda station: station.is_open,
            icon="lock",
            variant=ActionVariant.DANGER,
        ),
    )

    def save_model(self, request: HttpRequest, obj: Station, form: Any, change: bool) -> None:
        """Save it as the service does."""
        changed = form.changed_data if change else None
        services.save_station(obj, changed=changed, now=timezone.now())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the code, which menus and tickets name, and leave opening to the actions."""
        return ("code", "is_open") if obj else ("is_open",)


@admin.register(OutboxMessage)
class OutboxAdmin(OutboxPage):
    pass


@admin.register(InboxMessage)
class InboxAdmin(InboxPage):
    pass


@admin.register(DeadLetter)
class DeadLetterAdmin(DeadLetterPage):
    service = "kitchen"
