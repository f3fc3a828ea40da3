"""Rollups: what was counted of the services' books, by local hour and by local day."""

from typing import ClassVar

from django.db import models


class Tally(models.Model):
    """How many of one kind there were in a stretch of time, and what they came to.

    Kinds and what their keys are stand in `restaurant.staff.dashboard.kinds`.
    """

    # When the hour or day begins, by the clock of the restaurant's time zone.
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    # What is counted by: a dish's SKU, a station's code, a courier's id, a reason.
    key = models.CharField(max_length=200, blank=True, default="")
    # Of durations: which step of the scale in `histogram`.
    bucket = models.SmallIntegerField(default=0)
    # The key's name as it was last seen, for what is no longer there to ask.
    label = models.CharField(max_length=200, blank=True, default="")
    count = models.BigIntegerField(default=0)
    amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class HourTally(Tally):
    """Of a local hour."""

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Also finds the rows of a stretch of time.
            models.UniqueConstraint(
                fields=["at", "kind", "key", "bucket"], name="staff_hourtally_one"
            )
        ]


class DayTally(Tally):
    """Of a local day: the sum of its hours."""

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["at", "kind", "key", "bucket"], name="staff_daytally_one"
            )
        ]


class Counted(models.Model):
    """How far a service's book has been counted. The lock on the row is the right to count it."""

    service = models.CharField(max_length=20, primary_key=True)
    # From where on; a book with nothing in it yet has no beginning.
    since = models.DateTimeField(null=True, blank=True)
    # Everything before this is in the tallies; what follows is counted when it is asked for.
    until = models.DateTimeField(null=True, blank=True)
    # When it was last looked at: what changed later is not in the tallies.
    looked_at = models.DateTimeField(null=True, blank=True)
    # Hours and days are those of this time zone.
    time_zone = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.service
