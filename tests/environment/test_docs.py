"""docs/operations.md tells of every variable what the code does."""

import re
import sys
from pathlib import Path

import pytest

from restaurant import settings
from restaurant.needs import NEEDS
from tests.blocks import DOCS, only, variables
from tests.environment.bare import MANAGE, environment, problems_in, run
from tests.environment.test_example import DEPENDENT
from tests.servers.certificates import Authority

pytestmark = pytest.mark.once

MISCONFIGURED = only("operations.md", "Configure")
BY_TLS = only("operations.md", "Servers that demand TLS")
CHAPTER = re.split(r"^## ", (DOCS / "operations.md").read_text(), flags=re.MULTILINE)
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


def test_a_process_with_wrong_values_says_what_is_shown(tmp_path: Path) -> None:
    wrong = environment(PORT="1e9", REDIS_URL="redis://", VAR_DIR=str(tmp_path))
    done = run((*MANAGE, "run_web"), wrong)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", MISCONFIGURED.text)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The directory of certificates, and beside it that of secrets."""
    authority = Authority(tmp_path / "certificates", "ca")
    for name in ("auth", "web", "kitchen"):
        authority.issue(name)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "kafka").write_text("a password")
    return tmp_path


def problems_with(line: str, files: Path) -> list[str]:
    """Have the settings read a line of variables outside DEBUG; gives what they find wrong."""
    line = line.replace("/run/secrets/", f"{files}/secrets/")
    told = variables(line.replace("/certificates/", f"{files}/certificates/"))
    assert {name.removesuffix("_FILE") for name in told} <= set(DECLARED)
    settings = (sys.executable, "-c", "import restaurant.settings")
    done = run(settings, environment(DEBUG="false", **told))
    assert done.returncode == bool(done.stderr)
    return problems_in(done.stderr)


LINES = [line for line in BY_TLS.text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("line", LINES)
def test_servers_that_demand_tls_are_told_as_is_shown(line: str, files: Path) -> None:
    """They are read, and their files looked into; tests/security connects by each."""
    assert problems_with(line, files) == []
    named = re.findall(r"/(certificates|run/secrets)/([\w.]+)", line)
    assert named
    for directory, name in named:
        path = files / directory.removeprefix("run/") / name
        path.rename(away := path.with_name("away"))
        assert len(problems_with(line, files)) == 1
        away.rename(path)
