"""86 and back from the list: a button in each row, which takes one click and can take it back."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.enums import ActionVariant

from orders import services
from orders.errors import OrdersError
from orders.models import MenuItem
from restaurant.admin_parts import Asked, Deed
from restaurant.trail import person_of, watch

PERMISSION = "orders.set_availability"


class AlreadySo(OrdersError):
    text = gettext_lazy("It was so before.")


def _take_off(item: MenuItem, asked: Asked) -> None:
    if not services.set_availability(sku=item.sku, available=False):
        raise AlreadySo


def _put_back(item: MenuItem, asked: Asked) -> None:
    if not services.set_availability(sku=item.sku, available=True):
        raise AlreadySo


TAKE_OFF = Deed(
    name="take_off",
    title=gettext_lazy("86"),
    question=gettext_lazy("Nobody can order it until it is put back."),
    permission=PERMISSION,
    do=_take_off,
    refusal=OrdersError,
    offered=lambda item: item.available,
    icon="block",
    variant=ActionVariant.DANGER,
)
PUT_BACK = Deed(
    name="put_back",
    title=gettext_lazy("Put back"),
    question=gettext_lazy("It can be ordered again."),
    permission=PERMISSION,
    do=_put_back,
    refusal=OrdersError,
    offered=lambda item: not item.available,
    icon="check",
    variant=ActionVariant.SUCCESS,
)


class OneClick:
    """Gives a page of dishes the column `on_sale`, and the address its buttons POST to."""

    def get_urls(self) -> list[URLPattern]:
        view = require_POST(self.admin_site.admin_view(self.press_view))  # type: ignore[attr-defined]
        own = path("<int:pk>/availability/", view, name="orders_menuitem_availability")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def press_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """86 a dish or put it back, as the button says that was pressed: pressing twice is once."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        item = MenuItem.objects.filter(pk=pk).first()
        if item is None:
            raise Http404
        available = request.POST.get("available") == "1"
        action = PUT_BACK.name if available else TAKE_OFF.name
        with watch(person_of(request), item, action=action, now=timezone.now()):
            services.set_availability(sku=item.sku, available=available)
        item.available = available
        if "application/json" in request.headers.get("Accept", ""):
            told = _("%(dish)s is back on the menu.") if available else _("%(dish)s is 86'd.")
            cell = _cell(item, may_press=True)
            return JsonResponse({"cell": cell, "say": told % {"dish": item.name}})
        return HttpResponseRedirect(reverse("admin:orders_menuitem_changelist"))

    @admin.display(description=gettext_lazy("on sale"), ordering="available")
    def on_sale(self, item: Any) -> str:
        return _cell(item, may_press=item.may_press)


def _cell(item: MenuItem, *, may_press: bool) -> str:
    return render_to_string("orders/menu/on_sale.html", {"item": item, "may_press": may_press})
