"""Which ids a request gets, and that they go along where it leads."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from celery import Celery, _state
from celery.contrib.testing.worker import start_worker
from structlog.contextvars import bound_contextvars, clear_contextvars, get_contextvars

from restaurant.logs import calls, tasks
from restaurant.messaging import telling
from restaurant.request_ids import correlation_id, request_id, trace_of
from tests.messaging import toys
from tests.servers.wait import wait_until

pytestmark = pytest.mark.once

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _unbound() -> Iterator[None]:
    clear_contextvars()
    yield
    clear_contextvars()


def request(**headers: str) -> SimpleNamespace:
    return SimpleNamespace(META={f"HTTP_{name}": value for name, value in headers.items()})


def test_it_makes_an_id_once_where_none_is_sent() -> None:
    asked = request()
    made = request_id(asked)
    assert len(made) == 32
    assert request_id(asked) == correlation_id(asked) == made
    assert request_id(request()) != made


def test_the_trace_is_the_id_of_who_sends_no_other() -> None:
    asked = request(TRACEPARENT=PARENT)
    assert request_id(asked) == correlation_id(asked) == TRACE


def test_the_trace_goes_on_beside_a_request_id() -> None:
    asked = request(TRACEPARENT=PARENT, X_REQUEST_ID="proxy-7")
    assert request_id(asked) == "proxy-7"
    assert correlation_id(asked) == TRACE


@pytest.mark.parametrize(
    ("sent", "trace"),
    [
        (PARENT, TRACE),
        (f"cc-{PARENT[3:]}-what-comes", TRACE),
        (f"{PARENT}-more", ""),
        (f"ff-{PARENT[3:]}", ""),
        (PARENT.upper(), ""),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"00-{TRACE}-b7ad6b7169203331", ""),
        (PARENT + "\n", ""),
        ("", ""),
    ],
)
def test_it_takes_valid_traces_alone(sent: str, trace: str) -> None:
    assert trace_of(sent) == trace


def test_a_call_carries_them_into_the_server() -> None:
    assert calls.carried() == ()
    with bound_contextvars(request_id="proxy-7", correlation_id=TRACE):
        carried = calls.carried()
    known = _answer(carried)
    assert known == {"request_id": "proxy-7", "correlation_id": TRACE}
    # The thread keeps nothing for the next call.
    assert _answer(()) == {}


def test_a_call_believes_no_strange_id() -> None:
    assert _answer(((calls.REQUEST_ID, "a b\x7f"), (calls.TRACEPARENT, "00-1-2-3"))) == {}


def _answer(metadata: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Call a handler as a server would; gives what is bound in it."""
    seen: dict[str, Any] = {}

    def handle(_request: object, _context: object) -> None:
        seen.update(get_contextvars())

    details = SimpleNamespace(method="/toy.v1.Toy/Say", invocation_metadata=metadata)
    handler = grpc.unary_unary_rpc_method_handler(handle)
    found = calls.Bind().intercept_service(lambda _details: handler, details)  # type: ignore[arg-type]
    found.unary_unary(None, SimpleNamespace(code=lambda: None))
    return seen


@pytest.fixture
def _own_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker makes its app everybody's; tests that come later have the one that was."""
    state: Any = _state
    monkeypatch.setattr(state, "default_app", state.default_app)
    monkeypatch.setattr(state._tls, "current_app", state._tls.current_app)


@pytest.mark.usefixtures("_own_app")
def test_a_task_knows_the_request_that_asked_for_it() -> None:
    app = Celery("toy", broker="memory://", set_as_current=False)
    tasks.follow()
    known: list[dict[str, Any]] = []

    @app.task(name="toy.say")
    def say() -> None:
        known.append(dict(get_contextvars()))

    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        with bound_contextvars(request_id="proxy-7", order_id="7", other="x"):
            asked = say.delay()
        say.delay()
        wait_until(lambda: len(known) == 2, seconds=30)
    ids = {"request_id": "proxy-7", "order_id": "7"}
    assert known[0] == {**ids, "task": "toy.say", "task_id": asked.id}
    assert set(known[1]) == {"task", "task_id"}


def test_a_record_has_the_ids_of_its_order() -> None:
    record = toys.record_of(toys.created("0197a1b2-0000-7000-8000-000000000000"))
    with telling.bound(record):
        assert get_contextvars() == {
            "event_id": record.headers["ce_id"],
            "type": "order_created",
            "order_id": "0197a1b2-0000-7000-8000-000000000000",
            "correlation_id": record.headers["correlationid"],
        }
    assert get_contextvars() == {}


def test_a_request_names_the_orders_that_it_moved() -> None:
    telling.moved(["7"])
    assert get_contextvars() == {}
    with bound_contextvars(request_id="proxy-7"):
        telling.moved([])
        telling.moved(iter(["7", "7"]))
        assert get_contextvars() == {"request_id": "proxy-7", "order_id": "7"}
        telling.moved(["9", "8", "9"])
        assert get_contextvars()["order_ids"] == ["8", "9"]
