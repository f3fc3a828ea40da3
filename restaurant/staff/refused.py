"""Pages for what cannot be shown: why, and where to go from there."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import defaults

from restaurant.staff.pages import show

BELOW = "/admin/"


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 403: the page exists, and is not for this person."""
    if not _is_for_staff(request):
        return defaults.permission_denied(request, exception)
    text = _("Your role does not include it. If you need it for your work, ask a manager.")
    return _page(request, 403, "lock", _("You may not open this page"), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404: there is nothing at this address."""
    if not _is_for_staff(request):
        return defaults.page_not_found(request, exception)
    text = _("It may have been deleted, or the link is old. Ctrl + K searches for what you need.")
    return _page(request, 404, "travel_explore", _("There is nothing here"), text)


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
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


def _is_for_staff(request: HttpRequest) -> bool:
    """Tell whether the page can stand in the site's frame, which only staff may see."""
    user = getattr(request, "user", None)
    return request.path_info.startswith(BELOW) and bool(user and user.is_active and user.is_staff)
