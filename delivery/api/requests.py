"""What a client may ask."""

from typing import Annotated

from msgspec import Meta, Struct


class Failed(Struct, forbid_unknown_fields=True):
    """Why an attempt failed; the customer reads it when the delivery is given up with it."""

    reason: Annotated[str, Meta(pattern=r"\S", max_length=200)]
