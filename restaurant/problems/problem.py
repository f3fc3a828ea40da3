"""A problem: raised under a view, or made into an answer's body (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext
from rest_framework import exceptions

from restaurant.problems.catalogue import Kind, listed

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one part of the body; `pointer` is a JSON pointer such as `/lines/0`."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ParameterError:
    """What is wrong with one query parameter."""

    parameter: str
    code: str
    detail: str


Error = FieldError | ParameterError


class Problem(exceptions.APIException):
    """An error to answer with; raise it anywhere under a view.

    `code` is one of the catalogue's, or `UnlistedCode` is raised; the catalogue has its status.
    `detail` says to people what has happened; what to do, the catalogue adds.
    `retry_after`, in seconds, becomes the header of that name; `headers` are what else the answer
    has to say.
    """

    def __init__(
        self,
        *,
        code: str,
        detail: str = "",
        errors: Sequence[Error] = (),
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = listed(code)
        super().__init__(detail, code)
        self.status_code = self.kind.status
        self.code = code
        self.errors = tuple(errors)
        self.wait = retry_after
        self.headers = headers or {}


def told(kind: Kind, happened: str = "") -> str:
    """Give a `detail`: what has happened, or else what the kind is called, and what to do.

    In the language of the reader; `title` is English, for developers.
    """
    return f"{(happened or gettext(kind.title)).rstrip('.')}. {gettext(kind.advice)}"


def body(
    kind: Kind, *, request_id: str, happened: str = "", errors: Iterable[Error] = ()
) -> dict[str, Any]:
    """Give the members of a problem's JSON; `errors` only where parts are to blame."""
    members: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "detail": told(kind, happened),
    }
    if found := [asdict(error) for error in errors]:
        members["errors"] = found
    members["request_id"] = request_id
    return members
