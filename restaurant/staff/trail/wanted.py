"""Which entries of the trail somebody wants to see."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from restaurant.trail.models import service_of

# From the first to the last in the order in which entries of one instant are shown.
SERVICES = ("delivery", "kitchen", "orders", "auth_grpc")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to look for; what is empty does not matter. Times are UTC, `until` is not included."""

    who: str = ""
    # Of the account with the e-mail `who`, if there is one: found by other names that it had, too.
    who_id: UUID | None = None
    action: str = ""
    kind: str = ""
    object: str = ""
    service: str = ""
    via: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""

    @property
    def services(self) -> list[str]:
        """Name those in whose tables such entries can be."""
        found = [self.service] if self.service else [*SERVICES]
        return [s for s in found if not self.kind or s == service_of(self.kind.partition(".")[0])]

    @property
    def indexed(self) -> Q:
        """Give the conditions that an index serves in the order of the page."""
        found = Q()
        if self.who_id:
            found &= Q(actor_id=self.who_id)
        if self.kind:
            found &= Q(object_type=self.kind)
        if self.kind and self.object:
            found &= Q(object_id=self.object)
        if self.since:
            found &= Q(at__gte=self.since)
        if self.until:
            found &= Q(at__lt=self.until)
        return found

    @property
    def sifted(self) -> Q:
        """Give the conditions that each row has to be read for."""
        found = Q()
        if self.who and not self.who_id:
            found &= Q(actor__iexact=self.who)
        if self.object and not self.kind:
            found &= Q(object_id=self.object)
        if self.action:
            found &= Q(action=self.action)
        if self.via:
            found &= Q(via=self.via)
        if self.text:
            words = ("object_name", "actor", "reason")
            found &= Q(*((f"{name}__icontains", self.text) for name in words), _connector=Q.OR)
        return found
