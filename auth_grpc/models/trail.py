"""The service's part of the audit trail."""

from restaurant.trail import models as trail


class TrailEntry(trail.TrailEntry):
    class Meta(trail.TrailEntry.Meta):
        pass
