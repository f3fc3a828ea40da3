"""What an audit says."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    MISSING = "missing"
    DOUBLED = "doubled"
    WRONG = "wrong"
    STUCK = "stuck"


@dataclass(frozen=True)
class Finding:
    """Something that the books do not agree on. Equal when found again: it tells no ages."""

    kind: Kind
    what: str
    # Of an order, when it is one's; the number is unknown where only another service has it.
    order_id: UUID | None = None
    number: int | None = None

    def __str__(self) -> str:
        number = f"#{self.number}" if self.number is not None else "?"
        subject = f"order {number} ({self.order_id}): " if self.order_id else ""
        return f"{self.kind}: {subject}{self.what}"

    def as_dict(self) -> dict[str, object]:
        """Give its parts, for JSON."""
        order_id = str(self.order_id) if self.order_id else None
        return {
            "kind": str(self.kind),
            "what": self.what,
            "order_id": order_id,
            "number": self.number,
        }
