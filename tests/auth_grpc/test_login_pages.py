"""The staff site's login in two steps: nothing opens after the first."""

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pyotp
import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session as Theirs
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auth_grpc import services
from auth_grpc.models import LoginCount, SecondFactor, StaffSession, TrailEntry, User
from restaurant.live import listeners
from tests.auth_grpc.people import EMAIL, PASSWORD, code_of

pytestmark = pytest.mark.django_db
SET_UP, CODE, OWN = "/account/second-factor/set-up/", "/account/code/", "/account/second-factor/"
LISTEN = ("kitchen.view_ticket",)
NEXT = "/admin/auth_grpc/user/"
CLOSED = (
    "/admin/",
    "/admin/kitchen/ticket/",
    "/admin/kitchen/board/",
    "/admin/password_change/",
    "/api/v1/kitchen/tickets/",
    OWN,
)


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser(EMAIL, PASSWORD)


def first_step(client: Client, password: str = PASSWORD) -> Any:
    form = {"username": EMAIL, "password": password}
    return client.post(f"/admin/login/?next={NEXT}", form)


def set_up(client: Client) -> str:
    """Set a telephone up where the client stands before that; gives its secret."""
    secret = str(client.get(SET_UP).context["secret"].replace(" ", ""))
    assert client.post(SET_UP, {"code": code_of(secret)}).status_code == 200
    return secret


def assert_nothing_is_open(client: Client) -> None:
    for address in CLOSED:
        assert client.get(address).status_code in (302, 401, 403), address
    key = client.cookies["sessionid"].value
    assert listeners.find([key], LISTEN) == {}


@pytest.mark.usefixtures("boss")
def test_it_opens_nothing_before_a_factor_is_set_up(client: Client) -> None:
    assert first_step(client)["Location"] == SET_UP
    assert_nothing_is_open(client)
    page = client.get(SET_UP)
    assert "<svg" in page.content.decode()
    assert_nothing_is_open(client)
    secret = page.context["secret"].replace(" ", "")
    wrong = client.post(SET_UP, {"code": "000000"})
    assert "The code is wrong" in wrong.content.decode()
    assert wrong.context["secret"].replace(" ", "") == secret
    assert_nothing_is_open(client)
    done = client.post(SET_UP, {"code": code_of(secret)})
    assert len(done.context["codes"]) == 10
    assert done.context["next"] == NEXT
    assert "no-store" in done["Cache-Control"]
    assert client.get(NEXT).status_code == 200
    assert listeners.find([client.cookies["sessionid"].value], LISTEN)
    assert TrailEntry.objects.get().action == "set_up_second_factor"
    kept = str(TrailEntry.objects.values())
    assert not [one for one in (secret, *done.context["codes"]) if one in kept]
    # The codes are shown once.
    assert client.get(SET_UP)["Location"] == OWN


@pytest.mark.usefixtures("boss")
def test_it_asks_for_a_code_at_each_login(client: Client) -> None:
    first_step(client)
    secret = set_up(client)
    other = Client()
    assert first_step(other)["Location"] == CODE
    assert_nothing_is_open(other)
    assert other.get(SET_UP)["Location"] == CODE
    wrong = other.post(CODE, {"code": "000000"})
    assert "The code is wrong" in wrong.content.decode()
    last = pyotp.TOTP(secret).generate_otp(SecondFactor.objects.get().last_step)
    used = other.post(CODE, {"code": last})
    assert used.status_code == 200
    assert_nothing_is_open(other)
    assert other.post(CODE, {"code": code_of(secret, steps=1)})["Location"] == NEXT
    assert other.get(NEXT).status_code == 200
    assert client.get(NEXT).status_code == 200


@pytest.mark.usefixtures("boss")
def test_it_throttles_codes(client: Client) -> None:
    first_step(client)
    secret = set_up(client)
    other = Client()
    for _ in range(5):
        first_step(other)
        assert other.post(CODE, {"code": "000000"}).status_code == 200
    answer = other.post(CODE, {"code": code_of(secret, steps=1)})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 200
    assert_nothing_is_open(other)
    LoginCount.objects.all().delete()
    assert other.post(CODE, {"code": code_of(secret, steps=1)}).status_code == 302


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("page", [CODE, SET_UP, OWN])
def test_it_sends_strangers_to_the_login(client: Client, page: str) -> None:
    for _ in range(2):
        assert client.get(page)["Location"].startswith(reverse("admin:login"))
        assert client.post(page, {"code": "123456"})["Location"].startswith(reverse("admin:login"))
        assert first_step(client, "wrong password").status_code == 200


def test_it_forgets_the_first_step(boss: User, client: Client) -> None:
    login_page = reverse("admin:login")
    first_step(client)
    session = client.session
    pending = {**session["pending_login"], "until": timezone.now().timestamp() - 1}
    session["pending_login"] = pending
    session.save()
    assert client.get(SET_UP)["Location"].startswith(login_page)
    first_step(client)
    boss.set_password("another battery 8")
    boss.save()
    assert client.get(SET_UP)["Location"].startswith(login_page)
    first_step(client, "another battery 8")
    User.objects.update(is_active=False)
    assert client.get(SET_UP)["Location"].startswith(login_page)


@pytest.mark.usefixtures("boss")
def test_it_ends_sessions_from_before_it_was_required(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    assert first_step(client)["Location"] == NEXT
    key = client.cookies["sessionid"].value
    assert listeners.find([key], LISTEN)
    settings.STAFF_SECOND_FACTOR = "required"
    assert listeners.find([key], LISTEN) == {}
    assert_nothing_is_open(client)


def test_it_may_be_set_up_and_taken_away_where_optional(
    boss: User, client: Client, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    first_step(client)
    other = Client()
    first_step(other)
    assert client.get(OWN)["Location"] == SET_UP
    secret = set_up(client)
    assert client.get(OWN).context["unused"] == 10
    assert other.get(NEXT).status_code == 302
    assert client.post(OWN, {"code": "000000"}).status_code == 200
    boss.refresh_from_db()
    assert boss.second_factor_since
    answer = client.post(OWN, {"code": code_of(secret, steps=1)})
    assert answer["Location"] == reverse("admin:login")
    assert client.get(NEXT).status_code == 302
    assert first_step(client)["Location"] == NEXT
    actions = [entry.action for entry in TrailEntry.objects.order_by("id")]
    assert actions == ["set_up_second_factor", "remove_second_factor"]
    assert secret not in str(TrailEntry.objects.values())


@pytest.mark.usefixtures("boss")
def test_it_knows_nothing_of_it_where_it_is_off(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    assert first_step(client)["Location"] == NEXT
    assert client.get(OWN).status_code == client.get(SET_UP).status_code == 404
    assert OWN not in client.get(NEXT).content.decode()
    settings.STAFF_SECOND_FACTOR = "optional"
    first_step(client)
    assert OWN in client.get(NEXT).content.decode()


def test_it_keeps_customers_out(client: Client) -> None:
    services.register(email=EMAIL, password=PASSWORD)
    assert first_step(client).status_code == 200
    assert client.get(SET_UP).status_code == 302


def test_it_tells_whose_a_session_is(boss: User, client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    client.get("/account/password/")
    before = timezone.now()
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0\0" + "x" * 300
    form = {"username": EMAIL, "password": PASSWORD}
    client.post("/admin/login/", form, HTTP_USER_AGENT=agent, REMOTE_ADDR="203.0.113.9")
    session = StaffSession.objects.get(user=boss)
    assert session.opened_at
    assert before <= session.opened_at <= timezone.now()
    assert session.address == "203.0.113.9"
    assert len(session.user_agent) == 200
    assert "\0" not in session.user_agent
    client.post("/admin/logout/")
    assert not StaffSession.objects.exists()


def test_it_purges_sessions_that_are_over(boss: User, client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    first_step(client)
    services.purge(now=timezone.now())
    assert StaffSession.objects.count() == 1
    services.purge(now=timezone.now() + timedelta(days=15))
    assert not StaffSession.objects.exists()


@pytest.mark.once
@pytest.mark.usefixtures("boss")
def test_its_pages_hold_nothing_that_the_policy_refuses(client: Client) -> None:
    first_step(client)
    for address in (SET_UP, "/account/password/", "/account/password/sent/"):
        page = client.get(address)
        assert "unsafe-eval" in page["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=", page.content.decode())


def test_it_signs_nobody_out_who_came_by_django_s_own_table(boss: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    client = Client()
    client.force_login(boss)
    row = StaffSession.objects.get()
    customer = services.register(email="customer@example.com", password=PASSWORD)
    store = DatabaseStore()
    for key, who in (("theirs", customer.pk), ("nonsense", "1"), ("nobody", None)):
        content = {"_auth_user_id": str(who)} if who else {}
        Theirs.objects.create(
            session_key=key, session_data=store.encode(content), expire_date=row.expire_date
        )
    Theirs.objects.create(
        session_key=row.session_key, session_data=row.session_data, expire_date=row.expire_date
    )
    StaffSession.objects.all().delete()
    migration = import_module("auth_grpc.migrations.0004_staff_sessions")
    for _ in range(2):
        migration.copy(apps, None)
    assert [(one.pk, one.user) for one in StaffSession.objects.all()] == [(row.pk, boss)]
    assert client.get(NEXT).status_code == 200
