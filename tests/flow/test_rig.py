"""What the tests of whole systems lean on says at once when something is wrong."""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.flow.running_up import bare_environment, running_up
from tests.flow.shell import Shell

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    directory = tmp_path_factory.mktemp("var")
    with closing(Shell({**bare_environment(), "VAR_DIR": str(directory)})) as found:
        yield found


def test_it_gives_what_the_code_printed_and_nothing_else(shell: Shell) -> None:
    noise = "import os; os.write(1, b'noise'); print('one'); print('two')"
    assert shell.run(noise) == "one\ntwo\n"
    assert shell.run("") == ""


def test_it_is_one_process_that_keeps_no_names(shell: Shell) -> None:
    ask = "import os; print(os.getpid())"
    first = shell.run("kept = 1;" + ask)
    assert first != f"{os.getpid()}\n"
    assert shell.run(ask + "\nprint('kept' in globals())") == f"{first}False\n"


def test_it_tells_how_code_failed_and_goes_on(shell: Shell) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        shell.run("1 / 0")
    assert shell.run("print(1)") == "1\n"


def test_it_tells_of_a_process_that_ended_instead_of_an_answer(tmp_path: Path) -> None:
    shell = Shell({**bare_environment(), "VAR_DIR": str(tmp_path)})
    with pytest.raises(AssertionError, match="has ended: 3"):
        shell.run("import os; os._exit(3)")


def test_it_waits_for_no_line_of_a_system_that_has_ended(tmp_path: Path) -> None:
    with running_up(tmp_path, "--only", "nothing") as up:
        up.wait()
        began = time.monotonic()
        with pytest.raises(AssertionError, match="No such process: nothing"):
            up.wait_ready()
        assert time.monotonic() - began < 30
