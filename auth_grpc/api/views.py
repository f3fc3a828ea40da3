"""Accounts over HTTP: asks the auth service over gRPC, so it needs no database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from auth_grpc import client, errors
from auth_grpc.api.serializers import (
    LoginSerializer,
    RefreshSerializer,
    RegistrationSerializer,
    TokensSerializer,
    UserSerializer,
)
from auth_grpc.authentication import auth_away
from restaurant.addresses import client_address
from restaurant.idempotency.keys import fingerprint, key_of
from restaurant.idempotency.refusals import in_use, reused
from restaurant.idempotency.running import hold
from restaurant.idempotency.schema import PARAMETERS, REPLAYED
from restaurant.parameters import KnownParameters
from restaurant.problems import FieldError, Problem, documented


class OpenView(KnownParameters):
    """For those who have no token yet, or no good one any more."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class: type[Serializer[Any]]

    def get_serializer(self, **given: Any) -> Serializer[Any]:
        """Give the body's serializer, of which OPTIONS tells."""
        return self.serializer_class(**given)

    def given(self, request: Request) -> dict[str, Any]:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        return data

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, errors.Throttled):
            # Of the limit, much may be left: it is not what holds this back.
            for header in ("RateLimit-Policy", "RateLimit"):
                self.headers.pop(header, None)
        if isinstance(exc, errors.AuthError):
            exc = _problem(exc)
        return super().handle_exception(exc)


class RegisterView(OpenView):
    serializer_class = RegistrationSerializer

    @extend_schema(
        operation_id="auth_register",
        request=RegistrationSerializer,
        parameters=PARAMETERS,
        responses={201: UserSerializer},
        extensions=documented("email_taken"),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Make a customer account.

        Log in with it next. The e-mail is compared without regard to case.
        """
        with _key_held(request) as key:
            user = client.register(**self.given(request), key=key)
        body = {"id": user.id, "email": user.email, "name": user.name}
        return Response(body, status.HTTP_201_CREATED, headers=_marked(user))


class LoginView(OpenView):
    serializer_class = LoginSerializer

    @extend_schema(
        operation_id="auth_login",
        request=LoginSerializer,
        parameters=PARAMETERS,
        responses={200: TokensSerializer},
        extensions=documented("wrong_credentials", "code_needed", "wrong_code"),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Log in.

        Opens a session: an access token for five minutes, and a refresh token for the next pair.
        Staff with a second factor send its `code` too. Too many failed logins are held back. A
        repeat with the same `Idempotency-Key` gives the same session.
        """
        with _key_held(request) as key:
            tokens = client.login(
                **self.given(request),
                address=client_address(request),
                user_agent=request.headers.get("User-Agent", ""),
                key=key,
            )
        return _answer(tokens)


class RefreshView(OpenView):
    serializer_class = RefreshSerializer

    @extend_schema(
        operation_id="auth_refresh",
        request=RefreshSerializer,
        parameters=PARAMETERS,
        responses={200: TokensSerializer},
        extensions=documented("invalid_refresh_token"),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Renew the tokens.

        Spends a refresh token for a new pair. Spending one twice ends the whole session: send an
        `Idempotency-Key`, and when the answer was lost, the same again. It gives the same pair, as
        long as nobody has used that.
        """
        with _key_held(request) as key:
            return _answer(client.refresh(self.given(request)["refresh"], key=key))


class LogoutView(OpenView):
    serializer_class = RefreshSerializer

    @extend_schema(
        operation_id="auth_logout",
        request=RefreshSerializer,
        parameters=PARAMETERS,
        responses={204: None},
        extensions=documented("invalid_refresh_token"),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Log out.

        Ends the session of a refresh token. Its access tokens die within ten seconds. A session
        that has ended stays so: a repeat does no harm, with an `Idempotency-Key` or without.
        """
        with _key_held(request) as key:
            ended = client.logout(self.given(request)["refresh"], key=key)
        return Response(status=status.HTTP_204_NO_CONTENT, headers=_marked(ended))


@contextmanager
def _key_held(request: Request) -> Iterator[str]:
    """Give the request's idempotency key, empty for none, and keep its twins out meanwhile."""
    key = key_of(request)
    if key is None:
        yield ""
        return
    # Before somebody is logged in, clients are told apart by what they send.
    route = f"{key.route} {fingerprint(request._request.body)}"
    with hold(key._replace(route=route)):
        yield key.text


def _answer(tokens: Any) -> Response:
    body = {"access": tokens.access, "refresh": tokens.refresh, "expires_in": tokens.expires_in}
    # RFC 6749, 5.1: tokens are not for caches.
    return Response(body, headers={"Cache-Control": "no-store", **_marked(tokens)})


def _marked(answer: Any) -> dict[str, str]:
    return {REPLAYED: "true"} if answer.replayed else {}


def _problem(error: errors.AuthError) -> Problem:
    if isinstance(error, errors.InvalidInput):
        found = [FieldError(f"/{v.field}", v.code, v.detail) for v in error.violations]
        return Problem(code="invalid", errors=found)
    if isinstance(error, errors.EmailTaken):
        detail = _("There is an account with this e-mail.")
        found = [FieldError("/email", "email_taken", detail)]
        return Problem(code="email_taken", detail=detail, errors=found)
    if isinstance(error, errors.WrongCredentials):
        detail = _("The e-mail or the password is wrong.")
        return Problem(code="wrong_credentials", detail=detail)
    if isinstance(error, (errors.CodeNeeded, errors.WrongCode)):
        return _code_problem(error)
    if isinstance(error, errors.InvalidToken):
        return Problem(code="invalid_refresh_token")
    if isinstance(error, errors.KeyReused):
        return reused()
    if isinstance(error, errors.KeyInUse):
        return in_use()
    if isinstance(error, errors.Throttled):
        return Problem(
            code="throttled",
            detail=_("There were too many failed logins."),
            retry_after=error.retry_after,
        )
    return auth_away()


def _code_problem(error: errors.AuthError) -> Problem:
    if isinstance(error, errors.WrongCode):
        code, detail = "wrong_code", _("The code is wrong, too old, or was used before.")
    else:
        code = "code_needed"
        detail = _("This account needs a code of its second factor, set up on the staff site.")
    found = [FieldError("/code", code, detail)]
    return Problem(code=code, detail=detail, errors=found)
