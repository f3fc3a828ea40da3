"""Ways in which a container of the stack can fail."""

import os
import signal
import time

from tests.compose.stack import Stack, run
from tests.servers.wait import wait_until


def kill(stack: Stack, container: str) -> None:
    """kill -9 a container's first process from outside, as the kernel would; it starts again.

    `docker kill` would count as the operator's wish, after which nothing is restarted.
    """
    before = stack.inspect(container)["State"]
    os.kill(before["Pid"], signal.SIGKILL)

    def has_begun_anew() -> bool:
        state = stack.inspect(container)["State"]
        return bool(state["Running"] and state["StartedAt"] != before["StartedAt"])

    wait_until(has_begun_anew, seconds=60, every=0.1)


def cut_off(stack: Stack, container: str, seconds: float) -> None:
    """Take a container off all its networks for so long: no packet comes or goes, and nobody is
    told. It keeps its names.
    """
    networks = stack.inspect(container)["NetworkSettings"]["Networks"]
    for name in networks:
        run("docker", "network", "disconnect", name, container)
    try:
        time.sleep(seconds)
    finally:
        for name, found in networks.items():
            aliases = [f"--alias={alias}" for alias in found["Aliases"] or ()]
            run("docker", "network", "connect", *aliases, name, container)
