"""What is counted, and in whose book."""

from typing import Final

# Orders placed, all of them.
PLACED: Final = "placed"
# Those of them that were not cancelled, rejected or given up, and their money.
SOLD: Final = "sold"
# Portions of these by SKU, and their money.
DISH: Final = "dish"
# Tickets done by station, in buckets of how long they cooked.
COOK: Final = "cook"
# Orders that the kitchen cancelled or rejected, by reason.
CANCELLED: Final = "cancelled"
REJECTED: Final = "rejected"
# Deliveries done by courier, in buckets of how long they were on the road.
DRIVE: Final = "drive"
# Deliveries given up, by reason.
FAILED: Final = "failed"

BY_SERVICE: Final[dict[str, tuple[str, ...]]] = {
    "orders": (PLACED, SOLD, DISH),
    "kitchen": (COOK, CANCELLED, REJECTED),
    "delivery": (DRIVE, FAILED),
}
LOST: Final = (CANCELLED, REJECTED, FAILED)
# These are counted by how long they took.
TIMED: Final = (COOK, DRIVE)
