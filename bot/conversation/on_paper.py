"""A dialog on paper: what `bot.poster.sheet` draws, in a language, with what it is for above the questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from bot.rendering.keyboards import labels
from bot.rendering.speech import Speech
from bot.services import purposes
from bot.services.organisation import OrganisationFacts
from bot.services.sheets import written
from dialogs import engine, languages, types, wording
from dialogs.context import Context
from dialogs.events import Noted, Prompted
from dialogs.model import Dialog, ValueFormat
from dialogs.types import QuestionType
from storage.cohorts import Cohort
from storage.decisions import DecisionKind

BLANK: Final = "______"
OPEN_LINES: Final = 6
"""Lines to write on below a question that is told freely."""
MOST_BOXES: Final = 15
WRITTEN: Final = frozenset({ValueFormat.DATE, ValueFormat.TIME})
"""What is written on a line, although days or hours nearby are offered where somebody is asked."""


def drawn(
    organisation: OrganisationFacts,
    speech: Speech,
    cohort: Cohort,
    dialog: Dialog,
    card: Mapping[str, Any],
    language: str,
    codes: Sequence[str],
) -> dict[str, Any]:
    """Return a dialog as it is drawn on paper, one sheet for each code; `speech` has the catalogs and the unit."""
    said = replace(speech, language=language)
    context = _context(organisation, said, cohort)
    kept = organisation.kept_time(said)
    before = [
        said.words("sheet.aloud"),
        *purposes.lines(said, card),
        organisation.readers_line(said, cohort.id) or "",
        said.words("sheet.kept", time=kept) if kept else "",
        said.words("sheet.careful"),
    ]
    return {
        "codes": [written(code) for code in codes],
        "foot": said.words("sheet.foot"),
        "title": wording.choose(dialog.title, language),
        "before": [words for words in before if words],
        "blocks": list(_blocks(said, dialog, context)),
        "after": [said.words("sheet.back")],
    }


def told(speech: Speech, words: Sequence[str], kind: DecisionKind, language: str, code: str) -> dict[str, Any]:
    """Return what was heard and what follows as it is drawn on paper, with room for what a circle says to it.

    `words` are its parts in that language.
    """
    said = replace(speech, language=language)
    answers = [said.words(f"sheet.told.{each}") for each in (f"fine.{kind}", "said", "no")]
    asked: list[dict[str, Any]] = [
        {"number": 1, "text": said.words(f"sheet.told.ask.{kind}"), "options": answers},
        {"number": 2, "text": said.words("sheet.told.present"), "lines": 1},
        {"number": 3, "text": said.words("sheet.told.words"), "lines": OPEN_LINES},
    ]
    return {
        "codes": [written(code)],
        "foot": said.words("sheet.foot"),
        "title": said.words(f"sheet.told.title.{kind}"),
        "before": [said.words("sheet.told.aloud")],
        "blocks": [*({"text": line} for each in words for line in each.split("\n") if line), *asked],
        "after": [said.words("sheet.careful"), said.words("sheet.back")],
    }


def _context(organisation: OrganisationFacts, speech: Speech, cohort: Cohort) -> Context:
    """Return what the questions may know where nobody is there to be asked: the name is a line to write on."""
    unit, language = speech.unit, speech.language
    facts = {
        "language": languages.base(language),
        "name": BLANK,
        "organisation": organisation.name(unit),
        "reading_day": organisation.next_reading(unit, language) or "",
    }
    zone = organisation.zone(unit, cohort=cohort)
    return Context(unit.now, zone, language, BLANK, facts, written=partial(speech.texts.written, language))


def _blocks(speech: Speech, dialog: Dialog, context: Context) -> Iterator[dict[str, Any]]:
    """Yield every note and question; what is said only to some is marked, and a note to some is left out."""
    number = 0
    for step in dialog.steps:
        shown = engine.shown(dialog, step.name, context)
        if isinstance(shown, Noted) and step.relevant is None:
            yield {"text": shown.text}
        if not isinstance(shown, Prompted):
            continue
        number += 1
        kind = types.of(step)
        under = [shown.hint] if shown.hint else []
        if step.relevant is not None:
            under.append(speech.words("sheet.only_if"))
        if kind.multiple:
            under.append(speech.words("sheet.several"))
        options = labels(shown.options, shown.type) if _ticked(kind, len(shown.options)) else []
        lines = 0 if options else OPEN_LINES if kind.open_ended else 1
        yield {"number": number, "text": shown.text, "under": under, "options": options, "lines": lines}


def _ticked(kind: QuestionType, options: int) -> bool:
    """Return whether a question has boxes to tick: not one with more than a page takes, such as 0 to 100."""
    return 0 < options <= MOST_BOXES and kind.format not in WRITTEN
