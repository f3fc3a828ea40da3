"""What deleting rows of a model does: `{% what_deleting_does opts %}`."""

from typing import Any

from django import template

from restaurant.staff.deleting import USUAL, WHAT

register = template.Library()


@register.simple_tag
def what_deleting_does(opts: Any) -> str:
    return str(WHAT.get(opts.label, USUAL))
