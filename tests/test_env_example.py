"""`.env.example` names what `settings.py` reads, with the same defaults."""

import ast
import re
from pathlib import Path

import environ
import pytest

from restaurant import databases

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / ".env.example"
SETTINGS = ROOT / "restaurant" / "settings.py"
# Their default depends on the machine or on another setting.
DEPENDENT = {
    *("AUTH_GRPC_LISTEN", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_IS_EMBEDDED"),
    *("LIVE_HOST", "MEDIA_ROOT", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY", "STATIC_ROOT", "VAR_DIR"),
}


def read_by_settings() -> dict[str, tuple[str, ast.expr | None]]:
    """Find the calls `env.<type>("NAME", default=…)`; gives type and default by name."""
    found: dict[str, tuple[str, ast.expr | None]] = {}
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=kind),
                args=[ast.Constant(value=str(name))],
                keywords=keywords,
            ):
                defaults = [keyword.value for keyword in keywords if keyword.arg == "default"]
                found.setdefault(name, (kind, defaults[0] if defaults else None))
    return found


def named_in_example() -> dict[str, str]:
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def value_of(default: ast.expr) -> object:
    """Give a default that depends on nothing; a few are sums, such as 24 * 7."""
    return eval(compile(ast.Expression(default), str(SETTINGS), "eval"), {})  # noqa: S307


def test_it_names_every_variable_once_and_no_other():
    lines = re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(lines) == sorted({*read_by_settings(), *databases.URL_VARIABLES.values()})


def test_it_explains_each_in_a_comment_above():
    for block in re.split(r"\n(?=# )", EXAMPLE.read_text()):
        assert block.startswith("# "), block


@pytest.mark.parametrize("name", sorted(set(read_by_settings()) - DEPENDENT))
def test_it_shows_the_default(name, monkeypatch):
    kind, default = read_by_settings()[name]
    assert default is not None
    monkeypatch.setenv(name, named_in_example()[name])
    env = environ.Env()
    env.smart_cast = False
    assert getattr(env, kind)(name) == value_of(default)


def test_it_changes_nothing_when_copied_as_it_is():
    for line in EXAMPLE.read_text().splitlines():
        assert not line or line.startswith("#"), line


def test_settings_alone_read_the_environment():
    packages = ("restaurant", "auth_grpc", "orders", "kitchen", "delivery")
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.environ\b(?!\.setdefault\(\"DJANGO_SETTINGS)|getenv\(", path.read_text())
    }
    # The supervisor hands its own environment on, whole.
    assert readers <= {"restaurant/supervisor/supervisor.py"}
