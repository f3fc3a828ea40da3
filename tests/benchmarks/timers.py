"""A hundred thousand tickets that become due within a minute."""

import subprocess
import time
from statistics import median

from tests.benchmarks import commits
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.system import System
from tests.servers.wait import wait_until

TICKETS, SECONDS = 100_000, 60
# Time to write them all before the first is due.
HEAD_START = 15
AIM_MS = 200
AIM_GROWTH_MB = 10

ORDERS = """
    INSERT INTO kitchen_kitchenorder (order_id, number, status, open_tickets, address, note,
        reason, correlation_id, created_at, updated_at)
    SELECT uuidv7(), n, 'cooking', 1, '12 Canal Street', '', '', '', now(), now()
    FROM generate_series(1, %(count)s) AS n
"""
TICKETS_OF_ORDERS = """
    INSERT INTO kitchen_ticket (order_id, station_id, status, lines, preparation_seconds,
        queued_at, started_at, due_at)
    SELECT order_id, %(station)s, 'cooking', '[]', 60, now(), now(),
        to_timestamp(%(first)s + number * %(step)s::float8)
    FROM kitchen_kitchenorder
"""
STATION = """
    INSERT INTO kitchen_station (code, name, mode, is_open)
    VALUES ('oven', 'Oven', 'automatic', true) RETURNING id
"""


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Tell how late the kitchen finishes them, and whether its memory grows meanwhile."""
    count, seconds = (TICKETS // 6, SECONDS // 6) if quick else (TICKETS, SECONDS)
    found = [_run(system, count, seconds) for _ in range(runs)]
    earliest = min(low for low, _, _, _ in found)
    half, most, growth = (median(values) for values in list(zip(*found, strict=True))[1:])
    return [
        Figure(
            what=f"{count:,} timers due over {seconds} s",
            measured=f"late p50 {half:.0f} ms, p99 {most:.0f} ms; memory {growth:+.1f} MB",
            baseline=f"due: earliest {earliest:+.1f} ms after",
            ratio="",
            aim=f"p99 ≤ {AIM_MS} ms, never early, ≤ +{AIM_GROWTH_MB} MB",
            is_reached=most <= AIM_MS and earliest >= 0 and growth <= AIM_GROWTH_MB,
        )
    ]


def _run(system: System, count: int, seconds: int) -> tuple[float, float, float, float]:
    """Give the least, the middle and the 99th lateness in ms, and the worker's growth in MB."""
    system.reset()
    system.run("kitchen")
    first, step = time.time() + HEAD_START, seconds / count
    with system.sql("kitchen") as kitchen:
        ((station,),) = kitchen.execute(STATION).fetchall()
        kitchen.execute(ORDERS, {"count": count})
        kitchen.execute(TICKETS_OF_ORDERS, {"station": station, "first": first, "step": step})
        kitchen.execute("ANALYZE")
        if time.time() > first:
            raise RuntimeError("this machine is too slow to write the tickets in time")
        due = dict(
            kitchen.execute(
                "SELECT id, extract(epoch FROM due_at)::float8 FROM kitchen_ticket"
            ).fetchall()
        )
        worker = system.children["kitchen"].pid
        time.sleep(max(0.0, first + seconds / 6 - time.time()))
        before = _memory_mb(worker)
        time.sleep(max(0.0, first + seconds - time.time()))
        after = _memory_mb(worker)
        left = "SELECT count(*) FROM kitchen_ticket WHERE due_at IS NOT NULL"
        wait_until(lambda: kitchen.execute(left).fetchall() == [(0,)], seconds=60)
        done = commits.times(kitchen, "kitchen_ticket", key="id")
    late = [(done[id_] - due[id_]) * 1000 for id_ in due]
    return min(late), percentile(late, 50), percentile(late, 99), after - before


def _memory_mb(process: int) -> float:
    """Give what a process has in memory (RSS), by the one way that Linux and macOS share."""
    found = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process)], check=True, capture_output=True, text=True
    )
    return int(found.stdout) / 1024
