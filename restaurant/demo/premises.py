"""Where the day takes place: a system that the demo starts, or one that already runs."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

from restaurant.demo import house
from restaurant.demo.http import Api, Unreachable
from restaurant.supervisor import Supervisor, to_files

READY_SECONDS = 120
LOG_DIRECTORY = "log"
Say = Callable[[str], None]
Sink = Callable[[str, str], None]


def log_directory() -> Path:
    """Give the directory in which each process has its log file while the demo runs."""
    return Path(settings.VAR_DIR) / LOG_DIRECTORY


@contextmanager
def opened(*, env: Mapping[str, str], say: Say, warn: Say) -> Iterator[str]:
    """Start every process and furnish the restaurant; stops them all in the end.

    Gives the base URL. `env` is added to the processes' environment, `say` hears each step, and
    `warn` what goes wrong later. Raises `UpError`: a port in use before anything is started.
    """
    says = Says(to_files(log_directory()), warn)
    _log_to(log_directory() / "demo.log")
    supervisor = Supervisor(env=env, sink=says)
    watching = threading.Thread(target=supervisor.run, name="supervisor", daemon=True)
    try:
        supervisor.start()
        watching.start()
        say("Furnishing the restaurant")
        house.furnish()
        connections.close_all()
        say("Waiting for every process to be ready")
        supervisor.wait_ready(READY_SECONDS)
        says.is_open = True
        yield supervisor.base_url
    finally:
        says.is_open = False
        supervisor.stop()


@contextmanager
def found(base_url: str, *, say: Say) -> Iterator[str]:
    """Go to a system that runs; a new one, whose databases are configured here, is furnished first.

    Gives the base URL.
    """
    if house.is_new() and _has_no_menu(base_url):
        say("The restaurant is empty: laying in a menu, stations and couriers")
        house.lay_in()
    connections.close_all()
    yield base_url


def _has_no_menu(base_url: str) -> bool:
    """Tell whether guests are shown an empty menu there: the databases here could be another's."""
    api = Api(base_url)
    try:
        answer = api.call("GET", "menu/")
    except Unreachable:
        return False
    finally:
        api.close()
    return answer.status == 200 and not answer.body["categories"]


class Says:
    """A sink that keeps the processes' lines in files, and passes on the supervisor's own."""

    def __init__(self, files: Sink, warn: Say) -> None:
        self._files = files
        self._warn = warn
        self.is_open = False

    def __call__(self, name: str, line: str) -> None:
        self._files(name, line)
        if self.is_open and name == "up":
            self._warn(line)


def _log_to(path: Path) -> None:
    """Keep this process's own log off the screen."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(path.open("w", buffering=1))
