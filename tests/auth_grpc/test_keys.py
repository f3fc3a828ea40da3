"""Keys: kept encrypted, rotated, and verifying as long as their tokens live."""

import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.core.management import call_command
from django.utils import timezone

from auth_grpc import client, identities, keys, services
from auth_grpc.errors import InvalidToken
from auth_grpc.keys import ring
from auth_grpc.models import SigningKey
from auth_grpc.tokens import AccessToken
from tests.auth_grpc.people import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def test_it_verifies_with_the_old_key_and_signs_with_the_new(
    tokens: services.Tokens, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rotate_signing_key")
    new = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    assert kid_of(new.access) != kid_of(tokens.access)
    assert kid_of(new.access) in capsys.readouterr().out
    assert services.verify(tokens.access)
    assert services.verify(new.access)
    assert kid_of(services.refresh(tokens.refresh, now=timezone.now()).access) == kid_of(new.access)


def test_it_forgets_the_private_part_of_a_retired_key(tokens: services.Tokens) -> None:
    services.rotate_keys(now=timezone.now())
    old = SigningKey.objects.get(kid=kid_of(tokens.access))
    assert old.private_pem == ""
    assert old.retired_at


def test_it_keeps_a_retired_key_until_its_last_token_is_gone(
    tokens: services.Tokens, settings: Any
) -> None:
    now = timezone.now()
    services.rotate_keys(now=now)
    services.purge(now=now + settings.REFRESH_TOKEN_LIFETIME)
    assert SigningKey.objects.count() == 2
    services.purge(now=now + settings.REFRESH_TOKEN_LIFETIME + timedelta(hours=1))
    assert SigningKey.objects.count() == 1


def test_it_refuses_tokens_of_a_key_that_was_taken_away(tokens: services.Tokens) -> None:
    assert services.verify(tokens.access)
    SigningKey.objects.all().delete()
    ring.forget()
    with pytest.raises(InvalidToken):
        services.verify(tokens.access)


def test_it_learns_of_another_process_s_new_key_when_it_meets_it(
    tokens: services.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.verify(tokens.access)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("auth_grpc.keys.ring", keys.KeyRing())
        elsewhere.setattr("auth_grpc.tokens.ring", keys.ring)
        services.rotate_keys(now=timezone.now())
        new = services.login(email=EMAIL, password=PASSWORD, now=timezone.now())
    assert kid_of(new.access) not in ring._backends
    monkeypatch.setattr(keys, "RELOAD_UNKNOWN_SECONDS", -1.0)
    assert services.verify(new.access)


def test_it_keeps_private_keys_encrypted(tokens: services.Tokens, settings: Any) -> None:
    pem = SigningKey.objects.get().private_pem
    assert pem.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert keys._decrypt(pem)
    settings.SECRET_KEY = "another"
    assert keys._decrypt(pem) is None


def test_it_goes_on_with_a_new_key_when_the_secret_was_changed(
    tokens: services.Tokens, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    ring.__init__()  # type: ignore[misc]
    assert ring.signing().kid == kid_of(tokens.access)
    settings.SECRET_KEY_FALLBACKS = []
    ring.__init__()  # type: ignore[misc]
    assert ring.signing().kid != kid_of(tokens.access)
    assert services.verify(tokens.access)


def test_it_has_one_current_key_when_two_processes_make_the_first(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's is committed between the look and the making."""
    services.rotate_keys(now=timezone.now())
    theirs = SigningKey.objects.get()
    real = keys.rotate
    ring._loaded_at = time.monotonic()
    ring._current = None

    def beaten(*, now: Any) -> SigningKey:
        monkeypatch.setattr(
            SigningKey.objects, "filter", lambda *_, **__: SigningKey.objects.none()
        )
        try:
            return real(now=now)
        finally:
            monkeypatch.undo()

    monkeypatch.setattr(keys, "rotate", beaten)
    assert ring.signing().kid == theirs.kid
    assert SigningKey.objects.count() == 1


@pytest.mark.usefixtures("server")
def test_it_publishes_keys_that_verify(tokens: services.Tokens) -> None:
    services.rotate_keys(now=timezone.now())
    published = json.loads(client.published_keys())["keys"]
    assert len(published) == 2
    assert all(set(key) == {"kid", "use", "alg", "kty", "crv", "x"} for key in published)
    [key] = [key for key in published if key["kid"] == kid_of(tokens.access)]
    claims = jwt.decode(
        tokens.access, jwt.PyJWK(key), ["EdDSA"], audience="restaurant", issuer="restaurant"
    )
    identity = identities.of(AccessToken.read(tokens.access))
    assert claims["sub"] == str(identity.user_id)
