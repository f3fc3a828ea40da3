"""What is wrong with a key, told as problems."""

from http import HTTPStatus

from restaurant.problems import Problem

# A request is over in less than that, or its process has died and the key is free.
RETRY_SECONDS = 1


def malformed() -> Problem:
    """Say that the header is no key; such a request has done nothing."""
    detail = (
        "Idempotency-Key must be 1 to 200 visible ASCII characters, plain or as a string in double"
        " quotes (RFC 9651)."
    )
    return Problem(status=HTTPStatus.BAD_REQUEST, code="bad_idempotency_key", detail=detail)


def reused() -> Problem:
    """Say that the key named another request."""
    detail = "This Idempotency-Key was used with another body. Take a new key for a new request."
    return Problem(
        status=HTTPStatus.UNPROCESSABLE_ENTITY, code="idempotency_key_reused", detail=detail
    )


def in_use() -> Problem:
    """Say that the first request with the key is not answered yet."""
    detail = "The first request with this Idempotency-Key still runs. Send it again in a moment."
    return Problem(
        status=HTTPStatus.CONFLICT,
        code="idempotency_key_in_use",
        detail=detail,
        retry_after=RETRY_SECONDS,
    )
