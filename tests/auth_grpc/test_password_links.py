"""A new password by a link: who gets one, how often it is good, and what it ends."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import mail as outgoing
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from auth_grpc import services, tasks
from auth_grpc.errors import InvalidToken, LinkUsed, WrongCredentials
from auth_grpc.models import LoginCount, Session, TrailEntry, User
from restaurant import mail
from restaurant.trail import Person
from tests.auth_grpc.people import EMAIL, PASSWORD, Hashes

pytestmark = pytest.mark.django_db
ASK, SENT = "/account/password/", "/account/password/sent/"
NEW = "another battery 8"
HERSELF = Person(id=None, email=EMAIL, via="admin")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The task runs where it is asked for; mails stay in memory."""
    monkeypatch.setattr(tasks.mail_password_link, "delay", tasks.mail_password_link)
    settings.PUBLIC_URL = "https://restaurant.example"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The queue, in place of what it leads to."""
    queue = Mock()
    monkeypatch.setattr(tasks.mail_password_link, "delay", queue)
    return queue


def ask(client: Client, email: str = EMAIL, **more: Any) -> Any:
    return client.post(ASK, {"email": email}, **more)


def link_in_mail() -> str:
    (message,) = outgoing.outbox
    (link,) = re.findall(r"https://restaurant.example(\S+)", str(message.body))[1:]
    return str(link)


def choose(client: Client, link: str, password: str = NEW, again: str | None = None) -> Any:
    """Follow the link, and fill in where it leads."""
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page
    form = {"password": password, "again": password if again is None else again}
    return client.post(page.redirect_chain[-1][0], form)


@pytest.mark.usefixtures("user")
def test_it_mails_a_link_that_sets_a_password(client: Client) -> None:
    assert ask(client, " ADA@example.com")["Location"] == SENT
    assert outgoing.outbox[0].to == [EMAIL]
    link = link_in_mail()
    answer = choose(client, link)
    assert answer["Location"] == "/account/password/done/"
    assert services.login(email=EMAIL, password=NEW, now=timezone.now())
    with pytest.raises(WrongCredentials):
        services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    entry = TrailEntry.objects.get()
    assert (entry.action, entry.actor) == ("set_password_by_link", EMAIL)
    assert "argon2" not in str(TrailEntry.objects.values())


@pytest.mark.usefixtures("user")
def test_it_keeps_the_token_out_of_the_address(client: Client) -> None:
    ask(client)
    link = link_in_mail()
    page = client.get(link)
    assert page["Location"].endswith("/set-password/")
    assert default_token_generator.check_token(User.objects.get(), link.split("/")[-2])


@pytest.mark.usefixtures("user")
def test_it_is_good_once(client: Client) -> None:
    ask(client)
    link = link_in_mail()
    choose(client, link)
    again = choose(Client(), link, "a third battery 9")
    assert "This link was used" in again.content.decode()
    assert services.login(email=EMAIL, password=NEW, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_two_that_spend_it_at_once_win(user: User) -> None:
    token = default_token_generator.make_token(user)

    def spend(number: int) -> bool:
        try:
            services.set_password(
                User.objects.get(), token, f"battery {number} x", by=HERSELF, now=timezone.now()
            )
        except LinkUsed:
            return False
        finally:
            connections.close_all()
        return True

    users = [User.objects.get() for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(4))) == 1
    # However late the second one looked.
    for late in users:
        with pytest.raises(LinkUsed):
            services.set_password(late, token, NEW, by=HERSELF, now=timezone.now())
    assert TrailEntry.objects.count() == 1


@pytest.mark.usefixtures("user")
def test_it_expires(client: Client, settings: Any) -> None:
    ask(client)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "has expired" in choose(client, link_in_mail()).content.decode()


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("change", [{"is_active": False}, {"last_login": timezone.now()}])
def test_it_is_void_once_the_user_is_another(client: Client, change: dict[str, Any]) -> None:
    ask(client)
    User.objects.update(**change)
    assert "This link was used" in choose(client, link_in_mail()).content.decode()


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", None, "too short"),
        ("7391846205", None, "entirely numeric"),
        ("ada@example.com", None, "too similar"),
        (NEW, "another", "not the same"),
        ("", None, "required"),
        ("x" * 129, None, "at most 128"),
    ],
)
def test_it_holds_passwords_to_the_rules(
    client: Client, password: str, again: str | None, says: str
) -> None:
    ask(client)
    answer = choose(client, link_in_mail(), password, again)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    assert not TrailEntry.objects.exists()


def test_it_ends_all_sessions(user: User, client: Client) -> None:
    User.objects.update(is_staff=True)
    browser = Client()
    browser.force_login(User.objects.get())
    tokens = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    token = default_token_generator.make_token(User.objects.get())
    services.verify(tokens.access)
    services.set_password(User.objects.get(), token, NEW, by=HERSELF, now=timezone.now())
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, now=timezone.now())
    assert browser.get("/admin/password_change/").status_code == 302
    assert Session.objects.get().revoked_reason == Session.Reason.PASSWORD


def test_it_ends_the_tokens_when_a_password_is_changed_in_any_way(user: User) -> None:
    tokens = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    user.name = "Ada L."
    user.save()
    user.check_password(PASSWORD)
    assert services.verify(tokens.access)
    user.set_password(NEW)
    user.save()
    with pytest.raises(InvalidToken):
        services.refresh(tokens.refresh, now=timezone.now())


@pytest.mark.usefixtures("user")
def test_it_answers_strangers_alike(
    client: Client, asked: Mock, hashes: Hashes, django_assert_num_queries: Any
) -> None:
    client.get(ASK)
    answers = []
    for email in (EMAIL, "nobody@example.com"):
        LoginCount.objects.all().delete()
        with django_assert_num_queries(5):
            answer = ask(client, email)
        answers.append((answer.status_code, answer["Location"], answer.content))
    assert answers[0] == answers[1]
    assert asked.call_count == 2
    assert hashes.count == 0


def test_it_mails_nobody_who_has_no_active_account(user: User) -> None:
    assert not tasks.mail_password_link("nobody@example.com", "en")
    User.objects.update(is_active=False)
    assert not tasks.mail_password_link(EMAIL, "en")
    assert outgoing.outbox == []


@pytest.mark.usefixtures("user")
def test_it_throttles_by_account_and_by_address(client: Client, asked: Mock, settings: Any) -> None:
    settings.PASSWORD_LINKS_PER_ADDRESS = 5
    for _ in range(3):
        assert ask(client).status_code == 302
    refused = ask(client)
    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3601
    for number in range(2):
        assert ask(client, f"{number}@example.com").status_code == 302
    assert ask(client, "other@example.com").status_code == 429
    assert ask(client, "other@example.com", REMOTE_ADDR="203.0.113.9").status_code == 302
    assert asked.call_count == 6
    # It is no failed login.
    assert services.login(email=EMAIL, password=PASSWORD, now=timezone.now())


@pytest.mark.usefixtures("user")
def test_it_takes_no_link_s_host_from_the_request(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    ask(client, HTTP_HOST="evil.example")
    assert "evil" not in str(outgoing.outbox[0].body)


@pytest.mark.usefixtures("user")
def test_it_says_when_no_mail_can_be_sent(client: Client, asked: Mock, settings: Any) -> None:
    asked.side_effect = OperationalError("away")
    assert ask(client).status_code == 503
    assert ask(client, "nobody@example.com").status_code == 503
    settings.MAIL_IS_CONFIGURED = False
    page = client.get(ASK).content.decode()
    assert "sends no mail" in page
    assert '<input type="email"' not in page
    assert ask(client).status_code == 503


@pytest.mark.usefixtures("user")
def test_it_tries_again_while_the_mail_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    send = Mock(side_effect=[SMTPServerDisconnected(), ConnectionRefusedError(), 1])
    monkeypatch.setattr("auth_grpc.mail.send_mail", send)
    tasks.mail_password_link.apply(args=(EMAIL, "en"))
    assert send.call_count == 3


@pytest.mark.usefixtures("user")
def test_it_refuses_what_is_no_link(client: Client) -> None:
    for link in ("x/y/", "MQ/abc-def/", "AAAA/set-password/", "%00/%00/"):
        page = client.get(f"/account/password/{link}")
        assert page.status_code == 200
        assert "This link was used" in page.content.decode()


@pytest.mark.usefixtures("user")
def test_it_prints_a_link_to_hand_over(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("password_link", EMAIL)
    link = capsys.readouterr().out.strip().removeprefix("https://restaurant.example")
    assert choose(client, link).status_code == 302
    actions = [entry.action for entry in TrailEntry.objects.order_by("id")]
    assert actions == ["print_password_link", "set_password_by_link"]
    User.objects.update(is_active=False)
    for email in (EMAIL, "nobody@example.com"):
        with pytest.raises(CommandError):
            call_command("password_link", email)


@pytest.mark.once
def test_it_sends_mails_where_the_settings_say(tmp_path: Path) -> None:
    assert mail.configuration("", fallback=None) == {}
    files = mail.configuration("", fallback=tmp_path)
    assert files["EMAIL_FILE_PATH"] == str(tmp_path)
    server = mail.configuration("smtp+tls://me:pass%20word@mail.example:587", fallback=tmp_path)
    assert server["EMAIL_HOST"] == "mail.example"
    assert server["EMAIL_HOST_PASSWORD"] == "pass word"
    assert server["EMAIL_USE_TLS"] is True


def test_its_task_goes_to_our_queue_from_any_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        app = pool.submit(lambda: tasks.mail_password_link.app).result()
    assert app.conf.broker_url == settings.CELERY_BROKER_URL
