"""How the day is shown while it lasts: a live screen, or a line now and then."""

import time
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.status import Status

from restaurant.demo.journal import Snapshot
from restaurant.demo.screen import Facts, Screen, line

# A line for people who read a log, not a screen.
LINE_EVERY = 5.0


class View(Protocol):
    """Shows what is seen, between `__enter__` and `__exit__`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, seen: Snapshot) -> None: ...


class LiveView:
    """The whole terminal, painted over in place; what stood there comes back afterwards."""

    def __init__(self, console: Console, facts: Facts) -> None:
        self._facts = facts
        self._live = Live(console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, seen: Snapshot) -> None:
        self._live.update(Screen(self._facts, seen), refresh=True)


class LineView:
    """One plain line every few seconds."""

    def __init__(self, console: Console, facts: Facts) -> None:
        self._console = console
        self._facts = facts
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        for label, text in self._facts.doors:
            print_plainly(self._console, f"{label:<7} {text}")
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, seen: Snapshot) -> None:
        if time.monotonic() - self._shown_at >= LINE_EVERY:
            self._shown_at = time.monotonic()
            print_plainly(self._console, line(seen, self._facts.orders))


def view_for(console: Console, facts: Facts) -> View:
    """Give the live screen to a person, and lines to a file or a pipe."""
    return LiveView(console, facts) if is_watched(console) else LineView(console, facts)


def is_watched(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal


def print_plainly(console: Console, text: str) -> None:
    """Print as it is: unwrapped, and nothing in it taken for markup."""
    console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)


class Steps:
    """Says what is being done while nothing else is shown: a spinner, or lines."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = Status("", console=console) if is_watched(console) else None

    def say(self, step: str) -> None:
        """Say it, until the next step or the end."""
        if self._status:
            self.spin(step)
        else:
            print_plainly(self._console, step)

    def spin(self, step: str) -> None:
        """Say it only to a person who waits: it is no news for a log."""
        if self._status:
            self._status.update(f"{step} …")
            self._status.start()

    def end(self) -> None:
        """Leave the terminal to others."""
        if self._status:
            self._status.stop()
