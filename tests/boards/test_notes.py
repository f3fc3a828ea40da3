"""Notes on allergies are told from others."""

import pytest

from restaurant.boards.notes import is_allergy


@pytest.mark.parametrize(
    "note",
    [
        "no anchovies: fish allergy",
        "ALLERGIC to peanuts",
        "no nuts please",
        "gluten-free!",
        "lactose intolerant",
        "Аллергия на молоко",
        "без орехов",
        "Непереносимость лактозы",
    ],
)
def test_it_finds_an_allergy(note: str) -> None:
    assert is_allergy(note)


@pytest.mark.parametrize(
    "note",
    ["", "extra crispy, please", "aubergine, that is eggplant", "a donut", "побыстрее, пожалуйста"],
)
def test_it_lets_other_notes_be(note: str) -> None:
    assert not is_allergy(note)
