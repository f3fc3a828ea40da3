"""The links below a person's own name."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


def account(_request: HttpRequest) -> list[dict[str, Any]]:
    """Give what Unfold lists there."""
    links = [{"title": _("Change password"), "link": reverse("admin:password_change")}]
    if settings.STAFF_SECOND_FACTOR != "off":
        links.append({"title": _("Second factor"), "link": reverse("second_factor")})
    return links
