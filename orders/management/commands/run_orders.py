from typing import Any

from django.core.checks import Tags
from django.utils import timezone

from orders.cache import TTL, order_cache
from orders.worker import worker
from restaurant.daemon import Daemon
from restaurant.messaging.runner import run


class Command(Daemon):
    help = "Follow the kitchen's and the delivery's events, and publish those of orders."

    # The others would load every page of the web process.
    requires_system_checks = (Tags.security,)

    def handle(self, **_: Any) -> None:
        # A worker that was killed may have committed what it did not bring to the cache.
        order_cache.missed_since(timezone.now() - TTL)
        run(worker)
