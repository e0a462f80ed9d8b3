"""Words about a group that never leave the team: what could expose somebody once is kept back for good.

Who was erased or moved on, and what was erased or is older than the last broadcasts, `exposing` knows no more. Words
that were kept back until then would come out with the next record, and whoever lays two records side by side would see
whom they name. So it is noted as a sign is written or judged, as a record is made, and as somebody or what they said is
erased: as fingerprints of the texts, in the group's own context, sealed as that is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from bot.product_languages import LANGUAGES
from bot.services import circles, exposing, learnt, purposes, said_back
from bot.services.purposes import UNNAMED
from dialogs import exposure
from dialogs.model import Dialog
from storage.cohorts import Cohort
from storage.decisions import Decision
from storage.people import Person
from storage.record_names import names
from storage.sheets import Sheet
from storage.unit import Unit

KEPT_BACK: Final = "kept_back"
"""Key in a cohort's context: fingerprints of the texts."""
_LENGTH: Final = 32  # hexadecimal digits: 128 bits


def of(cohort: Cohort) -> frozenset[str]:
    """Return the fingerprints of what is kept back of a cohort's."""
    return frozenset(cohort.context.get(KEPT_BACK) or ())


def fingerprint(words: str) -> str:
    """Return by what a text is known again, whatever spaces it has."""
    return sha256(" ".join(words.split()).encode()).hexdigest()[:_LENGTH]


def written(unit: Unit, cohort: Cohort, texts: Iterable[tuple[str, str]], *, asks: bool = False) -> None:
    """Note those of some texts, given behind their languages, that could expose somebody as they are written.

    `asks`: they are of a dialog. To ask whether anybody does something tells of no minority.
    """
    said = [(tag, words) for tag, words in texts if words.strip()]
    if not said:
        return
    each = [(tag, words) for language, words in said for tag in ([language] if language else LANGUAGES)]
    facts = exposing.of_told(unit, cohort)
    marked = exposing.in_each(replace(facts, answered=None) if asks else facts, each)
    _note(unit, cohort, (words for (_, words), found in zip(each, marked, strict=True) if found))


def recorded(unit: Unit, cohort: Cohort) -> None:
    """Note the same of all that the team wrote of a cohort, as its record is about to leave the team."""
    written(unit, cohort, _said(unit, cohort))
    written(unit, cohort, _asked(unit, cohort), asks=True)


def naming(unit: Unit, person: Person) -> None:
    """Note what names somebody who is being erased, of all that was written of their groups, of now and before."""
    nickname = person.nickname
    if nickname is None:
        return
    for cohort in unit.cohorts.of_person(person.id):
        _note(unit, cohort, (words for words in _all(unit, cohort) if names(nickname, words)))


def quoting(unit: Unit, person: Person, answers: Iterable[str]) -> None:
    """Note what quotes answers of somebody that are being erased, of all that was written of their groups."""
    _quoting(unit, unit.cohorts.of_person(person.id), answers)


def quoting_circle(unit: Unit, sheet: Sheet) -> None:
    """Note the same of what a circle takes back, of all that was written of its group."""
    _quoting(unit, unit.cohorts.list([sheet.cohort_id]), circles.words_on(sheet))


def _quoting(unit: Unit, cohorts: Iterable[Cohort], answers: Iterable[str]) -> None:
    said = [words for words in answers if exposure.can_be_quoted(words)]
    if not said:
        return
    for cohort in cohorts:
        texts = _all(unit, cohort)
        quotes = exposure.quoting(texts, said)
        _note(unit, cohort, (words for words, is_quote in zip(texts, quotes, strict=True) if is_quote))


def _all(unit: Unit, cohort: Cohort) -> list[str]:
    return [words for _, words in (*_said(unit, cohort), *_asked(unit, cohort))]


def _said(unit: Unit, cohort: Cohort) -> Iterator[tuple[str, str]]:
    """Yield what the team wrote of a group: signs, how they stood, why it was asked, what was told and learnt."""
    signs = unit.signs.of([cohort.id])
    yield from ((UNNAMED, sign.words) for sign in signs)
    for judged in unit.signs.judgements([each.id for each in signs]):
        yield from ((UNNAMED, words) for words in (judged.words, judged.against))
    for broadcast in unit.broadcasts.list([cohort.id]):
        yield from _of_card(broadcast.purpose)
        yield UNNAMED, learnt.of(unit, broadcast)
        for decision in unit.decisions.because_of(broadcast.id):
            yield from _of_decision(decision)


def _asked(unit: Unit, cohort: Cohort) -> Iterator[tuple[str, str]]:
    """Yield what a group was asked: titles, questions, hints and options."""
    for version in {each.dialog_hash for each in unit.broadcasts.list([cohort.id])}:
        yield from _of_dialog(Dialog.from_dict(json.loads(unit.versions.get(version) or "null")))


def _of_card(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for tag, said in purposes.by_language(card).items():
        yield from ((tag, str(said.get(part) or "")) for part in purposes.WORDS)


def _of_decision(decision: Decision) -> Iterator[tuple[str, str]]:
    read = said_back.outside(decision) if decision.state == "told" else None
    for tag, parts in ((read.body.get("words") or {}) if read is not None else {}).items():
        yield from ((tag, words) for words in parts.values())


def _of_dialog(dialog: Dialog) -> Iterator[tuple[str, str]]:
    texts = [dialog.title, *(text for step in dialog.steps for text in (step.label, step.hint))]
    texts += [choice.label for step in dialog.steps for choice in step.choices]
    yield from (said for text in texts for said in text.items())


def _note(unit: Unit, cohort: Cohort, texts: Iterable[str]) -> None:
    """Add the fingerprints of some texts to those of a cohort."""
    found = {fingerprint(words) for words in texts}
    now = unit.cohorts.get(cohort.id)
    if found and now is not None and (missing := found - of(now)):
        kept = sorted(of(now) | missing)
        unit.cohorts.change(replace(now, context={**now.context, KEPT_BACK: kept}))
