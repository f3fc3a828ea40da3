"""Which tokens are refused, whoever made them."""

import base64
import json
import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from auth_grpc import keys, services
from auth_grpc.errors import InvalidToken
from auth_grpc.keys import ring
from auth_grpc.models import SigningKey
from auth_grpc.tokens import AccessToken

pytestmark = pytest.mark.django_db


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refused(token: str) -> bool:
    with pytest.raises(InvalidToken):
        services.verify(token)
    return True


def test_it_says_who_signed_what_for_whom(tokens: services.Tokens) -> None:
    header, claims = jwt.get_unverified_header(tokens.access), claims_of(tokens.access)
    assert header == {"alg": "EdDSA", "typ": "JWT", "kid": SigningKey.objects.get().kid}
    wanted = {"sub", "roles", "sid", "jti", "exp", "iat", "iss", "aud", "token_type"}
    assert set(claims) == wanted
    assert claims["roles"] == ["customer"]
    assert claims["exp"] - claims["iat"] == 300


def test_it_refuses_alg_none(tokens: services.Tokens) -> None:
    kid = SigningKey.objects.get().kid
    body = tokens.access.split(".")[1]
    for alg in ("none", "None", "NONE"):
        assert refused(f"{part({'alg': alg, 'typ': 'JWT', 'kid': kid})}.{body}.")


def test_it_refuses_the_public_key_used_as_a_shared_secret(tokens: services.Tokens) -> None:
    key = SigningKey.objects.get()
    for header in ({"alg": "HS256", "kid": key.kid}, {"alg": "HS512", "kid": key.kid}):
        unsigned = f"{part(header)}.{tokens.access.split('.')[1]}"
        digest = jwt.get_algorithm_by_name(header["alg"])
        # PyJWT itself refuses to sign with a PEM; a forger does not ask it.
        signature = digest.sign(unsigned.encode(), key.public_pem.encode())
        text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        assert refused(f"{unsigned}.{text}")


def test_it_refuses_another_key_under_a_known_id(tokens: services.Tokens) -> None:
    kid = SigningKey.objects.get().kid
    forged = jwt.encode(
        claims_of(tokens.access), Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": kid}
    )
    assert refused(forged)


@pytest.mark.parametrize("headers", [{"kid": "unknown"}, {}, {"kid": ""}])
def test_it_refuses_unknown_keys(tokens: services.Tokens, headers: dict[str, str]) -> None:
    private = ring.signing().prepared_signing_key
    assert refused(jwt.encode(claims_of(tokens.access), private, "EdDSA", headers=headers))


def test_it_does_not_read_the_table_for_each_unknown_key(
    tokens: services.Tokens, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for all of them on a slow machine.
    monkeypatch.setattr(keys, "RELOAD_UNKNOWN_SECONDS", 60.0)
    with django_assert_max_num_queries(1):
        for number in range(20):
            headers = {"kid": f"unknown{number}"}
            refused(jwt.encode({}, Ed25519PrivateKey.generate(), "EdDSA", headers=headers))


@pytest.mark.parametrize("claim", ["aud", "iss"])
def test_it_refuses_tokens_for_others(tokens: services.Tokens, claim: str) -> None:
    key = ring.signing()
    claims = {**claims_of(tokens.access), claim: "another"}
    headers = {"kid": key.kid}
    assert refused(jwt.encode(claims, key.prepared_signing_key, "EdDSA", headers=headers))


def test_it_refuses_changed_claims(tokens: services.Tokens) -> None:
    header, _body, signature = tokens.access.split(".")
    body = part({**claims_of(tokens.access), "sub": str(uuid.uuid4())})
    assert refused(f"{header}.{body}.{signature}")


def test_it_refuses_expired_tokens(tokens: services.Tokens) -> None:
    claims = claims_of(tokens.access)
    old = AccessToken.issue(
        user_id=uuid.UUID(claims["sub"]),
        session_id=uuid.UUID(claims["sid"]),
        now=timezone.now() - timedelta(seconds=301),
    )
    assert refused(str(old))


def test_it_refuses_a_token_that_expires_while_it_is_remembered(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.verify(tokens.access)
    later = timezone.now() + timedelta(seconds=301)
    monkeypatch.setattr("rest_framework_simplejwt.tokens.aware_utcnow", lambda: later)
    assert refused(tokens.access)


def test_it_refuses_the_other_type(tokens: services.Tokens) -> None:
    assert refused(tokens.refresh)
    with pytest.raises(InvalidToken):
        services.refresh(tokens.access, now=timezone.now())


@pytest.mark.parametrize("text", ["", " ", ".", "a.b.c", "🍕.🍕.🍕", "x" * 5000, "é"])
def test_it_refuses_nonsense(text: str) -> None:
    assert refused(text)
