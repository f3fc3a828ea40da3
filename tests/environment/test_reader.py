"""What variables may hold, and what an operator is told of those that do not."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from restaurant import databases, mail, redis_urls
from restaurant.environment import Environment, dotenv, formats

pytestmark = pytest.mark.once

Read = Callable[[Environment], Any]
READS: dict[str, Read] = {
    "boolean": lambda env: env.boolean("X", default=False),
    "integer": lambda env: env.integer("X", default=7, least=1, most=100),
    "unbounded": lambda env: env.integer("X", default=7),
    "port": lambda env: env.port("X", default=7),
    "hours": lambda env: env.duration("X", hours=24, least=1),
    "rate": lambda env: env.number("X", default=0.5, least=0, most=1),
    "limit": lambda env: env.rate("X", default=formats.Rate(600, 60)),
    "speed": lambda env: env.number("X", default=0.5, above=0),
    "choice": lambda env: env.choice("X", default="off", of=["off", "required"]),
    "strings": lambda env: env.strings("X", default=["a"]),
    "services": lambda env: env.strings("X", default=["a"], each=formats.choice(["a", "b"])),
    "hosts": lambda env: env.strings("X", default=["a"], each=formats.HOST),
    "pairs": lambda env: env.pairs("X"),
    "url": lambda env: env.url("X", default="", schemes=["https", "http"]),
    "place": lambda env: env.read("X", formats.PLACE, default=""),
    "address": lambda env: env.read("X", formats.ADDRESS, default=""),
    "servers": lambda env: env.read("X", formats.SERVERS, default=""),
    "zone": lambda env: env.read("X", formats.TIME_ZONE, default="UTC"),
    "currency": lambda env: env.read("X", formats.CURRENCY, default="EUR"),
    "database": lambda env: env.read("X", databases.URL, default=""),
    "redis": lambda env: env.read("X", redis_urls.URL, default=""),
    "mail": lambda env: env.read("X", mail.URL, default=""),
    "file": lambda env: env.file("X"),
}
GOOD: list[tuple[str, str, Any]] = [
    *[("boolean", text, True) for text in ("true", "True", "yes", "on", "1")],
    *[("boolean", text, False) for text in ("false", "FALSE", "no", "off", "0")],
    ("boolean", "", False),
    ("integer", "1", 1),
    ("integer", " 100 ", 100),
    ("integer", "", 7),
    ("unbounded", "0", 0),
    ("port", "0", 0),
    ("port", "65535", 65535),
    ("hours", "", timedelta(days=1)),
    ("hours", "36", timedelta(days=1.5)),
    ("rate", "0", 0.0),
    ("rate", ".25", 0.25),
    ("rate", "1", 1.0),
    ("limit", "", formats.Rate(600, 60)),
    ("limit", "5/second", formats.Rate(5, 1)),
    ("limit", " 7 / hour ", formats.Rate(7, 3600)),
    ("speed", "1e9", 1e9),
    ("choice", "required", "required"),
    ("strings", "a.example, b.example,", ["a.example", "b.example"]),
    ("strings", "", ["a"]),
    ("services", "b", ["b"]),
    ("hosts", ".example.com,[::1],*", [".example.com", "[::1]", "*"]),
    ("pairs", "a.b=1,c==2", {"a.b": "1", "c": "=2"}),
    ("url", "https://example.com/a", "https://example.com/a"),
    ("place", "/", "/"),
    ("place", "https://cdn.example/media/", "https://cdn.example/media/"),
    ("address", "[::1]:50051", "[::1]:50051"),
    ("address", "auth:0", "auth:0"),
    ("servers", "a:9092,b:9092", "a:9092,b:9092"),
    ("zone", "Europe/Berlin", "Europe/Berlin"),
    ("currency", "JPY", "JPY"),
    ("database", "postgres://u:p@db/orders", "postgres://u:p@db/orders"),
    ("database", "postgres://db/orders?sslmode=require", "postgres://db/orders?sslmode=require"),
    ("database", "sqlite:////var/orders.sqlite3", "sqlite:////var/orders.sqlite3"),
    ("redis", "redis://u:p@r:6379/", "redis://u:p@r:6379"),
    ("redis", "rediss://r?ssl_cert_reqs=none", "rediss://r?ssl_cert_reqs=none"),
    ("mail", "smtp+tls://u:p@host:587", "smtp+tls://u:p@host:587"),
    ("mail", "consolemail://", "consolemail://"),
]
WRONG: list[tuple[str, str, str]] = [
    *[("limit", text, "600/minute") for text in ("600", "0/second", "5/day", "/hour", "1.5/hour")],
    *[("boolean", text, "true or false") for text in ("maybe", "2", "truefalse", "None")],
    *[
        ("integer", text, "a whole number, from 1 to 100")
        for text in ("0", "101", "1e9", "1_0", "1.0", "ten", "٣", "0x10", "--1")
    ],
    *[("unbounded", text, "a whole number, 0 or more") for text in ("-1", "9" * 5000)],
    *[("port", text, "a whole number, from 0 to 65535") for text in ("65536", "-1", "http")],
    *[("hours", text, "a whole number, from 1 to 876000") for text in ("0", "876001", "1h", "1.5")],
    *[("rate", text, "a number from 0 to 1") for text in ("1.1", "-0.1", "nan", "0,5", "5%")],
    *[("speed", text, "a number above 0") for text in ("0", "-1", "inf", "1_0", "fast")],
    *[("choice", text, "one of off, required") for text in ("Required", "on", "off,required")],
    ("services", "a,c", "one of a, b, by commas"),
    *[("hosts", text, "a host's name, by commas") for text in ("https://a", "a:80", "::1", "a b")],
    *[("pairs", text, "name=value, by commas") for text in ("a", "=1", "a=1,b")],
    *[("url", text, "https://… or http://…") for text in ("example.com", "ftp://a", "https:///a")],
    *[("place", text, "/… or https://…") for text in ("media/", "s3://bucket", "https://")],
    *[
        ("address", text, "host:port")
        for text in ("auth", ":50051", "auth:grpc", "::1:50051", "http://auth:80", "auth:70000")
    ],
    *[("servers", text, "host:port, by commas") for text in ("kafka", "a:9092,", "a:9092;b:9092")],
    *[("zone", text, "a time zone") for text in ("Europe", "Mars/Base", "../etc/passwd", "+01")],
    *[("currency", text, "a currency of ISO 4217") for text in ("EURO", "eur", "€", "EUX")],
    ("database", "mysql://u:p@db/orders", "postgres://"),
    ("database", "postgres://u:p@db", "it names no database"),
    ("database", "postgres://db:port/orders", "postgres://"),
    ("database", "postgres://db/orders?sslmod=require", 'invalid connection option "sslmod"'),
    ("database", "postgres://db/orders?sslmode=yes", "sslmode is one of"),
    ("database", "postgres://db/orders?sslrootcert=/no", "No such file"),
    ("redis", "valkey://r", "redis://… or rediss://"),
    ("redis", "redis://", "it names no host"),
    ("redis", "redis://r/3", "without a database's number"),
    ("redis", "redis://r?ssl_cert_reqs=none", "for rediss:// alone"),
    ("redis", "rediss://r?ssl_ca=/x", "unknown option ssl_ca"),
    ("redis", "rediss://r?ssl_cert_reqs=no", "ssl_cert_reqs is"),
    ("redis", "rediss://r?ssl_ca_certs=/no", "No such file"),
    ("mail", "http://host", "smtp+tls://"),
    ("mail", "smtp://", "it names no host"),
    ("file", "/no/such.pem", "No such file"),
    ("file", "/", "Is a directory"),
]


def test_it_makes_a_directory_or_says_why_not(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = Environment({"A": str(tmp_path / "a" / "b"), "B": str(tmp_path / "file")})
    assert env.directory("A", default=tmp_path).is_dir()
    assert env.directory("B", default=tmp_path) == tmp_path
    (problem,) = env.problems
    assert problem.startswith(f"B is '{tmp_path}/file'; expected a directory (")


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_it_reads_what_is_meant(kind: str, text: str, value: Any) -> None:
    env = Environment({"X": text})
    found = READS[kind](env)
    assert (found, type(found)) == (value, type(value))
    assert env.problems == []


@pytest.mark.parametrize(("kind", "text", "expected"), WRONG)
def test_it_names_what_is_wrong_and_what_was_expected(kind: str, text: str, expected: str) -> None:
    env = Environment({"X": text})
    assert READS[kind](env) == READS[kind](Environment({}))
    (problem,) = env.problems
    assert problem.startswith(f"X is {text[:80]!r}"[:60])
    assert expected in problem
    assert "\n" not in problem


def test_it_tells_a_long_value_shortened() -> None:
    env = Environment({"X": "9" * 5000})
    env.integer("X", default=1)
    assert len(env.problems[0]) < 200


def test_it_never_tells_a_secret() -> None:
    env = Environment(
        {"URL": "postgres://me:hunter2@db", "REDIS": "hunter2://", "PAIRS": "hunter2"}
    )
    env.read("URL", databases.URL, default="", secret=True)
    env.read("REDIS", redis_urls.URL, default="", secret=True)
    env.pairs("PAIRS", secret=True)
    assert len(env.problems) == 3
    assert "hunter2" not in "".join(env.problems)


def test_it_tells_all_that_is_wrong_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    env = Environment({"A": "x", "B": "y"})
    env.port("A", default=1)
    env.boolean("B", default=True)
    with pytest.raises(SystemExit) as ended:
        env.require_valid(readable=True)
    assert str(ended.value).splitlines() == env.problems
    assert [problem[0] for problem in env.problems] == ["A", "B"]


def test_it_goes_on_when_nothing_is_wrong() -> None:
    Environment({}).require_valid(readable=True)


# --- X_FILE ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
        (" two\n\n", " two\n"),
        ("s3cret\r\n", "s3cret"),
    ],
)
def test_it_takes_a_value_from_a_file(tmp_path: Path, written: str, value: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(written.encode())
    env = Environment({"X_FILE": str(file), "X": ""})
    assert env.is_set("X")
    assert env.string("X", default="") == value
    assert env.problems == []


def test_it_checks_a_files_value_as_any(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("1e9\n")
    env = Environment({"PORT_FILE": str(file)})
    assert env.port("PORT", default=8000) == 8000
    assert env.problems == ["PORT is '1e9'; expected a whole number, from 0 to 65535."]


def test_it_refuses_both_a_value_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2")
    env = Environment({"X": "hunter2", "X_FILE": str(file)})
    assert env.string("X", default="", secret=True) == ""
    assert env.problems == ["X_FILE: X is set as well; expected one of them."]


@pytest.mark.parametrize(
    ("content", "told"), [(None, "No such file"), (b"", "is empty"), (b"\xff\xfe", "not text")]
)
def test_it_refuses_a_file_without_a_value(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    env = Environment({"X_FILE": str(file)})
    assert env.string("X", default="") == ""
    (problem,) = env.problems
    assert problem.startswith(f"X_FILE: {str(file)!r}")
    assert told in problem


# --- .env -----------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nA=file\nB='file'\nC=file\nD_FILE=/no/such\n")
    env = Environment({"A": "given", "C": "", "D": "given"}, dotenv.read(file))
    names = ("A", "B", "C", "D")
    assert [env.string(name, default="none") for name in names] == [
        *("given", "file", "none", "given")
    ]
    assert env.set_names() == {"A", "B", "D"}
    assert env.problems == []


def test_it_needs_no_file(tmp_path: Path) -> None:
    assert dotenv.read(tmp_path / ".env") == {}


def test_a_file_changes_nothing_for_children(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ONLY_IN_THE_FILE=1\n")
    assert dotenv.read(tmp_path / ".env") == {"ONLY_IN_THE_FILE": "1"}
    assert "ONLY_IN_THE_FILE" not in os.environ
