"""The recipes of docs/operations.md, carried out as they stand, in a checkout of their own."""

import os
import pty
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from tests.blocks import Block, blocks, under
from tests.checkout import copy_to
from tests.compose.stack import Stack, run

PAGE = "operations.md"
# Heading → how many blocks of commands are under it. Others' are environments, and what Debezium
# needs, which other tests look at.
CARRIED_OUT = {
    "Install": 2,
    "What runs": 2,
    "Health": 1,
    "Metrics and alerts": 1,
    "Finding an order's way": 1,
    "Without a gap": 1,
    "Back up and restore": 1,
    "Back up": 1,
    "Restore kitchen or delivery": 1,
    "Restore orders": 1,
    "Restore pictures": 1,
    "Restore accounts": 1,
    "When Kafka's data is lost": 1,
    "When PostgreSQL's disk is full": 2,
    "Redrive dead letters": 1,
    "Keys that sign tokens": 1,
    "SECRET_KEY": 1,
    "Certificates": 1,
    "A database's password": 2,
    "Valkey's password": 1,
    "Scaling": 1,
    "More partitions": 1,
}
RECIPES = [
    block
    for block in blocks(PAGE)
    if block.language == "sh" and block.number < CARRIED_OUT.get(block.heading, 0)
]
# What a probe of the recipe before it prints.
PROBED = under(PAGE, "Health")[1]
NEXT_TAG = "under-test-next"


class Handbook:
    """A shell in a checkout, which goes from recipe to recipe, and the stack that stands there.

    `done` are the recipes that were carried out, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.root = copy_to(folder / "checkout")
        _look_often(self.root / "docker" / "compose.yaml")
        self.stack = Stack(self.root / "docker" / "secrets", self.root)
        self.stack.env["COMPOSE_PROJECT_NAME"] = self.stack.project
        # These two the page itself says, or leaves.
        for name in ("SECRETS_DIR", "SIMULATION_SPEED"):
            del self.stack.env[name]
        self.done: list[Block] = []
        # What must differ from the page, so that nobody's images and data are touched.
        self._own = {
            "IMAGE_TAG=0.5": f"IMAGE_TAG={NEXT_TAG}",
            "restaurant_kafka": f"{self.stack.project}_kafka",
        }
        self._environment = folder / "environment"

    def carry_out(
        self,
        heading: str,
        number: int = 0,
        *,
        typing: str = "",
        others: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """Run a recipe; gives what it printed. Raises `AssertionError` with that when it fails.

        `typing` is answered at a terminal to who asks for a password; `others` are words that
        stand for those of the page.
        """
        (block,) = (b for b in RECIPES if (b.heading, b.number) == (heading, number))
        text = block.text
        for shown, own in {**self._own, **others}.items():
            text = text.replace(shown, own)
        said = self.run(text, typing=typing)
        if block not in self.done:
            self.done.append(block)
        return said

    def run(self, text: str, *, typing: str = "") -> str:
        """Run commands in the shell; what they export, and its functions, the next ones find."""
        keep = f'export -f $(compgen -A function)\nenv -0 >"{self._environment}"\n'
        command = ["bash", "-euc", f"{text}\n{keep}"]
        if typing:
            said = _at_terminal(command, self.root, self.stack.env, typing)
        else:
            said = run(*command, env=self.stack.env, cwd=self.root, seconds=600)
        pairs = (pair.partition("=") for pair in self._environment.read_text().split("\0")[:-1])
        # The stack's own commands are run in it too.
        self.stack.env = {name: value for name, _, value in pairs}
        return said

    def secret(self, name: str) -> str:
        return (self.root / "docker" / "secrets" / name).read_text().strip()

    def down(self) -> None:
        """Take all of it away: containers, volumes and the second tag of the images."""
        self.stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout=5")
        for name in ("restaurant", "restaurant-proxy"):
            run("docker", "image", "rm", f"{name}:{NEXT_TAG}", expect=None)


def _look_often(compose: Path) -> None:
    """Have containers looked at more often, so that a recipe does not wait for the next look."""
    text = compose.read_text()
    assert text.count("interval: 10s") == 1
    compose.write_text(text.replace("interval: 10s", "interval: 3s"))


def _at_terminal(command: list[str], cwd: Path, env: Mapping[str, str], typing: str) -> str:
    """Run a command at a terminal, where a line is typed whenever a password is asked for."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=cwd, env=dict(env), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    late = threading.Timer(600, process.kill)
    late.start()
    said, typed = b"", 0
    # Linux says so when all at the other end have gone.
    with suppress(OSError):
        while part := os.read(ours, 65536):
            said += part
            while typed < said.count(b"Password"):
                os.write(ours, f"{typing}\n".encode())
                typed += 1
    os.close(ours)
    late.cancel()
    text = said.decode(errors="replace")
    assert process.wait() == 0, text[-6000:]
    return text
