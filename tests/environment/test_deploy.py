"""An environment of production, as Django's own deployment checks look at it."""

import re

import pytest

from tests.blocks import only
from tests.environment.bare import MANAGE, SECRET, environment, run

pytestmark = pytest.mark.once

DOCUMENTED = only("operations.md", "Behind HTTPS")
BEHIND_HTTPS = {"DEBUG": "false", "SECRET_KEY": SECRET, **DOCUMENTED.variables()}
HSTS = [name for name in BEHIND_HTTPS if name.startswith("SECURE_HSTS")]
ASK = """
from django.test import Client
client = Client(headers={"host": "order.example.com"})
by_http, by_https = client.get("/admin/login/"), client.get(
    "/admin/login/", headers={"x-forwarded-proto": "https"}
)
print(by_http.status_code, by_http["location"])
print(client.get("/livez").status_code)
print(by_https["strict-transport-security"], by_https["referrer-policy"])
print(by_https["x-frame-options"], by_https["x-content-type-options"])
print({name: bool(cookie["secure"]) for name, cookie in by_https.cookies.items()})
"""


def test_nothing_is_left_to_be_desired() -> None:
    done = run((*MANAGE, "check", "--deploy", "--fail-level=WARNING"), environment(**BEHIND_HTTPS))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "System check identified no issues (2 silenced).\n"


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        (HSTS, {"W004"}),
        # The last two.
        (HSTS[1:], {"W005", "W021"}),
    ],
)
def test_it_is_told_what_would_be_left(left_out: list[str], told: set[str]) -> None:
    less = {k: v for k, v in BEHIND_HTTPS.items() if k not in left_out}
    done = run((*MANAGE, "check", "--deploy", "--fail-level=WARNING"), environment(**less))
    assert done.returncode == 1
    assert set(re.findall(r"security\.(W\d+)", done.stderr)) == told


def test_pages_are_as_those_checks_believe() -> None:
    """Two checks are silenced: they look for the names of Django's own middleware."""
    done = run((*MANAGE, "shell", "--no-imports", "-c", ASK), environment(**BEHIND_HTTPS))
    assert done.stdout.splitlines() == [
        "301 https://order.example.com/admin/login/",
        "200",
        "max-age=31536000; includeSubDomains; preload same-origin",
        "DENY nosniff",
        "{'csrftoken': True}",
    ], done.stderr
