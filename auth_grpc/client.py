"""Calls to the auth service. Each has a deadline, and raises the named errors of `errors`.

One channel a process, made at the first call: one that was made before a fork hangs in the child.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from django.conf import settings
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from auth_grpc import errors
from proto import auth_pb2, auth_pb2_grpc
from restaurant import grpc_tls
from restaurant.logs.calls import carried
from restaurant.monitor import metrics

Answer = TypeVar("Answer")
AUTH = auth_pb2.DESCRIPTOR.services_by_name["AuthService"].full_name
SERVICE_CONFIG = {
    # Each of the addresses that the name has, in turn. Without `healthCheckConfig`: grpcio's health
    # servicer waits for a watcher while it holds the lock that a leaving watcher needs, and then
    # the server answers nobody any more.
    "loadBalancingConfig": [{"round_robin": {}}],
    # What only asks is asked again where the connection was lost under it, as at a restart of auth.
    "methodConfig": [
        {
            "name": [{"service": AUTH, "method": method} for method in ("VerifyToken", "GetKeys")],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.2s",
                "backoffMultiplier": 2,
                # Cancelled are those that reach a server in the moment in which it stops.
                "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
            },
        }
    ],
}
OPTIONS = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    # When an address is lost, new ones are asked for at once; by default up to 30 s later.
    ("grpc.dns_min_time_between_resolutions_ms", 500),
    # An internal service is not reached through the proxy for the internet.
    ("grpc.enable_http_proxy", 0),
    # Found again within a second after a restart; gRPC's own backoff goes up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A peer that vanished without a word is found out.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
]
_lock = threading.Lock()
_channel: grpc.Channel | None = None
_stub: auth_pb2_grpc.AuthServiceStub | None = None
_inherited: list[grpc.Channel | None] = []


def register(*, email: str, password: str, name: str, key: str = "") -> auth_pb2.User:
    """Make a customer, or give the one that the idempotency key made.

    Raises `InvalidInput`, `EmailTaken`, `KeyReused`, `KeyInUse`, `Throttled`, `Unavailable`.
    """
    request = auth_pb2.RegisterRequest(
        email=email, password=password, name=name, idempotency_key=key
    )
    return _call(
        "Register",
        lambda stub: stub.Register(
            request, timeout=settings.AUTH_GRPC_LOGIN_TIMEOUT, metadata=carried()
        ),
    )


def login(
    *, email: str, password: str, code: str = "", address: str, user_agent: str, key: str = ""
) -> auth_pb2.Tokens:
    """Open a session, or give the one that the idempotency key opened.

    Raises `WrongCredentials`, `CodeNeeded`, `WrongCode`, `KeyReused`, `KeyInUse`, `Throttled`,
    `Unavailable`.
    """
    request = auth_pb2.LoginRequest(
        email=email,
        password=password,
        code=code,
        address=address,
        user_agent=user_agent,
        idempotency_key=key,
    )
    return _call(
        "Login",
        lambda stub: stub.Login(
            request, timeout=settings.AUTH_GRPC_LOGIN_TIMEOUT, metadata=carried()
        ),
        unauthenticated=errors.WrongCredentials,
    )


def refresh(token: str, *, key: str = "") -> auth_pb2.Tokens:
    """Spend a refresh token. Raises `InvalidToken`, `KeyReused`, `KeyInUse`, `Unavailable`.

    After `Unavailable` the token may have been spent all the same: ask again with the same
    idempotency key, and without one log in again.
    """
    request = auth_pb2.RefreshRequest(refresh=token, idempotency_key=key)
    return _call(
        "Refresh",
        lambda stub: stub.Refresh(request, timeout=settings.AUTH_GRPC_TIMEOUT, metadata=carried()),
    )


def logout(token: str, *, key: str = "") -> auth_pb2.LogoutResponse:
    """End the session of a refresh token.

    Raises `InvalidToken`, `KeyReused`, `KeyInUse`, `Unavailable`.
    """
    request = auth_pb2.LogoutRequest(refresh=token, idempotency_key=key)
    return _call(
        "Logout",
        lambda stub: stub.Logout(request, timeout=settings.AUTH_GRPC_TIMEOUT, metadata=carried()),
    )


def verify(token: str) -> auth_pb2.Identity:
    """Ask whose access token it is. Raises `InvalidToken`, `Unavailable`."""
    request = auth_pb2.VerifyTokenRequest(access=token)
    return _call(
        "VerifyToken",
        lambda stub: stub.VerifyToken(
            request, timeout=settings.AUTH_GRPC_TIMEOUT, metadata=carried()
        ),
    )


def published_keys() -> str:
    """Give the JWK set as JSON text. Raises `Unavailable`."""
    request = auth_pb2.GetKeysRequest()
    return _call(
        "GetKeys",
        lambda stub: stub.GetKeys(request, timeout=settings.AUTH_GRPC_TIMEOUT, metadata=carried()),
    ).jwks


def close() -> None:
    """Close the channel; the next call opens another, by the settings of then."""
    global _channel, _stub
    with _lock:
        if _channel:
            _channel.close()
        _channel = _stub = None


def _call(
    method: str,
    call: Callable[[auth_pb2_grpc.AuthServiceStub], Answer],
    unauthenticated: type[errors.AuthError] = errors.InvalidToken,
) -> Answer:
    began, code = time.perf_counter(), "OK"
    try:
        return call(_stub or _connect())
    except grpc.RpcError as error:
        code = error.code().name
        raise _translated(error, unauthenticated) from error
    finally:
        seconds = time.perf_counter() - began
        metrics.grpc_client_calls.labels(method, code).observe(seconds)


def _connect() -> auth_pb2_grpc.AuthServiceStub:
    global _channel, _stub
    with _lock:
        if _stub is None:
            _channel = grpc_tls.open_channel(settings.AUTH_GRPC_ADDRESS, OPTIONS)
            _stub = auth_pb2_grpc.AuthServiceStub(_channel)
        return _stub


def _forget() -> None:
    """In a forked child: leave the parent's channel alone, and take a lock nobody holds."""
    global _lock, _channel, _stub
    # Kept, because closing it would wait for threads that only the parent has.
    _inherited.append(_channel)
    _lock, _channel, _stub = threading.Lock(), None, None


# A fork in mid-call may crash the child: so no channel is open then, and this process opens another
# when it needs one.
os.register_at_fork(before=close, after_in_child=_forget)


def _translated(error: Any, unauthenticated: type[errors.AuthError]) -> errors.AuthError:
    code = error.code()
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return errors.InvalidInput(_violations(error))
    if code is grpc.StatusCode.ALREADY_EXISTS:
        return errors.EmailTaken()
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return _of_code(error) or unauthenticated(error.details())
    if code is grpc.StatusCode.FAILED_PRECONDITION:
        return errors.KeyReused()
    if code is grpc.StatusCode.ABORTED:
        return errors.KeyInUse()
    details = error_details_pb2.RetryInfo()
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and _unpacked(error, details):
        return errors.Throttled(details.retry_delay.seconds)
    return errors.Unavailable(f"{code.name}: {error.details()}")


def _of_code(error: Any) -> errors.AuthError | None:
    """Give the error of a login whose password was right, but not its code."""
    info = error_details_pb2.ErrorInfo()
    if not _unpacked(error, info):
        return None
    return next((kind() for kind, reason in errors.REASONS.items() if reason == info.reason), None)


def _violations(error: Any) -> list[errors.Violation]:
    details = error_details_pb2.BadRequest()
    _unpacked(error, details)
    return [
        errors.Violation(v.field, v.reason.lower(), v.description) for v in details.field_violations
    ]


def _unpacked(error: Any, into: Any) -> bool:
    """Read the error's details of this type; tells whether there are any."""
    status = rpc_status.from_call(error)
    return any(packed.Unpack(into) for packed in status.details) if status else False
