from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from restaurant.staff.search.finding import find


@require_GET
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Give the lines that Unfold's search shows for `?s=`.

    In place of Unfold's own, which keeps what it found for minutes, whoever lost a right meanwhile,
    and looks through whole tables.
    """
    term = request.GET.get("s", "").strip()
    if not term:
        return HttpResponse()
    hits = find(request, term)
    return render(request, "staff/search/results.html", {"hits": hits, "term": term})
