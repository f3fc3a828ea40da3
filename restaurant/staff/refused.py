"""Pages for what cannot be shown: why, and where to go from there.

Staff read them in the site's frame. Others, and everybody when something is broken, read a plain
page, for which nothing is asked of a database or a session.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from restaurant.request_ids import request_id
from restaurant.staff.pages import show

BELOW = "/admin/"


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: the page exists, and is not for this person."""
    title = _("You may not open this page")
    if not _is_for_staff(request):
        return _plain(request, 403, title, _("You are not signed in as somebody who may."))
    text = _("Your role does not include it. If you need it for your work, ask a manager.")
    return _page(request, 403, "lock", title, text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: there is nothing at this address."""
    title = _("There is nothing here")
    if not _is_for_staff(request):
        return _plain(request, 404, title, _("It may have been deleted, or the link is old."))
    text = _("It may have been deleted, or the link is old. Ctrl + K searches for what you need.")
    return _page(request, 404, "travel_explore", title, text)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request is none that a page of this site sends."""
    text = _("Your browser has sent what this site cannot read. Nothing has been changed.")
    return _plain(request, 400, _("This could not be read"), text)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500: the fault is this side's, and its number leads to it in the logs."""
    text = _(
        "The fault is on our side. What you sent was done whole or not at all:"
        " look before you send it again."
    )
    return _plain(request, 500, _("Something went wrong"), text, request_id=request_id(request))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without the token of this session, often one from before a login."""
    text = _("It was opened before you signed in, or too long ago. Nothing has been changed.")
    title = _("This form is out of date")
    if not _is_for_staff(request):
        return _page(request, 403, "history", title, text, is_nav_sidebar_enabled=False)
    return _page(request, 403, "history", title, text)


def nothing_yet(request: HttpRequest) -> HttpResponse:
    """Say to who has no page at all that this is no error."""
    text = _("You are signed in, but have no role yet. Ask a manager to give you one.")
    links = [(_("Change password"), reverse("admin:password_change"))]
    return show(
        request,
        "staff/message.html",
        title=_("No page is open to you yet"),
        text=text,
        icon="badge",
        links=links,
    )


def _page(
    request: HttpRequest, status: int, icon: str, title: str, text: str, **context: object
) -> HttpResponse:
    links = [(_("To my start page"), reverse("admin:index"))]
    answer = show(
        request,
        "staff/message.html",
        title=title,
        text=text,
        icon=icon,
        links=links,
        **context,
    )
    answer.status_code = status
    return answer


def _plain(
    request: HttpRequest, status: int, title: str, text: str, **context: object
) -> HttpResponse:
    links = []
    if status == 500 and request.method == "GET":
        # Asking again repeats nothing.
        links.append((_("Try again"), request.get_full_path()))
    if request.path_info.startswith(BELOW):
        links.append((_("To my start page"), reverse("admin:index")))
    told = {"status": status, "title": title, "text": text, "links": links, **context}
    return HttpResponse(render_to_string("plain.html", told), status=status)


def _is_for_staff(request: HttpRequest) -> bool:
    """Tell whether the page can stand in the site's frame, which only staff may see."""
    user = getattr(request, "user", None)
    return request.path_info.startswith(BELOW) and bool(user and user.is_active and user.is_staff)
