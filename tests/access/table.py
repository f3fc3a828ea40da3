"""Who may do what at every address below `/api/`: a row for each route, a rule for each method.

A new route or method needs one, or `test_matrix.py` fails and names it. Most are one line:

    f"{V1}specials/": {"GET": public()},                                everybody
    f"{V1}kitchen/passes/": {"GET": staff("kitchen")},                  who has a permission
    f"{V1}orders/<uuid:order_id>/tip/": {"POST": owners(own=INSIDE, at=order)},
                                                                        whose it is; others get 404

HEAD follows GET, and OPTIONS is for whoever may use a method. One without a rule is refused to all.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from tests.access.ground import ABSENT, Ground
from tests.orders.people import ORDER

# A token of somebody who was disabled, one that has expired, one that was forged.
BAD_TOKENS = ("disabled", "expired", "forged")
OUTSIDE = ("nobody", *BAD_TOKENS)
INSIDE = ("customer", "courier", "kitchen", "dispatch", "support", "manager", "admin")
ROLES = (*OUTSIDE, *INSIDE)
OWN, OTHERS, NONE = "own", "others", "absent"
# Gives what stands in a route for its parameters.
At = Callable[[Ground, str, str], dict[str, Any]]


def nothing(_ground: Ground, _role: str, _whose: str) -> dict[str, Any]:
    """Give the values of a route that has no parameters."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who may use a method: `anybodys` for whatever there is, `own` for what is theirs.

    `sees` may read what is not theirs, so that they are told 403 where others are told 404.
    """

    anybodys: Collection[str] = ()
    own: Collection[str] = ()
    sees: Collection[str] = ()
    # Has the permission, and nothing of their own.
    asks: Collection[str] = ()
    ok: int = 200
    is_public: bool = False
    # A bad token is refused there too, though none is needed.
    reads_tokens: bool = True
    has_options: bool = True
    whose: tuple[str, ...] = (OTHERS,)
    at: At = nothing
    body: Any = None

    def status(self, role: str, whose: str) -> int:
        """Give what the role is answered with."""
        if self._is_out(role):
            return 401
        if self.is_public:
            return self.ok
        if role not in {*self.anybodys, *self.own}:
            return 403
        if whose == NONE:
            return 404
        if role in self.anybodys or whose == OWN:
            return self.ok
        return 403 if role in self.sees else 404

    def options(self, role: str) -> int:
        """Give what the role is answered that asks what may be asked for."""
        if self._is_out(role):
            return 401
        if not self.has_options:
            return 405
        may = self.is_public or role in {*self.anybodys, *self.own, *self.asks}
        return 200 if may else 403

    def _is_out(self, role: str) -> bool:
        if self.is_public:
            return self.reads_tokens and role in BAD_TOKENS
        return role in OUTSIDE


def public(*, ok: int = 200, body: Any = None) -> Rule:
    """Give the rule of what everybody is answered, with whatever token."""
    return Rule(is_public=True, reads_tokens=False, ok=ok, body=body)


def document() -> Rule:
    """Give the rule of a page for people about the API, of which OPTIONS tells nothing."""
    return Rule(is_public=True, has_options=False)


def staff(*roles: str, at: At = nothing, ok: int = 200, body: Any = None) -> Rule:
    """Give the rule of what takes a permission, whosever the object is."""
    whose = (OTHERS,) if at is nothing else (OTHERS, NONE)
    return Rule(anybodys=(*roles, "admin"), whose=whose, at=at, ok=ok, body=body)


def owners(*anybodys: str, own: Collection[str], at: At = nothing, **more: Any) -> Rule:
    """Give the rule of what is done with one's own, and by `anybodys` with everything."""
    whose = (OWN,) if at is nothing else (OWN, OTHERS, NONE)
    return Rule(anybodys=anybodys, own=own, whose=whose, at=at, **more)


def order(ground: Ground, role: str, whose: str) -> dict[str, Any]:
    return {"order_id": ABSENT if whose == NONE else ground.order_of(role, whose == OWN)}


def ticket(status: str) -> At:
    return lambda ground, _role, whose: {"pk": 404 if whose == NONE else ground.tickets[status]}


def station(_ground: Ground, _role: str, whose: str) -> dict[str, Any]:
    return {"code": "nowhere" if whose == NONE else "oven"}


def delivery(status: str) -> At:
    def at(ground: Ground, role: str, whose: str) -> dict[str, Any]:
        is_own = whose == OWN and role == "courier"
        return {"order_id": ABSENT if whose == NONE else ground.deliveries[status, is_own]}

    return at


def courier(ground: Ground, _role: str, whose: str) -> dict[str, Any]:
    return {"pk": ABSENT if whose == NONE else ground.courier}


def dish(_ground: Ground, _role: str, whose: str) -> dict[str, Any]:
    return {"sku": "NO-SUCH" if whose == NONE else "COLA"}


V1 = "api/v1/"
COOKS, LOOKS_AT_KITCHEN = ("kitchen", "manager"), ("kitchen", "manager", "support")
DISPATCH, LOOKS_AT_DELIVERY = ("dispatch", "manager"), ("dispatch", "manager", "support")
READS_ORDERS = ("support", "manager", "admin")
RIDES: dict[str, Any] = {"own": ("courier",)}
TABLE: dict[str, dict[str, Rule]] = {
    "api/": {"GET": Rule(is_public=True, reads_tokens=False, has_options=False, ok=302)},
    V1: {"GET": public()},
    "api/schema/": {"GET": public()},
    "api/docs/": {"GET": document()},
    "api/redoc/": {"GET": document()},
    # Nothing is given, so all are told the same: that something is missing.
    **{
        f"{V1}auth/{name}/": {"POST": public(ok=400, body={})}
        for name in ("register", "login", "refresh", "logout")
    },
    f"{V1}menu/": {"GET": public()},
    f"{V1}menu/<sku:sku>/availability/": {
        "POST": staff(*COOKS, at=dish, body={"available": False}),
    },
    f"{V1}orders/": {
        "GET": owners(*READS_ORDERS, own=INSIDE),
        "POST": owners(own=INSIDE, ok=201, body=ORDER),
    },
    f"{V1}orders/<uuid:order_id>/": {"GET": owners(*READS_ORDERS, own=INSIDE, at=order)},
    f"{V1}orders/<uuid:order_id>/timeline/": {"GET": owners(*READS_ORDERS, own=INSIDE, at=order)},
    f"{V1}orders/<uuid:order_id>/events/": {"GET": owners(*READS_ORDERS, own=INSIDE, at=order)},
    f"{V1}orders/<uuid:order_id>/cancel/": {
        "POST": owners("manager", "admin", own=INSIDE, sees=("support",), at=order, ok=202),
    },
    f"{V1}kitchen/tickets/": {"GET": staff(*LOOKS_AT_KITCHEN)},
    f"{V1}kitchen/tickets/<key:pk>/": {"GET": staff(*LOOKS_AT_KITCHEN, at=ticket("queued"))},
    **{
        f"{V1}kitchen/tickets/<key:pk>/{move}/": {"POST": staff(*COOKS, at=ticket(status))}
        for move, status in (
            *(("start", "queued"), ("bump", "cooking")),
            *(("recall", "done"), ("acknowledge", "cancelled")),
        )
    },
    f"{V1}kitchen/stations/": {"GET": staff(*LOOKS_AT_KITCHEN)},
    f"{V1}kitchen/stations/<slug:code>/": {"GET": staff(*LOOKS_AT_KITCHEN, at=station)},
    f"{V1}kitchen/stations/<slug:code>/open/": {"POST": staff(*COOKS, at=station)},
    f"{V1}kitchen/stations/<slug:code>/close/": {"POST": staff(*COOKS, at=station)},
    f"{V1}delivery/deliveries/": {"GET": owners(*LOOKS_AT_DELIVERY, "admin", **RIDES)},
    f"{V1}delivery/deliveries/<uuid:order_id>/": {
        "GET": owners(*LOOKS_AT_DELIVERY, "admin", **RIDES, at=delivery("assigned")),
    },
    **{
        f"{V1}delivery/deliveries/<uuid:order_id>/{move}/": {
            "POST": owners(*DISPATCH, "admin", **RIDES, at=delivery(status), body=body),
        }
        for move, status, body in (
            ("picked-up", "assigned", None),
            ("delivered", "out_for_delivery", None),
            ("failed", "out_for_delivery", {"reason": "nobody opened the door"}),
        )
    },
    f"{V1}delivery/couriers/": {"GET": staff(*LOOKS_AT_DELIVERY)},
    f"{V1}delivery/couriers/<uuid:pk>/": {"GET": staff(*LOOKS_AT_DELIVERY, at=courier)},
    # A superuser has every right, and is no courier.
    f"{V1}delivery/couriers/me/": {"GET": owners(**RIDES, asks=("admin",))},
    f"{V1}delivery/couriers/me/start-shift/": {"POST": owners(**RIDES, asks=("admin",))},
    f"{V1}delivery/couriers/me/end-shift/": {"POST": owners(**RIDES, asks=("admin",))},
}
# Lists, and whose rows each shows to whom besides one's own.
LISTS = {
    f"{V1}orders/": READS_ORDERS,
    f"{V1}delivery/deliveries/": (*LOOKS_AT_DELIVERY, "admin"),
}
