"""The server as a process and on the wire: health, reflection, faults, and its end."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status

from auth_grpc import client, passwords, services
from auth_grpc.errors import InvalidInput, Unavailable
from auth_grpc.models import User
from auth_grpc.server import SERVICE, Server
from proto import auth_pb2, auth_pb2_grpc
from tests.auth_grpc.people import EMAIL, PASSWORD
from tests.servers.wait import wait_until

SERVING = health_pb2.HealthCheckResponse.SERVING
ROOT = Path(__file__).resolve().parent.parent.parent


def code_of(call: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    refusal: Any = caught.value
    return refusal.code()


def test_it_tells_its_health_and_its_methods(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", SERVICE):
            request = health_pb2.HealthCheckRequest(service=name)
            assert health.Check(request, timeout=5).status == SERVING
        assert SERVICE in ProtoReflectionDescriptorDatabase(channel).get_services()


def test_it_names_the_fields_that_are_wrong(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        stub = auth_pb2_grpc.AuthServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Register(auth_pb2.RegisterRequest(email="nobody", password="short"), timeout=5)
    refusal: Any = caught.value
    assert refusal.code() is grpc.StatusCode.INVALID_ARGUMENT
    details = error_details_pb2.BadRequest()
    assert rpc_status.from_call(refusal).details[0].Unpack(details)
    assert {(v.field, v.reason) for v in details.field_violations} >= {
        ("email", "INVALID"),
        ("password", "PASSWORD_TOO_SHORT"),
    }
    with pytest.raises(InvalidInput) as translated:
        client.register(email="nobody", password=PASSWORD, name="")
    assert [(v.field, v.code) for v in translated.value.violations] == [("email", "invalid")]


def test_it_answers_each_error_by_its_code(server: Server, tokens: services.Tokens) -> None:
    with grpc.insecure_channel(server.address) as channel:
        stub = auth_pb2_grpc.AuthServiceStub(channel)
        again = auth_pb2.RegisterRequest(email=EMAIL, password=PASSWORD)
        assert code_of(lambda: stub.Register(again)) is grpc.StatusCode.ALREADY_EXISTS
        for call in (
            lambda: stub.Login(auth_pb2.LoginRequest(email=EMAIL, password="wrong")),
            lambda: stub.Refresh(auth_pb2.RefreshRequest(refresh="x")),
            lambda: stub.Logout(auth_pb2.LogoutRequest(refresh="x")),
            lambda: stub.VerifyToken(auth_pb2.VerifyTokenRequest(access=tokens.refresh)),
            lambda: stub.VerifyToken(auth_pb2.VerifyTokenRequest()),
        ):
            assert code_of(call) is grpc.StatusCode.UNAUTHENTICATED
        huge = auth_pb2.VerifyTokenRequest(access="x" * 100_000)
        assert code_of(lambda: stub.VerifyToken(huge)) is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.usefixtures("server")
def test_it_is_unavailable_without_its_database(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr("auth_grpc.services.verify", away)
        broken.setattr("auth_grpc.services.refresh", away)
        for call in (lambda: client.verify(tokens.access), lambda: client.refresh(tokens.refresh)):
            with pytest.raises(Unavailable):
                call()
    assert client.verify(tokens.access)


@pytest.mark.postgres
@pytest.mark.usefixtures("server")
def test_it_leaves_a_server_that_takes_no_writes(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = services.refresh, []

    def demoted(*given: Any, **more: Any) -> Any:
        with connections["default"].cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        left.append(connections["default"])
        return real(*given, **more)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("auth_grpc.services.refresh", demoted)
        with pytest.raises(Unavailable, match="the user database is away"):
            client.refresh(tokens.refresh)
    assert left[0].connection is None
    assert client.refresh(tokens.refresh)


@pytest.mark.usefixtures("server")
def test_it_reads_again_when_a_connection_has_died(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = services.verify, []

    def dies_once(token: str) -> Any:
        calls.append(token)
        if len(calls) == 1:
            raise OperationalError("server closed the connection")
        return real(token)

    monkeypatch.setattr("auth_grpc.services.verify", dies_once)
    assert client.verify(tokens.access)
    assert len(calls) == 2


@pytest.mark.usefixtures("server")
def test_it_verifies_while_logins_fill_their_queue(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr(User, "check_password", lambda *_: go.wait(20) and False)
    monkeypatch.setattr(passwords, "_admitted", threading.BoundedSemaphore(2))

    def login(number: int) -> str:
        try:
            client.login(email=f"u{number}@example.com", password="x", address="", user_agent="")
        except Exception as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(login, number) for number in range(8)]
        try:
            wait_until(lambda: sum(future.done() for future in waiting) == 6)
            assert client.verify(tokens.access)
        finally:
            go.set()
        told = sorted(future.result() for future in waiting)
    assert told == ["Unavailable"] * 6 + ["WrongCredentials"] * 2


def test_it_finishes_calls_at_hand_before_it_ends(
    server: Server, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go = threading.Event(), threading.Event()
    real = services.login

    def slow(**given: Any) -> services.Tokens:
        inside.set()
        assert go.wait(20)
        return real(**given)

    monkeypatch.setattr("auth_grpc.services.login", slow)
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(client.login, email=EMAIL, password=PASSWORD, address="", user_agent="")
        assert inside.wait(10)
        ended = pool.submit(server.drain)
        wait_until(lambda: not _serving(server.address))
        go.set()
        assert call.result(10).access
        ended.result(10)


def _serving(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        try:
            request = health_pb2.HealthCheckRequest()
            return bool(health_pb2_grpc.HealthStub(channel).Check(request, timeout=2).status == 1)
        except grpc.RpcError:
            return False


def test_it_refuses_a_port_that_is_taken(server: Server) -> None:
    with pytest.raises(OSError, match="cannot listen"):
        Server(server.address)


@pytest.mark.django_db
def test_it_will_not_start_on_a_taken_port(server: Server) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(CommandError, match="cannot listen"):
            call_command("run_auth", listen=server.address)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_it_runs_as_a_process_until_it_is_told_to_stop(tmp_path: Path, new_databases: Any) -> None:
    env = {**os.environ, **new_databases(), "VAR_DIR": str(tmp_path)}
    manage = [sys.executable, "manage.py"]
    unmigrated = subprocess.run([*manage, "run_auth"], cwd=ROOT, env=env, capture_output=True)
    assert unmigrated.returncode == 1
    assert b"migrate_services" in unmigrated.stderr
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        _start_and_stop([*manage, "run_auth", "--listen", "127.0.0.1:0"], env, number)


def _start_and_stop(command: list[str], env: dict[str, str], number: int) -> None:
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        (said,) = islice((line for line in process.stderr if "auth_started" in line), 1)
        address = said.rpartition("listens_on=")[2].strip()
        wait_until(lambda: _serving(address), seconds=30)
        process.send_signal(number)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
