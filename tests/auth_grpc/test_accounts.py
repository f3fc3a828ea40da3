"""Registering and logging in over HTTP, through gRPC, into the database."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from auth_grpc import services
from auth_grpc.errors import InvalidInput
from auth_grpc.models import Role, Session, User
from tests.auth_grpc.people import EMAIL, PASSWORD, Hashes

pytestmark = pytest.mark.usefixtures("server")
REGISTER, LOGIN = "/api/v1/auth/register/", "/api/v1/auth/login/"


def register(api: APIClient, **changed: Any) -> Any:
    body = {"email": EMAIL, "password": PASSWORD, "name": "Ada", **changed}
    return api.post(REGISTER, body, format="json")


def login(api: APIClient, **changed: Any) -> Any:
    return api.post(LOGIN, {"email": EMAIL, "password": PASSWORD, **changed}, format="json")


def test_it_makes_a_customer(api: APIClient) -> None:
    answer = register(api, email=" Ada@Example.COM ")
    assert answer.status_code == 201
    user = User.objects.get()
    assert answer.json() == {"id": str(user.pk), "email": EMAIL, "name": "Ada"}
    assert [group.name for group in user.groups.all()] == [Role.CUSTOMER]
    assert not user.is_staff
    assert user.password.startswith("argon2$argon2id$")


def test_it_takes_an_email_once_whatever_its_case(api: APIClient) -> None:
    register(api)
    answer = register(api, email="ADA@example.com")
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert answer.json()["errors"][0]["pointer"] == "/email"
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"password": "short"}, "/password", "password_too_short"),
        ({"password": "password"}, "/password", "password_too_common"),
        ({"password": "7391846205"}, "/password", "password_entirely_numeric"),
        ({"password": "ada@example.com"}, "/password", "password_too_similar"),
        ({"password": "x" * 129}, "/password", "too_long"),
        ({"password": "pass\0word with nul"}, "/password", "bad_text"),
        ({"email": "nobody"}, "/email", "invalid"),
        ({"email": "a" * 250 + "@b.example"}, "/email", "too_long"),
        ({"email": None}, "/email", "null"),
        ({"email": ["a@b.example"]}, "/email", "wrong_type"),
        ({"name": "x" * 151}, "/name", "too_long"),
        ({"name": "line\nbreak"}, "/name", "bad_text"),
    ],
)
def test_it_names_what_is_wrong_and_writes_nothing(
    api: APIClient, changed: dict[str, Any], pointer: str, code: str
) -> None:
    answer = register(api, **changed)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
    assert not User.objects.exists()


def test_it_tells_of_all_mistakes_at_once(api: APIClient) -> None:
    answer = register(api, email="nobody", password="7391", name="x" * 151, age=7)
    assert {(e["pointer"], e["code"]) for e in answer.json()["errors"]} == {
        ("/age", "unknown_field"),
        ("/email", "invalid"),
        ("/name", "too_long"),
        *(("/password", f"password_{rule}") for rule in ("too_short", "entirely_numeric")),
    }


@pytest.mark.parametrize(
    ("body", "code"), [("[]", "wrong_type"), ('"text"', "wrong_type"), ("null", "null")]
)
@pytest.mark.parametrize("path", ["register", "login", "refresh", "logout"])
def test_it_says_of_a_body_that_is_no_object_what_the_others_do(
    api: APIClient, path: str, body: str, code: str
) -> None:
    answer = api.post(f"/api/v1/auth/{path}/", body, content_type="application/json")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (400, "", code)


def test_it_refuses_half_characters(api: APIClient) -> None:
    body = f'{{"email": "{EMAIL}", "password": "{PASSWORD}", "name": "\\ud800"}}'
    answer = api.post(REGISTER, body.encode(), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed"


def test_it_takes_names_in_any_script(api: APIClient) -> None:
    name = "Зоя 王 \N{WOMAN}\N{ZERO WIDTH JOINER}\N{COOKING}"
    assert register(api, name=name).json()["name"] == name


def test_it_opens_a_session(api: APIClient) -> None:
    register(api)
    answer = api.post(
        LOGIN,
        {"email": EMAIL.upper(), "password": PASSWORD},
        format="json",
        REMOTE_ADDR="203.0.113.9",
        HTTP_USER_AGENT="curl/8",
    )
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "expires_in"}
    assert answer.json()["expires_in"] == 300
    assert answer["Cache-Control"] == "no-store"
    session = Session.objects.get()
    assert (session.address, session.user_agent, session.is_open) == ("203.0.113.9", "curl/8", True)
    assert session.user.last_login == session.created_at


def test_it_tells_wrong_credentials_alike(api: APIClient) -> None:
    register(api)
    wrong = login(api, password="not the password")
    unknown = login(api, email="eve@example.com")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "wrong_credentials"
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert not Session.objects.exists()


@pytest.mark.parametrize("case", ["wrong", "unknown", "inactive", "unusable"])
def test_it_hashes_once_whatever_is_wrong(api: APIClient, hashes: Hashes, case: str) -> None:
    register(api)
    register(api, email="inactive@example.com")
    User.objects.filter(email="inactive@example.com").update(is_active=False)
    User.objects.create_user("unusable@example.com")
    asked = {
        "wrong": {"password": "not the password"},
        "unknown": {"email": "eve@example.com"},
        "inactive": {"email": "inactive@example.com"},
        "unusable": {"email": "unusable@example.com"},
    }[case]
    hashes.count = 0
    assert login(api, **asked).status_code == 401
    assert hashes.count == 1


@pytest.mark.parametrize("email", ["", "\n", "x" * 254, "' OR 1=1 --", "[]"])
def test_it_takes_any_text_for_an_email_without_harm(api: APIClient, email: str) -> None:
    assert login(api, email=email).status_code in (400, 401)


@pytest.mark.parametrize("path", ["register", "login", "refresh", "logout"])
@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", '{"email": {}}', "\xff"])
def test_it_refuses_other_bodies(api: APIClient, path: str, body: str) -> None:
    answer = api.post(
        f"/api/v1/auth/{path}/", body.encode("latin-1"), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_it_refuses_other_content_types(api: APIClient) -> None:
    answer = api.post(LOGIN, "email=a", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_it_refuses_a_body_of_ten_megabytes(api: APIClient) -> None:
    answer = register(api, name="x" * 10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert not User.objects.exists()


def test_it_makes_staff_with_a_role() -> None:
    user = services.create_staff(email="cook@example.com", password=PASSWORD, role="kitchen")
    assert user.is_staff
    assert user.has_perm("kitchen.view_ticket")
    assert not user.has_perm("orders.view_order")
    with pytest.raises(InvalidInput):
        services.create_staff(email="x@example.com", password=PASSWORD, role="customer")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "pointer", "code"),
    [
        ({"password": 123456789012}, "/password", "wrong_type"),
        ({"email": True}, "/email", "wrong_type"),
        ({"remember": True}, "/remember", "unknown_field"),
    ],
)
def test_it_takes_texts_for_texts_and_no_fields_but_its_own(
    sent: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"email": EMAIL, "password": PASSWORD, **sent}
    for path in (REGISTER, LOGIN):
        answer = APIClient().post(path, body, format="json")
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
