"""What the orders service listens to: how kitchen and delivery come along with each order."""

from orders.handlers import MEANINGS, apply_status, refresh_cache, repair_cache
from restaurant.messaging.worker import Worker

worker = Worker(
    service="orders",
    handlers=dict.fromkeys(MEANINGS, apply_status),
    timers=[repair_cache],
    after_commit=refresh_cache,
)
