"""Answers split into pages that fit a phone: nothing is left out, and each page knows which runs it shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bot.conversation import asides
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import Speech, media_of
from bot.rendering.texts import pages, shorten
from bot.services import own_paper
from dialogs import wording
from dialogs.model import Dialog, Media, Step
from dialogs.run import Answer
from storage.asides import Aside
from storage.people import Person
from storage.readings import beside
from storage.runs import UNSEEN, RunRow

ROOM = 400  # characters of answers on a page, so that it fits a phone's screen with its heading
HEADED = 24  # characters of each name in a heading
WORTH = 240  # characters that must be left on a page for a long answer to begin there
MEDIA_ON_A_PAGE = 4
NAME = 16  # characters of a nickname on a button


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """One written answer: its run, question path, the person's name, text, voice notes and photos."""

    run_id: UUID
    path: str
    name: str
    text: str
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """A page: its text, its runs, and its voice notes and photos with the name of the person they are from.

    `ends` are the answers, by run and question, whose last part is on this page.
    """

    text: str
    runs: frozenset[UUID]
    media: tuple[tuple[str, Media], ...] = ()
    ends: frozenset[tuple[UUID, str]] = frozenset()

    def of(self, run_id: UUID) -> list[str]:
        """Return the question paths of a run whose answers end here, and the paths of their asides."""
        return [each for run, path in self.ends if run == run_id for each in (path, beside(path))]


def packed(pieces: Iterable[AnswerBlock]) -> list[AnswerPage]:
    """Return the pages for some answers, in order, each answer whole on a page if it fits; a longer one continues."""
    leaves: list[AnswerPage] = []
    for piece in pieces:
        text, left = piece.text, ROOM - len(leaves[-1].text) - 2 if leaves else 0
        if len(text) > ROOM and left >= WORTH:
            begun = pages(text, left)[0]
            _add(leaves, begun, piece.run_id)
            text = text[len(begun) :].lstrip()
        for part in pages(text, ROOM):
            _add(leaves, part, piece.run_id)
        for media in piece.media:
            last = leaves[-1]
            if len(last.media) == MEDIA_ON_A_PAGE:
                last = AnswerPage(f"{piece.name} …", frozenset({piece.run_id}))
                leaves.append(last)
            leaves[-1] = replace(last, media=(*last.media, (piece.name, media)))
        leaves[-1] = replace(leaves[-1], ends=leaves[-1].ends | {(piece.run_id, piece.path)})
    return leaves


def _add(leaves: list[AnswerPage], text: str, run_id: UUID) -> None:
    last = leaves[-1] if leaves else None
    if last is not None and len(last.text) + 2 + len(text) <= ROOM:
        leaves[-1] = replace(last, text=f"{last.text}\n\n{text}", runs=last.runs | {run_id})
    else:
        leaves.append(AnswerPage(text, frozenset({run_id})))


def of_run(turns: Turns, speech: Speech, author: Person, row: RunRow) -> list[AnswerPage]:
    """Return the pages of a run's answers, question by question."""
    given = turns.answers(speech.unit, author, row)
    dialog = turns.dialog(speech.unit, row.dialog_hash)
    damaged = speech.unit.answers.damaged(row.id, author, (step.name for step in dialog.questions))
    beside = speech.unit.asides.of(row.id, author)
    pieces = []
    for step in dialog.questions:
        lines, media = _said(speech, step, given.get(step.name), beside, damaged=step.name in damaged)
        if lines:
            text = "\n".join((wording.choose(step.label, speech.language), *lines))
            pieces.append(AnswerBlock(row.id, step.name, speech.called(author), text, media))
    if pieces and (told := _agreed_on_paper(speech, row)):
        pieces[0] = replace(pieces[0], text=f"{told}\n\n{pieces[0].text}")
    return packed(pieces)


def marked(speech: Speech, row: RunRow) -> str:
    """Return that one of the team typed in what was said on paper, and what its person said of that; '' for others."""
    if not row.on_paper:
        return ""
    return speech.words("read.on_paper.unseen" if row.on_paper == UNSEEN else "read.on_paper.agreed")


def _agreed_on_paper(speech: Speech, row: RunRow) -> str:
    """Return how somebody agreed to what was typed in for them, and what they said against it; '' for other runs."""
    found = own_paper.agreement_of(row)
    if found is None:
        return ""
    how, typist = speech.words(f"paper.how.{found.how}"), own_paper.typist_of(speech.unit, row)
    name = typist.display_name if typist is not None else speech.words("leader.who.somebody")
    facts = {"how": how, "by": found.asked_by, "name": shorten(name, HEADED)}
    told = speech.texts.count("read.on_paper.how", speech.language, found.present, **facts)
    if not found.present:
        told = speech.words("read.on_paper.alone", **facts)
    return "\n".join((told, speech.words("paper.against", words=found.against))) if found.against else told


def to_question(turns: Turns, speech: Speech, author: Person, row: RunRow, step: Step) -> AnswerBlock | None:
    """Return what one person said to one question, under their name; None if they said nothing."""
    given = turns.answers(speech.unit, author, row).get(step.name)
    damaged = given is None and bool(speech.unit.answers.damaged(row.id, author, (step.name,)))
    lines, media = _said(speech, step, given, speech.unit.asides.of(row.id, author), damaged=damaged)
    name = speech.called(author)
    head = " · ".join(filter(None, (name, marked(speech, row))))
    return AnswerBlock(row.id, step.name, name, "\n".join((head, *lines)), media) if lines else None


def _said(
    speech: Speech, step: Step, answer: Answer | None, beside: Sequence[Aside], *, damaged: bool
) -> tuple[list[str], tuple[Media, ...]]:
    """Return the lines of an answer and its asides, and the voice notes and photos of both."""
    lines = [quoted(speech, step, answer)] if answer is not None else []
    if damaged:
        lines.append(f"→ {speech.words('damaged.said')}")
    found = asides.readable(beside, step.name, answered=answer is not None)
    lines += [speech.words("read.aside", words=asides.quoted(speech, each)) for each in found]
    values = [answer.value if answer is not None else None, *(each.pieces for each in found)]
    return lines, tuple(piece for value in values for piece in media_of(value))


def quoted(speech: Speech, step: Step, answer: Answer) -> str:
    """Return one answer as text: choices in the reader's language, anything else in the participant's own words."""
    value = answer.value
    chosen = value if isinstance(value, tuple) else (value,)
    labels = {choice.name: wording.choose(choice.label, speech.language) for choice in step.choices}
    if chosen and all(str(each) in labels for each in chosen):
        return f"→ {', '.join(labels[str(each)] for each in chosen)}"
    return f"→ {speech.described(value, answer.label)}"


def heading(turns: Turns, speech: Speech, name: str, row: RunRow) -> str:
    """Return a page's heading: name, dialog, cohort and day."""
    dialog = turns.dialog(speech.unit, row.dialog_hash)
    cohort = speech.unit.cohorts.get(row.cohort_id) if row.cohort_id else None
    day = speech.texts.short_day(row.active_at, zone(turns, speech), speech.language)
    parts = (shorten(part, HEADED) for part in (name, title(dialog, speech), cohort.name if cohort else "", day))
    return " · ".join(filter(None, parts))


def title(dialog: Dialog, speech: Speech) -> str:
    """Return a dialog's title in the reader's language."""
    return wording.choose(dialog.title, speech.language)


def zone(turns: Turns, speech: Speech) -> str:
    """Return the time zone in which dates are shown to a reader."""
    return turns.organisation.zone(speech.unit, speech.person)


def plays(speech: Speech, leaf: AnswerPage) -> list[Button]:
    """Return a button for each voice note and photo of a page."""
    found = []
    for name, media in leaf.media:
        minutes, seconds = divmod(media.seconds or 0, 60)
        code = "button.play_of" if media.kind == "voice" else "button.show_of"
        label = speech.words(code, name=shorten(name, NAME), time=f"{minutes}:{seconds:02d}")
        found.append(Button(label, speech.buttons.plain(targets.PLAY, media.id)))
    return found
