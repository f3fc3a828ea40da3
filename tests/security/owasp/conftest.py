from tests.auth_grpc.conftest import (
    _no_connection_stays,
    _nothing_remembered,
    api,
    server,
    tokens,
    user,
)
from tests.limits.conftest import counting

__all__ = [
    "_no_connection_stays",
    "_nothing_remembered",
    "api",
    "counting",
    "server",
    "tokens",
    "user",
]
