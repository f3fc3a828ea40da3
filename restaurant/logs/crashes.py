"""What ends a process or a thread, as a line like any other."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import structlog

log = structlog.get_logger()


def tell() -> None:
    """Have Python say in our form what nobody caught."""
    sys.excepthook = _process
    threading.excepthook = _thread
    sys.unraisablehook = _unraisable


@contextmanager
def told() -> Iterator[None]:
    """End the process by a line where `multiprocessing` would print a traceback by itself."""
    try:
        yield
    except Exception:
        log.critical("process_crashed", exc_info=True)
        raise SystemExit(1) from None


def _process(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("process_crashed", exc_info=(kind, error, traceback))


def _thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is None or found.exc_type is SystemExit:
        return
    log.critical(
        "thread_crashed",
        thread=found.thread.name if found.thread else "",
        exc_info=(found.exc_type, found.exc_value, found.exc_traceback),
    )


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    error = found.exc_value
    log.error(
        "exception_ignored",
        place=found.err_msg or "",
        exc_info=(found.exc_type, error, found.exc_traceback) if error else False,
    )
