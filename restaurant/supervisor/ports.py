"""Where processes listen, and whether that place is free."""

import socket
from contextlib import closing
from dataclasses import dataclass

from restaurant.supervisor.errors import PortInUse

# An address that means "every interface", and where to reach it from this machine.
REACHED_AT = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1", "[::]": "[::1]"}  # noqa: S104


@dataclass(frozen=True)
class Place:
    """An address to listen on, and the variable by which an operator moves it."""

    host: str
    port: int
    purpose: str
    variable: str

    def require_free(self) -> None:
        """Raise `PortInUse` when something listens there."""
        if _is_taken(self.host.strip("[]"), self.port):
            raise PortInUse(
                f"Port {self.port} is in use; {self.purpose} needs it. "
                f"Free it, or set {self.variable} to another."
            )


def free_port(host: str = "127.0.0.1") -> int:
    """Give a port that nothing listens on at this moment."""
    with closing(socket.socket(_family(host))) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def split(address: str) -> tuple[str, int]:
    """Take `host:port` apart."""
    host, _, port = address.rpartition(":")
    return host, int(port)


def reachable(host: str) -> str:
    """Give the address by which this machine reaches a server that listens on `host`."""
    return REACHED_AT.get(host, host)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _is_taken(host: str, port: int) -> bool:
    # To connect finds what macOS lets another bind over; to bind finds what does not accept.
    with closing(socket.socket(_family(host))) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((reachable(host), port)) == 0:
            return True
    with closing(socket.socket(_family(host))) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
