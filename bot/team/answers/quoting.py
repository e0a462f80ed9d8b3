"""Asking somebody for words of theirs, chosen where they are read: only with a yes are they told further."""

from collections.abc import Mapping
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Pager, Screen, short_id
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import pages, shorten
from bot.services import exposing, promises, quotes, quoting
from bot.services.minors import is_minor
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.quotes import WIZARD, QuoteError
from bot.services.refusals import AlreadyDone, NotAllowed, NotFound
from bot.team.kit import answer_pages, page_expiry, worded
from bot.team.kit.arguments import PageOf
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.reading_arguments import AnswerOf, ReadingClosed, RunPart
from dialogs.exposure import GroupFacts
from dialogs.run import Answer
from dialogs.wording import plain_value
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.quotes import Quote
from storage.runs import RunRow
from storage.unit import Unit

RUN, QUESTION = "run", "question"  # in the wizard's task
NAME = 24  # characters of a nickname
ROOM = 380  # characters of quotes on a page


class QuoteToAsk(Argument):
    """A quote: ask for it (`s`), or write it another way (`w`)."""

    layout: ClassVar[str] = "{step}{quote}"
    step: Literal["s", "w"]
    quote: UUID


class QuotesOf(Argument):
    """A page of what may be told of a broadcast's cohort."""

    layout: ClassVar[str] = "t{broadcast}[.{page}]"
    broadcast: UUID
    page: int = 0


QUOTE = Action(targets.QUOTE, FACILITATORS, (PageOf, AnswerOf, QuoteToAsk, QuotesOf))


def asking(speech: Speech, row: RunRow) -> list[Button]:
    """Return the button that asks for words of what is read; of whoever is under eighteen nothing is quoted."""
    if row.cohort_id is None or is_minor(speech.unit.people.get(row.person_id)):
        return []
    return [speech.button("button.quote", QUOTE, PageOf(row.id))]


def telling(screen: Screen, broadcast: Broadcast) -> list[Button]:
    """Return the button to what may be quoted when a group is told what came of a broadcast."""
    there = len(quoting.of_cohort(screen.unit, broadcast.cohort_id).agreed)
    return [screen.speech.button("button.quotes_told", QUOTE, QuotesOf(broadcast.id), n=there)] if there else []


class Quoting(Feature):
    """The wizard in which words are written down to be asked for, and its screens."""

    wizards: ClassVar = {WIZARD: QUOTE}

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task has them
        """Return whose words they are."""
        run_id = self.task(person).get(RUN)
        owner = unit.readings.owner(UUID(str(run_id))) if run_id else None
        teller = unit.people.get(owner) if owner else None
        if teller is None:
            return {"quote_name": ""}
        return {"quote_name": shorten(self._turns.speech(unit, person).mentioned(teller), NAME)}

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Keep what was written as a draft, and show it as it will be asked for."""
        task = self.task(screen.person)
        row = worded.row_of(screen.unit, screen.person, UUID(str(task[RUN])), QUOTE.name)
        step = dict(worded.answered(self._turns, screen.unit, row)).get(int(task[QUESTION]))
        teller = screen.unit.people.known(row.person_id)
        if step is None:
            self._show(screen, screen.words("evidence.gone"), self._ends(screen, row))
            return None
        try:
            words = plain_value(done.values.get("words"))
            self._look(screen, quotes.draft(screen.unit, screen.person, teller, row, step.name, words))
        except QuoteError as error:
            again = screen.speech.button("button.quote.other", QUOTE, AnswerOf(row.id, int(task[QUESTION])))
            self._show(screen, screen.words(error.code, **error.facts), rows(again) + self._ends(screen, row))
        return None

    @handles(QUOTE)
    def quote(self, screen: Screen, argument: PageOf | AnswerOf | QuoteToAsk | QuotesOf) -> Next:
        """Ask which words, show how they would go out, and ask for them."""
        match argument:
            case QuotesOf():
                self._to_tell(screen, argument)
            case QuoteToAsk():
                return self._ask(screen, argument)
            case _:
                return self._which(screen, argument)
        return None

    def _which(self, screen: Screen, argument: PageOf | AnswerOf) -> Next:
        """Begin to write words of an answer; where one was asked for already, show what became of that."""
        run_id = argument.id if isinstance(argument, PageOf) else argument.run
        row = worded.row_of(screen.unit, screen.person, run_id, QUOTE.name)
        steps = worded.answered(self._turns, screen.unit, row)
        if isinstance(argument, PageOf) and len(steps) != 1:
            asked = screen.words("quote.which_answer" if steps else "evidence.no_words")
            ways = worded.choice(screen.speech, row, steps, argument.page, lambda *of: _button(screen.speech, *of))
            self._show(screen, asked, ways + self._ends(screen, row))
            return None
        place = steps[0][0] if isinstance(argument, PageOf) else argument.question
        step = dict(steps).get(place)
        if step is None:
            self._show(screen, screen.words("evidence.gone"), self._ends(screen, row))
            return None
        before = quotes.of_answer(screen.unit, row, step.name)
        if before is not None and before.words and isinstance(argument, PageOf):
            self._status(screen, before, AnswerOf(row.id, place))
            return None
        try:
            quotes.check(screen.unit, screen.person, screen.unit.people.known(row.person_id), row)
        except QuoteError as error:
            self._show(screen, screen.words(error.code, **error.facts), self._ends(screen, row))
            return None
        return Begin(WIZARD, {RUN: row.id.hex, QUESTION: place})

    def _ask(self, screen: Screen, argument: QuoteToAsk) -> Next:
        try:
            quote = quotes.reached(screen.unit, argument.quote, screen.person)
            row = worded.row_of(screen.unit, screen.person, quote.run_id, QUOTE.name)
            again = AnswerOf(row.id, self._place(screen, quote, row))
            if argument.step == "w":
                return self._which(screen, again)
            quote = quotes.ask(screen.unit, self._turns.organisation, quote.id, screen.person)
            self._status(screen, quote, again)
        except AlreadyDone:
            self._status(screen, quote, again)
        except QuoteError as error:
            self._show(screen, screen.words(error.code, **error.facts), self._ends(screen, row))
        except NotFound:
            self._show(screen, screen.words("evidence.gone"), rows(_close(screen.speech)))
        return None

    def _place(self, screen: Screen, quote: Quote, row: RunRow) -> int:
        """Return the place of the question to which a quote was the answer."""
        asked = self._turns.dialog(screen.unit, row.dialog_hash).questions
        paths = [screen.unit.signs.path_of(row.id, each.name) for each in asked]
        return paths.index(quote.path)

    def _look(self, screen: Screen, quote: Quote) -> None:
        """Show words as they would be asked for, and what of them could tell whose they are."""
        nicknames = [each.nickname for each in screen.unit.people.list(quote.cohort_id) if each.nickname]
        marked = exposing.in_texts(GroupFacts(nicknames=nicknames), {quote.language: quote.words})
        facts = {"name": self._name(screen, quote), "words": quote.words}
        lines = [screen.words("quote.look", **facts)]
        if marked:
            quoted = promises.quoted(screen.speech.texts, screen.speech.language, marked)
            lines.append(screen.words("quote.look.marked", words=quoted))
        ask = screen.speech.button("button.quote.ask", QUOTE, QuoteToAsk("s", quote.id))
        other = screen.speech.button("button.quote.other", QUOTE, QuoteToAsk("w", quote.id))
        row = worded.row_of(screen.unit, screen.person, quote.run_id, QUOTE.name)
        self._show(screen, "\n\n".join(lines), rows(ask, other) + self._ends(screen, row))

    def _status(self, screen: Screen, quote: Quote, again: AnswerOf) -> None:
        """Show what was asked for, and what its teller said."""
        day = quote.answered_at or quote.asked_at
        zone = answer_pages.zone(self._turns, screen.speech)
        facts = {
            "name": self._name(screen, quote),
            "words": quote.words,
            "day": screen.speech.texts.short_day(day, zone, screen.speech.language),
        }
        row = worded.row_of(screen.unit, screen.person, quote.run_id, QUOTE.name)
        other = screen.speech.button("button.quote.another", QUOTE, again)
        self._show(screen, screen.words(f"quote.status.{quote.state}", **facts), rows(other) + self._ends(screen, row))

    def _to_tell(self, screen: Screen, argument: QuotesOf) -> None:
        """Show the words that may be told, exactly as they were agreed to."""
        broadcast = screen.unit.broadcasts.get(argument.broadcast)
        if broadcast is None or not may_reach(screen.unit, screen.person, broadcast.cohort_id):
            raise NotAllowed(QUOTE.name)
        found = quoting.of_cohort(screen.unit, broadcast.cohort_id).agreed
        leaves = pages("\n\n".join(f"«{each.words}»" for each in found), ROOM) or [screen.words("quote.to_tell.none")]
        pager = Pager.of(len(leaves), 1, argument.page)
        turning = pager.turns(lambda code, number: screen.speech.button(code, QUOTE, QuotesOf(broadcast.id, number)))
        text = "\n\n".join((screen.words("quote.to_tell"), leaves[pager.page])) if found else leaves[0]
        back = screen.speech.button("button.return", targets.TOLD, f"o{short_id(broadcast.id)}")
        self._show(screen, text, turning + rows(back, _close(screen.speech)))

    def _name(self, screen: Screen, quote: Quote) -> str:
        return shorten(screen.speech.mentioned(screen.unit.people.known(quote.person_id)), NAME)

    def _ends(self, screen: Screen, row: RunRow) -> Keyboard:
        back = screen.speech.button("button.return", targets.READ, RunPart(row.id, 0))
        return ((back, _close(screen.speech)),)

    def _show(self, screen: Screen, text: str, keyboard: Keyboard) -> None:
        page_expiry.show(self._turns, screen.speech, screen.person, screen.incoming, text, keyboard)


def _button(speech: Speech, label: str, argument: Argument) -> Button:
    return Button(label, speech.buttons.plain(QUOTE, argument))


def _close(speech: Speech) -> Button:
    return speech.button("button.close", targets.READ, ReadingClosed())
