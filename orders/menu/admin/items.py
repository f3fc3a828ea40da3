"""The page of the menu's dishes: what they are, what they offer, what they cost and did cost."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter

from orders.menu import pictures
from orders.menu.admin.arranging import Arranging
from orders.menu.admin.availability import PERMISSION, PUT_BACK, TAKE_OFF, OneClick
from orders.menu.admin.edits import Edits
from orders.menu.admin.exports import Exports
from orders.menu.admin.forms import GroupForm, GroupFormSet, ItemForm, OptionForm, OptionFormSet
from orders.menu.admin.history import history_of
from orders.menu.admin.imports import Imports
from orders.menu.admin.prices import Pricing
from orders.menu.arranging import put_in_order
from orders.menu.editing import look_at_rows
from orders.models import MenuItem, Option, OptionGroup
from restaurant.admin_parts import Page
from restaurant.amounts import shown
from restaurant.trail import person_of
from restaurant.trail.changes import compare
from restaurant.trail.record import record_all


class OptionInline(TabularInline):
    model = Option
    form = OptionForm
    formset = OptionFormSet
    fields = ("sku", "name", "price", "position")
    ordering_field = "position"
    hide_title = True
    extra = 0


class GroupInline(TabularInline):
    """A dish's option groups, each with its options; both are dragged, or numbered, into order."""

    model = OptionGroup
    form = GroupForm
    formset = GroupFormSet
    fields = ("name", "min", "max", "position")
    ordering_field = "position"
    inlines = (OptionInline,)
    hide_title = True
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("options")
        return rows


@admin.register(MenuItem)
class MenuItemAdmin(OneClick, Imports, Exports, Pricing, Arranging, Edits, Page):
    form = ItemForm
    list_display = ("dish", "category", "cost", "station", "on_sale")
    list_select_related = ("category",)
    list_filter = (("category", RelatedDropdownFilter), ("available", BooleanRadioFilter))
    search_fields = ("name", "sku", "station")
    inlines = (GroupInline,)
    fieldsets = (
        (None, {"fields": ("name", "sku", "category", "description", "photo")}),
        (_("Sale"), {"fields": ("price", "available")}),
        (_("Kitchen"), {"fields": ("station", "preparation_seconds")}),
    )
    readonly_fields = ("available",)
    actions = ("reprice",)
    actions_list = (
        "arrange_menu",
        "change_prices",
        "import_menu",
        {
            "title": _("Export"),
            "icon": "download",
            "items": ["export_csv", "export_xlsx", "export_yaml", "export_json"],
        },
    )
    change_form_outer_after_template = "orders/menu/price_history.html"
    deeds = (TAKE_OFF, PUT_BACK)

    class Media:
        css = {"all": ["orders/menu/menu.css"]}
        js = [Script("orders/menu/on_sale.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        may_press = Value(request.user.has_perm(PERMISSION))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(may_press=may_press)
        return rows

    @admin.display(description=_("dish"), ordering="name")
    def dish(self, item: MenuItem) -> str:
        picture = pictures.url(item.picture, small=True)
        return render_to_string("orders/menu/dish.html", {"item": item, "picture": picture})

    @admin.display(description=_("price"), ordering="price")
    def cost(self, item: MenuItem) -> str:
        return shown(item.price)

    @admin.display(description=_("picture"))
    def photo(self, item: MenuItem) -> str:
        """Show the picture to who may not change it."""
        picture = pictures.url(item.picture, small=True)
        return render_to_string("orders/menu/photo.html", {"picture": picture}) if picture else ""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"price_history": history_of(object_id), **(extra_context or {})}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Put a new dish, or one that moved, behind the others of its category."""
        if "category" in form.changed_data:
            obj.position = obj.category.items.count()
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is OptionGroup:
            put_in_order(form.instance)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record options too, which are inside of the inlines that the page knows of."""
        before = look_at_rows([Option], group__item=form.instance.pk)
        super().save_related(request, form, formsets, change)
        changes = compare(before, look_at_rows([Option], group__item=form.instance.pk))
        record_all(person_of(request), changes, now=timezone.now())
