"""What is wrong with a key, told as problems."""

from django.utils.translation import gettext as _

from restaurant.problems import Problem

# A request is over in less than that, or its process has died and the key is free.
RETRY_SECONDS = 1


def malformed() -> Problem:
    """Say that the header is no key; such a request has done nothing."""
    detail = _(
        "Idempotency-Key must be 1 to 200 visible ASCII characters, plain and without a comma, or"
        " as a string in double quotes (RFC 9651)."
    )
    return Problem(code="bad_idempotency_key", detail=detail)


def reused() -> Problem:
    """Say that the key named another request."""
    detail = _("This Idempotency-Key was used with another body.")
    return Problem(code="idempotency_key_reused", detail=detail)


def in_use() -> Problem:
    """Say that the first request with the key is not answered yet."""
    return Problem(code="idempotency_key_in_use", retry_after=RETRY_SECONDS)
