"""Codes by time (TOTP, RFC 6238): six digits for each half minute, of a secret that two share."""

from datetime import datetime

import pyotp
import segno
import structlog
from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.safestring import SafeString

from auth_grpc import sealing

log = structlog.get_logger()
STEP_SECONDS = 30
# A telephone's clock may be so many steps before or behind.
DRIFT = 1
SALT = "auth_grpc.SecondFactor.secret"


def new_secret() -> str:
    """Make a secret, 160 bits in base 32, as people can type it."""
    return pyotp.random_base32()


def link(secret: str, *, email: str) -> str:
    """Give the secret as an `otpauth:` link, which authenticator apps read."""
    title = str(settings.UNFOLD["SITE_TITLE"])
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=title)


def picture(text: str) -> SafeString:
    """Draw the text as a QR code: SVG to stand in a page, black on white in either theme."""
    drawn = segno.make_qr(text, error="m").svg_inline(
        scale=5, border=4, light="#fff", dark="#000", omitsize=False
    )
    # An SVG of our own making.
    return SafeString(drawn)  # nosec B703


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Give the time step whose code this is, the newest that fits; nothing for a wrong code."""
    current = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret, interval=STEP_SECONDS)
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if constant_time_compare(codes.generate_otp(step), code):
            found = step
    return found


def seal(secret: str) -> str:
    """Encrypt a secret under SECRET_KEY."""
    return sealing.seal(secret, salt=SALT)


def open_sealed(sealed: str) -> str | None:
    """Give the secret, or nothing when it was sealed under a key that is not known any more."""
    secret = sealing.open_sealed(sealed, salt=SALT)
    if secret is None:
        log.error("second_factor_unreadable")
    return secret
