"""`make chaos-compose`: guests order while each container in turn is killed, and one is cut off.

    python -m tests.compose.chaos                       five minutes at 50 orders a second
    python -m tests.compose.chaos --minutes 1 --only kafka --cut postgres

Exits 1 unless every order ended, all books agree, and every request was answered as usual or by a
503 that said when to come again. The proxy is the one way in: what it was asked while it was dead
has no answer, and is told apart.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.compose.breaking import cut_off, kill
from tests.compose.figures import Figures
from tests.compose.load import REFUSED, UNANSWERED, Load, Outcome, furnish, ordering_guests, say
from tests.compose.stack import ROOT, SERVERS, SERVICES, Stack, standing

CUT_SECONDS = 30
HARMLESS = {"", REFUSED, "refresh token spent"}


@dataclass(frozen=True)
class Row:
    """A line of the table; `seconds` from the fault's end until a fresh order was delivered."""

    container: str
    fault: str
    seconds: float
    answers: Counter[str]

    @property
    def strange(self) -> Counter[str]:
        """Give the answers that nobody should get, by kind."""
        excused = {UNANSWERED} if self.container == "proxy-1" else set()
        return Counter({k: n for k, n in self.answers.items() if k not in HARMLESS | excused})

    def line(self) -> str:
        refused, lost = self.answers[REFUSED], self.answers[UNANSWERED]
        told = "  ".join(f"{kind}: {count}" for kind, count in self.strange.items())
        return (
            f"{self.container:<12} {self.fault:<10} {self.seconds:8.1f} {refused:8}"
            f" {lost:10}  {told}"
        )


HEAD = f"{'container':<12} {'fault':<10} {'flowing':>8} {'503s':>8} {'unanswered':>10}  others"


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as secrets:
        subprocess.run([ROOT / "docker" / "secrets.sh", secrets], check=True, capture_output=True)
        say("bringing the stack up")
        with standing(Path(secrets)) as (stack, seconds):
            say(f"it stands, after {seconds:.0f} s")
            furnish(stack)
            return _run(stack, options)


def _run(stack: Stack, options: argparse.Namespace) -> int:
    faults = list(_faults(stack, options))
    figures = Figures(at_rest=stack.memory())
    with ordering_guests(stack, rate=options.rate) as load:
        began = time.monotonic()
        say(HEAD)
        rows = [_watch(load, "", "none", lambda: None)]
        for number, (container, fault, break_it) in enumerate(faults):
            due = began + options.minutes * 60 * (number + 0.5) / (len(faults) + 0.5)
            time.sleep(max(0.0, due - time.monotonic()))
            figures.see_load(stack.memory())
            rows.append(_watch(load, container, fault, break_it))
        time.sleep(max(0.0, began + options.minutes * 60 - time.monotonic()))
        figures.see_load(stack.memory())
        outcome = load.finish()
    for service in (*SERVICES, *SERVERS):
        stack.wait_until_well(service)
    books = stack.tool("manage.py", "audit", expect=None)
    say("\n".join(figures.lines()))
    return _verdict(rows, outcome, books.strip())


def _faults(stack: Stack, options: argparse.Namespace) -> list[tuple[str, str, Callable[[], None]]]:
    """Give each container's name, what is done to it, and how; a fault at a time."""
    found: list[tuple[str, str, Callable[[], None]]] = []
    for service in options.only or (*SERVERS, *SERVICES):
        for number, container in enumerate(sorted(stack.containers(service)), 1):
            found.append((f"{service}-{number}", "kill -9", partial(kill, stack, container)))
    for service in options.cut:
        container = stack.containers(service)[0]
        cut = partial(cut_off, stack, container, CUT_SECONDS)
        found.append((f"{service}-1", f"cut {CUT_SECONDS} s", cut))
    return found


def _watch(load: Load, container: str, fault: str, break_it: Callable[[], None]) -> Row:
    """Break something while a guest orders; gives when that order's end was seen."""
    before = load.answers.so_far()
    delivered: list[float] = []

    def taste() -> None:
        load.taste()
        delivered.append(time.monotonic())

    # Ordered at once after a kill; while it is cut off, an order may wait for that to end.
    tasting = threading.Thread(target=taste)
    began = time.monotonic()
    breaking = threading.Thread(target=break_it)
    breaking.start()
    tasting.start()
    breaking.join()
    ended = time.monotonic() if fault.startswith("cut") else began
    tasting.join()
    seconds = max(0.0, (delivered or [float("inf")])[0] - ended)
    time.sleep(1)
    row = Row(container, fault, seconds, load.answers.so_far() - before)
    say(row.line())
    return row


def _verdict(rows: list[Row], outcome: Outcome, books: str) -> int:
    refused = outcome.answers[REFUSED]
    all_answers = sum(outcome.answers.values())
    say(
        f"\n{outcome.placed:,} orders placed in {outcome.seconds:.0f} s "
        f"({outcome.placed / outcome.seconds:.1f} a second), {outcome.unfinished} never ended; "
        f"{refused:,} of {all_answers:,} requests refused with 503 and Retry-After"
    )
    say(f"audit: {books}")
    strange = sum((row.strange for row in rows), Counter[str]())
    # Between the faults, too, nothing else may have happened.
    excused = sum(r.answers[UNANSWERED] for r in rows if r.container == "proxy-1")
    seen = {k: n for k, n in outcome.answers.items() if k not in HARMLESS | {UNANSWERED}}
    lost = outcome.answers[UNANSWERED] - excused
    is_well = not strange and not seen and lost == 0 and not outcome.unfinished
    is_well = is_well and "clean" in books
    say("well" if is_well else f"NOT well: {strange or ''} {seen or ''} {lost} unanswered")
    return 0 if is_well else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.compose.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="of load (5)")
    parser.add_argument("--rate", type=float, default=50.0, help="orders a second (50)")
    parser.add_argument("--only", nargs="*", choices=[*SERVERS, *SERVICES], help="kill these")
    parser.add_argument(
        "--cut",
        nargs="*",
        choices=[*SERVERS, *SERVICES],
        default=["postgres"],
        help="cut these off for half a minute (postgres)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
