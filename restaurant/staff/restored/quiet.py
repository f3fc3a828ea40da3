"""Waiting until a restored service is still, and all that it said has arrived."""

import time
from collections.abc import Callable

from restaurant.messaging.leader import leadership
from restaurant.messaging.offsets import Sounder
from restaurant.staff.books import PIPELINE
from restaurant.staff.errors import StillBusy
from restaurant.staff.pipeline.traffic import READERS
from restaurant.staff.restored import RECALLED

SECONDS_AN_ANSWER = 10


def when_quiet(service: str, act: Callable[[], int], *, seconds: float = 30) -> int:
    """Act while the service is stopped and others have read all it said; gives the answer.

    No worker of the service can publish meanwhile. Raises `StillBusy` when one runs, or when
    readers have not caught up within `seconds`; `BrokerUnavailable`.
    """
    lead = leadership(service)
    if not lead.held():
        raise StillBusy(f"{service}: a worker of it runs; stop all of them first")
    try:
        _wait_for_readers(service, seconds)
        return act()
    finally:
        lead.release()


def _wait_for_readers(service: str, seconds: float) -> None:
    said, _ = RECALLED[service]
    readers = {
        other: said & set(READERS[other])
        for other in PIPELINE
        if other != service and said & set(READERS[other])
    }
    sounder, deadline = Sounder(), time.monotonic() + seconds
    while True:
        sounding = sounder.sound(readers, seconds=SECONDS_AN_ANSWER)
        behind = [
            other
            for other, topics in readers.items()
            if any(sounding.lag(other, place) for place in sounding.ends if place[0] in topics)
        ]
        if not behind:
            return
        if time.monotonic() > deadline:
            who = " and ".join(behind)
            raise StillBusy(f"{service}: {who} has not read all that it said; see that it runs")
        time.sleep(1)
