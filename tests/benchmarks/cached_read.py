"""Reading an order from the cache, beside a bare DRF view on the same kind of server."""

import sys

from django.conf import settings

from tests.benchmarks import load
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.system import ORDER, System
from tests.servers.ports import answers, free_port
from tests.servers.wait import wait_until

CLIENTS = 16
ORDERS = 50
AIM = 0.60


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """GET orders in turn, each client its own customer's; the baseline's view reads nothing."""
    seconds = 2.0 if quick else 4.0
    system.reset()
    system.run("auth", "web")
    plan = load.Plan(system.port, _requests(system), seconds=seconds, status=200)
    load.run(plan)
    port = free_port()
    bare = system.spawn("bare", *_granian(port))
    wait_until(lambda: bare.running() and answers(port))
    nothing = load.request("GET", "/bare/", token="unread" * 60)
    bare_plan = load.Plan(port, [[nothing]] * CLIENTS, seconds=seconds, status=200)
    pair = compare(lambda: load.run(plan).rate, lambda: load.run(bare_plan).rate, runs=runs)
    return [
        Figure(
            what=f"Cached read with JWT, {CLIENTS} clients",
            measured=f"{pair.measured:,.0f} reads/s",
            baseline=f"bare DRF view: {pair.baseline:,.0f}/s",
            ratio=f"{pair.ratio:.2f}",
            aim=f"{AIM:.2f}",
            is_reached=pair.ratio >= AIM,
        )
    ]


def _requests(system: System) -> list[list[str]]:
    tokens = system.customers(4)
    placed = [
        [
            system.post("/api/v1/orders/", ORDER, token=token, expect=201)["id"]
            for _ in range(ORDERS)
        ]
        for token in tokens
    ]
    own = [
        [load.request("GET", f"/api/v1/orders/{id_}/", token=token) for id_ in ids]
        for token, ids in zip(tokens, placed, strict=True)
    ]
    return [own[i % len(own)] for i in range(CLIENTS)]


def _granian(port: int) -> list[str]:
    """Give web's own server, serving the bare view on another port."""
    return [
        *(sys.executable, "-m", "restaurant.web", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(settings.WEB_WORKERS), "--threads", str(settings.WEB_THREADS)),
        *("--application", "tests.benchmarks.bare:application"),
    ]
