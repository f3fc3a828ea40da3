"""The audit trail: what people changed, kept in the transaction that changed it.

Every service has a `TrailEntry` table in its own database, as it has an outbox. A change through an
admin page, a deed or a board's press is recorded by them; what changes rows in another way says so
with `watch` or `record`. A customer's own requests are not in it: their order's timeline has them.
"""

from restaurant.trail.changes import Target, snapshot
from restaurant.trail.people import Person, person_of
from restaurant.trail.record import record
from restaurant.trail.watch import changing, watch

__all__ = ["Person", "Target", "changing", "person_of", "record", "snapshot", "watch"]
