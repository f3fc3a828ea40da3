"""Every operation of the API, as its schema's makers find them."""

import re
from typing import NamedTuple

ID, NUMBER = "01977777-7777-7777-8777-777777777777", "9000000"
WRITING = ("POST", "PUT", "PATCH")


class Operation(NamedTuple):
    """A method and a path, with what stands in for its parameters in braces."""

    method: str
    path: str

    def at(self, **known: str) -> str:
        """Give the path with these parameters, and others by what nothing has."""
        return re.sub(
            r"{(\w+)}", lambda name: known.get(name[1]) or self._absent(name[1]), self.path
        )

    def _absent(self, name: str) -> str:
        if name in ("sku", "code"):
            return "NO-SUCH"
        return NUMBER if "tickets" in self.path else ID


def operations() -> list[Operation]:
    """List all operations below `/api/v1/`."""
    from drf_spectacular.generators import EndpointEnumerator

    found = EndpointEnumerator().get_api_endpoints()
    return sorted(
        Operation(method, path) for path, _, method, _ in found if path.startswith("/api/v1/")
    )
