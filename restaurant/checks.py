"""Misconfiguration that must stop a process at its start."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def production_needs_real_parts(**_: Any) -> Sequence[checks.CheckMessage]:
    """Refuse, outside DEBUG, the default secret and the embedded broker."""
    if settings.DEBUG:
        return []
    found: list[checks.CheckMessage] = []
    if settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY:
        found.append(
            checks.Critical(
                "SECRET_KEY is the development default.",
                hint="Set SECRET_KEY to 50 or more random characters.",
                id="restaurant.C001",
            )
        )
    if settings.KAFKA_IS_EMBEDDED:
        found.append(
            checks.Critical(
                "The embedded broker keeps messages in memory alone.",
                hint="Set KAFKA_BOOTSTRAP_SERVERS to a real Kafka and unset KAFKA_IS_EMBEDDED.",
                id="restaurant.C002",
            )
        )
    if settings.MAIL_IS_CONFIGURED and settings.PUBLIC_URL == settings.OWN_URL:
        found.append(
            checks.Critical(
                "Links in mails would lead to this machine's own address.",
                hint="Set PUBLIC_URL to where people reach this site, as https://example.com.",
                id="restaurant.C003",
            )
        )
    return found
