"""The project's embedded broker, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.process import Child


class EmbeddedBroker:
    """Forgets everything and moves to another port whenever it is started again."""

    is_embedded = True

    def __init__(self) -> None:
        self.bootstrap = ""
        self._log = Path(tempfile.mkstemp(prefix="restaurant-broker-")[1])
        self._child: Child | None = None

    def start(self) -> "EmbeddedBroker":
        self._child = Child(
            [sys.executable, "-m", "restaurant.messaging.embedded_broker"],
            log=self._log,
            stdout=subprocess.PIPE,
        )
        line = self._child.stdout.readline()
        assert line, self._log.read_text()
        self.bootstrap = json.loads(line)["KAFKA_BOOTSTRAP_SERVERS"]
        return self

    def clear(self) -> None:
        """Have no topics and no groups."""
        self.kill()
        self.start()

    def stop(self) -> None:
        if self._child:
            self._child.stop()
        self._log.unlink(missing_ok=True)

    def kill(self) -> None:
        if self._child:
            self._child.kill()
