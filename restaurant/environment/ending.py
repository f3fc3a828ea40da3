"""How a process ends that is configured wrongly."""

import sys
from collections.abc import Iterable
from typing import NoReturn

import structlog

log = structlog.get_logger()


def end(problems: Iterable[str], *, readable: bool) -> NoReturn:
    """End this process by exit code 1, with a line for each problem and no traceback.

    The lines are the plain sentences where people read them, and log entries elsewhere.
    """
    if readable:
        sys.exit("\n".join(problems))
    for problem in problems:
        log.critical("misconfigured", problem=problem)
    sys.exit(1)
