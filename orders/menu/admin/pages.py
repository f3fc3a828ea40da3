"""What the menu's own pages are made of."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from unfold.decorators import action

View = Callable[[Any, HttpRequest], HttpResponse]


def way(title: str | Promise, *, path: str, right: str, icon: str) -> Callable[[View], View]:
    """Make a method a page that a button above the list leads to.

    `right` names the page's own test, as "export" does `has_export_permission`.
    """
    made: Callable[[View], View] = action(
        description=title, url_path=path, permissions=[right], icon=icon
    )
    return made


def show(
    page: Any, request: HttpRequest, template: str, *, title: str, **context: Any
) -> HttpResponse:
    """Render a page that extends `orders/menu/page.html`, in the site's frame."""
    frame = page.admin_site.each_context(request)
    shown = {**frame, "opts": page.model._meta, "title": title, **context}
    answer: HttpResponse = TemplateResponse(request, template, shown)
    return answer
