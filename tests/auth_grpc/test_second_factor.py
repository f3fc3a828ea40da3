"""Codes of a telephone: which are taken, how often, and what they open."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc import otp, services
from auth_grpc.errors import (
    CodeNeeded,
    FactorAlreadySetUp,
    InvalidToken,
    NoFactor,
    Throttled,
    WrongCode,
    WrongCredentials,
)
from auth_grpc.models import RecoveryCode, SecondFactor, Session, TrailEntry, User
from tests.auth_grpc.people import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 5, 4, 12, 0, 10, tzinfo=UTC)
LOGIN = "/api/v1/auth/login/"


def code_at(now: datetime) -> str:
    return pyotp.TOTP(SECRET).at(now)


def later(steps: int) -> datetime:
    return NOW + timedelta(seconds=otp.STEP_SECONDS * steps)


@pytest.fixture(autouse=True)
def _optional(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"


@pytest.fixture
def cook() -> User:
    services.create_staff(email=EMAIL, password=PASSWORD, role="kitchen")
    return User.objects.get()


@pytest.fixture
def codes(cook: User) -> list[str]:
    """The recovery codes of the cook, whose telephone is set up."""
    return services.set_up_factor(cook, secret=SECRET, code=code_at(NOW), now=NOW)


def login(now: datetime, code: str = "", **more: Any) -> services.Tokens:
    return services.login(email=EMAIL, password=PASSWORD, code=code, now=now, **more)


@pytest.mark.usefixtures("codes")
def test_it_takes_the_code_of_now_once(cook: User) -> None:
    with pytest.raises(WrongCode):
        login(NOW, code_at(NOW))  # The one it was set up with.
    assert login(later(1), code_at(later(1)))
    with pytest.raises(WrongCode):
        login(later(1), code_at(later(1)))
    assert [session.second_factor for session in Session.objects.all()] == [True]


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize(
    ("drift", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_it_bears_a_clock_that_is_a_step_off(cook: User, drift: int, is_taken: bool) -> None:
    try:
        login(later(10), code_at(later(10 + drift)))
    except WrongCode:
        assert not is_taken
    else:
        assert is_taken


@pytest.mark.usefixtures("codes")
def test_it_takes_no_code_older_than_the_last(cook: User) -> None:
    login(later(5), code_at(later(6)))
    with pytest.raises(WrongCode):
        login(later(6), code_at(later(5)))


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize("code", ["000000", "12345", "abc", "١٢٣٤٥٦", "x" * 40, "\0", "%"])
def test_it_refuses_what_is_no_code(cook: User, code: str) -> None:
    with pytest.raises(WrongCode):
        login(later(1), code)
    assert not Session.objects.exists()


def test_it_takes_each_recovery_code_once(codes: list[str]) -> None:
    assert len(set(codes)) == 10
    shown = codes[0].upper().replace("-", " ")
    assert login(NOW, shown)
    with pytest.raises(WrongCode):
        login(NOW, codes[0])
    assert login(NOW, codes[1])
    assert RecoveryCode.objects.filter(used_at=None).count() == 8


def test_it_keeps_no_secret_that_can_be_read(codes: list[str], settings: Any) -> None:
    factor = SecondFactor.objects.get()
    assert SECRET not in factor.secret
    kept = "".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 8
    assert otp.open_sealed(factor.secret) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    assert otp.open_sealed(factor.secret) is None
    with pytest.raises(WrongCode):
        login(later(1), code_at(later(1)))


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_many_concurrent_uses_win(cook: User, settings: Any) -> None:
    settings.CODE_FAILURES_PER_ACCOUNT = 100
    codes = services.set_up_factor(cook, secret=SECRET, code=code_at(NOW), now=NOW)
    for code in (code_at(later(1)), codes[0]):

        def use(_: int, code: str = code) -> bool:
            try:
                services.check_code(User.objects.get(), code, address="", now=later(1))
            except WrongCode:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(use, range(6))) == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_set_up_once_by_two_windows(cook: User) -> None:
    def set_up(_: int) -> bool:
        try:
            services.set_up_factor(User.objects.get(), secret=SECRET, code=code_at(NOW), now=NOW)
        except FactorAlreadySetUp:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(set_up, range(4))) == 1
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (1, 10)


def test_it_is_not_set_up_without_a_code_of_it(cook: User) -> None:
    with pytest.raises(WrongCode):
        services.set_up_factor(cook, secret=SECRET, code="000000", now=NOW)
    cook.refresh_from_db()
    assert cook.second_factor_since is None


@pytest.mark.usefixtures("codes")
def test_it_throttles_codes_though_the_password_is_right_each_time(cook: User) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            login(later(1), "000000", address="203.0.113.9")
    with pytest.raises(Throttled):
        login(later(1), code_at(later(1)), address="203.0.113.9")
    after = later(1) + timedelta(seconds=301)
    assert login(after, code_at(after), address="203.0.113.9")


@pytest.mark.usefixtures("codes")
def test_it_looks_at_no_code_under_a_wrong_password(cook: User) -> None:
    with pytest.raises(WrongCredentials):
        services.login(
            email=EMAIL, password="not the password", code=code_at(later(1)), now=later(1)
        )
    assert login(later(1), code_at(later(1)))


@pytest.mark.parametrize(
    ("demanded", "is_staff", "has_factor", "is_asked"),
    [
        ("off", True, True, False),
        ("off", True, False, False),
        ("optional", True, True, True),
        ("optional", True, False, False),
        ("optional", False, True, False),
        ("required", True, True, True),
        ("required", True, False, True),
        ("required", False, False, False),
        ("mistyped", True, False, True),
    ],
)
def test_it_asks_whom_the_setting_says(
    settings: Any, demanded: str, is_staff: bool, has_factor: bool, is_asked: bool
) -> None:
    settings.STAFF_SECOND_FACTOR = demanded
    since = NOW if has_factor else None
    assert User(is_staff=is_staff, second_factor_since=since).is_asked_for_code is is_asked


def test_it_gives_staff_without_a_factor_no_tokens_where_one_is_required(
    cook: User, settings: Any
) -> None:
    before = login(NOW)
    settings.STAFF_SECOND_FACTOR = "required"
    for code in ("", "123456"):
        with pytest.raises(CodeNeeded):
            login(NOW, code)
    # Nor do those from before go on.
    from auth_grpc import identities

    identities.forget()
    with pytest.raises(InvalidToken):
        services.verify(before.access)
    with pytest.raises(InvalidToken):
        services.refresh(before.refresh, now=NOW)


def test_it_asks_customers_for_nothing(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    services.register(email=EMAIL, password=PASSWORD)
    tokens = login(timezone.now())
    assert services.verify(tokens.access)
    assert services.refresh(tokens.refresh, now=timezone.now())


def test_it_ends_what_a_password_alone_had_opened(cook: User) -> None:
    tokens = login(timezone.now())
    services.verify(tokens.access)
    services.set_up_factor(cook, secret=SECRET, code=code_at(NOW), now=NOW)
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)
    assert Session.objects.get().revoked_reason == Session.Reason.FACTOR


@pytest.mark.usefixtures("server", "codes")
def test_it_asks_api_clients_for_the_code(api: APIClient) -> None:
    body = {"email": EMAIL, "password": PASSWORD}
    none = api.post(LOGIN, body, format="json")
    assert (none.status_code, none.json()["code"]) == (401, "code_needed")
    assert none.json()["errors"][0]["pointer"] == "/code"
    wrong = api.post(LOGIN, {**body, "code": "000000"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    wrong = api.post(LOGIN, {**body, "password": "no", "code": "000000"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    code = pyotp.TOTP(SECRET).now()
    assert api.post(LOGIN, {**body, "code": code}, format="json").status_code == 200
    assert api.post(LOGIN, {**body, "code": code}, format="json").status_code == 401


@pytest.mark.usefixtures("codes")
def test_it_is_reset_from_the_command_line(cook: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reset_second_factor", EMAIL.upper(), reason="lost in the river")
    cook.refresh_from_db()
    assert cook.second_factor_since is None
    assert not SecondFactor.objects.exists()
    entry = TrailEntry.objects.get()
    assert (entry.action, entry.via, entry.reason) == (
        "reset_second_factor",
        "command",
        "lost in the river",
    )
    assert login(NOW)
    for email in (EMAIL, "nobody@example.com"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", email)
    with pytest.raises(NoFactor):
        services.remove_factor(cook, now=NOW)
