"""The auth server of auth's own tests, and the menu of orders'."""

from tests.auth_grpc.conftest import _no_connection_stays, _nothing_remembered, server
from tests.orders.conftest import _stop_intake, menu, menu_file, placed_here

__all__ = [
    "_no_connection_stays",
    "_nothing_remembered",
    "_stop_intake",
    "menu",
    "menu_file",
    "placed_here",
    "server",
]
