"""A kitchen for tests, as a process: accepts each order, in slow transactions."""

import os
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partialmethod
from typing import Any

import django

SECONDS_A_BATCH = 0.2
FLUSH_SECONDS = 60.0


def accept(events: Sequence[Any], *, now: datetime) -> None:
    from proto.kitchen_pb2 import OrderAccepted
    from restaurant.messaging import outbox
    from restaurant.messaging.outbox import Outgoing

    accepted = [OrderAccepted(order_id=event.message.order_id) for event in events]
    outbox.add("kitchen", [Outgoing(message) for message in accepted], now=now)
    # Long enough to be killed in, with everything written and nothing committed.
    time.sleep(SECONDS_A_BATCH)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
    django.setup()
    from proto.orders_pb2 import OrderCreated
    from restaurant.messaging import runner
    from restaurant.messaging.relay import Relay
    from restaurant.messaging.worker import Worker

    # A busy broker may take longer than a service would wait.
    Relay.close = partialmethod(Relay.close, FLUSH_SECONDS)  # type: ignore[method-assign,assignment]
    runner.run(Worker(service="kitchen", handlers={OrderCreated: accept}))


if __name__ == "__main__":
    main()
