"""Who asks, and what there is to ask for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.utils import timezone
from uuid_utils.compat import uuid7

from auth_grpc import services as accounts
from auth_grpc.models import Role, User
from kitchen.models import KitchenOrder
from tests.staff import rows

PASSWORD = "correct horse battery 7"
ABSENT = UUID(int=1)


@dataclass(frozen=True)
class Ground:
    """Keys of rows. Of orders, whoever asks has one; of deliveries, the courier."""

    # Role → its person's order; somebody else's has none's.
    orders: dict[str, UUID]
    # Status → a ticket.
    tickets: dict[str, int]
    # Status, and whether the courier who asks has it → its order.
    deliveries: dict[tuple[str, bool], UUID]
    courier: UUID

    def order_of(self, role: str, is_own: bool) -> UUID:
        return self.orders.get(role, self.orders["stranger"]) if is_own else self.orders["stranger"]


def hire(role: str) -> User:
    """Make an account of a role; "admin" is a superuser, "disabled" a manager's who has left."""
    email = f"{role}@example.com"
    if role == "admin":
        return User.objects.create_superuser(email, PASSWORD)
    if role in ("customer", "courier"):
        user = accounts.register(email=email, password=PASSWORD)
        user.groups.set([Group.objects.get(name=role)])
        return user
    as_role = "manager" if role in ("disabled", "expired", "forged") else role
    return accounts.create_staff(email=email, password=PASSWORD, role=Role(as_role))


def token_of(role: str, user: User) -> str:
    """Give an access token of the account; those of `OUTSIDE` are no good any more."""
    now = timezone.now() - timedelta(minutes=6 if role == "expired" else 0)
    token = accounts.login(email=user.email, password=PASSWORD, now=now).access
    if role == "disabled":
        accounts.deactivate(user, by=User(), now=now)
    if role == "forged":
        head, _dot, signature = token.rpartition(".")
        token = f"{head}.{signature[::-1]}"
    return token


def lay(people: dict[str, User]) -> Ground:
    """Make the rows, for these people by their roles."""
    couriers = {True: rows.courier(1, user_id=people["courier"].pk), False: rows.courier(2)}
    return Ground(
        orders={role: _order(user.pk) for role, user in people.items()} | {"stranger": _order()},
        tickets=_tickets(),
        deliveries={
            (status, is_own): rows.delivery(1, status=status, courier=carrier).order_id
            for status in ("assigned", "out_for_delivery")
            for is_own, carrier in couriers.items()
        },
        courier=couriers[False].pk,
    )


def _order(customer_id: UUID | None = None) -> UUID:
    order = rows.order(1, customer_id=customer_id or uuid7())
    rows.order_line(1, of=order)
    public_id: UUID = order.public_id
    return public_id


def _tickets() -> dict[str, int]:
    oven = rows.station(1, code="oven", mode="manual")
    cooking: dict[str, Any] = {"status": KitchenOrder.Status.COOKING, "open_tickets": 1}
    return {
        status: rows.ticket(1, of=rows.kitchen_order(n, **cooking), at=oven, status=status).pk
        for n, status in enumerate(("queued", "cooking", "done", "cancelled"))
    }
