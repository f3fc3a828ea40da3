"""Buckets of tokens, on a real Redis: never more than the limit, and not much less."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django_redis import get_redis_connection
from structlog.testing import capture_logs

from restaurant.environment.formats import Rate
from restaurant.limits.limiter import PAUSE_SECONDS, PORTION_SECONDS, Limiter, Standing
from tests.servers.valkey import Valkey

pytestmark = pytest.mark.once
# So slow to fill up that nothing comes back during a test.
HUNDRED = Rate(100, 3600)


class Clock:
    """A process's clock; Redis has its own."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def passed(limiter: Limiter, rate: Rate, times: int, client: str = "ada") -> int:
    return sum(is_passed(limiter.take("reading", rate, client)) for _ in range(times))


def is_passed(standing: Standing | None) -> bool:
    assert standing
    return standing.wait is None


def trips(valkey: Valkey) -> int:
    stats = get_redis_connection("default").info("commandstats")
    return sum(
        s["calls"] for name, s in stats.items() if name in ("cmdstat_evalsha", "cmdstat_eval")
    )


def test_it_lets_a_limit_s_amount_through_and_no_more(valkey: Valkey) -> None:
    limiter = Limiter(Clock())
    assert passed(limiter, HUNDRED, 150) == 100


def test_it_says_how_many_are_left(valkey: Valkey) -> None:
    limiter, began = Limiter(Clock()), time.monotonic()
    for left in range(99, -1, -1):
        standing = limiter.take("reading", HUNDRED, "ada")
        assert standing
        assert (standing.left, standing.wait) == (left, None)
    refused = limiter.take("reading", HUNDRED, "ada")
    assert refused
    assert refused.left == 0
    assert refused.wait
    # 36 seconds for each, and so long until the next; what has passed since the first counts.
    took = time.monotonic() - began
    assert 35 - took <= refused.wait <= 36.1
    assert 3598 - took <= refused.full_in <= 3600.1


def test_it_counts_each_client_and_each_limit_for_itself(valkey: Valkey) -> None:
    limiter = Limiter(Clock())
    assert passed(limiter, HUNDRED, 101) == 100
    assert is_passed(limiter.take("reading", HUNDRED, "ben"))
    assert is_passed(limiter.take("ordering", HUNDRED, "ada"))


def test_it_fills_up_again_evenly(valkey: Valkey) -> None:
    limiter, rate = Limiter(), Rate(50, 1)
    assert passed(limiter, rate, 50) >= 50
    began = time.monotonic()
    while not is_passed(standing := limiter.take("reading", rate, "ada")):
        assert standing
        assert standing.wait is not None
        assert standing.wait <= 0.021
        assert time.monotonic() < began + 5
    time.sleep(1.1)
    full = limiter.take("reading", rate, "ada")
    assert full
    assert full.left == 49


def test_it_counts_what_processes_let_through_together(valkey: Valkey) -> None:
    processes = [Limiter(Clock()) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        sent = [pool.submit(passed, processes[i % 4], HUNDRED, 20) for i in range(16)]
    together = sum(future.result() for future in sent)
    assert together <= 100
    # Each may hold a portion back.
    assert together >= 100 - 4 * 5


def test_it_lets_go_of_what_a_client_did_not_use(valkey: Valkey) -> None:
    clock = Clock()
    busy, other = Limiter(clock), Limiter(clock)
    passed(busy, Rate(1000, 3600), 100)
    clock.now += PORTION_SECONDS
    standing = busy.take("reading", Rate(1000, 3600), "ada")
    assert standing
    # What was held and lapsed is lost, and never more than a portion.
    assert 899 - 50 <= standing.left <= 899
    elsewhere = other.take("reading", Rate(1000, 3600), "ada")
    assert elsewhere
    assert elsewhere.left < standing.left


def test_a_busy_client_seldom_costs_a_way_to_redis(valkey: Valkey) -> None:
    limiter, rate = Limiter(Clock()), Rate(6000, 60)
    limiter.take("reading", rate, "ben")
    before = trips(valkey)
    assert passed(limiter, rate, 1000) == 1000
    assert trips(valkey) - before <= 15


def test_a_refused_client_costs_none(valkey: Valkey) -> None:
    limiter = Limiter(Clock())
    passed(limiter, HUNDRED, 101)
    before = trips(valkey)
    assert passed(limiter, HUNDRED, 500) == 0
    assert trips(valkey) - before <= 2


def test_a_client_who_asks_now_and_then_costs_one_token_each(valkey: Valkey) -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for _ in range(10):
        clock.now += 5
        standing = limiter.take("reading", HUNDRED, "ada")
    assert standing
    assert standing.left == 90


def test_an_unused_bucket_leaves_nothing_in_redis(valkey: Valkey) -> None:
    Limiter().take("reading", Rate(1000, 1), "ada")
    time.sleep(0.05)
    assert get_redis_connection("default").keys("limit:*") == []


def test_a_smaller_limit_holds_at_once(valkey: Valkey) -> None:
    passed(Limiter(), HUNDRED, 50)
    # Half of it is used up still.
    assert passed(Limiter(), Rate(10, 3600), 10) <= 5


def test_without_redis_requests_pass_and_it_is_said_once(settings: Any) -> None:
    clock = Clock()
    limiter = Limiter(clock)
    with capture_logs() as logs:
        for _ in range(5):
            assert limiter.take("reading", HUNDRED, "ada") is None
            clock.now += PAUSE_SECONDS
    assert [line["event"] for line in logs] == ["limits_away"]


def test_it_counts_again_when_redis_is_back(valkey: Valkey) -> None:
    clock = Clock()
    limiter = Limiter(clock)
    assert passed(limiter, HUNDRED, 100) == 100
    valkey.kill()
    clock.now += 60
    with capture_logs() as logs:
        assert limiter.take("reading", HUNDRED, "ada") is None
        valkey.start()
        # Nobody waits for it again so soon.
        assert limiter.take("reading", HUNDRED, "ada") is None
        clock.now += PAUSE_SECONDS
        assert passed(limiter, HUNDRED, 101) == 100
    assert [line["event"] for line in logs] == ["limits_away", "limits_back"]
