"""What a stream says while there is nothing to say."""

import asyncio
from typing import Any

import pytest

from restaurant.live.following import telling

pytestmark = pytest.mark.once


class Silent:
    """A follower to whom nothing happens, and who leaves after three silences."""

    why, is_finished, news, after = "", False, (), 0

    def __init__(self) -> None:
        self.waits: list[float] = []

    @property
    def is_gone(self) -> bool:
        return len(self.waits) == 3

    async def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


def test_it_says_in_every_silence_that_it_is_still_there() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    follower = Silent()
    asyncio.run(telling.tell(follower, send))  # type: ignore[arg-type]
    assert [message["body"] for message in sent] == [b": still here\n\n"] * 3
    assert all(message["more_body"] for message in sent)
    # Before those who take a silent stream for dead give up.
    assert max(follower.waits) < 30
