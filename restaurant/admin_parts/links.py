"""Links to the pages of other services, which a page may name but not import."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString


def links_to(order_id: UUID, pages: Iterable[tuple[str | Promise, str]]) -> SafeString:
    """Give links to an order in other lists; `pages` are texts and models, as "kitchen_ticket".

    A page that this process does not serve is left out.
    """
    found = []
    for text, model in pages:
        try:
            url = reverse(f"admin:{model}_changelist")
        except NoReverseMatch:
            continue
        found.append((f"{url}?{urlencode({'q': str(order_id)})}", text))
    return format_html_join(
        " · ", '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', found
    )
