"""What a log line says of an exception."""

import logging
import sys

import pytest
from structlog.stdlib import ProcessorFormatter

from restaurant import logs

pytestmark = pytest.mark.once


@pytest.fixture
def handler() -> logging.Handler:
    return next(
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )


@pytest.mark.parametrize("readable", [True, False])
def test_it_tells_where_and_why_but_not_what_variables_held(
    readable: bool, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: logs.configure(level="INFO", readable=True))
    logs.configure(level="INFO", readable=readable)
    handler = request.getfixturevalue("handler")

    def fail(password: str) -> None:
        raise ValueError(len(password))

    try:
        fail("".join(reversed("hsifdrows")))
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    said = handler.format(record)
    assert "failed" in said
    assert "ValueError: 9" in said
    assert "in fail" in said
    assert "swordfish" not in said
