"""Customers with tokens, their orders, and what happens to these."""

import itertools
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from auth_grpc import services
from auth_grpc.models import User
from orders.handlers import apply_status
from orders.models import Order, TimelineEntry
from restaurant.messaging import contracts
from restaurant.messaging.events import Event, Record
from tests.live.ground import LiveProcess, publish
from tests.live.listener import Listener

EVENT_STREAM = "text/event-stream"
PASSWORD = "correct horse battery 7"
_clock = itertools.count()


@dataclass(frozen=True)
class Person:
    """Somebody with an access token."""

    user: User
    token: str
    refresh: str

    @property
    def id(self) -> uuid.UUID:
        return self.user.pk


def join() -> Person:
    """Register a customer, and log them in."""
    email = f"{uuid.uuid4().hex}@guests.example"
    return log_in(services.register(email=email, password=PASSWORD, name="Ada"))


def log_in(user: User) -> Person:
    tokens = services.login(email=user.email, password=PASSWORD, now=timezone.now())
    return Person(user, tokens.access, tokens.refresh)


def place(owner: Person) -> Order:
    """Write down an order as the intake does."""
    now = timezone.now()
    order = Order.objects.create(
        customer_id=owner.id,
        currency="EUR",
        total=10,
        address="here",
        created_at=now,
        updated_at=now,
    )
    TimelineEntry.objects.create(
        order=order, event_id=uuid.uuid4(), type="order_created", status="placed", at=now
    )
    return order


def write(order: Order, *kinds: type[Any]) -> None:
    """Have the orders service take in what others said of an order."""
    with transaction.atomic(using="orders"):
        apply_status([_event(order, kind) for kind in kinds], now=timezone.now())


def say(order: Order, *kinds: type[Any]) -> None:
    """Publish it, as the kitchen or the delivery would, without the orders service's knowing."""
    publish(kind(order_id=str(order.public_id)) for kind in kinds)


def move(order: Order, *kinds: type[Any]) -> None:
    """Say it, and have it taken in a moment later."""
    say(order, *kinds)
    write(order, *kinds)


def _event(order: Order, kind: type[Any]) -> Event[Any]:
    key = str(order.public_id)
    at = timezone.now() + timedelta(milliseconds=next(_clock))
    record = Record(contracts.topic_of(kind), 0, 0, key, {}, b"")
    return Event(uuid.uuid4(), at, "", kind(order_id=key), record)


def path_of(order: Order | uuid.UUID, query: str = "") -> str:
    key = order.public_id if isinstance(order, Order) else order
    return f"/api/v1/orders/{key}/events/" + (f"?{query}" if query else "")


def ask(
    live: LiveProcess,
    order: Order | uuid.UUID,
    person: Person | None = None,
    *,
    query: str = "",
    method: str = "GET",
    **headers: str,
) -> Listener:
    """Ask for an order's events; a header's name has `_` for its dashes."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if person:
        sent["Authorization"] = f"Bearer {person.token}"
    return Listener(live.port, path=path_of(order, query), method=method, headers=sent)


def knock(live: LiveProcess, order: Order, person: Person, query: str) -> socket.socket:
    """Ask, and leave the answer to come."""
    connection = socket.create_connection(("127.0.0.1", live.port))
    lines = [
        f"GET {path_of(order, query)} HTTP/1.1",
        f"Host: 127.0.0.1:{live.port}",
        f"Authorization: Bearer {person.token}",
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def follow(
    live: LiveProcess, order: Order, person: Person, *, after: int = 0, query: str = ""
) -> Listener:
    """Open a stream, which must be let in."""
    known = {"Last_Event_ID": str(after)} if after else {}
    listener = ask(live, order, person, query=query, Accept=EVENT_STREAM, **known)
    assert listener.status == 200, listener.body()
    assert listener.headers["content-type"] == EVENT_STREAM
    return listener


def told(listeners: Iterable[Listener]) -> list[tuple[int, str]]:
    """List number and type of all that was heard, in turn."""
    heard = [event for listener in listeners for event in listener.events if event.name != "end"]
    for event in heard:
        assert event.id == str(event.data["sequence"])
        assert event.name == event.data["type"]
    return [(event.data["sequence"], event.name) for event in heard]
