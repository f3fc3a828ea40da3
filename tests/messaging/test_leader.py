"""One relay a service leads, and another takes over when it is gone."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections

from restaurant.messaging import leader
from restaurant.messaging.leader import Leadership
from tests.messaging.toys import SERVICE
from tests.servers.wait import wait_until

pytestmark = pytest.mark.django_db(databases=[SERVICE], transaction=True)

HOLDER = """
import json, sys
from django.conf import settings
settings.configure(DATABASES=json.loads(sys.argv[1]))
from restaurant.messaging import leader
lock = leader.leadership("kitchen")
assert lock.held()
print("held", flush=True)
sys.stdin.read()
"""


class Elsewhere(threading.Thread):
    """Asks for the leadership on a connection of its own, and answers when asked."""

    def __init__(self) -> None:
        super().__init__()
        self._turn, self._told, self.answer = threading.Event(), threading.Event(), False
        self._over = False

    def run(self) -> None:
        other = leader.leadership(SERVICE)
        while self._turn.wait() and not self._over:
            self._turn.clear()
            self.answer = other.held()
            self._told.set()
        other.release()
        connections[SERVICE].close()

    def held(self) -> bool:
        self._told.clear()
        self._turn.set()
        assert self._told.wait(10)
        return self.answer

    def end(self) -> None:
        self._over = True
        self._turn.set()
        self.join()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    thread = Elsewhere()
    thread.start()
    yield thread
    thread.end()


@pytest.fixture
def here() -> Iterator[Leadership]:
    found = leader.leadership(SERVICE)
    yield found
    found.release()


def test_it_is_held_by_one_at_a_time(here: Leadership, elsewhere: Elsewhere) -> None:
    assert here.held()
    assert here.held()
    assert not elsewhere.held()
    here.release()
    assert elsewhere.held()
    assert not here.held()


def test_it_is_not_held_on_a_connection_that_was_lost(
    here: Leadership, elsewhere: Elsewhere
) -> None:
    assert here.held()
    connections[SERVICE].close()
    if connections[SERVICE].vendor == "postgresql":
        assert wait_until(elsewhere.held)
        assert not here.held()
    else:
        # A file is locked by the process, which is still there.
        assert here.held()
        assert not elsewhere.held()


def test_it_passes_on_when_its_holder_is_killed(here: Leadership) -> None:
    ours = connections[SERVICE].settings_dict
    database = {name: str(ours[name]) for name in ("ENGINE", "NAME", "USER", "HOST", "PORT")}
    command = [sys.executable, "-c", HOLDER, json.dumps({"default": {}, SERVICE: database})]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=settings.BASE_DIR
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert not here.held()
        holder.kill()
    assert wait_until(here.held)
