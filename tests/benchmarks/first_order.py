"""From typing the command to a first order at a door."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.system import ROOT, System
from tests.servers.ports import free_port

AIM_SECONDS = 60
FIRST = "SELECT (julianday(min(at)) - 2440587.5) * 86400 FROM orders_timelineentry WHERE status = ?"


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Run the demo on a new directory with embedded servers, migrations included."""
    for name in list(system.children):
        system.stop(name)
    seconds = median(_run() for _ in range(runs))
    return [
        Figure(
            what="Start → first delivered order",
            measured=f"{seconds:.1f} s",
            baseline="embedded servers, nothing migrated",
            ratio="",
            aim=f"≤ {AIM_SECONDS} s",
            is_reached=seconds <= AIM_SECONDS,
        )
    ]


def _run() -> float:
    with tempfile.TemporaryDirectory(prefix="restaurant-demo-") as directory:
        started = time.time()
        subprocess.run(
            [sys.executable, "manage.py", "demo", "--orders", "5", "--exit", "--json"],
            cwd=ROOT,
            env=_environment(directory),
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=300,
        )
        with sqlite3.connect(Path(directory, "orders.sqlite3")) as orders:
            ((delivered,),) = orders.execute(FIRST, ["delivered"]).fetchall()
        return float(delivered) - started


def _environment(directory: str) -> dict[str, str]:
    """Give this process's environment without the benchmark's servers."""
    here = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name in here}
    return {
        **kept,
        "VAR_DIR": directory,
        "PORT": str(free_port()),
        "LIVE_PORT": str(free_port()),
        "AUTH_GRPC_ADDRESS": f"127.0.0.1:{free_port()}",
    }
