"""API2, API10: who a request is from, and whether what others answer is believed."""

import base64
import json
import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone
from rest_framework.test import APIClient

from auth_grpc import client, services
from auth_grpc.models import Session, User
from proto import auth_pb2
from tests.auth_grpc.people import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db(databases=["default", "orders"])
ORDERS, LOGIN = "/api/v1/orders/", "/api/v1/auth/login/"


def get(api: APIClient, token: str, scheme: str = "Bearer") -> int:
    return int(api.get(ORDERS, headers={"Authorization": f"{scheme} {token}"}).status_code)


def changed(token: str, **claims: Any) -> str:
    """Give a token of one's own making, with the claims of another and these."""
    header = jwt.get_unverified_header(token)
    old = jwt.decode(token, options={"verify_signature": False})
    key = Ed25519PrivateKey.generate()
    return jwt.encode({**old, **claims}, key, algorithm="EdDSA", headers={"kid": header["kid"]})


def unsigned(token: str) -> str:
    head = json.dumps({**jwt.get_unverified_header(token), "alg": "none"}).encode()
    return f"{base64.urlsafe_b64encode(head).rstrip(b'=').decode()}.{token.split('.')[1]}."


@pytest.mark.usefixtures("server")
class TestApi2BrokenAuthentication:
    """API2:2023."""

    def test_a_good_token_is_let_in_by_its_header_alone(
        self, api: APIClient, tokens: services.Tokens
    ) -> None:
        assert get(api, tokens.access) == 200
        assert api.get(ORDERS, {"access_token": tokens.access}).status_code in (400, 401)
        api.cookies["access"] = tokens.access
        assert api.get(ORDERS).status_code == 401

    def test_no_token_of_one_s_own_making_is_believed(
        self, api: APIClient, tokens: services.Tokens
    ) -> None:
        later = int((timezone.now() + timedelta(days=900)).timestamp())
        for forged in (
            unsigned(tokens.access),
            changed(tokens.access),
            changed(tokens.access, exp=later),
            changed(tokens.access, sub=str(uuid.uuid4())),
            tokens.access[:-4] + "AAAA",
            # Good for something else.
            tokens.refresh,
        ):
            assert get(api, forged) == 401

    def test_a_token_dies_with_its_session(self, api: APIClient, tokens: services.Tokens) -> None:
        services.logout(tokens.refresh, now=timezone.now())
        assert get(api, tokens.access) == 401

    def test_guessing_ends_soon_and_the_right_password_tells_nothing(
        self, api: APIClient, user: User, settings: Any
    ) -> None:
        settings.LOGIN_FAILURES_PER_ACCOUNT = 3
        wrong = {"email": EMAIL, "password": "not this one"}
        codes = [api.post(LOGIN, wrong, format="json").status_code for _ in range(3)]
        assert codes == [401] * 3
        right = api.post(LOGIN, {"email": EMAIL, "password": PASSWORD}, format="json")
        assert right.status_code == 429
        assert int(right["Retry-After"]) >= 1
        assert not Session.objects.exists()

    def test_an_unknown_e_mail_is_told_as_a_wrong_password(
        self, api: APIClient, user: User
    ) -> None:
        answers = [
            api.post(LOGIN, {"email": email, "password": "not this one"}, format="json").json()
            for email in (EMAIL, "nobody@example.com")
        ]
        known, unknown = ({**answer, "request_id": ""} for answer in answers)
        assert known == unknown

    def test_weak_passwords_make_no_account(self, api: APIClient) -> None:
        for password in ("12345678", "password1", "short"):
            account = {"email": "new@example.com", "password": password}
            answer = api.post("/api/v1/auth/register/", account, format="json")
            assert answer.status_code == 400
        assert not User.objects.exists()


class TestApi10UnsafeConsumptionOfApis:
    """API10:2023. What the auth service answers is not believed where it makes no sense."""

    @pytest.mark.parametrize(
        "answer",
        [
            auth_pb2.Identity(),
            auth_pb2.Identity(user_id="admin", session_id=str(uuid.uuid4())),
            auth_pb2.Identity(user_id=str(uuid.uuid4()), session_id="' OR 1=1"),
        ],
        ids=["nobody", "no user's id", "no session's id"],
    )
    def test_a_senseless_answer_lets_nobody_in(
        self, monkeypatch: pytest.MonkeyPatch, answer: auth_pb2.Identity
    ) -> None:
        monkeypatch.setattr(client, "verify", lambda token: answer)
        api = APIClient(raise_request_exception=False)
        refused = api.get(ORDERS, headers={"Authorization": "Bearer x"})
        assert refused.status_code == 503
        assert refused["Content-Type"] == "application/problem+json"
