"""docker/debezium: the connector reads the outbox's table by names that it has."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from orders.models import OutboxMessage
from restaurant.messaging import events

CONNECTOR = Path(__file__).resolve().parents[2] / "docker" / "debezium" / "orders.json"
ROUTER = "transforms.outbox."
# Without these a reader cannot tell what an event is.
NEEDED = {"ce_id", "ce_type", "ce_time", "correlationid"}


def test_it_names_columns_of_the_outbox_and_headers_that_readers_need() -> None:
    config = json.loads(CONNECTOR.read_text())["config"]
    columns = {field.column: field for field in OutboxMessage._meta.concrete_fields}
    assert config["table.include.list"] == f"public.{OutboxMessage._meta.db_table}"
    named = [value for key, value in config.items() if key.startswith(f"{ROUTER}table.field.")]
    assert {*named, config[f"{ROUTER}route.by.field"]} <= columns.keys()
    placed = config[f"{ROUTER}table.fields.additional.placement"].split(",")
    headers = {}
    for column, place, header in (entry.split(":") for entry in placed):
        assert (column in columns, place) == (True, "header")
        headers[header] = column
    row = OutboxMessage(event_id=UUID(int=1), created_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert NEEDED <= headers.keys() <= events.headers_of(row, source="orders").keys()
