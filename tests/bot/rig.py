"""The whole bot but its network: real storage on a file, real catalogs and dialogs, and a clock that tests set.

A person's verbs end when everything has been handled and sent, so a test reads as a conversation does.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bot import broadcast, clock
from bot.adapters.memory import MemoryMessenger
from bot.content import Content
from bot.courier import LEASE, Result, carry, mark, still_to_say
from bot.export.workshop import WORKSHOP, Workshop
from bot.home import Home
from bot.joining import Joining
from bot.loops import Failed
from bot.media import Shelf
from bot.messenger import Attachment, Incoming, MessengerError, Outgoing
from bot.receive import Handled, Receive
from bot.texts import Texts
from bot.tick import Tick
from bot.turns import Turns
from dialogs import languages
from storage.audit import Entry
from storage.database import Database
from storage.tables import metadata
from storage.unit import Storage, Unit
from storage.vault import Vault, create_key
from tests.bot.phone import Phone
from tests.bot.ready import RECORD, keep_safe

__all__ = ["RECORD", "Phone", "Rig"]

TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # nine in the morning in Mexico City
PURPOSE = "Para saber cómo va la semana de cada quien."
SIERRA = "Sierra Norte"
AGREE = {"es": "Sí, quiero participar", "en": "Yes, I want to take part"}
SIMULTANEOUS = 100  # what one pass of the courier takes


@lru_cache(maxsize=1)
def texts() -> Texts:
    """Read the catalogs once for all tests: they never change."""
    return Texts()


@lru_cache(maxsize=1)
def empty_database() -> bytes:
    """Migrate one empty database for all tests, and return its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        database = Database.open(f"sqlite:///{path}")
        database.migrate()
        database.dispose()
        return path.read_bytes()


class Rig:
    """One installation. `now` is the time it is, for everyone; `url` that of an empty database, else a file is made."""

    def __init__(
        self, folder: Path, now: datetime = TUESDAY, record: dict[str, Any] | None = None, url: str = ""
    ) -> None:
        self.folder = folder
        self.now = now
        if not url:
            (folder / "hilo.db").write_bytes(empty_database())
        database = Database.open(url or f"sqlite:///{folder / 'hilo.db'}")
        self.storage = Storage(database, Vault(create_key(folder / "hilo.key")))
        self.own = folder / "dialogs"
        self.content = Content(self.own)
        self.shelf = Shelf(folder)
        self.workshop = Workshop(texts(), self.shelf, folder)
        self.storage.delete_files = self.shelf.delete
        self.again()
        self.messenger = MemoryMessenger()
        self.failures: list[Failed] = []
        self.patient = False  # True: a failing update is put off, as the running bot does
        self._loop = asyncio.new_event_loop()
        self._offset = 0
        self._phones = 0
        with self.unit() as unit:
            unit.organisation.set(RECORD if record is None else record)
            if record is None:
                keep_safe(unit)

    def again(self) -> None:
        """Be a new process: nothing is remembered that is not stored."""
        self.turns = Turns(texts(), self.content)
        self.receive = Receive(self.turns, Joining(self.turns), Home(self.turns))
        self.ticking = Tick(self.turns)

    def close(self) -> None:
        """Let go of the database."""
        self._loop.close()
        self.storage.database.dispose()

    @contextlib.contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open a transaction at the present moment."""
        with self.storage.unit(self.now) as unit:
            yield unit

    @contextlib.contextmanager
    def reading(self) -> Iterator[Unit]:
        """Open a view at the present moment."""
        with self.storage.reading(self.now) as unit:
            yield unit

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself; each `?` of the query is one of the values."""
        with self.reading() as unit:
            return [tuple(row) for row in unit.connection.exec_driver_sql(query, values)]

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        with self.reading() as unit:
            return int(unit.connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar() or 0)

    def audited(self, action: str) -> list[Entry]:
        """List what is on the trail of one action, the newest first; the trail must be unbroken."""
        with self.reading() as unit:
            assert unit.audit.verify() is None
            return [entry for entry in unit.audit.list(1000) if entry.action == action]

    # Time.

    def advance(self, **time: float) -> None:
        """Let time pass (`hours=3`), as `timedelta` takes it."""
        self.now += timedelta(**time)

    def tick(self, limit: int = 100) -> int:
        """Do what is due, and send it; returns how much was due."""
        with self.unit() as unit:
            done = self.ticking.step(unit, limit)
        while self.ticking.behind:
            with self.unit() as unit:
                done += self.ticking.step(unit, 0)  # what is left of the round alone
        self.send()
        return done

    # The way of an update.

    def settle(self) -> None:
        """Keep what arrived, handle it, and send what there is to say."""
        self.keep()
        self.handle()
        self.send()

    def arrived(self) -> list[Incoming]:
        """Fetch what the messenger holds."""
        batch = self._loop.run_until_complete(self.messenger.fetch(self._offset, 0))
        self._offset = batch.next or self._offset
        return list(batch.updates)

    def keep(self) -> None:
        """Fetch updates and keep them in the inbox."""
        updates = self.arrived()
        with self.unit() as unit:
            self.receive.accept(unit, updates)

    def handle(self) -> None:
        """Handle all that waits now, each in a transaction of its own."""
        while self._one():
            pass

    def _one(self) -> bool:
        try:
            with self.unit() as unit:
                return self._step(unit) is not None
        except Failed as failure:
            if not self.patient:
                raise
            self.failures.append(failure)
            with self.unit() as unit:
                self.receive.failed(unit, failure.row, type(failure.__cause__).__name__)
            return True

    def _step(self, unit: Unit) -> Handled | None:
        pending = unit.inbox.pending(unit.now, 1)
        if not pending:
            return None
        try:
            return self.receive.step(unit, pending[0])
        except Exception as error:
            raise Failed(pending[0]) from error

    def send(self) -> list[Outgoing]:
        """Send what is due now, in order; returns what went out."""
        gone: list[Outgoing] = []
        while True:
            with self.unit() as unit:
                claimed = unit.outbox.claim(unit.now, unit.now + LEASE, SIMULTANEOUS)
                rows = [row for row in claimed if still_to_say(unit, row)]
            if not claimed:
                return gone
            for row in rows:
                if row.messenger == WORKSHOP:
                    made = self.workshop.build(self.storage, row)
                    with self.unit() as unit:
                        self.workshop.deliver(unit, row, made)
                    continue
                outgoing = Outgoing.from_dict(row.chat, row.body, edits=row.edits_message, row=row.seq)
                if media := row.body.get("media"):
                    outgoing = replace(outgoing, attachment=self._opened(media))
                taken_out = row.body.get("messages")
                try:
                    if taken_out is not None:
                        self._loop.run_until_complete(self.messenger.delete(row.chat, taken_out))
                        result = Result(row, None)
                    else:
                        result = self._loop.run_until_complete(carry(self.messenger, row, outgoing))
                except MessengerError as error:
                    result = Result(row, None, error)
                gone.append(outgoing)
                with self.unit() as unit:
                    mark(unit, result)

    def _opened(self, media: dict[str, Any]) -> Attachment:
        """Open what a message brings; where there is no file, as in tests that only name one, give a stand-in."""
        found = None
        if "parked" in media:
            found = self.shelf.document(media)
        elif "recording" in media:
            found = self.shelf.recording(media["recording"])
        elif "drawn" not in media:
            with self.reading() as unit:
                found = self.shelf.open(unit, media["id"])
        return found or Attachment("voice", "audio/ogg", "voice.ogg", b"OggS")

    # People.

    def cohort(self, name: str = SIERRA, tags: tuple[str, ...] = ("es", "en"), *, practice: bool = False) -> UUID:
        """Return a cohort's id, made at first use."""
        with self.unit() as unit:
            found = unit.cohorts.named(name)
            if found is not None:
                return found.id
            cohort_id = clock.new_id()
            unit.cohorts.add(cohort_id, name, tags, None, practice=practice)
            return cohort_id

    def invite(
        self, role: str = "leader", cohort: str | None = SIERRA, uses: int = 1, expires_at: datetime | None = None
    ) -> str:
        """Make an invite; returns its code."""
        code = clock.new_code()
        cohort_id = self.cohort(cohort) if cohort else None
        with self.unit() as unit:
            unit.invites.create(clock.new_id(), code, role, cohort_id, uses, expires_at, None)
        return code

    def phone(self, hint: str | None = None) -> Phone:
        """Return a phone nobody has used yet; `hint` is the language its app says it speaks."""
        self._phones += 1
        return Phone(self, f"{5_000_000_000 + self._phones}", hint)

    def join(self, language: str = "es", nickname: str | None = "Colibrí", cohort: str = SIERRA) -> Phone:
        """Let a leader come in by an invite, agree, and take a nickname (None: she skips it)."""
        phone = self.phone()
        phone.say(f"/start {self.invite(cohort=cohort)}")
        phone.say(languages.own_name(language))
        phone.press(AGREE[languages.base(language)])
        if nickname is None:
            phone.press("Saltar" if language.startswith("es") else "Skip")
        else:
            phone.say(nickname)
        assert phone.person.participation == "active"
        phone.look()
        return phone

    def facilitator(
        self, language: str = "es", nickname: str = "Ana", cohort: str | None = SIERRA, role: str = "facilitator"
    ) -> Phone:
        """Let someone of the team come in."""
        phone = self.phone()
        phone.say(f"/start {self.invite(role, cohort)}")
        phone.say(languages.own_name(language))
        phone.say(nickname)
        assert phone.person.participation == "active"
        phone.look()
        return phone

    def order(self, dialog: str = "check_in", cohort: str = SIERRA, purpose: str = PURPOSE, key: str = "") -> UUID:
        """Order a broadcast; nothing is sent before `tick`."""
        self.cohort(cohort)
        with self.unit() as unit:
            found = unit.cohorts.named(cohort)
            assert found is not None
            done = broadcast.order(
                unit,
                self.content.dialog(dialog),
                found,
                purpose,
                key=key or clock.new_id().hex,
                ordered_by=None,
            )
        return done.broadcast_id

    def ask(self, *phones: Phone, dialog: str = "check_in", cohort: str = SIERRA) -> UUID:
        """Order a broadcast, send it, and let everyone named take it up."""
        broadcast_id = self.order(dialog, cohort)
        self.tick()
        for phone in phones:
            phone.press("Sí, ahora" if (phone.person.language or "es").startswith("es") else "Yes, now")
        return broadcast_id
