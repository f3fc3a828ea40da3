"""How events are told: on a stream, or in a list."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from restaurant.live.answers import Send
from restaurant.live.following.followed import Event
from restaurant.live.following.follower import Follower
from restaurant.live.sse import HEADERS, RETRY, event

# Proxies and clients take a stream for dead that is silent for long; the usual least is 30 s.
SILENCE = 15.0
STILL_HERE = b": still here\n\n"


async def begin(send: Send, cors: list[tuple[bytes, bytes]], *, is_whole: bool = False) -> None:
    """Send a stream's head; `is_whole` for who asked for no more."""
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *cors]})
    await _write(send, b"" if is_whole else RETRY, is_last=is_whole)


async def tell(follower: Follower, send: Send) -> None:
    """Send a follower what there is and what comes, until the story or the following ends."""
    while not follower.is_gone:
        if follower.why or follower.is_finished:
            why = follower.why or "finished"
            await _write(send, event("end", b'{"why":"%s"}' % why.encode()), is_last=True)
            return
        if news := follower.news:
            told = _framed(news, after=follower.after)
            follower.after += len(news)
            await _write(send, told)
        elif not await follower.wait(SILENCE):
            await _write(send, STILL_HERE)


async def wait_for_news(follower: Follower, seconds: float) -> None:
    """Wait until there is something to tell, at most so long."""
    deadline = time.monotonic() + seconds
    while not (follower.is_gone or follower.why or follower.news or follower.is_finished):
        if (left := deadline - time.monotonic()) <= 0:
            return
        await follower.wait(left)


def listed(events: Iterable[Event]) -> bytes:
    """Give the JSON list of events."""
    return b"[" + b",".join(each.data for each in events) + b"]"


def _framed(news: Sequence[Event], *, after: int) -> bytes:
    numbered = enumerate(news, start=after + 1)
    return b"".join(event(each.type, each.data, str(number)) for number, each in numbered)


async def _write(send: Send, data: bytes, *, is_last: bool = False) -> None:
    message: dict[str, Any] = {"type": "http.response.body", "body": data}
    await send({**message, "more_body": not is_last})
