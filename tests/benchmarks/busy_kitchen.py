"""A kitchen whose handler computes: what it costs is the processor's, not the database's.

    python -m tests.benchmarks.busy_kitchen

A process like `manage.py run_kitchen`, whose handler of new orders derives a key for each of them.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from time import process_time
from typing import Any

# Some milliseconds of one core an order. Less would measure Kafka and PostgreSQL.
ROUNDS = 12_000


def compute(order_id: str) -> None:
    """Work as long for each order as for any other."""
    hashlib.pbkdf2_hmac("sha256", order_id.encode(), b"a pinch of salt", ROUNDS)


def cost_ms() -> float:
    """Give what an order costs here, in milliseconds of one core."""
    count, began = 100, process_time()
    for number in range(count):
        compute(str(number))
    return (process_time() - began) * 1000 / count


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "restaurant.settings"
    import django

    django.setup()
    from kitchen import handlers
    from kitchen.worker import worker
    from proto.orders_pb2 import OrderCreated
    from restaurant.messaging import runner

    def create_tickets(events: Sequence[Any], *, now: datetime) -> None:
        for event in events:
            compute(event.message.order_id)
        handlers.create_tickets(events, now=now)

    runner.run(replace(worker, handlers={**worker.handlers, OrderCreated: create_tickets}))


if __name__ == "__main__":
    main()
