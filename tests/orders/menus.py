"""Menus of any kind that a file may hold, for property tests."""

from typing import Any

from hypothesis import strategies as st

from restaurant.bodies.text import problem_of

# What has made trouble in tables: formulas, quotes, delimiters, line ends, spaces, escapes.
_ODD = st.sampled_from(
    [
        "=1+1",
        "'=1",
        "@home",
        "-x",
        "+49",
        "'",
        '"',
        ",",
        ";",
        "\n",
        "\r\n",
        "\t",
        " ",
        "_x000D_",
        "é",
    ]
)
_texts = st.lists(st.one_of(_ODD, st.text(max_size=6)), min_size=1, max_size=4).map("".join)
names = _texts.filter(lambda text: bool(text.strip()) and problem_of(text) is None)
descriptions = st.one_of(st.just(""), _texts.filter(lambda text: problem_of(text) is None))
skus = st.from_regex(r"[A-Z0-9][A-Z0-9._-]{0,5}", fullmatch=True)


def _money(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda cents: f"{'-' * (cents < 0)}{abs(cents) / 100:.2f}")


@st.composite
def _options(draw: st.DrawFn, unused: list[str]) -> list[dict[str, Any]]:
    count = draw(st.integers(1, min(3, len(unused))))
    taken, unused[:count] = unused[:count], []
    return [{"sku": sku, "name": draw(names), "price": draw(_money(-50, 900))} for sku in taken]


@st.composite
def _groups(draw: st.DrawFn) -> list[dict[str, Any]]:
    unused = draw(st.lists(skus, unique=True, min_size=3, max_size=6))
    groups = []
    for name in draw(st.lists(names, unique=True, max_size=2)):
        if not unused:
            break
        options = draw(_options(unused))
        least = draw(st.integers(0, len(options)))
        most = draw(st.integers(max(least, 1), 5))
        groups.append({"name": name, "min": least, "max": most, "options": options})
    return groups


@st.composite
def menus(draw: st.DrawFn) -> dict[str, Any]:
    """Give menus that keep every rule, with all that may be left out."""
    unused = draw(st.lists(skus, unique=True, max_size=6))
    categories = []
    for name in draw(st.lists(names, unique=True, max_size=3)):
        taken, unused = unused[:2], unused[2:]
        items = [
            {
                "sku": sku,
                "name": draw(names),
                "description": draw(descriptions),
                "price": draw(_money(1000, 9999999)),
                "station": "oven",
                "prep_seconds": draw(st.integers(0, 86400)),
                "available": draw(st.booleans()),
                "option_groups": draw(_groups()),
            }
            for sku in taken
        ]
        categories.append({"name": name, "items": items})
    return {"currency": "EUR", "categories": categories}
