"""How somebody who asked for support wants to be reached: asked, seen, changed and erased by that person alone.

On a phone that others see all of it is one message, which goes after two minutes, and what is typed goes at once.
"""

from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant.care_card import STAYS
from bot.participant.waiting import cancel, forget, wait
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import reading_pages, support
from bot.services.chat_cleanup import take_words
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from dialogs.replies import yes_or_no
from storage.people import Person

READERS: Final = 4  # looks that are listed
SINCE: Final = support.NOTE_STAYS * 3
SLOW: Final = timedelta(minutes=10)
"""How long words are waited for on a phone that others see: later, somebody else may be writing."""


class ReachNoteShown(Argument):
    """The note; an answer to whether calling does no harm; erase the note; or write nothing after all."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "yes", "no", "drop", "cancel"] = ""


REACH = Action(targets.REACH, EVERYONE, (ReachNoteShown,))
REACH_CALL = Action("reach_call", EVERYONE)
REACH_WHERE = Action("reach_where", EVERYONE)
REACH_HOUR = Action("reach_hour", EVERYONE)
REACH_OTHER = Action("reach_other", EVERYONE)
TYPED: Final = {REACH_CALL.name: "where", REACH_WHERE.name: "where", REACH_HOUR.name: "hour", REACH_OTHER.name: "other"}
"""The questions that are answered in words, by the action that waits for them."""
ASKS: Final = {
    "button.reach_call": REACH_CALL,
    "button.reach_where": REACH_WHERE,
    "button.reach_hour": REACH_HOUR,
    "button.reach_other": REACH_OTHER,
}


class ReachingScreens:
    """The screen of the note, and its questions."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(REACH)
    def reach(self, screen: Screen, argument: ReachNoteShown) -> None:
        """Show the note, or change it."""
        if argument.step == "cancel" and not watched(screen.person):
            cancel(screen)
            return
        if argument.step in {"yes", "no"}:
            support.write_note(screen.unit, screen.person, call=argument.step == "yes")
        elif argument.step == "drop":
            support.drop_note(screen.unit, screen.person)
        self.show(screen)

    @handles(REACH_CALL)
    def call(self, screen: Screen) -> None:
        """Ask whether it does no harm to call; a condition that is typed is kept beside where to call."""
        wait(screen, REACH_CALL)
        ways = rows(
            screen.button("button.reach_yes", REACH, ReachNoteShown("yes")),
            screen.button("button.reach_no", REACH, ReachNoteShown("no")),
            screen.button("button.return", REACH),
        )
        self._put(screen, screen.words("reach.ask.call"), ways)

    @handles(REACH_WHERE)
    def where(self, screen: Screen) -> None:
        """Ask where to reach the person."""
        self._ask(screen, REACH_WHERE)

    @handles(REACH_HOUR)
    def hour(self, screen: Screen) -> None:
        """Ask at what hour."""
        self._ask(screen, REACH_HOUR)

    @handles(REACH_OTHER)
    def other(self, screen: Screen) -> None:
        """Ask what to say if somebody else answers."""
        self._ask(screen, REACH_OTHER)

    def _ask(self, screen: Screen, action: Action) -> None:
        wait(screen, action)
        rather_not = screen.button("button.rather_not", REACH, ReachNoteShown("cancel"))
        self._put(screen, screen.words(f"reach.ask.{TYPED[action.name]}"), rows(rather_not, self._menu(screen)))

    def _put(self, screen: Screen, text: str, keyboard: Keyboard) -> None:
        """Show one of these screens; on a phone that others see the one before goes at once, and this one by itself."""
        unit, person = screen.unit, screen.person
        if not watched(person):
            screen.show(text, keyboard)
            return
        for panel in unit.panels.of(person.id, reading_pages.MEDIA):
            if panel.subject == person.id:
                reading_pages.take(self._turns, unit, person, panel)
        row = screen.speech.send(text, keyboard, protect=True)
        unit.panels.add(clock.new_id(), person.id, reading_pages.MEDIA, row, subject=person.id, until=unit.now + STAYS)

    def _menu(self, screen: Screen) -> Button:
        """Return the button to the menu, which stays where one of these screens goes."""
        return screen.speech.button("button.menu", targets.HOME) if watched(screen.person) else screen.menu()

    def too_late(self, person: Person, asked: datetime, now: datetime) -> bool:
        """Return whether words come so long after the question that somebody else may be writing them."""
        return watched(person) and now - asked > SLOW

    def _take_words(self, screen: Screen) -> None:
        """Take what was just typed off a phone that others see."""
        said = screen.unit.said
        if said is not None and watched(screen.person):
            take_words(screen.speech, said)

    def typed(self, screen: Screen, action: str, text: str) -> None:
        """Take typed words as the answer to one of the questions."""
        self._take_words(screen)
        words = " ".join(text.split())
        if action == REACH_CALL.name:
            if (safe := yes_or_no(words, digits=True)) is not None:
                support.write_note(screen.unit, screen.person, call=safe)
                self.show(screen)
                return
            note = screen.unit.reach_notes.get(screen.person)
            words = " · ".join(filter(None, (str(note.said.get("where") or "") if note else "", words)))
        if not words or len(words) > support.LONGEST:
            screen.speech.say("reach.long", rows(screen.button("button.return", REACH)), most=support.LONGEST)
            return
        support.write_note(screen.unit, screen.person, **{TYPED[action]: words})
        self.show(screen)

    def show(self, screen: Screen) -> None:
        """Show what the note says, who opened it, and a button for each question; on a watched phone quote nothing."""
        unit, person = screen.unit, screen.person
        forget(unit, person)
        note = unit.reach_notes.get(person)
        said = note.said if note is not None else {}
        lines = [screen.words("reach.shown.watched" if watched(person) else "reach.shown")]
        answered = [name for name in support.FIELDS if name in said]
        lines += [screen.words(f"reach.is.{name}", said=self._said(screen, said[name])) for name in answered]
        lines += self._looks(screen)
        buttons = [screen.button(code, action) for code, action in ASKS.items()]
        if note is not None:
            buttons.append(screen.button("button.reach_drop", REACH, ReachNoteShown("drop")))
        self._put(screen, "\n".join(lines), rows(*buttons, self._menu(screen)))

    def _said(self, screen: Screen, value: object) -> str:
        if watched(screen.person):
            return screen.words("chosen.discreet")
        return screen.words("reach.yes" if value else "reach.no") if isinstance(value, bool) else str(value)

    def _called(self, screen: Screen, actor: str) -> str:
        found = screen.unit.people.get(UUID(actor))
        return found.display_name if found else screen.words("leader.who.somebody")

    def _looks(self, screen: Screen) -> list[str]:
        """Return a line for each look at the note, the newest first; and what was noted as done."""
        unit, person = screen.unit, screen.person
        zone = self._turns.organisation.zone(unit, person)
        found = unit.audit.done(support.READ, unit.now - SINCE, [str(person.id)])
        told: dict[tuple[date, str], datetime] = {}
        for at, actor, _ in found:
            told.setdefault((at.astimezone(ZoneInfo(zone)).date(), actor), at)
        lines = []
        for (_, actor), at in list(told.items())[:READERS]:
            day = screen.speech.texts.short_day(at, zone, screen.speech.language)
            lines.append(screen.words("reach.looked", name=self._called(screen, actor), day=day))
        # On a phone that others see it is not said that anything was asked for.
        for each in () if watched(person) else unit.support_requests.of(person.id)[-READERS:]:
            day = screen.speech.texts.short_day(each.done_at or each.asked_at, zone, screen.speech.language)
            if each.done_by is None:
                lines.append(screen.words("reach.open", day=day))
            else:
                lines.append(screen.words("reach.done", name=self._called(screen, str(each.done_by)), day=day))
        return lines
