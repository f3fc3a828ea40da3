"""Redis by TLS and an account of its own: for the cache, Celery's queue and the heartbeats."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import kombu
import pytest
from celery import Celery
from django.conf import settings
from django.core.cache import CacheHandler
from redis.exceptions import RedisError

from restaurant import redis_urls
from restaurant.environment import Environment
from restaurant.heartbeat import store
from tests.servers.certificates import Authority
from tests.servers.secure_redis import SecureRedis

pytestmark = [pytest.mark.once, pytest.mark.redis_tls]


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[SecureRedis]:
    started = SecureRedis(authority).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def strict_server(authority: Authority) -> Iterator[SecureRedis]:
    started = SecureRedis(authority, demands=True).start()
    yield started
    started.stop()


def by_cache(url: str) -> None:
    own: dict[str, Any] = settings.CACHES["default"]
    options = {**own["OPTIONS"], "IGNORE_EXCEPTIONS": False}
    told = {**own, "LOCATION": redis_urls.numbered(url, 0), "OPTIONS": options}
    cache = CacheHandler({"default": told})["default"]
    cache.set("key", "value")
    assert cache.get("key") == "value"


def by_queue(url: str) -> None:
    app = Celery("toys", broker=redis_urls.numbered(url, 1), set_as_current=False)
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0)
        queue = connection.SimpleQueue("toys")
        queue.put({"a": 1})
        assert queue.get(timeout=5).payload == {"a": 1}


def by_heart(url: str) -> None:
    with closing(store.connect()) as client:
        assert client.ping()


WAYS: dict[str, Callable[[str], None]] = {
    "cache": by_cache,
    "queue": by_queue,
    "heart": by_heart,
}


@pytest.fixture(params=WAYS)
def use(request: pytest.FixtureRequest, settings: Any) -> Callable[[str], None]:
    """Connect in one of the ways, as a process does that is given the URL."""

    def connect(url: str) -> None:
        env = Environment({"REDIS_URL": url})
        settings.REDIS_URL = env.read("REDIS_URL", redis_urls.URL, default="")
        assert env.problems == []
        WAYS[request.param](settings.REDIS_URL)

    return connect


Use = Callable[[str], None]
REFUSED = (RedisError, kombu.exceptions.OperationalError, OSError)


def test_it_speaks_tls_with_its_account(
    use: Use, server: SecureRedis, authority: Authority
) -> None:
    use(server.url(f"ssl_ca_certs={authority.file}"))


def test_it_shows_a_certificate_to_a_server_that_demands_one(
    use: Use, strict_server: SecureRedis, authority: Authority
) -> None:
    own = authority.issue("web")
    pair = f"ssl_certfile={own.certificate}", f"ssl_keyfile={own.key}"
    use(strict_server.url(f"ssl_ca_certs={authority.file}", *pair))


def test_it_is_refused_without_that_certificate(
    use: Use, strict_server: SecureRedis, authority: Authority
) -> None:
    with pytest.raises(REFUSED):
        use(strict_server.url(f"ssl_ca_certs={authority.file}"))


def test_it_is_refused_in_plain_text(use: Use, server: SecureRedis) -> None:
    with pytest.raises(REFUSED):
        use(server.url().replace("rediss://", "redis://"))


@pytest.mark.parametrize("account", [{"password": "wrong"}, {"user": "default"}])
def test_it_is_refused_with_another_account(
    use: Use, server: SecureRedis, authority: Authority, account: dict[str, str]
) -> None:
    with pytest.raises(REFUSED):
        use(server.url(f"ssl_ca_certs={authority.file}", **account))


def test_it_talks_to_no_server_of_a_stranger(
    use: Use, server: SecureRedis, stranger: Authority
) -> None:
    with pytest.raises(REFUSED):
        use(server.url(f"ssl_ca_certs={stranger.file}"))


def test_it_talks_to_no_server_it_cannot_tell(use: Use, server: SecureRedis) -> None:
    with pytest.raises(REFUSED):
        use(server.url())


def test_it_talks_to_no_server_of_another_name(
    use: Use, server: SecureRedis, authority: Authority
) -> None:
    url = server.url(f"ssl_ca_certs={authority.file}").replace("127.0.0.1", "localhost")
    with pytest.raises(REFUSED):
        use(url)
