"""Who changes something, and from where."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest

from restaurant.addresses import client_address, normal_address
from restaurant.request_ids import request_id

if TYPE_CHECKING:
    from rest_framework.request import Request


@dataclass(frozen=True)
class Person:
    """Somebody who changes something; `via` is a value of `TrailEntry.Via`."""

    id: UUID | None
    email: str
    via: str
    address: str | None = None
    request_id: str = ""


def person_of(request: "HttpRequest | Request", *, via: str = "admin") -> Person:
    """Give who sends a request (Django's or DRF's); its user is logged in.

    Who comes with a token is known by id alone.
    """
    user: Any = request.user
    return Person(
        id=user.pk,
        email=str(getattr(user, "email", "") or user),
        via=via,
        address=normal_address(client_address(request)),
        request_id=request_id(request)[:64],
    )
