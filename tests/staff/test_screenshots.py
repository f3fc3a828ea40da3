"""`make screenshots` leaves out no page of the staff site."""

from django.urls import resolve

from tests.screenshots.pages import OWN
from tests.staff.access_table import LOGIN, PAGES, Row

# What is looked at in another way: a row's page is reached by its row, a file is no picture.
ELSEWHERE = {
    "admin/orders/order/<int:number>/change/": "each of three orders",
    "admin/orders/order/<int:number>/do/<str:name>/<str:target>/": "a dialog of that page",
    "admin/auth_grpc/user/<id>/password/": "as admin/password_change/",
    "admin/password_change/done/": "one sentence",
    "admin/search/": "the answer's part of a page, drawn as search",
    "admin/jsi18n/": "a script",
    "admin/trail/export/": "a file",
    "admin/dashboard/^export/(?P<kind>csv|xlsx)/$": "a file",
    **{
        f"admin/orders/menuitem/export/{kind}/": "a file"
        for kind in ("csv", "xlsx", "yaml", "json")
    },
}


def is_page(row: Row) -> bool:
    return row.get == 200 and row.stranger == LOGIN and bool(row.may)


def test_it_draws_each_page_of_the_table() -> None:
    drawn = {resolve(shot.path.partition("?")[0]).route for shot in OWN.values()}
    pages = {
        route
        for route, row in PAGES.items()
        if is_page(row) and not route.startswith(("admin/kitchen/board/", "admin/delivery/board/"))
    }
    assert pages - drawn - set(ELSEWHERE) == set()
    assert set(ELSEWHERE) <= set(PAGES)
