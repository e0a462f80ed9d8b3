"""What circles said on paper, beside what people answered: apart, in nobody's count, and gone with its sheet's code."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import pages, shorten
from bot.services import circles
from bot.services.circles import CircleWord
from bot.services.permissions import FACILITATORS, cohorts_of
from bot.services.refusals import NotAllowed
from bot.team.home import today
from bot.team.kit import answer_pages, page_expiry
from bot.team.kit.feature import Feature
from bot.team.kit.reading_arguments import BroadcastQuestions, CircleAnswers, ReadingClosed
from dialogs import wording
from dialogs.model import Step
from storage.broadcasts import Broadcast
from storage.people import Person

ROOM: Final = 380  # characters of words on a page
ASKED: Final = 120  # characters of a question
SHOWN: Final = 2  # circles of which something stands beside people's answers
WORDS: Final = 60  # characters of their words there
TITLE: Final = 28
WEEK: Final = timedelta(days=7)
TOLD_OF: Final = 2  # broadcasts of which a digest says that circles answered

CIRCLES = Action(targets.CIRCLES, FACILITATORS, (CircleAnswers,))


class CircleScreens(Feature):
    """The screen with what circles said to a question, whole."""

    @handles(CIRCLES)
    def circles(self, screen: Screen, argument: CircleAnswers) -> None:
        """Show a page of what circles said to a question, and note who looked.

        Raises:
            NotAllowed: the broadcast is none of the reader's.
        """
        broadcast = screen.unit.broadcasts.get(argument.broadcast)
        if broadcast is None:
            raise NotAllowed(CIRCLES.name)
        found = circles.look(screen.unit, screen.person, broadcast, CIRCLES.name)
        screen.unit.audit.add(str(screen.person.id), "group_sheet.read", str(broadcast.id), {})
        asked = self._turns.dialog(screen.unit, broadcast.dialog_hash).questions
        step = asked[min(argument.question, len(asked) - 1)]
        leaves = pages("\n\n".join(self._whole(screen.speech, found, step)), ROOM) or [screen.words("circle.none")]
        pager = Pager.of(len(leaves), 1, argument.page)
        turns = pager.turns(
            lambda code, number: screen.speech.button(
                code, CIRCLES, CircleAnswers(broadcast.id, argument.question, number)
            )
        )
        other = screen.speech.button("button.other_question", targets.READ, BroadcastQuestions(broadcast.id))
        close = screen.speech.button("button.close", targets.READ, ReadingClosed())
        title = shorten(wording.choose(step.label, screen.speech.language), ASKED)
        text = f"{title}\n\n{leaves[pager.page]}"
        page_expiry.show(self._turns, screen.speech, screen.person, screen.incoming, text, turns + rows(other, close))

    def _whole(self, speech: Speech, found: Sequence[CircleWord], step: Step) -> Iterator[str]:
        """Yield what each circle said to a question, and what was said against it."""
        for each in found:
            if each.refused:
                continue
            day = speech.texts.day_of(each.day, speech.language)
            head = speech.texts.count("circle.who", speech.language, each.present)
            lines = [f"{head} ({day})", f"→ {words_to(speech, each, step) or speech.words('circle.passed')}"]
            if each.against:
                lines.append(speech.words("paper.against", words=each.against))
            yield "\n".join(lines)
        if refused := sum(each.refused for each in found):
            yield speech.texts.count("circle.refused", speech.language, refused)


def words_to(speech: Speech, said: CircleWord, step: Step) -> str:
    """Return what a circle said to a question, in words; nothing where it passed it."""
    answer = said.answers.get(step.name)
    if answer is None or answer.value is None:
        return ""
    return answer_pages.quoted(speech, step, answer).removeprefix("→ ")


def beside(speech: Speech, found: Sequence[CircleWord], step: Step) -> Iterator[str]:
    """Yield the lines that say beside people's answers to a question what circles said, cut short."""
    said = [(each, words) for each in found if (words := words_to(speech, each, step))]
    refused = sum(each.refused for each in found)
    if not said and not refused:
        return
    yield speech.words("circle.apart")
    for each, words in said[:SHOWN]:
        head = speech.texts.count("circle.who", speech.language, each.present)
        yield f"{head}: {shorten(words, WORDS)}"
    if len(said) > SHOWN:
        yield speech.texts.count("circle.more", speech.language, len(said) - SHOWN)
    if refused:
        yield speech.texts.count("circle.refused", speech.language, refused)


def opens(speech: Speech, broadcast: Broadcast, found: Sequence[CircleWord], question: int) -> list[Button]:
    """Return the button to what circles said to a question; none where no circle said anything."""
    said = sum(not each.refused for each in found)
    if not said:
        return []
    label = speech.texts.count("button.circles", speech.language, said)
    return [Button(label, speech.buttons.plain(CIRCLES, CircleAnswers(broadcast.id, question)))]


def below(speech: Speech, broadcast: Broadcast, step: Step, question: int, text: str) -> tuple[str, list[Button]]:
    """Return a text with what circles said to a question below it, and the button to all of that."""
    found = circles.to_asked(speech.unit, broadcast)
    apart = "\n".join(beside(speech, found, step))
    return "\n\n".join(filter(None, (text, apart))), opens(speech, broadcast, found, question)


def alone(speech: Speech, broadcast: Broadcast, step: Step, question: int) -> tuple[str, Keyboard]:
    """Return a page for a question that no person answered: what circles said, or that nobody did."""
    asked = shorten(wording.choose(step.label, speech.language), ASKED)
    text, whole = below(speech, broadcast, step, question, asked)
    if text == asked:
        text = speech.words("read.no_answers")
    other = speech.button("button.other_question", targets.READ, BroadcastQuestions(broadcast.id))
    return text, rows(*whole, other)


def of_the_week(speech: Speech, person: Person) -> dict[UUID, list[CircleWord]]:
    """Return what circles said in the last seven days, by the broadcast, the newest first; in the reader's cohorts."""
    cohorts = [each.id for each in cohorts_of(speech.unit, person)]
    found: dict[UUID, list[CircleWord]] = {}
    for broadcast_id, word in circles.since(speech.unit, cohorts, (speech.unit.now - WEEK).date()) if cohorts else ():
        found.setdefault(broadcast_id, []).append(word)
    return dict(list(found.items())[:TOLD_OF])


def week_line(turns: Turns, speech: Speech, broadcast: Broadcast, found: Sequence[CircleWord]) -> str:
    """Return the line of a digest that says that circles answered, or did not want to; their words are a tap away.

    A digest stays in the chat, and what a circle said has to be gone at once when it is taken back.
    """
    title = shorten(today.title(turns, speech, broadcast), TITLE)
    said, count = [each for each in found if not each.refused], speech.texts.count
    if not said:
        return count("digest.circles_refused", speech.language, len(found), title=title)
    if len(said) == 1:
        return count("digest.circle", speech.language, said[0].present, title=title)
    return count("digest.circles", speech.language, len(said), title=title)
