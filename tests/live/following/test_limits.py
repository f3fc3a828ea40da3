"""Who follows is counted under the API's limits, in the same buckets as the web process."""

import pytest

from restaurant.environment.formats import Rate
from restaurant.limits.limiter import Limiter
from tests.live.following.ground import Person, ask, join, place
from tests.live.ground import LiveProcess
from tests.servers.valkey import Valkey

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "orders"])


def start(process: LiveProcess, redis: str, *, proxies: int = 0) -> LiveProcess:
    """Start it where three requests an hour are let through, behind so many proxies."""
    rates = {"LIMIT_READING": "3/hour", "LIMIT_REFUSED": "3/hour"}
    return process.start(
        wait=True, REDIS_URL=redis, LIMITS="true", NUM_PROXIES=str(proxies), **rates
    )


@pytest.fixture
def limited(cold: LiveProcess, valkey: Valkey) -> LiveProcess:
    return start(cold, valkey.url)


def test_each_answer_says_how_its_client_stands(limited: LiveProcess, customer: Person) -> None:
    order = place(customer)
    answer = ask(limited, order, customer)
    assert answer.status == 200
    assert answer.headers["ratelimit-policy"] == '"reading";q=3;w=3600'
    assert answer.headers["ratelimit"].startswith('"reading";r=2;t=')
    # What is refused is counted, and told of, too.
    missing = ask(limited, customer.id, customer)
    assert missing.status == 404
    assert missing.headers["ratelimit"].startswith('"reading";r=1;t=')


def test_who_has_used_the_limit_up_is_told_when_to_come_again(
    limited: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    assert [ask(limited, order, customer).status for _ in range(3)] == [200] * 3
    refused = ask(limited, order, customer)
    assert refused.status == 429
    assert refused.body()["code"] == "throttled"
    assert 1 <= int(refused.headers["retry-after"]) <= 1200
    assert refused.headers["ratelimit"].startswith('"reading";r=0;t=')
    other = join()
    assert ask(limited, place(other), other).status == 200


def test_it_counts_with_the_web_process(limited: LiveProcess, customer: Person) -> None:
    # As the web process counts what the same user reads there.
    for _ in range(3):
        assert Limiter().take("reading", Rate(3, 3600), str(customer.id))
    assert ask(limited, place(customer), customer).status == 429


def test_an_address_that_guesses_tokens_is_told_to_stop(
    limited: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    guesses = [ask(limited, order, Authorization="Bearer x") for _ in range(4)]
    assert [guess.status for guess in guesses] == [401, 401, 401, 429]
    left = [guess.headers["ratelimit"].partition(";t=")[0] for guess in guesses]
    assert left == [f'"refused";r={number}' for number in (2, 1, 0, 0)]
    # A guest behind the same address goes on.
    assert ask(limited, order, customer).status == 200


def test_behind_a_proxy_it_counts_who_the_proxy_saw(
    cold: LiveProcess, valkey: Valkey, customer: Person
) -> None:
    start(cold, valkey.url, proxies=1)
    order = place(customer)

    def guess(forwarded: str) -> int:
        return ask(cold, order, Authorization="Bearer x", X_Forwarded_For=forwarded).status

    assert [guess("203.0.113.7") for _ in range(4)] == [401, 401, 401, 429]
    # What the client itself had put before it counts for nothing.
    assert guess("198.51.100.1, 203.0.113.7") == 429
    assert guess("203.0.113.8") == 401


def test_without_a_proxy_it_believes_no_header(limited: LiveProcess, customer: Person) -> None:
    order = place(customer)
    for number in range(3):
        ask(limited, order, Authorization="Bearer x", X_Forwarded_For=f"203.0.113.{number}")
    assert ask(limited, order, Authorization="Bearer x").status == 429


def test_it_lets_pass_what_redis_cannot_count(cold: LiveProcess, customer: Person) -> None:
    start(cold, "redis://127.0.0.1:1")
    order = place(customer)
    answers = [ask(cold, order, customer) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 5
    assert "ratelimit" not in answers[-1].headers
