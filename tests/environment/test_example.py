"""`.env.example` names what `settings.py` reads, with the same defaults."""

import re
from pathlib import Path

import pytest

from restaurant import settings

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / ".env.example"
DECLARED = settings.env.declared
# Their default depends on the machine or on another setting.
DEPENDENT = {
    *("AUTH_GRPC_LISTEN", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_IS_EMBEDDED"),
    *("LIVE_HOST", "MEDIA_ROOT", "REDIS_URL", "PUBLIC_URL", "STATIC_ROOT", "VAR_DIR"),
}


def named_in_example() -> dict[str, str]:
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def test_it_names_every_variable_once_and_no_other():
    lines = re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(lines) == sorted(DECLARED)


def test_it_explains_each_in_a_comment_above():
    for block in re.split(r"\n(?=# )", EXAMPLE.read_text()):
        assert block.startswith("# "), block


@pytest.mark.parametrize("name", sorted(DECLARED.keys() - DEPENDENT))
def test_it_shows_the_default(name: str):
    assert named_in_example()[name] == DECLARED[name].default


def test_it_changes_nothing_when_copied_as_it_is():
    for line in EXAMPLE.read_text().splitlines():
        assert not line or line.startswith("#"), line


def test_settings_alone_read_the_environment():
    packages = ("restaurant", "auth_grpc", "orders", "kitchen", "delivery")
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.environ\b(?!\.setdefault\()|getenv\(", path.read_text())
    }
    # The supervisor hands its own environment on, whole; web's workers get a directory in it.
    own = {"restaurant/supervisor/supervisor.py", "restaurant/monitor/draining.py"}
    assert readers == {"restaurant/settings.py", *own}


def test_no_variable_is_named_as_another_ones_file():
    assert not {f"{name}_FILE" for name in DECLARED} & DECLARED.keys()
