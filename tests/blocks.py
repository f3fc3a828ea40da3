"""The fenced blocks of docs/, by the page and the heading that they stand under."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parent.parent / "docs"
_HEADING_OR_BLOCK = re.compile(r"^#+ [^\n]*$|^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """`page` is the path below docs/; `number` counts those under the same heading, from 0."""

    page: str
    heading: str
    number: int
    language: str
    text: str

    def variables(self) -> dict[str, str]:
        """Give the variables of a block that is nothing but a shell's assignments."""
        return variables(self.text)


def pages() -> list[str]:
    return sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


@cache
def blocks(page: str) -> tuple[Block, ...]:
    """Give a page's blocks, in their order."""
    found: list[Block] = []
    heading = ""
    for part in _HEADING_OR_BLOCK.findall((DOCS / page).read_text()):
        if part.startswith("#"):
            heading = part.lstrip("#").strip()
            continue
        fence, _, text = part.partition("\n")
        number = sum(block.heading == heading for block in found)
        found.append(Block(page, heading, number, fence.strip("`"), text.removesuffix("```")))
    return tuple(found)


def under(page: str, heading: str) -> list[Block]:
    return [block for block in blocks(page) if block.heading == heading]


def only(page: str, heading: str) -> Block:
    """Give the one block under a heading."""
    (block,) = under(page, heading)
    return block


def variables(assignments: str) -> dict[str, str]:
    """Read a shell's assignments: `A=1 B='2'`."""
    words = shlex.split(assignments, comments=True)
    return dict(word.split("=", 1) for word in words)
