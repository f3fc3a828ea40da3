"""The API's own address, and the shorter ones that lead there."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from tests.servers.process import ROOT

pytestmark = pytest.mark.once
AUTH = ["register", "login", "refresh", "logout"]
KITCHEN = ["tickets", "stations"]
DOCUMENTS = ["schema", "docs", "problems"]
PERSON = {"Accept": "text/html,*/*;q=0.8"}


def test_it_lists_addresses_that_are_there(client: Client) -> None:
    told = client.get("/api/v1/").json()
    assert list(told) == [*AUTH, "menu", "orders", *KITCHEN, "deliveries", "couriers", *DOCUMENTS]
    for address in told.values():
        assert address.startswith("http://testserver/")
        resolve(address.removeprefix("http://testserver"))


@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/api/v1"])
@pytest.mark.parametrize("headers", [{}, PERSON], ids=["program", "person"])
def test_shorter_addresses_lead_there(client: Client, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == "/api/v1/"


@pytest.mark.parametrize("path", ["/api/", "/api/v1/"])
def test_it_is_only_read(client: Client, path: str) -> None:
    answer = client.post(path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.django_db
def test_its_page_leads_on(client: Client) -> None:
    page = client.get("/api/v1/", headers=PERSON)
    assert page.status_code == 200
    text = page.content.decode()
    for address in client.get("/api/v1/").json().values():
        assert f'href="{address}"' in text
    for path in ("/api/docs/", "/problems/", "/admin/"):
        assert f'href="{path}"' in text


LIST = """
from django.test import Client
print(Client(headers={"host": "localhost"}).get("/api/v1/").content.decode())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("services", "served"),
    [("kitchen", KITCHEN), ("orders,auth_grpc", [*AUTH, "menu", "orders"])],
)
def test_a_process_lists_what_it_serves(services: str, served: list[str], tmp_path: Any) -> None:
    env = {**os.environ, "SERVICES": services, "VAR_DIR": str(tmp_path), "DEBUG": "true"}
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", LIST]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert list(told) == [*served, *DOCUMENTS]
