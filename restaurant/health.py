"""Is this process alive, and can it serve?"""

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from restaurant import databases


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the databases of the services it serves answer, else 503 and which do not."""
    aliases = sorted({databases.alias_of(service) for service in settings.SERVICES})
    needs = {f"database:{alias}": _answers(alias) for alias in aliases}
    ready = all(state == "ok" for state in needs.values())
    body = {"status": "ok" if ready else "unavailable", "needs": needs}
    return JsonResponse(body, status=200 if ready else 503)


def _answers(alias: str) -> str:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # Broken connections are renewed, so that the next question may be answered.
        connections[alias].close()
        return "unavailable"
    return "ok"
