"""What a ring gives to a stream that stands, resumes, or has fallen behind."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchen.live import channel
from restaurant.live import positions, ring
from restaurant.live.channels import Told
from restaurant.live.ring import Behind, NotYet, Ring

pytestmark = pytest.mark.once
TOPIC = "kitchen_changed"
PARTITIONS = 3


def told(number: int, *, partition: int = 0, offset: int | None = None, facts: bytes = b"") -> Told:
    facts = facts or b"%d" % number
    return Told(TOPIC, partition, number if offset is None else offset, {"kitchen": facts})


def opened(start: int = 0, *, cluster: str = "c", partitions: int = PARTITIONS) -> Ring:
    made = Ring(channel)
    made.see(cluster, {(TOPIC, p): (start, start) for p in range(partitions)})
    made.publish()
    return made


def parse(event: bytes) -> tuple[str, Any]:
    fields = dict(line.split(": ", 1) for line in event.decode().strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


def numbers(event: bytes) -> list[int]:
    if not event:
        return []
    name, data = parse(event)
    assert name == "changes"
    return list(data)


def fill(made: Ring, count: int) -> None:
    for number in range(count):
        made.take(told(number))
    made.publish()


def test_it_gives_the_same_bytes_to_all_who_stand_at_one_place():
    made = opened()
    fill(made, 3)
    assert numbers(made.after(1)) == [1, 2]
    assert made.after(1) is made.after(1)
    assert numbers(made.after(0)) == [0, 1, 2]


def test_it_gives_nothing_that_is_not_published():
    made = opened()
    fill(made, 2)
    made.take(told(2))
    assert numbers(made.after(0)) == [0, 1]
    begin = opened().id
    assert numbers(made.since(begin)) == [0, 1]


@given(st.lists(st.integers(0, PARTITIONS - 1), max_size=40), st.data())
def test_any_process_resumes_exactly(places, data):
    """Two processes read the same partitions in their own order; a stream goes from one to another
    and hears each record once."""
    offsets = [0] * PARTITIONS
    records = []
    for number, partition in enumerate(places):
        records.append(told(number, partition=partition, offset=offsets[partition]))
        offsets[partition] += 1
    cut = data.draw(st.integers(0, len(records)))
    first, second = opened(), opened()
    start = first.id
    for record in records[:cut]:
        first.take(record)
    first.publish()
    heard = numbers(first.since(start))

    by_partition = [[r for r in records if r.partition == p] for p in range(PARTITIONS)]
    pick = random.Random(data.draw(st.integers(0, 99)))
    while left := [queue for queue in by_partition if queue]:
        second.take(pick.choice(left).pop(0))
    second.publish()
    heard += numbers(second.since(first.id))
    assert sorted(heard) == list(range(len(records)))


def test_it_waits_for_a_position_that_it_has_not_reached():
    ahead, made = opened(), opened()
    fill(ahead, 3)
    fill(made, 2)
    made.take(told(2))
    with pytest.raises(NotYet):
        made.since(ahead.id)
    made.publish()
    assert made.since(ahead.id) == b""


def test_it_takes_a_partition_that_the_position_does_not_name_as_new():
    before, made = opened(partitions=2), opened(partitions=3)
    made.take(told(7, partition=2, offset=0))
    made.publish()
    assert numbers(made.since(before.id)) == [7]


@pytest.mark.parametrize("position", ["", "junk", "AAAAAAAAAAA", "é", "A" * 9000])
def test_it_resets_garbage(position):
    assert parse(opened().since(position))[0] == "reset"


def test_it_resets_a_position_of_another_cluster():
    assert parse(opened().since(opened(cluster="other").id))[0] == "reset"


def test_it_resets_a_position_older_than_what_it_read():
    assert parse(opened(start=5).since(opened(start=4).id))[0] == "reset"
    assert opened(start=5).since(opened(start=5).id) == b""


def test_it_resets_a_position_with_too_few_topics():
    made = opened()
    epoch, topics = positions.decode(made.id)
    assert parse(made.since(positions.encode(epoch, topics[:-1])))[0] == "reset"


def test_it_keeps_no_more_than_its_bounds(monkeypatch):
    monkeypatch.setattr(ring, "MOST_ENTRIES", 100)
    monkeypatch.setattr(ring, "MOST_BYTES", 1000)
    made = opened()
    start = made.id
    fill(made, 150)
    assert len(made) == 100
    assert numbers(made.after(50)) == list(range(50, 150))
    with pytest.raises(Behind):
        made.after(49)
    assert parse(made.since(start))[0] == "reset"
    for number in range(150, 160):
        made.take(told(number, facts=b'"%s"' % (b"x" * 200)))
    made.publish()
    assert len(made) == 4


def test_it_keeps_no_endless_number_of_answers(monkeypatch):
    monkeypatch.setattr(ring, "MOST_FRAMES", 10)
    made = opened()
    for number in range(50):
        made.since(f"junk-{number}")
    assert len(made._frames) == 10


def test_it_cuts_off_what_came_before_a_gap():
    made = opened()
    fill(made, 3)
    before, resets = made.id, made.resets
    made.take(told(9, offset=7))
    assert made.resets == resets
    assert made.publish()
    assert made.resets == resets + 1
    assert parse(made.since(before))[0] == "reset"
    assert len(made) == 1
    assert made.since(made.id) == b""


def test_it_cuts_off_what_came_before_offsets_began_anew():
    made = opened()
    fill(made, 3)
    before = made.id
    made.take(told(9, offset=0))
    assert made.publish()
    assert made.resets == 1
    with pytest.raises(NotYet):
        made.since(before)


def test_it_cuts_off_when_the_broker_lost_its_end():
    made = opened()
    fill(made, 3)
    made.see("c", {(TOPIC, p): (0, 1 if p == 0 else 0) for p in range(PARTITIONS)})
    made.publish()
    assert made.resets == 1
    assert len(made) == 0


def test_it_cuts_off_when_the_cluster_is_another():
    made = opened()
    fill(made, 3)
    made.see("d", {(TOPIC, p): (0, 0) for p in range(PARTITIONS)})
    made.publish()
    assert made.resets > 0
    assert made.since(opened(cluster="d").id) == b""


def test_it_cuts_off_when_a_new_partition_is_not_read_from_its_beginning():
    made = opened()
    made.see("c", {(TOPIC, p): (0, 0) for p in range(PARTITIONS + 1)})
    made.publish()
    assert made.resets == 0
    made.see("c", {(TOPIC, p): (3, 9) if p == 5 else (0, 0) for p in range(PARTITIONS + 3)})
    made.publish()
    assert made.resets == 1
