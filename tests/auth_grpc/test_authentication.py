"""What a web process does with a token: asks, remembers a while, and goes on when auth is away."""

import os
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from auth_grpc import authentication, client, services
from auth_grpc.authentication import (
    AskingAuthentication,
    Memory,
    TokenAuthentication,
    TokenUser,
    user_of,
)
from auth_grpc.errors import InvalidToken, Unavailable
from auth_grpc.models import Session, User
from auth_grpc.server import Server
from auth_grpc.tokens import AccessToken
from tests.auth_grpc.people import EMAIL, PASSWORD
from tests.servers.wait import wait_until


class Clock:
    """A timer that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(authentication, "memory", Memory(clock))
    return clock


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that the auth service was asked about."""
    tokens: list[str] = []
    real = client.verify

    def verify(token: str) -> Any:
        tokens.append(token)
        return real(token)

    monkeypatch.setattr(client, "verify", verify)
    return tokens


class WhoAmI(APIView):
    authentication_classes = [TokenAuthentication]

    def get(self, request: Request) -> Response:
        return Response({"id": str(request.user.pk)})


def get(token: str | None = None, scheme: str = "Bearer") -> HttpResponse:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    return WhoAmI.as_view()(RequestFactory().get("/", headers=headers))


def stop(server: Server) -> None:
    server.drain(0)


@pytest.mark.usefixtures("server")
def test_it_knows_the_user_of_a_good_token(user: User, tokens: services.Tokens) -> None:
    found = user_of(tokens.access)
    assert (found.id, found.pk) == (user.pk, user.pk)
    assert found.roles == {"customer"}
    assert found.session_id == Session.objects.get().pk
    assert not found.is_staff
    # Nobody is told a customer's name; it goes by id.
    assert (found.name, found.get_short_name()) == ("", str(user.pk))
    assert not found.has_perm("orders.view_order")
    assert not found.has_module_perms("orders")
    assert get(tokens.access).status_code == get(tokens.access, "bearer").status_code == 200


@pytest.mark.usefixtures("server")
def test_it_knows_what_staff_may_do() -> None:
    given = {"email": "cook@example.com", "password": PASSWORD}
    services.create_staff(**given, role="kitchen", name="Cleo Cook")
    tokens = services.login(**given, now=timezone.now())
    cook = user_of(tokens.access)
    assert cook.get_short_name() == "Cleo"
    assert cook.is_staff
    assert cook.has_perms(["kitchen.view_ticket", "kitchen.change_ticket"])
    assert cook.has_module_perms("kitchen")
    assert not cook.has_perms(["kitchen.view_ticket", "delivery.view_delivery"])


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("text", ["nonsense", "a.b.c", "", "é", "x" * 10_000, "two words"])
def test_it_refuses_bad_tokens_with_401(text: str) -> None:
    answer = get(text)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_it_answers_401_without_a_token() -> None:
    assert get().status_code == 401
    assert get("YTpi", scheme="Basic").status_code == 401


@pytest.mark.usefixtures("server")
def test_for_what_outlasts_a_request_it_asks_each_time(
    user: User, tokens: services.Tokens, asked: list[str]
) -> None:
    authentication = AskingAuthentication()
    request: Any = RequestFactory().get("/", headers={"Authorization": f"Bearer {tokens.access}"})
    for _ in range(3):
        found, _auth = authentication.authenticate(request) or (None, None)
        assert found
        assert found.pk == user.pk
    assert asked == [tokens.access] * 3
    services.logout(tokens.refresh, now=timezone.now())

    def is_refused() -> bool:
        try:
            authentication.authenticate(request)
        except AuthenticationFailed:
            return True
        return False

    # The server itself may know what it was told up to 2 s ago.
    wait_until(is_refused, seconds=30)


@pytest.mark.usefixtures("server")
def test_it_asks_once_in_ten_seconds(
    tokens: services.Tokens, clock: Clock, asked: list[str]
) -> None:
    for _ in range(5):
        user_of(tokens.access)
    assert len(asked) == 1
    clock.now += settings.BELIEVED_SECONDS
    user_of(tokens.access)
    assert len(asked) == 2


@pytest.mark.usefixtures("server")
def test_it_forgets_a_revoked_token_within_ten_seconds(
    tokens: services.Tokens, clock: Clock
) -> None:
    user_of(tokens.access)
    services.logout(tokens.refresh, now=timezone.now())
    clock.now += 10
    assert get(tokens.access).status_code == 401


@pytest.mark.usefixtures("server")
def test_it_counts_from_the_question_not_from_the_answer(
    tokens: services.Tokens, clock: Clock, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = client.verify

    def slow(token: str) -> Any:
        found = quick(token)
        clock.now += 5
        return found

    monkeypatch.setattr(client, "verify", slow)
    user_of(tokens.access)
    clock.now += settings.BELIEVED_SECONDS - 5
    user_of(tokens.access)
    assert len(asked) == 2


@pytest.mark.usefixtures("server")
def test_it_never_remembers_past_the_token_s_end(
    user: User, tokens: services.Tokens, clock: Clock, asked: list[str], settings: Any
) -> None:
    settings.BELIEVED_SECONDS = 300.0
    almost = timezone.now() - timedelta(seconds=240)
    ending = str(
        AccessToken.issue(user_id=user.pk, session_id=Session.objects.get().pk, now=almost)
    )
    user_of(ending)
    # Its last minute began a little before the question.
    clock.now += 30
    assert authentication.memory.get(ending)
    clock.now += 30.1
    assert authentication.memory.get(ending) is None
    assert len(asked) == 1


@pytest.mark.usefixtures("server")
def test_it_does_not_remember_a_refusal(tokens: services.Tokens, asked: list[str]) -> None:
    User.objects.update(is_active=False)
    assert get(tokens.access).status_code == 401
    User.objects.update(is_active=True)
    assert get(tokens.access).status_code == 200
    assert len(asked) == 2


def test_it_goes_on_with_remembered_tokens_when_auth_is_away(
    server: Server, tokens: services.Tokens, clock: Clock
) -> None:
    other = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    assert get(tokens.access).status_code == 200
    stop(server)
    assert get(tokens.access).status_code == 200
    unknown = get(other.access)
    assert (unknown.status_code, unknown["Retry-After"]) == (503, "1")
    clock.now += 10
    assert get(tokens.access).status_code == 503
    for path in ("login", "refresh", "register", "logout"):
        assert _post(path).status_code == 503


def _post(path: str) -> Any:
    from rest_framework.test import APIClient

    account = {"email": EMAIL, "password": PASSWORD}
    body = account if path in ("register", "login") else {"refresh": "a.b.c"}
    return APIClient().post(f"/api/v1/auth/{path}/", body, format="json")


def test_it_finds_the_service_again_when_it_comes_back(
    server: Server, tokens: services.Tokens
) -> None:
    user_of(tokens.access)
    authentication.memory.clear()
    stop(server)
    with pytest.raises(Unavailable):
        user_of(tokens.access)
    again = Server(server.address)
    again.start()

    def known() -> TokenUser | None:
        try:
            return user_of(tokens.access)
        except Unavailable:
            return None

    try:
        assert wait_until(known, seconds=30)
    finally:
        stop(again)


def test_it_gives_up_at_the_deadline(settings: Any, tokens: services.Tokens) -> None:
    """A port that accepts and never answers."""
    import socket

    settings.AUTH_GRPC_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.AUTH_GRPC_ADDRESS = f"127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(Unavailable, match="DEADLINE_EXCEEDED"):
            user_of(tokens.access)
    # A slow machine needs longer than the deadline, but nobody waits for the port.
    assert time.monotonic() - started < 10


@pytest.mark.usefixtures("server")
def test_it_makes_a_channel_of_its_own_after_a_fork(tokens: services.Tokens) -> None:
    user_of(tokens.access)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            authentication.memory.clear()
            code = 0 if user_of(tokens.access) else 2
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    deadline = time.monotonic() + 20
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:
            os.kill(child, 9)
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(done[1]) == 0


@pytest.mark.usefixtures("server")
def test_it_is_safe_in_threads(tokens: services.Tokens) -> None:
    with ThreadPoolExecutor(8) as pool:
        users = list(pool.map(lambda _: user_of(tokens.access), range(200)))
    assert len({user.id for user in users}) == 1


def test_it_keeps_no_token_in_memory(clock: Clock) -> None:
    user = TokenUser(None, None, frozenset(), frozenset(), False)  # type: ignore[arg-type]
    authentication.memory.keep("secret.token", user, until=clock.now + 1)
    assert authentication.memory.get("secret.token") is user
    assert all("secret" not in str(key) for key in authentication.memory._users)


def test_it_asks_nobody_about_what_cannot_be_a_token(asked: list[str]) -> None:
    for text in ("x" * 10_000, "é" * 20):
        with pytest.raises(InvalidToken):
            user_of(text)
    assert asked == []
