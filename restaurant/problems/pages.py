"""Where a problem's `type` leads: its explanation, as a page for people and as JSON.

    {"type": "/problems/not_found/", "code": "not_found", "status": 404,
     "title": "…", "meaning": "…", "advice": "…"}

Nothing is asked of a database or a session. In English, as the rest of the API's documentation.
"""

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.views.decorators.http import require_safe

from restaurant.problems.catalogue import CATALOGUE, KINDS, Kind
from restaurant.problems.problem import MEDIA_TYPE, body
from restaurant.request_ids import request_id

JSON, HTML = "application/json", "text/html"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show all kinds; as JSON, a list under `problems`."""
    told = {"problems": [_members(kind) for kind in KINDS]}
    return _answer(request, "problems/index.html", told)


@require_safe
def explain(request: HttpRequest, code: str) -> HttpResponse:
    """Show one kind."""
    if kind := CATALOGUE.get(code):
        return _answer(request, "problems/kind.html", _members(kind))
    if _wants_json(request):
        missing = body(CATALOGUE["not_found"], request_id=request_id(request))
        return JsonResponse(missing, status=404, content_type=MEDIA_TYPE)
    raise Http404


def _members(kind: Kind) -> dict[str, Any]:
    return {"type": kind.type, **asdict(kind)}


def _answer(request: HttpRequest, template: str, told: dict[str, Any]) -> HttpResponse:
    answer: HttpResponse
    if _wants_json(request):
        answer = JsonResponse(told)
    else:
        with override("en"):
            answer = HttpResponse(render_to_string(template, told))
    patch_vary_headers(answer, ["Accept"])
    answer["Content-Language"] = "en"
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def _wants_json(request: HttpRequest) -> bool:
    """Tell whether a program asks: one that takes anything, too. Browsers name HTML."""
    return request.get_preferred_type([JSON, HTML]) == JSON
