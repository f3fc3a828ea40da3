"""What the tests of the dispatch board stand on."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from delivery import services
from delivery.models import Courier, Delivery
from tests.boards.staff import client_of
from tests.delivery.ground import courier, notices, plan_one

BOARD = "/admin/delivery/board/"
SEES = {"dispatch", "manager", "support", "superuser"}
MOVES = {"dispatch", "manager", "superuser"}
STRANGERS = {"nobody", "customer"}
NOW = timezone.now()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def driver(name: str = "Ada", **fields: Any) -> Courier:
    return courier(name, **{"mode": Courier.Mode.MANUAL, **fields})


def give(delivery: Delivery, to: Courier, now: datetime = NOW, by: str = "") -> None:
    services.assign(delivery_id=delivery.pk, courier_id=to.pk, now=now, by=by)


def on_the_road(who: Courier, number: int = 1, now: datetime = NOW) -> Delivery:
    delivery = plan_one(number, now=now)
    give(delivery, who, now=now)
    services.pick_up(delivery_id=delivery.pk, now=now)
    delivery.refresh_from_db()
    return delivery


def failed_once(who: Courier, number: int = 1, now: datetime = NOW) -> Delivery:
    delivery = on_the_road(who, number, now=now)
    services.fail(delivery_id=delivery.pk, reason="nobody home", now=now)
    delivery.refresh_from_db()
    return delivery


def press(client: Client, row: Delivery | Courier, name: str, **body: Any) -> Any:
    kind = "deliveries" if isinstance(row, Delivery) else "couriers"
    return client.post(f"{BOARD}{kind}/{row.pk}/{name}/", body, "application/json")


def state() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values()) for model in (Delivery, Courier)]
    return [*rows, len(notices())]


def page_of(role: str, path: str = "") -> str:
    answer = client_of(role).get(BOARD + path)
    assert answer.status_code == 200
    return answer.content.decode()


def ready_for(name: str) -> tuple[Delivery, dict[str, Any]]:
    """Give a delivery to which this may be done, and what the button sends."""
    ada = driver("Ada")
    if name in ("deliver", "fail"):
        return on_the_road(ada), {"seen": str(ada.pk), "reason": "nobody home"}
    delivery = plan_one()
    if name in ("assign", "give_up"):
        return delivery, {"courier": str(ada.pk), "seen": None, "reason": "closing"}
    give(delivery, ada)
    if name == "release":
        services.unassign(delivery_id=delivery.pk, now=NOW, by="Ana")
        return delivery, {}
    return delivery, {"seen": str(ada.pk)}
