"""Answers as CSV: one file per dialog, one row per run, and a codebook that explains every column.

Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV injection"). Files begin with
a byte-order mark, without which Excel reads accents wrongly. Days instead of moments, pseudonyms instead of names.
"""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from dialogs import codebook
from dialogs.codebook import Entry
from dialogs.model import Dialog
from storage import reports
from storage.unit import Storage, Unit

RUN_COLUMNS = ("run", "person", "cohort", "version", "language", "status", "started", "ended")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # the wide ones, too, start a formula  # noqa: RUF001  on purpose


class Writer(Protocol):
    """What the csv module hands out."""

    def writerow(self, row: Sequence[object], /) -> object:
        """Write one row."""
        ...


def harmless(value: object) -> object:
    """Return the value, a text made so that no spreadsheet runs it."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value


def plain(value: Any, kind: str) -> object:
    """Write an answer's value for one cell: pieces of a text one a line, chosen names with blanks between."""
    if value is None:
        return ""
    between = " " if kind == "select_multiple" else "\n"
    return between.join(piece(each) for each in value) if isinstance(value, list) else value


def piece(given: Any) -> str:
    """Write one piece of an answer: words as they are, a voice note or photo by its kind and id."""
    return f"{given['media']}:{given['id']}" if isinstance(given, dict) else str(given)


def labelled(value: Any, labels: Mapping[str, str]) -> str:
    """Write the words of the chosen names; a number of a scale without words stays a number."""
    if value is None:
        return ""
    names = [piece(each) for each in value] if isinstance(value, list) else [str(value)]
    return " | ".join(labels.get(name, name) for name in names)


def headings(entries: Sequence[Entry], labels: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Name the columns: a question's value, and beside it its label where labels are asked for."""
    found = []
    for entry in entries:
        found.append(entry.column)
        if labels.get(entry.column):
            found.append(f"{entry.column}.label")
    return found


def write(
    storage: Storage,
    now: datetime,
    out: Path,
    name: str | None,
    cohort_id: UUID | None,
    since: datetime | None,
    language: str | None,
    *,
    practice: bool,
) -> list[tuple[Path, int]]:
    """Write every dialog that has answers; returns each data file and the number of its rows."""
    written = []
    with storage.reading(now) as unit:
        cohorts = {cohort.id: cohort.name for cohort in unit.cohorts.list()}
        for dialog_name in [name] if name else reports.dialogs(unit):
            versions = [Dialog.from_dict(json.loads(version.source)) for version in unit.versions.of(dialog_name)]
            if not versions:
                continue
            entries = union(versions)
            path = out / f"{dialog_name}.csv"
            rows = _data(unit, dialog_name, cohort_id, since, entries, language, cohorts, path, practice=practice)
            with _Replacing(out / f"{dialog_name}.codebook.csv") as file:
                languages = tuple(dict.fromkeys(tag for each in versions for tag in each.languages))
                write_codebook(csv.writer(file), entries, languages)
            written.append((path, rows))
    return written


def union(versions: Sequence[Dialog]) -> list[Entry]:
    """Return the columns of all versions, the newest version's meaning first."""
    found: dict[str, Entry] = {}
    for dialog in reversed(versions):
        for entry in codebook.rows(dialog, dialog.languages):
            found.setdefault(entry.column, entry)
    return list(found.values())


def _data(
    unit: Unit,
    dialog_name: str,
    cohort_id: UUID | None,
    since: datetime | None,
    entries: Sequence[Entry],
    language: str | None,
    cohorts: dict[UUID, str],
    path: Path,
    *,
    practice: bool,
) -> int:
    labels = {entry.column: dict(entry.choices.get(language, ())) for entry in entries} if language else {}
    count = 0
    with _Replacing(path) as file:
        writer = csv.writer(file)
        writer.writerow((*RUN_COLUMNS, *headings(entries, labels)))
        for row in reports.answers(unit, dialog_name, cohort_id, since, practice=practice):
            answers = row.answers
            cells: list[object] = []
            for entry in entries:
                value = answers[entry.column]["value"] if entry.column in answers else None
                cells.append(harmless(plain(value, entry.type)))
                if labels.get(entry.column):
                    cells.append(harmless(labelled(value, labels[entry.column])))
            writer.writerow(
                (
                    row.run_id,
                    row.pseudonym,
                    harmless(cohorts.get(row.cohort_id, "")) if row.cohort_id else "",
                    row.dialog_hash[:12],
                    row.language,
                    row.status,
                    row.started_at.date(),
                    row.ended_at.date() if row.ended_at else "",
                    *cells,
                )
            )
            count += 1
    return count


def write_codebook(writer: Writer, entries: Sequence[Entry], languages: Sequence[str]) -> None:
    """Write a codebook: a row a column, with the question and its choices in every language."""
    writer.writerow(
        (
            "column",
            "type",
            *(f"question::{tag}" for tag in languages),
            *(f"choices::{tag}" for tag in languages),
            "required",
            "relevant",
        )
    )
    for entry in entries:
        writer.writerow(
            (
                entry.column,
                entry.type,
                *(harmless(entry.label.get(tag, "")) for tag in languages),
                *(harmless(_choices(entry, tag)) for tag in languages),
                "yes" if entry.required else "",
                harmless(entry.relevant),
            )
        )


def _choices(entry: Entry, tag: str) -> str:
    return " | ".join(f"{name} = {label}" for name, label in entry.choices.get(tag, ()))


class _Replacing:
    """A text file that takes its name only when it is whole: a full disk leaves the old one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")

    def __enter__(self) -> Any:
        self._file = self._part.open("w", encoding="utf-8-sig", newline="")
        return self._file

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._file.close()
            if kind is not None:
                self._part.unlink(missing_ok=True)
        if kind is None:
            try:
                self._part.replace(self._path)
            except OSError:
                self._part.unlink(missing_ok=True)
                raise
