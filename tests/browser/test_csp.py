"""Each kind of page does all it does within its content policy, and says no error."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from auth_grpc.models import User
from orders.models import MenuItem
from tests.browser.chromium import Errors, Pages
from tests.staff import rows

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"], transaction=True),
]


@pytest.fixture
def item() -> MenuItem:
    User.objects.create_superuser(EMAIL, PASSWORD)
    made: MenuItem = rows.menu_item(0)
    rows.ticket(0)
    return made


@pytest.mark.usefixtures("item")
def test_it_shows_the_api_documentation(pages: Pages, live_server: LiveServer) -> None:
    page = pages.open(live_server.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    page.get_by_text("/api/v1/orders/", exact=True).first.click()
    page.get_by_role("button", name="Try it out").first.wait_for()
    page.goto("/api/redoc/")
    # Redoc draws the whole schema before it shows any of it.
    expect(page.get_by_role("heading", name="Restaurant")).to_be_visible(timeout=30_000)
    page.get_by_placeholder("Search").fill("cancel")
    page.get_by_role("search").get_by_role("menuitem").first.wait_for()
    expect(page.get_by_alt_text("redocly logo")).to_have_count(0)
    foreign = [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))]
    assert foreign == []


@pytest.mark.usefixtures("item")
def test_it_shows_the_api_to_a_person(pages: Pages, live_server: LiveServer) -> None:
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    for path in ("menu/", "orders/"):
        page.goto(f"/api/v1/{path}")
        page.get_by_text("200 OK").wait_for()
    page.goto("/api/v1/kitchen/tickets/")
    page.get_by_text("Filters").click()
    page.get_by_label("status").select_option("done")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**status=done**")
    page.get_by_text('"results": []').wait_for()


def test_it_86s_a_dish_on_a_page_of_the_api(
    item: MenuItem, pages: Pages, live_server: LiveServer
) -> None:
    page = pages.log_in(live_server.url, EMAIL, PASSWORD)
    page.goto(f"/api/v1/menu/{item.sku}/availability/")
    page.locator("textarea[name=_content]").fill('{"available": false}')
    page.get_by_role("button", name="Send").click()
    page.get_by_text('"changed": true').wait_for()
    item.refresh_from_db()
    assert not item.available


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize("path", ["/admin/kitchen/board/", "/admin/delivery/board/"])
def test_it_shows_a_board(path: str, pages: Pages, live_server: LiveServer, errors: Errors) -> None:
    page = pages.log_in(live_server.url, EMAIL, PASSWORD, path)
    page.wait_for_load_state("networkidle")
    # Nothing serves live streams here.
    errors.forgive("ERR_CONNECTION_REFUSED")


def test_it_tells_what_a_page_may_not_do(
    pages: Pages, live_server: LiveServer, errors: Errors
) -> None:
    """The guard of all these tests is awake."""
    page = pages.open(live_server.url)
    page.goto("/admin/login/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    page.wait_for_timeout(100)
    errors.forgive("script-src-elem: inline")
    errors.forgive("Executing inline script violates")
    page.evaluate("setTimeout(() => { throw new Error('boom') })")
    page.wait_for_timeout(100)
    errors.forgive("boom")
