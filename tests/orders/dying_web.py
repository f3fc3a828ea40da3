"""A web process that dies as by `kill -9` at a given step, in the middle of its first POST.

    python -m tests.orders.dying_web PORT                               lives on
    python -m tests.orders.dying_web PORT orders.placing._insert after  dies when that returns
    python -m tests.orders.dying_web PORT answered FILE                 dies with its answer in FILE

Its users are their tokens. It is one process with real threads; its database is a real one.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from unittest.mock import patch
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 256


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's name
        """The application has its own lines."""


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(name: str, when: str) -> Any:
    """Have a function by its dotted name kill the process, before it does anything or after."""
    module, _, attribute = name.rpartition(".")
    real = getattr(import_module(module), attribute)

    def dies(*args: Any, **kwargs: Any) -> None:
        if when == "after":
            real(*args, **kwargs)
        die()

    return patch(name, dies).start()


def unanswered(application: Application, file: Path) -> Application:
    """Have a POST's answer written to a file, and nobody told."""

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = b"".join(application(environ, start))
        if environ["REQUEST_METHOD"] == "POST":
            file.write_bytes(body)
            die()
        return [body]

    return answer


def user_of(token: str) -> Any:
    from auth_grpc.authentication import TokenUser

    nothing: frozenset[str] = frozenset()
    return TokenUser(UUID(token), UUID(token), nothing, nothing, is_staff=False)


def main(port: str, step: str = "", detail: str = "") -> None:
    application: Application = get_wsgi_application()
    patch("auth_grpc.authentication.user_of", user_of).start()
    if step == "answered":
        application = unanswered(application, Path(detail))
    elif step:
        dying(step, detail)
    with make_server("127.0.0.1", int(port), application, Server, Quiet) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
