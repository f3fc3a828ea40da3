"""What does not start: wrong values, and what is good enough for development alone."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from restaurant import grpc_tls, settings
from restaurant.needs import NEEDS
from tests.environment.bare import COMMANDS, SECRET, environment, problems_in, run
from tests.servers.certificates import Authority

pytestmark = pytest.mark.once

HIDDEN, RANDOM = "is wrong (not shown here)", "50 or more random characters"
KNOWN = "it is the development default, which everybody knows"
UNUSED = "is set, and KAFKA_SECURITY_PROTOCOL=PLAINTEXT does not use it"
SETTINGS = (sys.executable, "-c", "import restaurant.settings")


def problems(command: Sequence[str], **variables: str) -> list[str]:
    """Run a command outside DEBUG; gives the problems that it ended by."""
    done = run(command, environment(DEBUG="false", **variables))
    if done.returncode == 0:
        return []
    assert done.returncode == 1, done.stderr
    return problems_in(done.stderr)


@pytest.mark.parametrize("process", COMMANDS)
def test_each_process_ends_with_the_variable_and_what_was_expected(
    process: str, tmp_path: Path
) -> None:
    env = environment(CONSUMER_BATCH_SIZE="1e9", VAR_DIR=str(tmp_path))
    done = run(COMMANDS[process], env)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "CONSUMER_BATCH_SIZE is '1e9'; expected a whole number, 1 or more."
    ]


@pytest.mark.parametrize("process", COMMANDS)
def test_each_process_names_all_that_it_lacks(process: str, tmp_path: Path) -> None:
    env = environment(DEBUG="false", VAR_DIR=str(tmp_path))
    done = run(COMMANDS[process], env)
    assert done.returncode == 1
    told = problems_in(done.stderr)
    assert [problem.split()[0] for problem in told] == list(NEEDS[process])
    assert "Traceback" not in done.stderr


WRONG = {
    "a default secret": (
        {"SECRET_KEY": settings.DEFAULT_SECRET_KEY},
        f"SECRET_KEY {HIDDEN}; expected {RANDOM} ({KNOWN}).",
    ),
    "a short secret": (
        {"SECRET_KEY": "hunter2"},
        f"SECRET_KEY {HIDDEN}; expected {RANDOM}.",
    ),
    "a default secret of earlier": (
        {"SECRET_KEY_FALLBACKS": f"{SECRET},{settings.DEFAULT_SECRET_KEY}"},
        f"SECRET_KEY_FALLBACKS {HIDDEN}; expected {RANDOM}, by commas ({KNOWN}).",
    ),
    "any host": (
        {"ALLOWED_HOSTS": "a,*"},
        "ALLOWED_HOSTS is 'a,*'; expected a host's name, by commas (* lets a request say any).",
    ),
    "an embedded broker": (
        {"KAFKA_IS_EMBEDDED": "true"},
        "KAFKA_IS_EMBEDDED is true; expected false, since that broker forgets what it has.",
    ),
    "mails with links to nowhere": (
        {"EMAIL_URL": "smtp://mail.example"},
        "PUBLIC_URL is this machine's own; expected where the links in mails lead people.",
    ),
    "a redirect for ever": (
        {"SECURE_SSL_REDIRECT": "true"},
        "SECURE_PROXY_SSL_HEADER is not set; expected where SECURE_SSL_REDIRECT is.",
    ),
    "an account without a password": (
        {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_USERNAME": "me"},
        "KAFKA_SASL_PASSWORD is not set; expected where KAFKA_SECURITY_PROTOCOL is.",
    ),
    "an account that is not used": (
        {"KAFKA_SASL_USERNAME": "me"},
        f"KAFKA_SASL_USERNAME {UNUSED}; expected SASL_SSL or SASL_PLAINTEXT.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_it_is_refused_outside_debug(case: str) -> None:
    given, told = WRONG[case]
    assert problems(SETTINGS, **given) == [told]


def test_what_is_right_is_not_refused() -> None:
    given = {
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": ".example.com",
        "EMAIL_URL": "smtp://mail.example",
        "PUBLIC_URL": "https://example.com",
        "SECURE_SSL_REDIRECT": "true",
        "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_USERNAME": "me",
        "KAFKA_SASL_PASSWORD": "mine",
    }
    assert problems(SETTINGS, **given) == []


def test_certificates_are_looked_into(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    one, other = authority.issue("one"), authority.issue("other")
    empty = tmp_path / "empty.pem"
    empty.touch()
    told = problems(
        SETTINGS,
        AUTH_GRPC_CERTIFICATE=one.certificate,
        AUTH_GRPC_PRIVATE_KEY=other.key,
        AUTH_GRPC_CLIENT_CERTIFICATE=one.certificate,
        KAFKA_SECURITY_PROTOCOL="SSL",
        KAFKA_CA=str(empty),
    )
    no_authorities = "expected the path of a PEM file with certificates (it holds no certificate)."
    pair = "AUTH_GRPC_CERTIFICATE and AUTH_GRPC_PRIVATE_KEY are not a certificate and its key"
    assert told == [
        f"KAFKA_CA is {str(empty)!r}; {no_authorities}",
        f"{pair} (KEY_VALUES_MISMATCH).",
        "AUTH_GRPC_CLIENT_KEY is not set; expected where AUTH_GRPC_CLIENT_CERTIFICATE is.",
        "AUTH_GRPC_CA is not set; expected where AUTH_GRPC_CLIENT_CERTIFICATE is.",
    ]


AUTH = {"SECRET_KEY": SECRET, "AUTH_DATABASE_URL": "sqlite:////nowhere/auth.sqlite3"}


def test_auth_does_not_listen_in_plain_text_beyond_the_machine() -> None:
    told = (
        "AUTH_GRPC_LISTEN is '0.0.0.0:50051', where others reach it in plain text; expected a "
        "loopback address, or AUTH_GRPC_CERTIFICATE and AUTH_GRPC_PRIVATE_KEY."
    )
    assert problems(COMMANDS["auth"], AUTH_GRPC_LISTEN="0.0.0.0:50051", **AUTH) == [told]
    assert problems((*COMMANDS["auth"], "--listen", "0.0.0.0:50051"), **AUTH) == [told]


@pytest.mark.parametrize(
    ("address", "is_exposed"),
    [
        ("127.0.0.1:50051", False),
        ("127.8.9.1:0", False),
        ("localhost:50051", False),
        ("[::1]:50051", False),
        ("0.0.0.0:50051", True),
        ("[::]:50051", True),
        ("10.0.0.1:50051", True),
        ("auth:50051", True),
        ("localhost.example.com:50051", True),
    ],
)
def test_it_knows_what_leaves_the_machine(address: str, is_exposed: bool) -> None:
    assert grpc_tls.is_exposed(address) is is_exposed


def test_web_does_not_send_passwords_in_plain_text_beyond_the_machine() -> None:
    given = {
        **{name: "sqlite:////nowhere/x.sqlite3" for name in NEEDS["web"] if "DATABASE" in name},
        "SECRET_KEY": SECRET,
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    command = (sys.executable, "-c", "import restaurant.wsgi")
    (told,) = problems(command, **given, AUTH_GRPC_ADDRESS="auth:50051")
    assert told.startswith(
        "AUTH_GRPC_ADDRESS is 'auth:50051', where passwords would go in plain text"
    )
    assert told.endswith("expected a loopback address, or AUTH_GRPC_CA.")
    assert problems(command, **given, AUTH_GRPC_ADDRESS="localhost:50051") == []


def test_live_does_not_send_tokens_in_plain_text_beyond_the_machine() -> None:
    given = {
        "SECRET_KEY": SECRET,
        "AUTH_DATABASE_URL": "sqlite:////nowhere/x.sqlite3",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    command = (sys.executable, "-c", "import restaurant.asgi")
    (told,) = problems(command, **given, AUTH_GRPC_ADDRESS="auth:50051")
    assert told.startswith("AUTH_GRPC_ADDRESS is 'auth:50051', where tokens would go in plain text")
    # It starts without orders' database, and lets nobody follow an order.
    assert problems(command, **given) == []


@pytest.mark.parametrize("process", ["web", "live", "kitchen"])
def test_who_speaks_kafka_ends_where_librdkafka_would_not_understand(
    process: str, tmp_path: Path
) -> None:
    env = environment(KAFKA_CONFIG="fetch.wait.max.md=1", VAR_DIR=str(tmp_path))
    done = run(COMMANDS[process], env)
    assert done.returncode == 1
    assert "KAFKA_CONFIG is wrong (not shown here); expected librdkafka's settings (" in done.stderr
    assert 'property: "fetch.wait.max.md").' in done.stderr
    assert "Traceback" not in done.stderr


def test_up_starts_nothing_that_would_not_start() -> None:
    given = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1"}
    env = environment(DEBUG="false", **given)
    done = run((*COMMANDS["kitchen"][:2], "up", "--only", "kitchen,beat"), env)
    assert done.returncode == 2
    assert "KITCHEN_DATABASE_URL is not set, and kitchen needs it" in done.stderr
    assert "AUTH_DATABASE_URL is not set, and beat needs it" in done.stderr


def test_a_web_process_needs_the_databases_of_its_services_alone() -> None:
    command = (sys.executable, "-c", "import restaurant.wsgi")
    told = problems(command, SERVICES="orders,delivery")
    assert [problem.split()[0] for problem in told] == [
        *("SECRET_KEY", "REDIS_URL", "ORDERS_DATABASE_URL", "DELIVERY_DATABASE_URL")
    ]


@pytest.mark.parametrize(("process", "ends"), [("orders", True), ("kitchen", False)])
def test_no_process_writes_messages_that_nobody_publishes(
    process: str, ends: bool, tmp_path: Path
) -> None:
    env = environment(OUTBOX_CAPTURED="orders", VAR_DIR=str(tmp_path))
    done = run((sys.executable, "-c", REQUIRE.format(process)), env)
    assert ("OUTBOX_CAPTURED names orders, whose database is SQLite" in done.stderr) is ends
    assert done.returncode == int(ends), done.stderr


REQUIRE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "restaurant.settings"
from restaurant import needs
needs.require({!r})
"""
