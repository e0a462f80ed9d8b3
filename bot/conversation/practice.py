"""Practice: an invented organisation, a cohort, and two phones held by one visitor."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from bot import clock
from bot.conversation.turns import Turns
from bot.messengers.port import WEB, Incoming, Kind
from bot.messengers.web import WebMessenger
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.runtime.workers import Workers
from dialogs import danger
from storage import erasure
from storage.people import Person
from storage.unit import Unit

LEADER, FACILITATOR = "leader", "facilitator"
ZONE: Final = "America/Mexico_City"


class PracticePhones:
    """The two phones: the participant's starts with an invite, the facilitator's with a greeting and buttons."""

    def __init__(self, workers: Workers, turns: Turns, web: WebMessenger) -> None:
        self._workers = workers
        self._turns = turns
        self._web = web
        self._chats: dict[str, str] = {}
        self._language = ""

    def chat(self, slot: str) -> str:
        """Return the chat of a phone; raises KeyError before `open`."""
        return self._chats[slot]

    async def open(self, language: str) -> None:
        """Set up both phones in the browser's language, once."""
        if not self._chats:
            await self.restart(language)

    async def visit(self, language: str) -> None:
        """Set up both phones, once; for a later visitor the facilitator's phone speaks the browser's language.

        What was begun stays, and so does the participant's phone, whose language is asked for there.
        """
        if not self._chats:
            await self.restart(language)
        elif language != self._language:
            self._language = language
            await self._workers.write(lambda unit: self._speak(unit, self._chats[FACILITATOR], language))
            self._workers.outbox.notify()

    async def restart(self, language: str) -> None:
        """Start over with two new phones; the people of the old ones are erased, and what waited goes with them."""
        chats = {LEADER: clock.new_chat(), FACILITATOR: clock.new_chat()}
        self._language = language
        code = await self._workers.write(lambda unit: self._prepare(unit, chats[FACILITATOR], language))
        self._chats = chats
        start = Incoming(WEB, clock.new_id().hex, chats[LEADER], Kind.TEXT, text=f"/start {code}", language=language)
        await self._web.hand_over(start)
        self._workers.outbox.notify()

    def _prepare(self, unit: Unit, facilitator_chat: str, language: str) -> str:
        """Set the record, erase the people of the old phones, and return an invite code for the new participant."""
        say = self._turns.texts.say
        record = unit.organisation.get()
        unit.organisation.set(
            {
                **record,
                "name": say("practice.organisation", language),
                "zone": ZONE,
                "reading_days": [3],
                "languages": list(LANGUAGES),
                "retention_months": 12,
                "minors": {"anybody": False},
                "danger_words": {tag: [*danger.proposed(tag)] for tag in LANGUAGES if danger.proposed(tag)},
                "care_card": {tag: say("practice.care_card", tag) for tag in LANGUAGES},
                "why": say("practice.why", language),
                "stop_when": say("practice.stop_when", language),
            }
        )
        self._turns.organisation.refresh()
        cohort_id = self._practice_cohort(unit, language)
        for person in unit.people.list():  # of the practice database: nobody there is real
            erasure.erase(unit, person.id)
        self._facilitator(unit, facilitator_chat, language)
        code = clock.new_code()
        unit.invites.create(clock.new_id(), code, "leader", cohort_id, 1, None, None)
        return code

    def _practice_cohort(self, unit: Unit, language: str) -> UUID:
        """Return the practice cohort, in the language of the visitor: made at first use, and as new each time."""
        names = [self._turns.texts.say("practice.cohort", tag) for tag in (language, *LANGUAGES)]
        found = next(filter(None, map(unit.cohorts.by_name, names)), None)
        if found is None:
            return unit.cohorts.add(clock.new_id(), names[0], LANGUAGES, ZONE, practice=True).id
        if found.name != names[0] or found.context:  # closed, or otherwise set up by who practised before
            unit.cohorts.change(replace(found, name=names[0], context={}))
        return found.id

    def _facilitator(self, unit: Unit, chat: str, language: str) -> None:
        person = unit.people.create(clock.new_id(), unit.now, "active", language, practice=True)
        unit.people.change(person, nickname=self._turns.texts.say("practice.facilitator", language))
        unit.addresses.link(person, WEB, chat, clock.new_id())
        unit.roles.grant(clock.new_id(), person.id, "facilitator")
        unit.roles.grant(clock.new_id(), person.id, "admin")
        self._greet(unit, unit.people.known(person.id))

    def _speak(self, unit: Unit, chat: str, language: str) -> None:
        """Let the facilitator's phone speak another language from here on; it greets in it, unless it does already."""
        found = unit.people.at(WEB, chat)
        if found is None or found.language == language:
            return
        self._greet(unit, unit.people.change(found, language=language))

    def _greet(self, unit: Unit, facilitator: Person) -> None:
        speech = self._turns.speech(unit, facilitator)
        speech.say(
            "practice.hello",
            ((speech.button("button.ask", targets.ASK),), (speech.button("button.read", targets.READ),)),
        )
