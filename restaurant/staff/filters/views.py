"""Keeping and removing: a POST each, answered by the list."""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from restaurant.staff.filters import keeping
from restaurant.staff.filters.models import SavedFilter


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a list that the person may see."""
    page, query = request.POST.get("page", ""), request.POST.get("query", "")
    address = _list(request, page)
    try:
        kept = keeping.keep(
            user=request.user, page=page, name=request.POST.get("name", ""), query=query
        )
        query = kept.query
        messages.success(request, _("“%(name)s” is kept above this list.") % {"name": kept.name})
    except keeping.NotKept as error:
        messages.error(request, str(error.text))
    return HttpResponseRedirect(f"{address}?{keeping.normal(query)}")


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of the person's own; what it showed is untouched."""
    saved = get_object_or_404(SavedFilter, pk=pk, user_id=request.user.pk)
    address = _list(request, saved.page)
    saved.delete()
    messages.success(request, _("The filter “%(name)s” is removed.") % {"name": saved.name})
    return HttpResponseRedirect(address)


def _list(request: HttpRequest, page: str) -> str:
    """Give the address of a list; refuse where there is none that the person may see."""
    try:
        model = apps.get_model(page)
    except (LookupError, ValueError):
        raise Http404 from None
    if not admin.site.is_registered(model):
        raise Http404
    if not admin.site.get_model_admin(model).has_view_permission(request):
        raise PermissionDenied
    meta: Any = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
