"""Customers in a container of their own, beside the stack's processes."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.compose.stack import SPEED, Stack


class Demo:
    """One run of `manage.py demo --against` the proxy."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._output = ""

    def is_running(self) -> bool:
        return self._process.poll() is None

    def finish(self, seconds: float = 240) -> None:
        """Wait until every order has ended. Raises `AssertionError` when one did not, or the books
        do not agree.
        """
        self._output, _ = self._process.communicate(timeout=seconds)
        assert self._process.returncode == 0, self._output[-6000:]

    def summary(self) -> dict[str, Any]:
        """Give what it said at its end."""
        return dict(json.loads(self._output.strip().splitlines()[-1]))


@contextmanager
def ordering(stack: Stack, *, orders: int, rate: float) -> Iterator[Demo]:
    """Let customers order while the block runs, and then until each order has ended."""
    command = stack.command(
        *("run", "--rm", "-T", "tools", "manage.py", "demo", "--against", "http://proxy:8080"),
        *("--orders", str(orders), "--rate", str(rate), "--speed", str(SPEED), "--exit", "--json"),
    )
    process = subprocess.Popen(
        command, env=stack.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        demo = Demo(process)
        yield demo
        demo.finish()
    finally:
        process.kill()
        process.wait()
