"""The participant's own answers: the runs they had, what they said in each, and buttons to change or erase it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from bot.conversation import asides
from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import LABEL, Pager, Screen, Turned
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant.arguments import EraseAnswer, EraseRun
from bot.rendering import targets
from bot.rendering.arguments import Argument, decoded
from bot.rendering.ids import short_id
from bot.rendering.speech import media_of, rows
from bot.rendering.texts import shorten
from bot.services import answers_shown
from bot.services.earlier import is_shut, shuts_anything
from bot.services.permissions import EVERYONE
from dialogs import wording
from dialogs.model import Media, Step
from dialogs.run import Answer
from storage.asides import Aside
from storage.runs import UNSEEN, RunRow

SHOWN = 4  # conversations or questions on one screen
CHANGEABLE = timedelta(hours=48)  # for so long after it was completed, a run can still be corrected
UNFINISHED = frozenset({"open", "postponed"})


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question with its answer, if it has one, and the asides to it.

    `place` is the question's index among the dialog's steps; erasing an answer does not change it. `hidden` says that
    nothing of it stands in a list of answers: it raised an alert, or its author asks for that.
    """

    place: int
    step: Step
    answer: Answer | None
    asked: str
    beside: tuple[Aside, ...] = ()
    hidden: bool = False

    @property
    def media(self) -> list[Media]:
        """Return every voice note and photo in the answer and its asides."""
        values = [self.answer.value if self.answer else None, *(each.pieces for each in self.beside)]
        return [piece for value in values for piece in media_of(value)]


class Conversations(Argument):
    """A page of the participant's runs."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OneConversation(Argument):
    """A page of what was said in one run."""

    layout: ClassVar[str] = "r{run}[.{page}]"
    run: UUID
    page: int = 0


class WhichAnswer(Argument):
    """A page of a run's questions, to choose one."""

    layout: ClassVar[str] = "l{run}[.{page}]"
    run: UUID
    page: int = 0


class OneAnswer(Argument):
    """A page of one answer, by its question's place in the dialog."""

    layout: ClassVar[str] = "q{run}.{place}[.{page}]"
    run: UUID
    place: int
    page: int = 0


class AnswerMedia(Argument):
    """The voice notes and photos of one answer."""

    layout: ClassVar[str] = "m{run}.{place}"
    run: UUID
    place: int


class ShowAnyway(Argument):
    """A yes to showing answers on a phone that others see, and what was to be shown."""

    layout: ClassVar[str] = "y{rest:all}"
    rest: str


class AnswersClosed(Argument):
    """The button that closes a run: what was shown is replaced."""

    layout: ClassVar[str] = "c"


SHOWABLE: Final = (Conversations, OneConversation, WhichAnswer, OneAnswer, AnswerMedia)
MINE = Action(
    targets.MINE,
    EVERYONE,
    (Conversations, OneConversation, WhichAnswer, OneAnswer, AnswerMedia, AnswersClosed, ShowAnyway),
    commands=("mydata", "change"),
    states=ALSO_LEFT,
    offered=5,
)


class AnswerScreens:
    """Screens of the participant's own answers."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(MINE)
    def mine(
        self,
        screen: Screen,
        argument: Conversations | OneConversation | WhichAnswer | OneAnswer | AnswerMedia | AnswersClosed | ShowAnyway,
    ) -> None:
        """Show what the button asks for, on a phone that others see only after a yes."""
        if isinstance(argument, AnswersClosed):
            answers_shown.close(screen.unit, screen.person)
            screen.show(screen.words("leader.closed"), rows(screen.button("button.mine", MINE), screen.menu()))
        elif isinstance(argument, ShowAnyway):
            person = answers_shown.say_yes(screen.unit, screen.person)
            self._show(replace(screen, person=person), decoded(SHOWABLE, argument.rest) or Conversations())
        elif answers_shown.open_now(screen.unit, screen.person):
            self._show(screen, argument)
        else:
            yes = screen.button("button.answers_yes", MINE, ShowAnyway(argument.encoded()))
            no = screen.button("button.answers_no", targets.HOME)
            screen.show(screen.words("shown.ask"), rows(yes, no))

    def _show(self, screen: Screen, argument: Argument) -> None:
        """Show a page of runs, one run, its questions, or one answer."""
        if isinstance(argument, Conversations):
            self.all(screen, argument.page)
            return
        assert isinstance(argument, OneConversation | WhichAnswer | OneAnswer | AnswerMedia)
        row = self.read(screen, argument.run)
        given = self.answered_questions(screen, row) if row else []
        if row is None or not given:
            self.all(screen, 0)
            return
        match argument:
            case OneConversation(_, page):
                self._conversation(screen, row, given, page)
            case WhichAnswer(_, page):
                self._pick(screen, row, given, page)
            case OneAnswer(_, place) | AnswerMedia(_, place):
                found = next((each for each in given if each.place == place), None)
                if found is None:
                    self._conversation(screen, row, given, 0)
                elif isinstance(argument, AnswerMedia) and found.media:
                    self._media(screen, row, found)
                else:
                    self._answer(screen, row, found, argument.page if isinstance(argument, OneAnswer) else 0)

    def read(self, screen: Screen, run_id: UUID) -> RunRow | None:
        """Return a run of the participant that may be shown here, or None."""
        row = screen.unit.runs.read(run_id, screen.person)
        return None if row is None or is_shut(screen.speech, row) else row

    def all(self, screen: Screen, page: int) -> None:
        """List the runs that have answers, the newest first."""
        found = [row for row in screen.unit.runs.answered(screen.person) if self._is_shown(screen, row)]
        if not found:
            none = "leader.mine.shut" if shuts_anything(screen.speech) else "leader.mine.none"
            screen.show(screen.words(none), rows(screen.button("button.erase", targets.ERASE), screen.menu()))
            return
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [screen.labelled(self.title(screen, row), MINE, OneConversation(row.id)) for row in pager.cut(found)]
        turns = _turns(screen, Conversations, pager)
        keyboard = rows(*buttons) + turns + rows(screen.button("button.erase", targets.ERASE), screen.menu())
        screen.show(screen.speech.texts.count("leader.mine", screen.speech.language, len(found)), keyboard)

    def title(self, screen: Screen, row: RunRow) -> str:
        """Return a run's title and day, short enough for a button."""
        dialog = self._turns.dialog(screen.unit, row.dialog_hash)
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.short_day(row.started_at, zone, screen.speech.language)
        return f"{shorten(wording.choose(dialog.title, screen.speech.language), LABEL)} · {day}"

    def answered_questions(self, screen: Screen, row: RunRow) -> list[AnsweredQuestion]:
        """List a run's questions that were answered or skipped or have an aside, in the dialog's order."""
        answers = self._turns.answers(screen.unit, screen.person, row)
        dialog = self._turns.dialog(screen.unit, row.dialog_hash)
        beside = screen.unit.asides.of(row.id, screen.person)
        labels = {path: answer.label for path, answer in answers.items()}
        raised, hashed = screen.unit.alerts.raised_in(row.id), screen.unit.vault.path_hash
        return [
            AnsweredQuestion(
                place,
                step,
                answers.get(step.name),
                wording.fill(self._asked(screen, step), labels),
                tuple(each for each in beside if each.path == step.name),
                hidden=step.discreet or (bool(raised) and hashed(row.id, step.name) in raised),
            )
            for place, step in enumerate(dialog.steps)
            if step.waits and (step.name in answers or any(each.path == step.name for each in beside))
        ]

    def _is_shown(self, screen: Screen, row: RunRow) -> bool:
        if is_shut(screen.speech, row):
            return False
        return self._turns.dialog(screen.unit, row.dialog_hash).kind != "staff"

    def _asked(self, screen: Screen, step: Step) -> str:
        return wording.choose(step.label, screen.speech.language)

    def _conversation(self, screen: Screen, row: RunRow, given: list[AnsweredQuestion], page: int) -> None:
        lines = [self.title(screen, row)]
        if row.on_paper:
            lines[0] = f"{lines[0]}\n{screen.words('on_paper.mark')}"
        lines += [listed(screen, each) for each in given]
        asked = (step.name for step in self._turns.dialog(screen.unit, row.dialog_hash).steps)
        if screen.unit.answers.damaged(row.id, screen.person, asked):
            lines.append(screen.words("damaged.yours"))
        text, turns = screen.page("\n\n".join(lines), page, MINE, partial(OneConversation, row.id))
        agree = [screen.button("button.on_paper.agree", targets.OWN_PAPER, f"k{short_id(row.id)}")]
        keyboard = turns + rows(
            *(agree if row.on_paper == UNSEEN else []),
            screen.button("button.pick_answer", MINE, WhichAnswer(row.id)),
            screen.button("button.erase_run", targets.ERASE, EraseRun("r", row.id)),
            screen.button("button.close", MINE, AnswersClosed()),
            screen.button("button.mine", MINE),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _pick(self, screen: Screen, row: RunRow, given: list[AnsweredQuestion], page: int) -> None:
        """Let the participant choose one of a run's answers."""
        pager = Pager.of(len(given), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(f"{number} · {shorten(each.asked, LABEL)}", MINE, OneAnswer(row.id, each.place))
            for number, each in enumerate(pager.cut(given), pager.first + 1)
        ]
        turns = _turns(screen, partial(WhichAnswer, row.id), pager)
        keyboard = (
            rows(*buttons) + turns + rows(screen.button("button.return", MINE, OneConversation(row.id)), screen.menu())
        )
        screen.show(screen.words("leader.mine.which"), keyboard)

    def _answer(self, screen: Screen, row: RunRow, given: AnsweredQuestion, page: int) -> None:
        text = written_out(screen, given)
        changeable = self._changeable(screen, row)
        text, turns = screen.page(text, page, MINE, partial(OneAnswer, row.id, given.place))
        if not changeable:
            text = f"{text}\n\n{screen.words('leader.mine.too_late')}"
        change = []
        if changeable and given.answer is not None:
            identity = screen.speech.buttons.run(row.id, row.prompt, "change", given.step.name)
            change.append(Button(screen.words("button.change"), identity))
        sent = {piece.kind for piece in given.media}
        code = "button.both_mine" if len(sent) > 1 else "button.see_mine" if "photo" in sent else "button.hear_mine"
        hear = [screen.button(code, MINE, AnswerMedia(row.id, given.place))] if sent else []
        keyboard = turns + rows(
            *hear,
            *change,
            screen.button("button.erase_answer", targets.ERASE, EraseAnswer("q", row.id, given.place)),
            screen.button("button.return", MINE, OneConversation(row.id)),
            screen.button("button.close", MINE, AnswersClosed()),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _media(self, screen: Screen, row: RunRow, given: AnsweredQuestion) -> None:
        """Send the participant's own voice notes and photos; they are not protected from forwarding and saving."""
        *before, last = given.media
        for piece in before:
            screen.speech.media(piece, protect=False)
        back = screen.speech.button("button.return", MINE, OneAnswer(row.id, given.place))
        screen.speech.media(last, rows(back, screen.speech.button("button.menu", targets.HOME)), protect=False)

    def _changeable(self, screen: Screen, row: RunRow) -> bool:
        if screen.person.participation != "active":
            return False
        if row.status in UNFINISHED:
            return True
        ended = row.state.get("completed_at") if row.status == "completed" else None
        return ended is not None and screen.unit.now - datetime.fromisoformat(ended) <= CHANGEABLE


def written_out(screen: Screen, given: AnsweredQuestion) -> str:
    """Return a question with its answer and its asides as text."""
    lines = [given.asked]
    if given.answer is not None:
        lines.append(f"→ {said(screen, given.answer)}")
    lines += [screen.words("aside.own", words=asides.quoted(screen.speech, each)) for each in given.beside]
    return "\n".join(lines)


def listed(screen: Screen, given: AnsweredQuestion) -> str:
    """Return a question with what was said to it; without that where it is hidden, and opens by a tap of its own."""
    if not given.hidden:
        return written_out(screen, given)
    return f"{given.asked}\n→ {screen.words('chosen.discreet')}"


def said(screen: Screen, answer: Answer) -> str:
    """Return an answer as the participant gave it; a voice note or photo is named, as it has no words."""
    if answer.value is None:
        return screen.words("chosen.skipped")
    if isinstance(answer.value, tuple) and any(isinstance(piece, Media) for piece in answer.value):
        told = [
            piece if isinstance(piece, str) else screen.words(f"leader.media.{piece.kind}") for piece in answer.value
        ]
        return "\n".join(told)
    return answer.label


def _turns(screen: Screen, turned: Turned, pager: Pager) -> Keyboard:
    return pager.turns(lambda code, number: screen.button(code, MINE, turned(number)))
