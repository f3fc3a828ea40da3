"""The gRPC face of the services: translates messages, errors and nothing else."""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import grpc
import structlog
from django.db import close_old_connections
from django.utils import timezone
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from auth_grpc import errors, keys, services
from auth_grpc.identities import Identity
from proto import auth_pb2, auth_pb2_grpc
from restaurant.connections import close_after
from restaurant.messaging.retry import PASSING_FAULTS, passes

log = structlog.get_logger()
Answer = TypeVar("Answer")
CODES: dict[type[errors.AuthError], int] = {
    errors.InvalidInput: code_pb2.INVALID_ARGUMENT,
    errors.EmailTaken: code_pb2.ALREADY_EXISTS,
    errors.WrongCredentials: code_pb2.UNAUTHENTICATED,
    errors.CodeNeeded: code_pb2.UNAUTHENTICATED,
    errors.WrongCode: code_pb2.UNAUTHENTICATED,
    errors.InvalidToken: code_pb2.UNAUTHENTICATED,
    errors.KeyReused: code_pb2.FAILED_PRECONDITION,
    errors.KeyInUse: code_pb2.ABORTED,
    errors.Throttled: code_pb2.RESOURCE_EXHAUSTED,
    errors.Unavailable: code_pb2.UNAVAILABLE,
}


class AuthServicer(auth_pb2_grpc.AuthServiceServicer):
    """Answers calls, each in a thread of the server's pool."""

    def Register(
        self, request: auth_pb2.RegisterRequest, context: grpc.ServicerContext
    ) -> auth_pb2.User:
        user = _answer(
            context,
            lambda: services.register_once(
                email=request.email,
                password=request.password,
                name=request.name,
                key=request.idempotency_key,
                now=timezone.now(),
            ),
        )
        return auth_pb2.User(id=user.id, email=user.email, name=user.name, replayed=user.replayed)

    def Login(
        self, request: auth_pb2.LoginRequest, context: grpc.ServicerContext
    ) -> auth_pb2.Tokens:
        tokens = _answer(
            context,
            lambda: services.login(
                email=request.email,
                password=request.password,
                code=request.code,
                address=request.address,
                user_agent=request.user_agent,
                key=request.idempotency_key,
                now=timezone.now(),
            ),
        )
        return _tokens(tokens)

    def Refresh(
        self, request: auth_pb2.RefreshRequest, context: grpc.ServicerContext
    ) -> auth_pb2.Tokens:
        tokens = _answer(
            context,
            lambda: services.refresh(
                request.refresh, key=request.idempotency_key, now=timezone.now()
            ),
        )
        return _tokens(tokens)

    def Logout(
        self, request: auth_pb2.LogoutRequest, context: grpc.ServicerContext
    ) -> auth_pb2.LogoutResponse:
        ended = _answer(
            context,
            lambda: services.logout(
                request.refresh, key=request.idempotency_key, now=timezone.now()
            ),
        )
        return auth_pb2.LogoutResponse(replayed=ended.replayed)

    def VerifyToken(
        self, request: auth_pb2.VerifyTokenRequest, context: grpc.ServicerContext
    ) -> auth_pb2.Identity:
        # No look at the connection beforehand, which on PostgreSQL costs a round trip: reading
        # twice does no harm.
        return _identity(_answer(context, lambda: services.verify(request.access), reads_only=True))

    def GetKeys(
        self, request: auth_pb2.GetKeysRequest, context: grpc.ServicerContext
    ) -> auth_pb2.Keys:
        return auth_pb2.Keys(
            jwks=_answer(context, lambda: keys.key_set(now=timezone.now()), reads_only=True)
        )


def _answer(
    context: grpc.ServicerContext, work: Callable[[], Answer], *, reads_only: bool = False
) -> Answer:
    """Do the work on a living database connection; its errors end the call."""
    try:
        if not reads_only:
            close_old_connections()
            return work()
        try:
            return work()
        except PASSING_FAULTS:
            close_old_connections()
            return work()
    except errors.AuthError as error:
        _abort(context, CODES[type(error)], str(error), _details(error))
    except Exception as error:
        if not passes(error):
            raise
        close_after(error)
        log.warning("auth_database_away", reason=str(error).partition("\n")[0])
        _abort(context, code_pb2.UNAVAILABLE, "the user database is away")


def _abort(context: grpc.ServicerContext, code: int, text: str, details: Any = None) -> NoReturn:
    status = status_pb2.Status(code=code, message=text)
    if details is not None:
        packed = AnyMessage()
        packed.Pack(details)
        status.details.append(packed)
    context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError("abort raises")


def _details(error: errors.AuthError) -> Any:
    if isinstance(error, (errors.CodeNeeded, errors.WrongCode)):
        return error_details_pb2.ErrorInfo(reason=errors.REASONS[type(error)], domain="auth")
    if isinstance(error, errors.Throttled):
        delay = Duration(seconds=max(1, round(error.retry_after + 0.5)))
        return error_details_pb2.RetryInfo(retry_delay=delay)
    if isinstance(error, errors.InvalidInput):
        violation = error_details_pb2.BadRequest.FieldViolation
        return error_details_pb2.BadRequest(
            field_violations=[
                violation(field=v.field, reason=v.code.upper(), description=v.detail)
                for v in error.violations
            ]
        )
    return None


def _tokens(tokens: services.Tokens) -> auth_pb2.Tokens:
    return auth_pb2.Tokens(
        access=tokens.access,
        refresh=tokens.refresh,
        expires_in=tokens.expires_in,
        replayed=tokens.replayed,
    )


def _identity(identity: Identity) -> auth_pb2.Identity:
    rights: Any = identity.rights
    return auth_pb2.Identity(
        user_id=str(identity.user_id),
        session_id=str(identity.session_id),
        expires_at=Timestamp(seconds=int(identity.expires_at.timestamp())),
        roles=rights.roles,
        permissions=rights.permissions,
        is_staff=rights.is_staff,
        name=rights.name,
    )
