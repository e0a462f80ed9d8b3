"""A draft that is to come back: how often, on which day, at what hour; read back with what it costs the team."""

from dataclasses import replace
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import reading_cost, schedules
from bot.services.permissions import FACILITATORS
from bot.services.rhythms import Rhythm
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature
from bot.team.orders import drafts, ordering
from bot.team.orders.drafts import Draft
from bot.team.orders.repeats import OneRepeat
from bot.team.orders.rhythm_choice import ChosenRhythm, RhythmChoice
from dialogs.model import Dialog
from dialogs.recurrence import BadRule
from storage.cohorts import Cohort

ASK_TIMES: Final = "t"


class Repeat(Argument):
    """What was chosen so far: days, minute of the day, times; or that the number of times is asked for (`t`)."""

    layout: ClassVar[str] = "[{days}[.{minute}[.{times}[.{more}]]]]"
    days: str = ""
    minute: int | None = None
    times: int | None = None
    more: str = ""


class Begun(Argument):
    """The draft that is begun, and its rhythm."""

    layout: ClassVar[str] = "{draft}.{days}.{minute}[.{times}]"
    draft: str
    days: str
    minute: int
    times: int | None = None


ASK_REPEAT = Action(targets.ASK_REPEAT, FACILITATORS, (Repeat,))
ASK_BEGIN = Action("ask_begin", FACILITATORS, (Begun,))


class Repeating(Feature):
    """The screens that make a draft come back."""

    @handles(ASK_REPEAT)
    def repeat(self, screen: Screen, argument: Repeat) -> None:
        """Ask for what is not chosen yet, or read all of it back."""
        found = ordering.ready(self._turns, screen)
        if found is None:
            return
        draft, cohort, dialog = found
        if draft.sent is not None:
            ordering.look(self._turns, screen)
            return
        chosen = ChosenRhythm(argument.days, argument.minute, argument.times)
        choice = self._choice(screen, cohort)
        offered: tuple[ChosenRhythm, ...] = ()
        if screen.said:
            typed = choice.typed(chosen)
            if isinstance(typed, str):
                choice.often(typed)
                waiting.ask(screen, ASK_REPEAT, Repeat(), for_others=False)
                return
            chosen, offered = (typed, ()) if isinstance(typed, ChosenRhythm) else (typed[0], tuple(typed))
        try:
            self._next(screen, choice, draft, cohort, dialog, chosen, offered, argument.more)
        except BadRule as error:
            choice.often(f"repeat.bad.{error.code}")
        waiting.ask(screen, ASK_REPEAT, Repeat(chosen.days), for_others=False)

    def _next(
        self,
        screen: Screen,
        choice: RhythmChoice,
        draft: Draft,
        cohort: Cohort,
        dialog: Dialog,
        chosen: ChosenRhythm,
        offered: tuple[ChosenRhythm, ...],
        more: str,
    ) -> None:
        if not chosen.days:
            choice.often()
        elif chosen.pattern is None:
            choice.days(chosen)
        elif offered or chosen.minute is None:
            choice.hours(chosen, offered)
        elif more == ASK_TIMES:
            choice.times(chosen)
        else:
            self._read_back(screen, choice, draft, cohort, dialog, chosen)

    def _choice(self, screen: Screen, cohort: Cohort) -> RhythmChoice:
        def to(label: str, chosen: ChosenRhythm) -> Button:
            return screen.labelled(label, ASK_REPEAT, Repeat(chosen.days, chosen.minute, chosen.times))

        zone = ZoneInfo(drafts.zone_of(self._turns, screen.unit, cohort))
        return RhythmChoice(screen, zone, to, screen.button("button.ask_back", ordering.ASK_ORDER))

    def _read_back(
        self, screen: Screen, choice: RhythmChoice, draft: Draft, cohort: Cohort, dialog: Dialog, chosen: ChosenRhythm
    ) -> None:
        """Say what will come back, when next, and what reading it costs."""
        rhythm = self._rhythm(screen, choice, chosen)
        assert rhythm is not None
        organisation = self._turns.organisation
        try:
            schedules.check_week(screen.unit, organisation, rhythm)
        except ScheduleError as error:
            choice.often(error.code, **error.facts)
            return
        told = screen.words(
            "repeat.read_back",
            title=ordering.title(screen, dialog),
            cohort=cohort.name,
            rhythm=choice.told(rhythm),
            days=choice.coming(rhythm, screen.unit.now),
        )
        begin = Begun(draft.id, chosen.days, chosen.minute or 0, chosen.times)
        keyboard = rows(
            screen.button("button.repeat_begin", ASK_BEGIN, begin),
            screen.button(
                "button.repeat_times", ASK_REPEAT, Repeat(chosen.days, chosen.minute, chosen.times, ASK_TIMES)
            ),
            screen.button("button.repeat_other", ASK_REPEAT, Repeat()),
            choice.back,
        )
        screen.show(f"{told}\n\n{self._cost(screen, cohort, dialog, rhythm)}", keyboard)

    def _rhythm(self, screen: Screen, choice: RhythmChoice, chosen: ChosenRhythm) -> Rhythm | None:
        return chosen.rhythm(screen.unit.now.astimezone(choice.zone).date())

    def _cost(self, screen: Screen, cohort: Cohort, dialog: Dialog, rhythm: Rhythm) -> str:
        count, language = screen.speech.texts.count, screen.speech.language
        minutes = reading_cost.weekly_minutes(screen.unit, cohort.id, [dialog], rhythm)
        told = count("repeat.cost", language, minutes)
        already = reading_cost.present_minutes(screen.unit, self._turns.content, cohort.id)
        return f"{told} {count('repeat.cost.already', language, already)}" if already else told

    @handles(ASK_BEGIN)
    def begin(self, screen: Screen, argument: Begun) -> Next:
        """Begin what comes back, once, and show it."""
        key = f"draft:{argument.draft}"
        known = screen.unit.schedules.keyed(key)
        if known is not None:
            return Then(targets.REPEATS, OneRepeat("o", known.id), screen)
        found = ordering.ready(self._turns, screen)
        if found is None:
            return None
        draft, cohort, dialog = found
        if draft.id != argument.draft or draft.sent is not None:
            ordering.look(self._turns, screen)
            return None
        choice = self._choice(screen, cohort)
        try:
            rhythm = self._rhythm(screen, choice, ChosenRhythm(argument.days, argument.minute, argument.times))
            if rhythm is None:
                choice.often()
                return None
            begun = schedules.begin(
                *(screen.unit, self._turns.content, self._turns.organisation, [dialog], cohort, draft.card, rhythm),
                key=key,
                by=screen.person,
                purpose_id=draft.purpose,
            )
        except BadRule as error:
            choice.often(f"repeat.bad.{error.code}")
            return None
        except ScheduleError as error:
            choice.often(error.code, **error.facts)
            return None
        ordering.end_rehearsal(self._turns, screen.unit, screen.person)
        person = drafts.save_draft(screen.unit, screen.person, None)
        return Then(targets.REPEATS, OneRepeat("b", begun.id), replace(screen, person=person))
