"""Reading what answers say of limits."""

import re
from typing import Any

_FORM = re.compile(r'"(?P<name>[a-z]+)";r=(?P<r>\d+);t=(?P<t>\d+)')


def limits_of(answer: Any) -> dict[str, Any]:
    """Give an answer's `RateLimit` by its parts, as draft 11 writes it."""
    found = _FORM.fullmatch(answer["RateLimit"])
    assert found
    return {"name": found["name"], "r": int(found["r"]), "t": int(found["t"])}
