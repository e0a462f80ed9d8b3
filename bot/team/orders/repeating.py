"""A draft that is to come back: how often, on which day, at what hour; read back with what it costs the team."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import LABEL, Screen
from bot.messengers.port import Button
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import own_dialogs, reading_cost, schedule_words, schedules
from bot.services.permissions import FACILITATORS
from bot.services.rhythms import Rhythm
from bot.services.schedules import TIMES, ScheduleError
from bot.services.week import askings_a_week
from bot.team.kit.feature import Feature
from bot.team.orders import drafts, last_warnings, ordering
from bot.team.orders.drafts import Draft
from bot.team.orders.repeats import OneRepeat
from bot.team.orders.rhythm_choice import ChosenRhythm, RhythmChoice
from dialogs.model import Dialog
from dialogs.recurrence import BadRule
from storage.cohorts import Cohort

ASK_TIMES: Final = "t"
ASK_THEN: Final = "a"
"""Which dialog follows in turn is asked for; with its short name behind, it is added."""
MOST_IN_TURN: Final = 5
THEN_SHOWN: Final = 6
TITLES: Final = 90  # characters
SCREEN: Final = 495  # characters


class Repeat(Argument):
    """What was chosen so far: days, minute of the day, times; and that times (`t`) or a dialog (`a`) is asked for."""

    layout: ClassVar[str] = "[{days}[.{minute}[.{times}[.{more}]]]]"
    days: str = ""
    minute: int | None = None
    times: int | None = None
    more: str = ""


class Begun(Argument):
    """The draft that is begun, its rhythm, and its first day as it was read back: its number within the year."""

    layout: ClassVar[str] = "{draft}.{days}.{minute}.{first}[.{times}]"
    draft: str
    days: str
    minute: int
    first: int
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
            counting = argument.more == ASK_TIMES
            typed = choice.counted(chosen) if counting else choice.typed(chosen)
            if counting and isinstance(typed, str):
                choice.times(chosen, typed)
                waiting.ask(screen, ASK_REPEAT, argument, for_others=False)
                return
            if isinstance(typed, str):
                choice.often(typed)
                waiting.ask(screen, ASK_REPEAT, Repeat(), for_others=False)
                return
            chosen, offered = (typed, ()) if isinstance(typed, ChosenRhythm) else (typed[0], tuple(typed))
        try:
            more = "" if screen.said else argument.more
            self._next(screen, choice, draft, cohort, dialog, chosen, offered, more)
        except BadRule as error:
            choice.often(f"repeat.bad.{error.code}")
        # The next words are the count, where that is asked for.
        counts = argument.more == ASK_TIMES and not screen.said
        waiting.ask(screen, ASK_REPEAT, argument if counts else Repeat(chosen.days), for_others=False)

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
        elif (refused := self._too_often(choice, chosen)) is not None:
            choice.often(refused.code, **refused.facts)
        elif offered or chosen.minute is None:
            choice.hours(chosen, offered)
        elif more == ASK_TIMES:
            choice.times(chosen)
        elif more.startswith(ASK_THEN) and self._then(screen, choice, draft, chosen, more):
            return
        else:
            self._read_back(
                screen, choice, drafts.read(screen.unit.people.known(screen.person.id)) or draft, cohort, dialog, chosen
            )

    def _too_often(self, choice: RhythmChoice, chosen: ChosenRhythm) -> ScheduleError | None:
        """Return why these days are too many, whatever the hour: said before it is asked for."""
        try:
            choice.check(self._turns.organisation, chosen)
        except ScheduleError as error:
            return error
        return None

    def _already(self, screen: Screen, cohort: Cohort, rhythm: Rhythm) -> list[str]:
        """Return that with what comes back already somebody would get more than a week allows, if that is so."""
        present = [
            Rhythm.of(each.rule).weekly for each in screen.unit.schedules.list([cohort.id]) if each.state == "active"
        ]
        most = askings_a_week(self._turns.organisation.record(screen.unit))
        return [screen.words("repeat.week.already", most=most)] if sum(present) + rhythm.weekly > most else []

    def _choice(self, screen: Screen, cohort: Cohort) -> RhythmChoice:
        def to(label: str, chosen: ChosenRhythm) -> Button:
            return screen.labelled(label, ASK_REPEAT, Repeat(chosen.days, chosen.minute, chosen.times))

        zone = ZoneInfo(drafts.zone_of(self._turns, screen.unit, cohort))
        return RhythmChoice(screen, zone, to, screen.button("button.ask_back", ordering.ASK_ORDER), ways=True)

    def _read_back(
        self,
        screen: Screen,
        choice: RhythmChoice,
        draft: Draft,
        cohort: Cohort,
        dialog: Dialog,
        chosen: ChosenRhythm,
        *,
        slid: bool = False,
    ) -> None:
        """Say what will come back, which day is the first, and what reading it costs.

        `slid`: the first day that was read back is over by now.
        """
        rhythm = self._rhythm(screen, choice, chosen)
        assert rhythm is not None
        dialogs = self._in_turn(screen, draft, dialog)
        texts, language = screen.speech.texts, screen.speech.language
        title = texts.all_of([ordering.title(screen, each) for each in dialogs], language)
        facts = {"title": shorten(title, TITLES), "cohort": cohort.name}
        if rhythm.way is not None:
            told = screen.words("repeat.read_back.way", **facts, rhythm=schedule_words.told(texts, language, rhythm))
        else:
            first = schedule_words.read_back(texts, language, rhythm, choice.zone.key, screen.unit.now, slid=slid)
            told = screen.words("repeat.read_back", **facts, rhythm=choice.told(rhythm), first=first)
        warned = last_warnings.of_draft(screen, cohort, draft, dialog).told
        further = [*warned, *self._already(screen, cohort, rhythm)]
        if rhythm.way is None:
            further.append(self._cost(screen, cohort, dialogs, rhythm))
        for each in further:  # what matters most stands first; the rest where there is room
            told = f"{told}\n\n{each}" if each in warned or len(told) + len(each) < SCREEN else told

        def more(code: str, step: str) -> Button:
            return screen.button(
                code,
                ASK_REPEAT,
                Repeat(chosen.days, chosen.minute, TIMES if chosen.times is None else chosen.times, step),
            )

        begin = Begun(draft.id, chosen.days, chosen.minute or 0, _first(rhythm, choice, screen), chosen.times)
        keyboard = rows(
            screen.button("button.repeat_begin_anyway" if warned else "button.repeat_begin", ASK_BEGIN, begin),
            *([] if len(dialogs) > MOST_IN_TURN else [more("button.repeat_then", ASK_THEN)]),
            *([] if rhythm.way is not None else [more("button.repeat_times", ASK_TIMES)]),
            screen.button("button.repeat_other", ASK_REPEAT, Repeat()),
            choice.back,
        )
        screen.show(told, keyboard)

    def _in_turn(self, screen: Screen, draft: Draft, dialog: Dialog) -> list[Dialog]:
        """Return the dialogs that are asked in turn: the draft's own first."""
        known = {each.name: each for each in self._turns.content.of(screen.unit).all()}
        return [dialog, *(known[name] for name in draft.then if name in known)]

    def _then(self, screen: Screen, choice: RhythmChoice, draft: Draft, chosen: ChosenRhythm, more: str) -> bool:
        """Ask which dialog follows in turn, or add it; return whether the screen asks."""
        named = drafts.dialog_named(self._turns, screen.unit, screen.person, more.removeprefix(ASK_THEN))
        if named is not None:
            drafts.change(screen.unit, screen.person, then=(*draft.then, named.name)[:MOST_IN_TURN])
            return False
        offered = drafts.offered(self._turns, screen.unit, own_dialogs.shelves(screen.unit, screen.person))
        buttons = [
            screen.labelled(
                shorten(ordering.title(screen, each), LABEL),
                ASK_REPEAT,
                Repeat(
                    chosen.days,
                    chosen.minute,
                    TIMES if chosen.times is None else chosen.times,
                    f"{ASK_THEN}{drafts.short(each)}",
                ),
            )
            for each in offered[:THEN_SHOWN]
        ]
        screen.show(screen.words("repeat.then.ask"), rows(*buttons, choice.back))
        return True

    def _rhythm(self, screen: Screen, choice: RhythmChoice, chosen: ChosenRhythm) -> Rhythm | None:
        return chosen.rhythm(choice.zone.key, screen.unit.now)

    def _cost(self, screen: Screen, cohort: Cohort, dialogs: list[Dialog], rhythm: Rhythm) -> str:
        count, language = screen.speech.texts.count, screen.speech.language
        if rhythm.weekly < 1:
            told = count("repeat.cost.each", language, reading_cost.minutes_each(screen.unit, cohort.id, dialogs))
        else:
            minutes = reading_cost.weekly_minutes(screen.unit, cohort.id, dialogs, rhythm)
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
            if _first(rhythm, choice, screen) != argument.first:
                chosen = ChosenRhythm(argument.days, argument.minute, argument.times)
                self._read_back(screen, choice, draft, cohort, dialog, chosen, slid=True)
                return None
            dialogs = self._in_turn(screen, draft, dialog)
            begun = schedules.begin(
                *(screen.unit, self._turns.content, self._turns.organisation, dialogs, cohort, draft.card, rhythm),
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


def _first(rhythm: Rhythm, choice: RhythmChoice, screen: Screen) -> int:
    """Return the first day of a rhythm as a number within its year; 0 for a way in, which has none."""
    first = None if rhythm.way is not None else rhythm.coming(choice.zone.key, screen.unit.now)
    return datetime.fromisoformat(first).timetuple().tm_yday if first else 0
