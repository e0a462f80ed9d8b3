"""A house with something in every sealed column, in which one value is damaged at a time."""

import copy
import sqlite3
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, insert, select, update

from bot import clock
from bot.messengers.port import Outgoing
from bot.services import signs
from bot.services.links import Site
from storage.addresses import address_lookup
from storage.cohorts import Cohort
from storage.damage import Damage
from storage.damage_scan import SEALED
from storage.key_ring import former_owner
from storage.signs import Judgement
from storage.tables import addresses, former_keys, media, people, person_addresses, person_keys
from storage.unit import Unit
from storage.vault import load_key
from tests import media_rows
from tests.bot.rig import RECORD, SIERRA, Phone, Rig
from tests.bot.samples import ogg

KINDS = ("flipped", "zero", "all")
"""A bit of one value is flipped; one becomes X'00'; or a bit is flipped in all of the column that are hers."""
WEB = "beef" * 10


@dataclass(frozen=True, slots=True)
class Wound:
    """A sealed column (or the files of voice notes), what happens to a value of it, and whose that is."""

    column: Column[Any]
    kind: str
    whose: str = "vera"

    def __str__(self) -> str:
        """Name it for a test's id."""
        return f"{self.column.table.name}.{self.column.name}-{self.kind}-{self.whose}"


WOUNDS = [Wound(column, kind) for column in (*SEALED, media.c.file) for kind in KINDS]


TEAM = [
    Wound(column, "flipped", whose)
    for column in (people.c.nickname, people.c.preferences, person_keys.c.wrapped, person_addresses.c.target)
    for whose in ("ana", "admin")
]
"""What is damaged of someone of the team."""


EPOCHS = "hilo.key.epochs"


class House:
    """Two leaders, one of whom (Vera) is the one that is hurt; a facilitator and an admin; something of everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        record = {**RECORD, "danger_words": {"es": ["auxilio"]}}
        self.rig = rig = Rig(folder, now=clock.now().replace(hour=16), record=record)
        rig.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
        self.admin = rig.facilitator(nickname="Rosa", cohort=None, role="admin")
        self.ana = rig.facilitator(nickname="Ana")
        for phone in (self.admin, self.ana):
            with rig.unit() as unit:
                person = self.person(unit, phone)
                unit.people.prefer(person, form="read")
        self.vera, self.luz = rig.join(nickname="Vera"), rig.join(nickname="Luz")
        self._live()
        self._saved = sqlite3.connect(":memory:")
        with sqlite3.connect(folder / "hilo.db") as live:
            live.backup(self._saved)
        live.close()
        self._files = {path: path.read_bytes() for path in (folder / "media").iterdir()}
        self._epochs = {path: path.read_bytes() for path in (folder / EPOCHS).glob("*")}
        self._chats, self._now = copy.deepcopy(rig.messenger._chats), rig.now

    def close(self) -> None:
        """Let go of the databases."""
        self._saved.close()
        self.rig.close()

    def again(self) -> Rig:
        """Bring everything back to how it was before anything was damaged, in a new process."""
        rig = self.rig
        live = sqlite3.connect(self.folder / "hilo.db")
        self._saved.backup(live)
        live.close()
        for path in (self.folder / "media").iterdir():
            if path not in self._files:
                path.unlink()
        for path in (self.folder / EPOCHS).glob("*"):  # an erasure of the test before began a new one
            path.unlink()
        for path, content in (self._files | self._epochs).items():
            path.write_bytes(content)
        rig.messenger._chats, rig.now = copy.deepcopy(self._chats), self._now
        rig.messenger._updates.clear()
        rig.storage.day_keys.clear()
        rig.storage.damage = Damage()
        rig.again()
        rig.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
        return rig

    def _live(self) -> None:
        """Let people answer, write to the team, raise an alert, open the web chat; leave something on its way."""
        rig = self.rig
        rig.ask(self.vera, self.luz)
        for phone in (self.vera, self.luz):
            phone.say("2")
            phone.say("Hubo junta por el agua.")
            phone.press("Listo")
            phone.press("1 · Nada por ahora")
        rig.advance(days=1)
        rig.ask(self.vera, self.luz)
        self.vera.say("3")
        with rig.unit() as unit:
            self._more(unit)
        rig.order()
        self.vera.write("Sigo con lo mío")
        rig.keep()
        with rig.unit() as unit:
            rig.ticking.step(unit, 100)
            rig.turns.speech(unit, self.person(unit, self.vera)).send("Una cosa más")

    def _more(self, unit: Unit) -> None:
        vera, cohort = self.person(unit, self.vera), unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        unit.cohorts.change(cohort)
        unit.people.prefer(vera, hours=["morning"])
        sound = media_rows.keep(self.rig.media_store, unit, vera, ogg(), 3)
        message, told = clock.new_id(), clock.new_id()
        unit.messages.add(message, vera, "to_team", "Necesito auxilio", unit.now, cohort.id)
        unit.messages.add(clock.new_id(), vera, "to_team", "", unit.now, cohort.id, media_id=sound, reply_to=message)
        unit.messages.add(told, vera, "from_team", "Aquí estamos", unit.now, cohort.id, reply_to=message)
        unit.messages.add(clock.new_id(), vera, "to_team", "Gracias", unit.now + timedelta(seconds=1), cohort.id)
        run = unit.runs.latest(vera)
        assert run is not None
        unit.asides.add(clock.new_id(), run.id, "mood", vera, ("Y otra cosa",))
        unit.quotes.add(clock.new_id(), vera, cohort.id, run.id, "week", "Hubo junta por el agua", "es", None)
        unit.alerts.add(clock.new_id(), vera.id, cohort.id, message_id=message)
        unit.alerts.add(clock.new_id(), vera.id, cohort.id, run_id=run.id, path="mood")
        unit.support_requests.add(clock.new_id(), vera.id, cohort.id, "call", run_id=run.id)
        unit.reach_notes.write(clock.new_id(), vera, {"where": "Con mi tía"})
        unit.addresses.link(vera, "web", WEB, clock.new_id())
        unit.web_sessions.open(clock.new_id(), "token", WEB, unit.now + timedelta(minutes=10))
        invite, code = clock.new_id(), clock.new_code()
        unit.invites.create(invite, code, "leader", cohort.id, 1, None, None, "Jacaranda")
        unit.recollections.add(clock.new_id(), invite, "la de San Juan")
        before = unit.vault.wrap_former(load_key(self.folder / "hilo.key"), former_owner(1))
        unit.connection.execute(insert(former_keys).values(number=1, wrapped=before, replaced_at=unit.now))
        self._told(unit, cohort, run.broadcast_id)
        self.changed_at = unit.now
        unit.web_pins.choose(vera, "digits", b"salt", b"hash")
        seen = unit.outbox.put(clock.new_id(), vera, "web", WEB, "message", 0, Outgoing(WEB, "Hola").to_dict())
        unit.outbox.sent(seen, seen, unit.now, keep=True)
        unit.outbox.put(
            clock.new_id(), None, "memory", "stranger", "message", 0, Outgoing("stranger", "¿Quién eres?").to_dict()
        )

    def _told(self, unit: Unit, cohort: Cohort, asked: UUID | None) -> None:
        """Write down a sign, how it stands, and what was decided."""
        assert asked is not None
        ana = self.person(unit, self.ana).id
        unit.cohorts.change(replace(cohort, context={**cohort.context, signs.ON: True}))
        sign = clock.new_id()
        unit.signs.add(sign, cohort.id, "better", "Vienen más a la junta", ana)
        unit.signs.judge(
            Judgement(
                clock.new_id(), sign, "group", "same", "Sigue igual", "", 9, unit.now.date(), None, ana, unit.now, None
            )
        )
        broadcast = unit.broadcasts.get(asked)
        assert broadcast is not None
        unit.sheets.add(clock.new_id(), clock.new_code(), cohort.id, broadcast.dialog_hash, {"why": "Para oír"}, ana)
        words = {"es": {"heard": "Falta agua", "follows": "Vamos a pedirla", "who": "El equipo, en enero"}}
        body = {"language": "es", "words": words, "cannot": False}
        unit.decisions.add(clock.new_id(), "decision", cohort.id, asked, body, ana)
        left = {"dialog": "check_in", "question": "mood", "asked": 9, "several": False, "figures": {"4": 5}}
        unit.frozen_totals.add(clock.new_id(), cohort.id, asked, left, ana)

    def person(self, unit: Unit, phone: Phone) -> Any:
        """Return whose phone it is."""
        found = unit.people.at(self.rig.messenger.name, phone.chat)
        assert found is not None
        return found

    def code(self, phone: Phone) -> str:
        """Return the code of whose phone it is, which needs nothing that may be damaged."""
        lookup = address_lookup(self.rig.storage.vault, self.rig.messenger.name, phone.chat)
        query = (
            select(person_addresses.c.person_id)
            .join(addresses, addresses.c.id == person_addresses.c.address_id)
            .where(addresses.c.lookup == lookup)
        )
        with self.rig.reading() as unit:
            return unit.vault.pseudonym(unit.connection.execute(query).scalar_one())

    def wound(self, wound: Wound) -> int:
        """Damage what a wound names; gives how many values."""
        with self.rig.unit() as unit:
            hurt = self.person(unit, getattr(self, wound.whose)).id
            if wound.column is media.c.file:
                return self._cut(unit, wound.kind)
            column, table = wound.column, wound.column.table
            keys = list(table.primary_key)
            whose = people.c.id if table is people else table.c.get("person_id")
            rows = select(*keys, column).where(column.is_not(None)).order_by(*(key.desc() for key in keys))
            if whose is not None:
                rows = rows.where(whose == hurt)
            found = list(unit.connection.execute(rows))
            assert found, f"{wound}: nothing here that could be damaged"
            for *key, blob in found if wound.kind == "all" else found[:1]:
                bad = b"\x00" if wound.kind == "zero" else blob[:-1] + bytes([blob[-1] ^ 1])
                here = [each == value for each, value in zip(keys, key, strict=True)]
                unit.connection.execute(update(table).where(*here).values({column: bad}))
        self.rig.storage.day_keys.clear()
        return len(found) if wound.kind == "all" else 1

    def _cut(self, unit: Unit, kind: str) -> int:
        names = list(unit.connection.execute(select(media.c.file)).scalars())
        for name in names:
            path = self.folder / "media" / name
            whole = path.read_bytes()
            path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if kind == "flipped" else whole[: len(whole) // 2])
            if kind == "all":
                path.unlink()
        return len(names)
