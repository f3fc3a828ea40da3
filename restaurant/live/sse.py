"""Server-Sent Events (WHATWG HTML, 9.2): how a stream begins, and what is sent on it."""

HEADERS = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    # nginx would hold events back until a buffer is full.
    (b"x-accel-buffering", b"no"),
    (b"connection", b"close"),
)
# Milliseconds after which a client opens a lost stream again.
RETRY = b"retry: 1000\n\n"


def event(name: str, data: bytes, id_: str = "") -> bytes:
    """Give an event; one without data would not be heard."""
    id_line = f"id: {id_}\n" if id_ else ""
    return f"event: {name}\n{id_line}data: ".encode() + data + b"\n\n"
