"""Lines reach the stream: whole, in order, also at a fork, an end, and a reader that takes none."""

import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from restaurant.logs import lines as module
from restaurant.logs.lines import Lines
from tests.logs.test_starting import PRODUCTION
from tests.servers.process import ROOT

pytestmark = pytest.mark.once
SETUP = "import django; django.setup(); import structlog; log = structlog.get_logger()\n"


def run(code: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", SETUP + code],
        cwd=ROOT,
        env={**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "restaurant.settings"},
        stderr=subprocess.PIPE,
        text=True,
        timeout=150,
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_an_end_writes_all_that_waits() -> None:
    found = run("for n in range(3000): log.info('toy_event', n=n)")
    assert [line["n"] for line in found] == list(range(3000))


def test_a_process_of_multiprocessing_writes_all_that_waits() -> None:
    found = run(
        "import multiprocessing\n"
        "def say():\n"
        "    for n in range(3000): log.info('toy_event', n=n)\n"
        "log.info('toy_event', n=-1)\n"
        "child = multiprocessing.get_context('fork').Process(target=say)\n"
        "child.start(); child.join()"
    )
    assert [line["n"] for line in found] == list(range(-1, 3000))


def test_what_ends_a_process_is_written_first() -> None:
    found = run("import os\nlog.info('toy_event'); log.critical('toy_end'); os._exit(1)")
    assert [line["event"] for line in found] == ["toy_event", "toy_end"]


def test_an_end_without_a_word_can_be_prepared() -> None:
    found = run(
        "import os; from restaurant import logs\nlog.info('toy_event'); logs.flush(); os._exit(1)"
    )
    assert [line["event"] for line in found] == ["toy_event"]


class Slow(io.StringIO):
    """A stream whose reader takes nothing until told so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.taken = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.asked.set()
        self.taken.wait(30)
        return super().write(text)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    monkeypatch.setattr(module, "_all", [])
    stream = Slow()
    yield stream
    stream.taken.set()


def test_nobody_waits_for_a_slow_reader(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    monkeypatch.setattr(module, "FLUSH_SECONDS", 30.0)
    lines = Lines(logging.StreamHandler(slow))
    lines.info('{"n":0}')
    assert slow.asked.wait(30)
    began = time.monotonic()
    for n in range(1, 100):
        lines.info(f'{{"n":{n}}}')
    assert time.monotonic() - began < 5
    slow.taken.set()
    lines.flush()
    found = [json.loads(line) for line in slow.getvalue().splitlines()]
    # What was being written, and those that may wait.
    assert [line["n"] for line in found if "n" in line] == list(range(1 + 10))
    assert sum(line["count"] for line in found if "count" in line) == 100 - 11


def test_a_reader_that_is_gone_ends_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "w")
    lines = Lines(logging.StreamHandler(stream))
    for _ in range(2):
        lines.info("{}")
        lines.flush()
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_process_that_forks_while_it_writes_has_children_that_can() -> None:
    found = run(
        "import os, threading\n"
        "stop = threading.Event()\n"
        "def say():\n"
        "    while not stop.is_set(): log.info('toy_event')\n"
        "thread = threading.Thread(target=say); thread.start()\n"
        "children = []\n"
        "for n in range(30):\n"
        "    if not (child := os.fork()):\n"
        "        log.critical('toy_child', n=n); os._exit(0)\n"
        "    children.append(child)\n"
        "for child in children: os.waitpid(child, 0)\n"
        "stop.set(); thread.join()"
    )
    assert sorted(line["n"] for line in found if line["event"] == "toy_child") == [*range(30)]
