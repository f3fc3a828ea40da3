"""Why the view refused a request for an order."""

from typing import Final

from rest_framework.response import Response

from orders.errors import OrderRefused

# Django answers what a view raises and nobody expects; this is what the client is told.
SERVER_ERROR: Final = "internal_server_error"
# Clients are told "unavailable" of a dish as well.
NOT_TAKEN: Final = "intake_unavailable"


def reason(error: Exception, response: Response) -> str:
    """Name a reason by the code that clients are told; of several reasons, the first."""
    if isinstance(error, OrderRefused) and error.refusals:
        return error.refusals[0].code
    code = str(response.data["code"])
    return NOT_TAKEN if code == "unavailable" else code
