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

    def chat(self, slot: str) -> str:
        """Return the chat of a phone; raises KeyError before `open`."""
        return self._chats[slot]

    async def open(self, language: str) -> None:
        """Set up both phones in the browser's language, once."""
        if not self._chats:
            await self.restart(language)

    async def restart(self, language: str) -> None:
        """Start over with two new phones; the people of the old ones leave the cohort and lose their roles."""
        chats = {LEADER: clock.new_chat(), FACILITATOR: clock.new_chat()}
        code = await self._workers.write(lambda unit: self._prepare(unit, chats[FACILITATOR], language))
        self._chats = chats
        start = Incoming(WEB, clock.new_id().hex, chats[LEADER], Kind.TEXT, text=f"/start {code}", language=language)
        await self._web.hand_over(start)
        self._workers.outbox.notify()

    def _prepare(self, unit: Unit, facilitator_chat: str, language: str) -> str:
        """Set the record, remove the people of the old phones, and return an invite code for the new participant."""
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
                "care_card": {tag: say("practice.care_card", tag) for tag in LANGUAGES},
                "why": say("practice.why", language),
                "stop_when": say("practice.stop_when", language),
            }
        )
        self._turns.organisation.refresh()
        cohort_id = self._practice_cohort(unit, language)
        for known in unit.cohorts.list():
            for person in unit.people.list(known.id):
                unit.memberships.leave(person.id, known.id)
        for person_id in unit.roles.who_reads():
            unit.roles.revoke(person_id, "facilitator")
            unit.roles.revoke(person_id, "admin")
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
        found = unit.people.at(WEB, chat)
        if found is None:
            raise LookupError("the facilitator's phone was just linked")
        speech = self._turns.speech(unit, found)
        speech.say(
            "practice.hello",
            ((speech.button("button.ask", targets.ASK),), (speech.button("button.read", targets.READ),)),
        )
