from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RelatedDropdownFilter,
)
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from delivery import services
from delivery.errors import DeliveryError
from delivery.forms import CourierForm
from delivery.models import Courier, DeadLetter, Delivery, InboxMessage, OutboxMessage
from restaurant.admin_parts import (
    Asked,
    DeadLetterPage,
    Deed,
    InboxPage,
    OutboxPage,
    Page,
    RangeFilter,
    ReadOnlyPage,
    badge,
    by_ids,
)

COLOURS = {
    "awaiting_courier": "warning",
    "assigned": "info",
    "out_for_delivery": "primary",
    "delivered": "success",
    "failed": "danger",
    "cancelled": "danger",
}
Status = Delivery.Status
# What is told to a service later than this is not known to be new any more.
LATE = settings.INBOX_RETENTION


def _assign(delivery: Delivery, asked: Asked) -> None:
    courier = asked.data["courier"]
    services.assign(delivery_id=delivery.pk, courier_id=courier.pk, now=asked.now, by=asked.name)


def _unassign(delivery: Delivery, asked: Asked) -> None:
    services.unassign(delivery_id=delivery.pk, now=asked.now, by=asked.name)


def _release(delivery: Delivery, asked: Asked) -> None:
    services.release(delivery_id=delivery.pk, now=asked.now, by=asked.name)


def _pick_up(delivery: Delivery, asked: Asked) -> None:
    services.pick_up(delivery_id=delivery.pk, now=asked.now, by=asked.name)


def _deliver(delivery: Delivery, asked: Asked) -> None:
    services.deliver(delivery_id=delivery.pk, now=asked.now, by=asked.name)


def _fail(delivery: Delivery, asked: Asked) -> None:
    services.fail(
        delivery_id=delivery.pk, reason=asked.data["reason"], now=asked.now, by=asked.name
    )


def _give_up(delivery: Delivery, asked: Asked) -> None:
    services.cancel(
        delivery_id=delivery.pk, reason=asked.data["reason"], now=asked.now, by=asked.name
    )


def _start_shift(courier: Courier, asked: Asked) -> None:
    services.start_shift(courier_id=courier.pk, now=asked.now, by=asked.name)


def _end_shift(courier: Courier, asked: Asked) -> None:
    services.end_shift(courier_id=courier.pk, now=asked.now, by=asked.name)


class AssignForm(BaseDialogForm):
    courier = forms.ModelChoiceField(
        Courier.objects.filter(on_shift=True), label=_("Courier"), widget=UnfoldAdminSelectWidget
    )


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The customer reads it."),
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyPage):
    list_display = (
        "__str__",
        "status_badge",
        "courier",
        "attempt",
        "address",
        "waiting_since",
        "updated_at",
    )
    list_select_related = ("courier",)
    list_filter = (
        ("status", ChoicesCheckboxFilter),
        ("courier", RelatedDropdownFilter),
        ("created_at", by_ids("order_id", late=2 * LATE)),
        ("delivered_at", RangeFilter),
        ("failed_at", RangeFilter),
    )
    ordered_by = {
        "delivered_at": "delivered_at",
        "failed_at": "failed_at",
        "created_at": "order_id",
    }
    search_ids = ("order_id",)
    search_numbers = ("number",)
    search_help_text = _("A number or an order's id")
    fieldsets = (
        (None, {"fields": ("number", "order_id", "status_badge", "address", "note")}),
        (
            _("Courier"),
            {
                "fields": (
                    "courier",
                    "attempt",
                    "held_by",
                    "failed_courier",
                    "failure_reason",
                    "due_at",
                )
            },
        ),
        (
            _("Times"),
            {
                "fields": (
                    "waiting_since",
                    "assigned_at",
                    "dispatched_at",
                    "delivered_at",
                    "failed_at",
                    "created_at",
                    "updated_at",
                )
            },
        ),
        (_("Last move"), {"fields": ("moved_by", "moved_at")}),
    )
    status_badge = badge("status", COLOURS, title=_("status"))
    deeds = (
        Deed(
            name="assign",
            title=_("Assign"),
            question=_("The courier gets it, in place of whoever has it now."),
            permission="delivery.change_delivery",
            do=_assign,
            refusal=DeliveryError,
            offered=lambda delivery: delivery.status in (Status.AWAITING_COURIER, Status.ASSIGNED),
            form=AssignForm,
            icon="person_add",
        ),
        Deed(
            name="unassign",
            title=_("Take back"),
            question=_("It waits, and only staff may assign it until it is released."),
            permission="delivery.change_delivery",
            do=_unassign,
            refusal=DeliveryError,
            offered=lambda delivery: delivery.status == Status.ASSIGNED,
            icon="person_remove",
        ),
        Deed(
            name="release",
            title=_("Release"),
            question=_("The timer may assign it again."),
            permission="delivery.change_delivery",
            do=_release,
            refusal=DeliveryError,
            offered=lambda delivery: delivery.is_held,
            icon="lock_open",
        ),
        Deed(
            name="pick_up",
            title=_("Picked up"),
            question=_("The courier has left with it."),
            permission="delivery.change_delivery",
            do=_pick_up,
            refusal=DeliveryError,
            offered=lambda delivery: delivery.status == Status.ASSIGNED,
            icon="directions_bike",
        ),
        Deed(
            name="deliver",
            title=_("Delivered"),
            question=_("The customer has it."),
            permission="delivery.change_delivery",
            do=_deliver,
            refusal=DeliveryError,
            offered=lambda delivery: delivery.status == Status.OUT_FOR_DELIVERY,
            icon="check_circle",
            variant=ActionVariant.SUCCESS,
        ),
        Deed(
            name="fail",
            title=_("Failed"),
            question=_("The attempt failed: the first is tried again, the second is the last."),
            permission="delivery.change_delivery",
            do=_fail,
            refusal=DeliveryError,
            offered=lambda delivery: delivery.status == Status.OUT_FOR_DELIVERY,
            form=ReasonForm,
            icon="replay",
            variant=ActionVariant.WARNING,
        ),
        Deed(
            name="give_up",
            title=_("Give up"),
            question=_("The order ends undelivered. This cannot be undone."),
            permission="delivery.change_delivery",
            do=_give_up,
            refusal=DeliveryError,
            offered=lambda delivery: Delivery.LEGAL_MOVES[Status(delivery.status)] != set(),
            form=ReasonForm,
            icon="cancel",
            variant=ActionVariant.DANGER,
        ),
    )


class WorkFilter(admin.SimpleListFilter):
    title = _("at work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("road", _("On the road")), ("here", _("On shift, or still carrying"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in ("road", "here"):
            return queryset
        theirs = Delivery.objects.filter(courier=OuterRef("pk"))
        if self.value() == "road":
            return queryset.filter(Exists(theirs.filter(status=Status.OUT_FOR_DELIVERY)))
        carries = Exists(theirs.filter(status__in=Delivery.CARRIED))
        return queryset.filter(Q(on_shift=True) | carries)


@admin.register(Courier)
class CourierAdmin(Page):
    form = CourierForm
    list_display = ("name", "on_shift", "mode", "load_limit", "phone")
    list_filter = (
        ("on_shift", BooleanRadioFilter),
        WorkFilter,
        ("mode", ChoicesCheckboxFilter),
    )
    search_ids = ("id", "user_id")
    search_fields = ("name", "phone")
    fieldsets = (
        (None, {"fields": ("name", "phone", "on_shift")}),
        (_("Driving"), {"fields": ("mode", "load_limit", "user_id")}),
        (_("Last change of shift"), {"fields": ("shift_changed_by", "shift_changed_at")}),
    )
    readonly_fields = ("on_shift", "shift_changed_by", "shift_changed_at")
    deeds = (
        Deed(
            name="start_shift",
            title=_("Start shift"),
            question=_("The courier is given deliveries from now on."),
            permission="delivery.change_courier",
            do=_start_shift,
            refusal=DeliveryError,
            offered=lambda courier: not courier.on_shift,
            icon="play_arrow",
            variant=ActionVariant.SUCCESS,
        ),
        Deed(
            name="end_shift",
            title=_("End shift"),
            question=_("What was not picked up yet waits for somebody else."),
            permission="delivery.change_courier",
            do=_end_shift,
            refusal=DeliveryError,
            offered=lambda courier: courier.on_shift,
            icon="stop",
            variant=ActionVariant.WARNING,
        ),
    )

    def save_model(self, request: HttpRequest, obj: Courier, form: Any, change: bool) -> None:
        """Save it as the service does."""
        changed = form.changed_data if change else None
        services.save_courier(obj, changed=changed, now=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep couriers: deliveries name them, and who leaves ends their last shift."""
        return False


@admin.register(OutboxMessage)
class OutboxAdmin(OutboxPage):
    pass


@admin.register(InboxMessage)
class InboxAdmin(InboxPage):
    pass


@admin.register(DeadLetter)
class DeadLetterAdmin(DeadLetterPage):
    service = "delivery"
