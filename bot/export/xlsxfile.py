"""Write answers as a workbook: to read and print, their totals, the codebook, and the data by the codebook's names.

Memory use does not grow with its length.

Every text is written as a text, never as a formula or a link. One that a spreadsheet would run if someone opened its
cell and closed it again is also marked as quoted (what an apostrophe does in Excel).
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from xlsxwriter.exceptions import XlsxFileError  # type: ignore[import-untyped]  # it has no types

from bot.export.columns import Cell
from bot.export.printed import Printed
from bot.export.table import DANGEROUS, Table, WrittenTable, book_rows
from bot.rendering.texts import pages
from dialogs import languages

ROWS: Final = 1_048_576  # of a sheet, heading included (Excel's limit)
_ROWS_A_RUN: Final = 1_000  # of the sheet that is printed, at most
CELL: Final = 32_767  # UTF-16 units of a cell
_FORBIDDEN: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters that XML 1.0 does not allow
_HEADER: Final = 255  # characters (Excel's limit)
_CUT: Final = " […]"
_WIDTH: Final = 16
_WIDE: Final = 44
_WIDTHS: Final = {"question": _WIDE, "choices": _WIDE, "relevant": 24}
_LETTER: Final = 1  # the paper size that Mexican printers have
_PAGE: Final = 200  # characters of all columns that one page is wide, at most a quarter more
KIND, REQUIRED = 1, -3  # places in a line of the codebook
_TALL: Final = 900  # characters of a cell that a row shows: it is no taller than 409 points (Excel's limit)
_NUMBER: Final = 11  # characters of a column of numbers


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
        read = {"text_wrap": True, "valign": "top"}
        self.heading = self.file.add_format({**read, "bold": True, "bottom": 1, "bg_color": "#EEEEEE"})
        self.title = self.file.add_format({"bold": True, "font_size": 14})
        self.read = self.file.add_format(read)
        self.read_quoted = self.file.add_format({**read, "quote_prefix": True})
        self.read_day = self.file.add_format({**read, "num_format": "d mmm yyyy", "align": "left"})
        self.read_moment = self.file.add_format({**read, "num_format": "d mmm yyyy hh:mm", "align": "left"})
        self.cut = 0

    def sheet(self, name: str, headings: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.file.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for place, heading in enumerate(headings):
            self.put(sheet, 0, place, heading, self.bold)
        return sheet

    def printed_sheet(self, printed: Printed, name: str) -> Any:
        """Add a sheet that is printed: across, as wide as its pages, its heading on each, and who may have it."""
        columns = printed.columns
        sheet = self.file.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        self.page(sheet, printed, across=max(1, round(sum(column.width for column in columns) / _PAGE)))
        sheet.repeat_rows(0)
        for place, column in enumerate(columns):
            self.put(sheet, 0, place, column.heading, self.heading)
        return sheet

    def page(self, sheet: Any, printed: Printed, *, across: int = 1) -> None:
        """Set paper, margins, heading and foot of a sheet that is printed."""
        sheet.set_paper(_LETTER)
        sheet.fit_to_pages(across, 0)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.hide_gridlines(0)
        head = f"{printed.title} · {printed.group}".replace("&", "&&")
        sheet.set_header(f"&L{head}"[:_HEADER])
        sheet.set_footer(f"&L{printed.say('export.printed.foot')}&R&P / &N"[:_HEADER])

    def put_printed(self, sheet: Any, row: int, cells: Sequence[Cell]) -> int:
        """Write a row of a sheet that is printed; return the next row. A long text goes on in rows below."""
        rest: dict[int, list[str]] = {}
        for place, cell in enumerate(cells):
            match cell:
                case datetime():
                    sheet.write_datetime(row, place, cell.replace(tzinfo=None), self.read_moment)
                case date():
                    sheet.write_datetime(row, place, cell, self.read_day)
                case str():
                    first, *rest[place] = pages(_FORBIDDEN.sub("\ufffd", cell), _TALL) or [""]
                    self._read(sheet, row, place, first)
                case _:
                    self.put(sheet, row, place, cell, self.read)
        for each in zip_longest(*rest.values(), fillvalue=""):
            row += 1
            for place, part in zip(rest, each, strict=True):
                self._read(sheet, row, place, part)
        return row + 1

    def _read(self, sheet: Any, row: int, place: int, text: str) -> None:
        self.put(sheet, row, place, text, self.read_quoted if text.startswith(DANGEROUS) else self.read)

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
                sheet.write_number(row, place, float(cell), style)
            case _:
                sheet.write_number(row, place, cell, style)

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
    printed, cut = table.printed, len(table.columns)
    headings = [column.name for column in table.columns]
    widths = [_WIDTH if column.form != "text" else _WIDTH * 2 for column in table.columns]
    read, title = table.say("export.sheet.answers"), table.say("export.sheet.data")
    try:
        to_read = book.printed_sheet(printed, read) if printed else None
        totals = book.file.add_worksheet(table.say("export.sheet.totals")) if printed else None
        codebook = book.file.add_worksheet(table.say("export.sheet.codebook"))
        data, line, below, further = book.sheet(title, headings, widths), 0, 1, 1
        for row in table.rows:
            if line == ROWS - 1:
                data, line = book.sheet(f"{title} {count // line + 1}", headings, widths), 0
            if below > ROWS - _ROWS_A_RUN and printed is not None:
                further += 1
                to_read, below = book.printed_sheet(printed, f"{read} {further}"), 1
            line += 1
            for place, cell in enumerate(row[:cut]):
                book.put(data, line, place, cell)
            if to_read is not None:
                below = book.put_printed(to_read, below, row[cut:])
            count += 1
        if printed is not None:
            _totals(book, totals, printed)
        _codebook(book, codebook, table)
        book.file.close()
    except XlsxFileError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else error from None
    finally:
        _let_go(book)
    return WrittenTable(name, count, book.cut)


def _totals(book: _Book, sheet: Any, printed: Printed) -> None:
    """Write how many people chose each option of each closed question; in another group it may mean something else."""
    sheet.set_column(0, 0, _WIDE + _WIDTH)
    sheet.set_column(1, 2, _NUMBER)
    book.page(sheet, printed)
    book.put(sheet, 0, 0, printed.title, book.title)
    book.put(sheet, 1, 0, printed.group)
    book.put(sheet, 2, 0, printed.say("totals.here"))
    line = 3
    for total in printed.totals():
        if total.people is None:
            line += 1
            said = (total.words, printed.say("export.totals.people"), printed.say("export.totals.times"))
            for place, cell in enumerate(said):
                book.put(sheet, line, place, cell, book.heading)
        else:
            book.put_printed(sheet, line, (total.words, total.people, total.times))
        line += 1


def _codebook(book: _Book, sheet: Any, table: Table) -> None:
    headings, *lines = book_rows(table.book, table.languages)
    for place, heading in enumerate(headings):
        name, _, tag = heading.partition("::")
        # Other languages are there to be shown again, and are not printed.
        sheet.set_column(place, place, _WIDTHS.get(name, _WIDTH), None, {"hidden": bool(tag) and tag != table.language})
    sheet.freeze_panes(1, 0)
    if table.printed is not None:
        sheet.set_landscape()
        book.page(sheet, table.printed)
        sheet.repeat_rows(0)
        headings = [_in_words(table.printed, heading) for heading in headings]
        yes = table.printed.say("button.yes")
        lines = [[*line[:KIND], table.printed.kind(line[KIND]), *line[KIND + 1 :]] for line in lines]
        lines = [[*line[:REQUIRED], yes if line[REQUIRED] else "", *line[REQUIRED + 1 :]] for line in lines]
    for place, heading in enumerate(headings):
        book.put(sheet, 0, place, heading, book.heading)
    for number, line in enumerate(lines, 1):
        book.put_printed(sheet, number, line)


def _in_words(printed: Printed, heading: str) -> str:
    """Return a heading of the codebook in words, with the language it is in where it has one."""
    name, _, tag = heading.partition("::")
    said = printed.say(f"export.book.{name}")
    return f"{said} · {languages.own_name(tag)}" if tag else said


def _let_go(book: _Book) -> None:
    """Close what the library keeps open after a failure; otherwise it would complain at the end of the process."""
    book.file.fileclosed = True
    for sheet in book.file.worksheets():
        for left in {sheet.fh, sheet.row_data_fh} - {None}:
            if not left.closed:
                with suppress(OSError):  # writing fails: that is why the file is still open
                    left.close()
