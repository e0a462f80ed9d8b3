"""What one that comes back asks: other words for it, in the library, or another dialog in its place."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import coming, own_dialogs, rewording, schedule_words, schedules
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature
from bot.team.orders import composing, drafts, last_warnings
from bot.team.orders.drafts import Draft
from bot.team.orders.library import LIB_PICK, DialogIn
from bot.team.orders.repeats import OneRepeat
from dialogs import languages, wording
from dialogs.model import Dialog
from storage.schedules import Schedule

SHOWN: Final = 5


class Rewording(Argument):
    """One that comes back, the place of a dialog in turn, and what is done with it.

    Steps: show it (`o`), copy what cannot be changed (`c`), list others (`l`, `more` is a page), ask another (`d`,
    `more` is its short name), as before (`u`).
    """

    layout: ClassVar[str] = "{step}{schedule}[.{place}[.{more}]]"
    step: Literal["o", "c", "l", "d", "u"]
    schedule: UUID
    place: int | None = None
    more: str = ""


REPEAT_WORDS = Action(targets.REPEAT_WORDS, FACILITATORS, (Rewording,))


class RewordingScreens(Feature):
    """The screens on which that is changed."""

    @handles(REPEAT_WORDS)
    def words(self, screen: Screen, argument: Rewording) -> None:
        """Show what is asked and from when on a change holds, or change it."""
        try:
            schedule = schedules.reached(screen.unit, argument.schedule, screen.person)
        except NotFound:
            screen.show(screen.words("repeats.none"), rows(screen.button("button.repeats", targets.REPEATS)))
            return
        place = argument.place if argument.place is not None else 0 if len(schedule.dialogs) == 1 else None
        if place is None or not 0 <= place < len(schedule.dialogs):
            self._which(screen, schedule)
            return
        try:
            self._do(screen, schedule, argument, place)
        except AlreadyDone:
            self._show(screen, schedule, place, screen.words("repeats.already"))
        except ScheduleError as error:
            self._show(screen, schedule, place, screen.words(error.code, **error.facts))

    def _do(self, screen: Screen, schedule: Schedule, argument: Rewording, place: int) -> None:
        unit, by = screen.unit, screen.person
        if argument.step == "l":
            self._others(screen, schedule, place, int(argument.more) if argument.more.isdecimal() else 0)
        elif argument.step == "u":
            self._changed(screen, rewording.take_back(unit, schedule.id, place, by), place)
        elif argument.step == "d":
            other = drafts.dialog_named(self._turns, unit, by, argument.more)
            if other is None:
                self._show(screen, schedule, place, screen.words("lib.gone"))
            else:
                self._changed(screen, rewording.choose(unit, schedule.id, place, other, by), place)
        elif argument.step == "c" and (present := self._present(screen, schedule, place)) is not None:
            if schedule.state == "ended" or self._over(schedule, place):
                raise ScheduleError("repeats.words.last")  # before a copy is made that nobody would be asked
            copy = composing.copy(self._turns, unit, by, present)
            self._changed(screen, rewording.choose(unit, schedule.id, place, copy, by), place)
        else:
            self._show(screen, schedule, place, "")

    def _which(self, screen: Screen, schedule: Schedule) -> None:
        """Ask which of those in turn is to change."""
        buttons = [
            screen.labelled(
                shorten(self._title(screen, schedule, place), LABEL), REPEAT_WORDS, Rewording("o", schedule.id, place)
            )
            for place in range(len(schedule.dialogs))
        ]
        screen.show(screen.words("repeats.words.which"), rows(*buttons, self._back(screen, schedule)))

    def _show(self, screen: Screen, schedule: Schedule, place: int, lead: str, *undo: Button) -> None:
        """Show what is asked at a place, from when on a change holds, and what can be changed."""
        title = shorten(self._title(screen, schedule, place), LABEL * 2)
        told = f"{screen.words('repeats.words', title=title)} {self._holds(screen, schedule, place)}"
        buttons, present = [*undo], self._present(screen, schedule, place)
        if schedule.state != "ended" and not self._over(schedule, place):
            if present is not None and self._mine(screen, schedule, present, place):
                at = DialogIn(drafts.short(present), languages.base(screen.speech.language), 0)
                buttons.append(screen.button("button.lib_words", LIB_PICK, at))
            elif present is not None:
                buttons.append(
                    screen.button("button.repeats_words_copy", REPEAT_WORDS, Rewording("c", schedule.id, place))
                )
            buttons.append(
                screen.button("button.repeats_words_other", REPEAT_WORDS, Rewording("l", schedule.id, place))
            )
        screen.show("\n\n".join(filter(None, (lead, told))), rows(*buttons, self._back(screen, schedule)))

    def _others(self, screen: Screen, schedule: Schedule, place: int, page: int) -> None:
        """List what can be asked instead."""
        present = self._present(screen, schedule, place)
        shelves = own_dialogs.shelves(screen.unit, screen.person)
        found = [
            each
            for each in drafts.offered(self._turns, screen.unit, shelves)
            if present is None or each.name != present.name
        ]
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(
                shorten(wording.choose(each.title, screen.speech.language), LABEL),
                REPEAT_WORDS,
                Rewording("d", schedule.id, place, drafts.short(each)),
            )
            for each in pager.cut(found)
        ]
        turns = pager.turns(
            lambda code, number: screen.button(code, REPEAT_WORDS, Rewording("l", schedule.id, place, str(number)))
        )
        text = f"{screen.words('repeats.words.other')} {self._holds(screen, schedule, place)}"
        back = screen.button("button.back", REPEAT_WORDS, Rewording("o", schedule.id, place))
        screen.show(text, (*rows(*buttons), *turns, *rows(back)))

    def _changed(self, screen: Screen, schedule: Schedule, place: int) -> None:
        """Say what is asked now, from when on, what of it could give somebody away, and how to take it back."""
        lead, present = [screen.words("repeats.words.done")], self._present(screen, schedule, place)
        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        if present is not None and cohort is not None:
            lead += last_warnings.of_draft(screen, cohort, Draft.new(present.name), present).told
        undo = screen.button("button.repeats_moved_back", REPEAT_WORDS, Rewording("u", schedule.id, place))
        self._show(screen, schedule, place, "\n\n".join(lead), undo)

    def _holds(self, screen: Screen, schedule: Schedule, place: int) -> str:
        """Return from when on a change holds, and that what lies ready stays as it is."""
        if schedule.state == "ended" or self._over(schedule, place):
            return screen.words("repeats.words.last")
        if schedules.is_way(schedule):
            return screen.words("repeats.words.way")
        if schedule.state == "paused":
            return screen.words("repeats.words.paused")
        texts, language = screen.speech.texts, screen.speech.language
        day = schedule_words.day_of(texts, language, rewording.comes_on(schedule, place) or "")
        told = screen.words("repeats.words.from", day=day)
        ready = coming.coming_next(screen.unit, self._turns.organisation, schedule) != schedule.next_on
        return f"{told} {screen.words('repeats.words.ready')}" if ready else told

    def _over(self, schedule: Schedule, place: int) -> bool:
        """Return whether what stands at a place is not made any more."""
        return not schedules.is_way(schedule) and rewording.comes_on(schedule, place) is None

    def _present(self, screen: Screen, schedule: Schedule, place: int) -> Dialog | None:
        """Return what is asked at a place; None if it was retired or has mistakes by now."""
        return schedules.dialog_of(screen.unit, self._turns.content, schedule, place)

    def _mine(self, screen: Screen, schedule: Schedule, present: Dialog, place: int) -> bool:
        """Return whether this person changes the words that are asked in the library itself, not in a copy."""
        written = self._turns.content.of(screen.unit).written
        by_name = schedule.dialogs[place].hash is None and present.name in written
        return by_name and own_dialogs.may_change(screen.unit, screen.person, present.name)

    def _title(self, screen: Screen, schedule: Schedule, place: int) -> str:
        present = self._present(screen, schedule, place)
        return wording.choose(present.title, screen.speech.language) if present else schedule.dialogs[place].name

    def _back(self, screen: Screen, schedule: Schedule) -> Button:
        return screen.button("button.return", targets.REPEATS, OneRepeat("o", schedule.id))
