"""uvicorn's HTTP protocol, with a way to cut a connection.

ASGI has none: what was written to a listener that takes nothing would be waited for, and the
process with it. `uvicorn --http restaurant.live.protocol:Protocol`
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ABORT = "abort"


class Protocol(HttpToolsProtocol):
    """Gives the application `scope["state"]["abort"]`: closes at once, without what is unsent."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][ABORT] = self.transport.abort
