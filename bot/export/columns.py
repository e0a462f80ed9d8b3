"""The columns of a file of answers: those of the run, then every question of every version, in order.

Which columns a question has, and how its values are written and measured, its type says (`dialogs.types`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import zip_longest
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.export.request import ExportRequest
from bot.product_languages import LANGUAGES
from bot.rendering.texts import Texts
from dialogs import codebook, types
from dialogs.codebook import CodebookEntry
from dialogs.model import Dialog, Measure, ValueFormat
from storage.export_rows import BESIDE, RunAnswers

Cell: TypeAlias = str | int | Decimal | date | tuple[str, ...] | None
"""The content of a cell; a tuple holds the chosen names of a select_multiple. A moment is aware, in the zone."""

Form: TypeAlias = Literal["text", "number", "day", "moment"]
"""The type of all cells of a column, for formats that need it."""

Refer: TypeAlias = Callable[[Mapping[str, Any]], str]
"""Returns what a cell says about where a voice note or photo is."""

RUN: Final = ("run", "person", "cohort", "version", "language", "status", "started", "ended", "on_paper")
ANSWER: Final = ("question", "question.label", "type", "value", "label", "answered", "revision")
LABEL: Final = ".label"
_FORMS: Final[Mapping[ValueFormat, Form]] = {
    ValueFormat.WHOLE: "number",
    ValueFormat.DECIMAL: "number",
    ValueFormat.DATE: "day",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A line of a codebook: the meaning of one column, or of one question of the long form.

    `label` and `choices` are by language; `values` says how values are written, where that is not obvious; `measure`
    says what can be counted with them, where that is known.
    """

    column: str
    type: str
    label: Mapping[str, str]
    choices: Mapping[str, tuple[tuple[str, str], ...]]
    required: bool = False
    relevant: str = ""
    calculation: str = ""
    values: str = ""
    format: ValueFormat = ValueFormat.TEXT
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its meaning, the type of its cells, and the function that makes a cell from a row."""

    meaning: Meaning
    form: Form
    cell: Callable[[Any], Cell]

    @property
    def name(self) -> str:
        """Its heading."""
        return self.meaning.column


@dataclass(frozen=True, slots=True)
class LongAnswer:
    """One answer of the long form: its run, its question, and what was stored."""

    run: RunAnswers
    entry: CodebookEntry
    value: Any
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Layout:
    """What columns need to know.

    Attributes:
        order: what is asked for.
        texts: the catalogs.
        language: of labels.
        zone: of days and moments.
        cohorts: names by id.
        refer: says where a voice note or photo is.
    """

    order: ExportRequest
    texts: Texts
    language: str
    zone: ZoneInfo
    cohorts: Mapping[UUID, str]
    refer: Refer

    def wide(self, entries: Sequence[CodebookEntry]) -> list[Column]:
        """Return the columns of the wide form: one row for each run."""
        return [*self._run(), *(column for entry in entries for column in self._question(entry))]

    def long(self, entries: Sequence[CodebookEntry]) -> list[Column]:
        """Return the columns of the long form: one row for each answer, a `LongAnswer`."""
        words = {entry.column: dict(entry.choices.get(self.language, ())) for entry in entries}
        cells: Mapping[str, Callable[[LongAnswer], Cell]] = {
            "question": lambda given: given.entry.column,
            "question.label": lambda given: given.entry.label.get(self.language, ""),
            "type": lambda given: given.entry.type,
            "value": lambda given: as_text(self.value(given.value, given.entry.format)),
            "label": lambda given: self._words(given.value, given.entry.format, words[given.entry.column]),
            "answered": lambda given: self.moment(given.at),
            "revision": lambda given: given.revision,
        }
        forms: Mapping[str, Form] = {"answered": self._day, "revision": "number"}
        own = [Column(self._told(name), forms.get(name, "text"), cells[name]) for name in ANSWER]
        run = [replace(column, cell=partial(_of_run, column.cell)) for column in self._run()]
        return [*run, *own]

    def meanings(self, columns: Sequence[Column], entries: Sequence[CodebookEntry]) -> list[Meaning]:
        """Return the lines of the codebook: one for every column, and in the long form one for every question, too."""
        return [*(column.meaning for column in columns), *(questions(entries) if self.order.long else ())]

    @property
    def _day(self) -> Form:
        return "moment" if self.order.exact else "day"

    def _told(self, name: str) -> Meaning:
        code = f"export.column.{name}"
        values = ""
        if name in {"started", "ended", "answered"}:
            code, values = f"{code}.{self._day}", f"{codebook.VALUES[ValueFormat.DATE]} ({self.zone.key})"
        label = {tag: self.texts.say(code, tag) for tag in LANGUAGES}
        kind = "number" if name == "revision" else self._day if values else "text"
        return Meaning(name, kind, label, {}, values=values)

    def _run(self) -> list[Column]:
        cells: Mapping[str, Callable[[RunAnswers], Cell]] = {
            "run": lambda row: row.run_id,
            "person": lambda row: row.pseudonym,
            "cohort": lambda row: self.cohorts.get(row.cohort_id, "") if row.cohort_id else "",
            "version": lambda row: row.dialog_hash[:12],
            "language": lambda row: row.language,
            "status": lambda row: row.status,
            "started": lambda row: self.moment(row.started_at),
            "ended": lambda row: self.moment(row.ended_at),
            "on_paper": lambda row: row.on_paper or "",
        }
        forms: Mapping[str, Form] = {"started": self._day, "ended": self._day}
        return [Column(self._told(name), forms.get(name, "text"), cells[name]) for name in RUN]

    def moment(self, moment: datetime | None) -> date | None:
        """Return the day of a moment in the zone, or the moment itself where it is asked for exactly."""
        if moment is None:
            return None
        local = moment.astimezone(self.zone)
        return local.replace(microsecond=0) if self.order.exact else local.date()

    def _question(self, entry: CodebookEntry) -> list[Column]:
        if entry.part:
            cell = partial(_answer, entry.step, partial(_part, entry))
            return [Column(_meaning(entry), _FORMS.get(entry.format, "text"), cell)]
        words = dict(entry.choices.get(self.language, ()))
        shown = self.order.shown if words else "values"
        found = []
        if shown != "labels":
            cell = partial(_answer, entry.column, partial(self.value, kind=entry.format))
            found.append(Column(_meaning(entry), _FORMS.get(entry.format, "text"), cell))
        if shown != "values":
            meaning = _meaning(entry)
            if found:
                meaning = replace(meaning, column=entry.column + LABEL, choices={}, values="")
            cell = partial(_answer, entry.column, partial(self._words, kind=entry.format, words=words))
            found.append(Column(meaning, "text", cell))
        return found

    def value(self, value: Any, kind: ValueFormat) -> Cell:
        """Return an answer's value for a cell; pieces of a text are put on lines of their own."""
        if isinstance(value, list):
            if kind is ValueFormat.NAMES:
                return tuple(value)
            return "\n".join(self.refer(each) if isinstance(each, dict) else each for each in value)
        if isinstance(value, str):
            return _typed(value, kind)
        return value  # type: ignore[no-any-return]  # JSON's edge: words, a number, or nothing

    def _words(self, value: Any, kind: ValueFormat, words: Mapping[str, str]) -> Cell:
        """Return the words of the chosen names; a number of a scale without words stays a number."""
        if value is None:
            return None
        if not words:
            return None if self.order.long else as_text(self.value(value, kind))
        names = value if isinstance(value, list) else [str(value)]
        return " | ".join(words.get(name, name) for name in names)


def union(versions: Sequence[Dialog], language: str | None = None) -> list[CodebookEntry]:
    """Return the questions of all versions (the oldest first), each select_multiple with a column for each choice.

    The newest version's words are used; choices that only older versions had come after its own, and their questions
    come last. Labels are in every language of the versions, and in `language`.
    """
    languages = tuple(dict.fromkeys((*languages_of(versions), *filter(None, (language,)))))
    found: dict[str, dict[str, CodebookEntry]] = {}
    for dialog in reversed(versions):
        for entry in codebook.rows(dialog, languages, split=True):
            same = found.setdefault(entry.step, {})
            known = same.get(entry.column)
            same[entry.column] = entry if known is None else replace(known, choices=_merged(known, entry))
    return [entry for same in found.values() for entry in same.values()]


def with_asides(entries: Sequence[CodebookEntry], beside: Collection[str], texts: Texts) -> list[CodebookEntry]:
    """Add a column for asides behind each question that got any: an aside is no answer to it."""
    found: list[CodebookEntry] = []
    for entry, behind in zip_longest(entries, entries[1:]):
        found.append(entry)
        if entry.step in beside and (behind is None or behind.step != entry.step):
            asked = next(each for each in entries if each.column == entry.step).label
            label = {tag: texts.say("export.column.beside", tag, question=words) for tag, words in asked.items()}
            found.append(codebook.beside(entry.step + BESIDE, entry.step, label))
    return found


def questions(entries: Sequence[CodebookEntry]) -> list[Meaning]:
    """Return the lines of a codebook for questions alone."""
    return [_meaning(entry) for entry in entries]


def languages_of(versions: Sequence[Dialog]) -> tuple[str, ...]:
    """Return the languages of all versions, and those in which every codebook is explained."""
    return tuple(dict.fromkeys((*(tag for each in versions for tag in each.languages), *LANGUAGES)))


def _merged(newer: CodebookEntry, older: CodebookEntry) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the newer version's choices, and after them those that only the older one had."""
    merged = {}
    for tag in dict.fromkeys((*newer.choices, *older.choices)):
        mine = newer.choices.get(tag, ())
        names = {name for name, _ in mine}
        merged[tag] = (*mine, *(each for each in older.choices.get(tag, ()) if each[0] not in names))
    return merged


def as_text(cell: Cell) -> str | None:
    """Return a cell as text, for a column that holds cells of several kinds."""
    if cell is None:
        return None
    if isinstance(cell, tuple):
        return " ".join(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _meaning(entry: CodebookEntry) -> Meaning:
    return Meaning(
        entry.column,
        entry.type,
        entry.label,
        entry.choices,
        required=entry.required,
        relevant=entry.relevant,
        calculation=entry.calculation,
        values=entry.values,
        format=entry.format,
        measure=entry.measure,
    )


def _typed(value: str, kind: ValueFormat) -> Cell:
    """Return a day or decimal as its own type; a value that cannot be read as one stays as it was stored."""
    try:
        if kind is ValueFormat.DECIMAL:
            return Decimal(value)
        if kind is ValueFormat.DATE:
            return date.fromisoformat(value)
    except (InvalidOperation, ValueError):
        pass
    return value


def _of_run(cell: Callable[[RunAnswers], Cell], given: LongAnswer) -> Cell:
    return cell(given.run)


def _answer(path: str, cell: Callable[[Any], Cell], row: RunAnswers) -> Cell:
    given = row.answers.get(path)
    return None if given is None else cell(given["value"])


def _part(entry: CodebookEntry, value: Any) -> Cell:
    """Return the cell for one part of an answer."""
    if value is None:
        return None
    part = types.get(entry.type).part(value, entry.part)
    return _typed(part, entry.format) if isinstance(part, str) else part
