"""Who may do what in the stack: processes, roles of the databases, strangers."""

from pathlib import Path

import pytest

from tests.compose.stack import SERVERS, SERVICES, Stack

DATABASES = ("auth", "orders", "kitchen", "delivery")
PASSWORD = "the soup of the day 9"


def test_it_opens_one_port_and_only_on_this_machine(stack: Stack):
    published = {
        service: [
            (binding["HostIp"], binding["HostPort"])
            for container in stack.containers(service)
            for bindings in stack.inspect(container)["NetworkSettings"]["Ports"].values()
            for binding in bindings or ()
        ]
        for service in (*SERVICES, *SERVERS)
    }
    assert published.pop("proxy") == [("127.0.0.1", str(stack.port))]
    assert not any(published.values())


@pytest.mark.parametrize("service", [*SERVICES, *SERVERS])
def test_it_gives_a_process_no_more_than_it_needs(stack: Stack, service: str):
    (*_, container) = stack.containers(service)
    found = stack.inspect(container)
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert found["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
    assert found["HostConfig"]["Memory"] > 0
    assert found["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert stack.execute(service, "id", "-u").strip() != "0"
    assert "Read-only file system" in _why_it_cannot(stack, service, "touch /etc/anything")
    # Passwords come as files: what is in the environment is shown by `docker inspect`.
    assert not [v for v in found["Config"]["Env"] if "://" in v and "@" in v]


def _why_it_cannot(stack: Stack, service: str, command: str) -> str:
    return stack.execute(service, "sh", "-c", f"{command} 2>&1", expect=None)


def test_it_has_nothing_in_its_image_that_builds(stack: Stack):
    told = stack.execute("kitchen", "sh", "-c", "command -v gcc cc make git uv", expect=None)
    assert told == ""
    code = "import importlib.util as u, sys; sys.exit(u.find_spec('pip') is not None)"
    stack.execute("kitchen", "python", "-c", code)


def test_it_says_which_commit_it_is(stack: Stack):
    label = "org.opencontainers.image.revision"
    assert stack.inspect(stack.containers("web")[0])["Config"]["Labels"][label] == stack.revision
    code = "from restaurant.version import version; print(version())"
    assert stack.revision[:7] in stack.execute("web", "python", "-c", code)


@pytest.mark.parametrize("role", [*DATABASES, *(f"{name}_owner" for name in DATABASES)])
def test_it_lets_a_role_into_its_own_database_alone(stack: Stack, secrets: Path, role: str):
    own, password = role.removesuffix("_owner"), password_of(secrets / f"{role}_url")
    for database in (*DATABASES, "postgres", "template1"):
        told = psql(stack, role, password, database, "SELECT 1 AS one")
        if database == own:
            assert "one" in told
        else:
            assert "permission denied for database" in told


@pytest.mark.parametrize("role", [*DATABASES, "house"])
def test_it_lets_a_process_change_rows_and_not_tables(stack: Stack, secrets: Path, role: str):
    file = "house_kitchen_url" if role == "house" else f"{role}_url"
    database = "kitchen" if role == "house" else role
    password = password_of(secrets / file)
    assert "count" in psql(
        stack, role, password, database, "SELECT count(*) FROM django_migrations"
    )
    for statement in (
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "DROP TABLE django_migrations",
        "TRUNCATE django_migrations",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
    ):
        told = psql(stack, role, password, database, statement)
        assert "permission denied" in told or "must be owner" in told, told


def test_it_lets_the_live_process_read_sessions_and_orders_and_change_nothing(
    stack: Stack, secrets: Path
):
    password = password_of(secrets / "live_auth_url")
    assert password == password_of(secrets / "live_orders_url")
    counts = {
        "auth": "SELECT count(*) FROM auth_grpc_session",
        "orders": "SELECT count(*) FROM orders_order",
    }
    for database, statement in counts.items():
        assert "count" in psql(stack, "live", password, database, statement)
        deleting = statement.replace("SELECT count(*)", "DELETE")
        assert "permission denied" in psql(stack, "live", password, database, deleting)
    for database in ("kitchen", "delivery", "postgres"):
        told = psql(stack, "live", password, database, "SELECT 1 AS one")
        assert "permission denied for database" in told


def test_it_lets_celery_delete_the_pictures_that_web_has_kept(stack: Stack):
    stack.execute("web", "mkdir", "-p", "/media/menu")
    stack.execute("web", "touch", "/media/menu/picture.webp")
    stack.execute("celery", "rm", "/media/menu/picture.webp")
    assert "picture" not in stack.execute("web", "ls", "/media/menu")


def test_it_lets_nobody_in_without_a_password(stack: Stack):
    assert "password authentication failed" in psql(stack, "postgres", "postgres", "postgres", "")
    assert "NOAUTH" in valkey(stack, "GET order:1") or "NOPERM" in valkey(stack, "GET order:1")
    assert "NOPERM" in valkey(stack, "ACL LIST")
    assert valkey(stack, "PING") == "PONG"


def test_it_asks_auths_clients_for_a_certificate(stack: Stack):
    code = (
        "import grpc, pathlib; ca = pathlib.Path('/run/secrets/ca').read_bytes();"
        "c = grpc.secure_channel('auth:50051', grpc.ssl_channel_credentials(ca));"
        "grpc.channel_ready_future(c).result(timeout=2)"
    )
    told = stack.execute("web", "sh", "-c", f'python -c "{code}" 2>&1', expect=1)
    assert "FutureTimeoutError" in told


def password_of(file: Path) -> str:
    return file.read_text().partition("@")[0].rpartition(":")[2]


def psql(stack: Stack, role: str, password: str, database: str, statement: str) -> str:
    """Run a statement over TCP as a role; gives what PostgreSQL said, also when it refused."""
    url = f"postgres://{role}:{password}@postgres/{database}"
    return stack.execute("postgres", "sh", "-c", f"psql '{url}' -c '{statement}' 2>&1", expect=None)


def valkey(stack: Stack, command: str) -> str:
    return stack.execute("valkey", "sh", "-c", f"valkey-cli {command} 2>&1", expect=None).strip()
