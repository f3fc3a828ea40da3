"""Every block of the tutorial and of the how-tos does what its page says, on a running house."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.flow.house import House
from tests.flow.running_up import ROOT

DOCS = ROOT / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
ADDRESS = "http://127.0.0.1:8000"
# Ends what a block printed.
MARK = "<<< end of block >>>"


class Block(NamedTuple):
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [
        Block(*found) for found in re.findall(r"```(\w*)\n(.*?)```", page.read_text(), re.DOTALL)
    ]


@pytest.mark.once
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_commands_and_what_they_print_alone(page: Path) -> None:
    languages = [block.language for block in blocks(page)]
    assert set(languages) <= {"sh", "json"}
    assert languages[0] == "sh"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_commands_print_what_it_shows(house: House, page: Path, tmp_path: Path) -> None:
    found = blocks(page)
    commands = [block.text for block in found if block.language == "sh"]
    script = "".join(f"{text}\necho; echo '{MARK}'\n" for text in commands)
    done = subprocess.run(
        ["sh", "-eu", "-c", script.replace(ADDRESS, house.up.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = iter(done.stdout.split(MARK))
    said = ""
    for block in found:
        if block.language == "sh":
            said = next(printed)
        else:
            assert names(json.loads(said)) == names(json.loads(block.text)), said


def names(value: Any) -> Any:
    """Give the names of what is in a value, of lists by their first entry."""
    if isinstance(value, dict):
        return {name: names(part) for name, part in value.items() if name != "detail"}
    return [names(part) for part in value[:1]] if isinstance(value, list) else None


@pytest.mark.once
@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_the_site_has_every_page(page: Path) -> None:
    assert f" {page.relative_to(DOCS)}\n" in (ROOT / "mkdocs.yml").read_text()
