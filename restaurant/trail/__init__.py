"""The audit trail: what people changed, kept in the transaction that changed it.

Every service has a `TrailEntry` table in its own database, as it has an outbox. A change through an
admin page, a deed or a board's press is recorded by them; what changes rows in another way says so
with `watch` or `record`.
"""

from restaurant.trail.people import Person, person_of
from restaurant.trail.record import Target, record, snapshot, watch

__all__ = ["Person", "Target", "person_of", "record", "snapshot", "watch"]
