"""How a view says that it will go: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), where to read on.

    class OldView(Deprecated, APIView):
        deprecation = Notice(since=date(2027, 1, 1), sunset=date(2027, 7, 1), link="/docs/v2/")

The schema marks each of its operations as deprecated.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Since when a view is deprecated, from when on it may be gone, and where that is told.

    Days begin at midnight, UTC. Raises `ValueError` where it would go before it is deprecated.
    """

    since: date
    sunset: date | None = None
    link: str

    def __post_init__(self) -> None:
        if self.sunset and self.sunset < self.since:
            raise ValueError(f"sunset {self.sunset} is before {self.since}")

    def headers(self) -> dict[str, str]:
        """Give the headers of every answer."""
        found = {
            "Deprecation": f"@{_seconds(self.since)}",
            "Link": f'<{self.link}>; rel="deprecation"; type="text/html"',
        }
        if self.sunset:
            found["Sunset"] = http_date(_seconds(self.sunset))
        return found


class Deprecated(APIView):
    """Tells of its view's end with every answer: refusals too, since who is refused calls it."""

    deprecation: Notice

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.deprecation.headers().items():
            # A page has links of its own (RFC 8288, 3: the field is a list).
            response[name] = f"{response[name]}, {value}" if name in response else value
        return response


def of(view: Any) -> Notice | None:
    """Give the notice of a view that is deprecated."""
    return getattr(view, "deprecation", None)


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
