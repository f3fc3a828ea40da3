"""The staff site's sidebar: what people work on each day, and the tables behind it.

Groups of tables stand closed until one of their pages is open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Of each service that has messages.
MESSAGES = {"OutboxMessage": "outbox", "InboxMessage": "inbox", "DeadLetter": "mail_off"}


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that stand together, in the order of use: label → Material symbol."""

    title: Promise
    pages: dict[str, str]
    # Tables that no day's work needs.
    is_closed: bool = False


def _messages(service: str) -> dict[str, str]:
    return {f"{service}.{name}": icon for name, icon in MESSAGES.items()}


GROUPS = (
    Group(
        _("Today"),
        {
            "staff.dashboard": "monitoring",
            "kitchen.board": "monitor",
            "delivery.board": "map",
            "orders.Order": "receipt_long",
        },
    ),
    Group(
        _("Menu"),
        {
            "orders.MenuItem": "restaurant_menu",
            "orders.Category": "menu_book",
        },
    ),
    Group(
        _("Oversight"),
        {
            "staff.pipeline": "conveyor_belt",
            "staff.dead_letters": "mail_off",
            "staff.trail": "policy",
        },
    ),
    Group(
        _("Kitchen"),
        {
            "kitchen.Ticket": "skillet",
            "kitchen.KitchenOrder": "receipt",
            "kitchen.Station": "oven_gen",
        },
    ),
    Group(
        _("Delivery"),
        {
            "delivery.Delivery": "local_shipping",
            "delivery.Courier": "directions_bike",
        },
    ),
    Group(
        _("People"),
        {
            "auth_grpc.User": "person",
            "auth.Group": "groups",
            "auth_grpc.Session": "devices",
        },
    ),
    Group(
        _("Orders: tables"),
        {
            "orders.OrderLine": "list",
            "orders.TimelineEntry": "timeline",
            "orders.MenuVersion": "history",
            "orders.RefusalCount": "do_not_disturb_on",
            "orders.IdempotencyKey": "fingerprint",
            **_messages("orders"),
        },
        is_closed=True,
    ),
    Group(_("Kitchen: tables"), _messages("kitchen"), is_closed=True),
    Group(_("Delivery: tables"), _messages("delivery"), is_closed=True),
    Group(
        _("Accounts: tables"),
        {
            "auth_grpc.RefreshToken": "key",
            "auth_grpc.SigningKey": "vpn_key",
            "auth_grpc.LoginCount": "gpp_bad",
        },
        is_closed=True,
    ),
    Group(
        _("Side work"),
        {
            "django_celery_beat.PeriodicTask": "schedule",
            "django_celery_beat.IntervalSchedule": "timer",
            "django_celery_beat.CrontabSchedule": "event_repeat",
            "django_celery_beat.SolarSchedule": "wb_twilight",
            "django_celery_beat.ClockedSchedule": "alarm",
        },
        is_closed=True,
    ),
)


# Pages that are no model's: title, name of their address, permission.
PAGES = {
    "staff.dashboard": (_("Dashboard"), "staff:dashboard", "staff.view_dashboard"),
    "staff.pipeline": (_("Pipeline"), "staff:pipeline", "staff.view_pipeline"),
    "staff.dead_letters": (_("Dead letters"), "staff:dead_letters", "staff.view_pipeline"),
    "staff.trail": (_("Audit trail"), "staff:trail", "staff.view_trail"),
    "kitchen.board": (_("Kitchen board"), "kitchen_board:board", "kitchen.view_ticket"),
    "delivery.board": (_("Dispatch board"), "delivery_board:board", "delivery.view_delivery"),
}


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Give Unfold's sidebar; a group without a page to see is left out."""
    return [*_groups(request)]


def _groups(request: HttpRequest) -> Iterator[dict[str, Any]]:
    is_behind = False
    for group in GROUPS:
        if shown := [*items(request, group.pages)]:
            # A line stands between the day's work and the tables, and nowhere else.
            yield {
                "title": group.title,
                "separator": group.is_closed and not is_behind,
                "collapsible": group.is_closed,
                "items": shown,
            }
            is_behind = group.is_closed


def items(request: HttpRequest, pages: dict[str, str]) -> Iterable[dict[str, Any]]:
    """Give those of the pages (label → icon) that the user may see."""
    for label, icon in pages.items():
        if label in PAGES:
            yield from _page(request, label, icon)
            continue
        model = _registered(label)
        if model and admin.site.get_model_admin(model).has_view_permission(request):
            meta = model._meta
            url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            yield {
                "title": str(meta.verbose_name_plural).capitalize(),
                "icon": icon,
                "link": url,
                "active": request.path.startswith(url),
            }


def _page(request: HttpRequest, label: str, icon: str) -> Iterable[dict[str, Any]]:
    title, address, permission = PAGES[label]
    try:
        url = reverse(address)
    except NoReverseMatch:
        # Another process serves it.
        return
    if request.user.has_perm(permission):
        yield {
            "title": title,
            "icon": icon,
            "link": url,
            "active": request.path.startswith(url),
        }


def _registered(label: str) -> type[Model] | None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    return model if admin.site.is_registered(model) else None
