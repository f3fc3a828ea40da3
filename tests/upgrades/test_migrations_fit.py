"""A migration is fit for old code beside new, or says why nobody minds.

Released are the migrations in `released.txt`, each with a digest: old databases have them, so they
stay as they are. After a release, add its own:

    python -m tests.upgrades.test_migrations_fit
"""

from hashlib import sha256
from pathlib import Path

import pytest
from django.contrib.postgres.operations import NotInTransactionMixin
from django.db.migrations.loader import MigrationLoader

from tests.upgrades.fitness import unfit

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASED = Path(__file__).with_name("released.txt")
OURS = ("auth_grpc", "orders", "kitchen", "delivery", "restaurant/staff")
HELP = "see docs/operations.md, Upgrade"


def files() -> dict[str, Path]:
    """Give our migrations' files, by app and name."""
    found = {}
    for package in OURS:
        for path in sorted((ROOT / package / "migrations").glob("[0-9]*.py")):
            found[f"{package.rpartition('/')[2]}.{path.stem}"] = path
    return found


def released() -> dict[str, str]:
    return dict(line.split() for line in RELEASED.read_text().splitlines())


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]


def test_it_changes_nothing_that_was_released():
    now = {name: digest(path) for name, path in files().items()}
    changed = {name for name, was in released().items() if now.get(name) != was}
    assert not changed, f"released migrations were changed or deleted; {HELP}"


def test_new_migrations_are_fit():
    loader = MigrationLoader(None)
    new = [name.split(".") for name in files() if name not in released()]
    found = {}
    for app, name in new:
        migration = loader.graph.nodes[app, name]
        if faults := unfit(migration, loader.project_state((app, name), at_end=False)):
            found[f"{app}.{name}"] = faults
        is_concurrent = any(isinstance(o, NotInTransactionMixin) for o in migration.operations)
        assert not (is_concurrent and migration.atomic), f"{app}.{name} needs `atomic = False`"
    assert not found, f"unfit for old code beside new, or for a big table; {HELP}"


if __name__ == "__main__":
    lines = [f"{name} {digest(path)}" for name, path in files().items()]
    RELEASED.write_text("\n".join(lines) + "\n")
