"""The events that docs/operations.md lists are those that the code names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("restaurant", "auth_grpc", "orders", "kitchen", "delivery")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def calls() -> Iterator[tuple[str, ast.expr]]:
    """Give the first argument of each call of a `log`, and where it is."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=name)):
                        where = f"{path.relative_to(ROOT)}:{node.lineno}"
                        if name in LEVELS:
                            yield where, node.args[0]
                        elif name == "log":
                            yield where, node.args[1]


def named() -> set[str]:
    return {
        node.value
        for _, node in calls()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def listed() -> list[str]:
    chapter = (ROOT / "docs" / "operations.md").read_text().partition("\n### Events\n\n| event")[2]
    return re.findall(r"^\| `([a-z0-9_]+)` \|", chapter.partition("\n## ")[0], re.MULTILINE)


def test_each_is_named_by_a_constant_in_snake_case() -> None:
    for where, node in calls():
        assert isinstance(node, ast.Constant), where
        assert isinstance(node.value, str), where
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", node.value), where


def test_the_list_is_that_of_the_code() -> None:
    # The first is what a line of a library is made to be, the second stands for lines.
    assert listed() == sorted(listed())
    assert set(listed()) == named() | {"library_said", "lines_dropped"}
    assert len(listed()) == len(set(listed()))
