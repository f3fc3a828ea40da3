"""Who may open what below `/admin/`: a row for every URL pattern.

A new page needs a row, or `test_access.py` fails and names its route. Most need one line:

    "admin/dashboard/": page("manager"),                   a page; strangers are sent to log in
    "admin/dashboard/numbers/": part("manager"),           JSON for a script; strangers get 401
    "admin/dashboard/export/": page("manager", at=...),    `at` gives what is in the route, if any
    "admin/dashboard/pin/": press("manager"),              only POSTed to

A superuser may all that is not `nobody`. A model's pages and deeds are one entry of `MODELS`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

ROLES = ("nobody", "customer", "kitchen", "dispatch", "manager", "support", "superuser")
STRANGERS = ("nobody", "customer")
STAFF = ("kitchen", "dispatch", "manager", "support")
LOGIN = 302
# Label of a model → its row, as "orders.Order".
Made = dict[str, Any]
At = Callable[[Made], dict[str, Any] | str]


def nothing(_made: Made) -> dict[str, Any]:
    """Give a route's values where it has none."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A URL pattern: who may GET and POST it, and what the others are answered.

    `at` gives the values of the route's parameters, or the whole address where the route is a
    regular expression.
    """

    may: frozenset[str]
    post: frozenset[str]
    get: int = 200
    refused: int = 403
    stranger: int = LOGIN
    at: At = nothing

    def status(self, role: str) -> int:
        """Give what a GET of the role is answered with."""
        if role in self.may:
            return self.get
        return self.stranger if role in STRANGERS else self.refused


def page(*roles: str, post: Iterable[str] | None = None, get: int = 200, at: At = nothing) -> Row:
    """Give a page's row; who may open it may POST to it, unless `post` names others."""
    may = frozenset({*roles, "superuser"})
    return Row(may=may, post=may if post is None else frozenset(post), get=get, at=at)


def part(*roles: str, at: At = nothing) -> Row:
    """Give the row of what a page's script asks for."""
    may = frozenset({*roles, "superuser"})
    return Row(may=may, post=frozenset(), stranger=401, at=at)


def press(*roles: str, at: At = nothing) -> Row:
    """Give the row of what a button POSTs to: to GET it is an error for all."""
    may = frozenset({*roles, "superuser"})
    return Row(may=frozenset(), post=may, refused=405, stranger=405, at=at)


def nobody(at: At = nothing) -> Row:
    """Give the row of a page that is closed to superusers too."""
    return Row(may=frozenset(), post=frozenset(), at=at)


def public(*, get: int = 200, at: At = nothing) -> Row:
    """Give the row of what everybody is answered."""
    return Row(may=frozenset(ROLES), post=frozenset(ROLES), get=get, at=at)


@dataclass(frozen=True, kw_only=True)
class Model:
    """Who may do what to a model's rows; `None`: nobody, a superuser neither.

    `deeds` are the buttons of a row's page, and their actions on the list.
    """

    view: tuple[str, ...] = ()
    add: tuple[str, ...] | None = None
    change: tuple[str, ...] | None = None
    delete: tuple[str, ...] | None = None
    deeds: dict[str, tuple[str, ...]] = field(default_factory=dict)


OWN: dict[str, Any] = {"add": (), "change": (), "delete": ()}
MENU: dict[str, Any] = {
    "view": ("manager", "support"),
    "add": ("manager",),
    "change": ("manager",),
    "delete": ("manager",),
}
LETTERS = Model(
    view=("manager", "support"),
    deeds=dict.fromkeys(("redrive", "discard", "restore"), ("manager",)),
)
MODELS: dict[str, Model] = {
    "auth.Group": Model(**OWN),
    # Over whom, besides: tests/auth_grpc/test_user_page.py.
    # Whom support sees of them: tests/auth_grpc/test_customers.py.
    "auth_grpc.User": Model(
        view=("manager", "support"),
        **OWN,
        deeds={
            **dict.fromkeys(("end_sessions", "send_password_link"), ("manager",)),
            **dict.fromkeys(("deactivate", "reactivate"), ("manager",)),
            "reset_second_factor": (),
        },
    ),
    "auth_grpc.Session": Model(view=("manager",), deeds={"end": ()}),
    "auth_grpc.RefreshToken": Model(view=("manager",)),
    "auth_grpc.SigningKey": Model(),
    "auth_grpc.LoginCount": Model(view=("manager",), delete=()),
    "django_celery_beat.PeriodicTask": Model(**OWN),
    "django_celery_beat.IntervalSchedule": Model(**OWN),
    "django_celery_beat.CrontabSchedule": Model(**OWN),
    "django_celery_beat.SolarSchedule": Model(**OWN),
    "django_celery_beat.ClockedSchedule": Model(**OWN),
    "orders.Order": Model(view=("manager", "support")),
    "orders.OrderLine": Model(view=("manager", "support")),
    "orders.TimelineEntry": Model(view=("manager", "support")),
    "orders.RefusalCount": Model(view=("manager", "support")),
    "orders.MenuVersion": Model(view=("manager", "support")),
    "orders.IdempotencyKey": Model(),
    "orders.Category": Model(**MENU),
    "orders.MenuItem": Model(**MENU, deeds=dict.fromkeys(("take_off", "put_back"), ("manager",))),
    "kitchen.Ticket": Model(
        view=("kitchen", "manager", "support"),
        deeds=dict.fromkeys(("start", "bump", "recall"), ("kitchen", "manager")),
    ),
    "kitchen.KitchenOrder": Model(
        view=("kitchen", "manager", "support"), deeds={"cancel": ("manager",)}
    ),
    "kitchen.Station": Model(
        view=("kitchen", "manager", "support"),
        add=("manager",),
        change=("kitchen", "manager"),
        delete=(),
        deeds=dict.fromkeys(("open", "close"), ("kitchen", "manager")),
    ),
    "delivery.Delivery": Model(
        view=("dispatch", "manager", "support"),
        deeds=dict.fromkeys(
            ("assign", "unassign", "release", "pick_up", "deliver", "fail", "give_up"),
            ("dispatch", "manager"),
        ),
    ),
    "delivery.Courier": Model(
        view=("dispatch", "manager", "support"),
        add=("dispatch", "manager"),
        change=("dispatch", "manager"),
        deeds=dict.fromkeys(("start_shift", "end_shift"), ("dispatch", "manager")),
    ),
    **{f"{service}.OutboxMessage": Model() for service in ("orders", "kitchen", "delivery")},
    **{f"{service}.InboxMessage": Model() for service in ("orders", "kitchen", "delivery")},
    **{f"{service}.DeadLetter": LETTERS for service in ("orders", "kitchen", "delivery")},
}

# Those that have no page of their own, and are part of another's.
INLINES = {"orders.OptionGroup": Model(**MENU), "orders.Option": Model(**MENU)}


def _pk(label: str, name: str = "object_id") -> At:
    return lambda made: {name: made[label].pk}


COURIER = _pk("delivery.Courier", "courier_id")
# Routes as the failing test prints them, patterns of regular expressions included.
PAGES: dict[str, Row] = {
    # Each is sent to where they work.
    "admin/": page(*STAFF, get=302),
    # Who is inside already is sent on.
    "admin/login/": Row(
        may=frozenset({"nobody", "customer"}), post=frozenset(ROLES), refused=302, stranger=200
    ),
    "admin/logout/": Row(may=frozenset(), post=frozenset(ROLES), refused=405),
    "admin/password_change/": page(*STAFF),
    "admin/password_change/done/": page(*STAFF),
    "admin/search/": page(*STAFF),
    "admin/jsi18n/": page(*STAFF),
    # What to complete is named in the query; `test_access.py` asks for every field.
    "admin/autocomplete/": Row(may=frozenset(), post=frozenset()),
    # No model has pages outside the admin.
    "admin/r/<path:content_type_id>/<path:object_id>/": page(
        *STAFF, get=404, at=lambda made: {"content_type_id": 1, "object_id": 1}
    ),
    "admin/(?P<url>.*)$": page(*STAFF, get=404, at=lambda made: "/admin/no/such/page/"),
    "admin/orders/order/<int:number>/change/": page(
        "manager", "support", post=(), at=_pk("orders.Order", "number")
    ),
    "admin/orders/order/<int:number>/now/": part(
        "manager", "support", at=_pk("orders.Order", "number")
    ),
    "admin/orders/order/<int:number>/do/<str:name>/<str:target>/": page(
        "manager",
        at=lambda made: {
            "number": made["orders.Order"].pk,
            "name": "resend",
            "target": "-",
        },
    ),
    "admin/orders/order/<uuid:order_id>/": page(
        *("manager", "support"),
        get=302,
        post=(),
        at=lambda made: {"order_id": made["orders.Order"].public_id},
    ),
    "admin/orders/menuitem/<int:pk>/availability/": press(
        "manager", at=_pk("orders.MenuItem", "pk")
    ),
    "admin/orders/menuitem/arrange/": page("manager"),
    "admin/orders/menuitem/prices/": page("manager"),
    "admin/orders/menuitem/import/": page("manager"),
    **{
        f"admin/orders/menuitem/export/{kind}/": page("manager", "support")
        for kind in ("csv", "xlsx", "yaml", "json")
    },
    # Everybody keeps filters, of the lists that they may see.
    "admin/filters/keep/": Row(may=frozenset(), post=frozenset((*STAFF, "superuser")), refused=405),
    "admin/filters/<int:pk>/drop/": Row(
        may=frozenset(),
        post=frozenset((*STAFF, "superuser")),
        refused=405,
        at=lambda made: {"pk": 1},
    ),
    "admin/dashboard/": page("manager", post=()),
    "admin/dashboard/look/": part("manager"),
    "admin/dashboard/count/": press("manager"),
    "admin/dashboard/^export/(?P<kind>csv|xlsx)/$": page(
        "manager", post=(), at=lambda made: "/admin/dashboard/export/csv/"
    ),
    "admin/kitchen/board/": page("kitchen", "manager", "support", post=()),
    "admin/kitchen/board/cards/": part("kitchen", "manager", "support"),
    "admin/kitchen/board/around/": part("kitchen", "manager", "support"),
    "admin/kitchen/board/^tickets/(?P<ticket_id>[0-9]{1,18})/(?P<name>start|bump|recall|"
    "acknowledge)/$": press(
        "kitchen",
        "manager",
        at=lambda made: f"/admin/kitchen/board/tickets/{made['kitchen.Ticket'].pk}/start/",
    ),
    "admin/kitchen/board/dishes/<sku:sku>/availability/": press(
        *("kitchen", "manager"),
        at=lambda made: {"sku": made["orders.MenuItem"].sku},
    ),
    "admin/delivery/board/": page("dispatch", "manager", "support", post=()),
    "admin/delivery/board/cards/": part("dispatch", "manager", "support"),
    "admin/delivery/board/around/": part("dispatch", "manager", "support"),
    "admin/delivery/board/^deliveries/(?P<delivery_id>[0-9]{1,18})/(?P<name>assign|unassign|"
    "release|pick_up|deliver|fail|give_up)/$": press(
        "dispatch",
        "manager",
        at=lambda made: f"/admin/delivery/board/deliveries/{made['delivery.Delivery'].pk}/pick_up/",
    ),
    "admin/delivery/board/couriers/<uuid:courier_id>/start/": press(
        "dispatch", "manager", at=COURIER
    ),
    "admin/delivery/board/couriers/<uuid:courier_id>/end/": press(
        "dispatch", "manager", at=COURIER
    ),
    "admin/delivery/board/couriers/<uuid:courier_id>/undo-end/": press(
        "dispatch", "manager", at=COURIER
    ),
    "admin/pipeline/": page("manager", "support", post=()),
    "admin/pipeline/part/": part("manager", "support"),
    "admin/dead-letters/": page("manager", "support", post=()),
    "admin/dead-letters/press/": press("manager"),
    "admin/dead-letters/<slug:service>/": part(
        "manager", "support", at=lambda made: {"service": "kitchen"}
    ),
    "admin/trail/": page("manager", post=()),
    "admin/trail/export/": press("manager"),
    "admin/auth_grpc/user/<id>/password/": page(at=_pk("auth_grpc.User", "id")),
}


def rows_of(label: str, model: Model) -> dict[str, Row]:
    """Give the rows of a model's pages."""
    at = _pk(label)
    base = f"admin/{label.lower().replace('.', '/')}/"
    one = f"{base}<path:object_id>/"
    return {
        base: page(*model.view),
        f"{base}add/": nobody() if model.add is None else page(*model.add),
        one: page(*STAFF, get=302, at=at),
        # Of the trail, by those who may read it.
        f"{one}history/": page(*{"manager"}.intersection(model.view), get=302, at=at),
        f"{one}change/": page(
            *model.view,
            post=() if model.change is None else (*model.change, "superuser"),
            at=at,
        ),
        f"{one}delete/": nobody(at) if model.delete is None else page(*model.delete, at=at),
        **{f"{one}{name}/": page(*roles, at=at) for name, roles in model.deeds.items()},
    }


TABLE: dict[str, Row] = {
    route: row for label, model in MODELS.items() for route, row in rows_of(label, model).items()
} | PAGES
