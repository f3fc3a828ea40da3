"""How things stand now, in words and with the lists behind each number."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from restaurant.staff.dashboard import hours, words
from restaurant.staff.dashboard.links import Links
from restaurant.staff.dashboard.now import IN_FLIGHT, OPEN, Flight, Now, Queue, Refused, Ride, Road


@dataclass(frozen=True)
class Item:
    """A line: a name, a number or a text, and where it leads."""

    name: str
    value: str | int
    link: str = ""
    note: str = ""
    tone: str = ""
    percent: int = 0


@dataclass(frozen=True)
class Part:
    """A card: its number, its lines, and where they lead; or why nothing is known."""

    number: int = 0
    link: str = ""
    # Of how many, and where those are.
    total: int = 0
    total_link: str = ""
    items: list[Item] = field(default_factory=list)
    extra: list[Item] = field(default_factory=list)
    unknown: str = ""


def of(now: Now, *, links: Links) -> dict[str, Any]:
    """Give the cards by name."""
    return {
        "at": now.at,
        "flight": _flight(now.flight, links) if now.flight else _none(now, "orders"),
        "late": _late(now.flight, now.at, links) if now.flight else _none(now, "orders"),
        "stations": (
            Part(items=[_station(queue, now.at, links) for queue in now.queues])
            if now.queues is not None
            else _none(now, "kitchen")
        ),
        "road": _road(now.road, now.at, links) if now.road else _none(now, "delivery"),
        "refused": (_refused(now.refused, now.at, links) if now.refused else _none(now, "orders")),
    }


def _none(now: Now, service: str) -> Part:
    return Part(unknown=words.unknown(now.unknown, service))


def _flight(flight: Flight, links: Links) -> Part:
    total = flight.total
    return Part(
        number=total,
        link=links.to("orders.order", {"status__exact": [str(status) for status in IN_FLIGHT]}),
        items=[
            Item(
                str(status.label),
                count,
                links.to("orders.order", {"status__exact": str(status)}),
                tone=str(status),
                percent=round(100 * count / total) if total else 0,
            )
            for status, count in flight.by_status.items()
        ],
    )


def _late(flight: Flight, now: datetime, links: Links) -> Part:
    return Part(
        number=flight.late_count,
        link=links.to("orders.order", {"overdue": "yes"}),
        items=[
            Item(
                f"#{late.order.pk}",
                words.waits(late.waits_since, now=now),
                links.row("orders.order", late.order.pk),
                note=late.reason,
            )
            for late in flight.late
        ],
    )


def _station(queue: Queue, now: datetime, links: Links) -> Item:
    return Item(
        name=queue.station.name,
        value=queue.queued + queue.cooking,
        link=links.to(
            "kitchen.ticket",
            {
                "station__id__exact": queue.station.pk,
                "status__exact": [str(status) for status in OPEN],
            },
        ),
        note=words.waits(queue.oldest, now=now),
        tone=queue.pace if queue.station.is_open else "closed",
    )


def _road(road: Road, now: datetime, links: Links) -> Part:
    waiting = Item(
        "",
        road.waiting,
        links.to("delivery.delivery", {"status__exact": "awaiting_courier"}),
        words.waits(road.oldest_waiting, now=now),
    )
    return Part(
        number=len(road.out),
        link=links.to("delivery.courier", {"work": "road"}),
        total=len(road.rides),
        total_link=links.to("delivery.courier", {"work": "here"}),
        items=[_ride(ride, now, links) for ride in road.rides],
        extra=[waiting],
    )


def _ride(ride: Ride, now: datetime, links: Links) -> Item:
    return Item(
        name=ride.courier.name,
        value=ride.carries,
        link=links.to(
            "delivery.delivery",
            {
                "courier__id__exact": str(ride.courier.pk),
                "status__exact": ["assigned", "out_for_delivery"],
            },
        ),
        note=words.waits(ride.on_the_road_since, now=now),
        tone="out" if ride.on_the_road_since else "",
    )


def _refused(refused: Refused, now: datetime, links: Links) -> Part:
    today = hours.start_of(hours.day_of(now)), hours.bounds(hours.day_of(now))[1]
    lately = ("at", refused.since, now)
    return Part(
        number=sum(refused.lately.values()),
        link=links.to("orders.refusalcount", between=lately),
        items=[
            Item(
                words.refusal(code),
                count,
                links.to("orders.refusalcount", {"code__exact": code}, between=lately),
            )
            for code, count in refused.lately.items()
        ],
        extra=[
            Item(
                "",
                sum(refused.today.values()),
                links.to("orders.refusalcount", between=("at", *today)),
            )
        ],
    )
