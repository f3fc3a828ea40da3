"""Outside DEBUG a process that cannot start, or that crashes, says so in JSON and nothing else."""

import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from tests.flow.running_up import ROOT, bare_environment

pytestmark = pytest.mark.once

NOWHERE = "127.0.0.1:1"
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "of this test alone, and long enough to be taken for one",
    "KAFKA_BOOTSTRAP_SERVERS": NOWHERE,
    "KAFKA_IS_EMBEDDED": "false",
    "REDIS_URL": f"redis://{NOWHERE}",
    **{
        f"{name}_DATABASE_URL": f"postgres://somebody:pa55@{NOWHERE}/{name.lower()}"
        for name in ("AUTH", "ORDERS", "KITCHEN", "DELIVERY")
    },
}
MANAGE = [sys.executable, "manage.py"]


def said(command: list[str], **environment: str) -> tuple[int, list[dict[str, Any]]]:
    """Run a command that ends by itself; gives its exit code and its lines."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**bare_environment(), **PRODUCTION, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert "pa55" not in done.stdout
    lines = []
    for line in done.stdout.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            pytest.fail(f"not JSON: {line!r} in\n{done.stdout}")
    return done.returncode, lines


COMMANDS = {
    "web": [*MANAGE, "run_web"],
    "live": [*MANAGE, "run_live"],
    "auth": [*MANAGE, "run_auth"],
    "orders": [*MANAGE, "run_orders"],
    "kitchen": [*MANAGE, "run_kitchen"],
    "delivery": [*MANAGE, "run_delivery"],
    "celery": [sys.executable, "-m", "celery", "--quiet", "-A", "restaurant", "worker"],
    "beat": [sys.executable, "-m", "celery", "--quiet", "-A", "restaurant", "beat", "--pidfile="],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_value_is_a_line(name: str) -> None:
    code, (line,) = said(COMMANDS[name], OUTBOX_RETENTION_HOURS="many")
    assert code == 1
    assert (line["event"], line["level"]) == ("misconfigured", "critical")
    assert "OUTBOX_RETENTION_HOURS" in line["problem"]


@pytest.mark.parametrize("name", ["auth", "kitchen"])
def test_a_database_that_is_away_is_a_line(name: str) -> None:
    code, lines = said(COMMANDS[name])
    assert code == 1
    assert lines[-1]["event"] == "process_crashed"
    assert "OperationalError" in lines[-1]["exception"]


@pytest.mark.parametrize(("name", "variable"), [("web", "PORT"), ("live", "LIVE_PORT")])
def test_a_port_that_is_taken_is_a_line(name: str, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, lines = said(COMMANDS[name], **{variable: str(taken.getsockname()[1])})
    assert code
    told = [line for line in lines if "in use" in line.get("message", line.get("exception", ""))]
    assert told[0]["level"] in ("error", "critical")


def test_a_refusal_to_start_is_a_line() -> None:
    code, lines = said(COMMANDS["kitchen"], SECRET_KEY="", KAFKA_IS_EMBEDDED="true")
    assert code == 1
    assert {line["event"] for line in lines} <= {"start_refused", "misconfigured"}


def test_a_crash_in_a_thread_is_a_line() -> None:
    crash = (
        "import threading; thread = threading.Thread(target=lambda: 1 / 0);"
        "thread.start(); thread.join()"
    )
    setup = "import django; django.setup();"
    command = [sys.executable, "-W", "always", "-c", setup + crash]
    code, (line,) = said(command, DJANGO_SETTINGS_MODULE="restaurant.settings")
    assert code == 0
    assert line["event"] == "thread_crashed"
    assert "ZeroDivisionError" in line["exception"]


def test_a_warning_is_a_line() -> None:
    warn = "import django; django.setup(); import warnings; warnings.warn('old')"
    _, (line,) = said([sys.executable, "-c", warn], DJANGO_SETTINGS_MODULE="restaurant.settings")
    assert (line["event"], line["logger"]) == ("library_said", "py.warnings")
    assert "old" in line["message"]


def test_a_crash_that_a_server_would_print_is_a_line() -> None:
    crash = (
        "import django; django.setup()\n"
        "from restaurant.logs import crashes\n"
        "with crashes.told():\n"
        "    raise ValueError('12 Canal Street, ada@example.com')"
    )
    code, (line,) = said(
        [sys.executable, "-c", crash], DJANGO_SETTINGS_MODULE="restaurant.settings"
    )
    assert code == 1
    assert line["event"] == "process_crashed"
    assert line["exception"].endswith("ValueError: 12 Canal Street, [redacted]")
