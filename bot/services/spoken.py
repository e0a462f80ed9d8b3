"""What is said aloud beside what is written: the words of recordings, as they are read by whoever makes one.

A question is said with its choices, the buttons of consent in a sentence of their own, and the care card without the
hour of the day, so that one recording serves at any hour.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import Speech
from bot.services import care, recordings
from bot.services.organisation import OrganisationFacts
from dialogs import languages, wording
from dialogs.model import Dialog, Step

CHECK_IN: Final = "check_in"
PICTURES: Final = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F]")


def question_aloud(step: Step, language: str) -> str:
    """Return a question and its choices, with their numbers, as they are said."""
    tag = languages.base(language)
    choices = [
        f"{place}, {PICTURES.sub('', wording.choose(choice.label, tag)).strip()}"
        for place, choice in enumerate(step.choices, 1)
    ]
    asked = wording.choose(step.label, tag)
    return " ".join((asked, "; ".join(choices) + ".")) if choices else asked


def offer_aloud(speech: Speech, dialog: Dialog) -> str:
    """Return how a dialog is offered, without anybody's name."""
    count, language = speech.texts.count, languages.base(speech.language)
    questions = sum(step.waits for step in dialog.steps)
    hello = speech.texts.say("offer.hello", language)
    minutes = count("offer.minutes", language, dialog.minutes)
    return f"{hello} {minutes} {count('offer.questions', language, questions)}"


def offer_voice(organisation: OrganisationFacts, speech: Speech, dialog: Dialog) -> str:
    """Return the recording of how a dialog is offered; empty without one."""
    if not recordings.any_kept(organisation, speech.unit):
        return ""
    return recordings.voice(organisation, speech, offer_aloud(speech, dialog))


def question_voice(organisation: OrganisationFacts, speech: Speech, step: Step) -> str:
    """Return the recording of a question: one that came with its dialog, or an admin's; empty without one."""
    own = wording.recorded(step.audio, step.label, speech.language) if step.audio else ""
    if own or not recordings.any_kept(organisation, speech.unit):
        return own
    return recordings.voice(organisation, speech, question_aloud(step, speech.language))


def hearing(speech: Speech, name: str) -> list[Button]:
    """Return the button that plays a recording, for who reads or has little signal: to others it comes by itself."""
    return [speech.button("button.hear_it", targets.HEAR, name)] if name and not speech.plays else []


def buttons_aloud(speech: Speech) -> str:
    """Return what the buttons under the question of consent say."""
    yes, doubts, no = speech.words("button.agree"), speech.words("button.doubts"), speech.words("button.decline")
    return speech.words("spoken.buttons", agree=yes, doubts=doubts, decline=no)


def care_aloud(organisation: OrganisationFacts, speech: Speech) -> str:
    """Return where to turn: whom and at which number, and the organisation's own words."""
    found = care.lines_of(organisation.record(speech.unit))
    lines = [f"{each.called(speech.language)}: {each.number}." for each in found]
    return " ".join((*lines, organisation.care_card(speech) or ""))


def consent_voices(organisation: OrganisationFacts, speech: Speech, lines: Sequence[str]) -> list[str]:
    """Return the recordings of the question of consent and of its buttons, those there are."""
    voices = (recordings.voice(organisation, speech, words) for words in (*lines, buttons_aloud(speech)))
    return [name for name in voices if name]
