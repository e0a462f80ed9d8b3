"""Write answers for SPSS (`.sav`): questions as labels of variables, words of choices as labels of values.

Needs pyreadstat and pandas (the extra `spss`), and holds the whole table in memory, as their writer requires.
"""

import errno
import importlib.util
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.errors import Problem
from bot.export.columns import LABEL, Cell, Column, Form, as_text
from bot.export.table import Table, WrittenTable
from dialogs import wording
from dialogs.model import Measure, ValueFormat

NEEDS: Final = ("pandas", "pyreadstat")
# Not `.[spss]`: pip would put a copy of Hilo beside its checkout, and without its catalogs.
REMEDY: Final = ".venv/bin/python -m pip install pandas pyreadstat"
NAME: Final = 64  # bytes of a variable's name
LABEL_LENGTH: Final = 120  # characters of a value's label
TEXT: Final = 32_767  # bytes of a text
_BLOCK: Final = 1 << 20
_KINDS: Final = {"number": "float64", "moment": "datetime64[us]", "day": "object", "text": "object"}
_RESERVED: Final = frozenset(["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"])
_FOREIGN: Final = re.compile(r"[^\w.]", re.ASCII)


def ready() -> bool:
    """Return whether the libraries are installed."""
    return all(importlib.util.find_spec(name) for name in NEEDS)


def check() -> None:
    """Raise a Problem that names the remedy where the libraries are not installed."""
    if not ready():
        raise Problem("cli.export.error.spss", command=REMEDY)


def write(table: Table, files: Path, work: Path) -> WrittenTable:  # noqa: ARG001  the shape of every format
    """Write a table as SPSS; raises OSError where there is no room."""
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415  an extra, and heavy; its types are apart
    import pyreadstat  # noqa: PLC0415  an extra

    name, rows, cut = f"{table.stem}.sav", [*table.rows], 0
    made: list[_Variable] = []
    for place, (variable, column) in enumerate(zip(_variables(table.columns), table.columns, strict=True)):
        cells = [row[place] for row in rows]
        form = _form(column.form, cells)
        fitting, short = _fitting(form, cells)
        cut += short
        series = pd.Series(fitting, dtype=_KINDS[form])
        made.append(_Variable(variable, column, form, series))
    try:
        pyreadstat.write_sav(
            pd.DataFrame({each.name: each.series for each in made}),
            str(files / name),
            column_labels=[each.words(table.language) for each in made],
            variable_value_labels={each.name: found for each in made if (found := each.labels(table.language))},
            variable_measure={each.name: measure for each in made if (measure := each.measure)},
            row_compress=True,
        )
        # The library does not report a disk that became full with the last block; but then the file cannot be read.
        pyreadstat.read_sav(str(files / name), usecols=[made[0].name])
    except pyreadstat.ReadstatError as error:
        _probe(files / name)
        raise OSError(errno.EIO, str(error)) from error
    return WrittenTable(name, len(rows), cut)


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    column: Column
    form: Form
    series: Any

    def words(self, language: str) -> str:
        """Return the question, as the variable's label."""
        label = self.column.meaning.label
        return wording.choose(label, language)

    @property
    def measure(self) -> str:
        """Return what can be counted with the values, '' where unknown; texts can only be told apart."""
        measure = Measure.NOMINAL if self.form == "text" else self.column.meaning.measure
        return measure.value if measure else ""

    def labels(self, language: str) -> dict[Any, str]:
        """Return the words of the values, by value, where each value is one choice."""
        meaning = self.column.meaning
        if meaning.format is ValueFormat.NAMES or self.column.name.endswith(LABEL):
            return {}
        found = {name: label[:LABEL_LENGTH] for name, label in meaning.choices.get(language, ())}
        if self.form == "text":
            return dict(found)
        return {float(name): label for name, label in found.items() if name.lstrip("-").isdecimal()}


def _variables(columns: Sequence[Column]) -> list[str]:
    """Return names that SPSS accepts: letters, digits, `_` and `.`, different even without regard to capitals."""
    taken: set[str] = set()
    found = []
    for column in columns:
        plain = _FOREIGN.sub("_", column.name)[: NAME - 4].rstrip(".")
        if not plain[:1].isalpha() or plain.upper() in _RESERVED:
            plain = f"q_{plain}"
        name = next(each for each in (plain, *(f"{plain}_{n}" for n in range(2, 1000))) if each.lower() not in taken)
        taken.add(name.lower())
        found.append(name)
    return found


def _form(form: Form, cells: Iterable[Cell]) -> Form:
    """Return the type of a variable, whose cells must all have the same: versions may differ in what they asked."""
    fits = {"number": int | Decimal, "day": date, "moment": date}.get(form)
    return form if fits and all(cell is None or isinstance(cell, fits) for cell in cells) else "text"


def _fitting(form: Form, cells: Sequence[Cell]) -> tuple[list[Any], int]:
    """Return the cells as the writer needs them, and how many had to be cut."""
    if form == "number":
        return [None if cell is None else float(cell) for cell in cells], 0  # type: ignore[arg-type]  # see `_form`
    if form == "moment":
        return [cell.replace(tzinfo=None) if isinstance(cell, datetime) else None for cell in cells], 0
    if form == "day":
        return list(cells), 0
    texts = [as_text(cell) or "" for cell in cells]
    short = [text.encode()[:TEXT].decode(errors="ignore") if len(text) * 4 > TEXT else text for text in texts]
    return short, sum(len(one) != len(other) for one, other in zip(texts, short, strict=True))


def _probe(path: Path) -> None:
    """Write a little more to a file whose writing failed: the system reports why, which the library does not."""
    with path.open("ab") as file:
        file.write(bytes(_BLOCK))
        file.flush()
        os.fsync(file.fileno())
