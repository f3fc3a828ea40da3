"""Who may look at a board, and who may press its buttons."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

View = Callable[..., HttpResponseBase]


def page(permission: str) -> Callable[[View], View]:
    """Make a view a board's page: a GET, for staff with the permission.

    Others are sent to log in, or refused with 403.
    """
    return lambda view: never_cache(require_GET(_guarded(permission, view)))


def dialog(permission: str) -> Callable[[View], View]:
    """Make a view a dialog of a page: GET shows it, POST sends it; refusals are those of `page`."""
    allowed = require_http_methods(["GET", "POST"])
    return lambda view: never_cache(allowed(_guarded(permission, view)))


def part(permission: str) -> Callable[[View], View]:
    """Make a view something that a board's script GETs: refusals are JSON, as `say` makes it."""
    return lambda view: never_cache(require_GET(_answering(permission, view)))


def press(permission: str) -> Callable[[View], View]:
    """Make a view what a button POSTs to: refusals are JSON, as `say` makes it."""
    return lambda view: never_cache(require_POST(_answering(permission, view)))


def say(text: str = "", *, status: int = 200) -> JsonResponse:
    """Answer a board's script: `{"say": …}`, a line for the person, empty where all is plain."""
    return JsonResponse({"say": text}, status=status)


def name_of(request: HttpRequest) -> str:
    """Say who asks, as colleagues name them."""
    return str(getattr(request.user, "get_short_name", str)())


def _guarded(permission: str, view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not _is_staff(request):
            return redirect_to_login(request.get_full_path())
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _answering(permission: str, view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not _is_staff(request):
            return say(_("You are signed out."), status=401)
        if not request.user.has_perm(permission):
            return say(_("You may not do this."), status=403)
        return view(request, *args, **kwargs)

    return guarded


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff
