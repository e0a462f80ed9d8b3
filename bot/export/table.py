"""What every format writes: a table of answers, row by row, and its codebook."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Protocol

from bot.export.columns import Cell, Column, Meaning
from bot.export.printed import Printed

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # fullwidth characters start a formula, too  # noqa: RUF001  on purpose
_FIRST: Final = frozenset(DANGEROUS)
# Where a program takes a semicolon or a tab for the end of a cell, or a line break within a text for the end of a row,
# what follows begins a cell of its own; spaces and quotes before a sign do not keep it from being one.
_BEGINS: Final = re.compile(r"(^|[;\t\r\n])(?=[\s\"]*[-=+@＝＋－＠])")  # noqa: RUF001  on purpose
MARK: Final = "\ufeff"  # a byte-order mark: without it Excel reads accents wrongly


class RowWriter(Protocol):
    """The writer object of the csv module."""

    def writerow(self, row: Sequence[object], /) -> object:
        """Write one row."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """A table, to be written once: its rows are a stream.

    Attributes:
        stem: the file's name without its ending.
        columns: its columns.
        rows: cells in the columns' order, followed by those of the printed sheet.
        book: lines of the codebook.
        languages: of the codebook.
        language: of labels, and of sheet names.
        say: returns the sentence of a code in that language.
        now: when it is written.
        printed: the sheet that people read and print, in formats that have one.
    """

    stem: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    book: Sequence[Meaning]
    languages: Sequence[str]
    language: str
    say: Callable[[str], str]
    now: datetime
    printed: Printed | None = None


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A written file, how many rows it has, and how many cells had to be cut."""

    name: str
    rows: int
    cut: int = 0


class TableFormat(Protocol):
    """Writes a table in one format."""

    def __call__(self, table: Table, files: Path, work: Path) -> WrittenTable:
        """Write the table into `files`; `work` is for temporary files."""
        ...


def harmless(text: str) -> str:
    """Return a text changed so that no spreadsheet runs it (OWASP, "CSV injection"), whatever it separates cells by."""
    marked = _BEGINS.sub(r"\1'", text)
    return "'" + marked if marked[:1] in _FIRST else marked


def flat(cell: Cell) -> object:
    """Return a cell for CSV; no text of it runs as a formula."""
    kind = type(cell)  # a large export calls this a million times: exact types first
    if kind is str:
        return harmless(cell)  # type: ignore[arg-type]  # a str, as the line above says
    if kind is int or cell is None:
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(" ".join(cell)) if isinstance(cell, tuple) else cell


def book_rows(book: Sequence[Meaning], languages: Sequence[str]) -> Iterable[list[str]]:
    """Return a codebook's heading and lines: one for each column, with question and choices in every language."""
    yield [
        "column",
        "type",
        *(f"question::{tag}" for tag in languages),
        *(f"choices::{tag}" for tag in languages),
        "values",
        "required",
        "relevant",
        "calculation",
    ]
    for each in book:
        yield [
            each.column,
            each.type,
            *(each.label.get(tag, "") for tag in languages),
            *(_choices(each, tag) for tag in languages),
            each.values,
            "yes" if each.required else "",
            each.relevant,
            each.calculation,
        ]


def write_book(writer: RowWriter, book: Sequence[Meaning], languages: Sequence[str]) -> None:
    """Write a codebook as CSV."""
    for row in book_rows(book, languages):
        writer.writerow([harmless(cell) for cell in row])


def book_file(table: Table, files: Path) -> None:
    """Write a codebook as a file beside its table."""
    with (files / f"{table.stem}.codebook.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(MARK)
        write_book(csv.writer(file), table.book, table.languages)


def _choices(meaning: Meaning, tag: str) -> str:
    return " | ".join(f"{name} = {label}" for name, label in meaning.choices.get(tag, ()))
