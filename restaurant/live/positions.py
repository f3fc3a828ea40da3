"""Positions: how far a stream has come, as a short text that any live process can read.

Text is base64url, without padding, of: eight bytes of the epoch; then for each topic, in the order
of their names, its number of partitions and the next offset of each, as LEB128 variable-length
integers.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from restaurant.live.errors import InvalidPosition

EPOCH_BYTES = 8
# Longer ones were not made here: a channel of 60 topics with 12 partitions each would fit.
LONGEST = 8192
_MOST_BITS = 63


def epoch_of(*names: str) -> bytes:
    """Name what offsets are counted in: a cluster, and the topics whose offsets stand in a row."""
    return blake2b("\n".join(names).encode(), digest_size=EPOCH_BYTES).digest()


def encode(epoch: bytes, topics: Iterable[Sequence[int]]) -> str:
    """Give the text of a position: of each topic, the next offset of each partition."""
    found = bytearray(epoch)
    for offsets in topics:
        for number in (len(offsets), *offsets):
            _append(found, number)
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def decode(text: str) -> tuple[bytes, list[list[int]]]:
    """Read what `encode` wrote. Raises `InvalidPosition`."""
    numbers = _Numbers(_bytes(text))
    topics = []
    while numbers.are_left:
        topics.append([numbers.take() for _ in range(numbers.take_count())])
    return numbers.epoch, topics


def _append(found: bytearray, number: int) -> None:
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)


def _bytes(text: str) -> bytes:
    if len(text) > LONGEST:
        raise InvalidPosition("too long")
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidPosition(str(error)) from error


class _Numbers:
    """Reads the bytes of a position from front to back."""

    def __init__(self, found: bytes) -> None:
        if len(found) < EPOCH_BYTES:
            raise InvalidPosition("too short")
        self.epoch = found[:EPOCH_BYTES]
        self._rest = found
        self._at = EPOCH_BYTES

    @property
    def are_left(self) -> bool:
        return self._at < len(self._rest)

    def take_count(self) -> int:
        count = self.take()
        if count > len(self._rest) - self._at:
            raise InvalidPosition("ends early")
        return count

    def take(self) -> int:
        number = shift = 0
        while True:
            if not self.are_left or shift >= _MOST_BITS:
                raise InvalidPosition("not a number")
            byte = self._rest[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
