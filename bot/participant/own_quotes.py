"""Words of hers that the team would tell further: she is asked, may change them, and takes a yes back at any time."""

from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from bot import clock
from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, Speech, rows
from bot.rendering.texts import shorten
from bot.services import answers_shown, quotes
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from bot.services.quotes import QuoteError
from bot.services.refusals import AlreadyDone, NotFound
from dialogs.run import Run
from storage.broadcasts import Delivery
from storage.people import Person
from storage.quotes import Quote
from storage.unit import Unit

SHOWN = 5
GROUP = 40  # characters of a group's name
WHAT = "quote"
"""What kind of message it is, should it not be sent."""
Step: TypeAlias = Literal["o", "a", "y", "n", "c", "b"]


class QuotesPage(Argument):
    """A page of what somebody was asked for."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OneQuote(Argument):
    """One quote.

    Open it (`o`), on a phone that others see, too (`a`); say yes (`y`) or no (`n`); change it (`c`); take it back
    (`b`).
    """

    layout: ClassVar[str] = "{step}{quote}"
    step: Literal["o", "a", "y", "n", "c", "b"]
    quote: UUID


QUOTES = Action(targets.QUOTES, EVERYONE, (QuotesPage, OneQuote), states=ALSO_LEFT)


def mine(screen: Screen) -> list[Button]:
    """Return the button to what somebody was asked for, if there is anything."""
    return [screen.button("button.quotes", QUOTES)] if quotes.all_own(screen.unit, screen.person) else []


class QuoteScreens:
    """The screens on which somebody is asked for words of their own."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(QUOTES)
    def quotes(self, screen: Screen, argument: QuotesPage | OneQuote) -> None:
        """Show what somebody was asked for, or take what they say to it."""
        if isinstance(argument, QuotesPage):
            self._list(screen, argument.page)
            return
        try:
            self._one(screen, quotes.own(screen.unit, screen.person, argument.quote), argument.step)
        except NotFound:
            screen.show(screen.words("back.gone"), rows(screen.menu()))
        except AlreadyDone:
            self._show(screen, quotes.own(screen.unit, screen.person, argument.quote))

    def _one(self, screen: Screen, quote: Quote, step: Step) -> None:
        unit, person = screen.unit, screen.person
        if quote.broadcast_id is not None:
            unit.decisions.opened(quote.broadcast_id, person.id)
        if step == "c":
            self._change(screen, quote)
        elif step == "y":
            self._agree(screen, quote)
        elif step == "n":
            quotes.refuse(unit, person, quote.id)
            again = screen.button("button.quote.look", QUOTES, OneQuote("o", quote.id))
            screen.show(screen.words("quote.refused"), rows(again, screen.menu()))
        elif step == "b":
            self._take_back(screen, quote)
        elif step == "a":
            answers_shown.say_yes(unit, person)
            self._show(screen, quote)
        elif answers_shown.open_now(unit, person):
            self._show(screen, quote)
        else:
            yes = screen.button("button.answers_yes", QUOTES, OneQuote("a", quote.id))
            screen.show(screen.words("shown.ask"), rows(yes, screen.button("button.answers_no", targets.HOME)))

    def _show(self, screen: Screen, quote: Quote) -> None:
        """Show the words as they would be told, or as they were agreed to."""
        screen.show(text(screen.speech, quote), rows(*ways(screen.speech, quote)))

    def _agree(self, screen: Screen, quote: Quote) -> None:
        try:
            quotes.agree(screen.unit, screen.person, quote.id)
        except QuoteError as error:
            screen.show(screen.words(error.code, **error.facts), rows(screen.menu()))
            return
        back = screen.button("button.quote.back", QUOTES, OneQuote("b", quote.id))
        screen.show(screen.words("quote.agreed"), rows(back, screen.menu()))

    def _change(self, screen: Screen, quote: Quote) -> None:
        """Ask for other words, or take those that were typed; they are asked about once more."""
        again = screen.words("quote.change", most=quotes.LONGEST)
        if screen.said:
            try:
                self._show(screen, quotes.reword(screen.unit, screen.person, quote.id, screen.said))
            except QuoteError as error:
                again = screen.words(error.code, **error.facts)
            else:
                return
        rather_not = screen.button("button.rather_not", QUOTES, OneQuote("o", quote.id))
        screen.show(again, rows(rather_not, screen.menu()))
        waiting.ask(screen, QUOTES, OneQuote("c", quote.id), for_others=False)

    def _take_back(self, screen: Screen, quote: Quote) -> None:
        """Take a yes back, and say what cannot be: what was sent or printed by then."""
        taken = quotes.take_back(screen.unit, screen.person, quote.id)
        said = screen.words("quote.taken_back")
        if taken.told:
            zone = self._turns.organisation.zone(screen.unit, screen.person)
            told_at = taken.told[-1].told_at or taken.told[-1].made_at
            day = screen.speech.texts.short_day(told_at, zone, screen.speech.language)
            said = screen.words("quote.taken_back.copied" if taken.copied else "quote.taken_back.told", day=day)
        again = screen.button("button.quote.look", QUOTES, OneQuote("o", quote.id))
        screen.show(said, rows(again, screen.menu()))

    def _list(self, screen: Screen, page: int) -> None:
        """Show what somebody was asked for, the newest first; on a phone that others see, only when."""
        found = quotes.all_own(screen.unit, screen.person)
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(self._label(screen, each), QUOTES, OneQuote("o", each.id)) for each in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, QUOTES, QuotesPage(number)))
        code = "quote.which" if found else "quote.none"
        screen.show(screen.words(code), rows(*buttons) + turns + rows(screen.menu()))

    def _label(self, screen: Screen, quote: Quote) -> str:
        state = screen.words(f"quote.state.{quote.state}")
        if not watched(screen.person):
            return f"«{shorten(quote.words, LABEL)}» · {state}"
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        return f"{screen.speech.texts.short_day(quote.asked_at, zone, screen.speech.language)} · {state}"


def text(speech: Speech, quote: Quote) -> str:
    """Return what somebody is asked, with the words exactly as they would be told."""
    cohort = speech.unit.cohorts.get(quote.cohort_id)
    facts = {"words": quote.words, "group": shorten(cohort.name, GROUP) if cohort else ""}
    if quote.state in {"asked", "no"}:
        return "\n\n".join((speech.words("quote.ask", **facts), speech.words("quote.ask.known")))
    return speech.words(f"quote.shown.{quote.state}", **facts)


def ways(speech: Speech, quote: Quote) -> list[Button]:
    """Return what somebody can say to it now."""
    steps: dict[str, tuple[tuple[str, Step], ...]] = {
        "asked": (("button.quote.yes", "y"), ("button.quote.change", "c"), ("button.quote.no", "n")),
        "no": (("button.quote.yes", "y"), ("button.quote.change", "c")),
        "yes": (("button.quote.back", "b"),),
        "back": (("button.quote.again", "y"),),
    }
    found = [speech.button(code, QUOTES, OneQuote(step, quote.id)) for code, step in steps[quote.state]]
    return [*found, speech.button("button.menu", targets.HOME)]


def deliver(turns: Turns, unit: Unit, person: Person, delivery: Delivery) -> None:
    """Ask somebody for words of their own; on a phone that others see, say that something is there."""
    quote = unit.quotes.asked_by(delivery.broadcast_id)
    if quote is None or quote.state != "asked" or not quote.words:
        unit.broadcasts.skip(delivery.id, "gone")
        return
    speech = turns.speech(unit, person, lane=BROADCAST)
    run_id = clock.new_id()
    # A run that asks nothing, so that it is known whether it was sent.
    state, language = Run("offered").state(), speech.language
    named = (run_id, person, delivery.dialog_hash, "broadcast", state, "offered", language, delivery.cohort_id)
    unit.runs.create(*named, delivery_id=delivery.id)
    unit.broadcasts.started(delivery.id, run_id)
    if watched(person):
        look = speech.button("button.told_open", QUOTES, OneQuote("o", quote.id))
        menu = speech.button("button.menu", targets.HOME)
        speech.send(speech.words("told.notice"), rows(look, menu), run_id=run_id, what=WHAT)
        return
    speech.send(text(speech, quote), rows(*ways(speech, quote)), run_id=run_id, what=WHAT)
