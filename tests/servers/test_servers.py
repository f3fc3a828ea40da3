"""No server that a test starts outlives the test run, however that ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.ports import answers
from tests.servers.process import ROOT
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once

STARTER = """
import sys
from tests.servers.{module} import {name}
server = {name}().start()
print(server.port, server._directory, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("module", "name"), [("valkey", "Valkey"), ("postgres", "Postgres")])
def test_it_dies_with_its_killed_starter(module: str, name: str) -> None:
    script = STARTER.format(module=module, name=name)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        port, directory = starter.stdout.readline().decode().split()
        assert answers(int(port))
        starter.kill()
    wait_until(lambda: not answers(int(port)), seconds=15)
    wait_until(lambda: not Path(directory).exists(), seconds=15)


def test_it_says_what_it_waited_for() -> None:
    with pytest.raises(AssertionError, match="last answer: 0"):
        wait_until(lambda: 0, seconds=0.05)
