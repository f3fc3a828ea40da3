"""What a log line says of an exception."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog
from structlog.stdlib import ProcessorFormatter

from restaurant import logs

pytestmark = pytest.mark.once


@pytest.fixture
def configured() -> Iterator[None]:
    """Let a test configure the logs anew.

    Loggers of this process that spoke before hold on to the configuration they spoke with, the very
    object: another as good in its place would leave them deaf to what later tests change in it.
    """
    before = structlog.get_config()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    logs.configure(level="INFO", readable=True)
    structlog.configure(**before)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("readable", [True, False])
def test_it_tells_where_and_why_but_not_what_variables_held(readable: bool) -> None:
    logs.configure(level="INFO", readable=readable)
    (formatter,) = (
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )

    def fail(password: str) -> None:
        raise ValueError(len(password))

    try:
        fail("".join(reversed("hsifdrows")))
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    said = formatter.format(record)
    assert "failed" in said
    assert "ValueError: 9" in said
    assert "in fail" in said
    assert "swordfish" not in said
