"""What the board's buttons send."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest
from msgspec import UNSET, Meta, Struct, UnsetType

from delivery.models import Delivery

Status = Delivery.Status
# What a card of a column is while something may be done to it.
STATUS_OF = {
    "waiting": Status.AWAITING_COURIER,
    "assigned": Status.ASSIGNED,
    "road": Status.OUT_FOR_DELIVERY,
    "failed": Status.AWAITING_COURIER,
}


class BadPress(Exception):
    """The board sent what no button of it sends."""


class Pressed(Struct, forbid_unknown_fields=True):
    """A press. `seen` is the courier whom the card showed: null when it waited.

    `column` is where it stood.
    """

    courier: UUID | UnsetType = UNSET
    seen: UUID | UnsetType | None = UNSET
    column: Literal["waiting", "assigned", "road", "failed"] | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    # Keys of the deliveries that the end of a shift freed.
    freed: Annotated[list[int], Meta(max_length=1000)] = []

    @property
    def status(self) -> Delivery.Status | UnsetType:
        """What the delivery was when it was looked at."""
        return UNSET if self.column is UNSET else STATUS_OF[self.column]

    def pick(self, names: dict[str, str]) -> dict[str, Any]:
        """Give some of it under other names, as a service takes it.

        Without what was seen nothing is compared. Raises `BadPress` when another one is missing.
        """
        found = {}
        for name, wanted in names.items():
            value = getattr(self, name)
            value = value.strip() if isinstance(value, str) else value
            if value is not UNSET and value != "":
                found[wanted] = value
            elif name not in ("seen", "status"):
                raise BadPress(name)
        return found


_decoder = msgspec.json.Decoder(Pressed)


def read(request: HttpRequest) -> Pressed:
    """Read a request's body. Raises `BadPress`."""
    try:
        return _decoder.decode(request.body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPress(str(error)) from error
