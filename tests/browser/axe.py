"""What axe, the accessibility checker, finds in a page. It is installed by npm."""

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from tests.servers.cache import kept

NPM = Path(__file__).parent / "npm"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
GRAVE = {"serious", "critical"}
# A colour in transition would be measured half-way.
SETTLE = """async () => {
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
}"""
RUN = "(root) => axe.run(root, { resultTypes: ['violations'] }).then((found) => found.violations)"
Prepare = Callable[[Page], object]


def axe_violations(
    page: Page, *, within: str = "body", prepare: Prepare = lambda _page: None
) -> list[str]:
    """Give the serious and critical violations in a page, in its light theme and its dark one.

    As "dark color-contrast: #id .class: what is asked". The page is loaded anew for each theme,
    which must be the system's, as in a new session; then `prepare` brings it where it is to be
    looked at. `within` is the CSS selector of the part that is.
    """
    return [
        f"{theme} {told}" for theme in THEMES for told in _violations(page, theme, within, prepare)
    ]


def _violations(page: Page, theme: Theme, within: str, prepare: Prepare) -> list[str]:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.reload()
    prepare(page)
    page.evaluate(SETTLE)
    page.evaluate(_script())
    return [_tell(found) for found in page.evaluate(RUN, within) if found["impact"] in GRAVE]


def _tell(violation: dict[str, Any]) -> str:
    places = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"{violation['id']}: {places}: {violation['help']}"


@cache
def _script() -> str:
    lock = (NPM / "package-lock.json").read_bytes()
    directory = kept(f"axe-{blake2b(lock, digest_size=8).hexdigest()}", _install)
    return (directory / "node_modules" / "axe-core" / "axe.min.js").read_text()


def _install(directory: Path) -> None:
    shutil.copytree(NPM, directory)
    subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=directory, check=True, timeout=300)
