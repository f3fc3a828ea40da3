"""Every block of the tutorial and of the how-tos does what its page says, on a running house."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.blocks import Block, blocks, pages
from tests.flow.house import House
from tests.flow.running_up import ROOT

# Below docs/, as `blocks` has them.
README, TUTORIAL = "../README.md", "tutorial.md"
PAGES = [TUTORIAL, *(page for page in pages() if page.startswith("how-to/"))]
# What differs each time.
OTHERWISE = {"id", "number", "email", "created_at", "updated_at", "request_id"}
ADDRESS = "http://127.0.0.1:8000"
# Ends what a block printed.
MARK = "<<< end of block >>>"


@pytest.mark.once
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_commands_and_what_they_print_alone(page: str) -> None:
    languages = [block.language for block in blocks(page)]
    assert set(languages) <= {"sh", "json"}
    assert languages[0] == "sh"


@pytest.mark.slow
def test_commands_print_what_is_shown_whatever_was_done_before(
    house: House, tmp_path: Path
) -> None:
    # As a newcomer reads: one page after the other, in one house, and the tutorial once more.
    for page in (README, *PAGES, TUTORIAL):
        found: Iterable[Block] = blocks(page)
        if page == README:
            found = [block for block in found if block.language == "sh" and "curl" in block.text]
        _try(house, page, list(found), tmp_path)


def _try(house: House, page: str, found: list[Block], folder: Path) -> None:
    commands = [block.text for block in found if block.language == "sh"]
    script = "".join(f"{text}\necho; echo '{MARK}'\n" for text in commands)
    done = subprocess.run(
        ["sh", "-eu", "-c", script.replace(ADDRESS, house.up.url)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (page, done.stdout + done.stderr)
    if page in (README, TUTORIAL):
        # Nothing there is to be refused, and curl shows it where it is.
        assert "/problems/" not in done.stdout, (page, done.stdout)
    printed = iter(done.stdout.split(MARK))
    said = ""
    for block in found:
        if block.language == "sh":
            said = next(printed)
        else:
            assert lasting(json.loads(said)) == lasting(json.loads(block.text)), (page, said)


def lasting(value: Any) -> Any:
    """Give what is the same each time; of what is not, its name."""
    if isinstance(value, list):
        # Which event comes first, and how many, depends on when it is asked.
        return [dict.fromkeys(event) for event in value[:1]]
    return _lasting(value)


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: None if name in OTHERWISE else _lasting(part) for name, part in value.items()}
    return [_lasting(part) for part in value] if isinstance(value, list) else value


@pytest.mark.once
@pytest.mark.parametrize("page", pages())
def test_the_site_has_every_page(page: str) -> None:
    assert f" {page}\n" in (ROOT / "mkdocs.yml").read_text()
