"""Lengths of time in the order page's templates: `{{ took|span }}` gives "1.2 s"."""

from datetime import datetime

from django import template

from restaurant.staff.order.words import span

register = template.Library()
register.filter("span", span)


@register.filter
def millis(moment: datetime) -> str:
    """Give the part of a second, as ".042"."""
    return f".{moment.microsecond // 1000:03}"
