"""gRPC by TLS, from both ends, on real servers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auth_grpc import client
from auth_grpc.errors import Unavailable
from auth_grpc.server import Server
from tests.servers.certificates import Authority, Issued

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def serve(settings: Any, authority: Authority) -> Iterator[Callable[..., None]]:
    """Start auth with a certificate of `hosts`; with `clients`, it demands theirs."""
    started: list[Server] = []

    def start(*hosts: str, clients: Authority | None = None) -> None:
        own = authority.issue("auth", *hosts)
        settings.AUTH_GRPC_CERTIFICATE, settings.AUTH_GRPC_PRIVATE_KEY = own.certificate, own.key
        settings.AUTH_GRPC_CLIENT_CA = clients.file if clients else ""
        server = Server("127.0.0.1:0")
        server.start()
        started.append(server)
        settings.AUTH_GRPC_ADDRESS, settings.AUTH_GRPC_TIMEOUT = server.address, 20.0
        settings.AUTH_GRPC_CA = authority.file
        client.close()

    yield start
    client.close()
    for server in started:
        server.drain(0)


def show(settings: Any, issued: Issued) -> None:
    settings.AUTH_GRPC_CLIENT_CERTIFICATE, settings.AUTH_GRPC_CLIENT_KEY = (
        issued.certificate,
        issued.key,
    )


def test_it_speaks_tls(serve: Callable[..., None]) -> None:
    serve("127.0.0.1")
    assert client.published_keys()


def test_it_does_not_speak_without(serve: Callable[..., None], settings: Any) -> None:
    serve("127.0.0.1")
    settings.AUTH_GRPC_CA = ""
    with pytest.raises(Unavailable):
        client.published_keys()


def test_it_talks_to_no_server_of_a_stranger(
    serve: Callable[..., None], settings: Any, stranger: Authority
) -> None:
    serve("127.0.0.1")
    settings.AUTH_GRPC_CA = stranger.file
    with pytest.raises(Unavailable):
        client.published_keys()


def test_it_talks_to_no_server_of_another_name(serve: Callable[..., None]) -> None:
    serve("elsewhere.example")
    with pytest.raises(Unavailable):
        client.published_keys()


def test_it_shows_a_certificate_to_a_server_that_demands_one(
    serve: Callable[..., None], settings: Any, authority: Authority
) -> None:
    serve("127.0.0.1", clients=authority)
    show(settings, authority.issue("web"))
    assert client.published_keys()


def test_it_is_not_heard_without_a_certificate(
    serve: Callable[..., None], authority: Authority
) -> None:
    serve("127.0.0.1", clients=authority)
    with pytest.raises(Unavailable):
        client.published_keys()


def test_it_is_not_heard_with_a_strangers_certificate(
    serve: Callable[..., None], settings: Any, authority: Authority, stranger: Authority
) -> None:
    serve("127.0.0.1", clients=authority)
    show(settings, stranger.issue("web"))
    with pytest.raises(Unavailable):
        client.published_keys()


def test_the_supervisor_sees_that_it_serves(
    serve: Callable[..., None],
    settings: Any,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from restaurant.supervisor import probes

    monkeypatch.setattr(probes, "TIMEOUT", 20.0)
    serve("127.0.0.1", clients=authority)
    assert not probes.answers_grpc_health(settings.AUTH_GRPC_ADDRESS)
    show(settings, authority.issue("web"))
    assert probes.answers_grpc_health(settings.AUTH_GRPC_ADDRESS)
