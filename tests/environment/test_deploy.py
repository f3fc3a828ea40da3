"""An environment of production, as Django's own deployment checks look at it."""

import pytest

from tests.environment.bare import MANAGE, SECRET, environment, run

pytestmark = pytest.mark.once

BEHIND_HTTPS = {
    "DEBUG": "false",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "order.example.com",
    "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto",
    "SECURE_SSL_REDIRECT": "true",
    "SECURE_HSTS_SECONDS": "31536000",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": "true",
    "SECURE_HSTS_PRELOAD": "true",
}
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


def test_it_is_told_what_would_be_left() -> None:
    less = {k: v for k, v in BEHIND_HTTPS.items() if not k.startswith("SECURE_HSTS")}
    done = run((*MANAGE, "check", "--deploy", "--fail-level=WARNING"), environment(**less))
    assert done.returncode == 1
    assert "security.W004" in done.stderr


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
