"""Celery tasks in the logs: each one's end, and the request that asked for it.

The request's id travels in the message's headers; what the clock starts has none.
"""

import logging
import time
from typing import Any

import structlog
from celery.signals import (
    before_task_publish,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    task_retry,
    worker_init,
)
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from restaurant.monitor import metrics

log = structlog.get_logger()
CARRIED = ("request_id", "correlation_id", "order_id")
# In a message's headers, whose other names are Celery's.
HEADER = "restaurant_ids"


def follow() -> None:
    """Have this process's Celery carry ids and tell of tasks, in our form alone."""
    setup_logging.connect(_leave_logging, dispatch_uid=__name__)
    worker_init.connect(_say_in_our_form, dispatch_uid=__name__)
    before_task_publish.connect(_carry, dispatch_uid=__name__)
    task_prerun.connect(_begin, dispatch_uid=__name__)
    task_postrun.connect(_end, dispatch_uid=__name__)
    task_retry.connect(_tell_retry, dispatch_uid=__name__)
    task_failure.connect(_tell_failure, dispatch_uid=__name__)


def _leave_logging(**_: Any) -> None:
    """Do nothing: where somebody listens, Celery sets up no logging of its own."""


def _say_in_our_form(**_: Any) -> None:
    """Replace what writes of a shutdown past all logging: Celery has no setting for it."""
    from celery.apps import worker

    worker.safe_say = (  # type: ignore[attr-defined]  # missing in its types
        lambda text, *_: logging.getLogger("celery.worker").info(text)
    )


def _carry(headers: dict[str, Any], **_: Any) -> None:
    known = get_contextvars()
    headers[HEADER] = {name: known[name] for name in CARRIED if name in known}


def _begin(task_id: str, task: Any, **_: Any) -> None:
    clear_contextvars()
    # Reads the message's headers, where Celery has no attribute for them.
    carried = task.request.get(HEADER) or {}
    bind_contextvars(task=task.name, task_id=task_id, **carried)
    task.request.began = time.perf_counter()


def _end(task: Any, state: str, **_: Any) -> None:
    seconds = time.perf_counter() - task.request.began
    metrics.tasks.labels(task.name, state).observe(seconds)
    log.info("task_done", state=state, ms=round(seconds * 1000, 1))
    clear_contextvars()


def _tell_retry(reason: Any, **_: Any) -> None:
    log.warning("task_retried", reason=str(reason))


def _tell_failure(exception: BaseException, **_: Any) -> None:
    log.error("task_failed", exc_info=exception)
