"""What staff do to a user's account from its page, and to whose."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auth_grpc import authority, open_sessions, services, tasks
from auth_grpc.devices import device
from auth_grpc.errors import InvalidToken, LastSuperuser, OwnAccount
from auth_grpc.models import Session, StaffSession, TrailEntry, User
from restaurant.live import listeners
from tests.auth_grpc.people import PASSWORD
from tests.threads import at_once

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WHY = {"reason": "left us"}
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def somebody(role: str, *, name: str = "", **fields: Any) -> User:
    """Make somebody with a role, or a customer, or a superuser."""
    email = f"{name or role}@example.com"
    if role == "superuser":
        return User.objects.create_superuser(email, PASSWORD)
    is_staff = role != "customer"
    user = User.objects.create_user(email, PASSWORD, is_staff=is_staff, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def client_of(user: User) -> Client:
    client = Client(headers={"user-agent": FIREFOX})
    client.force_login(user)
    return client


def address(user: User, deed: str = "change") -> str:
    return reverse(f"admin:auth_grpc_user_{deed}", args=[user.pk])


def press(client: Client, user: User, deed: str, **given: Any) -> Any:
    return client.post(address(user, deed), {"_form_submitted": "True", **given}, follow=True)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.mark.parametrize(
    ("actor", "subject", "allowed"),
    [
        ("superuser", "superuser", True),
        ("superuser", "manager", True),
        ("superuser", "customer", True),
        ("manager", "superuser", False),
        ("manager", "manager", True),
        ("manager", "kitchen", True),
        ("manager", "dispatch", True),
        ("manager", "support", True),
        ("manager", "customer", True),
        ("support", "customer", False),
        ("kitchen", "customer", False),
        ("dispatch", "kitchen", False),
        ("customer", "customer", False),
    ],
)
def test_it_says_who_looks_after_whom(actor: str, subject: str, allowed: bool) -> None:
    one, other = somebody(actor, name="one"), somebody(subject, name="other")
    assert authority.may(one, authority.MANAGE, other) is allowed
    # The second factor is a superuser's to take away, until the restaurant says otherwise.
    assert authority.may(one, authority.RESET_FACTOR, other) is (actor == "superuser")


@pytest.mark.parametrize("is_active", [True, False])
def test_it_lets_nobody_handle_who_has_a_right_they_lack(is_active: bool) -> None:
    manager, cook = somebody("manager"), somebody("kitchen", is_active=is_active)
    assert authority.may(manager, authority.MANAGE, cook)
    cook.user_permissions.add(Permission.objects.get(codename="delete_user"))
    assert not authority.may(manager, authority.MANAGE, User.objects.get(pk=cook.pk))


DEEDS = {
    "end_sessions": {},
    "send_password_link": {},
    "reset_second_factor": WHY,
    "deactivate": WHY,
    "reactivate": WHY,
}


@pytest.mark.once
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("subject", ["superuser", "kitchen"])
def test_it_refuses_by_address_too(deed: str, subject: str) -> None:
    """A manager may not handle a superuser, nor take a second factor away; others nothing."""
    boss = somebody(subject, name="subject")
    is_theirs = subject == "kitchen" and deed != "reset_second_factor"
    for role in ("manager", "support", "kitchen"):
        expected = 200 if is_theirs and role == "manager" else 403
        client = client_of(somebody(role))
        assert client.get(address(boss, deed)).status_code == expected, role
        if expected == 403:
            assert press(client, boss, deed, **DEEDS[deed]).status_code == 403
            assert f"/{deed}" not in client.get(address(boss)).content.decode()
    boss.refresh_from_db()
    assert boss.is_active
    assert not TrailEntry.objects.exists()


def test_it_shows_where_a_user_is_logged_in() -> None:
    cook, manager = somebody("kitchen"), somebody("manager")
    services.login(
        email=cook.email, password=PASSWORD, user_agent=FIREFOX, address="::1", now=timezone.now()
    )
    browser = client_of(cook)
    key = browser.cookies["sessionid"].value
    page = client_of(manager).get(address(cook)).content.decode()
    assert page.count("Firefox on Linux") == 1
    for shown in ("Staff site", "API", "::1", "Refresh tokens"):
        assert shown in page
    dialog = client_of(manager).get(address(cook, "end_sessions")).content.decode()
    # It would let whoever reads it in.
    assert key not in page + dialog


def test_it_ends_the_chosen_sessions_alone() -> None:
    cook, boss = somebody("kitchen"), somebody("superuser")
    tokens = [
        services.login(email=cook.email, password=PASSWORD, now=timezone.now()) for _ in range(2)
    ]
    browsers = [client_of(cook) for _ in range(2)]
    found = open_sessions.of(cook, now=timezone.now())
    first = next(one for one in found if one.row.pk == browsers[0].cookies["sessionid"].value)
    second = next(
        one for one in found if one.row.pk == services.verify(tokens[1].access).session_id
    )
    client = client_of(boss)
    answer = press(client, cook, "end_sessions", sessions=[first.name, second.name])
    assert "End sessions: 1 changed." in said(answer)
    opens = [browser.get("/admin/password_change/").status_code for browser in browsers]
    assert opens == [302, 200]
    assert services.verify(tokens[0].access)
    with pytest.raises(InvalidToken):
        services.verify(tokens[1].access)
    assert client.get(address(cook)).status_code == 200
    entry = TrailEntry.objects.get()
    assert entry.action == "end_sessions"
    assert len(entry.after["ended"]) == 2
    assert str(first.row.pk) not in str(entry.after)


def test_it_ends_all_unless_told_otherwise() -> None:
    cook, boss = somebody("kitchen"), somebody("superuser")
    services.login(email=cook.email, password=PASSWORD, now=timezone.now())
    key = client_of(cook).cookies["sessionid"].value
    assert listeners.find([key], ["kitchen.view_ticket"])
    client = client_of(boss)
    form = client.get(address(cook, "end_sessions")).context["form"]
    assert len(form["sessions"].initial) == 2
    press(client, cook, "end_sessions", sessions=form["sessions"].initial)
    assert open_sessions.of(cook, now=timezone.now()) == []
    assert listeners.find([key], ["kitchen.view_ticket"]) == {}
    assert "/end_sessions" not in client.get(address(cook)).content.decode()


def test_it_ends_no_session_of_somebody_else() -> None:
    cook, other, boss = somebody("kitchen"), somebody("dispatch"), somebody("superuser")
    for user in (cook, other):
        services.login(email=user.email, password=PASSWORD, now=timezone.now())
    client_of(other)
    theirs = [one.name for one in open_sessions.of(other, now=timezone.now())]
    client = client_of(boss)
    for given in (theirs, ["nonsense"], []):
        answer = press(client, cook, "end_sessions", sessions=given)
        assert answer.context["form"].errors["sessions"]
    ended = services.end_some(
        cook,
        tokens=[row.pk for row in Session.objects.all()],
        browsers=[row.pk for row in StaffSession.objects.all()],
        now=timezone.now(),
    )
    assert ended == 1
    assert len(open_sessions.of(other, now=timezone.now())) == 2


def test_it_deactivates_with_all_that_goes_with_it() -> None:
    cook, manager = somebody("kitchen"), somebody("manager")
    tokens = services.login(email=cook.email, password=PASSWORD, now=timezone.now())
    browser, client = client_of(cook), client_of(manager)
    dialog = client.get(address(cook, "deactivate")).content.decode()
    assert "end at once: 1." in dialog
    assert "within ten seconds: 1." in dialog
    assert "courier" not in dialog
    assert press(client, cook, "deactivate").context["form"].errors["reason"]
    press(client, cook, "deactivate", **WHY)
    cook.refresh_from_db()
    assert not cook.is_active
    assert browser.get("/admin/").status_code == 302
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)
    entry = TrailEntry.objects.get()
    assert (entry.action, entry.actor, entry.reason) == ("deactivate", manager.email, "left us")
    assert (entry.before, entry.after) == ({"is_active": True}, {"is_active": False})
    press(client, cook, "reactivate", reason="came back")
    # Nothing of before comes back with them.
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, now=timezone.now())
    assert browser.get("/admin/").status_code == 302
    assert services.login(email=cook.email, password=PASSWORD, now=timezone.now())


def test_it_warns_of_a_courier_s_shift() -> None:
    courier = somebody("courier", name="rider")
    dialog = client_of(somebody("superuser")).get(address(courier, "deactivate"))
    assert "stays on shift" in dialog.content.decode()


def test_it_lets_nobody_shut_themselves_out() -> None:
    boss = somebody("superuser")
    somebody("superuser", name="other")
    client = client_of(boss)
    assert "/deactivate" not in client.get(address(boss)).content.decode()
    answer = press(client, boss, "deactivate", **WHY)
    assert "Nobody can deactivate themselves" in said(answer)
    with pytest.raises(OwnAccount):
        services.deactivate(boss, by=boss, now=NOW)
    assert client.get(reverse("admin:auth_grpc_user_delete", args=[boss.pk])).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_it_keeps_the_last_superuser() -> None:
    bosses = [somebody("superuser", name=name) for name in ("one", "two")]

    done = []

    def shut_out(user: User, by: User) -> None:
        try:
            services.deactivate(user, by=by, now=NOW)
            done.append(user)
        except LastSuperuser:
            pass

    at_once(lambda: shut_out(*bosses), lambda: shut_out(*reversed(bosses)))
    assert len(done) == 1
    assert User.objects.filter(is_active=True).count() == 1


def test_it_takes_being_active_from_nobody_by_the_form() -> None:
    customer, boss = somebody("customer"), somebody("superuser")
    body = {"email": customer.email, "name": "Ann"}
    assert client_of(boss).post(address(customer), body).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.is_active) == ("Ann", True)


def test_it_sends_a_link(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    queue = Mock()
    monkeypatch.setattr(tasks.mail_password_link, "delay", queue)
    cook, client = somebody("kitchen"), client_of(somebody("manager"))
    dialog = client.get(address(cook, "send_password_link")).content.decode()
    assert "It goes to kitchen@example.com" in dialog
    for _ in range(3):
        assert "1 changed" in said(press(client, cook, "send_password_link"))
    queue.assert_called_with(cook.email, "en")
    assert "too many tries" in said(press(client, cook, "send_password_link"))
    settings.MAIL_IS_CONFIGURED = False
    assert (
        "nothing will be sent" in client.get(address(cook, "send_password_link")).content.decode()
    )
    assert "No mail server is configured" in said(press(client, cook, "send_password_link"))
    assert queue.call_count == 3
    assert TrailEntry.objects.filter(action="send_password_link").count() == 3


def test_it_resets_a_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    cook, boss = somebody("kitchen"), somebody("superuser")
    User.objects.filter(pk=cook.pk).update(second_factor_since=NOW)
    client = client_of(boss)
    answer = press(client, cook, "reset_second_factor", **WHY)
    assert "The user has no second factor" in said(answer)
    from auth_grpc.models import SecondFactor

    SecondFactor.objects.create(user=cook, secret="-", created_at=NOW)
    browser = client_of(User.objects.get(pk=cook.pk))
    assert browser.get("/admin/password_change/").status_code == 200
    press(client, cook, "reset_second_factor", **WHY)
    cook.refresh_from_db()
    assert cook.second_factor_since is None
    assert browser.get("/admin/password_change/").status_code == 302
    assert TrailEntry.objects.get().reason == "left us"


@pytest.mark.once
def test_it_finds_open_sessions_by_two_queries(django_assert_num_queries: Any) -> None:
    cook = somebody("kitchen")
    for _ in range(3):
        services.login(email=cook.email, password=PASSWORD, now=timezone.now())
        client_of(cook)
    with django_assert_num_queries(2):
        found = open_sessions.of(cook, now=timezone.now())
    assert [one.tokens for one in found] == [0, 0, 0, 1, 1, 1]
    assert open_sessions.of(cook, now=timezone.now() + timedelta(days=15)) == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "unknown"),
    ],
)
def test_it_names_devices_as_people_do(user_agent: str, name: str) -> None:
    assert device(user_agent) == name
