"""Ports on loopback."""

import random
import socket
from pathlib import Path

# Below it a process may choose as it likes.
FIRST_UNPRIVILEGED = 1024
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """Give a TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_row(count: int) -> int:
    """Give the first of so many TCP ports in a row that nobody holds now; 0 when this try fails.

    None is of those that the system gives to outgoing connections, and could give in the meantime.
    """
    # 32768 is Linux's own choice, and below that of macOS.
    highest = int(OUTGOING.read_text().split()[0]) if OUTGOING.exists() else 32768
    first = random.randrange(FIRST_UNPRIVILEGED, highest - count)
    return first if all(_is_free(first + n) for n in range(count)) else 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether something accepts connections on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
