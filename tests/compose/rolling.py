"""`make rolling-compose`: every process is replaced while guests order, and no request fails.

    python -m tests.compose.rolling --rate 50

Exits 1 unless every order ended, all books agree, all containers are others than before, and each
request was answered as usual: not even a 503.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.compose.load import Load, furnish, ordering_guests, say
from tests.compose.stack import COMPOSE, ROOT, SERVICES, Stack, standing

REPLACED = [service for service in SERVICES if service != "proxy"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.compose.rolling", description=__doc__)
    parser.add_argument("--rate", type=float, default=50.0, help="orders a second (50)")
    parser.add_argument("services", nargs="*", metavar="service", help="these alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as secrets:
        subprocess.run([ROOT / "docker" / "secrets.sh", secrets], check=True, capture_output=True)
        with standing(Path(secrets)) as (stack, _):
            furnish(stack)
            with ordering_guests(stack, rate=options.rate, follow=True) as load:
                return _roll(stack, load, options.services)


def _roll(stack: Stack, load: Load, services: list[str]) -> int:
    replaced = services or REPLACED
    before = {id_ for service in replaced for id_ in stack.containers(service)}
    began = time.monotonic()
    done = subprocess.run(
        [ROOT / "docker" / "rolling.sh", *services],
        env={
            **stack.env,
            "COMPOSE_FILE": str(COMPOSE),
            "COMPOSE_PROJECT_NAME": stack.project,
        },
        check=False,
    )
    seconds = time.monotonic() - began
    after = {id_ for service in replaced for id_ in stack.containers(service)}
    outcome = load.finish()
    books = stack.tool("manage.py", "audit", expect=None).strip()
    failed = {kind: count for kind, count in outcome.answers.items() if kind}
    for line in load.answers.told:
        say(line)
    say(
        f"{len(before)} containers replaced in {seconds:.0f} s under "
        f"{outcome.placed / outcome.seconds:.1f} orders a second; "
        f"of {sum(outcome.answers.values()):,} requests failed: {failed or 'none'}; "
        f"{outcome.placed:,} orders, {outcome.unfinished} never ended; "
        f"{outcome.followed:,} followed, {outcome.resumed} streams resumed; "
        f"audit: {books}"
    )
    is_well = done.returncode == 0 and not failed and not outcome.unfinished
    is_well = is_well and "clean" in books and len(after) == len(before) and not before & after
    # Who followed by a stream was led to the new process.
    is_well = is_well and outcome.followed > 0 and (outcome.resumed > 0) == ("live" in replaced)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
