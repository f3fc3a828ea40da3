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
    def _is_of_a_row(self) -> bool:
        return bool(self.kind and self.object)

    @property
    def _is_of_a_person(self) -> bool:
        return bool(self.who_id and not self._is_of_a_row)

    @property
    def order(self) -> tuple[str, ...]:
        """Give the order of the page, as the index that serves `indexed` has it.

        Asked for one person's newest entries, PostgreSQL may walk everybody's, newest first, until
        it has a page of them: all of the trail for who has few. An order by the person, who is not
        said to be one, is one that only the person's index has.
        """
        return ("actor_id", "-at", "-id") if self._is_of_a_person else ("-at", "-id")

    @property
    def indexed(self) -> Q:
        """Give the conditions that an index serves in the order of the page."""
        found = Q()
        if self._is_of_a_row:
            found &= Q(object_type=self.kind, object_id=self.object)
        elif self._is_of_a_person:
            # A range of one: see `order`.
            found &= Q(actor_id__gte=self.who_id, actor_id__lte=self.who_id)
        elif self.kind:
            found &= Q(object_type=self.kind)
        if self.since:
            found &= Q(at__gte=self.since)
        if self.until:
            found &= Q(at__lt=self.until)
        return found

    @property
    def sifted(self) -> Q:
        """Give the conditions that each row has to be read for."""
        found = Q()
        if self.who_id and not self._is_of_a_person:
            found &= Q(actor_id=self.who_id)
        elif self.who and not self.who_id:
            found &= Q(actor__iexact=self.who)
        if self.kind and self._is_of_a_person:
            found &= Q(object_type=self.kind)
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
