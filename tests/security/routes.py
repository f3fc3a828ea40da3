"""Every operation of the API, as its schema's makers find them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

WRITING = ("POST", "PUT", "PATCH")


class Operation(NamedTuple):
    """A method and a path, with what stands in for its parameters in braces."""

    method: str
    path: str

    def at(self, **known: str) -> str:
        """Give the path with these parameters, and others by what nothing has."""
        return re.sub(r"{(\w+)}", lambda found: known.get(found[1], ABSENT[found[1]]), self.path)


_ID = "01977777-7777-7777-8777-777777777777"
ABSENT: Mapping[str, str] = {
    **dict.fromkeys(("order_id", "courier_id", "delivery_id"), _ID),
    **dict.fromkeys(("id", "pk"), "9000000"),
    **dict.fromkeys(("sku", "code"), "NO-SUCH"),
}


def operations() -> list[Operation]:
    """List all operations below `/api/v1/`."""
    from drf_spectacular.generators import EndpointEnumerator

    found = EndpointEnumerator().get_api_endpoints()
    return sorted(
        Operation(method, path) for path, _, method, _ in found if path.startswith("/api/v1/")
    )
