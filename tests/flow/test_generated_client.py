"""A client that a standard generator makes from the schema places an order and follows it."""

import importlib
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.flow.house import PASSWORD, House
from tests.servers.process import ROOT
from tests.servers.wait import wait_until

pytestmark = pytest.mark.slow

SCHEMA = ROOT / "docs" / "reference" / "openapi.yaml"
NAME = "restaurant_client"
# Otherwise it would run ruff over what it made.
CONFIGURATION = f"package_name_override: {NAME}\npost_hooks: []\n"


class Generated:
    """The generated package, without types known before it is made."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = self.part("client").Client(base_url=url)

    def part(self, name: str) -> Any:
        return importlib.import_module(f"{NAME}.{name}")

    def model(self, name: str, **values: Any) -> Any:
        return getattr(self.part("models"), name)(**values)

    def call(self, operation: str, **given: Any) -> Any:
        """Call an operation, `orders.orders_create`, and give what it parsed the answer into."""
        return self.part(f"api.{operation}").sync(client=self.client, **given)

    def log_in(self) -> None:
        email = f"{uuid4().hex}@guests.example"
        self.call(
            "auth.auth_register", body=self.model("Registration", email=email, password=PASSWORD)
        )
        tokens = self.call(
            "auth.auth_login", body=self.model("Login", email=email, password=PASSWORD)
        )
        self.client = self.part("client").AuthenticatedClient(self.url, tokens.access)


@pytest.fixture
def generated(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generated:
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", str(SCHEMA), "--output-path", str(tmp_path / NAME), "--meta", "none"),
            *("--config", str(tmp_path / "configuration.yaml"), "--fail-on-warning"),
        ],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    return Generated(house.up.url)


def test_it_places_an_order_and_follows_it_to_the_door(generated: Generated) -> None:
    generated.log_in()
    menu = generated.call("menu.menu_retrieve")
    dish = next(
        dish for category in menu.categories for dish in category.items if dish.sku == "COLA"
    )
    line = generated.model("LineRequest", sku=dish.sku, quantity=2)
    request = generated.model("OrderRequest", lines=[line], address="12 Canal Street")
    order = generated.call("orders.orders_create", body=request, idempotency_key=str(uuid4()))
    assert (order.status, order.total) == ("placed", str(2 * Decimal(dish.price)))

    def arrived() -> bool:
        return bool(
            generated.call("orders.orders_retrieve", order_id=order.id).status == "delivered"
        )

    wait_until(arrived, seconds=30)
    timeline = generated.call("orders.orders_retrieve_timeline", order_id=order.id)
    assert timeline[0].type_ == "order_created"
    assert timeline[-1].status == "delivered"
    assert [one.id for one in generated.call("orders.orders_list").results] == [order.id]


def test_it_reads_a_problem_as_one(generated: Generated) -> None:
    generated.log_in()
    problem = generated.call("orders.orders_retrieve", order_id=uuid4())
    assert (problem.status, problem.code) == (404, "not_found")
