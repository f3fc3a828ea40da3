"""How many wrong passwords an account and an address may have."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import grpc
import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from rest_framework.test import APIClient

from auth_grpc import passwords, services
from auth_grpc.errors import Throttled, Unavailable, WrongCredentials
from auth_grpc.models import LoginCount, Session, User
from proto import auth_pb2, auth_pb2_grpc
from restaurant.addresses import network_of
from restaurant.limits.limiter import limiter
from tests.auth_grpc.people import EMAIL, PASSWORD, Hashes

LOGIN = "/api/v1/auth/login/"
WRONG = "not the password"


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = 3
    settings.LOGIN_FAILURES_PER_ADDRESS = 5


def attempt(email: str = EMAIL, password: str = WRONG, **more: Any) -> services.Tokens | None:
    given = {"address": "203.0.113.9", "now": timezone.now(), **more}
    try:
        return services.login(email=email, password=password, **given)
    except WrongCredentials:
        return None


@pytest.mark.usefixtures("server", "user")
def test_it_answers_429_with_retry_after_and_looks_at_nothing(
    api: APIClient, hashes: Hashes
) -> None:
    body = {"email": EMAIL, "password": WRONG}
    answers = [api.post(LOGIN, body, format="json").status_code for _ in range(3)]
    assert answers == [401] * 3
    hashes.count = 0
    answer = api.post(LOGIN, {**body, "password": PASSWORD}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 290 <= int(answer["Retry-After"]) <= 301
    assert hashes.count == 0
    assert not Session.objects.exists()


@pytest.mark.usefixtures("server", "user", "valkey")
def test_it_does_not_tell_of_requests_that_are_left(api: APIClient) -> None:
    limiter.forget()
    for status, is_told in ((401, True), (401, True), (401, True), (429, False)):
        answer = api.post(LOGIN, {"email": EMAIL, "password": WRONG}, format="json")
        assert answer.status_code == status
        assert {answer.has_header(name) for name in ("RateLimit", "RateLimit-Policy")} == {is_told}
    limiter.forget()


@pytest.mark.usefixtures("user")
def test_it_says_so_over_grpc_with_retry_info(server: Any) -> None:
    for _ in range(3):
        attempt()
    with grpc.insecure_channel(server.address) as channel:
        stub = auth_pb2_grpc.AuthServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Login(auth_pb2.LoginRequest(email=EMAIL, password=PASSWORD), timeout=5)
    refusal: Any = caught.value
    assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    info = error_details_pb2.RetryInfo()
    assert rpc_status.from_call(refusal).details[0].Unpack(info)
    assert 290 <= info.retry_delay.seconds <= 301


@pytest.mark.usefixtures("user")
def test_it_opens_again_when_the_window_is_over() -> None:
    now = timezone.now()
    for _ in range(3):
        attempt(now=now)
    with pytest.raises(Throttled) as caught:
        attempt(password=PASSWORD, now=now + timedelta(seconds=100))
    assert caught.value.retry_after == pytest.approx(200)
    assert attempt(password=PASSWORD, now=now + timedelta(seconds=300))


@pytest.mark.usefixtures("user")
def test_it_counts_an_account_from_all_addresses_and_in_any_case() -> None:
    for number, email in enumerate((EMAIL, EMAIL.upper(), f" {EMAIL}")):
        attempt(email, address=f"203.0.113.{number}")
    with pytest.raises(Throttled):
        attempt(password=PASSWORD, address="198.51.100.1")


@pytest.mark.usefixtures("user")
def test_it_counts_an_address_over_all_accounts_and_leaves_others_alone() -> None:
    for number in range(5):
        attempt(f"guess{number}@example.com")
    with pytest.raises(Throttled):
        attempt(password=PASSWORD)
    assert attempt(password=PASSWORD, address="198.51.100.1")


@pytest.mark.usefixtures("user")
def test_it_treats_an_unknown_account_as_a_known_one() -> None:
    for _ in range(3):
        attempt("eve@example.com")
    with pytest.raises(Throttled):
        attempt("eve@example.com")


@pytest.mark.usefixtures("user")
def test_it_forgives_the_account_but_not_the_address() -> None:
    for number in range(3):
        attempt(f"guess{number}@example.com")
    for _ in range(2):
        assert attempt(password=PASSWORD)
    attempt()
    assert attempt(password=PASSWORD)
    assert LoginCount.objects.get(scope="address").failures == 4
    assert not LoginCount.objects.filter(subject=EMAIL).exists()


@pytest.mark.usefixtures("user")
def test_it_never_throttles_right_passwords_from_one_address() -> None:
    assert all(attempt(password=PASSWORD) for _ in range(10))


@pytest.mark.usefixtures("user")
def test_it_does_not_count_what_it_had_no_time_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as busy:
        busy.setattr(passwords, "_admitted", threading.BoundedSemaphore(1))
        with passwords.turn():
            for _ in range(5):
                with pytest.raises(Unavailable):
                    attempt()
    assert set(LoginCount.objects.values_list("failures", flat=True)) == {0}
    assert attempt(password=PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_it_counts_guesses_sent_at_once(user: User, hashes: Hashes) -> None:
    def guess(_: int) -> str:
        try:
            return str(attempt())
        except Throttled:
            return "throttled"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(guess, range(12)))
    assert sorted(told) == ["None"] * 3 + ["throttled"] * 9
    assert hashes.count == 3


@pytest.mark.django_db
def test_it_throttles_the_staff_site_s_form(client: Client) -> None:
    services.create_staff(email="cook@example.com", password=PASSWORD, role="kitchen")
    form = {"username": "cook@example.com", "password": WRONG}
    answers = [client.post("/admin/login/", form).status_code for _ in range(3)]
    assert answers == [200] * 3
    answer = client.post("/admin/login/", {**form, "password": PASSWORD})
    assert answer.status_code == 429
    assert 290 <= int(answer["Retry-After"]) <= 301
    assert "sessionid" not in client.cookies
    LoginCount.objects.all().delete()
    assert client.post("/admin/login/", {**form, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unknown", ""),
        ("203.0.113.9, 10.0.0.1", ""),
    ],
)
def test_it_takes_an_ipv6_network_for_one_client(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.usefixtures("server", "user")
def test_it_believes_no_forwarded_address_by_default(api: APIClient) -> None:
    body = {"email": EMAIL, "password": WRONG}
    for number in range(3):
        api.post(LOGIN, body, format="json", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert set(LoginCount.objects.filter(scope="address").values_list("subject", flat=True)) == {
        "127.0.0.1"
    }
