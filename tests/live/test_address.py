"""Pages are sent to the live process on their own host."""

import pytest
from django.test import RequestFactory

from restaurant.live import address

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("host", "live_url", "url", "origin"),
    [
        (
            "localhost:8000",
            "",
            "http://localhost:8123/live/kitchen/",
            "http://localhost:8123",
        ),
        ("127.0.0.1", "", "http://127.0.0.1:8123/live/kitchen/", "http://127.0.0.1:8123"),
        ("[::1]:8000", "", "http://[::1]:8123/live/kitchen/", "http://[::1]:8123"),
        ("localhost:8123", "", "http://localhost:8123/live/kitchen/", ""),
        ("localhost:8000", "/", "/live/kitchen/", ""),
        (
            "localhost",
            "https://a.example/x/",
            "https://a.example/x/live/kitchen/",
            "https://a.example",
        ),
    ],
)
def test_it_sends_a_page_to_the_live_process(settings, host, live_url, url, origin):
    settings.LIVE_PORT, settings.LIVE_URL = 8123, live_url
    request = RequestFactory().get("/admin/", headers={"host": host})
    assert address.stream_url(request, "kitchen") == url
    assert address.origin(request) == origin


def test_it_keeps_the_scheme_of_the_page(settings):
    settings.LIVE_PORT, settings.LIVE_URL = 8123, ""
    request = RequestFactory().get("/admin/", headers={"host": "localhost"}, secure=True)
    assert address.stream_url(request, "kitchen") == "https://localhost:8123/live/kitchen/"
