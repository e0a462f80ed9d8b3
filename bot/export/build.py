"""Turn an order into files: every dialog that has answers, in one format, with what lies beside."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

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
from storage.unit import Storage, Unit

TELL_EVERY: Final = 200  # runs
AT_ONCE: Final = 5_000  # runs that are read in one view
LONG: Final = ".long"
_SINKS: Final[Mapping[Format, str]] = {"csv": "csvfile", "xlsx": "xlsxfile", "jsonl": "jsonfile", "sav": "spssfile"}


class ChangedMeanwhile(Exception):
    """Something was erased that files may hold, or a minor came whom they may quote: they are made anew."""


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

    What is erased meanwhile is not in them, nor any word of whoever says meanwhile that they are under eighteen: then
    they are made anew. They are read some thousand runs at a time, so that no writer is held up, and SQLite's log stays
    short: what else is said meanwhile may be in them or not.

    Args:
        storage: where answers are.
        now: the present moment.
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
        with suppress(ChangedMeanwhile):
            return _Build(storage, now, order, out, texts, media_store, tell).all()


def zone_of(unit: Unit) -> ZoneInfo:
    """Return the organisation's zone, by whose days an export counts."""
    return ZoneInfo(local_zone(unit))


def today(storage: Storage, now: datetime) -> date:
    """Return the present day in the organisation's zone."""
    with storage.reading(now) as unit:
        return now.astimezone(zone_of(unit)).date()


class _Build:
    """One order being carried out, in one view of the database after the other."""

    def __init__(
        self,
        storage: Storage,
        now: datetime,
        order: ExportRequest,
        out: Path,
        texts: Texts,
        media_store: MediaStore,
        tell: Tell,
    ) -> None:
        self._reading = partial(storage.reading, now)
        self._opened = ExitStack()
        self._now = now
        self._order = order
        self._out = out
        self._texts = texts
        self._media_store = media_store
        self._tell = tell
        with self._reading() as unit:
            self._begun = unit.audit.number()
            self._zone = zone_of(unit)
            self._language = order.language or of_organisation(unit.organisation.get())[0]
            self._cohorts = {cohort.id: cohort.name for cohort in unit.cohorts.list()}
            self._since = datetime.combine(order.since, time(), self._zone) if order.since else None
            answered = export_rows.dialogs(unit, order.cohort_id, practice=order.practice)
            self.names = [name for name in answered if not order.dialogs or name in order.dialogs]
            self._listed = export_rows.listed_cohorts(unit, order.cohort_id, practice=order.practice)
            self._unquoted = _minors(unit, order.cohort_id)
            self._total = 0 if tell is nobody else sum(self._count(unit, name) for name in self.names)
        self._done = 0
        self._damaged = 0
        self._dialogs: dict[str, Dialog] = {}

    def _count(self, unit: Unit, name: str) -> int:
        order = self._order
        return export_rows.count(unit, name, order.cohort_id, self._since, practice=order.practice)

    def all(self) -> list[ExportedFile]:
        """Write every dialog; raises ChangedMeanwhile before any file reaches its place."""
        written = []
        with AtomicFolder(self._out) as staging:
            for name in self.names:
                gallery = MediaFolder(self._reading, self._media_store, staging.files, self._out)
                self._damaged = 0
                with writing(self._out):
                    done = self._one(name, gallery, staging)
                damaged = self._damaged + gallery.damaged
                written.append(ExportedFile(name, self._out / done.name, done.rows, gallery.count, done.cut, damaged))
            self._check()
        return written

    def _check(self) -> None:
        """Check that nobody was erased, or quoted, who may not be in the files by now; raises ChangedMeanwhile."""
        with self._reading() as unit:
            if erased_after(unit, self._begun) or not _minors(unit, self._order.cohort_id) <= self._unquoted:
                raise ChangedMeanwhile

    def _one(self, name: str, gallery: MediaFolder, staging: AtomicFolder) -> WrittenTable:
        order = self._order
        with self._reading() as unit:
            found = unit.versions.of(name)
            beside = export_rows.paths_beside(unit, name, order.cohort_id, self._since, practice=order.practice)
        versions = [Dialog.from_dict(json.loads(version.source)) for version in found]
        self._dialogs = dict(zip((version.hash for version in found), versions, strict=True))
        spoken = columns.languages_of(versions)
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
            self._now,
            printed,
        )
        if order.book:
            book_file(table, staging.files)
        with self._opened:  # whatever stops it
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
        for row in chain.from_iterable(self._of_cohort(name, each) for each in self._listed):
            if row.dialog_hash not in self._dialogs:
                continue  # of a version that came in meanwhile
            yield self._without_quotes(row) if row.pseudonym in self._unquoted else row
            self._damaged += row.damaged
            self._done += 1
            if self._done % TELL_EVERY == 0 or self._done == self._total:
                self._tell(min(self._done, self._total), self._total)

    def _of_cohort(self, name: str, cohort_id: UUID | None) -> Iterator[RunAnswers]:
        """Give the runs of one cohort, each few thousand in a view of their own."""
        order, more = self._order, True
        last: RunAnswers | None = None
        given = {"practice": order.practice, "detailed": order.long}
        while more:
            number = 0
            with self._opened as opened:
                unit = opened.enter_context(self._reading())
                found = export_rows.answers(unit, name, [cohort_id], self._since, **given, after=last)
                for row in islice(opened.enter_context(closing(found)), AT_ONCE):
                    number, last = number + 1, row
                    yield row
            more = number == AT_ONCE


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
