"""What a client is told of limits, and what happens to one who does not keep to them."""

from typing import Any

import pytest
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from orders.models import Order
from restaurant.environment.formats import Rate
from restaurant.limits import policies
from tests.blocks import only
from tests.limits.ground import limits_of
from tests.orders.people import client_of, post, user

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu", "placed_here"),
]
ORDERS, MENU, LOGIN = "/api/v1/orders/", "/api/v1/menu/", "/api/v1/auth/login/"
THREE = Rate(3, 3600)
DOCUMENTED = only("operations.md", "Limits")


@pytest.fixture(autouse=True)
def _counting(counting: Any) -> None: ...


def refused_total(limit: str) -> float:
    name = "restaurant_http_requests_limited_total"
    return REGISTRY.get_sample_value(name, {"limit": limit}) or 0


def test_each_answer_says_how_its_client_stands(settings: Any) -> None:
    # So slow that nothing comes back between two requests.
    settings.LIMIT_ORDERING = Rate(600, 86_400)
    api = client_of(user())
    for left in (599, 598):
        answer = post(api)
        assert answer.status_code == 201
        assert answer["RateLimit-Policy"] == '"ordering";q=600;w=86400'
        assert answer["RateLimit"].startswith(f'"ordering";r={left};t=')
    assert limits_of(api.get(ORDERS))["name"] == "reading"


def test_it_stands_so_at_first_as_the_handbook_shows() -> None:
    answer = post(client_of(user()))
    told = [f"{name}: {answer[name]}\n" for name in ("RateLimit-Policy", "RateLimit")]
    assert "".join(told) == DOCUMENTED.text


def test_who_has_used_a_limit_up_is_told_when_to_come_again(settings: Any) -> None:
    settings.LIMIT_ORDERING = THREE
    before, api = refused_total("ordering"), client_of(user())
    assert [post(api).status_code for _ in range(4)] == [201, 201, 201, 429]
    answer = post(api)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
    assert 1 <= int(answer["Retry-After"]) <= 1200
    assert limits_of(answer)["r"] == 0
    assert answer["RateLimit-Policy"] == '"ordering";q=3;w=3600'
    assert Order.objects.count() == 3
    assert refused_total("ordering") == before + 2


def test_it_holds_up_nobody_else_and_nothing_else(settings: Any) -> None:
    settings.LIMIT_ORDERING = THREE
    api = client_of(user())
    assert [post(api).status_code for _ in range(4)][-1] == 429
    assert api.get(ORDERS).status_code == 200
    # Another user at the same address.
    assert post(client_of(user())).status_code == 201


def test_mistakes_are_counted_too(settings: Any) -> None:
    settings.LIMIT_ORDERING = settings.LIMIT_READING = THREE
    api = client_of(user())
    absent = f"{ORDERS}01977777-7777-7777-8777-777777777777/"
    assert [api.get(absent).status_code for _ in range(4)] == [404, 404, 404, 429]
    assert [post(api, {}).status_code for _ in range(4)] == [400, 400, 400, 429]


def test_who_is_not_let_in_is_counted_by_address(settings: Any) -> None:
    settings.LIMIT_REFUSED = THREE
    nobody, stranger = APIClient(), client_of(user())
    assert [post(nobody).status_code for _ in range(3)] == [401, 401, 401]
    answer = post(nobody)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert limits_of(answer)["name"] == "refused"
    assert int(answer["Retry-After"]) >= 1
    # Without the right, and from the same address.
    assert stranger.get("/api/v1/kitchen/tickets/").status_code == 429
    # With it, or elsewhere, nothing has changed.
    assert post(stranger).status_code == 201
    assert nobody.get(ORDERS, REMOTE_ADDR="203.0.113.9").status_code == 401


def test_without_a_user_the_address_is_counted(settings: Any) -> None:
    settings.LIMIT_READING = THREE
    first, second = APIClient(REMOTE_ADDR="2001:db8::1"), APIClient(REMOTE_ADDR="2001:db8::2")
    assert [first.get(MENU).status_code for _ in range(3)] == [200, 200, 200]
    # One network is one client's.
    assert second.get(MENU).status_code == 429
    assert APIClient(REMOTE_ADDR="2001:db8:0:1::1").get(MENU).status_code == 200
    assert APIClient(REMOTE_ADDR="").get(MENU).status_code == 200


def test_it_believes_the_proxy_alone_about_addresses(settings: Any) -> None:
    settings.LIMIT_READING = THREE
    forged = [
        APIClient().get(MENU, headers={"X-Forwarded-For": f"203.0.113.{i}"}) for i in range(4)
    ]
    assert [answer.status_code for answer in forged] == [200, 200, 200, 429]


def test_logins_are_limited_by_address_whoever_is_named(settings: Any) -> None:
    settings.LIMIT_LOGIN, settings.LIMIT_REGISTERING = THREE, THREE
    for path, name in ((LOGIN, "login"), ("/api/v1/auth/register/", "registering")):
        answers = [
            APIClient().post(path, {"email": f"{i}@example.com", "password": "x"}, format="json")
            for i in range(4)
        ]
        # Auth is away; what counts is that it was asked for.
        assert [answer.status_code for answer in answers[:3]] != [429] * 3
        assert answers[3].status_code == 429
        assert limits_of(answers[3])["name"] == name


def test_it_can_be_switched_off(settings: Any) -> None:
    settings.LIMITS, settings.LIMIT_ORDERING, settings.LIMIT_REFUSED = False, THREE, THREE
    for answer in (*[post(client_of(user())) for _ in range(5)], *[post(APIClient())] * 5):
        assert answer.status_code in (201, 401)
        assert not answer.has_header("RateLimit")


def test_without_redis_nobody_is_refused(settings: Any, counting: Any) -> None:
    settings.LIMIT_ORDERING = THREE
    counting.kill()
    api = client_of(user())
    answers = [post(api) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 5
    assert not any(answer.has_header("RateLimit") for answer in answers)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/v1/menu/", "reading"),
        ("HEAD", "/api/v1/orders/", "reading"),
        ("POST", "/api/v1/orders/", "ordering"),
        ("POST", "/api/v1/orders/<uuid:order_id>/cancel/", "ordering"),
        ("POST", "/api/v1/menu/<sku:sku>/availability/", "devices"),
        ("PATCH", "/api/v1/kitchen/stations/<str:code>/", "devices"),
        ("POST", "/api/v1/auth/login/", "login"),
        ("POST", "/api/v1/auth/refresh/", "login"),
        ("POST", "/api/v1/auth/register/", "registering"),
        ("GET", "/api/schema/", "reading"),
    ],
)
def test_each_route_has_its_limit(method: str, path: str, name: str) -> None:
    assert policies.policy_of(method, path.removeprefix("/")).name == name


def test_the_schema_tells_of_limits_everywhere() -> None:
    schema = APIClient().get("/api/schema/", headers={"Accept": "application/json"}).json()
    assert set(schema["components"]["headers"]) == {"RateLimit-Policy", "RateLimit", "Retry-After"}
    operations = [o for path in schema["paths"].values() for o in path.values() if "responses" in o]
    assert len(operations) > 10
    for operation in operations:
        refused = operation["responses"]["429"]
        # Most refer to what all share.
        name = refused.get("$ref", "").rpartition("/")[2]
        refused = schema["components"]["responses"].get(name, refused)
        assert "application/problem+json" in refused["content"]
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(refused["headers"])
        # Of a request that nobody counted, as one refused before its limit, there is none to tell.
        done = [told for status, told in operation["responses"].items() if status[0] == "2"]
        assert all("RateLimit" in told["headers"] for told in done)


def test_what_is_refused_before_it_is_counted_says_nothing_of_it() -> None:
    api = client_of(user())
    schema = api.get("/api/schema/", headers={"Accept": "application/json"}).json()
    shared = schema["components"]["responses"]
    for name, answer in {
        "BodyTooLarge": api.post(ORDERS, "x" * 70_000, content_type="application/json"),
        "LengthRequired": api.post(ORDERS, {}, headers={"Transfer-Encoding": "chunked"}),
        "NotAcceptable": api.get(MENU, headers={"Accept": "image/png"}),
    }.items():
        assert not answer.has_header("RateLimit"), name
        assert "RateLimit" not in shared[name].get("headers", {}), name
    missing = api.get(f"{ORDERS}01977777-7777-7777-8777-777777777777/")
    assert missing.has_header("RateLimit")
    assert "RateLimit" in shared["NotFound"]["headers"]


def test_what_has_not_changed_says_it_too() -> None:
    api = client_of(user())
    etag = api.get(MENU)["ETag"]
    answer = api.get(MENU, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert limits_of(answer)["name"] == "reading"
