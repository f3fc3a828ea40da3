"""Web's first process: it holds granian's workers, ends them in order, and is asked how they are.

    python -m restaurant.web --host 127.0.0.1 --port 8000 --workers 2 --threads 24

Started by `manage.py run_web`, which has looked at the settings and has it take its place: without
Django, which the workers alone need.
"""

import argparse
import json
import os
import signal
import tempfile
import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from restaurant import logs
from restaurant.monitor import draining
from restaurant.monitor.server import Monitor, Views

# An idle thread that ends takes its database connections with it.
IDLE_SECONDS = 600
KILL_SECONDS = 3
ANSWER_SECONDS = 3.0
REACHED_AT = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Workers:
    """What web's port says of the workers behind it."""

    def __init__(self, host: str, port: int, *, stuck_seconds: float) -> None:
        self._place = (REACHED_AT.get(host, host), port)
        self._stuck_seconds = stuck_seconds
        # When it was first without an answer that nobody has given since.
        self._silent_since: float | None = None

    def needs(self) -> dict[str, str]:
        try:
            body = json.loads(self._get("/readyz"))
        except (OSError, HTTPException, ValueError):
            return {"web": "unavailable"}
        return {"web": "ok", **body["needs"]}

    def why_not_live(self) -> str:
        """Say so when no worker has answered for long: one that is busy answers in between."""
        try:
            self._get("/livez")
        except (OSError, HTTPException):
            now = time.monotonic()
            self._silent_since = self._silent_since or now
            silent = now - self._silent_since
            return f"No worker has answered for {silent:.0f} s." * (silent >= self._stuck_seconds)
        self._silent_since = None
        return ""

    def _get(self, path: str) -> bytes:
        connection = HTTPConnection(*self._place, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="web-", dir=options.directory or None) as shared:
        # Before the workers are started, which take it from the environment.
        draining.share(shared)
        _serve(options, shared)


def _serve(options: argparse.Namespace, shared: str) -> None:
    server = Granian(
        options.application,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        blocking_threads_idle_timeout=IDLE_SECONDS,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
        log_level=LogLevels.error,
    )
    # Granian's own lines in our form; it has just set up another.
    logs.configure(level=options.log_level, readable=options.readable)
    server.on_startup(lambda: _drain_on_signals(options.drain))
    monitor = None
    if options.monitor:
        workers = Workers(options.host, options.port, stuck_seconds=options.stuck)
        # Not before the directory is known, which its library reads when it is loaded.
        from restaurant.monitor.exposition import of_workers

        views = Views(
            workers.why_not_live, workers.needs, metrics=lambda: of_workers(shared, views)
        )
        monitor = Monitor(options.monitor, views).start()
    try:
        server.serve()
    finally:
        if monitor:
            monitor.stop()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="restaurant.web")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--drain", type=float, default=0.0)
    parser.add_argument("--monitor", default="")
    parser.add_argument("--stuck", type=float, default=60.0)
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--readable", action="store_true", help="lines for people, not JSON")
    # Where the directory is made in which it meets its workers; a temporary place unless said.
    parser.add_argument("--directory", default="")
    parser.add_argument("--application", default="restaurant.wsgi:application")
    return parser.parse_args(arguments)


def _drain_on_signals(seconds: float) -> None:
    """Hear signals in granian's place, which would stop its workers at once; obey the second one.

    In a thread, told by Python's wakeup descriptor: the main thread sleeps on a lock, and where the
    kernel gives a signal to another thread, it would hear of it when it is too late.
    """
    stop: Any = signal.getsignal(signal.SIGTERM)
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    # What workers hear is not for this process.
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)

    def hear() -> None:
        while number := os.read(heard, 1):
            if number[0] not in SIGNALS:
                continue
            is_first = not draining.is_draining()
            draining.begin()
            if is_first and seconds:
                timer = threading.Timer(seconds, stop)
                timer.daemon = True
                timer.start()
            else:
                stop()

    threading.Thread(target=hear, name="signals", daemon=True).start()


if __name__ == "__main__":
    main()
