"""What cannot be shown is answered by a page that says why and leads on."""

import pytest
from django.test import Client, override_settings

from tests.boards.staff import client_of

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.once,
]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/admin/orders/order/", 403, "Your role does not include it"),
        ("/admin/delivery/board/", 403, "Your role does not include it"),
        ("/admin/no/such/page/", 404, "There is nothing here"),
        ("/admin/kitchen/nothing/", 404, "There is nothing here"),
        ("/admin/auth_grpc/", 404, "There is nothing here"),
    ],
)
@pytest.mark.parametrize("debug", [True, False])
def test_it_says_why_and_leads_on(path: str, status: int, text: str, debug: bool) -> None:
    cook = client_of("kitchen")
    with override_settings(DEBUG=debug):
        answer = cook.get(path)
    page = answer.content.decode()
    assert (answer.status_code, text in page) == (status, True)
    assert 'href="/admin/"' in page
    # In the site's frame, with their own pages beside it.
    assert "/admin/kitchen/ticket/" in page


def test_it_shows_the_frame_to_staff_alone() -> None:
    with override_settings(DEBUG=False):
        for client in (Client(), client_of("customer")):
            assert client.get("/admin/orders/order/").status_code == 302
            page = client.get("/no/such/page/")
            assert (page.status_code, b"sidebar" in page.content) == (404, False)


def test_it_tells_what_to_do_with_an_old_form() -> None:
    cook = client_of("kitchen", checks_csrf=True)
    answer = cook.post("/admin/password_change/", {"old_password": "x"})
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_it_tells_a_stranger_with_an_old_login_form_the_same() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_it_leads_from_a_row_that_is_gone_to_its_list() -> None:
    cook = client_of("kitchen")
    answer = cook.get("/admin/kitchen/ticket/4711/change/", follow=True)
    assert answer.request["PATH_INFO"] == "/admin/kitchen/ticket/"
    assert "4711" in answer.content.decode()


def test_it_tells_nobody_which_rows_there_are_that_they_may_not_see() -> None:
    cook = client_of("kitchen")
    for page in ("change", "history", "delete"):
        assert cook.get(f"/admin/orders/order/4711/{page}/").status_code == 403, page
