"""DRF's parser of JSON, as strict as the bodies that are read without it."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from restaurant.bodies.mistakes import NotJson, parse
from restaurant.bodies.reading import refuse_coded


class StrictJson(JSONParser):
    """Takes JSON in UTF-8 as RFC 8259 has it; of names that come twice the last one counts.

    Refuses what Python's own parser takes or breaks on: a hundred thousand brackets, halves of
    surrogate pairs, `NaN`, numbers without end.
    """

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Give what the body says. Raises `ParseError`, and a problem for a compressed one."""
        if parser_context:
            refuse_coded(parser_context["request"])
        try:
            return parse(stream.read())
        except NotJson as error:
            raise ParseError(str(error)) from None
