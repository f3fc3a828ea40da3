"""A request to `auth/` whose key another auth server has in its hands at this moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from threading import Event
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc import services
from auth_grpc.models import LoginCount, RecoveryCode, SealedAnswer, SecondFactor, User
from auth_grpc.services.answers import keep
from restaurant.idempotency.schema import REPLAYED
from tests.auth_grpc.people import EMAIL, PASSWORD
from tests.servers.wait import wait_until

# SQLite lets one process write at a time.
pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("server")]
NEW = "grace@example.com"
# Looked at where an account is asked for one.
CODE = "aaaabbbbccccdddd"
NAMES = ("register", "login", "refresh", "logout")
Elsewhere = Callable[..., AbstractContextManager[Event]]


def body_of(name: str, token: str) -> dict[str, str]:
    return {
        "register": {"email": NEW, "password": PASSWORD},
        "login": {"email": EMAIL, "password": PASSWORD, "code": CODE},
    }.get(name, {"refresh": token})


def first(name: str, token: str) -> None:
    """Do what another server does for the same request."""
    asked: dict[str, Any] = {"key": "k1", "now": timezone.now()}
    body: dict[str, Any] = body_of(name, token)
    try:
        if name == "register":
            services.register_once(**body, **asked)
        elif name == "login":
            services.login(**body, **asked)
        else:
            getattr(services, name)(token, **asked)
    finally:
        connections.close_all()


class Broken(Exception):
    """What ends the first request, where it is to fail."""


@pytest.fixture
def elsewhere(tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Have another server answer a request first, up to its commit, for as long as a block lasts.

    Gives the event that lets it go on earlier.
    """
    done, go_on = Event(), Event()

    @contextmanager
    def run(name: str, *, fails: bool = False) -> Iterator[Event]:
        def held(*args: Any, **kwargs: Any) -> None:
            keep(*args, **kwargs)
            if not done.is_set():
                done.set()
                assert go_on.wait(60)
                if fails:
                    raise Broken

        for module in ("sessions", "logins", "registrations"):
            monkeypatch.setattr(f"auth_grpc.services.{module}.keep", held)
        with ThreadPoolExecutor(1) as other:
            running = other.submit(first, name, tokens.refresh)
            try:
                wait_until(lambda: done.is_set() or running.done())
                yield go_on
            finally:
                go_on.set()
                assert isinstance(running.exception(30), Broken) == fails

    return run


def send(api: APIClient, name: str, token: str, key: str = "k1") -> Any:
    url = f"/api/v1/auth/{name}/"
    return api.post(url, body_of(name, token), format="json", headers={"Idempotency-Key": key})


@pytest.mark.parametrize("name", NAMES)
def test_a_repeat_is_told_that_the_first_runs_and_then_answered_as_it(
    api: APIClient, tokens: services.Tokens, elsewhere: Elsewhere, name: str
) -> None:
    with elsewhere(name):
        refused = send(api, name, tokens.refresh)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
        assert refused["Retry-After"] == "1"
    again = send(api, name, tokens.refresh)
    assert (again.status_code // 100, again.headers.get(REPLAYED)) == (2, "true")
    assert SealedAnswer.objects.count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_after_a_rollback_it_is_the_first(
    api: APIClient, tokens: services.Tokens, elsewhere: Elsewhere, name: str
) -> None:
    with elsewhere(name, fails=True):
        assert send(api, name, tokens.refresh).status_code == 409
    done = send(api, name, tokens.refresh)
    assert (done.status_code // 100, REPLAYED in done) == (2, False)


@pytest.mark.parametrize("fails", [False, True])
def test_a_code_that_the_first_takes_is_not_wrong_in_the_second(
    api: APIClient, tokens: services.Tokens, elsewhere: Elsewhere, settings: Any, fails: bool
) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    user, now = User.objects.get(), timezone.now()
    User.objects.update(is_staff=True, second_factor_since=now)
    factor = SecondFactor.objects.create(user=user, secret="", created_at=now)
    digest = sha256(CODE.encode()).hexdigest()
    RecoveryCode.objects.create(factor=factor, digest=digest)
    with elsewhere("login", fails=fails):
        assert send(api, "login", "").json()["code"] == "idempotency_key_in_use"
    again = send(api, "login", "")
    assert (again.status_code, REPLAYED in again) == (200, not fails)
    assert RecoveryCode.objects.get().used_at
    # Nor was it counted as a guess.
    assert not LoginCount.objects.filter(scope=LoginCount.Scope.CODE, failures__gt=0).exists()


def test_a_repeat_waits_a_moment_for_the_first(
    api: APIClient,
    tokens: services.Tokens,
    elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The first ends when the second has found it running; long enough for a busy machine.
    monkeypatch.setattr("restaurant.idempotency.running.PATIENCE_SECONDS", 30)
    monkeypatch.setattr("django.conf.settings.AUTH_GRPC_TIMEOUT", 30)
    with elsewhere("refresh") as go_on:
        monkeypatch.setattr("restaurant.idempotency.running.time.sleep", lambda _: go_on.set())
        again = send(api, "refresh", tokens.refresh)
    assert (again.status_code, again[REPLAYED]) == (200, "true")


def test_who_has_another_key_does_not_meet_it(
    api: APIClient, tokens: services.Tokens, elsewhere: Elsewhere
) -> None:
    services.register(email=NEW, password=PASSWORD)
    theirs, mine = (
        services.login(email=email, password=PASSWORD, now=timezone.now()).refresh
        for email in (NEW, EMAIL)
    )
    with elsewhere("refresh"):
        # Another person's of the same name, and another request's of one's own.
        assert send(api, "refresh", theirs).status_code == 200
        assert send(api, "refresh", mine, key="k2").status_code == 200
        assert send(api, "logout", mine).status_code == 204
