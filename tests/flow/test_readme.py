"""The README's commands do what it says they do."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from django.core.management import get_commands, load_command_class

from tests.flow.running_up import ROOT, bare_environment, running_up

pytestmark = pytest.mark.once

README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line.partition("  #")[0].strip() for block in SHELL for line in block.splitlines()]
TABLE = re.findall(r"`manage\.py (\w+)`", README)


def with_prefix(prefix: str) -> list[str]:
    return [line for line in LINES if line.startswith(prefix)]


@pytest.mark.parametrize("line", [*with_prefix("make "), "make help", "make bench", "make clean"])
def test_it_names_targets_that_exist(line):
    told = subprocess.run(
        [*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr


def test_make_lists_every_target():
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert re.findall(r"^ +make (\S+)", told, re.MULTILINE) == phony[1].split()


@pytest.mark.parametrize("line", with_prefix(".venv/bin/python manage.py"))
def test_it_gives_commands_arguments_that_they_take(line):
    name, *arguments = shlex.split(line)[2:]
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_it_names_commands_and_variables_that_exist():
    assert TABLE
    assert set(TABLE) <= set(get_commands())
    example = (ROOT / ".env.example").read_text()
    for name in re.findall(r"\b([A-Z_]+_(?:URL|SERVERS|LISTEN))\b", README):
        assert f"#{name}=" in example


@pytest.mark.slow
def test_it_orders_by_curl(tmp_path):
    (block,) = (block for block in SHELL if "curl" in block)
    environment = {**bare_environment(), "VAR_DIR": str(tmp_path)}

    def manage(*arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    manage("migrate_services")
    manage("import_menu", "restaurant/demo/menu.yaml")
    with running_up(tmp_path, "--only", "auth,web") as up:
        up.wait_ready()
        told = subprocess.run(
            ["sh", "-eux", "-c", block.replace("http://127.0.0.1:8000", up.url)],
            capture_output=True,
            text=True,
            env=os.environ,
        )
        assert told.returncode == 0, told.stderr
    decoder, answers, rest = json.JSONDecoder(), [], told.stdout.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].strip()
    _registered, placed, listed = answers
    assert placed["status"] == "placed"
    assert placed["total"] == "25.00"
    assert [order["id"] for order in listed["results"]] == [placed["id"]]


def test_it_shows_the_packages_that_exist():
    (layout,) = re.findall(r"## Layout\n\n```text\n(.*?)```", README, re.DOTALL)
    parent = ROOT
    for line in layout.splitlines():
        names = re.findall(r"(\w+)/", line[:21])
        parent = ROOT / "restaurant" if line.startswith(" ") else ROOT
        for name in names:
            assert (parent / name).is_dir(), name
