"""PostgreSQL by TLS, on a server that talks in no other way."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from restaurant import databases
from restaurant.environment import Environment
from tests.servers.certificates import Authority
from tests.servers.postgres import Postgres
from tests.servers.secure_postgres import CERTIFIED, SecurePostgres

OPTIONS = (
    socket.TCP_KEEPIDLE,
    socket.TCP_KEEPINTVL,
    socket.TCP_KEEPCNT,
    socket.TCP_USER_TIMEOUT,
)
NAMES = (
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_keepalives_count",
    "tcp_user_timeout",
)
pytestmark = [pytest.mark.once, pytest.mark.maven]


@pytest.fixture(scope="module")
def postgres(authority: Authority) -> Iterator[Postgres]:
    server = SecurePostgres(authority).start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _no_database_of_the_tests(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def connect(url: str) -> Any:
    """Give a connection as a process makes it that is given this URL."""
    env = Environment({"URL": url})
    read = env.read("URL", databases.URL, default="")
    assert env.problems == []
    return ConnectionHandler({"default": databases.configuration(read, fallback=None)})["default"]


def is_encrypted(url: str) -> Any:
    """Tell whether such a connection is by TLS."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            return cursor.fetchone()[0]
    finally:
        connection.close()


def test_it_speaks_tls_to_a_server_it_knows(postgres: Postgres, authority: Authority) -> None:
    url = f"{postgres.url}/postgres?sslmode=verify-full&sslrootcert={authority.file}"
    assert is_encrypted(url) is True


def test_it_shows_its_certificate(postgres: Postgres, authority: Authority) -> None:
    url = postgres.url.replace("restaurant@", f"{CERTIFIED}@")
    known = f"{url}/postgres?sslmode=verify-full&sslrootcert={authority.file}"
    with pytest.raises(OperationalError, match="requires a valid client certificate"):
        is_encrypted(known)
    other = authority.issue("other")
    with pytest.raises(OperationalError, match="certificate authentication failed"):
        is_encrypted(f"{known}&sslcert={other.certificate}&sslkey={other.key}")
    own = authority.issue(CERTIFIED)
    assert is_encrypted(f"{known}&sslcert={own.certificate}&sslkey={own.key}") is True


def test_it_is_refused_in_plain_text(postgres: Postgres) -> None:
    with pytest.raises(OperationalError, match="no encryption"):
        is_encrypted(f"{postgres.url}/postgres?sslmode=disable")


def test_it_talks_to_no_server_of_a_stranger(postgres: Postgres, stranger: Authority) -> None:
    with pytest.raises(OperationalError, match="certificate verify failed"):
        is_encrypted(f"{postgres.url}/postgres?sslmode=verify-full&sslrootcert={stranger.file}")


def test_it_talks_to_no_server_of_another_name(postgres: Postgres, authority: Authority) -> None:
    url = postgres.url.replace("127.0.0.1", "localhost")
    with pytest.raises(OperationalError, match="does not match"):
        is_encrypted(f"{url}/postgres?sslmode=verify-full&sslrootcert={authority.file}")


def test_it_gives_up_a_peer_that_vanished(postgres: Postgres) -> None:
    """Both ends ask within seconds whether the other is there, and neither waits for hours."""
    connection = connect(f"{postgres.url}/postgres?sslmode=require")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%'")
            there = dict(cursor.fetchall())
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as here:
            kept = [here.getsockopt(socket.IPPROTO_TCP, option) for option in OPTIONS]
    finally:
        connection.close()
    assert kept == [10, 5, 2, 15_000]
    assert [int(there[name]) for name in NAMES] == kept
