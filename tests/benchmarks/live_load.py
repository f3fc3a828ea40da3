"""Many listeners of one live process, in a loop and a process of their own.

    python -m tests.benchmarks.live_load PORT CHANNEL

takes session keys, a line each, from standard input up to an empty line, and opens a stream for
each; prints `open` when all are, and, once standard input ends, one line of JSON: how many marks
were read, and the percentiles of their age in ms. A mark is `at-<time.time()>` in an order's place.
"""

import json
import os
import re
import resource
import selectors
import socket
import sys
import time

from tests.benchmarks.figures import percentile

MARK = re.compile(rb'"at-([0-9.]+)"')
LONGEST_MARK = 64


class Ear:
    """One open stream."""

    def __init__(self, port: int, channel: str, session: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        request = (
            f"GET /live/{channel}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Cookie: sessionid={session}\r\n\r\n"
        )
        self.socket.sendall(request.encode())
        self.is_open = self.is_closed = False
        self._rest = b""

    def hear(self, now: float) -> list[float]:
        """Read what has come; gives the ages of the marks in it, in seconds."""
        received = self.socket.recv(65536)
        self.is_closed = not received
        text = self._rest + received
        self.is_open = self.is_open or b"event: open" in text
        marks = list(MARK.finditer(text))
        end = marks[-1].end() if marks else 0
        # A mark may come in two pieces.
        self._rest = text[max(end, len(text) - LONGEST_MARK) :]
        return [now - float(mark[1]) for mark in marks]


def main() -> None:
    port, channel = int(sys.argv[1]), sys.argv[2]
    _open_many_files()
    sessions = list(iter(sys.stdin.readline, "\n"))
    waiting = selectors.DefaultSelector()
    ears = [Ear(port, channel, session.strip()) for session in sessions]
    for ear in ears:
        waiting.register(ear.socket, selectors.EVENT_READ, ear)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    ages: list[float] = []
    is_told = is_over = False
    while not is_over:
        for key, _ in waiting.select():
            if key.data is None:
                is_over = not os.read(0, 1024)
            else:
                ages += key.data.hear(time.time())
                if key.data.is_closed:
                    waiting.unregister(key.fileobj)
        if not is_told and all(ear.is_open for ear in ears):
            is_told = True
            print("open", flush=True)  # noqa: T201 - its starter reads it
    p50, p99 = (percentile(ages, percent) * 1000 for percent in (50, 99)) if ages else (0.0, 0.0)
    print(json.dumps({"count": len(ages), "p50": p50, "p99": p99}), flush=True)  # noqa: T201


def _open_many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))


if __name__ == "__main__":
    main()
