"""A thread's connections are looked after around each request, as Django does it."""

import sys
import threading
from collections.abc import Iterator

import pytest
from django.db import connections as databases
from django.db.backends.signals import connection_created

from restaurant import connections
from tests.environment.bare import SECRET, environment, run
from tests.servers.process import ROOT

pytestmark = pytest.mark.django_db(databases=["orders", "kitchen"], transaction=True)


@pytest.fixture
def opened() -> Iterator[None]:
    """Connections of this thread as the web process has them, from their opening on."""
    for alias in ("orders", "kitchen"):
        databases[alias].close()
    connection_created.connect(connections._remember)
    yield
    connection_created.disconnect(connections._remember)
    connections._opened.connections.clear()


def use(alias: str) -> None:
    databases[alias].ensure_connection()


def test_it_closes_what_broke_and_what_is_too_old(
    opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("orders")
    use("kitchen")
    databases["kitchen"].close_at = None
    databases["orders"].close_at = 0.0
    connections.close_old()
    assert databases["orders"].connection is None
    assert databases["kitchen"].connection is not None
    # A query failed on it, and it does not answer.
    databases["kitchen"].errors_occurred = True
    monkeypatch.setattr(databases["kitchen"], "is_usable", lambda: False)
    connections.close_old()
    assert databases["kitchen"].connection is None


def test_it_leaves_other_threads_connections_alone(opened: None) -> None:
    use("orders")
    databases["orders"].close_at = 0.0
    other = threading.Thread(target=connections.close_old)
    other.start()
    other.join()
    assert databases["orders"].connection is not None


INSTALLED = """
import django
django.setup()
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from restaurant import connections
connections.install()
for signal in (request_started, request_finished):
    known = [receiver() for _, receiver, *_ in signal.receivers]
    assert connections.close_old in known
    assert close_old_connections not in known
    assert reset_queries not in known
    assert close_caches not in known
"""


def test_the_web_process_has_it_in_the_place_of_djangos() -> None:
    command = [sys.executable, "-c", INSTALLED]
    env = {"DJANGO_SETTINGS_MODULE": "restaurant.settings", "DEBUG": "false"}
    done = run(command, environment(SECRET_KEY=SECRET, **env))
    assert done.returncode == 0, done.stderr
    assert "connections.install()" in (ROOT / "restaurant" / "wsgi.py").read_text()
