"""The list of keys, on every page of the staff site: `{% staff_keys %}`."""

from typing import Any

from django import template

from restaurant.staff import keys

register = template.Library()


@register.inclusion_tag("staff/keys.html", takes_context=True)
def staff_keys(context: dict[str, Any]) -> dict[str, Any]:
    return {"ways": [*keys.ways(context["request"])]}
