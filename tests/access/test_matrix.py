"""Every route of the API by every method, for whoever asks and whosever the object, by `table.py`.

Tokens are real ones, and a real auth server is asked about them. Each request's changes are taken
back, so that the next one finds the same.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections, transaction
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

import restaurant.urls  # noqa: F401 - the routes
from tests.access.ground import Ground, hire, lay, token_of
from tests.access.table import INSIDE, LISTS, ROLES, TABLE, Rule

SERVICES = ("orders", "kitchen", "delivery")
pytestmark = [
    pytest.mark.django_db(databases=["default", *SERVICES], transaction=True),
    pytest.mark.usefixtures("server", "menu", "placed_here"),
    pytest.mark.once,
]
# Of a method that is not there, by who asks: for some views, who may not is told that first.
REFUSED = {401, 403, 405}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
HOW_TO = """
Every route below /api/, and every method that it takes, has a rule in tests/access/table.py that
says who may use it. For a new one, add its route to TABLE there, as in the examples at the top.
"""


def served() -> dict[str, set[str]]:
    """Give each route below `/api/` with the methods of its view."""
    return dict(_served(get_resolver().url_patterns))


def _served(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _served(pattern.url_patterns, route)
        elif route.startswith("api/"):
            yield route, _methods(pattern.callback)


def _methods(view: Any) -> set[str]:
    own = getattr(view, "actions", None) or {
        method for method in view.view_class.http_method_names if hasattr(view.view_class, method)
    }
    return {method.upper() for method in own} - {"OPTIONS", "HEAD"}


class Asker:
    """Somebody of a role at their client."""

    def __init__(self, role: str, token: str) -> None:
        self.role = role
        self.client = APIClient()
        if token:
            self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, int]:
        """Give the status, and how many statements wrote on the way; all is taken back."""
        with taken_back(), _counted() as written:
            answer = self.client.generic(method, path, _json(body), content_type="application/json")
        return answer.status_code, written()


def _json(body: Any) -> str:
    return "" if body is None else json.dumps(body)


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what is written meanwhile."""
    with ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(transaction.atomic(using=service))
            stack.callback(transaction.set_rollback, True, using=service)
        yield


@contextmanager
def _counted() -> Iterator[Callable[[], int]]:
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(
            r"\s*(INSERT|UPDATE|DELETE|REPLACE|WITH\b.*?\b(INSERT|UPDATE|DELETE))", sql, re.S
        ):
            found.append(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(connections[service].execute_wrapper(note))
        yield lambda: len(found)


@pytest.fixture
def people() -> dict[str, Any]:
    return {role: hire(role) for role in ROLES if role != "nobody"}


@pytest.fixture
def ground(people: dict[str, Any]) -> Ground:
    return lay({role: people[role] for role in INSIDE})


@pytest.fixture
def asker(role: str, people: dict[str, Any]) -> Asker:
    return Asker(role, token_of(role, people[role]) if role in people else "")


def address(route: str, rule: Rule, ground: Ground, role: str, whose: str) -> str:
    values = rule.at(ground, role, whose)
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), route)


def cells(role: str, ground: Ground) -> Iterator[tuple[str, str, set[int], Any]]:
    """Give what a role asks: method, path, the statuses that may come, the body."""
    for route, rules in TABLE.items():
        for method in METHODS:
            as_rule = "GET" if method == "HEAD" else method
            rule = rules.get(as_rule) or next(iter(rules.values()))
            for whose in rule.whose:
                path = address(route, rule, ground, role, whose)
                if method == "OPTIONS":
                    yield method, path, {rule.options(role)}, None
                elif as_rule not in rules:
                    yield method, path, REFUSED, rule.body
                else:
                    yield method, path, {rule.status(role, whose)}, rule.body


def test_it_has_a_rule_for_every_route_and_method() -> None:
    told = {route: set(rules) for route, rules in TABLE.items()}
    assert told == served(), HOW_TO


@pytest.mark.parametrize("role", ROLES)
def test_it_answers_each_role_as_the_table_says(asker: Asker, ground: Ground) -> None:
    wrong = []
    for method, path, statuses, body in cells(asker.role, ground):
        found, written = asker.ask(method, path, body)
        if found not in statuses:
            wrong.append(f"{method} {path}: {found}, not {statuses}")
        if written and (found >= 400 or method != "POST"):
            wrong.append(f"{method} {path}: {found}, and {written} statements wrote")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", INSIDE)
def test_a_list_shows_what_is_others_only_to_who_may_see_it(asker: Asker, ground: Ground) -> None:
    for route, sees in LISTS.items():
        text = asker.client.get(f"/{route}").content.decode()
        others = [ground.orders["stranger"], ground.deliveries["assigned", False]]
        shown = any(str(id_) in text for id_ in others)
        assert shown == (asker.role in sees), route
