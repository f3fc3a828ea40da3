"""Positions are read as they were written, and what is none is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restaurant.live import positions
from restaurant.live.errors import InvalidPosition

pytestmark = pytest.mark.once
OFFSETS = st.lists(st.lists(st.integers(0, 2**63 - 1), max_size=13), max_size=8)
EPOCHS = st.binary(min_size=positions.EPOCH_BYTES, max_size=positions.EPOCH_BYTES)


@given(EPOCHS, OFFSETS)
def test_it_reads_what_it_wrote(epoch, topics):
    text = positions.encode(epoch, topics)
    assert positions.decode(text) == (epoch, topics)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text() | st.text(alphabet="ABCabc019-_=+/"))
def test_it_refuses_or_reads_any_text(text):
    try:
        epoch, topics = positions.decode(text)
    except InvalidPosition:
        return
    assert positions.decode(positions.encode(epoch, topics)) == (epoch, topics)


@given(EPOCHS, OFFSETS.filter(bool), st.data())
def test_it_refuses_one_that_was_cut(epoch, topics, data):
    text = positions.encode(epoch, topics)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with suppress(InvalidPosition):
        assert positions.decode(cut) != (epoch, topics)


@pytest.mark.parametrize("text", ["", "A", "====", "é", "AAAA AAAA", "A" * 10_000, "/" * 12])
def test_it_refuses_what_is_none(text):
    with pytest.raises(InvalidPosition):
        positions.decode(text)


def test_it_names_another_cluster_and_other_topics_otherwise():
    known = [("one", "kitchen", "a"), ("two", "kitchen", "a"), ("one", "kitchen", "a", "b")]
    assert len({positions.epoch_of(*names) for names in known}) == 3
