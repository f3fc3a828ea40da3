"""Python beside a house's processes, on its databases: one process, asked again and again.

    python -m tests.flow.shell

Each line of its input is code as a JSON string; each of its answers a JSON object, of what the code
printed (`said`) or how it failed (`failed`). It ends when its input does. `manage.py shell` would
load Django anew for each question, which takes a second.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping

from tests.servers.process import ROOT


class Shell:
    """The asker's end; the process is started by the first question."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._process: subprocess.Popen[str] | None = None

    def run(self, code: str) -> str:
        """Run code; gives what it printed. Raises `AssertionError` with its traceback."""
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(code) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"the shell has ended: {process.wait()}"
        answer = json.loads(line)
        assert "failed" not in answer, answer["failed"]
        return str(answer["said"])

    def close(self) -> None:
        if self._process:
            self._process.communicate()

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.flow.shell"],
            cwd=ROOT,
            env={**self._env, "LOG_LEVEL": "WARNING"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def main() -> None:
    import django

    # What libraries and logs print must not get among the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    django.setup()
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")


def _answer(code: str) -> dict[str, str]:
    from django.db import connections

    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(code, {})  # noqa: S102 - that is what it is for
    except Exception:
        return {"failed": traceback.format_exc()}
    finally:
        # It holds nothing between questions, as a process that ended.
        connections.close_all()
    return {"said": said.getvalue()}


if __name__ == "__main__":
    main()
