"""`manage.py create_staff`."""

import io
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from auth_grpc.models import User

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
EMAIL, PASSWORD = "ada@example.com", "long enough 7"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Any:
    def give(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    give(f"{PASSWORD}\n")
    return give


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def give(*answers: str) -> None:
        monkeypatch.setattr("sys.stdin", Terminal())
        left = iter(answers)
        monkeypatch.setattr("getpass.getpass", lambda _prompt: next(left))

    return give


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("create_staff", *args, stdout=out)
    return out.getvalue()


def test_it_makes_somebody_who_can_work(piped: Any) -> None:
    told = run(EMAIL, "--role", "kitchen", "--name", "Ada Byron")
    assert told == f"{EMAIL} may log in, as kitchen.\n"
    user = User.objects.get()
    assert (user.name, user.is_staff, user.is_superuser) == ("Ada Byron", True, False)
    assert [group.name for group in user.groups.all()] == ["kitchen"]
    assert Client().login(username=EMAIL, password=PASSWORD)


def test_it_asks_twice_on_a_terminal(typed: Any) -> None:
    typed(PASSWORD, PASSWORD)
    run(EMAIL, "--role", "support")
    assert User.objects.get().check_password(PASSWORD)


def test_it_takes_the_password_of_the_settings(piped: Any, settings: Any) -> None:
    settings.STAFF_PASSWORD = "of the settings 9"
    run(EMAIL, "--role", "support")
    assert User.objects.get().check_password("of the settings 9")


@pytest.mark.parametrize(
    ("email", "given", "told"),
    [
        ("no-address", PASSWORD, "email: "),
        (EMAIL, "short", "password: "),
        (EMAIL, "12345678", "password: "),
        (EMAIL, "", "No password was given"),
        (EMAIL, "\n" + PASSWORD, "No password was given"),
    ],
)
def test_it_refuses_bad_input(piped: Any, email: str, given: str, told: str) -> None:
    piped(given)
    with pytest.raises(CommandError, match=told):
        run(email, "--role", "kitchen")
    assert not User.objects.exists()


def test_it_refuses_passwords_that_differ(typed: Any) -> None:
    typed(PASSWORD, "another")
    with pytest.raises(CommandError, match="differ"):
        run(EMAIL, "--role", "kitchen")
    assert not User.objects.exists()


@pytest.mark.parametrize("role", ["customer", "courier", "cook", ""])
def test_it_refuses_what_is_no_role_of_staff(piped: Any, role: str) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        run(EMAIL, "--role", role)
    assert not User.objects.exists()


def test_it_refuses_an_email_that_is_taken(piped: Any) -> None:
    run(EMAIL, "--role", "kitchen")
    piped(f"{PASSWORD}\n")
    with pytest.raises(CommandError, match="already"):
        run("Ada@Example.com", "--role", "manager")
    assert [group.name for group in User.objects.get().groups.all()] == ["kitchen"]


@pytest.mark.once
def test_it_tells_scripts_and_people_how_it_went(process_env: dict[str, str]) -> None:
    def status(*args: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "create_staff", *args],
            env=process_env,
            input=PASSWORD,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    code, told = status("--help")
    assert (code, "create_staff ada@example.com --role kitchen" in told) == (0, True)
    code, told = status(EMAIL, "--role", "kitchen")
    assert (code, "migrate_services" in told, "Traceback" in told) == (1, True, False)
    assert status(EMAIL)[0] == 2
