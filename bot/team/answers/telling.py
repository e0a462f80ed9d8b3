"""What participants are still to be told: say what was heard and what follows, or why not, or that it was told."""

from dataclasses import replace
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import Screen
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import aloud, broadcasts, share_backs
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.refusals import NotAllowed
from bot.services.share_backs import WIZARDS, ShareBackError
from bot.team.answers.quoting import telling
from bot.team.home import today
from bot.team.kit.decision_arguments import AloudOf, OneDecision
from bot.team.kit.feature import Feature
from bot.team.orders import learning
from storage.broadcasts import Broadcast
from storage.decisions import DecisionKind

OWED_SHOWN: Final = 5
TITLE: Final = 40  # characters of a title on a button
TASK_BROADCAST: Final = "broadcast"


class ToTell(Argument):
    """The list of broadcasts whose participants were not told yet what came of them."""

    layout: ClassVar[str] = ""


class OwedOne(Argument):
    """One such broadcast.

    Open it (`o`); say what was heard and what follows (`d`); ask whether it was understood (`u`); it was told
    otherwise (`y`), or was not after all (`n`); say why not (`w`), or take that back (`k`).
    """

    layout: ClassVar[str] = "{step}{order}"
    step: Literal["o", "y", "n", "d", "u", "w", "k"]
    order: UUID


TOLD = Action(targets.TOLD, FACILITATORS, (ToTell, OwedOne), menu=MenuPlace("first", 3))
WRITES: Final[dict[str, DecisionKind]] = {"d": "decision", "u": "understood"}


class TellingScreens(Feature):
    """The list of what is still to be told, and the ways to settle it."""

    @handles(TOLD)
    def told(self, screen: Screen, argument: ToTell | OwedOne) -> Next:
        """Show what participants are still to be told, or settle one of it."""
        if isinstance(argument, ToTell):
            return self._list(screen)
        broadcast = screen.unit.broadcasts.get(argument.order)
        if broadcast is None or not may_reach(screen.unit, screen.person, broadcast.cohort_id):
            raise NotAllowed(TOLD.name)
        match argument.step:
            case "d" | "u":
                return Begin(WIZARDS[WRITES[argument.step]], {TASK_BROADCAST: broadcast.id.hex})
            case "y" | "n":
                self._mark(screen, broadcast, told=argument.step == "y")
            case "w":
                self._why_not(screen, broadcast)
            case "k":
                share_backs.take_back_why_not(screen.unit, broadcast.id, screen.person)
                screen.show(screen.words("told.undone"), rows(screen.button("button.return", TOLD), screen.menu()))
            case "o":
                return self._one(screen, broadcast)
        return None

    def _list(self, screen: Screen) -> Next:
        """Show what is still to be told; what is typed there is what was heard, of whichever is chosen then."""
        left = today.owed(self._turns, screen.speech, screen.person)
        before = screen.button("button.told_before", targets.DECIDE)
        if not left:
            going = today.still_open(self._turns, screen.speech, screen.person)
            text = screen.speech.texts.count("told.open", screen.speech.language, going) if going else None
            follow = [screen.button("menu.progress", targets.PROGRESS)] if going else []
            screen.show(text or screen.words("told.none"), rows(*follow, before, screen.menu()))
            return None
        if screen.said and len(left) == 1:
            return self._heard(left[0].broadcast, screen.said)
        if screen.said:
            waiting.keep_words(screen.unit, screen.person, screen.said)
        buttons = [
            screen.labelled(
                shorten(f"{today.title(self._turns, screen.speech, each.broadcast)} · {each.cohort.name}", TITLE),
                TOLD,
                OwedOne("o", each.broadcast.id),
            )
            for each in left[:OWED_SHOWN]
        ]
        screen.show(screen.words("told.which"), rows(*buttons, before, screen.menu()))
        waiting.ask(screen, TOLD, ToTell())
        return None

    def _heard(self, broadcast: Broadcast, words: str) -> Begin:
        """Begin to write a decision whose first words were typed already."""
        return Begin(WIZARDS["decision"], {TASK_BROADCAST: broadcast.id.hex}, words)

    def _one(self, screen: Screen, broadcast: Broadcast) -> Next:
        """Show the ways to settle one broadcast; what is typed there, or was typed before it, is what was heard."""
        person, kept = waiting.kept_words(screen)
        screen = replace(screen, person=person)
        if words := screen.said or kept:
            return self._heard(broadcast, words)
        title = shorten(today.title(self._turns, screen.speech, broadcast), TITLE)
        cohort = screen.unit.cohorts.get(broadcast.cohort_id)
        left = share_backs.draft_of(screen.unit, broadcast.id, screen.person)
        laid = aloud.told_but_unread(screen.unit, broadcast.id)
        ways = [
            *([screen.speech.button("button.aloud", targets.ALOUD, AloudOf("o", laid.id))] if laid else []),
            *([screen.speech.button("button.told_draft", targets.DECIDE, OneDecision("o", left.id))] if left else []),
            screen.button("button.told_say", TOLD, OwedOne("d", broadcast.id)),
            screen.button("button.told_ask", TOLD, OwedOne("u", broadcast.id)),
            screen.button("button.told", TOLD, OwedOne("y", broadcast.id)),
            screen.button("button.untold.why", TOLD, OwedOne("w", broadcast.id)),
            *telling(screen, broadcast),
            *learning.offered(screen, broadcast),
        ]
        text = screen.words("told.ask", title=title, cohort=cohort.name if cohort else "")
        screen.show(text, (*rows(*ways), (screen.button("button.return", TOLD), screen.menu())))
        waiting.ask(screen, TOLD, OwedOne("o", broadcast.id))
        return None

    def _mark(self, screen: Screen, broadcast: Broadcast, *, told: bool) -> None:
        broadcasts.mark_told(screen.unit, screen.person, broadcast.id, told=told)
        undo = screen.button("button.not_told", TOLD, OwedOne("n", broadcast.id))
        keyboard = rows(*([undo] if told else []), screen.button("button.return", TOLD), screen.menu())
        screen.show(screen.words("told.done" if told else "told.undone"), keyboard)

    def _why_not(self, screen: Screen, broadcast: Broadcast) -> None:
        """Ask why they are not told, or keep what was typed."""
        again = screen.words("repeats.why_not")
        if screen.said:
            try:
                share_backs.say_why_not(screen.unit, broadcast.id, screen.said, screen.person)
            except ShareBackError as error:
                again = screen.words(error.code, **error.facts)
            else:
                undo = screen.button("button.not_told", TOLD, OwedOne("k", broadcast.id))
                keyboard = rows(undo, screen.button("button.return", TOLD), screen.menu())
                screen.show(screen.words("told.why_not.done"), keyboard)
                return
        screen.show(again, rows(screen.button("button.return", TOLD, OwedOne("o", broadcast.id)), screen.menu()))
        waiting.ask(screen, TOLD, OwedOne("w", broadcast.id))
