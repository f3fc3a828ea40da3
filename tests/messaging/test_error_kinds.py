"""Errors that differ in ids, times and numbers alone are of one kind."""

import pytest

from kitchen.models import DeadLetter
from restaurant.messaging import error_kinds
from restaurant.messaging.error_kinds import LENGTH, kind_of
from tests.staff import rows


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            "X: order 019a3c1e-aaaa-7bbb-8ccc-1234567890ab has no dish 42",
            "X: order … has no dish …",
        ),
        ("X: order 019a3c1eaaaa7bbb8ccc1234567890ab", "X: order …"),
        ("X: order 019A3C1E-AAAA-7BBB-8CCC-1234567890AB", "X: order …"),
        ("X: late since 2026-05-01T12:00:00.5+00:00", "X: late since …"),
        ("X: late since 2026-05-01 12:00:00Z", "X: late since …"),
        ("X: <Order at 0xdeadbeef>", "X: <Order at …>"),
        ("X: -3.50 is below 1,000.00", "X: … is below …"),
        ("X: #1042", "X: #…"),
        ("X: the payload is not a restaurant.orders.v1.OrderCreated", None),
        ("X: sha256 is not utf8", None),
        ("X: header 'ce_type' is missing", None),
        ("X: the facade was deadbeefed", None),
        ("", None),
    ],
)
def test_it_leaves_out_what_differs_from_message_to_message(error: str, kind: str | None) -> None:
    assert kind_of(error) == (error if kind is None else kind)


def test_it_is_short_enough_for_an_index() -> None:
    assert len(kind_of("x" * 500)) == LENGTH


@pytest.mark.django_db(databases=["kitchen"])
def test_it_names_the_kinds_of_letters_that_came_before_there_were_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(error_kinds, "CHUNK", 2)
    for number in range(5):
        rows.dead_letter("kitchen", error=f"ValueError: no dish {number}", error_kind="")
    rows.dead_letter("kitchen", error="", error_kind="")
    error_kinds.fill(DeadLetter.objects)
    kinds = sorted(DeadLetter.objects.values_list("error_kind", flat=True))
    assert kinds == ["", *["ValueError: no dish …"] * 5]
