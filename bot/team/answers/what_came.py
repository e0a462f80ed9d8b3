"""What was told, to how many, and what came back of it: from people, and from circles, apart."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant import share_back
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import shorten
from bot.services import aloud, circles, said_back, share_backs
from bot.services.circles import CircleWord
from bot.services.said_back import SaidToIt
from bot.team.kit import answer_pages
from bot.team.kit.decision_arguments import AloudOf, OneDecision
from bot.team.kit.reading_arguments import PanelAnswers
from bot.team.messages.inbox import MailPage
from storage.decisions import Decision

NAMED: Final = 3
CIRCLES_SHOWN: Final = 2
WORDS: Final = 60  # characters of a circle's words
TITLE: Final = 28
ON_BUTTON: Final = 24


def show(turns: Turns, screen: Screen, decision: Decision) -> None:
    """Show what was told, how many it reached, and what came back."""
    unit, speech = screen.unit, screen.speech
    came, said_apart = said_back.what_came(unit, decision), circles.to_told(unit, decision)
    number = unit.following.progress(decision.share_back_id) if decision.share_back_id else None
    lines = [*_people(speech, decision, came), *_circles(speech, decision, said_apart)]
    told = [_how(turns, screen, decision, number.sent if number else 0), *share_back.lines(speech, decision)]
    stop = [screen.button("button.back.stop", targets.DECIDE, OneDecision("c", decision.id))]
    read = speech.button("button.read", targets.READ, PanelAnswers(decision.broadcast_id))
    asked = unit.broadcasts.get(decision.broadcast_id)
    on_paper = asked is not None and aloud.asked_on_paper(unit, asked)
    keyboard = (
        *rows(*_messages(screen, came.messages)),
        *rows(*([reads_aloud(screen, decision)] if on_paper else [])),
        *rows(*(stop if number is not None and number.queued else []), read),
        (screen.button("button.return", targets.DECIDE), screen.menu()),
    )
    screen.show("\n\n".join((*told, "\n".join(lines))).strip(), keyboard)


def reads_aloud(screen: Screen, decision: Decision) -> Button:
    """Return the button to what is read aloud of a decision."""
    return screen.button("button.aloud", targets.ALOUD, AloudOf("o", decision.id))


def day(turns: Turns, screen: Screen, decision: Decision) -> str:
    """Return on which day a decision was told, or written."""
    zone = answer_pages.zone(turns, screen.speech)
    return screen.speech.texts.short_day(decision.told_at or decision.made_at, zone, screen.speech.language)


def _how(turns: Turns, screen: Screen, decision: Decision, sent: int) -> str:
    """Return to whom a decision was told, and how."""
    cohort = screen.unit.cohorts.get(decision.cohort_id)
    facts = {"day": day(turns, screen, decision), "cohort": shorten(cohort.name, TITLE) if cohort else ""}
    if aloud.order_of(screen.unit, decision) is None:
        if not sent:
            return screen.words("back.told.nobody", **facts)
        return screen.speech.texts.count("back.told", screen.speech.language, sent, **facts)
    read = aloud.read_at(screen.unit, decision)
    if read is None:
        return screen.words("aloud.waits", cohort=facts["cohort"])
    zone = answer_pages.zone(turns, screen.speech)
    facts["day"] = screen.speech.texts.short_day(read, zone, screen.speech.language)
    return screen.words("aloud.told", **facts)


def _people(speech: Speech, decision: Decision, came: SaidToIt) -> Iterator[str]:
    """Yield what came back from people; of what went to nobody's phone, nothing."""
    if aloud.order_of(speech.unit, decision) is None:
        fine = speech.words("back.fine.few")
        if came.fine is not None:
            fine = speech.texts.count(f"back.fine.count.{decision.kind}", speech.language, came.fine)
        yield fine
    if came.messages:
        yield speech.texts.count("back.said.count", speech.language, len(came.messages))
    if came.runs:
        yield speech.texts.count("back.moved.count", speech.language, len(came.runs))
    if came.gone:
        yield speech.texts.count("back.moved.gone", speech.language, came.gone)
    if not share_backs.whole(decision):
        yield speech.words("back.quote.gone")


def _circles(speech: Speech, decision: Decision, found: Sequence[CircleWord]) -> Iterator[str]:
    """Yield what circles said to it, cut short: whole it is read by the code of their sheet."""
    said = [each for each in found if not each.refused]
    for each in said[:CIRCLES_SHOWN]:
        who = speech.texts.count("circle.who", speech.language, each.present)
        words = speech.words(f"circle.fine.{decision.kind}") if each.fine else shorten(each.against, WORDS)
        yield speech.words("circle.back", who=who, words=words)
    if len(said) > CIRCLES_SHOWN:
        yield speech.texts.count("circle.more", speech.language, len(said) - CIRCLES_SHOWN)
    if refused := len(found) - len(said):
        yield speech.texts.count("circle.refused", speech.language, refused)


def _messages(screen: Screen, messages: Sequence[UUID]) -> list[Button]:
    """Return a button to each of the newest conversations in which something was said back."""
    found: dict[UUID, Button] = {}
    for message in filter(None, map(screen.unit.messages.get, messages)):
        name = screen.speech.mentioned(screen.unit.people.known(message.person_id))
        label = screen.words("button.back.message", name=shorten(name, ON_BUTTON))
        page = MailPage(message.conversation)
        found[message.conversation] = Button(label, screen.speech.buttons.plain(targets.MAIL_OPEN, page))
    return list(found.values())[-NAMED:]
