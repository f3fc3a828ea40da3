"""What each role is answered at every address below `/admin/`, by `access_table.py`."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import StaffSession
from tests.boards.staff import client_of
from tests.staff.access_table import INLINES, LOGIN, MODELS, ROLES, STRANGERS, TABLE, Made, Row
from tests.staff.rows import ROWS

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.once,
]
# The addresses of an app's models, whose names the pattern holds: who has no page there gets 404.
APP_LIST = "(?P<app_label>"
HOW_TO = """
Every URL pattern below /admin/ has a row in tests/staff/access_table.py that says who may open it.
For a new page, add its route to PAGES there, as in the examples at the top of that file; for a new
deed of a model, or a new model, to MODELS.
"""


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif route.startswith("admin/") and APP_LIST not in route:
            yield route


@pytest.fixture
def made() -> Made:
    return {label: make(0) for label, make in ROWS.items()}


def address(route: str, row: Row, made: Made) -> str:
    values = row.at(made)
    if isinstance(values, str):
        return values
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(quote(values[found[1]])), route)


def contents() -> dict[str, list[Any]]:
    """Give all that is kept, but for the sessions of those who look."""
    models: list[type[Model]] = [m for m in apps.get_models() if m._meta.managed]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in models
        if model is not StaffSession
    }


def is_refused(status: int, location: str) -> bool:
    to_login = status == LOGIN and location.startswith(reverse("admin:login"))
    return to_login or status in (400, 401, 403, 404, 405)


def test_it_has_a_row_for_every_page() -> None:
    served = set(routes(get_resolver().url_patterns))
    assert (sorted(served - set(TABLE)), sorted(set(TABLE) - served)) == ([], []), HOW_TO


@pytest.mark.parametrize("role", ROLES)
def test_it_answers_each_role_as_the_table_says(role: str, made: Made) -> None:
    client, wrong = client_of(role), []
    for route, row in TABLE.items():
        answer = client.get(address(route, row, made))
        if answer.status_code != row.status(role):
            wrong.append(f"{route}: {answer.status_code}, not {row.status(role)}")
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "superuser"])
def test_it_changes_nothing_for_who_may_not(role: str, made: Made) -> None:
    client, wrong = client_of(role), []
    before = contents()
    for route, row in TABLE.items():
        if role in row.post:
            continue
        answer = client.post(address(route, row, made), {"post": "yes", "reason": "because"})
        if not is_refused(answer.status_code, answer.get("Location", "")):
            wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []
    assert contents() == before


@pytest.mark.parametrize("role", [role for role in ROLES if role not in STRANGERS])
def test_it_offers_and_takes_in_lists_only_what_the_role_may(role: str, made: Made) -> None:
    client = client_of(role)
    # What it may have been done, so each is asked for where it is not offered.
    before = contents()
    for label, model in MODELS.items():
        granted = {name for name, roles in model.deeds.items() if role in (*roles, "superuser")}
        may_delete = model.delete is not None and role in (*model.delete, "superuser")
        for action in {*model.deeds, "delete_selected"}:
            if action in granted or (action == "delete_selected" and may_delete):
                continue
            sent = {"action": action, "_selected_action": str(made[label].pk), "post": "yes"}
            client.post(f"/admin/{label.lower().replace('.', '/')}/", sent)
    assert contents() == before


def related_fields() -> list[tuple[str, str, str]]:
    """Give each field that could be completed: app, model, name."""
    return [
        (model._meta.app_label, str(model._meta.model_name), field.name)
        for model in apps.get_models()
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.remote_field
    ]


@pytest.mark.parametrize("role", ROLES)
def test_it_completes_only_what_the_role_may_see(role: str, made: Made) -> None:
    client, wrong = client_of(role), []
    for app, model, name in related_fields():
        asked = {"app_label": app, "model_name": model, "field_name": name, "term": ""}
        answer = client.get(reverse("admin:autocomplete"), asked)
        remote: Any = apps.get_model(app, model)._meta.get_field(name).related_model
        page = MODELS.get(remote._meta.label)
        may = page is not None and role in (*page.view, "superuser")
        if answer.status_code == 200 and not may:
            wrong.append(f"{app}.{model}.{name}")
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in ROLES if role not in STRANGERS])
def test_it_shows_only_the_related_rows_that_the_role_may_see(role: str, made: Made) -> None:
    client, wrong = client_of(role), []
    for label, model in MODELS.items():
        if role not in (*model.view, "superuser"):
            continue
        url = f"/admin/{label.lower().replace('.', '/')}/{quote(made[label].pk)}/change/"
        for formset in client.get(url).context.get("inline_admin_formsets", ()):
            inline = (MODELS | INLINES)[formset.opts.model._meta.label]
            if role not in (*inline.view, "superuser"):
                wrong.append(f"{label}: {formset.opts.model._meta.label}")
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in ROLES if role not in STRANGERS])
def test_it_leads_nobody_to_a_page_they_may_not_see(role: str) -> None:
    client = client_of(role)
    groups = client.get(reverse("admin:password_change")).context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert links
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_it_keeps_the_pages_of_an_app_from_who_has_none(client: Client) -> None:
    dispatch = client_of("dispatch")
    assert dispatch.get("/admin/delivery/").status_code == 200
    assert dispatch.get("/admin/auth_grpc/").status_code == 404
    assert admin.site.is_registered(apps.get_model("auth_grpc", "User"))
