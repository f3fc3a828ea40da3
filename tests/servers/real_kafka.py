"""Apache Kafka from Maven Central's jars: one broker that is its own controller (KRaft)."""

import atexit
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.servers.cache import kept
from tests.servers.ports import free_port
from tests.servers.process import Guarded
from tests.servers.wait import wait_until

VERSION = "4.3.0"
POM = Path(__file__).parent / "kafka" / "pom.xml"
# One broker that is its own controller.
NODE = {"process.roles": "broker,controller", "node.id": "1"}


def missing_tools() -> list[str]:
    """Name the programs that it needs and this machine lacks."""
    return [name for name in ("java", "mvn") if shutil.which(name) is None]


def jars() -> Path:
    """Give the directory of Kafka's jars, downloaded by the first who asks."""
    return kept(f"kafka-{VERSION}", _download)


def _download(directory: Path) -> None:
    subprocess.run(
        [
            *("mvn", "-q", "-B", "-f", str(POM), f"-Dkafka.version={VERSION}"),
            *("dependency:copy-dependencies", f"-DoutputDirectory={directory}"),
        ],
        check=True,
        timeout=600,
    )


class RealKafka:
    """A broker on a fixed port of 127.0.0.1, which keeps its data over `kill` and `start`.

    A `brief` one starts with less work, and runs slower later; tests want that, benchmarks do not.
    """

    is_embedded = False

    def __init__(self, *, brief: bool = False, scram: Sequence[str] = ()) -> None:
        """Prepare; `scram` are accounts as `kafka-storage format --add-scram` takes them."""
        self._options = ["-XX:TieredStopAtLevel=1"] if brief else []
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._directory = Path(tempfile.mkdtemp(prefix="restaurant-kafka-"))
        self._configuration = self._directory / "server.properties"
        self._scram = tuple(scram)
        self._child: Guarded | None = None

    def start(self) -> "RealKafka":
        if not self._configuration.exists():
            self._format()
        child = self._child = Guarded(
            _java("kafka.Kafka", str(self._configuration), options=self._options),
            log=self._directory / "log",
            remove=self._directory,
        )
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        wait_until(lambda: child.running() and _answers(admin), seconds=120, every=0.1)
        return self

    def running(self) -> bool:
        return self._child is not None and self._child.running()

    def clear(self) -> None:
        """Run, and have no topics; their groups forget where they stood."""
        if not self.running():
            self.start()
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        wait_until(lambda: _is_cleared(admin), seconds=60, every=0.05)

    def stop(self) -> None:
        # Nothing of it is kept, so there is nothing to put in order.
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def more_listeners(self) -> list[str]:
        """Name further listeners, as protocol://host:port; a subclass may."""
        return []

    def more_settings(self) -> dict[str, str]:
        """Give further settings of `server.properties`; a subclass may."""
        return {}

    def _format(self) -> None:
        controller, data = free_port(), self._directory / "data"
        shutil.copytree(_formatted(*self._scram), data)
        settings = {
            **NODE,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": ",".join(
                [
                    f"PLAINTEXT://{self.bootstrap}",
                    f"CONTROLLER://127.0.0.1:{controller}",
                    *self.more_listeners(),
                ]
            ),
            "log.dirs": str(data),
            "num.partitions": "4",
            "auto.create.topics.enable": "true",
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": "1",
            "group.initial.rebalance.delay.ms": "0",
            # A killed broker's registration must lapse before it can start again.
            "broker.session.timeout.ms": "1000",
            "broker.heartbeat.interval.ms": "200",
            **self.more_settings(),
        }
        _write(self._configuration, settings)


@cache
def _formatted(*scram: str) -> Path:
    """Format a data directory, once, of which each broker gets a copy."""
    directory = Path(tempfile.mkdtemp(prefix="restaurant-kafka-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    data, configuration = directory / "data", directory / "server.properties"
    nobody = "127.0.0.1:1"
    listeners = {
        "controller.quorum.voters": f"1@{nobody}",
        "listeners": f"PLAINTEXT://127.0.0.1:2,CONTROLLER://{nobody}",
    }
    names = {"controller.listener.names": "CONTROLLER", "log.dirs": str(data)}
    _write(configuration, {**NODE, **listeners, **names})
    accounts = [part for account in scram for part in ("--add-scram", account)]
    cluster = ("--cluster-id", uuid.uuid4().hex[:22])
    format_ = ["format", *cluster, "--config", str(configuration), *accounts]
    command = _java("kafka.tools.StorageTool", *format_, options=["-XX:TieredStopAtLevel=1"])
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return data


def _write(configuration: Path, settings: Mapping[str, str]) -> None:
    configuration.write_text("".join(f"{k}={v}\n" for k, v in settings.items()))


def _java(main: str, *arguments: str, options: Sequence[str]) -> list[str]:
    memory = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC"]
    return ["java", *memory, *options, "-cp", f"{jars()}/*", main, *arguments]


def _answers(admin: AdminClient) -> bool:
    try:
        return bool(admin.list_topics(timeout=1).brokers)
    except Exception:
        return False


def _is_cleared(admin: AdminClient) -> bool:
    """Delete what topics there are; tells whether there was none."""
    try:
        found = admin.list_topics(timeout=30).topics
        names = [name for name in found if not name.startswith("__")]
        for deleted in admin.delete_topics(names).values() if names else ():
            deleted.result()
    except KafkaException:
        # It does not answer yet, or is about to forget one that it was told of before.
        return False
    return not names
