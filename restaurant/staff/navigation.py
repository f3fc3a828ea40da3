"""The staff site's sidebar: each service's pages that the user may see."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

# Title, and the pages in the order of use: label → Material symbol.
GROUPS: tuple[tuple[Any, dict[str, str]], ...] = (
    (
        _("Restaurant"),
        {
            "staff.dashboard": "monitoring",
            "staff.pipeline": "conveyor_belt",
            "staff.dead_letters": "mail_off",
            "staff.trail": "policy",
        },
    ),
    (
        _("Orders"),
        {
            "orders.Order": "receipt_long",
            "orders.Category": "menu_book",
            "orders.MenuItem": "restaurant_menu",
            "orders.MenuVersion": "history",
            "orders.OrderLine": "list",
            "orders.TimelineEntry": "timeline",
            "orders.RefusalCount": "do_not_disturb_on",
            "orders.IdempotencyKey": "fingerprint",
            "orders.OutboxMessage": "outbox",
            "orders.InboxMessage": "inbox",
            "orders.DeadLetter": "mail_off",
        },
    ),
    (
        _("Kitchen"),
        {
            "kitchen.board": "monitor",
            "kitchen.Ticket": "skillet",
            "kitchen.KitchenOrder": "receipt",
            "kitchen.Station": "oven_gen",
            "kitchen.OutboxMessage": "outbox",
            "kitchen.InboxMessage": "inbox",
            "kitchen.DeadLetter": "mail_off",
        },
    ),
    (
        _("Delivery"),
        {
            "delivery.board": "map",
            "delivery.Delivery": "local_shipping",
            "delivery.Courier": "directions_bike",
            "delivery.OutboxMessage": "outbox",
            "delivery.InboxMessage": "inbox",
            "delivery.DeadLetter": "mail_off",
        },
    ),
    (
        _("Accounts"),
        {
            "auth_grpc.User": "person",
            "auth.Group": "groups",
            "auth_grpc.Session": "devices",
            "auth_grpc.RefreshToken": "key",
            "auth_grpc.SigningKey": "vpn_key",
            "auth_grpc.LoginCount": "gpp_bad",
        },
    ),
    (
        _("Side work"),
        {
            "django_celery_beat.PeriodicTask": "schedule",
            "django_celery_beat.IntervalSchedule": "timer",
            "django_celery_beat.CrontabSchedule": "event_repeat",
            "django_celery_beat.SolarSchedule": "wb_twilight",
            "django_celery_beat.ClockedSchedule": "alarm",
        },
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
    shown = [
        {
            "title": title,
            "separator": True,
            "collapsible": False,
            "items": [*items(request, pages)],
        }
        for title, pages in GROUPS
    ]
    return [group for group in shown if group["items"]]


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
        yield {"title": title, "icon": icon, "link": url, "active": request.path == url}


def _registered(label: str) -> type[Model] | None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    return model if admin.site.is_registered(model) else None
