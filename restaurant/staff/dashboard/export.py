"""A period's figures as a file: one long table as CSV, or a workbook with a sheet a subject."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from restaurant.formulas import guarded
from restaurant.staff.dashboard import kinds, words
from restaurant.staff.dashboard.course import course
from restaurant.staff.dashboard.figures import Figures
from restaurant.staff.dashboard.histogram import percentile
from restaurant.staff.dashboard.paces import HALF, MOST
from restaurant.staff.dashboard.totals import Totals

Value = str | int | float | Decimal | None
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Line(NamedTuple):
    """A line of the table. Money in the restaurant's currency, times in seconds."""

    subject: str
    name: str
    measure: str
    value: Value
    before: Value


def answer(kind: str, figures: Figures) -> HttpResponse:
    """Give the download, as "csv" or "xlsx"."""
    content = _csv(figures) if kind == "csv" else _xlsx(figures)
    name = f"dashboard-{figures.period.first:%Y-%m-%d}-{figures.period.last:%Y-%m-%d}.{kind}"
    return HttpResponse(
        content,
        content_type=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def safe(value: Value) -> Value:
    """Give a value that no spreadsheet takes for a formula."""
    return guarded(value) if isinstance(value, str) else value


def lines(figures: Figures) -> Iterator[Line]:
    """Give every figure of the period; what is not known is empty, never 0."""
    yield from _summary(figures)
    yield from _course(figures)
    yield from _times(figures, kinds.COOK, _("Stations"))
    yield from _times(figures, kinds.DRIVE, _("Couriers"))
    yield from _dishes(figures)
    yield from _lost(figures)


def _summary(figures: Figures) -> Iterator[Line]:
    subject = _("Summary")
    measures: tuple[tuple[str, Callable[[Totals], Value]], ...] = (
        (_("Takings"), lambda t: t.amounts[kinds.SOLD][""]),
        (_("Orders"), lambda t: t.counts[kinds.PLACED][""]),
        (_("Cancelled or lost"), lambda t: t.counts[kinds.PLACED][""] - t.counts[kinds.SOLD][""]),
    )
    for name, measure in measures:
        values = [
            measure(each) if each.knows("orders") else None for each in (figures.this, figures.that)
        ]
        yield Line(subject, name, "", *values)


def _course(figures: Figures) -> Iterator[Line]:
    if not figures.this.knows("orders"):
        return
    subject = _("By hour") if figures.period.is_one_day else _("By day")
    for point in course(figures.period, figures.before, figures.this, figures.that):
        if not point.is_ahead:
            yield Line(subject, point.label, _("Orders"), point.placed, point.placed_before)
            yield Line(subject, point.label, _("Takings"), point.taken, point.taken_before)


def _times(figures: Figures, kind: str, subject: str) -> Iterator[Line]:
    this, that = figures.this.buckets[kind], figures.that.buckets[kind]
    for key in sorted({*this, *that}):
        name = figures.this.labels.get((kind, key)) or figures.that.labels.get((kind, key)) or key
        counts: list[Mapping[int, int]] = [this.get(key, {}), that.get(key, {})]
        yield Line(subject, name, _("Done"), *(sum(each.values()) for each in counts))
        for measure, share in ((_("Median, s"), HALF), (_("90th percentile, s"), MOST)):
            values = [percentile(each, share) for each in counts]
            yield Line(subject, name, measure, *(v and round(v, 1) for v in values))


def _dishes(figures: Figures) -> Iterator[Line]:
    subject, this, that = _("Dishes"), figures.this, figures.that
    sold = this.counts[kinds.DISH]
    for sku, count in sorted(sold.items(), key=lambda item: (-item[1], item[0])):
        name = this.labels.get((kinds.DISH, sku)) or sku
        yield Line(subject, name, _("Sold"), count, that.counts[kinds.DISH][sku])
        amounts = this.amounts[kinds.DISH][sku], that.amounts[kinds.DISH][sku]
        yield Line(subject, name, _("Takings"), *amounts)
    for line in figures.never_sold:
        yield Line(subject, line.name, _("Sold"), 0, line.before)


def _lost(figures: Figures) -> Iterator[Line]:
    for line in figures.lost:
        yield Line(_("Cancellations"), line.name, words.kind(line.kind), line.count, line.before)


def _heads(figures: Figures) -> tuple[str, ...]:
    return (
        _("Subject"),
        _("Which"),
        _("Measure"),
        words.days(figures.period),
        words.compared(figures.before),
    )


def _csv(figures: Figures) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(safe, _heads(figures)))
    writer.writerows(map(safe, line) for line in lines(figures))
    # With a mark by which spreadsheets know the encoding.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(figures: Figures) -> bytes:
    book = Workbook(write_only=True)
    heads = _heads(figures)[1:]
    sheets = {}
    for line in lines(figures):
        if line.subject not in sheets:
            sheet = sheets[line.subject] = book.create_sheet(line.subject[:31])
            sheet.freeze_panes = "A2"
            sheet.column_dimensions["A"].width = 40
            sheet.column_dimensions["B"].width = 22
            sheet.append([_bold(sheet, head) for head in heads])
        sheets[line.subject].append([safe(value) for value in line[1:]])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=str(safe(text)))
    cell.font = Font(bold=True)
    return cell
