"""The trail as a file: CSV, streamed however much it is, or a spreadsheet of a bounded size."""

import csv
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from restaurant.formulas import guarded
from restaurant.staff.trail import words
from restaurant.staff.trail.lines import differences
from restaurant.staff.trail.reading import Found

# A spreadsheet is made as a whole before it is sent: this many take about ten seconds.
MOST_XLSX = 20_000
LONGEST_CELL = 32_767


class TooMany(Exception):
    """There are more entries than a spreadsheet may have."""


class _Echo:
    def write(self, text: str) -> str:
        return text


def header() -> list[str]:
    """Give the columns' titles."""
    return [
        _("Time"),
        _("Who"),
        _("Who, by id"),
        _("Address"),
        _("By way of"),
        _("Request id"),
        _("What"),
        _("Service"),
        _("Kind"),
        _("Key"),
        _("Which"),
        _("Before"),
        _("After"),
        _("Why"),
    ]


def row(found: Found) -> list[str]:
    """Give an entry's cells; its time is in the restaurant's time zone, with its offset."""
    entry = found.entry
    changed = differences(entry)
    return [
        timezone.localtime(entry.at).isoformat(timespec="milliseconds"),
        entry.actor,
        str(entry.actor_id or ""),
        entry.address or "",
        words.via(entry.via),
        entry.request_id,
        entry.action,
        found.service,
        entry.object_type,
        entry.object_id,
        entry.object_name,
        "; ".join(f"{one.label}: {one.before}" for one in changed if one.before != words.EMPTY),
        "; ".join(f"{one.label}: {one.after}" for one in changed if one.after != words.EMPTY),
        entry.reason,
    ]


def as_csv(found: Iterable[Found]) -> Iterator[str]:
    """Give the file in pieces, with a mark by which spreadsheets know it is UTF-8."""
    writer: Any = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(header())
    for one in found:
        yield writer.writerow([guarded(cell) for cell in row(one)])


def as_xlsx(found: Iterable[Found]) -> IO[bytes]:
    """Give the file, to be read from its start. Raises `TooMany`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Audit trail"))
    sheet.append(header())
    for number, one in enumerate(found):
        if number == MOST_XLSX:
            raise TooMany
        sheet.append([_cell(sheet, text) for text in row(one)])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL])
    # A text, also where it begins as a formula does.
    cell.data_type = "s"
    return cell
