"""A stream ends soon after its session, its user or their permission has."""

import importlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from auth_grpc import services
from auth_grpc.models import Role, StaffSession, User
from restaurant.live import listeners
from tests.live.ground import LiveProcess, sign_in, user

SECONDS = 5.0
PERMISSIONS = ("kitchen.view_ticket", "delivery.view_delivery")


def expire(session: str, _who: User) -> None:
    StaffSession.objects.filter(pk=session).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )


def log_out(session: str, _who: User) -> None:
    importlib.import_module(settings.SESSION_ENGINE).SessionStore(session).flush()


def deactivate(_session: str, who: User) -> None:
    User.objects.filter(pk=who.pk).update(is_active=False)


def end_by_staff(session: str, who: User) -> None:
    services.end_some(who, tokens=[], browsers=[session], now=timezone.now())


def end_all_by_staff(_session: str, who: User) -> None:
    services.end_all(who, reason="staff", now=timezone.now())


def change_password(_session: str, who: User) -> None:
    who.set_password("another battery 8")
    who.save()


def delete(_session: str, who: User) -> None:
    who.delete()


def take_role(_session: str, who: User) -> None:
    who.groups.clear()


WAYS = [
    (expire, "session"),
    (log_out, "session"),
    (deactivate, "session"),
    (end_by_staff, "session"),
    (end_all_by_staff, "session"),
    (change_password, "session"),
    (delete, "session"),
    (take_role, "rights"),
]


def test_it_ends_in_each_way(live: LiveProcess) -> None:
    people = [user(Role.KITCHEN) for _ in WAYS]
    sessions = [sign_in(who) for who in people]
    streams = [live.listen(session) for session in sessions]
    bystander = live.listen(sign_in(user(Role.KITCHEN)))
    for stream in (*streams, bystander):
        stream.next("open")
    for (end, _), session, who in zip(WAYS, sessions, people, strict=True):
        end(session, who)
    for (end, why), stream, session in zip(WAYS, streams, sessions, strict=True):
        assert stream.next("end", seconds=SECONDS).data == {"why": why}, end
        stream.wait_closed()
        assert live.listen(session).status == (401 if why == "session" else 403)
    bystander.next("beat")
    bystander.next("beat")
    assert "end" not in [event.name for event in bystander.events]


@pytest.mark.django_db(transaction=True)
def test_it_asks_for_many_in_few_queries(django_assert_num_queries):
    sessions = [sign_in(user(Role.MANAGER)) for _ in range(5)]
    with django_assert_num_queries(4):
        found = listeners.find([*sessions, "unknown"], PERMISSIONS)
    assert set(found) == set(sessions)
    assert all(listener.permissions == set(PERMISSIONS) for listener in found.values())


@pytest.mark.django_db(transaction=True)
def test_it_asks_in_parts(monkeypatch):
    monkeypatch.setattr(listeners, "AT_ONCE", 2)
    sessions = [sign_in(user(Role.KITCHEN)) for _ in range(5)]
    assert set(listeners.find(sessions, PERMISSIONS)) == set(sessions)


@pytest.mark.django_db(transaction=True)
def test_it_knows_a_session_begun_under_an_earlier_secret(settings):
    session = sign_in(user(Role.KITCHEN))
    earlier, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 8
    assert listeners.find([session], PERMISSIONS) == {}
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert set(listeners.find([session], PERMISSIONS)) == {session}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"_auth_user_id": "1", "_auth_user_backend": "some.other.Backend"},
        {"_auth_user_id": "no-uuid", "_auth_user_backend": "auth_grpc.backends.ThrottledBackend"},
    ],
)
def test_it_knows_no_session_of_nobody(content: dict[str, str]) -> None:
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    store.update(content)
    store.save()
    assert listeners.find([store.session_key], PERMISSIONS) == {}
