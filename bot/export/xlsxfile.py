"""Write answers as a workbook, with the codebook as its second sheet; memory use does not grow with its length.

Every text is written as a text, never as a formula or a link. One that a spreadsheet would run if someone opened its
cell and closed it again is also marked as quoted (what an apostrophe does in Excel).
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from xlsxwriter.exceptions import XlsxFileError  # type: ignore[import-untyped]  # it has no types

from bot.export.columns import Cell
from bot.export.table import DANGEROUS, Table, WrittenTable, book_rows

ROWS: Final = 1_048_576  # of a sheet, heading included (Excel's limit)
CELL: Final = 32_767  # UTF-16 units of a cell
_FORBIDDEN: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters that XML 1.0 does not allow
_CUT: Final = " […]"
_WIDTH: Final = 16
_WIDE: Final = 44


class _Book:
    """A workbook being written."""

    def __init__(self, path: Path, work: Path, now: datetime) -> None:
        options = {
            "constant_memory": True,
            "tmpdir": str(work),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.file = xlsxwriter.Workbook(str(path), options)
        self.file.set_properties({"created": now.replace(tzinfo=None, microsecond=0)})
        self.bold = self.file.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.day = self.file.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = self.file.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.quoted = self.file.add_format({"quote_prefix": True})
        self.cut = 0

    def sheet(self, name: str, headings: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.file.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(headings):
            self.put(sheet, 0, place, heading, self.bold)
        return sheet

    def put(self, sheet: Any, row: int, place: int, cell: Cell, style: Any = None) -> None:
        match cell:
            case None | "" | ():
                return
            case tuple():
                self.put(sheet, row, place, " ".join(cell))
            case str():
                text = self._fitting(cell)
                sheet.write_string(row, place, text, style or (self.quoted if text.startswith(DANGEROUS) else None))
            case datetime():
                sheet.write_datetime(row, place, cell.replace(tzinfo=None), self.moment)
            case date():
                sheet.write_datetime(row, place, cell, self.day)
            case Decimal():
                sheet.write_number(row, place, float(cell))
            case _:
                sheet.write_number(row, place, cell)

    def _fitting(self, text: str) -> str:
        clean = _FORBIDDEN.sub("\ufffd", text)
        if len(clean) <= CELL // 2 or len(clean.encode("utf-16-le")) // 2 <= CELL:
            return clean
        self.cut += 1
        units = clean.encode("utf-16-le")[: 2 * (CELL - len(_CUT))]
        return units.decode("utf-16-le", "ignore") + _CUT


def write(table: Table, files: Path, work: Path) -> WrittenTable:
    """Write a table as a workbook; rows beyond a sheet's limit continue on another sheet."""
    name, count = f"{table.stem}.xlsx", 0
    book = _Book(files / name, work, table.now)
    headings = [column.name for column in table.columns]
    widths = [_WIDTH if column.form != "text" else _WIDTH * 2 for column in table.columns]
    title = table.say("export.sheet.answers")
    sheet, line = book.sheet(title, headings, widths), 0
    try:
        for row in table.rows:
            if line == ROWS - 1:
                sheet, line = book.sheet(f"{title} {count // line + 1}", headings, widths), 0
            line += 1
            for place, cell in enumerate(row):
                book.put(sheet, line, place, cell)
            count += 1
        _codebook(book, table)
        book.file.close()
    except XlsxFileError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else error from None
    finally:
        _let_go(book)
    return WrittenTable(name, count, book.cut)


def _codebook(book: _Book, table: Table) -> None:
    headings, *lines = book_rows(table.book, table.languages)
    sheet = book.sheet(table.say("export.sheet.codebook"), headings, [_WIDTH * 2, *[_WIDE] * (len(headings) - 1)])
    for number, line in enumerate(lines, 1):
        for place, cell in enumerate(line):
            book.put(sheet, number, place, cell)


def _let_go(book: _Book) -> None:
    """Close what the library keeps open after a failure; otherwise it would complain at the end of the process."""
    book.file.fileclosed = True
    for sheet in book.file.worksheets():
        for left in {sheet.fh, sheet.row_data_fh} - {None}:
            if not left.closed:
                with suppress(OSError):  # writing fails: that is why the file is still open
                    left.close()
