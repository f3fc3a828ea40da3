"""How keyed operations are described in the API's schema."""

from typing import Final

from drf_spectacular.utils import OpenApiParameter

# The draft names no mark. This one is Stripe's, which clients know.
REPLAYED: Final = "Idempotent-Replayed"

_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    # Bare, or a string of RFC 9651: see `keys`.
    pattern=(
        r"^([\x21\x23-\x2b\x2d-\x7e][\x21-\x2b\x2d-\x7e]{0,199}"
        r'|"([\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,200}")$'
    ),
    description=(
        "Your own name for this request, as a UUID: 1 to 200 visible ASCII characters. Sent again"
        " within 24 hours with the same body it changes nothing more and is answered as at first;"
        " with another body it is refused (422). While the first still runs, 409."
    ),
)
_MARK = OpenApiParameter(
    REPLAYED,
    location=OpenApiParameter.HEADER,
    response=[200, 201, 202, 204],
    description="`true` when this is the answer of an earlier request with the same key.",
)
PARAMETERS = [_KEY, _MARK]
