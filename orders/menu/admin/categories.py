"""The page of the menu's categories."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.menu.admin.edits import Edits
from orders.menu.admin.forms import CategoryForm
from orders.models import Category
from restaurant.admin_parts import Page


@admin.register(Category)
class CategoryAdmin(Edits, Page):
    """Categories; what comes first is said where the menu is arranged."""

    form = CategoryForm
    list_display = ("name",)
    search_fields = ("name",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Put a new category behind the others."""
        if not change:
            obj.position = Category.objects.count()
        super().save_model(request, obj, form, change)
