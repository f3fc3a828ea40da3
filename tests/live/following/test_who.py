"""Who may follow which order, for how long, and how many at once."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as own_settings
from django.utils import timezone

from auth_grpc import services
from auth_grpc.models import Role, StaffSession
from auth_grpc.server import Server
from orders.models import Order
from proto.kitchen_pb2 import OrderAccepted
from tests.live.following.ground import (
    EVENT_STREAM,
    Person,
    ask,
    follow,
    join,
    log_in,
    move,
    path_of,
    place,
)
from tests.live.ground import LiveProcess, sign_in, user
from tests.live.listener import Listener
from tests.problems.test_languages import is_russian
from tests.servers.wait import wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "orders"])

WAYS: tuple[dict[str, Any], ...] = (
    {"query": ""},
    {"query": "wait=5&after=1"},
    {"Accept": EVENT_STREAM},
)


def test_it_shows_an_order_to_its_customer_and_to_staff_who_may_look(
    live: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    support, cook = log_in(user(Role.SUPPORT)), log_in(user(Role.KITCHEN))
    for way in WAYS:
        for stranger in (join(), cook):
            refused = ask(live, order, stranger, **way)
            assert refused.status == 404
            assert refused.body()["code"] == "not_found"
            assert str(customer.id) not in json.dumps(refused.body())
        assert ask(live, customer.id, customer, **way).status == 404
        nobody = ask(live, order, **way)
        assert nobody.status == 401
        assert nobody.headers["www-authenticate"] == 'Bearer realm="api"'
        assert nobody.body()["code"] == "not_authenticated"
    follow(live, order, support).next("order_created")
    follow(live, order, customer).next("order_created")


def test_it_refuses_what_is_no_token(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    for shown in ("Bearer", "Bearer x", f"Bearer {customer.refresh}", f"Basic {customer.token}"):
        refused = ask(live, order, Authorization=shown)
        assert refused.status == 401, shown
        assert refused.headers["content-type"] == "application/problem+json"
        # As the web process says it.
        is_told = refused.headers["www-authenticate"] == 'Bearer realm="api", error="invalid_token"'
        assert is_told is shown.startswith("Bearer"), shown
    assert ask(live, order, Authorization=f"bearer {customer.token}").status == 200


def test_it_takes_the_session_of_the_staff_site(live: LiveProcess, customer: Person) -> None:
    path = path_of(place(customer))
    support, cook = sign_in(user(Role.SUPPORT)), sign_in(user(Role.KITCHEN))
    assert Listener(live.port, path=path, session=support).status == 200
    assert Listener(live.port, path=path, session=cook).status == 404
    assert Listener(live.port, path=path, session="a" * 32).status == 401


def test_it_ends_within_10_seconds_of_the_tokens_end(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    stream = follow(live, order, customer)
    stream.next("order_created")
    other = follow(live, place(somebody := join()), somebody)
    services.logout(customer.refresh, now=timezone.now())
    began = time.monotonic()
    assert stream.next("end").data == {"why": "token"}
    assert time.monotonic() - began < 10
    stream.wait_closed()
    move(order, OrderAccepted)
    assert ask(live, order, customer, Accept=EVENT_STREAM, Last_Event_ID="1").status == 401
    other.hear(1)
    assert not other.is_closed


def test_it_ends_within_10_seconds_of_a_tokens_last_second(
    live: LiveProcess, customer: Person, settings: Any
) -> None:
    order = place(customer)
    # A process that has asked the auth service before lets the next in well before its token ends.
    follow(live, order, customer).next("order_created")
    settings.ACCESS_TOKEN_LIFETIME = timedelta(seconds=4)
    expires = time.monotonic() + 4
    stream = follow(live, order, log_in(customer.user))
    stream.next("order_created")
    assert stream.next("end", seconds=15).data == {"why": "token"}
    assert time.monotonic() - expires < 10
    stream.wait_closed()


def test_it_ends_a_wait_within_10_seconds_of_the_tokens_end(
    live: LiveProcess, customer: Person
) -> None:
    def log_out() -> None:
        services.logout(customer.refresh, now=timezone.now())

    order = place(customer)
    timer = threading.Timer(0.5, log_out)
    timer.start()
    began = time.monotonic()
    refused = ask(live, order, customer, query="after=1&wait=30")
    assert 0.4 < time.monotonic() - began < 10
    assert (refused.status, refused.body()["code"]) == (401, "invalid_token")
    timer.join()


def test_it_ends_a_wait_with_the_session_that_it_was_begun_with(
    live: LiveProcess, customer: Person
) -> None:
    session = sign_in(user(Role.SUPPORT))
    timer = threading.Timer(0.5, StaffSession.objects.filter(pk=session).delete)
    path = path_of(place(customer), "after=1&wait=30")
    timer.start()
    refused = Listener(live.port, path=path, session=session)
    assert (refused.status, refused.body()["code"]) == (401, "not_authenticated")
    timer.join()


def test_it_tells_who_was_sent_on_that_the_token_was_left_behind(
    live: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    hint = "clients drop it when they are sent on to another origin"
    assert hint in ask(live, order).body()["detail"]
    for shown in ("Basic eDp5", f"Bearer {customer.token}x"):
        assert hint not in ask(live, order, Authorization=shown).body()["detail"]


def test_it_speaks_the_clients_language(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    for asked_for, language, text in (
        ("ru-RU, en;q=0.5", "ru", "адрес."),
        ("fi, en", "en", "Send it again to this address."),
        ("", "en", "Send it again to this address."),
        ("de, ru;q=0", "en", "Send it again to this address."),
    ):
        refused = ask(live, order, Accept_Language=asked_for)
        assert refused.headers["content-language"] == language
        assert text in refused.body()["detail"]
    for stranger in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        refused = ask(live, order, customer, Accept_Language="ru", **stranger)
        assert is_russian(refused.body()["detail"])
    own = ask(live, order, Accept_Language="ru", Cookie="django_language=en")
    assert own.headers["content-language"] == "en"


def test_it_ends_when_the_right_to_look_is_taken(live: LiveProcess, customer: Person) -> None:
    person = user(Role.SUPPORT)
    stream = follow(live, place(customer), log_in(person))
    stream.next("order_created")
    person.groups.clear()
    assert stream.next("end", seconds=10).data == {"why": "rights"}


def test_it_ends_when_it_cannot_be_asked_who_listens(
    live: LiveProcess, customer: Person, auth: Server
) -> None:
    order = place(customer)
    stream = follow(live, order, customer)
    stream.next("order_created")
    auth.drain(0)
    began = time.monotonic()
    assert stream.next("end", seconds=12).data == {"why": "unverified"}
    assert time.monotonic() - began < 10
    refused = ask(live, order, customer, Accept=EVENT_STREAM)
    assert refused.status == 503
    assert refused.headers["retry-after"] == "1"
    assert refused.body()["code"] == "auth_unavailable"


def test_who_cannot_be_asked_about_ends_nobody_else(
    cold: LiveProcess, customer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_answered, verify = threading.Event(), services.verify
    lost, other = join(), join()

    def slow(token: str) -> Any:
        if token == lost.token:
            is_answered.wait(30)
        return verify(token)

    live = cold.start(AUTH_GRPC_TIMEOUT="30")
    order = place(customer)
    followed = follow(live, order, customer)
    stuck = follow(live, place(lost), lost)
    # The auth service, which this process serves.
    monkeypatch.setattr(services, "verify", slow)
    try:
        assert stuck.next("end", seconds=12).data == {"why": "unverified"}
        newcomer = follow(live, place(other), other)
        move(order, OrderAccepted)
        followed.next("order_accepted")
        newcomer.next("order_created")
        services.logout(customer.refresh, now=timezone.now())
        assert followed.next("end").data == {"why": "token"}
        assert not newcomer.is_closed
    finally:
        is_answered.set()


def test_it_bounds_how_many_follow(cold: LiveProcess, customer: Person) -> None:
    live = cold.start(LIVE_FOLLOWERS_PER_USER="2", LIVE_FOLLOWERS="3")
    orders = [place(customer) for _ in range(3)]
    first, _second = (follow(live, order, customer) for order in orders[:2])
    for way in WAYS[1:]:
        refused = ask(live, orders[2], customer, **way)
        assert refused.status == 429
        assert refused.body()["code"] == "too_many_streams"
        assert int(refused.headers["retry-after"]) > 0
    # A list holds nothing.
    assert ask(live, orders[2], customer).status == 200
    _third = follow(live, place(other := join()), other)
    crowded = ask(live, place(last := join()), last, Accept=EVENT_STREAM)
    assert crowded.status == 503
    assert crowded.body()["code"] == "unavailable"
    first.close()
    # The process hears of it in its own time.
    again = wait_until(lambda: let_in(live, orders[2], customer))
    assert again
    again.next("order_created")


def let_in(live: LiveProcess, order: Order, person: Person) -> Listener | None:
    """Open a stream; none when it is refused because there are too many."""
    listener = ask(live, order, person, Accept=EVENT_STREAM)
    if listener.status == 200:
        return listener
    assert listener.status == 429
    listener.close()
    return None


def test_it_names_neither_the_order_nor_the_token_in_its_log(
    live: LiveProcess, customer: Person
) -> None:
    ask(live, place(customer), customer, query="after=0").body()
    # A thread writes it, once the answer has been sent.
    wait_until(lambda: "route=api/v1/orders/<uuid:order_id>/events/" in live.log)
    assert customer.token not in live.log


def test_it_lets_pages_of_its_own_site_ask_and_no_others(
    live: LiveProcess, customer: Person
) -> None:
    order, own = place(customer), f"http://127.0.0.1:{live.port}"
    preflight = ask(live, order, method="OPTIONS", Origin=own)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == own
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    assert preflight.headers["allow"] == "GET, HEAD, OPTIONS"
    assert ask(live, order, customer, Origin=own).headers["access-control-allow-origin"] == own
    refused = ask(live, order, customer, Origin="https://evil.example")
    assert refused.status == 403
    assert refused.body()["code"] == "origin_denied"


def test_it_answers_no_other_method(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    refused = ask(live, order, customer, method="POST")
    assert refused.status == 405
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert ask(live, order, customer, method="HEAD").status == 200
    assert ask(live, order, customer, method="HEAD", Accept=EVENT_STREAM).status == 200


def test_it_answers_in_the_form_that_is_wanted_most(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    for accept in ("application/json, text/event-stream;q=0.1", "text/html, */*;q=0.8"):
        listed = ask(live, order, customer, Accept=accept)
        assert (listed.status, listed.headers["content-type"]) == (200, "application/json")
    for way in WAYS[:2]:
        refused = ask(live, order, customer, Accept="application/xml", **way)
        assert (refused.status, refused.body()["code"]) == (406, "not_acceptable")
        assert "application/json here, and text/event-stream." in refused.body()["detail"]
    # An empty one asks for nothing.
    assert ask(live, order, customer, Accept=" ").status == 200
    assert ask(live, order, customer, query="format=json").status == 200


def test_it_says_that_it_is_another_answer_to_who_accepts_another(
    live: LiveProcess, customer: Person
) -> None:
    order = place(customer)
    for way in WAYS:
        for person in (customer, None):
            told = ask(live, order, person, **way)
            assert "Accept" in told.headers["vary"].split(", ")
    assert "vary" not in ask(live, order, method="OPTIONS").headers


def test_it_leads_to_what_explains_its_problems(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    kind = ask(live, order).body()["type"]
    led = Listener(live.port, path=kind)
    assert led.status == 307
    assert led.headers["location"] == f"http://127.0.0.1:{own_settings.PORT}{kind}"
    assert Listener(live.port, path="/problems/").status == 307
    for path in ("/problems/../admin/", "/problems/x/y/", "/problems//evil.example/"):
        assert Listener(live.port, path=path).status == 404
    named = Listener(live.port, path=kind, headers={"Host": "evil.example"})
    assert named.status == 400


def test_it_leads_to_where_people_are_led(cold: LiveProcess, customer: Person) -> None:
    live = cold.start(PUBLIC_URL="https://order.example")
    led = Listener(live.port, path="/problems/throttled/")
    assert led.headers["location"] == "https://order.example/problems/throttled/"


def test_it_refuses_what_it_cannot_read(live: LiveProcess, customer: Person) -> None:
    order = place(customer)
    for query, code in {
        "since=1": "unknown_parameter",
        "after=-1": "invalid",
        "after=1&after=2": "repeated_parameter",
        "wait=31": "invalid",
        "wait=": "invalid",
    }.items():
        refused = ask(live, order, customer, query=query, Accept_Language="ru")
        problem = refused.body()
        assert (refused.status, problem["code"]) == (400, code), query
        for text in (problem["detail"], *(error["detail"] for error in problem["errors"])):
            assert is_russian(text), text


def test_it_knows_no_orders_where_it_does_not_serve_them(
    cold: LiveProcess, customer: Person
) -> None:
    live = cold.start(SERVICES="auth_grpc,kitchen")
    assert ask(live, place(customer), customer).status == 404
