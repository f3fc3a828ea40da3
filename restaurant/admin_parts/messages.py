"""Pages of the messaging tables, with the messages decoded."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from google.protobuf import json_format
from unfold.contrib.filters.admin import AllValuesCheckboxFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

# Types are found by name once loaded, also those that no service of this process uses.
from proto import delivery_pb2, kitchen_pb2, orders_pb2  # noqa: F401
from restaurant.admin_parts.badges import Column, flag
from restaurant.admin_parts.deeds import Asked, Deed
from restaurant.admin_parts.fates import fates
from restaurant.admin_parts.moments import by_ids
from restaurant.admin_parts.pages import ReadOnlyPage, pretty
from restaurant.messaging import contracts, dead_letters
from restaurant.messaging.errors import InvalidMessage, MessagingError, NoReason

SHOWN_BYTES = 512


def readable(type_name: str, payload: bytes) -> str:
    """Give a message as JSON; when it cannot be read, say why and show its first bytes."""
    try:
        message = contracts.decode(type_name, payload)
        return json_format.MessageToJson(message, preserving_proto_field_name=True)
    except (InvalidMessage, ValueError, json_format.Error) as error:
        text = _("Cannot be decoded: %(error)s") % {"error": error}
        return f"{text}\n\n{payload[:SHOWN_BYTES].hex(' ')}"


class _Unpublished(admin.SimpleListFilter):
    title = gettext_lazy("published")
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", gettext_lazy("waits")), ("yes", gettext_lazy("published"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("yes", "no"):
            return queryset.filter(published_at__isnull=self.value() == "no")
        return queryset


class _Decided(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    states = {
        "waits": Q(redriven_at=None, discarded_at=None),
        "redriven": Q(redriven_at__isnull=False),
        "discarded": Q(redriven_at=None, discarded_at__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waits", gettext_lazy("waits")),
            ("redriven", gettext_lazy("redriven")),
            ("discarded", gettext_lazy("discarded")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.states.get(str(self.value()), Q()))


class _MessagePage(ReadOnlyPage):
    @admin.display(description=gettext_lazy("message"))
    def decoded(self, row: Any) -> str:
        return pretty(readable(row.type, bytes(row.payload)))

    @admin.display(description=gettext_lazy("headers"))
    def all_headers(self, row: Any) -> str:
        return pretty(row.headers)


class OutboxPage(_MessagePage):
    """What a service decided to say, and whether the broker has it."""

    list_display = ("sequence", "topic", "key", "created_at", "publication")
    list_filter = (_Unpublished, ("created_at", by_ids("event_id")))
    ordered_by = {"created_at": "event_id"}
    search_ids = ("event_id",)
    search_fields = ("=key", "=topic")
    fieldsets = (
        (None, {"fields": ("topic", "key", "type", "event_id", "correlation_id")}),
        (gettext_lazy("Times"), {"fields": ("created_at", "published_at")}),
        (gettext_lazy("Message"), {"fields": ("decoded", "all_headers")}),
    )
    publication = flag(
        "publication",
        lambda row: None if row.published_at else gettext_lazy("waits"),
        "warning",
        title=gettext_lazy("published"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("payload", "headers")


class InboxPage(ReadOnlyPage):
    """Which events a service has handled."""

    list_display = ("event_id", "topic", "partition", "offset", "handled_at")
    # However late a service handled it, the event was there before.
    list_filter = (("handled_at", by_ids("event_id", late=None)),)
    search_ids = ("event_id",)
    search_fields = ("=topic",)


def _state(_page: Any, letter: Any) -> tuple[str, Any]:
    if letter.redriven_at:
        return "redriven", gettext_lazy("redriven")
    if letter.discarded_at:
        return "discarded", gettext_lazy("discarded")
    return "waits", gettext_lazy("waits")


class DeadLetterPage(_MessagePage):
    """What a service could not handle, why, and the way to try again."""

    list_display = ("topic", "error", "key", "failed_at", "state")
    list_filter = (_Decided, ("topic", AllValuesCheckboxFilter))
    search_ids = ("event_id",)
    search_fields = ("=key", "error")
    fieldsets = (
        (None, {"fields": ("error", "failed_at", "fate")}),
        (
            gettext_lazy("Where it came from"),
            {"fields": ("topic", "partition", "offset", "key", "type", "event_id")},
        ),
        (gettext_lazy("Message"), {"fields": ("decoded", "all_headers")}),
        (gettext_lazy("Traceback"), {"fields": ("shown_traceback",), "classes": ["collapse"]}),
    )
    state: Column = display(
        description=gettext_lazy("state"),
        label={"waits": "danger", "redriven": "info", "discarded": "warning"},
    )(_state)

    # Whose dead letters these are; a subclass says it.
    service: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.deeds = (_redrive(cls.service), _discard(cls.service), _restore(cls.service))
        super().__init_subclass__(**kwargs)

    @admin.display(description=gettext_lazy("what became of it"))
    def fate(self, letter: Any) -> str:
        fate = fates(self.service, [letter])[letter.pk]
        if fate.later is None:
            return fate.text
        url = reverse(f"admin:{self.service}_deadletter_change", args=[fate.later])
        return format_html('<a class="text-link" href="{}">{}</a>', url, fate.text)

    @admin.display(description=gettext_lazy("traceback"))
    def shown_traceback(self, row: Any) -> str:
        return pretty(row.traceback)


class AlreadyDecided(MessagingError):
    text = gettext_lazy("Somebody has decided on it before.")


class NotDiscarded(MessagingError):
    text = gettext_lazy("It is not discarded.")


class _Reason(BaseDialogForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=UnfoldAdminTextInputWidget
    )


def _redrive(service: str) -> Deed:
    def do(letter: Any, asked: Asked) -> None:
        by = str(asked.by.email)
        if not dead_letters.redrive(service, [letter.pk], now=asked.now, by=by):
            raise _already_decided(service, letter)

    return Deed(
        name="redrive",
        title=gettext_lazy("Redrive"),
        question=gettext_lazy("The message is sent to its topic again, as it was."),
        permission=f"{service}.change_deadletter",
        do=do,
        refusal=AlreadyDecided,
        offered=_waits,
        icon="redo",
    )


def _discard(service: str) -> Deed:
    def do(letter: Any, asked: Asked) -> None:
        by, reason = str(asked.by.email), asked.data["reason"]
        if not dead_letters.discard(service, [letter.pk], reason=reason, now=asked.now, by=by):
            raise _already_decided(service, letter)

    return Deed(
        name="discard",
        title=gettext_lazy("Discard"),
        question=gettext_lazy("The message is given up: what it tells of will not be done."),
        permission=f"{service}.change_deadletter",
        do=do,
        refusal=(AlreadyDecided, NoReason),
        offered=_waits,
        form=_Reason,
        icon="delete",
        variant=ActionVariant.DANGER,
    )


def _restore(service: str) -> Deed:
    def do(letter: Any, asked: Asked) -> None:
        if not dead_letters.restore(service, [letter.pk]):
            raise NotDiscarded

    return Deed(
        name="restore",
        title=gettext_lazy("Let it wait again"),
        question=gettext_lazy("The message waits again for somebody to redrive or discard it."),
        permission=f"{service}.change_deadletter",
        do=do,
        refusal=NotDiscarded,
        offered=lambda letter: letter.discarded_at is not None and letter.redriven_at is None,
        icon="undo",
    )


def _already_decided(service: str, letter: Any) -> AlreadyDecided:
    letter.refresh_from_db()
    return AlreadyDecided(fates(service, [letter])[letter.pk].text)


def _waits(letter: Any) -> bool:
    return letter.redriven_at is None and letter.discarded_at is None
