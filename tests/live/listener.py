"""A client of a live stream on a bare socket, which reads only when it is asked to."""

import json
import re
import socket
import time
from collections.abc import Mapping
from typing import Any, NamedTuple


class Heard(NamedTuple):
    """One Server-Sent Event."""

    name: str
    data: Any
    id: str


class Listener:
    """One connection; `events` is all that it has heard, `last_id` where it would resume."""

    def __init__(
        self,
        port: int,
        channel: str = "kitchen",
        session: str = "",
        *,
        after: str = "",
        last_event_id: str = "",
        method: str = "GET",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        buffer: int | None = None,
    ) -> None:
        self.events: list[Heard] = []
        self.last_id = last_event_id or after
        self.is_closed = False
        self._buffer = b""
        self._text = b""
        self._taken = 0
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        sent = {"Host": f"127.0.0.1:{port}"}
        sent |= {"Cookie": f"sessionid={session}"} if session else {}
        sent |= {"Last-Event-ID": last_event_id} if last_event_id else {}
        lines = [f"{name}: {value}" for name, value in {**sent, **(headers or {})}.items() if value]
        path = path or f"/live/{channel}/" + (f"?after={after}" if after else "")
        request = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        self.socket.sendall(request.encode("latin-1"))
        self._read_head()

    def _read_head(self) -> None:
        while b"\r\n\r\n" not in self._buffer:
            received = self.socket.recv(65536)
            assert received, self._buffer
            self._buffer += received
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status.split()[1])
        self.headers: dict[str, str] = {}
        for name, _, value in (line.partition(": ") for line in lines):
            # The same field twice is one list (RFC 9110, 5.3).
            before = self.headers.get(name.lower())
            self.headers[name.lower()] = f"{before}, {value}" if before else value
        self._parse()

    def body(self) -> Any:
        """Read an answer that is no stream, as JSON."""
        while len(self._buffer) < int(self.headers["content-length"]):
            self._buffer += self.socket.recv(65536)
        return json.loads(self._buffer)

    def hear(self, seconds: float) -> bool:
        """Read once, waiting at most so long; tells whether anything came."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            received = self.socket.recv(1 << 20)
        except TimeoutError:
            return False
        except OSError:
            received = b""
        self.is_closed = not received
        self._buffer += received
        self._parse()
        return bool(received)

    def next(self, *names: str, seconds: float = 10.0) -> Heard:
        """Give the next event of one of these names, passing over others."""
        deadline = time.monotonic() + seconds
        while True:
            while self._taken < len(self.events):
                self._taken += 1
                if (event := self.events[self._taken - 1]).name in names:
                    return event
            left = deadline - time.monotonic()
            assert left > 0, f"no {names} within {seconds} s; heard {self.events[-5:]}"
            assert not self.is_closed, f"closed without {names}; heard {self.events[-5:]}"
            self.hear(left)

    def wait_closed(self, seconds: float = 5.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_closed:
            assert time.monotonic() < deadline, f"still open; heard {self.events[-5:]}"
            self.hear(deadline - time.monotonic())

    def orders(self) -> list[str]:
        """List the orders that were named in changes, as often as they were."""
        return [
            order
            for event in self.events
            if event.name == "changes"
            for facts in event.data
            for order in facts.get("orders", [])
        ]

    def close(self) -> None:
        self.socket.close()
        self.is_closed = True

    def _parse(self) -> None:
        if self.headers.get("transfer-encoding") != "chunked":
            return
        while (head := re.match(rb"([0-9a-fA-F]+)\r\n", self._buffer)) is not None:
            end = head.end() + int(head[1], 16)
            if len(self._buffer) < end + 2:
                break
            self._text += self._buffer[head.end() : end]
            self._buffer = self._buffer[end + 2 :]
        *whole, self._text = self._text.split(b"\n\n")
        for block in whole:
            self._hear_event(block.decode())

    def _hear_event(self, block: str) -> None:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "id" in fields:
            self.last_id = fields["id"]
        if "event" in fields:
            data = json.loads(fields["data"])
            self.events.append(Heard(fields["event"], data, fields.get("id", "")))
