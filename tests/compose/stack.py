"""The stack of docker/compose.yaml under a name of its own, on a free port of loopback."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.wait import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = ROOT / "docker" / "compose.yaml"
# Of the tests' own, so that nobody's images and secrets are overwritten.
TAG = "under-test"
SPEED = 600
# What runs all the time, in the order in which an order meets them.
SERVICES = ("proxy", "web", "live", "auth", "orders", "kitchen", "delivery", "celery", "beat")
SERVERS = ("postgres", "kafka", "valkey")


class Stack:
    """Commands to the stack. Raises `AssertionError` with what Docker said when one fails.

    `root` is the checkout that it is of.
    """

    def __init__(self, secrets: Path, root: Path = ROOT) -> None:
        self.root = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tls_port, self.prometheus_port = free_port(), free_port()
        # A port of its own, so a name of its own.
        self.project = f"restaurant-test-{self.port}"
        self.revision = run("git", "rev-parse", "HEAD").strip()
        self.env = {
            **os.environ,
            "PROXY_LISTEN": f"127.0.0.1:{self.port}",
            "SECRETS_DIR": str(secrets),
            "IMAGE_TAG": TAG,
            "SIMULATION_SPEED": str(SPEED),
            "PROXY_TLS_LISTEN": f"127.0.0.1:{self.tls_port}",
            "PUBLIC_URL": self.url,
            "PROMETHEUS_LISTEN": f"127.0.0.1:{self.prometheus_port}",
            "REVISION": self.revision,
        }

    def compose(
        self, *arguments: str, beside: str = "", expect: int | None = 0, seconds: float = 300
    ) -> str:
        """Run `docker compose …`; gives what it printed. `beside` is another file of docker/."""
        command = self.command(*arguments, beside=beside)
        return run(*command, env=self.env, expect=expect, seconds=seconds)

    def command(self, *arguments: str, beside: str = "") -> list[str]:
        docker = self.root / "docker"
        files = [docker / "compose.yaml", *([docker / beside] if beside else [])]
        named = [part for file in files for part in ("--file", str(file))]
        return ["docker", "compose", *named, "--project-name", self.project, *arguments]

    def tool(self, *command: str, expect: int | None = 0, seconds: float = 300) -> str:
        """Run a command of ours in the stack, beside its processes; gives what it printed."""
        return self.compose("run", "--rm", "-T", "tools", *command, expect=expect, seconds=seconds)

    def execute(self, service: str, *command: str, expect: int | None = 0) -> str:
        """Run a command in a running container."""
        return self.compose("exec", "-T", service, *command, expect=expect)

    def containers(self, service: str) -> list[str]:
        """Give the ids of a service's running containers."""
        return self.compose("ps", "--quiet", service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        (found,) = json.loads(run("docker", "inspect", container))
        return dict(found)

    def is_well(self, container: str) -> bool:
        state = self.inspect(container)["State"]
        return bool(state["Running"] and state["Health"]["Status"] == "healthy")

    def wait_until_well(self, service: str, *, seconds: float = 120) -> None:
        def are_well() -> bool:
            found = self.containers(service)
            return bool(found) and all(map(self.is_well, found))

        wait_until(are_well, seconds=seconds, every=0.5)

    def memory(self) -> dict[str, float]:
        """Give the MiB that each container uses now, by its service and number: `web-1`."""
        names = self.compose("ps", "--format", "{{.Name}}").split()
        told = run("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *names)
        lines = (line.split()[:2] for line in told.splitlines())
        return {name.removeprefix(f"{self.project}-"): mebibytes(used) for name, used in lines}


@contextmanager
def standing(secrets: Path) -> Iterator[tuple[Stack, float]]:
    """Bring the stack up from nothing, and take it down with all its data.

    Gives it, and the seconds that `up --wait` took.
    """
    stack = Stack(secrets)
    try:
        stack.compose("build", seconds=900)
        began = time.monotonic()
        try:
            stack.compose("up", "--detach", "--wait", "--quiet-pull", seconds=600)
        except AssertionError as error:
            error.add_note(stack.compose("logs", "--tail", "40", expect=None))
            raise
        yield stack, time.monotonic() - began
    finally:
        stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "5")


def image_size(name: str) -> int:
    """Give an image's bytes, without compression."""
    return int(run("docker", "image", "inspect", "--format", "{{.Size}}", f"{name}:{TAG}"))


def run(
    *command: str,
    env: dict[str, str] | None = None,
    expect: int | None = 0,
    seconds: float = 60,
    cwd: Path = ROOT,
) -> str:
    """Run a command; gives its standard output. `expect` None: it may fail."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=seconds
    )
    said = f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    assert expect is None or done.returncode == expect, said
    return done.stdout


def mebibytes(told: str) -> float:
    """Read `123.4MiB`, as `docker stats` writes it."""
    for unit, size in (("KiB", 1 / 1024), ("MiB", 1.0), ("GiB", 1024.0), ("B", 1 / 1024**2)):
        if told.endswith(unit):
            return float(told.removesuffix(unit)) * size
    raise ValueError(told)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
