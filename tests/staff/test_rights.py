"""Ways round the roles that are closed: rights handed to oneself, secrets asked for, others' rows.

What each role may open is in `access_table.py`; here are people with single rights.
"""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from auth_grpc.models import User
from tests.staff import rows

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.once,
]
EVERY = [
    f"{action}_{model}"
    for action in ("view", "add", "change", "delete")
    for model in ("user", "group", "permission")
]


def person(*codes: str) -> tuple[User, Client]:
    user = User.objects.create_user("eve@example.com", "long enough 7", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(user)
    return user, client


def rights_of(user: User) -> tuple[bool, bool, set[str], set[str]]:
    fresh = User.objects.get(pk=user.pk)
    groups = set(fresh.groups.values_list("name", flat=True))
    return fresh.is_superuser, fresh.is_staff, groups, fresh.get_all_permissions()


def test_it_hands_no_rights_to_who_edits_users() -> None:
    eve, client = person(*EVERY)
    customer = User.objects.create_user("bob@example.com", "long enough 7")
    before = rights_of(eve), rights_of(customer)
    sent = {
        "email": customer.email,
        "name": "Bob",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [Group.objects.get(name="manager").pk],
        "user_permissions": [*Permission.objects.values_list("pk", flat=True)],
    }
    for user in (eve, customer):
        client.post(f"/admin/auth_grpc/user/{user.pk}/change/", {**sent, "email": user.email})
    client.post(
        "/admin/auth_grpc/user/add/",
        {**sent, "email": "new@example.com", "password1": "other 1234", "password2": "other 1234"},
    )
    assert (rights_of(eve), rights_of(customer)) == before
    assert not User.objects.filter(email="new@example.com", is_staff=True).exists()
    assert not User.objects.filter(email="new@example.com", groups__isnull=False).exists()


def test_it_hands_no_rights_to_who_edits_groups() -> None:
    eve, client = person(*EVERY)
    group = Group.objects.get(name="support")
    eve.groups.add(group)
    before = rights_of(eve)
    sent = {"name": "support", "permissions": [*Permission.objects.values_list("pk", flat=True)]}
    for path in (f"{group.pk}/change/", "add/", f"{group.pk}/delete/"):
        answer = client.post(f"/admin/auth/group/{path}", {**sent, "post": "yes"})
        assert answer.status_code == 403, path
    sent = {"action": "delete_selected", "_selected_action": str(group.pk), "post": "yes"}
    client.post("/admin/auth/group/", sent)
    assert rights_of(eve) == before


def test_it_gives_nobody_the_account_of_staff() -> None:
    _, client = person(*EVERY)
    boss = User.objects.create_superuser("boss@example.com", "long enough 7")
    for page in ("password", "change", "delete"):
        sent = {"password1": "taken over 1", "password2": "taken over 1", "post": "yes"}
        assert client.post(f"/admin/auth_grpc/user/{boss.pk}/{page}/", sent).status_code == 403
    boss.refresh_from_db()
    assert boss.check_password("long enough 7")
    assert boss.is_active


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("auth_grpc/signingkey/?private_pem__startswith=a", "view_signingkey"),
        ("auth_grpc/user/?password__startswith=argon2", "view_user"),
        ("auth_grpc/session/?user__password__startswith=argon2", "view_session"),
        ("auth_grpc/refreshtoken/?session__user__password__startswith=a", "view_refreshtoken"),
    ],
)
def test_it_tells_no_secret_by_a_filter(path: str, code: str) -> None:
    _, client = person(code)
    assert client.get(f"/admin/{path}").status_code == 400


def test_it_shows_no_rows_in_a_popup_or_by_a_field_that_it_shows_nowhere_else() -> None:
    rows.order(1)
    _, client = person("view_ticket")
    for query in ("?_popup=1", "?_to_field=public_id", "?_facets=1", "?q=%23" + "1", "?e=1"):
        assert client.get(f"/admin/orders/order/{query}").status_code == 403, query


def test_it_shows_related_rows_to_who_may_see_them_alone() -> None:
    order = rows.order(1)
    rows.order_line(1, of=order, name="Secret dish")
    _, client = person("view_order")
    assert b"Secret dish" not in client.get(f"/admin/orders/order/{order.pk}/change/").content


def test_it_deletes_nothing_with_rows_that_the_person_may_not_delete() -> None:
    item = rows.menu_item(1)
    _, client = person("view_category", "delete_category")
    address = f"/admin/orders/category/{item.category.pk}/delete/"
    assert client.get(address).context["perms_lacking"]
    assert client.post(address, {"post": "yes"}).status_code == 403
    item.refresh_from_db()
