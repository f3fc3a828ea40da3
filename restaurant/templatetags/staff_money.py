"""Money in templates: `{% load staff_money %}`, then `{{ order.total|money:order.currency }}`."""

from django import template

from restaurant.amounts import number, shown

register = template.Library()
register.filter("money", shown)
register.filter("number", number)
