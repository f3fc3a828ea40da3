"""What the API's pages and OPTIONS tell of each POST: a form is taken as it stands, by who may."""

import html
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client

from tests.access.ground import Ground, hire, lay
from tests.access.table import INSIDE, OTHERS, OWN, TABLE, Rule
from tests.access.test_matrix import address, taken_back
from tests.openapi.schema import schema

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
    pytest.mark.usefixtures("server", "menu", "placed_here"),
    pytest.mark.once,
]
POSTS = {route: rules["POST"] for route, rules in TABLE.items() if "POST" in rules}
# Of accounts, after the one of the example was made; nobody knows the example's token.
ACCOUNTS = {"register": 409, "login": 200, "refresh": 401, "logout": 401}
TEXTAREA = re.compile(r"<textarea[^>]*>(.*?)</textarea>", re.DOTALL)


class Person:
    """Somebody at their browser, logged in there or not."""

    def __init__(self, user: Any) -> None:
        self._client = Client(headers={"Accept": "text/html"}, enforce_csrf_checks=True)
        if user:
            self._client.force_login(user)

    def open(self, path: str) -> str:
        page = self._client.get(path)
        assert page.status_code == 200, (path, page.status_code)
        return page.content.decode()

    def send(self, path: str, page: str) -> Any:
        """Send what a page's form holds, as its script does."""
        assert "data-send" in page, path
        found = TEXTAREA.search(page)
        headers = {
            "Accept": "application/json",
            "X-CSRFToken": self._client.cookies["csrftoken"].value,
        }
        if found is None:
            return self._client.generic("POST", path, content_type="", headers=headers)
        body, kind = html.unescape(found[1]), "application/json"
        return self._client.generic("POST", path, body, content_type=kind, headers=headers)

    def read(self, method: str, path: str) -> Any:
        """Ask as a program does."""
        return self._client.generic(method, path, headers={"Accept": "application/json"})


class Post(NamedTuple):
    """One POST: who may, and what they are answered."""

    route: str
    path: str
    person: Person
    expected: int


@pytest.fixture
def users() -> dict[str, Any]:
    return {role: hire(role) for role in INSIDE}


@pytest.fixture
def ground(users: dict[str, Any]) -> Ground:
    return lay(users)


@pytest.fixture
def posts(users: dict[str, Any], ground: Ground) -> list[Post]:
    """Every POST, with somebody who may."""
    return list(_posts(users, ground))


def _posts(users: dict[str, Any], ground: Ground) -> Iterator[Post]:
    for route, rule in POSTS.items():
        role = _role(rule)
        path = address(route, rule, ground, role, OWN if rule.own else OTHERS)
        expected = ACCOUNTS[path.split("/")[-2]] if rule.is_public else rule.ok
        yield Post(route, path, Person(users.get(role)), expected)


def _role(rule: Rule) -> str:
    return "nobody" if rule.is_public else next(iter([*rule.own, *rule.anybodys]))


def test_each_form_is_taken_as_it_stands(posts: list[Post]) -> None:
    _register_the_example()
    wrong = []
    for _route, path, person, expected in posts:
        page = person.open(path)
        with taken_back():
            answer = person.send(path, page)
        if answer.status_code != expected:
            wrong.append(f"{path}: {answer.status_code}, not {expected}: {answer.content!r}")
    assert not wrong, "\n".join(wrong)


def _register_the_example() -> None:
    path, person = "/api/v1/auth/register/", Person(None)
    assert person.send(path, person.open(path)).status_code == 201


def test_what_takes_no_body_has_a_button_alone(posts: list[Post]) -> None:
    for post in posts:
        page = post.person.open(post.path)
        assert bool(TEXTAREA.search(page)) == bool(body_of(post.route)), post.path


def test_options_tells_the_fields_of_the_schema(posts: list[Post]) -> None:
    for post in posts:
        told = post.person.read("OPTIONS", post.path).json()["actions"]["POST"]
        required = {name: field["required"] for name, field in told.items()}
        assert required == body_of(post.route), post.path


def body_of(route: str) -> dict[str, bool]:
    """Give the fields of a route's body by the schema, and whether each is required."""
    (path,) = (path for path in schema()["paths"] if _same(path, f"/{route}"))
    operation = schema()["paths"][path]["post"]
    if "requestBody" not in operation:
        return {}
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    shape = schema()["components"]["schemas"][reference.rpartition("/")[2]]
    return {name: name in shape.get("required", ()) for name in shape["properties"]}


def _same(path: str, route: str) -> bool:
    return re.sub(r"{\w+}", "_", path) == re.sub(r"<[\w:]+>", "_", route)


def test_where_nothing_is_read_a_person_is_told_what_is_done(posts: list[Post]) -> None:
    for post in posts:
        if "GET" in TABLE[post.route]:
            continue
        page = post.person.open(post.path)
        assert "405" not in page, post.path
        assert "it takes a POST" in page, post.path
        assert post.person.read("GET", post.path).status_code == 405


def test_who_may_not_gets_no_form(users: dict[str, Any], ground: Ground) -> None:
    path = f"/api/v1/kitchen/tickets/{ground.tickets['queued']}/bump/"
    page = Person(users["support"]).open(path)
    assert "data-send" not in page
    assert "Your account may not do this." in page
