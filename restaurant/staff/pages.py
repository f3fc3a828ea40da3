"""What the staff site's own pages are made of."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def show(request: HttpRequest, template: str, *, title: str, **context: Any) -> HttpResponse:
    """Render a page that extends `staff/page.html`, in the site's frame.

    Who may see it is said by `restaurant.boards.access.page` on its view.
    """
    frame = admin.site.each_context(request)
    return render(request, template, {**frame, "title": title, **context})
