from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# The project's own modules read the settings, which the tests' configuration sets first.
if TYPE_CHECKING:
    from auth_grpc.server import Server
    from tests.conftest import Broker
    from tests.live.following.ground import Person
    from tests.live.ground import LiveProcess


@pytest.fixture(scope="session")
def _no_connection_stays(django_db_setup: None) -> Iterator[None]:
    """Threads that have ended leave their connections to the collector; a test database waits."""
    yield
    gc.collect()


@pytest.fixture
def auth(_no_connection_stays: None, transactional_db: None, settings: Any) -> Iterator[Server]:
    """The auth service, where the settings say."""
    from auth_grpc import identities
    from auth_grpc.keys import ring
    from auth_grpc.server import Server

    identities.forget()
    ring.forget()
    started = Server("127.0.0.1:0")
    started.start()
    settings.AUTH_GRPC_ADDRESS = started.address
    yield started
    started.drain(1)
    identities.forget()
    ring.forget()


@pytest.fixture
def cold(broker: Broker, auth: Server, tmp_path: Path) -> Iterator[LiveProcess]:
    """A live process that is not started yet, with orders and accounts to ask about."""
    from restaurant.live.following import followed
    from tests.live import ground

    # A topic that it finds later it reads from the end: the first record would be passed over.
    ground.make_topics(*(topic for kind in followed.installed() for topic in kind.topics))
    process = ground.LiveProcess(
        tmp_path / "live.log",
        AUTH_GRPC_ADDRESS=auth.address,
        ORDERS_DATABASE_URL=ground.database_url("orders"),
    )
    yield process
    process.kill()


@pytest.fixture
def customer(auth: Server) -> Person:
    from tests.live.following.ground import join

    return join()
