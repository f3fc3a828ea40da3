"""gRPC by TLS, in both roles: what the settings say becomes credentials.

In plain text anybody on the way reads passwords and tokens, so outside DEBUG that is for this
machine alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from django.conf import settings

from restaurant.environment.formats import is_loopback, split_address


def open_channel(
    address: str, options: Sequence[tuple[str, Any]] = (), *, authority: str | None = None
) -> grpc.Channel:
    """Make a client's channel: by TLS where there is an authority, AUTH_GRPC_CA unless told.

    The client shows its own certificate, where it has one.
    """
    authority = settings.AUTH_GRPC_CA if authority is None else authority
    if not authority:
        return grpc.insecure_channel(address, options)
    credentials = grpc.ssl_channel_credentials(
        _read(authority),
        private_key=_read(settings.AUTH_GRPC_CLIENT_KEY),
        certificate_chain=_read(settings.AUTH_GRPC_CLIENT_CERTIFICATE),
    )
    return grpc.secure_channel(address, credentials, options)


def server_credentials() -> grpc.ServerCredentials | None:
    """Give what a server shows, and whether it demands clients' certificates; None: plain text."""
    if not settings.AUTH_GRPC_CERTIFICATE:
        return None
    key = Path(settings.AUTH_GRPC_PRIVATE_KEY).read_bytes()
    certificate = Path(settings.AUTH_GRPC_CERTIFICATE).read_bytes()
    authority = _read(settings.AUTH_GRPC_CLIENT_CA)
    return grpc.ssl_server_credentials(
        [(key, certificate)], authority, require_client_auth=authority is not None
    )


def is_exposed(address: str) -> bool:
    """Tell whether what goes to or from this host:port can leave the machine."""
    return not is_loopback(split_address(address)[0])


def _read(path: str) -> bytes | None:
    return Path(path).read_bytes() if path else None
