"""Automatic respondents: the shipped dialogs are finished by buttons, by digits, and by voice, wherever she is.

By buttons she never types: an open question is passed, and the one that cannot be passed (a story is what the whole
conversation is about) is told into the microphone, which is a button too. By digits she presses nothing. By voice she
speaks where a person will listen, and types digits elsewhere. A number is no yes: both agree in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from dialogs import wording
from dialogs.model import Dialog, Media, Step, Value
from dialogs.run import Run
from dialogs.types import multiline
from storage.people import Person
from tests.bot.rig import texts
from tests.bot.tongues import foreign
from tests.bot.walker import DIALOGS, HELLO
from tests.by_day import LANGUAGES_ALIKE
from tests.journeys.bot import Bot
from tests.journeys.hands import Hand, Shown, TelegramHand, WebHand
from tests.media_rows import sent_by

WAYS = ("buttons", "digits", "voice")
LONGEST = 60  # acts of one conversation
OWN = {"x", "español", "english"}


@dataclass
class Respondent:
    """Someone who answers everything in one way."""

    bot: Bot
    hand: Hand
    language: str
    way: str
    seen: dict[int, Shown] = field(default_factory=dict)
    expected: dict[str, Value | None] = field(default_factory=dict)
    spoken: int = 0

    def say(self, code: str, **facts: object) -> str:
        """Return the sentence of a code in her language."""
        return texts().say(code, self.language, **facts)

    @property
    def person(self) -> Person:
        """Her, on record."""
        return self.bot.at(self.hand.messenger, self.hand.chat)

    @property
    def yes(self) -> str:
        """What she agrees with, in words: a number is no yes."""
        return "sí, quiero" if self.language == "es" else "yes, I want to"

    def look(self) -> Shown:
        """Look at the screen: all that is new is in her language, and the newest message leads on."""
        shown = self.hand.screen()
        for message in shown:
            if self.seen.get(message.order) != message:
                for line in (*message.text.split("\n"), *message.labels):
                    assert line in HELLO or not foreign(line, self.language, OWN), line
            self.seen[message.order] = message
        assert shown[-1].labels, f"no way on: {shown[-1].text}"
        return shown[-1]

    def join(self, code: str) -> None:
        """Come in: language, yes, and a name, in her own way."""
        self.hand.start(code)
        if self.way == "buttons":
            self.hand.press("1 · Español" if self.language == "es" else "2 · English")
            self.look()
            self.hand.press(self.say("button.agree"))
            self.look()
            self.hand.press(self.say("button.skip"))
        else:
            for said in ("1" if self.language == "es" else "2", self.yes, "7"):
                self.hand.say(said)
                self.look()
        assert self.person.participation == "active"

    def converse(self, dialog: Dialog, broadcast_id: UUID) -> Run:
        """Answer one conversation to its end."""
        self.expected = {}
        self.bot.settle()
        for _ in range(LONGEST):
            newest = self.look()
            row = self.bot.run_of(self.person, broadcast_id)
            run = self.bot.restored(self.person, row)
            if row.status == "completed":
                return run
            if row.status == "offered":
                self.hand.press(self.say("button.start")) if self.way == "buttons" else self.hand.say("1")
                continue
            step = dialog.step(run.position)
            self.leads(step, newest)
            self.answer(step, newest, collected=bool(run.draft))
        raise AssertionError(f"no end:\n{newest}")

    def leads(self, step: Step, newest: Shown) -> None:
        """A question shows a way on and a way to wait, behind which there is a way out."""
        assert self.say("button.later") in newest.labels, newest
        if not newest.text.endswith(self.say("run.collected")):
            assert bool(step.choices) or step.required or self.say("button.skip") in newest.labels, newest

    def answer(self, step: Step, newest: Shown, *, collected: bool) -> None:
        """Answer the open question in her way, and note what should be kept."""
        if step.type == "select_multiple":
            self.several(step, newest, picked=collected)
        elif step.choices:
            place = len(step.name) % len(step.choices)
            name = step.choices[place].name
            self.expected[step.name] = int(name) if step.type == "range" else name
            if self.way == "buttons":
                label = self.label(step, place)
                self.hand.press(next(each for each in newest.labels if each.endswith(label)))
            else:
                self.hand.say(str(place + 1))
        elif collected:
            self.hand.press(self.say("button.all")) if self.way == "buttons" else self.hand.say("0")
        elif self.way == "buttons" and not step.required:
            self.expected[step.name] = None
            self.hand.press(self.say("button.skip"))
        elif self.way == "digits":
            self.expected[step.name] = ("3",) if multiline(step) else "3"
            self.hand.say("3")
        else:
            self.expected[step.name] = "voice"
            self.spoken += 1
            self.hand.record()

    def several(self, step: Step, newest: Shown, *, picked: bool) -> None:
        """Choose the first and the last."""
        last = len(step.choices) - 1
        self.expected[step.name] = (step.choices[0].name, step.choices[last].name)
        if self.way != "buttons":
            self.hand.say(f"1 {last + 1}")
            return
        for place in (0, last):
            label = self.label(step, place)
            self.hand.press(next(each for each in newest.labels if each.endswith(label)))
        self.hand.press(self.say("button.done"))

    def label(self, step: Step, place: int) -> str:
        """Return what a choice is called in her language."""
        return wording.choose(step.choices[place].label, self.language)

    def kept(self, run: Run) -> dict[str, Value | None]:
        """Return what is on record of the conversation; a voice note of three seconds is `voice`."""
        return {
            path: "voice" if _spoken(answer.value) else answer.value
            for path, answer in run.answers.items()
            if path in self.expected or answer.value is not None
        }


def _spoken(value: Value | None) -> bool:
    return isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Media) and value[0].kind == "voice"


@pytest.fixture(params=["es", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn."""
    return str(request.param)


@pytest.fixture(params=WAYS)
def respondent(request: pytest.FixtureRequest, bot: Bot, language: str) -> Iterator[Respondent]:
    """Someone who has not come in yet, with one way of answering."""
    hand: TelegramHand | WebHand
    if bot.double is not None:
        hand = TelegramHand(bot, bot.double.user(name="x", language=language))
        yield Respondent(bot, hand, language, str(request.param))
    else:
        hand = WebHand(bot, language)
        yield Respondent(bot, hand, language, str(request.param))
        hand.close()


@pytest.mark.by_day("respondent", "language", why=LANGUAGES_ALIKE)
def test_every_shipped_dialog_is_finished(bot: Bot, respondent: Respondent) -> None:
    """All six are completed, each answer is kept as it was given, and nothing is said in another language."""
    cohort = f"※ {respondent.language} {respondent.way}"
    respondent.join(bot.invite(cohort))
    # The one that asks for her hours comes last: from then on the others wait for them.
    for name in sorted(DIALOGS, key=lambda name: name == "welcome"):
        dialog = bot.running.app.content.in_files().dialog(name)
        run = respondent.converse(dialog, bot.order(name, cohort))

        assert run.status == "completed"
        assert respondent.kept(run) == respondent.expected, name
        assert respondent.expected, name
    person_id = respondent.person.id
    heard = bot.read(lambda unit: len(sent_by(unit, person_id)))
    assert heard == {"buttons": 1, "digits": 0, "voice": respondent.spoken}[respondent.way]
    assert bool(heard) is (respondent.way != "digits")
