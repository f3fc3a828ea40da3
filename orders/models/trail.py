"""What people changed of menu and orders."""

from restaurant.trail import models as trail


class TrailEntry(trail.TrailEntry):
    class Meta(trail.TrailEntry.Meta):
        pass
