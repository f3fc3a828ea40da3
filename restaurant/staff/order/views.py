"""The page of one order, what it asks to stay fresh, and what its buttons open and send."""

from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Order
from restaurant.boards.access import dialog, name_of, page, part
from restaurant.staff.order import journey
from restaurant.staff.order.case import Asked, Case, Refused
from restaurant.staff.order.deeds import DEEDS, Deed
from restaurant.staff.order.dossier import read
from restaurant.staff.order.picture import picture
from restaurant.staff.order.rights import PARTS, Rights
from restaurant.staff.pages import show
from restaurant.trail import person_of

VIEW = "orders.view_order"


@page(VIEW)
def order(request: HttpRequest, number: int) -> HttpResponse:
    """The whole page."""
    row = Order.objects.filter(pk=number).first()
    if row is None:
        messages.warning(request, _("There is no order #%(number)d.") % {"number": number})
        return redirect("admin:orders_order_changelist")
    body, version = _body(request, row)
    return show(
        request,
        "staff/order/page.html",
        title=_("Order %(number)s") % {"number": row},
        order=row,
        body=body,
        version=version,
        now=timezone.now(),
    )


@page(VIEW)
def by_id(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The way from an order's id, which other services know it by, to its page."""
    return HttpResponseRedirect(address(get_object_or_404(Order, public_id=order_id)))


@part(VIEW)
def now(request: HttpRequest, number: int) -> HttpResponse:
    """The page's body if it is not the `version` that is shown already; else 204."""
    body, version = _body(request, get_object_or_404(Order, pk=number))
    if request.GET.get("version") == version:
        return HttpResponse(status=204)
    return HttpResponse(body, headers={"X-Version": version})


@dialog(VIEW)
def press(request: HttpRequest, number: int, name: str, target: str) -> HttpResponse:
    """A deed's dialog; sent back filled in, it is done, or shown again with why it was not."""
    deed = DEEDS.get(name)
    rights = Rights(request.user)
    if deed is None:
        raise Http404
    if not rights.may(deed.permission) or (deed.part in PARTS and not rights.sees(deed.part)):
        raise PermissionDenied
    dossier = read(get_object_or_404(Order, pk=number), rights, now=timezone.now())
    case = Case(dossier, journey.hops(dossier), "" if target == "-" else target)
    form = _form(request, deed, case)
    if form.is_valid() and (said := _done(request, deed, case, form)):
        messages.success(request, f"{dossier.order}: {said}")
        return _back(request, dossier.order)
    about = {"title": f"{deed.title}: {dossier.order}", "description": _question(deed, case)}
    context = {"dialog": about, "form": form, "form_submit_text": deed.title}
    return render(request, "unfold/helpers/dialog.html", context)


def _question(deed: Deed, case: Case) -> str:
    """Say what will happen or, where the page is older than the truth, why it cannot."""
    if why := deed.why_not(case):
        return why
    delivery = case.dossier.delivery
    if deed.name == "assign" and delivery and delivery.courier:
        return _("%(courier)s has it now.") % {"courier": delivery.courier} + f" {deed.question}"
    return str(deed.question)


def address(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def _body(request: HttpRequest, row: Order) -> tuple[str, str]:
    """Give the body's HTML, and a name for it as it is: nothing in it changes with time alone."""
    dossier = read(row, Rights(request.user), now=timezone.now())
    body = render_to_string("staff/order/body.html", picture(dossier), request)
    return body, blake2b(body.encode(), digest_size=8).hexdigest()


def _form(request: HttpRequest, deed: Deed, case: Case) -> Any:
    data = request.POST if request.method == "POST" else None
    delivery = case.dossier.delivery
    initial = {"seen": (delivery and delivery.courier_id) or ""}
    number = case.dossier.order.pk
    return deed.form(data=data, request=request, object_id=number, initial=initial)


def _done(request: HttpRequest, deed: Deed, case: Case, form: Any) -> str:
    """Do it; gives what was done, or nothing when the form says why it was not."""
    asked = Asked(person_of(request), name_of(request), case.dossier.now, form.cleaned_data)
    why = deed.why_not(case)
    try:
        if not why:
            return deed.do(case, asked)
    except Refused as refused:
        why = str(refused)
    form.refuse(why)
    return ""


def _back(request: HttpRequest, order: Order) -> HttpResponse:
    if "HX-Request" in request.headers:
        # The dialog sends its form in the background; the whole page is to be shown anew.
        return HttpResponse(headers={"HX-Redirect": address(order)})
    return HttpResponseRedirect(address(order))
