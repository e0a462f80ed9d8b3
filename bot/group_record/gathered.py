"""What the record of a group tells: read from the rows, one group at a time, one broadcast after the other.

Nothing in it names anybody, and no number in it is finer than what left the team (`services.disclosure`). Words of the
team's that could tell who said something stay out, and are counted, so that they can be said another way.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.rendering.texts import Texts
from bot.services import aloud, circles, exposing, kept_back, learnt, purposes, said_back, sign_order, signs
from bot.services.circles import CircleWord
from bot.services.organisation import local_zone
from bot.services.purposes import UNNAMED
from dialogs import types
from dialogs.exposure import GroupFacts
from dialogs.model import Dialog, Text
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.decisions import Decision
from storage.signs import Judgement, Sign
from storage.unit import Unit

BAND: Final = 5
"""Numbers are told in bands of so many, and none is below it."""
ANSWERED: Final = ""
"""Stands among the figures of a question for everybody who answered it."""
Figures: TypeAlias = Callable[[Broadcast, Dialog], Mapping[str, Mapping[str, int]]]
"""Returns what may be said of a broadcast: by question and option the lowest number of a band."""


@dataclass(frozen=True, slots=True)
class OptionTold:
    """An option, and the lowest number of the band of those who chose it, where that may be said.

    `words` are None where they were kept back, as everywhere here.
    """

    words: Text | None
    lowest: int | None


@dataclass(frozen=True, slots=True)
class QuestionTold:
    """A question as it was asked, its options, and the lowest number of the band of those who answered."""

    words: Text | None
    hint: Text | None
    options: Sequence[OptionTold]
    answered: int | None


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """What people were told: on which day, and its parts by language.

    `aloud`: it was read aloud, and went to nobody's phone. `circles` are the bands of the circles that answered it.
    `cannot`: what follows is why the team cannot. Of those who said yes to it there is no figure: one that follows them
    would tell who was erased (ADR 0084).
    """

    day: date
    kind: str
    words: Mapping[str, Mapping[str, str]]
    aloud: bool = False
    circles: Sequence[int] = ()
    cannot: bool = False


@dataclass(frozen=True, slots=True)
class AskedTold:
    """One broadcast: its number in the record, when, what for, with which dialog, what it brought and taught.

    `page` is the number of its dialog's page: a dialog's name is made of its words, which may have been kept back.
    `circles` are the bands of the circles that answered it on paper; what they said is not in the record.
    """

    number: int
    day: date
    title: Text | None
    card: Mapping[str, Mapping[str, str]]
    dialog: str
    page: int
    version: str
    questions: Sequence[QuestionTold]
    decisions: Sequence[DecisionTold]
    learnt: str
    circles: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class StandingTold:
    """How a sign stood on a day, as the group or the team said; `present` is the band of those who were there."""

    day: date
    said_by: str
    value: str
    words: str
    against: str
    present: int | None


@dataclass(frozen=True, slots=True)
class GroupTold:
    """The group's own word on a sign, and the team's words beside it, the newest first.

    It was said together (`said`), or asked: `asked` is the number of what asked, `stands` what so many answered, as it
    left the team. Neither is there of a word that was taken back and beside which the team's stands.
    """

    said: StandingTold | None = None
    asked: int | None = None
    day: date | None = None
    stands: QuestionTold | None = None
    team: Sequence[StandingTold] = ()


@dataclass(frozen=True, slots=True)
class WordingTold:
    """A sign in some words, and how it stood while it was said so: the group's own words, the newest first."""

    words: str
    stood: Sequence[GroupTold]


@dataclass(frozen=True, slots=True)
class SignTold:
    """A sign in its present words, and in those that it had before."""

    kind: str
    ended: bool
    wordings: Sequence[WordingTold]

    @property
    def words(self) -> str:
        """Its present words; empty where they were kept back."""
        return self.wordings[0].words


@dataclass(frozen=True, slots=True)
class _Asked:
    """That the group was asked how a sign stands: the words in which it was, and the question as it is told."""

    broadcast_id: UUID
    number: int
    day: date
    sign_words: str
    question: QuestionTold


@dataclass(slots=True)
class Kept:
    """Keeps back words that could tell who said something, and counts them by where they stand."""

    facts: GroupFacts
    languages: Sequence[str]
    noted: Collection[str]
    back: list[str] = field(default_factory=list)
    _marked: dict[str, frozenset[int]] = field(default_factory=dict)

    def words(self, words: str, language: str, place: str) -> str:
        """Return words as they are, or nothing where they could expose somebody."""
        said = {language: words} if language else dict.fromkeys(self.languages, words)
        noted = kept_back.fingerprint(words) in self.noted
        if not words or not (noted or exposing.in_texts(self.facts, said)):
            return words
        self.back.append(place)
        return ""

    def texts(self, version: str, texts: Sequence[Text], place: str) -> list[Text | None]:
        """Return the texts of a dialog's version, each None where it could expose somebody in any of its languages.

        A text of which one language is kept back is kept back whole: the others say the same.
        """
        if version not in self._marked:  # what was looked through once is not again, however often it was asked
            said = [(number, *each) for number, text in enumerate(texts) for each in text.items() if each[1]]
            facts = replace(self.facts, answered=None)  # to ask whether anybody does something tells of no minority
            found = exposing.in_each(facts, [(tag, words) for _, tag, words in said])
            self._marked[version] = frozenset(
                number
                for (number, _, words), marks in zip(said, found, strict=True)
                if marks or kept_back.fingerprint(words) in self.noted
            )
        marked = self._marked[version]
        if marked:
            self.back.append(place)
        return [None if number in marked else text for number, text in enumerate(texts)]


class Gathering:
    """Reads what the record of a group tells."""

    def __init__(self, unit: Unit, cohort: Cohort, texts: Texts, figures: Figures) -> None:
        """Take the transaction, the group, the catalogs, and what may be said of how many chose what."""
        self._unit, self._cohort, self._figures = unit, cohort, figures
        self._zone = ZoneInfo(local_zone(unit, cohort=cohort))
        self._pages: dict[str, int] = {}
        self._stands: dict[str, list[_Asked]] = {}
        self.kept = Kept(exposing.of_told(unit, cohort), texts.languages, kept_back.of(cohort))

    def asked(self) -> Iterator[AskedTold]:
        """Yield what the group was asked, the oldest first."""
        found = sorted(self._unit.broadcasts.list([self._cohort.id]), key=lambda each: (each.due_at, each.id))
        sent = [
            each for each in found if not each.shares_back and not each.cancelled_at and each.due_at <= self._unit.now
        ]
        for number, broadcast in enumerate(sent, 1):
            yield self._asked(number, broadcast)

    def questions(self, version: str, place: str) -> list[QuestionTold]:
        """Return the questions of a dialog as it was asked; `place` is where they stand."""
        return self._told(self._dialog(version), place, {})[1]

    def signs(self) -> Iterator[SignTold]:
        """Yield by what the group can tell, in its newest words, with all that was said by older ones.

        What it answered when it was asked is known once `asked` was gone through.
        """
        written = {each.id: each for each in self._unit.signs.of([self._cohort.id])}
        replaced = {each.former_id for each in written.values()}
        for number, sign in enumerate((each for each in written.values() if each.id not in replaced), 1):
            yield self._sign(sign, written, number)

    def _dialog(self, version: str) -> Dialog:
        return Dialog.from_dict(json.loads(self._unit.versions.get(version) or "null"))

    def _told(
        self, dialog: Dialog, place: str, figures: Mapping[str, Mapping[str, int]]
    ) -> tuple[Text | None, list[QuestionTold]]:
        """Return the title of a dialog and its questions, with the figures of each by its name."""
        tags = self.kept.languages
        listed = [(step, types.of(step).options(step) if step.choices else ()) for step in dialog.questions]
        said = [
            text
            for step, options in listed
            for text in (step.label, step.hint, *(each.label or dict.fromkeys(tags, each.name) for each in options))
        ]
        title, *texts = self.kept.texts(dialog.version, [dialog.title, *said], place)
        kept, questions = iter(texts), []
        for step, options in listed:
            told = figures.get(step.name, {})
            label, hint = next(kept), next(kept)
            chosen = [OptionTold(next(kept), told.get(each.name)) for each in options]
            questions.append(QuestionTold(label, hint, chosen, told.get(ANSWERED)))
        return title, questions

    def _asked(self, number: int, broadcast: Broadcast) -> AskedTold:
        dialog, place = self._dialog(broadcast.dialog_hash), f"asked/{number:03}"
        title, questions = self._told(dialog, place, self._figures(broadcast, dialog))
        for step, question in zip(dialog.questions, questions, strict=True):
            if step.name == signs.STANDS:
                told = _Asked(
                    broadcast.id, number, self._day(broadcast.due_at), "\n".join(step.label.values()), question
                )
                self._stands.setdefault(dialog.name, []).append(told)
        decisions = [
            self._decision(read, number)
            for each in reversed(self._unit.decisions.because_of(broadcast.id))
            if each.state == "told" and each.told_at is not None and not aloud.waits(self._unit, each)
            if (read := said_back.outside(each)) is not None
        ]
        return AskedTold(
            number,
            self._day(broadcast.due_at),
            title,
            self._card(broadcast.purpose, number),
            dialog.name,
            self._pages.setdefault(dialog.name, len(self._pages) + 1),
            dialog.version,
            questions,
            decisions,
            self.kept.words(learnt.of(self._unit, broadcast), UNNAMED, place),
            _circles(circles.to_asked(self._unit, broadcast)),
        )

    def _card(self, card: Mapping[str, Any], number: int) -> dict[str, dict[str, str]]:
        """Return the parts of a purpose card, each by the languages in which it was written."""
        written = purposes.by_language(card)
        return {
            part: {
                tag: self.kept.words(str(said.get(part) or ""), tag, f"asked/{number:03}")
                for tag, said in written.items()
            }
            for part in purposes.WORDS
        }

    def _decision(self, decision: Decision, number: int) -> DecisionTold:
        assert decision.told_at is not None
        said = {
            tag: {part: self.kept.words(words, tag, f"asked/{number:03}") for part, words in parts.items()}
            for tag, parts in (decision.body.get("words") or {}).items()
        }
        read = aloud.read_at(self._unit, decision)
        bands = _circles(circles.to_told(self._unit, decision))
        day = self._day(read or decision.told_at)
        cannot = bool(decision.body.get("cannot"))
        return DecisionTold(day, decision.kind, said, read is not None, bands, cannot)

    def _sign(self, sign: Sign, written: Mapping[UUID, Sign], number: int) -> SignTold:
        place, line = f"signs#{number}", [sign]
        while (former := line[-1].former_id) is not None and former in written:
            line.append(written[former])
        return SignTold(sign.kind, sign.ended_at is not None, [self._wording(each, place) for each in line])

    def _wording(self, sign: Sign, place: str) -> WordingTold:
        """Return a sign in some words: what the group said when it was asked stands with what it said together."""
        judged = self._unit.signs.judgements([sign.id])
        asked = [each for each in self._stands.get(signs.name_of(sign), ()) if sign.words in each.sign_words]
        words = [signs.GroupWord(each.day, each.broadcast_id) for each in asked]
        words += [signs.GroupWord(each.said_on, each.id, judged=each) for each in judged if each.said_by == "group"]
        of_asked = {each.broadcast_id: each for each in asked}
        stood = []
        for word, team in sign_order.in_order(words, [each for each in judged if each.said_by == "team"]):
            beside = [self._standing(each, place) for each in team]
            if word is None:
                stood.append(GroupTold(team=beside))
            elif word.judged is not None:
                stood.append(GroupTold(self._standing(word.judged, place), day=word.said_on, team=beside))
            else:
                told = of_asked[word.beside_id]
                stood.append(GroupTold(None, told.number, told.day, told.question, beside))
        return WordingTold(self.kept.words(sign.words, UNNAMED, place), stood)

    def _standing(self, judged: Judgement, place: str) -> StandingTold:
        words, against = (self.kept.words(each, UNNAMED, place) for each in (judged.words, judged.against))
        return StandingTold(judged.said_on, judged.said_by, judged.value, words, against, _band(judged.present or 0))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _circles(found: Sequence[CircleWord]) -> list[int]:
    """Return the lowest number of the band of each circle that answered, the largest first; of few people none."""
    return sorted(filter(None, (_band(each.present) for each in found)), reverse=True)


def _band(people: int) -> int | None:
    """Return the lowest number of the band that a count is in; None below the first."""
    return people - people % BAND if people >= BAND else None
