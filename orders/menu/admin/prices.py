"""Changing many prices at once: choose, look at what would come of it, say yes."""

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from orders.errors import MenuMoved
from orders.menu import repricing
from orders.menu.admin.pages import show, way
from orders.menu.repricing import Rule, What
from orders.models import Category, MenuItem, Option
from restaurant.trail import person_of

# Choice → the step, and how much under it.
ROUNDINGS = {
    "0.01": ("0.01", "0"),
    "0.05": ("0.05", "0"),
    "0.10": ("0.10", "0"),
    "0.50": ("0.50", "0"),
    "1": ("1", "0"),
    "x.90": ("1", "0.10"),
    "x.95": ("1", "0.05"),
    "x.99": ("1", "0.01"),
}
ENDINGS = tuple(name for name in ROUNDINGS if name.startswith("x"))
MOST_ITEMS = 5000
DISHES, OPTIONS, BOTH = "dishes", "options", "both"
ALL = json.dumps(["", ""])
WHAT = {
    DISHES: gettext_lazy("Prices of dishes"),
    OPTIONS: gettext_lazy("Price differences of their options"),
    BOTH: gettext_lazy("Both"),
}


def _said(rounding: str) -> str:
    return rounding.replace(".", get_format("DECIMAL_SEPARATOR"))


class PricesForm(forms.Form):
    items = forms.CharField(required=False, widget=forms.HiddenInput)
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=gettext_lazy("Dishes"),
        required=False,
        empty_label=gettext_lazy("The whole menu"),
        widget=UnfoldAdminSelectWidget,
    )
    what = forms.ChoiceField(
        label=gettext_lazy("What changes"),
        choices=list(WHAT.items()),
        initial=DISHES,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Options that cost nothing extra stay so."),
    )
    option = forms.ChoiceField(
        label=gettext_lazy("Options"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("By name, in all the dishes that have them."),
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Percent"),
        required=False,
        min_value=-100,
        max_value=1000,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=gettext_lazy("10 makes prices a tenth larger, -10 smaller."),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        required=False,
        max_digits=8,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=gettext_lazy("Added after the percent; may be negative."),
    )
    rounding = forms.ChoiceField(
        label=gettext_lazy("Round to"),
        choices=lambda: [(name, _said(name)) for name in ROUNDINGS],
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("To multiples of this, or to prices that end so."),
    )

    def __init__(self, *args: Any, may_change_options: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_change_options:
            self.fields["option"].choices = _option_choices()  # type: ignore[attr-defined]
        else:
            del self.fields["what"], self.fields["option"]
        self.fields["category"].queryset = Category.objects.all()  # type: ignore[attr-defined]
        if self["items"].value():
            del self.fields["category"]

    def clean_items(self) -> list[int]:
        given = self.cleaned_data["items"]
        numbers = [part for part in given.split(",") if part]
        if len(numbers) > MOST_ITEMS or not all(n.isascii() and n.isdigit() for n in numbers):
            raise ValidationError(_("Choose the dishes again."))
        return [int(number) for number in numbers if len(number) < 19]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.wanted.options and cleaned.get("rounding") in ENDINGS:
            told = _("Only prices of dishes end so: for differences choose a multiple.")
            self.add_error("rounding", told)
        if not self.errors and not cleaned.get("percent") and not cleaned.get("amount"):
            raise ValidationError(_("Give a percent, an amount, or both."))
        return cleaned

    @property
    def rule(self) -> Rule:
        given = self.cleaned_data
        step, under = ROUNDINGS[given["rounding"]]
        return Rule(
            percent=given["percent"] or Decimal(0),
            amount=given["amount"] or Decimal(0),
            step=Decimal(step),
            under=Decimal(under),
        )

    @property
    def wanted(self) -> What:
        chosen = self.cleaned_data.get("what") or DISHES
        group, sku = json.loads(self.cleaned_data.get("option") or ALL)
        return What(
            dishes=chosen in (DISHES, BOTH),
            options=chosen in (OPTIONS, BOTH),
            group=group,
            sku=sku,
        )

    @property
    def ids(self) -> list[int]:
        if chosen := self.cleaned_data["items"]:
            return list(chosen)
        items = MenuItem.objects.order_by()
        if category := self.cleaned_data.get("category"):
            items = items.filter(category=category)
        return list(items.values_list("pk", flat=True))


def _option_choices() -> list[tuple[str, Any]]:
    """Give the groups of options by name, and in each its options, as the menu has them."""
    groups: dict[str, dict[str, str]] = {}
    rows = Option.objects.order_by("group__name", "name", "sku")
    for group, sku, name in rows.values_list("group__name", "sku", "name").distinct():
        groups.setdefault(group, {}).setdefault(sku, name)
    every = [
        (
            group,
            [(json.dumps([group, ""]), _("All of “%(group)s”") % {"group": group})]
            + [(json.dumps([group, sku]), f"{name} ({sku})") for sku, name in options.items()],
        )
        for group, options in groups.items()
    ]
    return [("", _("All options")), *every]


class Pricing:
    """Gives a page of dishes the change of many prices."""

    @way(gettext_lazy("Change prices"), path="prices", right="change", icon="sell")
    def change_prices(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            initial = {"items": request.GET.get("items", ""), "rounding": "0.05"}
            return self._ask_rule(request, _form(request, initial=initial))
        form = _form(request, request.POST)
        if not form.is_valid():
            return self._ask_rule(request, form)
        if "expected" in request.POST:
            return self._apply_rule(request, form)
        return self._show_prices(request, form)

    @admin.action(description=gettext_lazy("Change prices"), permissions=["change"])
    def reprice(self, request: HttpRequest, chosen: Any) -> HttpResponse:
        """Lead from the list's checkboxes to the page."""
        items = ",".join(str(pk) for pk in chosen.order_by().values_list("pk", flat=True))
        return HttpResponseRedirect(f"{_address()}?items={items}")

    def _ask_rule(self, request: HttpRequest, form: PricesForm, **context: Any) -> HttpResponse:
        count = len([n for n in str(form["items"].value() or "").split(",") if n])
        return show(
            self,
            request,
            "orders/menu/prices.html",
            title=_("Change prices"),
            form=form,
            count=count,
            **context,
        )

    def _show_prices(self, request: HttpRequest, form: PricesForm) -> HttpResponse:
        rows = repricing.plan(form.rule, form.ids, form.wanted)
        return self._ask_rule(
            request,
            form,
            rows=rows,
            expected=repricing.digest(rows),
            changed=sum(row.is_change for row in rows),
            refused=sum(bool(row.refusal) for row in rows),
        )

    def _apply_rule(self, request: HttpRequest, form: PricesForm) -> HttpResponse:
        try:
            count = repricing.apply(
                *(form.rule, form.ids, form.wanted),
                by=person_of(request),
                expected=request.POST["expected"],
            )
        except MenuMoved:
            text = _("A price has changed meanwhile. This is what would happen now.")
            messages.warning(request, text)
            return self._show_prices(request, form)
        told = ngettext("%(count)d price changed.", "%(count)d prices changed.", count)
        messages.success(request, told % {"count": count})
        return HttpResponseRedirect(reverse("admin:orders_menuitem_changelist"))


def _form(request: HttpRequest, *args: Any, **kwargs: Any) -> PricesForm:
    """Offer options to those who may change them."""
    may = request.user.has_perm("orders.change_option")
    return PricesForm(*args, may_change_options=may, **kwargs)


def _address() -> str:
    return reverse("admin:orders_menuitem_change_prices")
