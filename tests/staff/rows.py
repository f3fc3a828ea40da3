"""A row of every model that the staff site shows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from uuid_utils.compat import uuid7

from auth_grpc.models import LoginCount, RefreshToken, Session, SigningKey, User
from delivery.models import Courier, Delivery
from kitchen.models import KitchenOrder, Station, Ticket
from orders.models import (
    Category,
    IdempotencyKey,
    MenuItem,
    MenuVersion,
    Order,
    OrderLine,
    RefusalCount,
    TimelineEntry,
)
from proto.orders_pb2 import OrderCreated
from restaurant.staff.books import PIPELINE

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def user(i: int, **fields: Any) -> User:
    made = User.objects.create_user(f"user-{i}-{uuid7()}@example.com", **fields)
    made.groups.add(Group.objects.get_or_create(name=f"group-{i}")[0])
    return made


def session(i: int) -> Session:
    return Session.objects.create(
        user=user(i), created_at=NOW, used_at=NOW, expires_at=NOW, address="127.0.0.1"
    )


def refresh_token(i: int) -> RefreshToken:
    return RefreshToken.objects.create(id=uuid7(), session=session(i), expires_at=NOW)


def signing_key(i: int) -> SigningKey:
    retired = NOW if SigningKey.objects.filter(retired_at=None).exists() else None
    return SigningKey.objects.create(
        kid=f"key-{i}", algorithm="EdDSA", public_pem="-", created_at=NOW, retired_at=retired
    )


def login_count(i: int) -> LoginCount:
    return LoginCount.objects.create(
        scope="account", subject=f"{uuid7()}@example.com", failures=i, resets_at=NOW
    )


def periodic_task(i: int) -> PeriodicTask:
    return PeriodicTask.objects.create(
        name=f"task {uuid7()}", task="some.task", interval=interval(i)
    )


def interval(i: int) -> IntervalSchedule:
    return IntervalSchedule.objects.create(every=i + 1, period="seconds")


def order(i: int, **fields: Any) -> Order:
    given = {
        "customer_id": uuid7(),
        "currency": "EUR",
        "total": Decimal("9.50"),
        "address": "12 Canal Street",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Order.objects.create(**{**given, **fields})


def order_line(i: int, of: Order | None = None, **fields: Any) -> OrderLine:
    given = {
        "sku": "MARGHERITA",
        "name": "Margherita",
        "quantity": 1,
        "unit_price": Decimal("9.50"),
        "station": "oven",
        "preparation_seconds": 480,
        "options": [{"sku": "SIZE-L", "name": "Large", "group": "Size", "price": "3.00"}],
    }
    return OrderLine.objects.create(order=of or order(i), **{**given, **fields})


def timeline_entry(i: int, of: Order | None = None, **fields: Any) -> TimelineEntry:
    given = {"event_id": uuid7(), "type": "order_created", "at": NOW, "detail": {"reason": "why"}}
    return TimelineEntry.objects.create(order=of or order(i), **{**given, **fields})


def category(i: int) -> Category:
    return Category.objects.create(name=f"Category {uuid7()}")


def menu_item(i: int) -> MenuItem:
    return MenuItem.objects.create(
        category=category(i),
        sku=f"SKU-{uuid7()}",
        name="Margherita",
        price="9.50",
        station="oven",
        preparation_seconds=480,
    )


def menu_version(i: int) -> MenuVersion:
    return MenuVersion.objects.create(pk=i + 10)


def refusal_count(i: int) -> RefusalCount:
    return RefusalCount.objects.create(at=NOW + timedelta(minutes=15 * i), code="bad_text", count=2)


def idempotency_key(i: int) -> IdempotencyKey:
    return IdempotencyKey.objects.create(
        customer_id=uuid7(), key="key", request_hash="-", order_id=uuid7(), created_at=NOW
    )


def station(i: int, **fields: Any) -> Station:
    return Station.objects.create(**{"code": f"station-{uuid7()}", "name": "Oven", **fields})


def kitchen_order(i: int, **fields: Any) -> KitchenOrder:
    given = {"order_id": uuid7(), "number": i, "created_at": NOW, "updated_at": NOW}
    return KitchenOrder.objects.create(**{**given, **fields})


def ticket(i: int, of: KitchenOrder | None = None, at: Station | None = None, **fields: Any) -> Any:
    dish = {"sku": "M", "name": "Margherita", "quantity": 1, "options": ["Large"], "note": ""}
    given = {"lines": [dish], "preparation_seconds": 480, "queued_at": NOW}
    made = Ticket(order=of or kitchen_order(i, open_tickets=1), station=at or station(i))
    for name, value in {**given, **fields}.items():
        setattr(made, name, value)
    made.save()
    return made


def courier(i: int, **fields: Any) -> Courier:
    return Courier.objects.create(
        **{"name": f"Courier {i}", "on_shift": True, "user_id": uuid7(), **fields}
    )


def delivery(i: int, **fields: Any) -> Delivery:
    given = {
        "order_id": uuid7(),
        "number": i,
        "status": "assigned",
        "assigned_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    }
    if "status" not in fields:
        given["courier"] = courier(i)
    return Delivery.objects.create(**{**given, **fields})


def outbox(service: str, **fields: Any) -> Any:
    message = OrderCreated(order_id=str(uuid7()), number=1)
    given = {
        "event_id": uuid7(),
        "topic": "order_created",
        "key": message.order_id,
        "type": OrderCreated.DESCRIPTOR.full_name,
        "payload": message.SerializeToString(),
        "created_at": NOW,
    }
    return apps.get_model(service, "OutboxMessage").objects.create(**{**given, **fields})


def inbox(service: str, **fields: Any) -> Any:
    given = {"event_id": uuid7(), "topic": "t", "partition": 0, "offset": 1, "handled_at": NOW}
    return apps.get_model(service, "InboxMessage").objects.create(**{**given, **fields})


def dead_letter(service: str, **fields: Any) -> Any:
    given = {
        "event_id": uuid7(),
        "topic": "order_created",
        "partition": 0,
        "offset": 1,
        "key": str(uuid7()),
        "type": OrderCreated.DESCRIPTOR.full_name,
        "payload": OrderCreated(number=1).SerializeToString(),
        "error": "ValueError: no",
        "failed_at": NOW,
    }
    return apps.get_model(service, "DeadLetter").objects.create(**{**given, **fields})


def _of(make: Callable[[str], Any], service: str) -> Callable[[int], Any]:
    return lambda i: make(service)


# Model → what makes its row number i.
ROWS: dict[str, Callable[[int], Any]] = {
    "auth.Group": lambda i: Group.objects.create(name=f"role {uuid7()}"),
    "auth_grpc.User": user,
    "auth_grpc.Session": session,
    "auth_grpc.RefreshToken": refresh_token,
    "auth_grpc.SigningKey": signing_key,
    "auth_grpc.LoginCount": login_count,
    "django_celery_beat.PeriodicTask": periodic_task,
    "django_celery_beat.IntervalSchedule": interval,
    "django_celery_beat.CrontabSchedule": lambda i: CrontabSchedule.objects.create(minute=i),
    "django_celery_beat.SolarSchedule": lambda i: SolarSchedule.objects.create(
        event="sunset", latitude=i, longitude=1
    ),
    "django_celery_beat.ClockedSchedule": lambda i: ClockedSchedule.objects.create(
        clocked_time=NOW + timedelta(days=i)
    ),
    "orders.Order": order,
    "orders.OrderLine": order_line,
    "orders.TimelineEntry": timeline_entry,
    "orders.Category": category,
    "orders.MenuItem": menu_item,
    "orders.MenuVersion": menu_version,
    "orders.RefusalCount": refusal_count,
    "orders.IdempotencyKey": idempotency_key,
    "kitchen.Station": station,
    "kitchen.KitchenOrder": kitchen_order,
    "kitchen.Ticket": ticket,
    "delivery.Courier": courier,
    "delivery.Delivery": delivery,
    **{f"{service}.OutboxMessage": _of(outbox, service) for service in PIPELINE},
    **{f"{service}.InboxMessage": _of(inbox, service) for service in PIPELINE},
    **{f"{service}.DeadLetter": _of(dead_letter, service) for service in PIPELINE},
}
