"""Whom support sees, and what of them: customers alone, and nothing that logs anybody in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auth_grpc import authority, services
from auth_grpc.models import User
from tests.auth_grpc.people import PASSWORD
from tests.auth_grpc.test_user_page import DEEDS, address, client_of, press, somebody
from tests.staff import rows

pytestmark = pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
LIST = reverse("admin:auth_grpc_user_changelist")
WORKING = ("courier", "kitchen", "dispatch", "manager", "superuser")
LOGGED_IN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def support() -> Client:
    return client_of(somebody("support"))


@pytest.fixture
def ann() -> User:
    return somebody("customer", name="ann", last_login=LOGGED_IN)


def working() -> list[User]:
    """Make one of each who works here; some in ways that no role names."""
    lent = somebody("customer", name="lent")
    lent.user_permissions.add(Permission.objects.get(codename="view_order"))
    cooks = somebody("customer", name="cooks")
    own = Group.objects.create(name="night shift")
    own.permissions.add(Permission.objects.get(codename="view_ticket"))
    cooks.groups.add(own)
    gone = somebody("kitchen", name="gone", is_active=False)
    return [lent, cooks, gone, *(somebody(role) for role in WORKING)]


def test_it_lists_customers_alone(support: Client, ann: User) -> None:
    away = somebody("customer", name="away", is_active=False)
    plain = User.objects.create_user("plain@example.com")
    regular = User.objects.create_user("regular@example.com")
    regular.groups.add(Group.objects.create(name="regulars"))
    staff = working()
    listed = support.get(LIST)
    assert set(listed.context["cl"].queryset) == {ann, away, plain, regular}
    page = listed.content.decode()
    assert not [user.email for user in staff if user.email in page]


def test_it_opens_the_pages_of_customers_alone(support: Client, ann: User) -> None:
    assert support.get(address(ann)).status_code == 200
    for user in working():
        answer = support.get(address(user))
        # As for one that is not there.
        assert (answer.status_code, answer["Location"]) == (302, LIST), user


def test_it_shows_of_a_customer_what_an_order_is_about(support: Client, ann: User) -> None:
    tokens = services.login(
        email=ann.email, password=PASSWORD, address="192.0.2.7", now=timezone.now()
    )
    page = support.get(address(ann))
    fields = page.context["adminform"].fieldsets[0][1]["fields"]
    assert (len(page.context["adminform"].fieldsets), set(fields)) == (
        1,
        {"email", "name", "is_active", "date_joined", "orders"},
    )
    text = page.content.decode()
    assert f"/admin/orders/order/?q={ann.pk}" in text
    for hidden in ("192.0.2.7", "argon2", tokens.access, "last_login", "/password/", "groups"):
        assert hidden not in text
    for deed in DEEDS:
        assert f"/{deed}" not in text


def test_it_leads_to_no_list_of_orders_that_the_reader_may_not_open(ann: User) -> None:
    user = User.objects.create_user("reader@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_customer"))
    page = client_of(user).get(address(ann))
    assert page.status_code == 200
    assert "/admin/orders/order/" not in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "last_login__isnull=1",
        "password__startswith=argon2",
        "groups__name=kitchen",
        "is_superuser__exact=1",
        "second_factor_since__isnull=1",
        "sessions__address=192.0.2.7",
        "user_permissions__codename=view_order",
    ],
)
def test_its_list_answers_no_question_about_the_rest(
    support: Client, ann: User, query: str
) -> None:
    answer = support.get(f"{LIST}?{query}")
    # Django answers 400, or leads to the list with an error.
    assert answer.status_code in (302, 400)
    assert ann.email not in answer.content.decode()
    assert ann in support.get(f"{LIST}?is_active__exact=1").context["cl"].queryset


def test_it_searches_customers_alone(support: Client, ann: User) -> None:
    for user in working():
        for term in (user.email, str(user.pk)):
            assert list(support.get(LIST, {"q": term}).context["cl"].queryset) == [], user
    for term in ("ann@example.com", "ann@", str(ann.pk)):
        assert list(support.get(LIST, {"q": term}).context["cl"].queryset) == [ann]


def test_the_search_of_all_finds_customers_alone(support: Client, ann: User) -> None:
    def found(term: str) -> list[str]:
        answer = support.get(reverse("admin:search"), {"s": term, "extended": "1"})
        return [hit.link for hit in answer.context["hits"]]

    orders = f"{reverse('admin:orders_order_changelist')}?q={ann.pk}"
    assert found("ANN@example.com") == [address(ann), orders]
    assert found(str(ann.pk)) == [address(ann)]
    for user in working():
        assert found(user.email) == found(str(user.pk)) == [], user


def test_a_field_is_completed_with_customers_alone(support: Client, ann: User) -> None:
    working()
    asked = {"app_label": "auth_grpc", "model_name": "session", "field_name": "user"}
    answer = support.get(reverse("admin:autocomplete"), {**asked, "term": "example"})
    assert [one["id"] for one in answer.json()["results"]] == [str(ann.pk)]


def test_an_orders_page_names_a_customer_and_no_staff(support: Client, ann: User) -> None:
    boss = somebody("manager")
    for number, user in enumerate((ann, boss), start=1):
        order = rows.order(number, customer_id=user.pk)
        page = support.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
        assert (user.email in page) == (user == ann)
        assert (address(user) in page) == (user == ann)


def test_it_changes_nobody(support: Client, ann: User) -> None:
    before = User.objects.filter(pk=ann.pk).values().get()
    body = {"email": "mine@example.com", "name": "Mine"}
    assert support.post(address(ann), body).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[ann.pk])
    given = {"password1": PASSWORD, "password2": PASSWORD}
    assert support.post(password, given).status_code == 403
    assert support.post(reverse("admin:auth_grpc_user_delete", args=[ann.pk])).status_code == 403
    for deed, said in DEEDS.items():
        assert support.get(address(ann, deed)).status_code == 403
        assert press(support, ann, deed, **said).status_code == 403
    assert User.objects.filter(pk=ann.pk).values().get() == before


@pytest.mark.parametrize(
    "page", ["session", "refreshtoken", "signingkey", "logincount", "user/add"]
)
def test_it_opens_nothing_else_of_accounts(support: Client, page: str) -> None:
    assert support.get(f"/admin/auth_grpc/{page}/").status_code == 403


@pytest.mark.parametrize(("role", "sees"), [("kitchen", 0), ("dispatch", 0), ("manager", 2)])
def test_other_roles_see_as_before(role: str, sees: int, ann: User) -> None:
    actor = somebody(role)
    assert len(authority.visible(actor)) == sees
    assert client_of(actor).get(LIST).status_code == (200 if sees else 403)


def test_who_may_see_users_sees_all_of_them_with_the_right_beside(ann: User) -> None:
    user: Any = somebody("manager")
    assert user.has_perm(authority.VIEW_CUSTOMER)
    assert set(authority.visible(user)) == {ann, user}
