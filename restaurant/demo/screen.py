"""The day on one screen of a terminal: nothing scrolls, and it fits 80 by 24."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from restaurant.demo.journal import ENDED, STATUSES, UNFINISHED, Happening, Snapshot

STYLES = {
    "placed": "white",
    "accepted": "cyan",
    "cooking": "yellow",
    "cooked": "bright_yellow",
    "out_for_delivery": "blue",
    "delivered": "green",
    "cancelled": "magenta",
    "rejected": "red",
    "delivery_failed": "red",
    "refused": "dim",
}
# From this width on the last events stand beside the bars, not under them.
WIDE = 112
LABEL_WIDTH, COUNT_WIDTH = 17, 7
EVENTS_WIDTH = 44


@dataclass(frozen=True)
class Facts:
    """What stays the same all day; `doors` are (label, text) lines at the foot of the screen."""

    title: str
    orders: int | None
    doors: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Screen:
    """One picture of the day, as large as the terminal."""

    facts: Facts
    seen: Snapshot

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or console.height
        bar = "=" if options.ascii_only else "━"
        yield from self._whole(options.max_width, height, bar)

    def _whole(self, width: int, height: int, bar: str) -> Iterator[RenderableType]:
        yield _between(self._title(), self._progress())
        yield Rule(style="dim")
        # Two rules and the title take three rows.
        rows = height - len(self.facts.doors) - 3
        yield from (self._wide if width >= WIDE else self._narrow)(width, rows, bar)
        yield Rule("Ctrl-C ends the day", align="right", style="dim")
        yield from self._foot()

    def _wide(self, width: int, rows: int, bar: str) -> Iterator[RenderableType]:
        bars = self._bars(width - EVENTS_WIDTH - 3, bar)
        both = Table.grid(padding=(0, 3), expand=True)
        both.add_column(ratio=1)
        both.add_column(width=EVENTS_WIDTH)
        both.add_row(Group(bars, "", *self._figures()), self._events(rows))
        yield both

    def _narrow(self, width: int, rows: int, bar: str) -> Iterator[RenderableType]:
        figures = list(self._figures())
        yield self._bars(width, bar)
        yield from figures
        yield Rule("last events", align="left", style="dim")
        yield self._events(rows - len(STATUSES) - len(figures) - 1)

    def _title(self) -> Text:
        text = Text.assemble((f" {self.facts.title}", "bold"))
        text.append(f"   {clock(self.seen.elapsed)}", "dim")
        return text

    def _progress(self) -> Text:
        of = f" of {self.facts.orders:,}" if self.facts.orders else ""
        return Text(f"{self.seen.placed:,}{of} orders placed, {self.seen.ended:,} ended ")

    def _bars(self, width: int, bar: str) -> RenderableType:
        room = width - LABEL_WIDTH - COUNT_WIDTH - 4
        table = Table.grid(padding=(0, 1))
        table.add_column(width=LABEL_WIDTH, justify="right")
        table.add_column(width=COUNT_WIDTH, justify="right")
        table.add_column(width=room)
        for statuses in (UNFINISHED, ENDED):
            counts = {status: self.seen.by_status[status] for status in statuses}
            # The ended ones only grow, so that on one scale they would flatten the others.
            most = max(12, *counts.values())
            for status, count in counts.items():
                table.add_row(*_bar_row(status, count, most, room, bar))
        return table

    def _figures(self) -> Iterator[RenderableType]:
        seen = self.seen
        yield Text.assemble(
            (f" {seen.orders_a_second:.1f}", "bold"),
            " orders/s   ",
            (f"{seen.delivered_a_second:.1f}", "bold"),
            " delivered/s   oldest wait ",
            (clock(seen.oldest_wait), "bold"),
            no_wrap=True,
            overflow="ellipsis",
        )
        if seen.trouble:
            yield Text(f" {seen.trouble}", "red", no_wrap=True, overflow="ellipsis")
        else:
            yield Text(f" {refusals(seen.refused)}", "dim", no_wrap=True, overflow="ellipsis")

    def _events(self, rows: int) -> RenderableType:
        rows = max(rows, 1)
        table = Table.grid(padding=(0, 1))
        table.add_column(width=8, style="dim", justify="right", no_wrap=True)
        table.add_column(width=9, no_wrap=True, overflow="ellipsis")
        table.add_column(no_wrap=True, overflow="ellipsis")
        last = list(islice(reversed(self.seen.happenings), rows))
        for happening in last:
            table.add_row(*self._event(happening))
        for _ in range(rows - len(last)):
            table.add_row("", "", "")
        return table

    def _event(self, happening: Happening) -> tuple[Text, Text, Text]:
        style = STYLES.get(happening.status, "")
        return (
            Text(clock(happening.at)),
            Text(happening.who),
            Text(happening.what, style),
        )

    def _foot(self) -> Iterator[RenderableType]:
        for label, text in self.facts.doors:
            yield Text.assemble((f" {label:<7}", "dim"), text, no_wrap=True, overflow="ellipsis")


def _bar_row(status: str, count: int, most: int, room: int, bar: str) -> tuple[Text, Text, Text]:
    style = STYLES[status] if count else "dim"
    length = max(1, round(count / most * room)) if count else 0
    return Text(label(status), style), Text(f"{count:,}", style), Text(bar * length, style)


def _between(left: Text, right: Text) -> Table:
    table = Table.grid(expand=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(left, right)
    return table


def line(seen: Snapshot, orders: int | None) -> str:
    """Say how it stands in one line, for where there is no terminal."""
    of = f" of {orders:,}" if orders else ""
    statuses = [f"{label(status)} {count}" for status, count in seen.by_status.items() if count]
    rates = f"{seen.orders_a_second:.1f} orders/s, {seen.delivered_a_second:.1f} delivered/s"
    parts = [f"{seen.placed:,}{of} orders", *statuses, rates]
    if seen.oldest_wait:
        parts.append(f"oldest wait {clock(seen.oldest_wait)}")
    if seen.refused:
        parts.append(f"refused {sum(seen.refused.values())}")
    if seen.trouble:
        parts.append(seen.trouble)
    return f"{clock(seen.elapsed)}  " + " · ".join(parts)


def refusals(refused: dict[str, int]) -> str:
    """Say how many requests were refused, and why."""
    if not refused:
        return "no request refused"
    reasons = ", ".join(f"{reason} {count}" for reason, count in refused.items())
    total = sum(refused.values())
    return f"{total:,} request{'s' if total != 1 else ''} refused: {reasons}"


def label(status: str) -> str:
    return status.replace("_", " ")


def clock(seconds: float) -> str:
    """Give a duration as `m:ss`, or `h:mm:ss` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
