"""An organisation with many participants and many answers, each participant at the first question of a check-in."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot import clock
from bot.services.versions import save_version
from storage.people import Person
from storage.unit import Unit
from tests.bench.office import BATCH, BEGAN, BODIES, Office

AT_ONCE = 500  # people a transaction


class Filled(Office):
    """The storage of a bot, filled by what a bot fills it with."""

    def __init__(self, home: Path, url: str = "") -> None:
        """Open it, the first time."""
        super().__init__(home, url)
        self._sent = itertools.count(1)

    def settle(self, chats: Sequence[int], answers: int) -> None:
        """Let somebody live in each chat, together have given at least so many answers, and be asked once more."""
        people: list[Person] = []
        for start in range(0, len(chats), AT_ONCE):
            with self._app.storage.unit(BEGAN) as unit:
                people += [self._person(unit, chat) for chat in chats[start : start + AT_ONCE]]
        with self._app.storage.unit(BEGAN) as unit:
            save_version(unit, self._dialog)
        runs = -(-answers // len(BODIES))
        for start in range(0, runs, BATCH):
            with self._app.storage.unit(BEGAN + timedelta(minutes=start)) as unit:
                for place in range(start, min(start + BATCH, runs)):
                    self._answer(unit, people[place % len(people)])
        for start in range(0, len(people), AT_ONCE):
            with self._app.storage.unit(clock.now()) as unit:
                for person in people[start : start + AT_ONCE]:
                    self._app.turns.begin(
                        unit, person, self._dialog, "person", cohort_id=self._cohort.id, offer=False, stored=True
                    )
                self._send(unit)
        self._app.storage.database.checkpoint()

    def _person(self, unit: Unit, chat: int) -> Person:
        person = unit.people.create(clock.new_id(), unit.now, "active", "es")
        person = unit.people.change(person, nickname=f"Amapola {chat}")
        unit.people.prefer(person, form="both")
        unit.addresses.link(person, "telegram", str(chat), clock.new_id())
        unit.memberships.join(clock.new_id(), person.id, self._cohort.id)
        return unit.people.known(person.id)

    def _send(self, unit: Unit) -> None:
        """Let what waits in the outbox have been sent, under the numbers that Telegram gave."""
        while claimed := unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), AT_ONCE):
            for row in claimed:
                unit.outbox.sent(row.seq, next(self._sent) if row.kind == "message" else None, unit.now)
