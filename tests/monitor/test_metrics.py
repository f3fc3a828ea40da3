"""What the processes of a whole house count of an evening: /metrics of each, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.monitor.asking import ask, monitored
from tests.observability.queries import asked
from tests.servers.ports import free_row
from tests.servers.wait import wait_until

if TYPE_CHECKING:
    from tests.flow.house import Guest, House

pytestmark = pytest.mark.slow
PIZZA = ("MARGHERITA", "SIZE-M")
DELIVERED = 3
# Of what a family is called, the names of its samples.
ENDINGS = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
    "unknown": ("",),
}


class Told:
    """The samples that a process told."""

    def __init__(self, text: str) -> None:
        self.families = {f.name: f for f in text_string_to_metric_families(text)}
        self.samples = [s for f in self.families.values() for s in f.samples]

    def sum(self, name: str, **labels: str) -> float:
        return sum(
            s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items()
        )

    def values(self, name: str, label: str) -> set[str]:
        return {s.labels[label] for s in self.samples if s.name == name}


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    from restaurant.supervisor import SERVICES

    first = wait_until(lambda: free_row(len(SERVICES)))
    return {name: first + number for number, name in enumerate(SERVICES)}


class Evening(NamedTuple):
    """A house that has had guests, and what each of its processes told then."""

    house: House
    told: dict[str, Told]


@pytest.fixture(scope="module")
def evening(
    ports: dict[str, int],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Evening]:
    """What each process tells after a few orders, of which one was cancelled and one refused."""
    from tests.flow import premises

    ours = {"MONITOR_LISTEN": f"127.0.0.1:{ports['auth']}", "WEB_WORKERS": "2"}
    directory = tmp_path_factory.mktemp("evening")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ours.items():
            patch.setenv(name, value)
        with premises.opener(request.config)(directory, "--speed", "300") as found:
            spend(found.house.guest())
            wait_until(lambda: is_quiet(ports), seconds=30, every=0.5)
            told = {name: Told(ask(port, "/metrics")[1]) for name, port in ports.items()}
            yield Evening(found.house, told)


def spend(guest: Guest) -> None:
    orders = [guest.order(*PIZZA) for _ in range(DELIVERED)]
    cancelled = guest.order(*PIZZA)
    assert guest.call("POST", f"orders/{cancelled}/cancel/", {"reason": ""}).status == 202
    assert guest.post_order("NO-SUCH-DISH").status == 400
    assert guest.call("GET", "orders/nobody-has-this/").status == 404
    wrong = {**guest.account, "password": "not the password 7"}
    assert guest.api.call("POST", "auth/login/", wrong).status == 401
    for order_id in orders:
        guest.wait_for(order_id, "delivered", seconds=60)
    guest.wait_for(cancelled, "cancelled", seconds=60)


def is_quiet(ports: dict[str, int]) -> bool:
    """Tell whether all that was told has arrived."""
    told = [Told(ask(ports[name], "/metrics")[1]) for name in ("orders", "kitchen", "delivery")]
    return all(
        "restaurant_outbox_messages" in t.families
        and t.sum("restaurant_outbox_messages") == 0
        and t.sum("restaurant_consumer_lag_records") == 0
        for t in told
    )


def test_requests_are_counted_by_route_over_all_workers(evening: Evening) -> None:
    web, count = evening.told["web"], "restaurant_http_request_duration_seconds_count"
    placed = web.sum(count, method="POST", route="api/v1/orders/", status="201")
    assert placed == DELIVERED + 1
    assert web.sum(count, route="api/v1/orders/", status="400") == 1
    # A path that no view has is not told, whatever a client may ask.
    assert web.sum(count, route="none", status="404") == 1
    routes = web.values(count, "route")
    assert "api/v1/orders/<uuid:order_id>/" in routes
    assert not any("nobody" in route for route in routes)
    seconds = web.sum("restaurant_http_request_duration_seconds_sum", status="201")
    assert 0 < seconds < 60


def test_orders_placed_and_refused_are_counted(evening: Evening) -> None:
    web = evening.told["web"]
    assert web.sum("restaurant_orders_placed_total") == DELIVERED + 1
    assert web.sum("restaurant_orders_refused_total") == 1
    assert web.sum("restaurant_orders_refused_total", code="unknown_sku") == 1
    assert web.sum("restaurant_intake_batch_orders_sum") == DELIVERED + 1
    assert web.sum("restaurant_intake_commit_seconds_sum") > 0


def test_caches_tell_how_often_they_knew(evening: Evening) -> None:
    web = evening.told["web"]
    assert web.sum("restaurant_order_cache_reads_total", result="hit") > 0
    assert web.sum("restaurant_order_cache_reads_total", result="away") == 0
    assert web.sum("restaurant_token_memory_reads_total", result="miss") >= 1
    assert web.sum("restaurant_token_memory_reads_total", result="hit") > 0


def test_calls_are_counted_on_both_sides(evening: Evening) -> None:
    for name, side in (("web", "client"), ("auth", "server")):
        count = f"restaurant_grpc_{side}_call_duration_seconds_count"
        assert evening.told[name].sum(count, method="Register", code="OK") == 1
        assert evening.told[name].sum(count, method="Login", code="UNAUTHENTICATED") == 1
        # A token is asked after once by each worker, until it is forgotten.
        assert 1 <= evening.told[name].sum(count, method="VerifyToken", code="OK") < 40


@pytest.mark.parametrize("name", ["orders", "kitchen", "delivery"])
def test_workers_tell_what_they_read_and_sent_and_what_waits(name: str, evening: Evening) -> None:
    worker = evening.told[name]
    records = worker.sum("restaurant_consumer_records_total")
    assert records > 0
    assert worker.sum("restaurant_consumer_batch_records_sum") == records
    assert worker.sum("restaurant_consumer_batch_seconds_count") > 0
    assert worker.sum("restaurant_outbox_messages_published_total") >= DELIVERED
    assert worker.sum("restaurant_outbox_publish_seconds_count") > 0
    topics = worker.values("restaurant_consumer_lag_records", "topic")
    assert worker.values("restaurant_consumer_records_total", "topic") <= topics
    for waiting in ("outbox_messages", "outbox_oldest_age_seconds", "dead_letters_waiting"):
        assert f"restaurant_{waiting}" in worker.families
        assert worker.sum(f"restaurant_{waiting}") == 0
    has_timers = name != "orders"
    assert ("restaurant_timers_due" in worker.families) is has_timers
    assert ("restaurant_timers_lateness_seconds" in worker.families) is has_timers


def test_moves_are_counted_once(evening: Evening) -> None:
    moves = "restaurant_transitions_total"
    orders, kitchen, delivery = (
        evening.told["orders"],
        evening.told["kitchen"],
        evening.told["delivery"],
    )
    assert orders.sum(moves, what="order", to="delivered") == DELIVERED
    assert orders.sum(moves, what="order", to="cancelled") == 1
    assert orders.sum(moves, what="order", **{"from": "placed"}) == DELIVERED + 1
    assert kitchen.sum(moves, what="ticket", **{"from": "cooking", "to": "done"}) == DELIVERED
    assert kitchen.sum(moves, what="ticket", **{"from": "open", "to": "cancelled"}) == 1
    for source, target in (
        ("awaiting_courier", "assigned"),
        ("assigned", "out_for_delivery"),
        ("out_for_delivery", "delivered"),
    ):
        way = {"from": source, "to": target}
        assert delivery.sum(moves, what="delivery", **way) == DELIVERED


def test_it_takes_the_time_to_each_status(evening: Evening) -> None:
    orders, name = evening.told["orders"], "restaurant_order_time_to_status_seconds"
    for status in ("accepted", "cooking", "cooked", "out_for_delivery", "delivered"):
        assert orders.sum(f"{name}_count", status=status) >= DELIVERED
    cooked, delivered = (orders.sum(f"{name}_sum", status=s) for s in ("cooked", "delivered"))
    assert 0 < cooked < delivered < 60 * DELIVERED


def test_live_tells_of_its_streams_and_each_of_its_process(evening: Evening) -> None:
    assert "restaurant_live_streams" in evening.told["live"].families
    for told in evening.told.values():
        assert told.sum("process_resident_memory_bytes") > 10_000_000
        assert (told.sum("restaurant_ready"), told.sum("restaurant_live")) == (1, 1)


def test_labels_have_few_values_and_none_of_a_client(evening: Evening) -> None:
    for told in evening.told.values():
        for sample in told.samples:
            for value in sample.labels.values():
                assert "@" not in value
                assert "NO-SUCH" not in value


def test_every_metric_that_an_alert_or_a_dashboard_asks_for_is_told(evening: Evening) -> None:
    # Told even where nothing was counted yet, but by web's workers, who tell what they counted.
    told = {
        name + ending
        for process in evening.told.values()
        for name, family in process.families.items()
        for ending in ENDINGS[family.type]
    }
    assert sorted(asked() - told) == []


def test_only_the_leader_tells_of_what_waits_and_the_other_is_well(
    evening: Evening, tmp_path: Path
) -> None:
    command = ("manage.py", "run_kitchen")
    with monitored(tmp_path / "log", *command, env=evening.house.env) as second:
        second.wait_ready()
        told = Told(ask(second.port, "/metrics")[1])
        assert "restaurant_outbox_messages" not in told.families
        assert "restaurant_consumer_lag_records" not in told.families
        assert second.status("/livez") == 200
