"""Consent: the words, their version, and asking again when they have changed.

The version covers what is promised: what is asked, what the team sees earlier, how and for how long it is kept, the
risk, and how to leave. Who asks, who reads and when is shown with the words and can be looked up at any time; it
changes with every new colleague or corrected name, and is no reason to ask everyone again.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from bot import clock
from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.messengers.registry import MESSENGERS
from bot.participant.pause_leave import AGREED, PauseScreens
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services import minors, unlooked
from bot.services.permissions import EVERYONE
from dialogs import languages
from storage.people import Person
from storage.unit import Unit

ASKED: Final = "renewal_asked"
"""Key in a person's preferences: which version they were asked to agree to again, and when."""
PATIENCE: Final = timedelta(days=7)  # unanswered for so long, it is asked once more, with the next thing that is due


class Renewing(Argument):
    """The answer to consent words that have changed, or the wish to read them."""

    layout: ClassVar[str] = "{step}"
    step: Literal["read", "yes", "no", "sure"]


RENEW = Action("renew", EVERYONE, (Renewing,))


class ConsentScreens:
    """The text of consent, and its renewal."""

    def __init__(self, turns: Turns, resting: PauseScreens) -> None:
        self._turns = turns
        self._resting = resting
        self._versions: dict[tuple[str, str, Any, bool, tuple[object, ...]], str] = {}

    def lines(
        self, speech: Speech, person: Person, cohort_id: UUID | None = None, *, minor: bool | None = None
    ) -> list[str]:
        """Return the messages of consent, with all facts from the organisation's current record.

        What is asked, who reads, and last the risk. Whoever is under eighteen is told in fewer words, and two things
        more; the rest follows their yes (`after_yes`).

        Args:
            speech: the chat's.
            person: who is asked.
            cohort_id: of whose readers is told; by default the cohort the person has been in for longest.
            minor: whether these are the words for whoever is under eighteen; by default, as the person is.
        """
        self._turns.organisation.refresh()
        cohort_id = cohort_id or next(iter(speech.unit.memberships.of(person.id)), None)
        readers = self._turns.organisation.readers_line(speech, cohort_id)
        name = self._turns.organisation.name(speech.unit)
        invited = speech.words("join.invited", organisation=name) if name else speech.words("join.invited.unnamed")
        young = self.is_told_as_minor(speech.unit, person) if minor is None else minor
        what, kept, *own, risk = self._as_minor(speech) if young else self._promised(speech)
        # In English the organisation's name comes first, and it may begin with a small letter.
        first, who = f"{invited[:1].upper()}{invited[1:]} {what}", " ".join(filter(None, (readers, kept)))
        return [first, who, *own, risk]

    def after_yes(self, speech: Speech, person: Person) -> str:
        """Return what is said right after the yes of whoever is under eighteen: how it is kept; '' for anybody else."""
        return self.kept(speech) if self.is_told_as_minor(speech.unit, person) else ""

    def is_told_as_minor(self, unit: Unit, person: Person) -> bool:
        """Return whether a person is told what somebody under eighteen is."""
        return minors.is_minor(person) and minors.are_expected(self._turns.organisation.record(unit))

    def _as_minor(self, speech: Speech) -> tuple[str, ...]:
        """Return the words for whoever is under eighteen: whose yes is needed as well, and who has to know of harm."""
        chosen = self._turns.organisation.record(speech.unit).get("minors") or {}
        person = chosen.get("person") or speech.words("join.minor.team")
        office = minors.in_language(chosen.get("reported_to") or {}, speech.language)
        office = office or speech.words("join.minor.office")
        kept = f"{self._looked_at(speech)} {speech.words('join.minor.at_will')}"
        risk = f"{speech.own('join.minor.risk')} {speech.words('join.minor.no_harm')}"
        adult = speech.words("join.minor.adult", person=person)
        harm = speech.words("join.minor.report", reported_to=f"{office[:1].upper()}{office[1:]}")
        return speech.words("join.minor.what"), kept, adult, harm, risk

    def save_consent(self, speech: Speech, person: Person, action: str) -> Person:
        """Save that a person agreed or declined, with the exact words they were shown."""
        text = "\n\n".join(self.lines(speech, person))
        version = self._version(speech.unit, person, speech.language, speech.messenger)
        speech.unit.consents.add(clock.new_id(), person, action, version, speech.language, text)
        agreed = [version, speech.language] if action == "given" else None
        return speech.unit.people.prefer(person, **{ASKED: None, AGREED: agreed})

    def _promised(self, speech: Speech) -> tuple[str, str, str]:
        """Return the words that are the same for everyone with one language and one messenger."""
        kept = f"{self._looked_at(speech)} {self.kept(speech)}"
        risk = speech.own("join.risk")
        return speech.words("join.what"), kept, f"{risk} {speech.words('join.no_harm')}"

    def _looked_at(self, speech: Speech) -> str:
        """Return that words of danger are seen earlier, or that no program looks at this language."""
        if unlooked.listed_in(self._turns.organisation, speech.unit, speech.language):
            return speech.words("join.watched")
        return speech.words("join.unwatched", language=speech.language_name(speech.language))

    def kept(self, speech: Speech) -> str:
        """Return how answers are kept, and that they can be seen and erased."""
        return f"{self._turns.organisation.kept_line(speech)} {speech.words('join.at_will')}"

    def _version(self, unit: Unit, person: Person, language: str, channel: str) -> str:
        """Return the version of the words for a person; whoever is under eighteen agreed to words of their own."""
        record = self._turns.organisation.record(unit)
        young = self.is_told_as_minor(unit, person)
        chosen = record.get("minors") or {}
        who: tuple[object, ...] = (chosen.get("person"), str(chosen.get("reported_to"))) if young else ()
        listed = unlooked.listed_in(self._turns.organisation, unit, language)
        key = (language, channel, record.get("retention_months"), listed, who)
        if key not in self._versions:
            speech = Speech(unit, self._turns.texts, None, channel, "", language)
            promised = (*self._as_minor(speech), self.kept(speech)) if young else self._promised(speech)
            self._versions[key] = hashlib.sha256("\n\n".join(promised).encode()).hexdigest()
        return self._versions[key]

    def due(self, unit: Unit, person: Person) -> bool:
        """Return whether the words have changed since a person agreed, so that they have to be asked again."""
        if person.participation != "active" or not self._turns.organisation.known(unit):
            return False
        agreed = person.preferences.get(AGREED)
        if agreed is None:
            latest = unit.consents.latest(person.id)
            if latest is None or latest.action != "given":
                return False
            agreed = [latest.text_version, latest.language]
        version, language = agreed
        tag = language if language in languages.LANGUAGES else languages.DEFAULT
        # The present messenger's first: nearly always it is that one.
        names = dict.fromkeys(filter(None, (person.messenger, *(channel.name for channel in MESSENGERS))))
        return all(version != self._version(unit, person, tag, name) for name in names)

    def renew(self, unit: Unit, person: Person, *, lane: int = 0) -> bool:
        """Ask a person again, unless they were asked within `PATIENCE`; return whether they were asked now."""
        now = self._version(unit, person, language_of(person), person.messenger or "")
        asked = person.preferences.get(ASKED)
        if asked and asked[0] == now and unit.now - datetime.fromisoformat(asked[1]) < PATIENCE:
            return False
        person = unit.people.prefer(person, **{ASKED: [now, unit.now.isoformat()]})
        self._ask(self._turns.speech(unit, person, lane=lane), person)
        return True

    def _ask(self, speech: Speech, person: Person) -> None:
        what, *more, risk = self.lines(speech, person)
        speech.send(f"{speech.words('renew.ask')}\n\n{what}")
        for text in filter(None, (*more, self.after_yes(speech, person))):
            speech.send(text)
        keyboard = rows(
            speech.button("button.renew", RENEW, Renewing("yes")),
            speech.button("button.decline", RENEW, Renewing("no")),
            speech.button("button.who", targets.WHO),
            speech.button("button.support", targets.SUPPORT),
        )
        speech.send(risk, keyboard, repeatable=True)

    def button(self, screen: Screen) -> Button:
        """Return the button to the words that have changed."""
        return screen.speech.button("button.renew_read", RENEW, Renewing("read"))

    @handles(RENEW)
    def answer(self, screen: Screen, argument: Renewing) -> None:
        """Take the answer; a no is confirmed once more, since it means leaving."""
        unit, person, speech = screen.unit, screen.person, screen.speech
        if not self.due(unit, person):
            screen.show(
                screen.words("renew.settled"), rows(screen.button("button.agreement", targets.AGREEMENT), screen.menu())
            )
        elif argument.step == "yes":
            self.save_consent(speech, person, "given")
            speech.say("renew.given", rows(speech.button("button.menu", targets.HOME)))
        elif argument.step == "no":
            sure = screen.button("button.leave_sure", RENEW, Renewing("sure"))
            again = speech.button("button.renew_read", RENEW, Renewing("read"))
            screen.show(
                screen.words("renew.leave"), rows(sure, again, screen.button("button.support", targets.SUPPORT))
            )
        elif argument.step == "sure":
            person = self._resting.withdraw(unit, self.save_consent(speech, person, "declined"))
            ways = self._resting.ways_back(screen) if person.participation == "left" else rows(screen.menu())
            screen.show(screen.words("leader.left"), ways)
        else:
            self._ask(speech, person)
