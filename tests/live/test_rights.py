"""Who may listen to what, and from which pages."""

import pytest
from django.conf import settings

from auth_grpc.models import Role
from restaurant.live import origins
from tests.live.ground import LiveProcess, sign_in, user
from tests.live.listener import Listener

CHANNELS = ("kitchen", "delivery", "dashboard")
# By role: the channels that it hears.
HEARD: dict[str, tuple[str, ...]] = {
    "nobody": (),
    "without a role": (),
    Role.CUSTOMER: (),
    Role.COURIER: (),
    Role.KITCHEN: ("kitchen",),
    Role.DISPATCH: ("delivery",),
    Role.MANAGER: CHANNELS,
    Role.SUPPORT: ("kitchen", "delivery"),
    "superuser": CHANNELS,
}


def session_of(who: str) -> str:
    if who == "nobody":
        return ""
    roles = [Role(who)] if who in Role.values else []
    return sign_in(user(*roles, superuser=who == "superuser"))


def test_it_lets_listen_whom_the_permission_lets_look(live: LiveProcess) -> None:
    answers = {}
    for who in HEARD:
        session = session_of(who)
        for channel in CHANNELS:
            listener = live.listen(session, channel)
            answers[who, channel] = listener.status
            if listener.status == 200:
                listener.next("open")
            listener.close()
    refused = {"nobody": 401}
    assert answers == {
        (who, channel): 200 if channel in heard else refused.get(who, 403)
        for who, heard in HEARD.items()
        for channel in CHANNELS
    }


def test_it_says_why_it_refuses(live: LiveProcess, session: str) -> None:
    def problem(code: str, **how: str) -> Listener:
        listener = Listener(live.port, **{"session": session, **how})  # type: ignore[arg-type]
        assert listener.headers["content-type"] == "application/problem+json"
        assert listener.headers["cache-control"] == "no-store"
        body = listener.body()
        assert body["code"] == code
        assert body["type"] == f"/problems/{code}/"
        assert body["status"] == listener.status
        listener.close()
        return listener

    assert "www-authenticate" in problem("session_needed", session="unknown").headers
    for strange in ('"\\000"', "A" * 5000, "\xff" * 12, '"\\"'):
        assert problem("session_needed", session=strange).status == 401
    device = Listener(live.port, headers={"Authorization": "Bearer x"}).body()
    assert "the API's lists" in device["detail"]
    assert "Bearer" not in device["detail"]
    assert problem("permission_denied", channel="delivery").status == 403
    for path in ("/live/oven/", "/live/kitchen", "/live/", "/x/live/kitchen/", "/", "/admin/"):
        assert problem("not_found", path=path).status == 404
    for method in ("POST", "PUT", "OPTIONS", "DELETE"):
        assert problem("method_not_allowed", method=method).headers["allow"] == "GET"


def test_it_answers_its_own_pages_alone(live: LiveProcess, session: str) -> None:
    def ask(origin: str, *, host: str = "localhost:8001", who: str = session) -> Listener:
        headers = {"Host": host, "Origin": origin}
        return Listener(live.port, "kitchen", who, headers=headers)

    own = f"http://localhost:{settings.PORT}"
    for origin in (own, "http://localhost:8001"):
        listener = ask(origin)
        assert listener.status == 200
        assert listener.headers["access-control-allow-origin"] == origin
        assert listener.headers["access-control-allow-credentials"] == "true"
        assert listener.headers["vary"] == "Origin"
        listener.next("open")
    # The page reads why it was refused, too.
    assert ask(own, who="unknown").headers["access-control-allow-origin"] == own
    none = ask("")
    assert none.status == 200
    assert "access-control-allow-origin" not in none.headers
    for origin in ("http://evil.example", "null", "http://127.0.0.1:8000", "http://localhost:9"):
        stranger = ask(origin)
        assert stranger.status == 403, origin
        assert stranger.body()["code"] == "origin_denied"
        assert "access-control-allow-origin" not in stranger.headers
    assert ask("", host="evil.example").status == 400


@pytest.mark.once
@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [
        ("http://localhost:8000", "localhost:8001", True),
        ("http://localhost:8001", "localhost:8001", True),
        ("https://localhost:8000", "localhost:8001", True),
        ("http://[::1]:8000", "[::1]:8001", True),
        ("http://localhost", "localhost", True),
        ("https://localhost", "localhost", True),
        ("https://boards.example", "localhost:8001", True),
        ("https://a.wild.example", "localhost:8001", True),
        ("https://a.wild.example:8443", "localhost:8001", False),
        ("http://a.wild.example", "localhost:8001", False),
        ("https://evilwild.example", "localhost:8001", False),
        ("http://boards.example", "localhost:8001", False),
        ("http://localhost", "localhost:8001", False),
        ("http://localhost:8000", "127.0.0.1:8001", False),
        ("http://localhost.evil.example:8000", "localhost:8001", False),
        ("http://localhost:8000@evil.example", "localhost:8001", False),
        ("http://user@localhost:8000", "localhost:8001", False),
        ("http://localhost:8000/", "localhost:8001", False),
        ("http://localhost:99999", "localhost:8001", False),
        ("ftp://localhost:8000", "localhost:8001", False),
        ("localhost:8000", "localhost:8001", False),
        ("null", "localhost:8001", False),
        ("", "localhost:8001", False),
    ],
)
def test_it_knows_its_own_pages(settings, origin, host, is_own):
    settings.PORT = 8000
    settings.CSRF_TRUSTED_ORIGINS = ["https://boards.example", "https://*.wild.example"]
    assert origins.may_listen(origin, host) is is_own


@pytest.mark.once
def test_it_takes_no_page_over_http_where_cookies_need_https(settings):
    settings.PORT, settings.SESSION_COOKIE_SECURE = 8000, True
    assert not origins.may_listen("http://localhost", "localhost")
    assert origins.may_listen("https://localhost", "localhost")


@pytest.mark.once
@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        *(("localhost:1", True), ("LOCALHOST", True), ("[::1]:1", True)),
        *(("a.example", False), ("", False), ("localhost:x", False), ("local host", False)),
    ],
)
def test_it_knows_its_own_names(host, is_known):
    assert origins.is_known_host(host) is is_known
