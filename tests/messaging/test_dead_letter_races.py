"""Two people at once: one decision stands, and the other is told."""

from functools import partial

import pytest

from kitchen.models import DeadLetter, OutboxMessage
from restaurant.messaging import dead_letters
from tests.messaging.toys import NOW, SERVICE
from tests.staff import rows
from tests.threads import at_once

pytestmark = pytest.mark.django_db(databases=[SERVICE], transaction=True)


def test_it_lets_one_of_two_people_decide() -> None:
    ids = [rows.dead_letter(SERVICE).pk for _ in range(20)]
    done: dict[str, list[int]] = {}

    def redrive(who: str, order: list[int]) -> None:
        done[who] = dead_letters.redrive(SERVICE, order, now=NOW, by=who)

    def discard(who: str, order: list[int]) -> None:
        done[who] = dead_letters.discard(SERVICE, order, reason="Mine", now=NOW, by=who)

    at_once(
        partial(redrive, "ann", ids),
        partial(discard, "ben", ids[::-1]),
        partial(redrive, "cem", ids[10:]),
    )
    assert sorted(pk for decided in done.values() for pk in decided) == ids
    assert OutboxMessage.objects.count() == len(done["ann"]) + len(done["cem"])
    for letter in DeadLetter.objects.all():
        assert (letter.redriven_at is None) != (letter.discarded_at is None)
        assert letter.pk in done[letter.redriven_by or letter.discarded_by]
