"""docs/operations.md tells of every variable what the code does."""

import re
from pathlib import Path

import pytest

from restaurant import settings
from restaurant.needs import NEEDS
from tests.environment.test_example import DEPENDENT

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "operations.md"
CHAPTER = re.split(r"^## ", DOCS.read_text(), flags=re.MULTILINE)
(CONFIGURE,) = (text for text in CHAPTER if text.startswith("Configure\n"))
ROWS = re.findall(r"^\| `([A-Z_]+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$", CONFIGURE, re.MULTILINE)
DECLARED = settings.env.declared
# An en dash.
NOTHING = "\u2013"
# Unlike in .env.example, where a line must change nothing.
OTHERWISE = DEPENDENT | {"SECRET_KEY", "SESSION_COOKIE_SECURE"}


def test_it_tells_of_every_variable_once_and_no_other() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(DECLARED)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_it_tells_what_a_variable_takes_and_what_it_is_unless_set(row: tuple[str, ...]) -> None:
    name, takes, default, _used_by, _meaning = row
    assert takes == DECLARED[name].expected
    if name not in OTHERWISE:
        assert default == (f"`{DECLARED[name].default}`" if DECLARED[name].default else NOTHING)


def test_it_tells_what_each_process_needs() -> None:
    table = CONFIGURE.partition("### What each process needs")[2].partition("###")[0]
    told = {
        process: tuple(re.findall(r"`([A-Z_]+)`", needs))
        for process, needs in re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    }
    assert told == NEEDS


def test_who_needs_a_variable_is_among_those_who_use_it() -> None:
    used_by = {name: users for name, _, _, users, _ in ROWS}
    for process, names in NEEDS.items():
        for name in names:
            assert process in re.split(r"\W+", used_by[name]), (process, name)
