"""The page, and the part of it that is drawn again every few seconds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from restaurant.boards import access
from restaurant.staff.pages import show
from restaurant.staff.pipeline import health

PERMISSION = "staff.view_pipeline"


@access.page(PERMISSION)
def page(request: HttpRequest) -> HttpResponse:
    """Show the health of everything."""
    found = health.look(timezone.now())
    return show(
        request, "staff/pipeline/page.html", title=_("Pipeline"), health=found, texts=_texts()
    )


@access.part(PERMISSION)
def part(request: HttpRequest) -> HttpResponse:
    """Give the inside of the page, as it is now."""
    return render(request, "staff/pipeline/part.html", {"health": health.look(timezone.now())})


def _texts() -> dict[str, str]:
    return {
        "offline": _("This page cannot be refreshed: the server does not answer."),
        "unanswered": _("This page cannot be refreshed: the server does not answer in time."),
        "failed": _("This page cannot be refreshed."),
    }
