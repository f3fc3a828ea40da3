"""The bar of saved filters above a list: `{% saved_filters cl %}`."""

from typing import Any

from django import template

from restaurant.staff.filters import keeping

register = template.Library()


@register.inclusion_tag("staff/filters/bar.html", takes_context=True)
def saved_filters(context: dict[str, Any], cl: Any) -> dict[str, Any]:
    """Give the reader's filters of the list, and what is filtered now."""
    request = context["request"]
    page = cl.model._meta.label
    now = keeping.normal(request.GET.urlencode())
    return {
        "saved": [] if cl.is_popup else keeping.of(request.user, page),
        "page": page,
        "now": "" if cl.is_popup else now,
        "csrf_token": context.get("csrf_token"),
    }
