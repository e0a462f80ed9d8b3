"""What of a workbook people read and print: answers in words, and how many chose each option."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bot.export.columns import Cell, Layout, LongAnswer
from bot.rendering.texts import MissingText
from dialogs import types
from dialogs.codebook import CodebookEntry
from dialogs.types import ChoiceSource
from storage.export_rows import RunAnswers

CLOSED: Final = frozenset({ChoiceSource.LIST, ChoiceSource.NUMBERS})
STATUSES: Final = ("completed", "open", "postponed", "stopped", "offered", "expired")
WORDY, SHORT, SLIM = 36, 16, 11  # characters of a column
SKIPPED: Final = ""
NAMED: Final = 8  # characters of the id of a row or of a file, enough to find it


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """A column of the sheet that is printed: its heading in words, its width, and what makes a cell from a row."""

    heading: str
    width: int
    cell: Callable[[Any], Cell]


@dataclass(slots=True)
class OptionCount:
    """Who chose an option, and how often it was chosen."""

    people: set[str] = field(default_factory=set)
    times: int = 0

    def add(self, person: str) -> None:
        """Count one more answer."""
        self.people.add(person)
        self.times += 1


@dataclass(frozen=True, slots=True)
class Total:
    """How many people said something, how often; without numbers it is a heading."""

    words: str
    people: int | None = None
    times: int | None = None


class Printed:
    """The printed sheet of one dialog, and its totals, which grow with people and options and not with answers.

    Attributes:
        title: the dialog's.
        columns: of the sheet: what was answered, then what concerns the run, ids last.
    """

    def __init__(self, title: str, layout: Layout, entries: Sequence[CodebookEntry]) -> None:
        """Build the columns; in the long form a row is one answer."""
        self.title = title
        self._layout = layout
        self._entries = [entry for entry in entries if not entry.part]
        self._closed = [entry for entry in self._entries if types.get(entry.type).choice_source in CLOSED]
        self._chosen: dict[str, dict[str, OptionCount]] = {entry.column: {} for entry in self._closed}
        self._statuses: dict[str, OptionCount] = {}
        self.columns = self._long() if layout.order.long else self._wide()

    def say(self, code: str) -> str:
        """Return the sentence of a code in the language of the sheet."""
        return self._layout.texts.say(code, self._layout.language)

    @property
    def group(self) -> str:
        """Whose answers these are."""
        order = self._layout.order
        name = self._layout.cohorts.get(order.cohort_id, "") if order.cohort_id else ""
        return name or self.say("export.totals.all_groups")

    # The sheet.

    def _wide(self) -> list[PrintedColumn]:
        answered = [
            PrintedColumn(self._label(entry), _width(entry), partial(self._answer, entry)) for entry in self._entries
        ]
        return [*answered, *self._run(lambda row: row)]

    def _long(self) -> list[PrintedColumn]:
        cells: tuple[tuple[str, int, Callable[[LongAnswer], Cell]], ...] = (
            ("question", WORDY, lambda given: self._label(given.entry)),
            ("answer", WORDY, lambda given: self.words(given.entry, given.value)),
            ("kind", SHORT, lambda given: self.kind(given.entry.type)),
            ("answered", SLIM, lambda given: self._layout.moment(given.at)),
        )
        own = [PrintedColumn(self.say(f"export.printed.{name}"), width, cell) for name, width, cell in cells]
        return [*own, *self._run(lambda given: given.run)]

    def _run(self, of: Callable[[Any], RunAnswers]) -> list[PrintedColumn]:
        layout = self._layout
        cells: tuple[tuple[str, int, Callable[[RunAnswers], Cell]], ...] = (
            ("cohort", SHORT, lambda row: layout.cohorts.get(row.cohort_id, "") if row.cohort_id else ""),
            ("language", SLIM, lambda row: layout.texts.language(row.language, layout.language, first=True)),
            ("status", SLIM, lambda row: self.status(row.status)),
            ("started", SLIM, lambda row: layout.moment(row.started_at)),
            ("ended", SLIM, lambda row: layout.moment(row.ended_at)),
            ("person", SLIM + 1, lambda row: row.pseudonym),
            ("run", NAMED + 1, lambda row: row.run_id[:NAMED]),
        )
        return [
            PrintedColumn(self.say(f"export.printed.{name}"), width, partial(_of_run, of, cell))
            for name, width, cell in cells
        ]

    def _label(self, entry: CodebookEntry) -> str:
        return entry.label.get(self._layout.language, "") or entry.column

    def _answer(self, entry: CodebookEntry, row: RunAnswers) -> Cell:
        given = row.answers.get(entry.column)
        return None if given is None else self.words(entry, given["value"])

    def words(self, entry: CodebookEntry, value: Any) -> Cell:
        """Return an answer in words: what was chosen by its labels, a voice note or photo named, with its file."""
        if value is None:
            return self.say("export.printed.skipped")
        labels = self._labels(entry)
        if isinstance(value, list):
            return "\n".join(self._piece(each) if isinstance(each, dict) else labels.get(each, each) for each in value)
        return labels.get(str(value)) or self._layout.value(value, entry.format)

    def _labels(self, entry: CodebookEntry) -> Mapping[str, str]:
        return dict(entry.choices.get(self._layout.language, ()))

    def _piece(self, piece: Mapping[str, Any]) -> str:
        layout = self._layout
        minutes, seconds = divmod(int(piece.get("seconds") or 0), 60)
        time = f"{minutes}:{seconds:02d}"
        what = self.say("piece.photo") if piece["media"] == "photo" else layout.texts.say(
            "piece.voice", layout.language, time=time
        )  # fmt: skip  # one of two sentences
        return f"{what} ({str(piece['id'])[:NAMED]})"

    def status(self, status: str) -> str:
        """Return how far a run came, in words."""
        return self._named(f"export.status.{status}", status)

    def kind(self, kind: str) -> str:
        """Return a question type in words; one that was added later by its name."""
        return self._named(f"export.kind.{kind}", kind)

    def _named(self, code: str, name: str) -> str:
        with suppress(MissingText):
            return self.say(code)
        return name

    # The totals.

    def count(self, row: RunAnswers) -> None:
        """Count what was chosen in a run."""
        self._statuses.setdefault(row.status, OptionCount()).add(row.pseudonym)
        for entry in self._closed:
            given = row.answers.get(entry.column)
            if given is None:
                continue
            value = given["value"]
            for name in value if isinstance(value, list) else (value,):
                key = SKIPPED if name is None else str(name)
                self._chosen[entry.column].setdefault(key, OptionCount()).add(row.pseudonym)

    def totals(self) -> Iterator[Total]:
        """Yield how far people came, then each closed question with its options in words, in the author's order."""
        yield Total(self.say("export.totals.statuses"))
        yield from (_total(self.status(each), self._statuses[each]) for each in STATUSES if each in self._statuses)
        for entry in self._closed:
            chosen, labels = self._chosen[entry.column], self._labels(entry)
            yield Total(self._label(entry))
            for name, label in labels.items():
                yield _total(label, chosen.get(name, OptionCount()))
            others = sorted(chosen.keys() - labels.keys() - {SKIPPED}, key=lambda name: (len(name), name))
            yield from (_total(name, chosen[name]) for name in others)
            if SKIPPED in chosen:
                yield _total(self.say("export.printed.skipped"), chosen[SKIPPED])


def _total(words: str, chosen: OptionCount) -> Total:
    return Total(words, len(chosen.people), chosen.times)


def _of_run(of: Callable[[Any], RunAnswers], cell: Callable[[RunAnswers], Cell], row: Any) -> Cell:
    return cell(of(row))


def _width(entry: CodebookEntry) -> int:
    kind = types.get(entry.type)
    return WORDY if kind.open_ended else SHORT
