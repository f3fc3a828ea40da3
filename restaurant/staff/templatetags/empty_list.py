"""Why a list is empty: `{% when_empty cl as why %}`."""

from typing import Any

from django import template

from restaurant.staff.empty import USUAL, WHY

register = template.Library()


@register.simple_tag
def when_empty(cl: Any) -> str:
    return str(WHY.get(cl.model._meta.label, USUAL))
