"""A real gRPC server on a socket, and what a web process knows of it.

Imports of the project are in the fixtures: pytest may read this file before the settings are known.
"""

import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.auth_grpc.people import EMAIL, PASSWORD, Hashes

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from auth_grpc.models import User
    from auth_grpc.server import Server
    from auth_grpc.services import Tokens


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Each test has its own keys, users and channel."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    from auth_grpc import authentication, client, identities
    from auth_grpc.keys import ring

    client.close()
    authentication.memory.clear()
    identities.forget()
    ring.forget()


@pytest.fixture(scope="session")
def _no_connection_stays(django_db_setup: None) -> Iterator[None]:
    """Threads that have ended leave their connections to the collector; a test database waits."""
    yield
    gc.collect()


@pytest.fixture
def server(_no_connection_stays: None, transactional_db: None, settings: Any) -> "Iterator[Server]":
    """The auth service, where the settings say."""
    from auth_grpc.server import Server

    started = Server("127.0.0.1:0")
    started.start()
    settings.AUTH_GRPC_ADDRESS = started.address
    # It answers at all, however slow the machine is.
    settings.AUTH_GRPC_TIMEOUT = 30
    yield started
    started.drain(1)


@pytest.fixture
def api() -> "APIClient":
    from rest_framework.test import APIClient

    return APIClient()


@pytest.fixture
def user(request: pytest.FixtureRequest, db: None) -> "User":
    from auth_grpc import services

    if "server" in request.fixturenames:
        request.getfixturevalue("server")
    return services.register(email=EMAIL, password=PASSWORD, name="Ada")


@pytest.fixture
def tokens(user: "User") -> "Tokens":
    from django.utils import timezone

    from auth_grpc import services

    return services.login(email=EMAIL, password=PASSWORD, now=timezone.now())


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Hashes:
    """Count hashes: time, which other processes disturb, is made of them."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    made = Hashes()

    def counting(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            made.count += 1
            return original(*args, **kwargs)

        return wrapper

    for name in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(Argon2PasswordHasher, name, counting(original))
    return made
