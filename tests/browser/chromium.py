"""Debian's Chromium, driven by Playwright, and everything that goes wrong in its pages."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

# Playwright names a driver of its own otherwise, which no package brings.
EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  tellViolation(`${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile}`));
"""
LOGIN = "/admin/login/?next="
# Milliseconds in which a page comes to show what it should, however busy the machine is.
PATIENCE = 20_000
# A page that all staff may see, and that asks for no live stream.
QUIET = "/admin/password_change/"
# What stands out of the sides of a board's cards.
CUT = """() => [...document.querySelectorAll('.card, .person')].flatMap((box) => {
  const { left, right } = box.getBoundingClientRect();
  return [...box.querySelectorAll('*:not(.sr, .label)')].filter((part) => {
    const at = part.getBoundingClientRect();
    return at.width && (at.left < left - 1 || at.right > right + 1);
  }).map((part) => part.outerHTML.slice(0, 120));
})"""


class Errors(list[str]):
    """What went wrong in pages: errors on the console, exceptions, breaches of their policy."""

    def __init__(self) -> None:
        super().__init__()
        self._forgiven: list[str] = []

    def forgive(self, pattern: str) -> None:
        """Forget those that a test brought about, of which one must be there; more may follow."""
        assert any(re.search(pattern, error) for error in self), f"no {pattern!r} among {self}"
        self._forgiven.append(pattern)
        self[:] = [error for error in self if not re.search(pattern, error)]

    def allow(self, pattern: str) -> None:
        """Take no notice of those from now on; none need come."""
        self._forgiven.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        """Take down what goes wrong in a context's pages from now on."""
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._take_down(error.page, str(error.error)))
        context.expose_binding(
            "tellViolation", lambda source, text: self._take_down(source["page"], text)
        )
        context.add_init_script(TELL_VIOLATIONS)

    def _on_console(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._take_down(said.page, said.text)

    def _take_down(self, page: Page | None, text: str) -> None:
        error = f"{_url(page)}: {text}"
        if not any(re.search(pattern, error) for pattern in self._forgiven):
            self.append(error)


@contextmanager
def offline(page: Page, errors: Errors) -> Iterator[None]:
    """Take the network from a page and the others of its context."""
    # Of what it asks for meanwhile: a stream, after some seconds.
    errors.allow("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def _url(page: Page | None) -> str:
    return page.url if page else "?"


class Pages:
    """Opens pages at a server, each with cookies of its own."""

    def __init__(self, browser: Browser, errors: Errors) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.errors = errors

    def open(self, server: str, **options: Any) -> Page:
        """Open a stranger's page; `options` are those of Playwright's `new_context`.

        Addresses that it is sent to begin at the server, as "/admin/".
        """
        context = self._browser.new_context(base_url=server, **options)
        self._contexts.append(context)
        self.errors.watch(context)
        return context.new_page()

    def log_in(
        self, server: str, email: str, password: str, path: str = QUIET, **options: Any
    ) -> Page:
        """Open a page of the staff site by its login form; gives it at `path`."""
        page = self.open(server, **options)
        page.goto(LOGIN + path)
        page.fill("#id_username", email)
        page.fill("#id_password", password)
        page.press("#id_password", "Enter")
        page.wait_for_url(server + path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def running() -> Iterator[Browser]:
    """Start Chromium for a while.

    Playwright's loop counts as running even between its calls, when nothing of it runs: so Django,
    which would refuse its database beside it, is told to trust the caller.
    """
    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        yield browser
        browser.close()
