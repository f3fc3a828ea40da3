"""Secrets that this side must be able to read again: encrypted under SECRET_KEY."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def seal(text: str, *, salt: str) -> str:
    """Encrypt a text; each use has a salt, and so a key, of its own."""
    return _cipher(salt).encrypt(text.encode()).decode()


def open_sealed(sealed: str, *, salt: str) -> str | None:
    """Give the text, or nothing when it was sealed under a key that is not known any more."""
    try:
        return _cipher(salt).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _cipher(salt: str) -> MultiFernet:
    """Seal with the present secret; open with the earlier ones too."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(salt, secret)) for secret in secrets])


def _key(salt: str, secret: str) -> bytes:
    return urlsafe_b64encode(salted_hmac(salt, "", secret=secret, algorithm="sha256").digest())
