"""Kafka Connect with Debezium, from Maven Central's jars: one process for one connector."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.servers.cache import kept
from tests.servers.process import Guarded
from tests.servers.real_kafka import VERSION as KAFKA

DEBEZIUM = "3.6.1.Final"
POM = Path(__file__).parent / "debezium" / "pom.xml"
MAIN = "org.apache.kafka.connect.cli.ConnectStandalone"


class Connect:
    """Runs a connector; keeps how far it is over `kill` and `start`."""

    def __init__(self, bootstrap: str, connector: Mapping[str, str]) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="restaurant-connect-"))
        self._worker, self._connector = (
            self._directory / f"{name}.properties" for name in ("worker", "connector")
        )
        worker = {
            "bootstrap.servers": bootstrap,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
            "offset.storage.file.filename": str(self._directory / "offsets"),
            "offset.flush.interval.ms": "500",
            "connector.client.config.override.policy": "All",
            "config.providers": "file",
            "config.providers.file.class": (
                "org.apache.kafka.common.config.provider.FileConfigProvider"
            ),
            # Nobody asks it anything.
            "listeners": "http://127.0.0.1:0",
            "plugin.discovery": "only_scan",
        }
        for path, values in ((self._worker, worker), (self._connector, connector)):
            path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        self._child: Guarded | None = None

    def start(self) -> "Connect":
        options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        self._child = Guarded(
            [
                "java",
                *options,
                "-cp",
                f"{_jars()}/*",
                MAIN,
                str(self._worker),
                str(self._connector),
            ],
            log=self._directory / "log",
            remove=self._directory,
        )
        return self

    def running(self) -> bool:
        """Tell whether it runs; raises `AssertionError` with its output when it failed."""
        return bool(self._child and self._child.running())

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)


def _jars() -> Path:
    return kept(f"debezium-{DEBEZIUM}-kafka-{KAFKA}", _download)


def _download(directory: Path) -> None:
    versions = [f"-Dkafka.version={KAFKA}", f"-Ddebezium.version={DEBEZIUM}"]
    copy = ["dependency:copy-dependencies", f"-DoutputDirectory={directory}"]
    subprocess.run(["mvn", "-q", "-B", "-f", str(POM), *versions, *copy], check=True, timeout=600)
