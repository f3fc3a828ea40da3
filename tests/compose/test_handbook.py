"""docs/operations.md's recipes, one after the other on one stack: each does what the page says.

Guests order meanwhile, but where the page says that none should; what they are answered counts.
"""

import json
import re
import ssl
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from typing import Any
from urllib.request import urlopen

import pytest

from tests.blocks import DOCS
from tests.compose.customer import PASSWORD, Guest, ask_patiently, sign_in
from tests.compose.handbook import NEXT_TAG, PAGE, PROBED, RECIPES, Handbook
from tests.compose.load import REFUSED, UNANSWERED, Load, ordering_guests
from tests.compose.stack import SERVICES, SPEED, Stack, run
from tests.compose.test_orders import partitions_of_kitchens
from tests.compose.test_rights import psql, valkey
from tests.servers.wait import wait_until

MANAGER = "ada@example.com"
RATE = 5
# The demo as it stands takes three minutes.
SHORTER = {"SIMULATION_SPEED=60": f"SIMULATION_SPEED={SPEED}", "--orders 500": "--orders 20"}
DATABASES = ("delivery", "kitchen", "orders", "auth")
PICTURE = "/media/picture.webp"
BALLAST = "/var/lib/postgresql/data/ballast"
KAFKA_TOPICS = ("/opt/kafka/bin/kafka-topics.sh", "--bootstrap-server", "localhost:9092")
GRAFANA = "grafana/grafana-oss:latest"
# What happens while all containers of web are made anew.
SOME_SECONDS_AWAY = (REFUSED, "refresh token spent")


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handbook]:
    handbook = Handbook(tmp_path_factory.mktemp("handbook"))
    try:
        yield handbook
    finally:
        handbook.down()


@pytest.fixture(scope="module")
def stack(handbook: Handbook) -> Stack:
    return handbook.stack


@pytest.fixture(scope="class")
def guests(stack: Stack) -> Iterator[Load]:
    """They order while the tests of a class run."""
    with ordering_guests(stack, rate=RATE) as load:
        yield load


@contextmanager
def served(guests: Load, stack: Stack, *excused: str) -> Iterator[None]:
    """Every request is answered as usual meanwhile, or so; and then a fresh order is delivered."""
    before = guests.answers.so_far()
    yield
    guests.taste()
    strange = guests.answers.so_far() - before
    for kind in ("", *excused):
        del strange[kind]
    if strange:
        said = stack.compose("logs", "--no-log-prefix", "proxy").splitlines()
        proxied = [line for line in said if '"event":"proxied"' in line]
        pytest.fail("\n".join([*guests.answers.told, *proxied[-40:]]))


@pytest.fixture(scope="module")
def lost() -> set[str]:
    """The ids of orders that a restored database does not know; the audit goes on to name them."""
    return set()


def books_agree(stack: Stack, lost: set[str]) -> None:
    """Wait until the audit names the orders that are known to be lost, and no others.

    An order has ended for its guest before the last of its readers knows.
    """
    found: list[dict[str, Any]] = []

    def agree() -> bool:
        said = stack.tool("manage.py", "audit", "--json", expect=None)
        found[:] = json.loads(said.splitlines()[-1])["findings"]
        return {finding["order_id"] for finding in found} == lost

    try:
        wait_until(agree, seconds=60, every=1)
    except AssertionError as error:
        error.add_note(f"{found}, where {lost} are known to be lost")
        raise


def nothing_is_lost(guests: Load, stack: Stack, lost: set[str]) -> None:
    """Each order that was placed comes to its end, and the books agree."""
    placed = guests.unfinished()
    wait_until(lambda: not placed & guests.unfinished(), seconds=90, every=0.2)
    books_agree(stack, lost)


def created(volume: str) -> str:
    """Give when a volume was made."""
    return run("docker", "volume", "inspect", "--format", "{{.CreatedAt}}", volume)


def statement(stack: Stack, database: str, sql: str) -> str:
    """Run a statement as PostgreSQL's own user; gives the one value that it answers with."""
    login = ("psql", "--username=postgres", f"--dbname={database}", "--tuples-only", "--no-align")
    return stack.execute("postgres", *login, "--command", sql).strip()


def lets_in(stack: Stack, role: str, database: str, password: str) -> bool:
    """Tell whether a role is let into a database by a password."""
    told = psql(stack, role, password, database, "SELECT 1 AS one")
    assert "one" in told or "password authentication failed" in told, told
    return "one" in told


def password_in(handbook: Handbook, secret: str) -> str:
    return handbook.secret(secret).partition("@")[0].rpartition(":")[2]


def up(stack: Stack) -> int:
    """Count the processes that Prometheus can ask."""
    port = stack.prometheus_port
    with urlopen(f"http://127.0.0.1:{port}/api/v1/query?query=sum(up)", timeout=10) as answer:
        found = json.load(answer)["data"]["result"]
    return int(found[0]["value"][1]) if found else 0


def figures_here() -> dict[str, str]:
    """Give what Prometheus is started with alone where Grafana's image cannot be had."""
    if run("docker", "image", "ls", "--quiet", GRAFANA) or run(
        "docker", "pull", "--quiet", GRAFANA, expect=None, seconds=600
    ):
        return {}
    return {"--wait": "--wait prometheus"}


def inline(heading: str) -> str:
    """Give the command that stands in the text under a heading, between backticks."""
    text = (DOCS / PAGE).read_text().partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    (command,) = re.findall(r"`(dc [^`]+)`", text)
    return str(command)


def kid_of(token: str) -> str:
    """Give which key signed a token."""
    head = token.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def another_key_signs(stack: Stack, guest: Guest) -> None:
    """Wait until auth's processes follow, which they do each in their own ten seconds."""
    wait_until(lambda: kid_of(Guest(stack).token) != kid_of(guest.token), seconds=30, every=1)


def certificate_at(stack: Stack) -> str:
    """Give what the proxy shows to who knows the authority of the stack's secrets."""
    trusted = ssl.create_default_context(cafile=stack.root / "docker" / "secrets" / "ca.pem")
    connection = HTTPSConnection("localhost", stack.tls_port, context=trusted, timeout=10)
    connection.connect()
    shown = connection.sock.getpeercert(binary_form=True) or b""
    connection.request("GET", "/api/v1/menu/")
    assert connection.getresponse().status == 200
    connection.close()
    return ssl.DER_cert_to_PEM_cert(shown).strip()


def renew_proxys_certificate(handbook: Handbook) -> None:
    """Put auth's, which is good for localhost, where the proxy's is expected."""
    parts = [handbook.secret(name) for name in ("auth.pem", "auth.key")]
    (handbook.root / "docker" / "secrets" / "proxy.pem").write_text("\n".join([*parts, ""]))


class TestAtFirst:
    def test_it_is_installed_with_an_empty_menu_and_a_manager(
        self, handbook: Handbook, stack: Stack
    ) -> None:
        handbook.carry_out("Install", typing=PASSWORD)
        assert ask_patiently(stack, "/api/docs/").status == 200
        assert ask_patiently(stack, "/api/v1/menu/").json["categories"] == []
        assert sign_in(stack, MANAGER, PASSWORD)

    def test_it_is_tried_by_the_demo(self, handbook: Handbook, stack: Stack) -> None:
        said = handbook.carry_out("Install", 1, others=SHORTER)
        assert said.splitlines()[-1] == "audit: clean"
        assert ask_patiently(stack, "/api/v1/menu/").json["categories"]

    def test_it_speaks_tls(self, handbook: Handbook, stack: Stack) -> None:
        renew_proxys_certificate(handbook)
        handbook.carry_out("What runs")
        assert certificate_at(stack) == handbook.secret("auth.pem")

    def test_prometheus_stands_beside_it(self, handbook: Handbook, stack: Stack) -> None:
        handbook.carry_out("What runs", 1, others=figures_here())
        expected = sum(len(stack.containers(service)) for service in SERVICES)
        wait_until(lambda: up(stack) == expected, seconds=60, every=1)


class TestWhileGuestsOrder:
    def test_a_process_says_how_it_is(self, handbook: Handbook) -> None:
        assert json.loads(handbook.carry_out("Health")) == json.loads(PROBED.text)

    def test_the_figures_are_started_again(
        self, handbook: Handbook, stack: Stack, guests: Load
    ) -> None:
        with served(guests, stack):
            handbook.carry_out("Metrics and alerts", others=figures_here())

    def test_an_orders_way_is_found(self, handbook: Handbook, stack: Stack) -> None:
        guest = Guest(stack)
        guest.wait_for(order := guest.order())
        said = handbook.carry_out("Finding an order's way", others={"ORDER-ID": order["id"]})
        steps = [json.loads(line) for line in said.splitlines()]
        ways = {(step["by"], step["type"]) for step in steps}
        assert {("kitchen", "order_created"), ("orders", "order_delivered")} <= ways
        assert all(step["at"] and step["event_id"] for step in steps)

    def test_it_is_upgraded_without_a_gap(
        self, handbook: Handbook, stack: Stack, guests: Load
    ) -> None:
        replaced = [service for service in SERVICES if service != "proxy"]
        before = {id_ for service in replaced for id_ in stack.containers(service)}
        with served(guests, stack):
            handbook.carry_out("Without a gap")
        after = {id_ for service in replaced for id_ in stack.containers(service)}
        assert len(after) == len(before)
        assert not after & before
        images = {stack.inspect(id_)["Config"]["Image"] for id_ in after}
        assert images == {f"restaurant:{NEXT_TAG}"}

    def test_it_is_backed_up(self, handbook: Handbook, stack: Stack, guests: Load) -> None:
        handbook.carry_out("Back up and restore")
        handbook.run(f"dc run --rm -T tools touch {PICTURE}")
        with served(guests, stack):
            handbook.carry_out("Back up")
        for name in DATABASES:
            listed = handbook.run(f"dc exec -T postgres pg_restore --list <backups/{name}.dump")
            assert " TABLE DATA public django_migrations " in listed
        assert "./picture.webp" in handbook.run("tar -t -f backups/media.tar").split()

    def test_the_kitchen_is_restored(
        self, handbook: Handbook, stack: Stack, guests: Load, lost: set[str]
    ) -> None:
        # Since the copy, orders have been placed, and delivered as well.
        guests.taste()
        with served(guests, stack):
            said = handbook.carry_out("Restore kitchen or delivery")
        assert re.search(r"^kitchen: [1-9]\d* orders were behind", said, re.MULTILINE)
        nothing_is_lost(guests, stack, lost)

    def test_what_was_ordered_has_ended(self, guests: Load) -> None:
        assert guests.finish().unfinished == 0


class TestWhileNobodyOrders:
    def test_orders_are_restored_but_those_since(
        self, handbook: Handbook, stack: Stack, lost: set[str]
    ) -> None:
        guest = Guest(stack)
        kept = guest.order()
        guest.wait_for(kept)
        handbook.carry_out("Back up")
        since = guest.order()
        guest.wait_for(since)
        handbook.carry_out("Restore orders")
        lost.add(since["id"])
        wait_until(lambda: guest.get(f"orders/{kept['id']}/").status == 200, seconds=20)
        assert guest.get(f"orders/{since['id']}/").status == 404
        books_agree(stack, lost)
        later = guest.order()
        assert later["number"] > since["number"]
        guest.wait_for(later)
        books_agree(stack, lost)

    def test_pictures_are_restored(self, handbook: Handbook) -> None:
        handbook.run(f"dc run --rm -T tools rm {PICTURE}")
        handbook.carry_out("Restore pictures")
        handbook.run(f"dc run --rm -T tools test -e {PICTURE}")

    def test_accounts_are_restored_but_those_since(
        self, handbook: Handbook, stack: Stack, lost: set[str]
    ) -> None:
        old = Guest(stack)
        handbook.carry_out("Back up")
        new = Guest(stack)
        handbook.carry_out("Restore accounts")
        wait_until(lambda: old.log_in().status == 200, seconds=20, every=0.5)
        assert new.log_in().status == 401
        old.wait_for(old.order())
        books_agree(stack, lost)


class TestWhileGuestsOrderAgain:
    def test_all_goes_on_when_kafkas_data_is_lost(
        self, handbook: Handbook, stack: Stack, guests: Load, lost: set[str]
    ) -> None:
        volume = f"{stack.project}_kafka"
        before = created(volume)
        with served(guests, stack):
            handbook.carry_out("When Kafka's data is lost")
        assert created(volume) > before
        nothing_is_lost(guests, stack, lost)

    def test_there_is_something_to_free_on_a_full_disk(
        self, handbook: Handbook, stack: Stack, guests: Load
    ) -> None:
        handbook.carry_out("When PostgreSQL's disk is full")
        assert stack.execute("postgres", "stat", "--format=%s", BALLAST).strip() == str(64 << 20)
        with served(guests, stack):
            said = handbook.carry_out("When PostgreSQL's disk is full", 1)
        assert said.splitlines()[0].split()[:2] == ["Filesystem", "Size"]
        assert stack.execute("postgres", "find", BALLAST, expect=1) == ""

    def test_dead_letters_are_redriven(
        self, handbook: Handbook, stack: Stack, guests: Load, lost: set[str]
    ) -> None:
        guest = Guest(stack)
        # Not what other guests cancel meanwhile: the recipe is about one topic.
        refused = "number < 0 OR status = 'cancelled'"
        refuse = f"ADD CONSTRAINT refused CHECK ({refused}) NOT VALID"
        statement(stack, "kitchen", f"ALTER TABLE kitchen_kitchenorder {refuse}")
        order = guest.order()
        count = "SELECT count(*) FROM kitchen_deadletter"
        wait_until(lambda: int(statement(stack, "kitchen", count)) > 0, seconds=30, every=0.5)
        statement(stack, "kitchen", "ALTER TABLE kitchen_kitchenorder DROP CONSTRAINT refused")
        with served(guests, stack):
            said = handbook.carry_out("Redrive dead letters")
        assert re.search(r"^kitchen: [1-9]\d* dead letters$", said, re.MULTILINE)
        assert re.search(r"^kitchen: [1-9]\d* redriven$", said, re.MULTILINE)
        assert said.splitlines()[-1] == "kitchen: 0 dead letters"
        guest.wait_for(order)
        nothing_is_lost(guests, stack, lost)

    def test_another_key_signs_tokens(self, handbook: Handbook, stack: Stack, guests: Load) -> None:
        guest = Guest(stack)
        with served(guests, stack):
            handbook.carry_out("Keys that sign tokens")
        another_key_signs(stack, guest)
        assert guest.get("orders/").status == 200
        assert guest.renew().status == 200

    def test_another_secret_key_signs_sessions_and_seals_keys(
        self, handbook: Handbook, stack: Stack, guests: Load
    ) -> None:
        guest, session = Guest(stack), sign_in(stack, MANAGER, PASSWORD)
        old = handbook.secret("secret_key")
        with served(guests, stack, *SOME_SECONDS_AWAY):
            handbook.carry_out("SECRET_KEY")
        assert handbook.secret("secret_key_fallbacks") == old != handbook.secret("secret_key")
        page = ask_patiently(stack, "/admin/dashboard/", headers={"Cookie": f"sessionid={session}"})
        assert page.status == 200
        assert guest.get("orders/").status == 200
        assert guest.renew().status == 200
        another_key_signs(stack, guest)

    def test_certificates_are_renewed(self, handbook: Handbook, stack: Stack, guests: Load) -> None:
        before = handbook.secret("auth.pem")
        with served(guests, stack, *SOME_SECONDS_AWAY):
            handbook.carry_out("Certificates")
        assert handbook.secret("auth.pem") != before
        # The live process asks auth as well.
        guest = Guest(stack)
        assert guest.get(f"orders/{guest.order()['id']}/events/").status == 200
        renew_proxys_certificate(handbook)
        with served(guests, stack, UNANSWERED):
            handbook.run(inline("Certificates"))
        assert certificate_at(stack) == handbook.secret("auth.pem")

    @pytest.mark.parametrize("role", ["kitchen", "kitchen_owner"])
    def test_a_services_password_is_changed(
        self, handbook: Handbook, stack: Stack, guests: Load, role: str
    ) -> None:
        last = 'dc up -d --wait --force-recreate --no-deps "$name"\n'
        own = {} if role == "kitchen" else {"name=kitchen\n": f"name={role}\n", last: ""}
        old = password_in(handbook, f"{role}_url")
        with served(guests, stack):
            handbook.carry_out("A database's password", others=own)
            handbook.run("dc run --rm -T setup")
        assert lets_in(stack, role, "kitchen", password_in(handbook, f"{role}_url"))
        assert not lets_in(stack, role, "kitchen", old)

    @pytest.mark.parametrize("role", ["house", "live"])
    def test_a_password_of_several_files_is_changed(
        self, handbook: Handbook, stack: Stack, guests: Load, role: str
    ) -> None:
        own = {} if role == "house" else {"house": "live", "web celery beat": "live"}
        old = password_in(handbook, f"{role}_auth_url")
        with served(guests, stack, *SOME_SECONDS_AWAY):
            handbook.carry_out("A database's password", 1, others=own)
        for database in ("auth", "orders"):
            new = password_in(handbook, f"{role}_{database}_url")
            assert lets_in(stack, role, database, new)
            assert not lets_in(stack, role, database, old)

    def test_valkeys_password_is_changed(
        self, handbook: Handbook, stack: Stack, guests: Load
    ) -> None:
        old = password_in(handbook, "redis_url")
        with served(guests, stack, *SOME_SECONDS_AWAY):
            handbook.carry_out("Valkey's password")
        new = password_in(handbook, "redis_url")
        asked = "--user restaurant --no-auth-warning --pass"
        assert valkey(stack, f"{asked} {new} INFO server").startswith("# Server")
        assert "WRONGPASS" in valkey(stack, f"{asked} {old} INFO server")

    def test_there_are_more_of_a_process(
        self, handbook: Handbook, stack: Stack, guests: Load
    ) -> None:
        with served(guests, stack):
            handbook.carry_out("Scaling")
        assert {name: len(stack.containers(name)) for name in ("web", "kitchen")} == {
            "web": 3,
            "kitchen": 3,
        }
        wait_until(lambda: sorted(partitions_of_kitchens(stack)) == [4, 4, 4], seconds=60, every=1)

    def test_topics_have_more_partitions(
        self, handbook: Handbook, stack: Stack, guests: Load, lost: set[str]
    ) -> None:
        with served(guests, stack):
            handbook.carry_out("More partitions")
        told = stack.execute("kafka", *KAFKA_TOPICS, "--describe")
        counts = re.findall(r"Topic: (\w\S*)\s.*PartitionCount: (\d+)", told)
        assert len([name for name, _ in counts if not name.startswith("__")]) > 20
        assert {count for name, count in counts if not name.startswith("__")} == {"24"}
        wait_until(lambda: sorted(partitions_of_kitchens(stack)) == [8, 8, 8], seconds=90, every=1)
        nothing_is_lost(guests, stack, lost)

    def test_what_was_ordered_has_ended(self, guests: Load, stack: Stack, lost: set[str]) -> None:
        assert guests.finish().unfinished == 0
        books_agree(stack, lost)


def test_each_recipe_was_carried_out_in_the_pages_order(handbook: Handbook) -> None:
    assert handbook.done == RECIPES
