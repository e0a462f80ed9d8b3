"""Turn an order into files: every dialog that has answers, in one format, with what lies beside."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import date, datetime, time
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.export import columns, spssfile
from bot.export.atomic_write import AtomicFolder, writing
from bot.export.columns import Cell, Column, Layout, LongAnswer
from bot.export.media_folder import MediaFolder, bare
from bot.export.printed import Printed
from bot.export.request import ExportedFile, ExportRequest, Format, Tell
from bot.export.table import Table, TableFormat, WrittenTable, book_file
from bot.media.store import MediaStore
from bot.product_languages import of_organisation
from bot.rendering.texts import Texts
from bot.services.exports import erased_after
from bot.services.minors import is_minor
from bot.services.organisation import local_zone
from dialogs import types, wording
from dialogs.codebook import CodebookEntry
from dialogs.model import CALCULATE, Dialog
from storage import export_rows
from storage.export_rows import BESIDE, RunAnswers
from storage.reading_copy import reading_copy
from storage.unit import Storage, Unit

TELL_EVERY: Final = 200  # runs
LITTLE: Final = 5_000  # runs, of which nothing lies in files
LONG: Final = ".long"
_SINKS: Final[Mapping[Format, str]] = {"csv": "csvfile", "xlsx": "xlsxfile", "jsonl": "jsonfile", "sav": "spssfile"}


class ErasedMeanwhile(Exception):
    """Something was erased while files were made that may hold it: they are made anew."""


def nobody(done: int, total: int) -> None:
    """Ignore the progress."""


def write(
    storage: Storage,
    now: datetime,
    order: ExportRequest,
    out: Path,
    texts: Texts,
    media_store: MediaStore,
    tell: Tell = nobody,
) -> list[ExportedFile]:
    """Write what is asked for into a folder, all of it or nothing.

    What is erased meanwhile is not in them: they are made anew.
    Reads much in a copy of its own, so that it holds up no writer, and SQLite's log stays short.

    Args:
        storage: where answers are.
        now: the moment of the view that is written.
        order: what is asked for.
        out: the folder, made if it does not exist; files of the same names are replaced.
        texts: the catalogs.
        media_store: where voice notes and photos are.
        tell: called now and then with how many runs are done.

    Raises:
        NoRoom: the disk is full.
        CannotWrite: the folder cannot be written.
        Problem: a library that the format needs is not installed.
    """
    if order.form == "sav":
        spssfile.check()
    while True:
        with _still(storage, now, order) as still, still.reading(now) as unit, suppress(ErasedMeanwhile):
            making = _Build(unit, order, out, texts, media_store, tell)
            return making.all(lambda begun: _checked(storage, begun))


def _still(storage: Storage, now: datetime, order: ExportRequest) -> AbstractContextManager[Storage]:
    """Return where to read: what takes a second is read where it is, as a copy has all that the organisation has."""
    with storage.reading(now) as unit:
        little = export_rows.is_little(unit, LITTLE, order.cohort_id)
    return nullcontext(storage) if little else reading_copy(storage)


def _checked(storage: Storage, begun: int) -> None:
    """Check before files reach their places that nobody was erased who may be in them; raises ErasedMeanwhile."""
    with storage.reading(clock.now()) as unit:
        if erased_after(unit, begun):
            raise ErasedMeanwhile


def zone_of(unit: Unit) -> ZoneInfo:
    """Return the organisation's zone, by whose days an export counts."""
    return ZoneInfo(local_zone(unit))


def today(storage: Storage, now: datetime) -> date:
    """Return the present day in the organisation's zone."""
    with storage.reading(now) as unit:
        return now.astimezone(zone_of(unit)).date()


class _Build:
    """One order being carried out, in one view of the database."""

    def __init__(
        self, unit: Unit, order: ExportRequest, out: Path, texts: Texts, media_store: MediaStore, tell: Tell
    ) -> None:
        record = unit.organisation.get()
        self._unit = unit
        self._order = order
        self._out = out
        self._texts = texts
        self._media_store = media_store
        self._tell = tell
        self._zone = zone_of(unit)
        self._language = order.language or of_organisation(record)[0]
        self._cohorts = {cohort.id: cohort.name for cohort in unit.cohorts.list()}
        self._since = datetime.combine(order.since, time(), self._zone) if order.since else None
        answered = export_rows.dialogs(unit, order.cohort_id, practice=order.practice)
        self.names = [name for name in answered if not order.dialogs or name in order.dialogs]
        self._unquoted = _minors(unit, order.cohort_id)
        self._total = 0 if tell is nobody else sum(self._count(name) for name in self.names)
        self._done = 0
        self._damaged = 0
        self._dialogs: dict[str, Dialog] = {}

    def _count(self, name: str) -> int:
        order = self._order
        return export_rows.count(self._unit, name, order.cohort_id, self._since, practice=order.practice)

    def all(self, check: Callable[[int], None]) -> list[ExportedFile]:
        """Write every dialog; `check` is told how long the trail was, before any file reaches its place."""
        written = []
        with AtomicFolder(self._out) as staging:
            for name in self.names:
                gallery = MediaFolder(self._unit, self._media_store, staging.files, self._out)
                self._damaged = 0
                with writing(self._out):
                    done = self._one(name, gallery, staging)
                damaged = self._damaged + gallery.damaged
                written.append(ExportedFile(name, self._out / done.name, done.rows, gallery.count, done.cut, damaged))
            check(self._unit.audit.number())
        return written

    def _one(self, name: str, gallery: MediaFolder, staging: AtomicFolder) -> WrittenTable:
        order = self._order
        found = self._unit.versions.of(name)
        versions = [Dialog.from_dict(json.loads(version.source)) for version in found]
        self._dialogs = dict(zip((version.hash for version in found), versions, strict=True))
        spoken = columns.languages_of(versions)
        beside = export_rows.paths_beside(self._unit, name, order.cohort_id, self._since, practice=order.practice)
        entries = columns.with_asides(columns.union(versions, self._language), beside, self._texts)
        refer = gallery.refer if order.media else bare
        layout = Layout(order, self._texts, self._language, self._zone, self._cohorts, refer)
        if order.long:
            entries = [entry for entry in entries if entry.column in {entry.step, entry.step + BESIDE}]
        shape = layout.long(entries) if order.long else layout.wide(entries)
        printed = None
        if order.form == "xlsx":
            newest = versions[-1] if versions else None
            title = wording.choose(newest.title, self._language) if newest else name
            printed = Printed(title or name, layout, entries)
        table = Table(
            name + LONG if order.long else name,
            shape,
            self._rows(name, shape, entries, printed),
            layout.meanings(shape, entries),
            spoken,
            self._language,
            lambda code: self._texts.say(code, self._language),
            self._unit.now,
            printed,
        )
        if order.book:
            book_file(table, staging.files)
        return _sink(order.form)(table, staging.files, staging.work)

    def _rows(
        self, name: str, shape: Sequence[Column], entries: Sequence[CodebookEntry], printed: Printed | None
    ) -> Iterator[list[Cell]]:
        cells: list[Callable[[Any], Cell]] = [column.cell for column in shape]
        cells += [column.cell for column in printed.columns] if printed else []
        for row in self._runs(name):
            if printed is not None:
                printed.count(row)
            if self._order.long:
                for given in _answers(row, entries):
                    yield [cell(given) for cell in cells]
            else:
                yield [cell(row) for cell in cells]

    def _without_quotes(self, row: RunAnswers) -> RunAnswers:
        """Return a run without its own words, voice notes and photos; choices, numbers and dates stay.

        What is calculated goes as well: it may be made of words.
        """
        dialog = self._dialogs[row.dialog_hash]
        free = {step.name for step in dialog.steps if types.of(step).open_ended or step.type == CALCULATE}
        kept = {path: given for path, given in row.answers.items() if path not in free and not path.endswith(BESIDE)}
        return replace(row, answers=kept)

    def _runs(self, name: str) -> Iterator[RunAnswers]:
        order = self._order
        for row in export_rows.answers(
            self._unit, name, order.cohort_id, self._since, practice=order.practice, detailed=order.long
        ):
            yield self._without_quotes(row) if row.pseudonym in self._unquoted else row
            self._damaged += row.damaged
            self._done += 1
            if self._done % TELL_EVERY == 0 or self._done == self._total:
                self._tell(self._done, self._total)


def _minors(unit: Unit, cohort_id: UUID | None) -> frozenset[str]:
    """Return the pseudonyms of whoever is under eighteen: their own words are quoted nowhere outside the team."""
    asked = unit.people.each() if cohort_id is None else unit.people.asked_in(cohort_id)
    return frozenset(person.pseudonym for person in asked if is_minor(person))


def _answers(row: RunAnswers, entries: Sequence[CodebookEntry]) -> Iterator[LongAnswer]:
    """Yield a run's answers in the order of the questions; a skipped question gives an answer without a value."""
    for entry in entries:
        given = row.answers.get(entry.column)
        if given is not None:
            yield LongAnswer(row, entry, given["value"], *row.details[entry.column])


def _sink(form: Format) -> TableFormat:
    """Return the function that writes a format; only its own libraries are imported."""
    return cast("TableFormat", import_module(f"bot.export.{_SINKS[form]}").write)
