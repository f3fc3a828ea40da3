import json
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from restaurant.demo.day import Day, Plan
from restaurant.demo.summary import CLEAN, Summary
from restaurant.demo.views import print_plainly
from restaurant.supervisor import UpError

EXIT_FAILED, EXIT_NOT_STARTED, EXIT_NOT_AUDITED, EXIT_INTERRUPTED = 1, 2, 3, 130
ORDERS_BEFORE_EXIT = 200


class Command(BaseCommand):
    help = (
        "Run a day at the restaurant: start everything, let customers order over HTTP, and show "
        "it. Ctrl-C ends the day with a summary and an audit of all services' books. "
        "Example: manage.py demo --orders 200 --exit --json. "
        "Exit codes: 0 when every order ended and the audit is clean, 1 when not, 2 when nothing "
        "could be started, 3 when every order ended and the books are out of reach (--against)."
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--orders", type=_count, metavar="N", help="place so many, no more")
        parser.add_argument(
            "--exit",
            action="store_true",
            dest="exits",
            help=f"end when every order has (of {ORDERS_BEFORE_EXIT} when --orders says nothing)",
        )
        parser.add_argument("--json", action="store_true", help="last line: the summary as JSON")
        parser.add_argument(
            "--speed", type=_positive, default=60.0, metavar="N", help="simulation speed (60)"
        )
        parser.add_argument(
            "--rate", type=_positive, metavar="N", help="orders a second, instead of rush and lull"
        )
        parser.add_argument(
            "--customers", type=_count, default=12, metavar="N", help="how many order (12)"
        )
        parser.add_argument(
            "--failures", type=_part, default=0.0, metavar="P", help="part of deliveries that fail"
        )
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="what chance makes")
        parser.add_argument(
            "--against", type=_base_url, metavar="URL", help="order there, and start nothing"
        )

    def handle(self, *, json: bool, **options: Any) -> None:
        # SIGINT too: who starts it in the background of a script has it ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        console = Console(soft_wrap=True)
        plan = _plan(options)

        def tell(summary: Summary) -> None:
            for line in summary.lines():
                print_plainly(console, line)
            if json:
                _print_json(summary)

        try:
            summary = Day(plan, console, tell).run()
        except UpError as error:
            raise CommandError(str(error), returncode=EXIT_NOT_STARTED) from None
        except KeyboardInterrupt:
            sys.exit(EXIT_INTERRUPTED)
        sys.exit(_verdict(summary, plan))


def _plan(options: dict[str, Any]) -> Plan:
    given = {name: options[name] for name in Plan.__dataclass_fields__}
    if given["exits"] and given["orders"] is None:
        given["orders"] = ORDERS_BEFORE_EXIT
    return Plan(**given)


def _print_json(summary: Summary) -> None:
    sys.stdout.write(json.dumps(summary.as_json()) + "\n")
    sys.stdout.flush()


def _verdict(summary: Summary, plan: Plan) -> int:
    """Give the exit code; who pressed Ctrl-C does not mind what was still on its way."""
    if plan.exits and not summary.has_ended:
        return EXIT_FAILED
    if isinstance(summary.audit, list):
        return EXIT_FAILED
    return 0 if summary.audit == CLEAN else EXIT_NOT_AUDITED


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ArgumentTypeError("must be at least 1")
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ArgumentTypeError("must be more than 0")
    return number


def _part(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ArgumentTypeError("must be between 0 and 1")
    return number


def _base_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ArgumentTypeError("must be like https://example.com")
    return text.rstrip("/")
