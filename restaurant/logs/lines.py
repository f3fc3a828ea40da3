"""Where our own JSON lines go: to the same stream as the libraries', each one whole."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class Lines:
    """A logger for structlog that writes finished lines."""

    def __init__(self, handler: "logging.StreamHandler[Any]") -> None:
        self._handler = handler

    @classmethod
    def factory(cls, handler: logging.Handler) -> Callable[..., "Lines"]:
        """Give structlog's `logger_factory` that writes to this handler's stream."""
        assert isinstance(handler, logging.StreamHandler)  # noqa: S101 - configured beside it
        return lambda *_names: cls(handler)

    def write(self, line: str) -> None:
        handler = self._handler
        assert handler.lock  # noqa: S101 - handlers have one
        # A reader that is gone must not end a process.
        with handler.lock, suppress(OSError, ValueError):
            handler.stream.write(line + "\n")
            handler.flush()

    debug = info = warning = error = critical = exception = write
