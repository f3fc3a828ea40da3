"""What is asked of `auth/` again with the same Idempotency-Key."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar

import pytest
from django.conf import settings as configured
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc import otp, services, tasks
from auth_grpc.errors import InvalidToken, KeyInUse, KeyReused, WrongCode
from auth_grpc.models import (
    LoginCount,
    RecoveryCode,
    RefreshToken,
    SealedAnswer,
    SecondFactor,
    Session,
    User,
)
from restaurant.idempotency.keys import Key, fingerprint
from restaurant.idempotency.running import hold
from restaurant.idempotency.schema import REPLAYED
from tests.auth_grpc.people import EMAIL, PASSWORD, code_of
from tests.threads import at_once

REFRESH, LOGIN, LOGOUT, REGISTER = (
    f"/api/v1/auth/{name}/" for name in ("refresh", "login", "logout", "register")
)
T = TypeVar("T")
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


def patiently(use: Callable[..., T], *args: Any, **asked: Any) -> T:
    """Ask with one key, and again while the first with it is told to run, as clients do."""
    while True:
        try:
            return use(*args, **asked, key="k1", now=timezone.now())
        except KeyInUse:
            continue


def send(api: APIClient, url: str, body: Any, key: str = "k1") -> Any:
    return api.post(url, body, format="json", headers={"Idempotency-Key": key})


@pytest.mark.usefixtures("server")
def test_a_pair_whose_answer_was_lost_is_given_again(
    api: APIClient, tokens: services.Tokens
) -> None:
    first = send(api, REFRESH, {"refresh": tokens.refresh})
    again = send(api, REFRESH, {"refresh": tokens.refresh}, key='"k1"')
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert first["Cache-Control"] == again["Cache-Control"] == "no-store"
    assert (REPLAYED in first, again[REPLAYED]) == (False, "true")
    # It is good: the session was not taken for stolen.
    assert Session.objects.get().is_open
    assert send(api, REFRESH, {"refresh": again.json()["refresh"]}, key="k2").status_code == 200


@pytest.mark.parametrize("key", ["", "k2"])
def test_a_spent_token_without_its_key_still_ends_the_session(
    tokens: services.Tokens, key: str
) -> None:
    services.refresh(tokens.refresh, key="k1", now=timezone.now())
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, key=key, now=timezone.now())
    assert Session.objects.get().revoked_reason == Session.Reason.REUSE
    # The key does not open it again.
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, key="k1", now=timezone.now())


def test_a_pair_that_was_used_is_not_given_to_a_second_hand(tokens: services.Tokens) -> None:
    pair = services.refresh(tokens.refresh, key="k1", now=timezone.now())
    services.refresh(pair.refresh, key="k2", now=timezone.now())
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, key="k1", now=timezone.now())
    assert Session.objects.get().revoked_reason == Session.Reason.REUSE


@pytest.mark.usefixtures("server")
def test_a_key_that_named_another_token_is_refused(api: APIClient, tokens: services.Tokens) -> None:
    pair = send(api, REFRESH, {"refresh": tokens.refresh}).json()
    refused = send(api, REFRESH, {"refresh": pair["refresh"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert send(api, REFRESH, {"refresh": pair["refresh"]}, key="k2").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_all_are_given_the_one_pair(tokens: services.Tokens) -> None:
    given: list[services.Tokens] = []

    def use() -> None:
        given.append(patiently(services.refresh, tokens.refresh))

    at_once(*[use] * 8)
    assert len({(pair.access, pair.refresh) for pair in given}) == 1
    assert sum(not pair.replayed for pair in given) == 1
    assert Session.objects.get().is_open
    assert RefreshToken.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_sessions_with_one_key_at_once_are_not_mixed_up(tokens: services.Tokens) -> None:
    other = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    told: list[Any] = []

    def use(token: str) -> None:
        try:
            told.append(patiently(services.refresh, token))
        except KeyReused:
            told.append(None)

    at_once(lambda: use(tokens.refresh), lambda: use(other.refresh))
    assert sum(pair is not None for pair in told) == 1
    # Nothing of the refused one was done: its token is good still.
    unspent = RefreshToken.objects.filter(spent_at=None)
    assert unspent.count() == 2
    assert Session.objects.filter(revoked_at=None).count() == 2


@pytest.mark.usefixtures("server", "user")
def test_a_login_whose_answer_was_lost_opens_one_session(api: APIClient) -> None:
    first, again = send(api, LOGIN, CREDENTIALS), send(api, LOGIN, CREDENTIALS)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert (REPLAYED in first, again[REPLAYED]) == (False, "true")
    assert Session.objects.count() == 1
    assert send(api, LOGIN, CREDENTIALS, key="k2").json() != first.json()


@pytest.mark.usefixtures("user")
def test_a_login_given_again_later_goes_on_by_its_refresh_token() -> None:
    now = timezone.now()
    first = services.login(**CREDENTIALS, key="k1", now=now - timedelta(hours=1))
    again = services.login(**CREDENTIALS, key="k1", now=now)
    assert again == replace(first, replayed=True)
    with pytest.raises(InvalidToken):
        services.verify(again.access)
    pair = services.refresh(again.refresh, now=now)
    assert services.verify(pair.access)
    # Given once more it is spent, and ends the session.
    spent = services.login(**CREDENTIALS, key="k1", now=now).refresh
    with pytest.raises(InvalidToken):
        services.refresh(spent, now=now)
    assert not Session.objects.get().is_open


@pytest.mark.usefixtures("server", "user")
def test_a_login_is_given_again_to_who_knows_the_password_alone(api: APIClient) -> None:
    send(api, LOGIN, CREDENTIALS)
    guess = send(api, LOGIN, {**CREDENTIALS, "password": "guess"})
    assert (guess.status_code, guess.json()["code"]) == (401, "wrong_credentials")


@pytest.fixture
def secret(settings: Any) -> str:
    """That of a cook's telephone, whose codes are asked for."""
    settings.STAFF_SECOND_FACTOR = "required"
    secret, now = otp.new_secret(), timezone.now()
    user = services.create_staff(email=EMAIL, password=PASSWORD, role="kitchen")
    SecondFactor.objects.create(user=user, secret=otp.seal(secret), created_at=now)
    User.objects.filter(pk=user.pk).update(second_factor_since=now)
    return secret


@pytest.mark.django_db
def test_a_login_with_a_code_is_given_again_though_the_code_is_used_up(secret: str) -> None:
    code = code_of(secret)
    given: dict[str, Any] = {**CREDENTIALS, "key": "k1", "now": timezone.now()}
    first, again = services.login(**given, code=code), services.login(**given, code=code)
    assert (again.access, again.refresh, again.replayed) == (first.access, first.refresh, True)
    with pytest.raises(WrongCode):
        services.login(**{**given, "key": "k2"}, code=code)
    with pytest.raises(KeyReused):
        services.login(**given, code="000000")
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", ["", "k1"])
@pytest.mark.parametrize("kind", ["telephone", "recovery"])
def test_a_code_is_not_used_up_by_a_login_that_failed(
    secret: str, kind: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(secret)
    if kind == "recovery":
        code = "aaaa-bbbb-cccc-dddd"
        digest = sha256(code.replace("-", "").encode()).hexdigest()
        RecoveryCode.objects.create(factor=SecondFactor.objects.get(), digest=digest)
    given: dict[str, Any] = {**CREDENTIALS, "code": code, "key": key, "now": timezone.now()}

    def die(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("auth_grpc.services.logins.issue", die)
        with pytest.raises(ZeroDivisionError):
            services.login(**given)
    assert not Session.objects.exists()
    assert User.objects.get().last_login is None
    assert not services.login(**given).replayed
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_wrong_code_changes_nothing_and_is_counted(secret: str) -> None:
    for key in ("k1", "k1", "k2"):
        with pytest.raises(WrongCode):
            services.login(**CREDENTIALS, code="000000", key=key, now=timezone.now())
    assert User.objects.get().last_login is None
    assert not Session.objects.exists()
    assert not SealedAnswer.objects.exists()
    assert failures_of_codes() == 3


def failures_of_codes() -> int:
    counted = LoginCount.objects.filter(scope=LoginCount.Scope.CODE).values_list("failures")
    return sum(failures for (failures,) in counted)


@pytest.mark.django_db(transaction=True)
def test_logins_at_once_with_one_key_and_code_open_one_session(secret: str, settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = settings.CODE_FAILURES_PER_ACCOUNT = 1000
    code, given = code_of(secret), []

    def enter() -> None:
        given.append(patiently(services.login, **CREDENTIALS, code=code))

    at_once(*[enter] * 4)
    assert len({pair.refresh for pair in given}) == 1
    assert sum(not pair.replayed for pair in given) == 1
    assert Session.objects.count() == 1
    assert failures_of_codes() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("user")
def test_logins_at_once_with_one_key_open_one_session() -> None:
    given: list[services.Tokens] = []

    def enter() -> None:
        given.append(patiently(services.login, email=EMAIL, password=PASSWORD))

    at_once(*[enter] * 2)
    assert len({pair.refresh for pair in given}) == 1
    assert Session.objects.count() == 1


@pytest.mark.usefixtures("server", "user")
def test_a_second_request_does_not_wait_for_the_first(api: APIClient) -> None:
    body = fingerprint(b'{"email":"ada@example.com","password":"correct horse battery"}')
    with hold(Key(None, f"POST {LOGIN} {body}", "k1")):
        refused = send(api, LOGIN, CREDENTIALS)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
        assert refused["Retry-After"] == "1"
        # Another client's key may have the same name.
        other = send(api, LOGIN, {**CREDENTIALS, "password": "x"})
        assert other.status_code == 401
    assert not Session.objects.exists()


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("url", [LOGIN, REFRESH, REGISTER, LOGOUT])
def test_it_refuses_what_is_no_key(api: APIClient, tokens: services.Tokens, url: str) -> None:
    sent = send(api, url, {**CREDENTIALS, "refresh": tokens.refresh}, key="two words")
    assert (sent.status_code, sent.json()["code"]) == (400, "bad_idempotency_key")
    assert RefreshToken.objects.get().spent_at is None
    assert Session.objects.get().is_open


@pytest.mark.usefixtures("server")
def test_an_account_whose_answer_was_lost_is_given_again(api: APIClient) -> None:
    body = {**CREDENTIALS, "name": " Ada "}
    first, again = send(api, REGISTER, body), send(api, REGISTER, body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (REPLAYED in first, again[REPLAYED]) == (False, "true")
    assert User.objects.count() == 1
    # As it was, though the name has changed.
    User.objects.update(name="Countess")
    assert send(api, REGISTER, body).content == first.content


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("changed", [{"password": "another good one"}, {"name": "Eve"}])
def test_a_key_that_made_another_account_is_refused(api: APIClient, changed: Any) -> None:
    send(api, REGISTER, CREDENTIALS)
    refused = send(api, REGISTER, {**CREDENTIALS, **changed})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.usefixtures("server", "user")
def test_who_registers_with_a_new_key_learns_that_the_email_is_taken(api: APIClient) -> None:
    refused = send(api, REGISTER, CREDENTIALS)
    assert (refused.status_code, refused.json()["code"]) == (409, "email_taken")
    assert User.objects.count() == 1


@pytest.mark.usefixtures("server")
def test_passwords_cannot_be_guessed_by_registering_again(api: APIClient, settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = 3
    send(api, REGISTER, CREDENTIALS)
    guesses = [
        send(api, REGISTER, {**CREDENTIALS, "password": f"a good guess {i}"}) for i in range(4)
    ]
    assert [guess.status_code for guess in guesses] == [422, 422, 422, 429]
    assert send(api, REGISTER, CREDENTIALS).status_code == 429


@pytest.mark.usefixtures("server")
def test_a_logout_whose_answer_was_lost_is_answered_again(
    api: APIClient, tokens: services.Tokens
) -> None:
    first, again = (send(api, LOGOUT, {"refresh": tokens.refresh}) for _ in range(2))
    assert (first.status_code, again.status_code) == (204, 204)
    assert (REPLAYED in first, again[REPLAYED]) == (False, "true")
    # Under another key it is another request, of a session that has ended already.
    other = send(api, LOGOUT, {"refresh": tokens.refresh}, key="k2")
    assert (other.status_code, REPLAYED in other) == (204, False)
    ended = Session.objects.get()
    assert (ended.revoked_reason, SealedAnswer.objects.count()) == (Session.Reason.LOGOUT, 2)


@pytest.mark.usefixtures("server")
def test_a_key_that_ended_another_session_ends_no_second_one(
    api: APIClient, tokens: services.Tokens
) -> None:
    other = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    send(api, LOGOUT, {"refresh": tokens.refresh})
    refused = send(api, LOGOUT, {"refresh": other.refresh})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert services.verify(other.access)
    assert send(api, LOGOUT, {"refresh": other.refresh}, key="k2").status_code == 204


@pytest.mark.usefixtures("server")
def test_a_logout_by_one_token_is_not_another_of_the_same_session(
    api: APIClient, tokens: services.Tokens
) -> None:
    pair = services.refresh(tokens.refresh, now=timezone.now())
    send(api, LOGOUT, {"refresh": tokens.refresh})
    refused = send(api, LOGOUT, {"refresh": pair.refresh})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.usefixtures("server")
def test_a_key_of_a_refresh_is_free_for_a_logout(api: APIClient, tokens: services.Tokens) -> None:
    pair = send(api, REFRESH, {"refresh": tokens.refresh}).json()
    out = send(api, LOGOUT, {"refresh": pair["refresh"]})
    assert (out.status_code, REPLAYED in out) == (204, False)


@pytest.mark.usefixtures("server")
def test_a_second_logout_does_not_wait_for_the_first(
    api: APIClient, tokens: services.Tokens
) -> None:
    body = json.dumps({"refresh": tokens.refresh}).encode()
    with hold(Key(None, f"POST {LOGOUT} {fingerprint(body)}", "k1")):
        refused = send(api, LOGOUT, {"refresh": tokens.refresh})
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
    assert refused["Retry-After"] == "1"
    assert Session.objects.get().is_open


@pytest.mark.django_db(transaction=True)
def test_of_many_logouts_at_once_one_is_the_first(tokens: services.Tokens) -> None:
    told: list[services.LoggedOut] = []
    at_once(*[lambda: told.append(patiently(services.logout, tokens.refresh))] * 8)
    assert sorted(each.replayed for each in told) == [False] + [True] * 7
    assert SealedAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_sessions_that_end_with_one_key_at_once_one_stays(tokens: services.Tokens) -> None:
    other = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    refused: list[str] = []

    def end(token: str) -> None:
        try:
            patiently(services.logout, token)
        except KeyReused:
            refused.append(token)

    at_once(lambda: end(tokens.refresh), lambda: end(other.refresh))
    assert len(refused) == 1
    assert Session.objects.filter(revoked_at=None).count() == 1


def test_a_logout_of_who_is_gone_keeps_nothing(tokens: services.Tokens) -> None:
    User.objects.get().delete()
    assert not services.logout(tokens.refresh, key="k1", now=timezone.now()).replayed
    assert not SealedAnswer.objects.exists()


def test_tokens_lie_sealed(tokens: services.Tokens) -> None:
    pair = services.refresh(tokens.refresh, key="k1", now=timezone.now())
    kept = SealedAnswer.objects.get()
    assert pair.refresh not in kept.answer
    assert pair.access not in kept.answer
    # Under the present secret, or an earlier one that is still named.
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[configured.SECRET_KEY]):
        assert services.answers.given_before(asked(kept, tokens), services.Tokens) is not None
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert services.answers.given_before(asked(kept, tokens), services.Tokens) is None


def asked(kept: SealedAnswer, tokens: services.Tokens) -> Any:
    return services.answers.Asked(kept.user_id, "Refresh", "k1", tokens.refresh)


def test_answers_are_kept_for_a_day(tokens: services.Tokens) -> None:
    services.refresh(tokens.refresh, key="k1", now=timezone.now())
    SealedAnswer.objects.update(created_at=timezone.now() - timedelta(hours=23))
    tasks.purge_expired()
    assert SealedAnswer.objects.count() == 1
    SealedAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    tasks.purge_expired()
    assert not SealedAnswer.objects.exists()


@pytest.mark.parametrize("use", [services.refresh, services.logout])
def test_a_failure_spends_nothing_and_keeps_nothing(
    use: Any, tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("auth_grpc.services.sessions.keep", fail)
        with pytest.raises(ZeroDivisionError):
            use(tokens.refresh, key="k1", now=timezone.now())
    assert not SealedAnswer.objects.exists()
    assert Session.objects.get().is_open
    assert not use(tokens.refresh, key="k1", now=timezone.now()).replayed
