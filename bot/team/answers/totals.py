"""Totals at a glance: what a broadcast's closed questions came to, beside last time's, and who spoke to the open ones.

An option is drawn as a thread before its words: as long for the same share of people, whatever the question.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import pages, shorten
from bot.services import circles, tallies, totals
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.refusals import NotAllowed
from bot.services.totals import OptionTotal, QuestionTotal
from bot.team.answers import circles as circle_lines
from bot.team.answers import pictures
from bot.team.home.today import minutes_of
from bot.team.kit import answer_pages, page_expiry
from bot.team.kit.feature import Feature
from bot.team.kit.reading_arguments import (
    BroadcastQuestions,
    QuestionAnswers,
    ReadingClosed,
    TotalDrawn,
    TotalOf,
    TotalOverTime,
    TotalsOf,
)
from bot.team.orders.panel import BroadcastPanels
from dialogs import wording
from storage.broadcasts import Broadcast
from storage.unit import Unit

ROOM: Final = 380  # characters of totals on a page, so that it fits a phone's screen with its heading
ASKED: Final = 120  # characters of a question
OPTION: Final = 44  # characters of an option
BEFORE: Final = 24  # characters of an option where it stands in last time's line
THREAD: Final = "━"
TIMES_DRAWN: Final = 2  # points that make a line


TOTALS = Action(targets.TOTALS, FACILITATORS, (TotalsOf, TotalOf, TotalDrawn, TotalOverTime))


class TotalsScreens(Feature):
    """The screens with totals."""

    @handles(TOTALS)
    def totals(self, screen: Screen, argument: TotalsOf | TotalOf | TotalDrawn | TotalOverTime) -> None:
        """Show the totals of a broadcast, or of one of its questions in words or as a picture, and note who looked.

        Raises:
            NotAllowed: the broadcast is none of the reader's.
        """
        broadcast = screen.unit.broadcasts.get(argument.broadcast)
        if broadcast is None or not may_reach(screen.unit, screen.person, broadcast.cohort_id):
            raise NotAllowed(TOTALS.name)
        screen.unit.audit.add(str(screen.person.id), totals.COUNTED, str(broadcast.id), {})
        if isinstance(argument, TotalOf):
            self._question(screen, broadcast, argument.question)
        elif isinstance(argument, TotalDrawn):
            self._drawn(screen, broadcast, argument.question)
        elif isinstance(argument, TotalOverTime):
            self._over_time(screen, broadcast, argument.question)
        else:
            self._all(screen, broadcast, argument.page)

    def _all(self, screen: Screen, broadcast: Broadcast, page: int) -> None:
        """Show a page with the totals of all questions."""
        leaves: list[str] = []
        *found, last = blocks(self._turns, screen.speech, broadcast)
        for block in (*found, f"{last}\n\n{screen.speech.words('totals.here')}"):
            if leaves and len(leaves[-1]) + 2 + len(block) <= ROOM:
                leaves[-1] += f"\n\n{block}"
            else:
                leaves += pages(block, ROOM)
        pager = Pager.of(len(leaves), 1, page)
        turns = pager.turns(lambda code, number: _leads(screen, code, TotalsOf(broadcast.id, number)))
        who = _reads(screen, "button.who_said", BroadcastQuestions(broadcast.id))
        title = BroadcastPanels(self._turns).title(screen.speech, broadcast)
        self._show(screen, f"{title}\n\n{leaves[pager.page]}", turns + rows(who))

    def _question(self, screen: Screen, broadcast: Broadcast, number: int) -> None:
        """Show the totals of one question, and the button to the answers."""
        found, earlier = with_last_time(self._turns, screen.unit, broadcast)
        number = min(number, len(found) - 1)
        total = found[number]
        before = last_time(self._turns, screen.speech, earlier, [total])
        said_apart = circles.to_asked(screen.unit, broadcast)
        apart = circle_lines.beside(screen.speech, said_apart, total.step)
        here = screen.speech.words("totals.here")
        text = "\n\n".join(filter(None, (block(screen.speech, total, before), "\n".join(apart), here)))
        drawn: list[Button] = []
        if total.options and total.told:
            drawn.append(_leads(screen, "button.totals_drawn", TotalDrawn(broadcast.id, number)))
        if total.average is not None and before is not None:
            drawn.append(_leads(screen, "button.totals_time", TotalOverTime(broadcast.id, number)))
            totals.expect_over_time(screen.unit, broadcast, partial(self._turns.dialog, screen.unit))
        who = _reads(screen, "button.who_said", QuestionAnswers(broadcast.id, number))
        other = _reads(screen, "button.other_question", BroadcastQuestions(broadcast.id))
        whole = circle_lines.opens(screen.speech, broadcast, said_apart, number)
        self._show(screen, text, rows(*drawn, *([who] if total.people else []), *whole, other))

    def _drawn(self, screen: Screen, broadcast: Broadcast, number: int) -> None:
        """Send the picture of what people chose, beside last time's."""
        found, earlier = with_last_time(self._turns, screen.unit, broadcast)
        total = found[min(number, len(found) - 1)]
        if not total.options or not total.told:
            raise NotAllowed(TOTALS.name)
        day, before = last_time(self._turns, screen.speech, earlier, [total]) or ("", [])
        then = totals.same_question(before, total)
        drawn = pictures.of_question(screen.speech, total, (day, then) if then is not None and then.told else None)
        screen.speech.picture(drawn, drawn["alt"])

    def _over_time(self, screen: Screen, broadcast: Broadcast, number: int) -> None:
        """Send the picture of a scale, time after time; say so where too few times have numbers."""
        speech = screen.speech
        number = min(number, len(self._turns.dialog(screen.unit, broadcast.dialog_hash).questions) - 1)
        found = totals.over_time(screen.unit, broadcast, number, partial(self._turns.dialog, screen.unit))
        if sum(total.average is not None for _, total in found) < TIMES_DRAWN:
            other = _reads(screen, "button.other_question", BroadcastQuestions(broadcast.id))
            self._show(screen, speech.words("totals.time.few"), rows(other))
            return
        zone = answer_pages.zone(self._turns, speech)
        days = [speech.texts.short_day(each.due_at, zone, speech.language) for each, _ in found]
        drawn = pictures.over_time(speech, list(zip(days, (total for _, total in found), strict=True)))
        speech.picture(drawn, drawn["alt"])

    def _show(self, screen: Screen, text: str, keyboard: Keyboard) -> None:
        close = _reads(screen, "button.close", ReadingClosed())
        page_expiry.show(self._turns, screen.speech, screen.person, screen.incoming, text, keyboard + rows(close))


LastTime = tuple[str, Sequence[QuestionTotal]]
"""The day of the broadcast before, in words, and its totals."""


def counted(turns: Turns, unit: Unit, broadcast: Broadcast) -> list[QuestionTotal]:
    """Return the totals of each question of a broadcast."""
    return totals.of_broadcast(unit, broadcast, turns.dialog(unit, broadcast.dialog_hash))


def blocks(turns: Turns, speech: Speech, broadcast: Broadcast) -> Iterator[str]:
    """Yield each question of a broadcast with what was said to it, beside last time's; none that nobody was led to."""
    found, earlier = with_last_time(turns, speech.unit, broadcast)
    before = last_time(turns, speech, earlier, found)
    said_apart = circles.to_asked(speech.unit, broadcast)
    for total in found:
        apart = list(circle_lines.beside(speech, said_apart, total.step))
        if total.people or apart or not total.step.relevant:
            yield "\n".join((block(speech, total, before), *apart))


def with_last_time(turns: Turns, unit: Unit, broadcast: Broadcast) -> tuple[list[QuestionTotal], Broadcast | None]:
    """Return a broadcast's totals, and the broadcast of last time; both are counted together."""
    earlier = totals.previous(unit, broadcast, partial(turns.dialog, unit))
    tallies.ready(unit, [each.id for each in (broadcast, earlier) if each is not None])
    return counted(turns, unit, broadcast), earlier


def last_time(
    turns: Turns, speech: Speech, earlier: Broadcast | None, found: Sequence[QuestionTotal]
) -> LastTime | None:
    """Return last time's totals, where any of these questions has options."""
    if earlier is None or not any(each.options for each in found):
        return None
    day = speech.texts.short_day(earlier.due_at, answer_pages.zone(turns, speech), speech.language)
    return day, counted(turns, speech.unit, earlier)


def block(speech: Speech, total: QuestionTotal, before: LastTime | None = None) -> str:
    """Return a question, what was said to it in numbers, and what was said last time."""
    asked = shorten(wording.choose(total.step.label, speech.language), ASKED)
    return "\n".join((asked, *said(speech, total), *_last_time(speech, total, before)))


def said(speech: Speech, total: QuestionTotal) -> Iterator[str]:
    """Yield the lines of a question's numbers."""
    if not total.people:
        yield speech.words("totals.nobody")
    elif not total.told:
        yield speech.words("totals.few")
    elif total.options:
        yield speech.texts.count("totals.answered", speech.language, total.people)
        for option in total.options:
            if option.people:
                thread, label = THREAD * total.marks(option), shorten(_label(speech, option), OPTION)
                yield f"{thread} {_number(speech, option)} · {label}"
    else:
        yield speech.texts.count("totals.open", speech.language, total.people)
    if total.seconds and total.told:
        yield speech.texts.count("totals.voice", speech.language, minutes_of(total.seconds))


def _last_time(speech: Speech, total: QuestionTotal, before: LastTime | None) -> Iterator[str]:
    """Yield the line that says what the same question came to last time, if enough people answered it."""
    if before is None or not total.options:
        return
    day, found = before
    earlier = totals.same_question(found, total)
    if earlier is not None and earlier.told:
        yield speech.words("totals.before", day=day, said=in_words(speech, earlier))


def in_words(speech: Speech, total: QuestionTotal) -> str:
    """Return the options that people chose in one line: "5 Bueno, 6 Regular, 3 Bajo"."""
    chosen = [option for option in total.options if option.people]
    return ", ".join(f"{_number(speech, option)} {shorten(_label(speech, option), BEFORE)}" for option in chosen)


def _number(speech: Speech, option: OptionTotal) -> str:
    if option.people < totals.LEAST:
        return speech.words("totals.fewer")
    return speech.texts.number(option.people, speech.language)


def _label(speech: Speech, option: OptionTotal) -> str:
    return wording.choose(option.label, speech.language) or option.name


def leads(speech: Speech, broadcast: Broadcast, title: str) -> Button:
    """Return the button to a broadcast's totals, with its title."""
    return speech.button("button.totals_of", TOTALS, TotalsOf(broadcast.id), title=title)


def _leads(screen: Screen, code: str, argument: Argument) -> Button:
    return screen.speech.button(code, TOTALS, argument)


def _reads(screen: Screen, code: str, argument: Argument) -> Button:
    return screen.speech.button(code, targets.READ, argument)
