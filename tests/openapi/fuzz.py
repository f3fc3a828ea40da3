"""Ask a running house whatever its schema allows, and whatever it does not, by schemathesis.

    python -m tests.openapi.fuzz --minutes 10

Rounds of new seeds until the time is over, each as a customer, as staff and as nobody: every check,
of examples, edges and made-up requests, and of chains along the schema's links. Exits 1 at the
first round that finds something, and prints it with its seed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.openapi.people import Town, open_town
from tests.servers.process import ROOT

CONFIGURED = ("--config-file", str(Path(__file__).with_name("schemathesis.toml")))
WHO: dict[str, Callable[[Town], httpx.Client]] = {
    "customer": Town.customer,
    "staff": Town.staff,
    "nobody": Town.nobody,
}


def fuzz(town: Town, who: str, *, seed: int, examples: int) -> subprocess.CompletedProcess[str]:
    """Ask as one of `WHO`, with so many made-up requests an operation."""
    client = WHO[who](town)
    headers = {name: client.headers[name] for name in ("Authorization",) if name in client.headers}
    return subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                *CONFIGURED,
                "run",
                f"{town.url}/api/schema/",
            ),
            *("--seed", str(seed), "--max-examples", str(examples), "--no-color"),
            *("--continue-on-failure", "--warnings", "off"),
            *(part for name, value in headers.items() for part in ("-H", f"{name}: {value}")),
        ],
        cwd=town.house.up.var_dir,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.openapi.fuzz_hooks",
            "FUZZ_DISHES": json.dumps(_plain_dishes(client)),
        },
        capture_output=True,
        text=True,
    )


def _plain_dishes(client: httpx.Client) -> list[str]:
    """Name what can be ordered without choosing options."""
    menu = client.get("/api/v1/menu/").raise_for_status().json()
    dishes = [dish for category in menu["categories"] for dish in category["items"]]
    return [
        dish["sku"]
        for dish in dishes
        if dish["available"] and not any(group["min"] for group in dish["option_groups"])
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.openapi.fuzz")
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    # Elsewhere the tests' configuration says so.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as directory, open_town(Path(directory)) as town:
        town.make_work()
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            seed = random.randrange(2**32)
            for who in WHO:
                done = fuzz(town, who, seed=seed, examples=50)
                last = done.stdout.strip().rpartition("\n")[2].strip("= ")
                sys.stdout.write(f"seed {seed}, {who}: {last}\n")
                if done.returncode:
                    sys.stdout.write(done.stdout + done.stderr)
                    return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
