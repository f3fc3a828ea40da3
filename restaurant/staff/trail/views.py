"""The trail's page, and its files."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from restaurant.boards.access import page, press
from restaurant.staff.pages import show
from restaurant.staff.trail import export, reading, words
from restaurant.staff.trail.filters import FilterForm, people
from restaurant.staff.trail.lines import lines
from restaurant.trail import Target, person_of, record

VIEW = "staff.view_trail"
FORMATS = ("csv", "xlsx")


@page(VIEW)
def trail(request: HttpRequest) -> HttpResponse:
    """What people changed, newest first; an address holds the filters and the page's beginning."""
    form = FilterForm(request.GET)
    after = reading.Place.read(request.GET.get("after", ""))
    found = reading.read(form.wanted(), after) if form.is_valid() else reading.Page()
    return show(
        request,
        "staff/trail/trail.html",
        title=_("Audit trail"),
        form=form,
        people=people(),
        page=found,
        lines=lines(request, found.found),
        absent=[words.service(name) for name in (*found.missing, *found.silent)],
        looked_back_to=found.looked_back_to and words.moment(found.looked_back_to),
        filters=_query(request),
        older=_query(request, after=str(found.after)) if found.after else "",
        is_first=after is None,
        history=_history(form, found),
        zone=timezone.get_current_timezone_name(),
        say=words.texts(),
    )


@press(VIEW)
def export_trail(request: HttpRequest) -> HttpResponseBase:
    """Send what the filters find as a file, and record that."""
    form, kind = FilterForm(request.GET), request.POST.get("format")
    if not form.is_valid() or kind not in FORMATS:
        return HttpResponseBadRequest(_("Not done: the filters cannot be read."))
    now = timezone.now()
    # What happens from now on, this export too, is not in it.
    wanted = form.wanted()
    found = reading.read_all(replace(wanted, until=min(wanted.until or now, now)))
    try:
        response = _csv(found) if kind == "csv" else _xlsx(found)
    except export.TooMany:
        text = _("A spreadsheet holds up to %(count)d entries: narrow the filters, or take CSV.")
        messages.warning(request, text % {"count": export.MOST_XLSX})
        return HttpResponseRedirect(f"{reverse('staff:trail')}?{_query(request)}")
    _record(request, form, kind, now)
    name = f"trail-{timezone.localtime(now):%Y%m%d-%H%M%S}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _history(form: FilterForm, found: reading.Page) -> str:
    """Name the one row whose entries these are, if they are one row's."""
    given = form.cleaned_data if form.is_valid() else {}
    if not (given.get("kind") and given.get("object")):
        return ""
    name = found.found[0].entry.object_name if found.found else given["object"]
    return f"{words.kind(given['kind'])} {name}"


def _csv(found: Any) -> HttpResponseBase:
    return StreamingHttpResponse(export.as_csv(found), content_type="text/csv; charset=utf-8")


def _xlsx(found: Any) -> HttpResponseBase:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(export.as_xlsx(found), content_type=kind)


def _record(request: HttpRequest, form: FilterForm, kind: str, now: datetime) -> None:
    given = {name: value for name, value in form.cleaned_data.items() if value}
    target = Target("staff.trail", "", str(words.PAGES["staff.trail"]))
    after = {"format": kind, **given}
    record(person_of(request), target, action="export", now=now, after=after)


def _query(request: HttpRequest, **more: str) -> str:
    """Give the filters of this page as an address has them, without its place."""
    query = request.GET.copy()
    query.pop("after", None)
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    query.update(more)
    return query.urlencode()
