"""Code in plain texts: `{% load code_words %}`, then `{{ advice|code }}`."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def code(text: str) -> SafeString:
    """Escape a text, and draw what stands in it between backticks as code."""
    plain, *rest = text.split("`")
    parts = [format_html("{}", plain)]
    for number, part in enumerate(rest):
        parts.append(format_html("{}" if number % 2 else "<code>{}</code>", part))
    return format_html_join("", "{}", ((part,) for part in parts))
