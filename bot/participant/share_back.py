"""What came of what somebody was asked: what the team heard and what follows, and what they say to that."""

from typing import ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from bot import clock
from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant import waiting
from bot.participant.conversation_with_team import TEAM
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, Speech, rows
from bot.rendering.texts import shorten
from bot.services import freezing, said_back, share_backs
from bot.services.freezing import BandFigure
from bot.services.permissions import EVERYONE, FACILITATORS, allowed
from bot.services.phones import watched
from dialogs import wording
from dialogs.run import Run
from storage.broadcasts import Delivery
from storage.decisions import Decision
from storage.people import Person
from storage.unit import Unit

SHOWN: Final = 5
ASKED: Final = 60
"""Characters of what was asked, where it is told what came of it."""
QUESTION: Final = 48
OPTION: Final = 32
"""Characters of a question and of an option beside a figure."""
Step: TypeAlias = Literal["o", "f", "n", "s", "h"]
WHAT: Final = "back"
"""What kind of message it is, should it not be sent."""


class ToldPage(Argument):
    """A page of what a group was told."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OneTold(Argument):
    """One thing that was told: open it (`o`), hear it (`h`); fine (`f`), or not after all (`n`); say back (`s`)."""

    layout: ClassVar[str] = "{step}{decision}"
    step: Literal["o", "f", "n", "s", "h"]
    decision: UUID


SHARE_BACK = Action(targets.SHARE_BACK, EVERYONE, (ToldPage, OneTold), commands=("decisions",), offered=10)


class ShareBackScreens:
    """The screens of what was told to a group."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(SHARE_BACK)
    def share_back(self, screen: Screen, argument: ToldPage | OneTold) -> Next:
        """Show what a group was told, or take what somebody says to it."""
        if isinstance(argument, ToldPage):
            return self._list(screen, argument.page)
        decision = said_back.to_read(screen.unit, screen.person, argument.decision)
        decision = said_back.outside(decision) if decision is not None else None
        if decision is None:
            screen.show(screen.words("back.gone"), rows(screen.menu()))
            return None
        said_back.opened(screen.unit, screen.person, decision)
        self._one(screen, decision, argument.step)
        return None

    def _one(self, screen: Screen, decision: Decision, step: Step) -> None:
        if step in {"f", "n"}:
            said_back.agree(screen.unit, screen.person, decision, fine=step == "f")
            code = f"back.fine.{decision.kind}" if step == "f" else "back.not_fine"
            undo = [screen.button("button.back.not_fine", SHARE_BACK, OneTold("n", decision.id))] if step == "f" else []
            ways = rows(*undo, says_back(screen.speech, decision), screen.menu())
            screen.show(screen.words(code), ways)
        elif step == "s":
            waiting.wait(screen, TEAM, about=decision.id)
            rather_not = screen.button("button.rather_not", TEAM, "cancel")
            screen.show(screen.words("back.say"), rows(rather_not, screen.menu()))
        elif step == "h":
            for name in voices(decision, screen.speech.language):
                screen.speech.play(name)
        else:
            screen.show(text(self._turns, screen.speech, decision), ways_of(screen.speech, screen.person, decision))

    def _list(self, screen: Screen, page: int) -> Next:
        """Show what the person's groups were told, the newest first; on a phone that others see, only when.

        One of the team who was told nothing is shown what the team told.
        """
        unit, person = screen.unit, screen.person
        cohorts = unit.memberships.of(person.id)
        found = unit.decisions.told_to(cohorts, SHOWN + 1, page * SHOWN) if cohorts else []
        if not found and allowed(unit, person, FACILITATORS):
            return Then(targets.DECIDE, "", screen)
        pager = Pager(page, page > 0, len(found) > SHOWN)
        shown = [each for each in found[:SHOWN] if said_back.outside(each) is not None]
        if not shown and not pager.after:
            screen.show(screen.words("back.none"), rows(screen.menu()))
            return None
        buttons = [screen.labelled(self._label(screen, each), SHARE_BACK, OneTold("o", each.id)) for each in shown]
        turns = pager.turns(lambda code, number: screen.button(code, SHARE_BACK, ToldPage(number)))
        screen.show(screen.words("back.which"), rows(*buttons) + turns + rows(screen.menu()))
        return None

    def _label(self, screen: Screen, decision: Decision) -> str:
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.short_day(decision.told_at or decision.made_at, zone, screen.speech.language)
        if watched(screen.person):
            return day
        return f"{day} · {shorten(title(self._turns, screen.speech, decision), LABEL)}"


def title(turns: Turns, speech: Speech, decision: Decision) -> str:
    """Return the title of what was asked."""
    asked = speech.unit.broadcasts.get(decision.broadcast_id)
    dialog = turns.dialog(speech.unit, asked.dialog_hash) if asked is not None else None
    return wording.choose(dialog.title, speech.language) if dialog is not None else ""


def text(turns: Turns, speech: Speech, decision: Decision) -> str:
    """Return a decision as those read it who were asked: what was asked, what was heard, what follows.

    What quotes words that are gone is left out: only the team reads that something is not there any more.
    """
    unit, decision = speech.unit, said_back.outside(decision) or decision
    asked = unit.broadcasts.get(decision.broadcast_id)
    cohort = unit.cohorts.get(decision.cohort_id)
    zone = turns.organisation.zone(unit, speech.person, cohort)
    day = speech.texts.short_day(asked.due_at, zone, speech.language) if asked is not None else ""
    lead = speech.words("back.asked", title=shorten(title(turns, speech, decision), ASKED), day=day)
    return "\n\n".join((lead, *lines(speech, decision)))


def lines(speech: Speech, decision: Decision) -> list[str]:
    """Return the parts of a decision in the reader's language, each under its heading."""
    said = share_backs.words_in(decision, speech.language)
    if not said:
        return [speech.words("damaged.said")]
    if decision.kind == "understood":
        codes = {"heard": "back.understood.heard"}
    else:
        follows = "back.cannot" if decision.body.get("cannot") else "back.follows"
        codes = {"heard": "back.heard", "follows": follows, "who": "back.who"}
    told = [speech.words(codes[part], words=words) for part, words in said.items()]
    if figures := [figure_line(speech, each) for each in freezing.of_decision(speech.unit, decision)]:
        told.insert(1, "\n".join(figures))
    return told


def figure_line(speech: Speech, figure: BandFigure) -> str:
    """Return a figure as it is told: of which question, in its band, what so many chose."""
    question = shorten(wording.choose(figure.step.label, speech.language), QUESTION)
    facts = {"question": question, "least": figure.least, "most": figure.most}
    if not figure.option:
        return speech.words("back.figure.answered", **facts)
    option = wording.choose(figure.label, speech.language) or figure.option
    return speech.words("back.figure.chose", option=shorten(option, OPTION), **facts)


def voices(decision: Decision, language: str) -> list[str]:
    """Return the recordings of a decision in a reader's language, those that say what it says."""
    kept: dict[str, str] = (decision.body.get("voice") or {}) if share_backs.whole(decision) else {}
    words = {tag: said.get("heard") or "" for tag, said in (decision.body.get("words") or {}).items()}
    name = wording.recorded(kept, words, language) if kept else ""
    return [name] if name else []


def says_back(speech: Speech, decision: Decision) -> Button:
    """Return the button with which somebody answers."""
    return speech.button("button.back.say", targets.SHARE_BACK, OneTold("s", decision.id))


def ways_of(speech: Speech, person: Person, decision: Decision) -> Keyboard:
    """Return what somebody can say to what they were told."""
    fine = said_back.says_fine(speech.unit, person, decision)
    code = "button.back.not_fine" if fine else f"button.back.fine.{decision.kind}"
    step: Step = "n" if fine else "f"
    hear = voices(decision, speech.language)
    return rows(
        speech.button(code, targets.SHARE_BACK, OneTold(step, decision.id)),
        says_back(speech, decision),
        *([speech.button("button.hear_it", targets.SHARE_BACK, OneTold("h", decision.id))] if hear else []),
        speech.button("button.menu", targets.HOME),
    )


def deliver(turns: Turns, unit: Unit, person: Person, delivery: Delivery) -> None:
    """Tell somebody what came of what they were asked; on a phone that others see, that something is there."""
    decision = unit.decisions.given_by(delivery.broadcast_id)
    if decision is None:
        unit.broadcasts.skip(delivery.id, "gone")
        return
    if share_backs.stop_incomplete(unit, decision):
        return
    speech = turns.speech(unit, person, lane=BROADCAST)
    run_id = clock.new_id()
    # A run that asks nothing, so that it is known whether it was sent, and who came to it.
    state, language = Run("offered").state(), speech.language
    named = (run_id, person, delivery.dialog_hash, "broadcast", state, "offered", language, delivery.cohort_id)
    unit.runs.create(*named, delivery_id=delivery.id)
    unit.broadcasts.started(delivery.id, run_id)
    if watched(person):
        look = speech.button("button.told_open", targets.SHARE_BACK, OneTold("o", decision.id))
        menu = speech.button("button.menu", targets.HOME)
        speech.send(speech.words("told.notice"), rows(look, menu), run_id=run_id, what=WHAT)
        return
    for name in voices(decision, speech.language):
        speech.recording(name)
    speech.send(text(turns, speech, decision), ways_of(speech, person, decision), run_id=run_id, what=WHAT)
