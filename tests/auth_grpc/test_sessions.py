"""Refreshing, logging out, and what becomes of the tokens."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc import identities, services, tasks
from auth_grpc.errors import InvalidToken
from auth_grpc.models import LoginCount, RefreshToken, Role, Session, SigningKey, User
from tests.auth_grpc.people import EMAIL, PASSWORD

REFRESH, LOGOUT = "/api/v1/auth/refresh/", "/api/v1/auth/logout/"


@pytest.mark.usefixtures("server")
def test_it_trades_a_refresh_token_for_a_new_pair(api: APIClient, tokens: services.Tokens) -> None:
    answer = api.post(REFRESH, {"refresh": tokens.refresh}, format="json")
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "expires_in"}
    assert answer.json()["refresh"] != tokens.refresh
    assert services.verify(answer.json()["access"]).session_id == Session.objects.get().pk


@pytest.mark.usefixtures("server")
def test_it_revokes_the_family_when_a_spent_token_is_used_again(
    api: APIClient, tokens: services.Tokens
) -> None:
    next_pair = api.post(REFRESH, {"refresh": tokens.refresh}, format="json").json()
    again = api.post(REFRESH, {"refresh": tokens.refresh}, format="json")
    assert (again.status_code, again.json()["code"]) == (401, "invalid_refresh_token")
    assert api.post(REFRESH, {"refresh": next_pair["refresh"]}, format="json").status_code == 401
    with pytest.raises(InvalidToken):
        services.verify(next_pair["access"])
    assert Session.objects.get().revoked_reason == Session.Reason.REUSE


def test_it_leaves_other_sessions_of_the_user_open(tokens: services.Tokens) -> None:
    other = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    services.refresh(tokens.refresh, now=timezone.now())
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, now=timezone.now())
    assert services.refresh(other.refresh, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_many_concurrent_uses_win(tokens: services.Tokens) -> None:
    def use(_: int) -> services.Tokens | None:
        try:
            return services.refresh(tokens.refresh, now=timezone.now())
        except InvalidToken:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        won = [pair for pair in pool.map(use, range(8)) if pair]
    assert len(won) == 1
    # And it has won nothing: the token was in two hands.
    with pytest.raises(InvalidToken):
        services.verify(won[0].access)
    assert RefreshToken.objects.count() == 2


@pytest.mark.usefixtures("server")
def test_it_logs_out(api: APIClient, tokens: services.Tokens) -> None:
    for _ in range(2):
        answer = api.post(LOGOUT, {"refresh": tokens.refresh}, format="json")
        assert (answer.status_code, answer.content) == (204, b"")
    assert api.post(REFRESH, {"refresh": tokens.refresh}, format="json").status_code == 401
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)
    assert Session.objects.get().revoked_reason == Session.Reason.LOGOUT


@pytest.mark.usefixtures("server", "user")
@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
def test_it_refuses_what_is_no_refresh_token(
    api: APIClient, tokens: services.Tokens, path: str
) -> None:
    for text in (tokens.access, "nonsense", "a.b.c", tokens.refresh[:-4] + "AAAA"):
        answer = api.post(path, {"refresh": text}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_refresh_token")
    assert Session.objects.get().is_open


def test_it_tells_who_a_token_is_for(user: User, tokens: services.Tokens) -> None:
    identity = services.verify(tokens.access)
    assert identity.user_id == user.pk
    assert identity.session_id == Session.objects.get().pk
    assert identity.rights.roles == (Role.CUSTOMER,)
    assert identity.rights.permissions == ()
    assert identity.rights.name == ""
    assert timedelta(0) < identity.expires_at - timezone.now() <= timedelta(minutes=5)


@pytest.mark.django_db
def test_it_tells_permissions_of_staff_and_of_superusers() -> None:
    services.create_staff(email="cook@example.com", password=PASSWORD, role="kitchen")
    User.objects.filter(email="cook@example.com").update(name="Cleo Cook")
    User.objects.create_superuser("root@example.com", PASSWORD)
    cook, root = (
        services.verify(
            services.login(email=email, password=PASSWORD, now=timezone.now()).access
        ).rights
        for email in ("cook@example.com", "root@example.com")
    )
    assert "kitchen.view_ticket" in cook.permissions
    assert not any(name.startswith("delivery.") for name in cook.permissions)
    assert {"delivery.view_delivery", "auth_grpc.delete_user"} <= set(root.permissions)
    assert cook.is_staff
    assert root.is_staff
    assert (cook.name, root.name) == ("Cleo", "root@example.com")


@pytest.mark.parametrize("is_superuser", [True, False])
def test_it_tells_the_permissions_that_django_would(
    user: User, tokens: services.Tokens, is_superuser: bool
) -> None:
    own = Permission.objects.get(codename="view_session", content_type__app_label="auth_grpc")
    user.user_permissions.add(own)
    user.groups.add(Group.objects.get(name="kitchen"), Group.objects.get(name="support"))
    User.objects.update(is_superuser=is_superuser)
    user = User.objects.get()
    rights = services.verify(tokens.access).rights
    assert set(rights.permissions) == user.get_all_permissions()
    assert "auth_grpc.view_session" in rights.permissions
    assert rights.roles == ("customer", "kitchen", "support")


def test_it_asks_the_database_once_to_verify_and_then_not_for_a_second(
    tokens: services.Tokens, django_assert_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_sessions", "_permissions"):
        monkeypatch.setattr(identities, name, identities.Memory[Any, Any](lambda: 1000.0))
    services.verify(tokens.access)
    other = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    with django_assert_num_queries(1):
        services.verify(other.access)
    with django_assert_num_queries(0):
        services.verify(other.access)


def test_it_forgets_within_the_second_what_another_process_ended(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = {"now": 1000.0}
    memory = identities.Memory[Any, Any](lambda: clock["now"])
    monkeypatch.setattr(identities, "_sessions", memory)
    services.verify(tokens.access)
    User.objects.update(is_active=False)
    assert services.verify(tokens.access)
    clock["now"] += identities.REMEMBER_SECONDS
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)


def test_it_refuses_the_tokens_of_who_was_shut_out(user: User, tokens: services.Tokens) -> None:
    User.objects.update(is_active=False)
    for use in (services.verify, lambda t: services.refresh(t, now=timezone.now())):
        with pytest.raises(InvalidToken):
            use(tokens.access if use is services.verify else tokens.refresh)


def test_it_refuses_the_tokens_of_who_is_gone(user: User, tokens: services.Tokens) -> None:
    user.delete()
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, now=timezone.now())


@pytest.mark.usefixtures("tokens")
def test_it_purges_what_is_over_and_nothing_else() -> None:
    now = timezone.now()
    LoginCount.objects.create(scope="account", subject="a", resets_at=now - timedelta(1))
    RefreshToken.objects.create(
        pk=uuid.uuid4(), session=Session.objects.get(), expires_at=now - timedelta(1)
    )
    SigningKey.objects.create(
        kid="old", created_at=now, retired_at=now, expires_at=now - timedelta(1)
    )
    assert tasks.purge_expired() == 3
    assert services.purge(now=now) == 0
    counts = [m.objects.count() for m in (Session, RefreshToken, SigningKey, LoginCount)]
    assert counts == [1, 1, 1, 0]
    services.purge(now=now + timedelta(days=15))
    counts = [m.objects.count() for m in (Session, RefreshToken, SigningKey, User)]
    assert counts == [0, 0, 1, 1]
