"""Which services' databases this process can read.

A process may hold the keys to one service's data alone; what looks across services asks here first
and says what it cannot know.
"""

from collections.abc import Iterable

from django.conf import settings

from restaurant import databases

# Those that speak Kafka, in the order in which an order passes them.
PIPELINE = ("orders", "kitchen", "delivery")


def has(service: str) -> bool:
    """Tell whether the service's database is configured here (not whether it answers)."""
    return databases.alias_of(service) in databases.configured(settings.DATABASES)


def missing(services: Iterable[str] = PIPELINE) -> list[str]:
    """Name the services whose database is not configured here."""
    return [service for service in services if not has(service)]
