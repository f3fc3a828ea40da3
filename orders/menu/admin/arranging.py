"""The order of the menu, by drag and drop or by buttons, saved at once as a whole."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.errors import MenuMoved
from orders.menu.admin.pages import show, way
from orders.menu.arranging import Shelf, arrange
from orders.models import Category
from restaurant.trail import person_of

# A category's key after "c", or a dish's after "i"; dishes follow their category.
_PART = re.compile(r"([ci])([0-9]{1,18})")


class Arranging:
    """Gives a page of dishes the page where they are put in order."""

    @way(gettext_lazy("Arrange"), path="arrange", right="change", icon="swap_vert")
    def arrange_menu(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return _save(request)
        return show(
            self,
            request,
            "orders/menu/arrange.html",
            title=_("Arrange the menu"),
            categories=Category.objects.prefetch_related("items"),
        )


def _save(request: HttpRequest) -> HttpResponse:
    try:
        moved = arrange(_shelves(request.POST.getlist("order")), by=person_of(request))
    except MenuMoved:
        text = _("The menu has got or lost dishes meanwhile; it was not arranged. Look again.")
        messages.warning(request, text)
    else:
        messages.success(request, _("Saved.") if moved else _("It was in this order already."))
    return HttpResponseRedirect(request.path)


def _shelves(parts: list[str]) -> list[Shelf]:
    """Read the form's parts in their order. Raises `MenuMoved` when they are none of a menu."""
    shelves: list[tuple[int, list[int]]] = []
    for part in parts:
        found = _PART.fullmatch(part)
        if found is None or (found[1] == "i" and not shelves):
            raise MenuMoved
        if found[1] == "c":
            shelves.append((int(found[2]), []))
        else:
            shelves[-1][1].append(int(found[2]))
    return [Shelf(category, items) for category, items in shelves]
