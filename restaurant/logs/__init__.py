"""Structured logs: readable lines on a development machine, JSON elsewhere.

Ours name an event, in snake_case, that stays the same for ever; what libraries say is the event
`library_said` with a `message`. Ids are bound once, where a request, a message or a task begins,
and stand in every line until it ends. The events are listed in docs/operations.md.
"""

import logging
import logging.config
from typing import Any

import structlog

from restaurant.logs import crashes
from restaurant.logs.lines import Lines, flush
from restaurant.logs.processors import foreign, json_line, redact, without_path

__all__ = ["configure", "flush"]

# Whose DEBUG lines LOG_LEVEL=DEBUG asks for; libraries' own tell queries and arguments.
OURS = ("restaurant", "auth_grpc", "orders", "kitchen", "delivery")
_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
_JSON: list[structlog.typing.Processor] = [
    structlog.processors.format_exc_info,
    redact,
    json_line,
]


def configure(*, level: str, readable: bool) -> None:
    """Send every logger, ours and the libraries', to stderr in one form."""
    logging.config.dictConfig(_configuration(level, readable=readable))
    logging.captureWarnings(capture=True)
    (handler,) = logging.getLogger().handlers
    structlog.configure(
        processors=(
            [
                *_SHARED[:2],
                structlog.stdlib.add_logger_name,
                *_SHARED[2:],
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ]
            if readable
            else [*_SHARED, *_JSON]
        ),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Past the standard library's records, a line costs a third.
        logger_factory=structlog.stdlib.LoggerFactory() if readable else Lines.factory(handler),
        cache_logger_on_first_use=True,
    )
    if not readable:
        crashes.tell()


def _configuration(level: str, *, readable: bool) -> dict[str, Any]:
    renderer: list[structlog.typing.Processor] = _JSON
    if readable:
        # Rich's tracebacks show what variables held, passwords too, and take 0.4 s each.
        renderer = [
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    # Libraries tell at INFO what ours tell better, as each task of Celery.
    libraries = "INFO" if level == "DEBUG" else "WARNING" if level == "INFO" else level
    chain = [*_SHARED[:2], structlog.stdlib.add_logger_name, *_SHARED[2:], without_path]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": chain if readable else [*chain, foreign],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
        "root": {"handlers": ["stderr"], "level": libraries},
        "loggers": {
            **{name: {"level": level} for name in OURS},
            # What it says of a request is in `request_failed` and `request_answered`.
            "django.request": {"level": "CRITICAL"},
            # Failed and retried tasks are told by `restaurant.logs.tasks`.
            "celery.app.trace": {"level": "CRITICAL"},
            # Granian and uvicorn bring handlers of their own.
            **{
                name: {"handlers": [], "propagate": True}
                for name in ("_granian", "uvicorn", "uvicorn.error")
            },
        },
    }
