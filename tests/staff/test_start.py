"""Where each person starts, and that nobody starts nowhere."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, reverse

from auth_grpc.models import Role, User
from tests.boards.staff import client_of

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.once,
]
PASSWORD = "long enough 7"
KITCHEN, DISPATCH = "/admin/kitchen/board/", "/admin/delivery/board/"
ORDERS = "/admin/orders/order/"


def dashboard() -> str:
    """Give where managers start: without a dashboard, on what they work on otherwise."""
    try:
        return reverse("staff:dashboard")
    except NoReverseMatch:
        return KITCHEN


def start_of(client: Client) -> str:
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 200
    # One step, to a page that says something.
    assert len(answer.redirect_chain) <= 1
    return str(answer.request["PATH_INFO"])


def staff(*roles: str) -> Client:
    user = User.objects.create_user("ada@example.com", PASSWORD, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("kitchen", KITCHEN),
        ("dispatch", DISPATCH),
        ("support", ORDERS),
        ("manager", None),
        ("superuser", None),
    ],
)
def test_it_starts_each_role_on_the_page_it_works_on(role: str, page: str | None) -> None:
    assert start_of(client_of(role)) == (page or dashboard())


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ((Role.KITCHEN, Role.MANAGER), None),
        ((Role.KITCHEN, Role.DISPATCH), KITCHEN),
        ((Role.SUPPORT, Role.DISPATCH), DISPATCH),
        ((Role.SUPPORT, Role.CUSTOMER), ORDERS),
    ],
)
def test_it_starts_who_has_several_roles_where_most_hangs_on_them(
    roles: tuple[str, ...], page: str | None
) -> None:
    assert start_of(staff(*roles)) == (page or dashboard())


def test_it_starts_who_has_a_right_of_their_own_on_its_page() -> None:
    from django.contrib.auth.models import Permission

    client = staff()
    user = User.objects.get()
    user.user_permissions.add(Permission.objects.get(codename="view_courier"))
    assert start_of(client) == "/admin/delivery/courier/"


def test_it_tells_who_has_no_role_what_to_do() -> None:
    client = staff()
    assert start_of(client) == "/admin/"
    page = client.get("/admin/").content.decode()
    assert "have no role yet" in page
    assert reverse("admin:password_change") in page
    assert reverse("admin:logout") in page


def log_in(role: str, path: str) -> str:
    client_of(role)
    given = {"username": f"{role}@example.com", "password": PASSWORD}
    return str(Client().post(path, given, follow=True).request["PATH_INFO"])


def test_it_starts_there_after_the_login() -> None:
    assert log_in("dispatch", "/admin/login/") == DISPATCH


def test_it_leads_to_the_page_that_was_asked_for() -> None:
    assert log_in("dispatch", "/admin/login/?next=/admin/delivery/courier/") == (
        "/admin/delivery/courier/"
    )


def test_it_leads_nobody_off_the_site() -> None:
    assert log_in("dispatch", "/admin/login/?next=https://example.com/") == DISPATCH


def test_it_starts_who_is_inside_already_there_too() -> None:
    assert client_of("kitchen").get("/admin/login/")["Location"] == "/admin/"


def test_it_lets_a_customer_log_in_as_somebody_else() -> None:
    page = client_of("customer").get("/admin/", follow=True)
    assert page.request["PATH_INFO"] == reverse("admin:login")
    assert page.status_code == 200


def test_it_starts_elsewhere_where_the_page_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    from restaurant.staff import start

    monkeypatch.setattr(start, "STARTS", (("staff:no_such_page", "orders.view_order"),))
    assert start_of(client_of("support")) != "/admin/"


@pytest.mark.parametrize("board", [KITCHEN, DISPATCH])
def test_it_leads_from_a_board_to_the_other_pages(board: str) -> None:
    page = client_of("superuser").get(board).content.decode()
    back = {KITCHEN: "/admin/kitchen/ticket/", DISPATCH: "/admin/delivery/delivery/"}[board]
    assert f'href="{back}"' in page
