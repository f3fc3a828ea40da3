"""A command under the lifeline ends with its starter, and is otherwise itself."""

import os
import signal
import subprocess
import sys
import time

import pytest

from restaurant import lifeline
from tests.flow.running_up import members
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once

# A starter that runs a command under the lifeline, tells its process id, and waits to be killed.
STARTER = """
import os, subprocess, sys, time
reading, writing = os.pipe()
child = subprocess.Popen(sys.argv[1:], stdin=reading, start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = "trap '' TERM; sleep 60 & while true; do sleep 1; done"


def under_lifeline(*command: str) -> list[str]:
    return [sys.executable, "-I", "-S", lifeline.__file__, *command]


@pytest.fixture
def starter():
    """Start a command from a process of its own; gives that process and the command's group."""
    started = []

    def start(*command: str) -> tuple["subprocess.Popen[str]", int]:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTER, *under_lifeline(*command)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        group = int(process.stdout.readline())
        started.append((process, group))
        return process, group

    yield start
    for process, group in started:
        process.kill()
        process.wait()
        if members(group):
            os.killpg(group, signal.SIGKILL)


def run(*command: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(under_lifeline(*command), stdin=subprocess.PIPE, start_new_session=True)


def end(process: "subprocess.Popen[bytes]") -> int:
    code = process.wait(30)
    if members(process.pid):
        os.killpg(process.pid, signal.SIGKILL)
    return code


def test_it_gives_the_commands_own_exit_code():
    assert end(run("sh", "-c", "exit 7")) == 7


def test_it_gives_the_signal_that_killed_the_command():
    assert end(run("sh", "-c", "kill -KILL $$")) == -signal.SIGKILL


def test_it_says_that_a_command_does_not_exist(capfd):
    assert end(run("/no/such/command")) == 1
    assert "/no/such/command: No such file" in capfd.readouterr().err


def test_it_refuses_to_end_a_group_that_is_not_its_own():
    told = subprocess.run(
        under_lifeline("sleep", "60"), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert told.returncode == 1
    assert "must lead a process group" in told.stderr


def test_it_ends_a_command_whose_starter_is_killed(starter):
    process, group = starter("sh", "-c", "sleep 60 & sleep 60")
    wait_until(lambda: len(members(group)) >= 3)
    process.kill()
    wait_until(lambda: not members(group), seconds=30)


def test_it_kills_a_command_that_does_not_obey(starter):
    process, group = starter("sh", "-c", STUBBORN)
    wait_until(lambda: len(members(group)) >= 3)
    began = time.monotonic()
    process.kill()
    wait_until(lambda: not members(group), seconds=30)
    assert time.monotonic() - began >= lifeline.GRACE - 0.5


def test_it_leaves_a_command_alone_whose_starter_lives(starter):
    _, group = starter("sleep", "60")
    wait_until(lambda: len(members(group)) >= 2)
    assert any("sleep 60" in line for line in members(group))
