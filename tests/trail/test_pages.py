"""Every admin page that changes something leaves an entry."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.forms import MultiWidget
from django.test import Client, RequestFactory
from django.urls import reverse

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.models import User
from orders.models import Option, OptionGroup
from tests.staff import rows
from tests.staff.rows import ROWS
from tests.staff.test_deeds import (
    action,
    address,
    staff,
)
from tests.trail.entries import DATABASES, boss, entries, only

pytestmark = pytest.mark.django_db(databases=DATABASES)
PASSWORD = "correct horse battery staple"
# List actions that record themselves, or lead to a page that does.
OTHER_ACTIONS = ("run_tasks", "reprice")
# What a page with these inlines sends of them when they are empty.
INLINES = ("option_groups", "periodictask_set")
NO_INLINES = {f"{i}-{name}": 0 for i in INLINES for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
# What is changed of a row, for each page that lets somebody change one.
EDITS: dict[str, dict[str, Any]] = {
    "auth.Group": {"name": "Night shift"},
    "auth_grpc.User": {"name": "Ann"},
    "django_celery_beat.PeriodicTask": {"description": "Nightly"},
    "django_celery_beat.IntervalSchedule": {"every": 90},
    "django_celery_beat.CrontabSchedule": {"minute": "7"},
    "django_celery_beat.SolarSchedule": {"latitude": "5"},
    "django_celery_beat.ClockedSchedule": {"clocked_time_0": "2026-05-06"},
    "orders.Category": {"name": "Pasta"},
    "orders.MenuItem": {"price": "11.00"},
    "kitchen.Station": {"name": "Grill"},
    "delivery.Courier": {"phone": "+49 30 1234"},
}
# What a new row is made of, for each page that lets somebody add one.
ADDS: dict[str, dict[str, Any]] = {
    "auth.Group": {"name": "Night shift"},
    "auth_grpc.User": {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD},
    "django_celery_beat.PeriodicTask": {
        "name": "nightly",
        "task": "some.task",
        "interval": lambda: ROWS["django_celery_beat.IntervalSchedule"](1).pk,
        "args": "[]",
        "kwargs": "{}",
        "headers": "{}",
    },
    "django_celery_beat.IntervalSchedule": {"every": 9, "period": "hours"},
    "django_celery_beat.CrontabSchedule": {
        **dict.fromkeys(("minute", "hour", "day_of_week", "day_of_month", "month_of_year"), "1"),
        "timezone": "UTC",
    },
    "django_celery_beat.SolarSchedule": {"event": "sunset", "latitude": "1", "longitude": "2"},
    "django_celery_beat.ClockedSchedule": {
        "clocked_time_0": "2026-05-06",
        "clocked_time_1": "10:00:00",
    },
    "orders.Category": {"name": "Pasta", "position": 0},
    "orders.MenuItem": {
        "category": lambda: ROWS["orders.Category"](1).pk,
        "sku": "CALZONE",
        "name": "Calzone",
        "price": "9.50",
        "station": "oven",
        "preparation_seconds": 480,
        "position": 0,
    },
    "kitchen.Station": {
        "code": "grill",
        "name": "Grill",
        "mode": "manual",
        "warn_after_seconds": 300,
        "late_after_seconds": 600,
    },
    "delivery.Courier": {"name": "Ada", "mode": "manual"},
}


def allowing(permission: str) -> list[str]:
    """Name the models whose pages let a superuser do so."""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    pages = admin.site._registry.items()
    return sorted(
        model._meta.label
        for model, page in pages
        if getattr(page, f"has_{permission}_permission")(request)
    )


def url(label: str, page: str, *args: object) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{page}", args=args)


def filled(form: Any) -> dict[str, Any]:
    """Give what a browser would send of a form as it was shown."""
    data: dict[str, Any] = {}
    for field in form:
        value, widget = field.value(), field.field.widget
        if isinstance(widget, MultiWidget):
            parts = widget.decompress(value)
            data |= {f"{field.html_name}_{i}": part for i, part in enumerate(parts or ()) if part}
        elif value is not None and value is not False:
            data[field.html_name] = value
    return data


def shown(client: Client, address: str) -> dict[str, Any]:
    """Give what the page at an address would send unchanged."""
    context = client.get(address).context
    data = filled(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        data |= formset_of(inline.formset)
    return data


def formset_of(formset: Any) -> dict[str, Any]:
    data = filled(formset.management_form)
    for form in formset.initial_forms:
        data |= filled(form)
        for inner in getattr(form, "nested_formsets", ()):
            data |= formset_of(getattr(inner, "formset", inner))
    return data


def called(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value() if callable(value) else value for name, value in values.items()}


def test_every_page_that_changes_rows_is_here() -> None:
    assert set(EDITS) == set(allowing("change"))
    assert set(ADDS) == set(allowing("add"))


@pytest.mark.parametrize("label", EDITS)
def test_it_records_what_a_form_changes(label: str, client: Client) -> None:
    row = ROWS[label](0)
    body = shown(boss(client), url(label, "change", row.pk))
    answer = client.post(url(label, "change", row.pk), {**body, **EDITS[label]})
    assert answer.status_code == 302, answer.context["errors"]
    entry = only()
    assert (entry.action, entry.via) == ("change", "admin")
    assert (entry.object_type, entry.object_id) == (label.lower(), str(row.pk))
    assert len(entry.before) == len(entry.after) == 1
    assert entry.before != entry.after


@pytest.mark.parametrize("label", EDITS)
def test_it_records_nothing_for_a_form_saved_unchanged(label: str, client: Client) -> None:
    row = ROWS[label](0)
    body = shown(boss(client), url(label, "change", row.pk))
    assert client.post(url(label, "change", row.pk), body).status_code == 302
    assert entries() == []


@pytest.mark.parametrize("label", ADDS)
def test_it_records_what_a_form_adds(label: str, client: Client) -> None:
    body = NO_INLINES | called(ADDS[label])
    answer = boss(client).post(url(label, "add"), body)
    assert answer.status_code == 302, answer.context["errors"]
    entry = only()
    assert (entry.action, entry.object_type, entry.before) == ("add", label.lower(), {})
    assert entry.after
    assert PASSWORD not in str(entry.after)


def deletions() -> list[tuple[str, str]]:
    """Give every page that deletes, and every list; people are not deleted by the dozen."""
    pages = allowing("delete")
    lists = [label for label in pages if label != "auth_grpc.User"]
    return [("page", label) for label in pages] + [("list", label) for label in lists]


@pytest.mark.parametrize(("way", "label"), deletions())
def test_it_records_what_is_deleted(way: str, label: str, client: Client) -> None:
    row = ROWS[label](0)
    row.refresh_from_db()
    boss(client)
    if way == "page":
        answer = client.post(url(label, "delete", row.pk), {"post": "yes"})
    else:
        body = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        answer = client.post(url(label, "changelist"), body)
    assert answer.status_code == 302
    assert not type(row).objects.filter(pk=row.pk).exists()
    entry = only(object_id=str(row.pk), object_type=label.lower())
    assert (entry.action, entry.object_name, entry.after) == ("delete", str(row)[:200], {})
    assert entry.before


def an_option() -> Option:
    group = OptionGroup.objects.create(item=rows.menu_item(0), name="Size")
    return Option.objects.create(group=group, sku="SIZE-L", name="Large", price="3.00")


def test_it_records_what_goes_with_what_is_deleted(client: Client) -> None:
    option = an_option()
    boss(client).post(url("orders.MenuItem", "delete", option.group.item.pk), {"post": "yes"})
    assert not type(option).objects.exists()
    deleted = {entry.object_type for entry in entries(action="delete")}
    assert deleted == {"orders.menuitem", "orders.optiongroup", "orders.option"}


def test_it_records_each_row_of_an_inline(client: Client) -> None:
    group = an_option().group
    doomed = type(group).objects.create(item=group.item, name="Extra", position=1)
    address = url("orders.MenuItem", "change", group.item.pk)
    body = shown(boss(client), address)
    body |= {"option_groups-0-name": "Crust", "option_groups-1-DELETE": "on"}
    body |= {"option_groups-TOTAL_FORMS": 3, "option_groups-2-name": "Sauce"}
    body |= {"option_groups-2-min": 0, "option_groups-2-max": 1, "option_groups-2-position": 2}
    body |= {
        f"option_groups-2-options-{n}": i for n, i in (("TOTAL_FORMS", 1), ("INITIAL_FORMS", 0))
    }
    body |= {"option_groups-2-options-0-sku": "PESTO", "option_groups-2-options-0-name": "Pesto"}
    body |= {"option_groups-2-options-0-price": "1.00", "option_groups-2-options-0-position": 0}
    answer = client.post(address, body)
    assert answer.status_code == 302, answer.context["errors"]
    assert only(object_type="orders.option").after["name"] == "Pesto"
    found = {entry.action: entry for entry in entries(object_type="orders.optiongroup")}
    assert set(found) == {"add", "change", "delete"}
    assert (found["change"].before, found["change"].after) == ({"name": "Size"}, {"name": "Crust"})
    assert (found["delete"].object_id, found["delete"].before["name"]) == (str(doomed.pk), "Extra")
    assert found["add"].after["name"] == "Sauce"


def test_it_records_roles_and_rights(client: Client) -> None:
    user = ROWS["auth_grpc.User"](1)
    body = shown(boss(client), url("auth_grpc.User", "change", user.pk))
    body |= {"is_staff": "on", "groups": []}
    assert client.post(url("auth_grpc.User", "change", user.pk), body).status_code == 302
    assert only().before == {"groups": ["group-1"], "is_staff": False}
    assert only().after == {"groups": [], "is_staff": True}


def test_it_records_that_a_password_was_set_and_never_which(client: Client) -> None:
    user = ROWS["auth_grpc.User"](1)
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    body = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert boss(client).post(address, body).status_code == 302
    entry = only(object_id=str(user.pk))
    assert set(entry.after) == {"password"}
    assert PASSWORD not in str(entry.after)
    assert "argon2" not in str([entry.before, entry.after])


def test_it_records_that_somebody_changed_their_own_password(client: Client) -> None:
    boss(client)
    user = User.objects.get()
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    address, new = reverse("admin:password_change"), f"{PASSWORD} 2"
    body = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    assert client.post(address, body).status_code == 200
    assert entries() == []
    assert client.post(address, {**body, "old_password": PASSWORD}).status_code == 302
    assert (only().action, set(only().after)) == ("set_password", {"password"})
    told = str([only().before, only().after])
    assert not [one for one in (PASSWORD, new, "argon2") if one in told]


def test_what_a_form_refuses_leaves_no_entry(client: Client) -> None:
    row = ROWS["orders.MenuItem"](0)
    body = shown(boss(client), url("orders.MenuItem", "change", row.pk)) | {"price": "-1"}
    assert client.post(url("orders.MenuItem", "change", row.pk), body).status_code == 200
    assert entries() == []


def test_it_is_kept_instead_of_djangos_own_log(client: Client) -> None:
    test_it_records_what_a_form_changes("kitchen.Station", client)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("name", ["enable_tasks", "disable_tasks", "toggle_tasks"])
def test_it_records_what_other_packages_actions_change(name: str, client: Client) -> None:
    task = ROWS["django_celery_beat.PeriodicTask"](1)
    type(task).objects.update(enabled=name == "disable_tasks")
    action(boss(client), name, task)
    assert only().action == name
    assert only().after["enabled"] == (name != "disable_tasks")


def test_every_action_of_a_list_is_watched_or_changes_nothing() -> None:
    unknown = {
        f"{model._meta.label}: {name}"
        for model, page in admin.site._registry.items()
        for name in page.actions or ()
        if name not in {*getattr(page, "watched_actions", ()), *OTHER_ACTIONS}
    }
    assert unknown == set()


def test_it_shows_the_history_of_a_row_to_those_who_may(client: Client) -> None:
    row = ROWS["kitchen.Station"](1)
    history = url("kitchen.Station", "history", row.pk)
    answer = boss(client).get(history)
    assert answer["Location"] == f"{reverse('staff:trail')}?kind=kitchen.station&object={row.pk}"
    assert history in client.get(url("kitchen.Station", "change", row.pk)).content.decode()
    cook = staff(Client(), "kitchen.view_station")
    assert cook.get(history).status_code == 403
    assert history not in cook.get(address(row, "change", row.pk)).content.decode()
