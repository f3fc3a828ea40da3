"""Is this web process alive, and can it serve? On its own port, for the proxy that asks it."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from restaurant import databases
from restaurant.monitor.server import readiness

# Who takes orders goes on with these alone: the kitchen's database being away must not stop that.
ORDERING = ("auth_grpc", "orders")


class Probes:
    """Answers `/livez` and `/readyz`, before anything asks by which name the site was called.

    Who probes knows an address alone, which need not be among `ALLOWED_HOSTS`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = PROBES.get(request.path_info, self.get_response)
        return view(request)


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the databases it needs answer, else 503 and which do not; 503 too from when
    it was told to stop.
    """
    ready, body = readiness({f"database:{alias}": _answers(alias) for alias in needed()})
    return JsonResponse(body, status=200 if ready else 503)


def needed() -> list[str]:
    """Name the databases without which this process would be of no use."""
    served = settings.SERVICES
    needed = [s for s in ORDERING if s in served] if "orders" in served else served
    return sorted({databases.alias_of(service) for service in needed})


def _answers(alias: str) -> str:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # Broken connections are renewed, so that the next question may be answered.
        connections[alias].close()
        return "unavailable"
    return "ok"


PROBES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {"/livez": livez, "/readyz": readyz}
