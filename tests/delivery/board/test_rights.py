"""The dispatch board: whom it lets in, and who may press what."""

import re

import pytest
from django.test import Client

from delivery import services
from delivery.board import views
from tests.boards.staff import ROLES, client_of
from tests.delivery.board.ground import (
    BOARD,
    MOVES,
    NOW,
    SEES,
    STRANGERS,
    driver,
    give,
    page_of,
    press,
    ready_for,
    state,
)
from tests.delivery.ground import plan_one

pytestmark = pytest.mark.django_db(databases=["default", "delivery"])


@pytest.mark.parametrize("role", ROLES)
def test_it_shows_the_board_to_those_who_may_see_deliveries(role: str) -> None:
    plan_one()
    answer = client_of(role).get(BOARD)
    if role in SEES:
        assert answer.status_code == 200
        assert "12 Canal Street" in answer.content.decode()
    elif role in STRANGERS:
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")
    else:
        assert answer.status_code == 403
        assert "12 Canal Street" not in answer.content.decode()


@pytest.mark.parametrize(("name", "shown"), [("cards", "12 Canal Street"), ("around", "Ada")])
@pytest.mark.parametrize("role", ROLES)
def test_it_shows_its_parts_to_the_same(role: str, name: str, shown: str) -> None:
    plan_one()
    driver("Ada")
    answer = client_of(role).get(f"{BOARD}{name}/")
    expected = 401 if role in STRANGERS else 403
    assert answer.status_code == (200 if role in SEES else expected)
    assert (shown in answer.content.decode()) == (role in SEES)
    if role not in SEES:
        assert set(answer.json()) == {"say"}


@pytest.mark.parametrize("name", views.MOVES)
@pytest.mark.parametrize("role", ROLES)
def test_it_lets_those_move_deliveries_who_may_change_them(role: str, name: str) -> None:
    delivery, body = ready_for(name)
    before = state()
    answer = press(client_of(role), delivery, name, **body)
    expected = 401 if role in STRANGERS else 403
    assert answer.status_code == (200 if role in MOVES else expected)
    assert (state() != before) == (role in MOVES)


@pytest.mark.parametrize("name", ["start", "end", "undo-end"])
@pytest.mark.parametrize("role", ROLES)
def test_it_lets_those_change_shifts_who_may_change_couriers(role: str, name: str) -> None:
    ada = driver("Ada", on_shift=name == "end")
    before = state()
    answer = press(client_of(role), ada, name)
    expected = 401 if role in STRANGERS else 403
    assert answer.status_code == (200 if role in MOVES else expected)
    assert (state() != before) == (role in MOVES)


@pytest.mark.parametrize("role", sorted(SEES))
def test_it_offers_no_button_to_who_may_only_look(role: str) -> None:
    plan_one()
    driver("Ada")
    page = page_of(role)
    for button in ('data-deed="assign"', 'data-shift="end"', "data-grip", "data-may-change"):
        assert (button in page) == (role in MOVES), button


def test_it_takes_a_press_only_as_a_post_of_its_own_page() -> None:
    delivery, body = ready_for("assign")
    client = client_of("dispatch", checks_csrf=True)
    before = state()
    address = f"{BOARD}deliveries/{delivery.pk}/assign/"
    assert client.post(address, body, "application/json").status_code == 403
    assert client.get(address).status_code == 405
    assert state() == before
    found = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(BOARD).content.decode()
    )
    assert found
    answer = client.post(address, body, "application/json", headers={"X-CSRFToken": found[1]})
    assert answer.status_code == 200
    assert state() != before


def test_it_gives_freed_deliveries_back_only_to_those_who_may_move_them() -> None:
    ada = driver("Ada")
    delivery = plan_one()
    give(delivery, ada)
    freed = services.end_shift(courier_id=ada.pk, now=NOW)
    client = client_with("delivery.change_courier")
    assert press(client, ada, "undo-end", freed=freed).status_code == 200
    delivery.refresh_from_db()
    assert delivery.courier is None


def client_with(permission: str) -> Client:
    from django.contrib.auth.models import Permission

    from auth_grpc.models import User

    user = User.objects.create_user("some@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=permission.split(".")[1]))
    client = Client()
    client.force_login(user)
    return client


def test_it_is_in_the_sidebar_of_those_who_may_see_it() -> None:
    for role, sees in (("dispatch", True), ("support", True), ("kitchen", False)):
        page = client_of(role).get("/admin/password_change/").content.decode()
        assert (f'href="{BOARD}"' in page) == sees, role
