"""Databases of a restaurant that was open before, made once by a test process and then copied.

A house on them starts as after any other night: migrated, with a menu and three couriers on shift.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from uuid import uuid4

from tests.flow.running_up import ROOT, bare_environment
from tests.servers.postgres import create_database

# Variable → database.
SERVICES = {"AUTH": "auth", "ORDERS": "orders", "KITCHEN": "kitchen", "DELIVERY": "delivery"}
MENU = ROOT / "restaurant" / "demo" / "menu.yaml"
PREPARE = f"""
from django.core.management import call_command
from delivery.models import Courier
call_command("migrate_services", verbosity=0)
call_command("import_menu", "{MENU}")
for name in ("Kim", "Lee", "Max"):
    Courier.objects.get_or_create(name=name, defaults={{"on_shift": True}})
"""


def copy_files(to: Path, more: str = "") -> None:
    """Put SQLite files into a house's directory; `more` is Python that furnishes it further."""
    for file in _files(more).glob("*.sqlite3"):
        shutil.copy(file, to)


def copy_databases(more: str = "") -> dict[str, str]:
    """Make PostgreSQL databases, named by service; gives their URLs."""
    server, run = os.environ["TEST_POSTGRES_URL"], uuid4().hex[:8]
    return {
        name: create_database(server, f"{name}_{run}", template=template)
        for name, template in _databases(more).items()
    }


def urls_of(databases: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that tell a process of its databases."""
    return {f"{variable}_DATABASE_URL": databases[name] for variable, name in SERVICES.items()}


@cache
def _files(more: str) -> Path:
    directory = Path(tempfile.mkdtemp(prefix="restaurant-prepared-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    _prepare(more, {"VAR_DIR": str(directory)})
    # What is still in a log beside its file would not be copied.
    assert not list(directory.glob("*-wal"))
    return directory


@cache
def _databases(more: str) -> dict[str, str]:
    server, run = os.environ["TEST_POSTGRES_URL"], uuid4().hex[:8]
    templates = {name: f"{name}_prepared_{run}" for name in SERVICES.values()}
    urls = {name: create_database(server, template) for name, template in templates.items()}
    with tempfile.TemporaryDirectory() as directory:
        _prepare(more, {"VAR_DIR": directory, **urls_of(urls)})
    return templates


def _prepare(more: str, env: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", PREPARE + more],
        cwd=ROOT,
        env={**bare_environment(), "DEBUG": "true", "LOG_LEVEL": "WARNING", **env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
