"""Recording Hilo's own sentences from the phone: those that matter most, one after the other, in each language."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant.consent import ConsentScreens
from bot.participant.pause_leave import PauseScreens
from bot.product_languages import language_of, of_organisation
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import Speech, media_of, rows
from bot.services import minors, recordings
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.spoken import CHECK_IN, buttons_aloud, care_aloud, offer_aloud, question_aloud
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs import languages
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WIZARD = "record_sentence"
LANGUAGE, NUMBER = "language", "number"
MOST: Final = 24  # sentences in a language


class RecordFrom(Argument):
    """A language to record in: the sentences that lack (`g`), all of them anew (`a`), or to hear them (`h`)."""

    layout: ClassVar[str] = "{step}{language}"
    step: Literal["g", "a", "h"]
    language: str


class InLanguage(Argument):
    """A language whose recordings are shown."""

    layout: ClassVar[str] = "l{language}"
    language: str


class OneRecording(Argument):
    """A sentence by its place: to hear what was recorded (`p`), to record it again (`r`), to take that away (`x`)."""

    layout: ClassVar[str] = "{step}{place}.{language}[.{anew:!}]"
    step: Literal["p", "r", "x"]
    place: int
    language: str
    anew: bool = False


RECORDINGS = Action(
    targets.RECORDINGS, ADMINS_OF_ALL, (InLanguage, RecordFrom, OneRecording, Page), menu=MenuPlace("organisation", 3)
)


class RecordingScreens(Feature):
    """The list of languages, how far each is recorded, and the wizard that takes one sentence after the other."""

    wizards: ClassVar = {WIZARD: RECORDINGS}

    def __init__(self, turns: Turns) -> None:
        super().__init__(turns)
        self._agreement = ConsentScreens(turns, PauseScreens(turns))

    @handles(RECORDINGS)
    def recordings(self, screen: Screen, argument: InLanguage | RecordFrom | OneRecording | Page) -> Next:
        """Show the languages or one of them, begin to record, or play what was recorded."""
        match argument:
            case Page():
                self._languages(screen)
            case InLanguage(tag):
                self._one(screen, tag)
            case OneRecording():
                return self._of_one(screen, argument)
            case RecordFrom("h", tag):
                for name in filter(None, self._voices(screen, tag)):
                    screen.speech.play(name)
                self._one(Screen(screen.speech, screen.person), tag)
            case RecordFrom(step, tag):
                return self._begin(screen, tag, 0, anew=step == "a")
        return None

    def sentences(self, screen: Screen, tag: str) -> list[str]:
        """Return the sentences that matter most, as they are said now in a language."""
        speech = Speech(screen.unit, self._turns.texts, screen.person, screen.speech.messenger, screen.speech.chat, tag)
        found = [speech.words("join.hello"), *self._consent(speech, screen.person)]
        found += [buttons_aloud(speech), speech.words("join.name"), care_aloud(self._turns.organisation, speech)]
        dialog = self._turns.content.of(screen.unit).dialog(CHECK_IN)
        found += [offer_aloud(speech, dialog), *(question_aloud(step, tag) for step in dialog.steps if step.waits)]
        return [words for words in dict.fromkeys(found) if words][:MOST]

    def _consent(self, speech: Speech, person: Person) -> list[str]:
        """Return the words of consent, and those for whoever is under eighteen where anybody is."""
        found = self._consent_of(speech, person, minor=False)
        if minors.are_expected(self._turns.organisation.record(speech.unit)):
            found += self._consent_of(speech, person, minor=True)
        return found

    def _consent_of(self, speech: Speech, person: Person, *, minor: bool) -> list[str]:
        """Return them with who reads as it is said in each group, since not the same people read in all."""
        groups = [each for each in speech.unit.cohorts.list() if not each.practice]
        spoken = [each for each in groups if speech.language in map(languages.base, each.languages)] or groups
        first, who, *rest = self._agreement.lines(speech, person, spoken[0].id if spoken else None, minor=minor)
        others = [self._agreement.lines(speech, person, each.id, minor=minor)[1] for each in spoken[1:]]
        after = [self._agreement.kept(speech)] if minor else []
        return [first, who, *others, *rest, *after]

    def _voices(self, screen: Screen, tag: str) -> Iterator[str]:
        self._turns.organisation.refresh()
        speech = Speech(screen.unit, self._turns.texts, screen.person, screen.speech.messenger, screen.speech.chat, tag)
        return (recordings.voice(self._turns.organisation, speech, words) for words in self.sentences(screen, tag))

    def _languages(self, screen: Screen) -> None:
        buttons = [
            screen.labelled(f"{languages.own_name(tag)} · {self._done(screen, tag)}", RECORDINGS, InLanguage(tag))
            for tag in of_organisation(screen.unit.organisation.get())
        ]
        screen.show(screen.words("record.languages"), rows(*buttons, screen.menu()))

    def _done(self, screen: Screen, tag: str) -> str:
        found = [bool(name) for name in self._voices(screen, tag)]
        return f"{sum(found)}/{len(found)}"

    def _one(self, screen: Screen, tag: str) -> None:
        found = [bool(name) for name in self._voices(screen, tag)]
        done, total = sum(found), len(found)
        buttons = []
        if done < total:
            buttons.append(screen.speech.button("button.record_go", RECORDINGS, RecordFrom("g", tag)))
        if done:
            buttons.append(screen.speech.button("button.record_hear", RECORDINGS, RecordFrom("h", tag)))
            buttons.append(screen.speech.button("button.record_anew", RECORDINGS, RecordFrom("a", tag)))
        text = screen.words(
            "record.one",
            language=screen.language(tag, first=True),
            done=done,
            total=total,
        )
        screen.show(text, rows(*buttons, screen.button("button.return", RECORDINGS), screen.menu()))

    def _begin(self, screen: Screen, tag: str, number: int, *, anew: bool) -> Next:
        """Begin with the next sentence; anew: also one that is recorded already. At the end, show how far it is."""
        found = list(self._voices(screen, tag))
        following = next((place for place in range(number, len(found)) if anew or not found[place]), None)
        if following is None:
            self._one(Screen(screen.speech, screen.person), tag)
            return None
        return Begin(WIZARD, {LANGUAGE: tag, NUMBER: following, "anew": anew})

    def _of_one(self, screen: Screen, argument: OneRecording) -> Next:
        """Play a recording, take it away, or record its sentence again and go on after it."""
        tag, place = argument.language, argument.place
        found = self.sentences(screen, tag)
        if place >= len(found):  # fewer are said now than when it was recorded
            self._one(Screen(screen.speech, screen.person), tag)
        elif argument.step == "r":
            return Begin(WIZARD, {LANGUAGE: tag, NUMBER: place, "anew": argument.anew})
        elif argument.step == "p":
            voice = list(self._voices(screen, tag))[place]
            if voice:
                screen.speech.play(voice)
            else:
                screen.speech.say(
                    "record.sentence_gone", rows(self._to_one(screen, "button.record_again", "r", argument))
                )
        else:
            recordings.drop(screen.unit, screen.person, tag, found[place])
            self._turns.organisation.refresh()
            again = self._to_one(screen, "button.record_again", "r", argument)
            screen.speech.say("record.sentence_dropped", rows(again, screen.menu()), number=place + 1)
        return None

    def _to_one(self, screen: Screen, code: str, step: Literal["p", "r", "x"], of: OneRecording) -> Button:
        return screen.speech.button(code, RECORDINGS, OneRecording(step, of.place, of.language, of.anew))

    def _kept(self, screen: Screen, of: OneRecording, total: int) -> None:
        """Say that a sentence is recorded, with what can be done about it; the next one follows."""
        buttons = [
            self._to_one(screen, "button.record_play", "p", of),
            self._to_one(screen, "button.record_again", "r", of),
            self._to_one(screen, "button.record_drop", "x", of),
        ]
        screen.speech.say("record.sentence_kept", (tuple(buttons),), number=of.place + 1, total=total)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return which sentence is recorded, in which language, and how many there are."""
        task = self.task(person)
        tag, number = str(task.get(LANGUAGE) or languages.DEFAULT), int(task.get(NUMBER) or 0)
        found = self.sentences(Screen(self._turns.speech(unit, person), person), tag)
        return {
            "sentence": found[min(number, len(found) - 1)],
            "sentence_number": str(number + 1),
            "sentence_total": str(len(found)),
            "sentence_language": self._turns.texts.language(tag, language_of(person)),
        }

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Keep what was spoken, if anything was, and go on with the next sentence."""
        task = self.task(screen.person)
        tag, number = str(task.get(LANGUAGE) or languages.DEFAULT), int(task.get(NUMBER) or 0)
        found = self.sentences(screen, tag)
        voices = [piece for piece in media_of(done.values.get("spoken")) if piece.kind == "voice"]
        if voices and number < len(found):
            present = {recordings.mark(words): words for words in found}
            words, spoken = found[number], UUID(voices[-1].id)
            recordings.keep(screen.unit, screen.person, tag, words, spoken, present)
            self._turns.organisation.refresh()
            self._kept(screen, OneRecording("r", number, tag, bool(task.get("anew"))), len(found))
        return self._begin(screen, tag, number + 1, anew=bool(task.get("anew")))
