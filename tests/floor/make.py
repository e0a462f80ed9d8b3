"""Make a floor: an installation of the version at hand with somebody in every state, for later versions to start from.

    python -m tests.floor.make            # writes tests/floor/VERSION.tar.xz

It is made once for every version that is published, by the code of that version, and never again: what people have is
what their version wrote. The archive holds `home` (database, key, sealed files, own dialogs, a backup pair) and
`told.json`, what was in it, in the clear. Everybody in it is invented.
"""

import io
import json
import sqlite3
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bot import clock
from bot.cli.operate import backup
from bot.config import Config
from bot.messengers.port import Gone, Kind, Outgoing, Rejected, Unknown, Unreachable
from bot.services import broadcasts
from bot.services.links import Site
from bot.web.pins import PICTURES, PinInput, hash_pin
from bot.web.sessions import own_chat
from storage.people import Person
from storage.unit import Unit
from storage.web_pins import PHONE
from tests.bot import samples
from tests.bot.asking import say_why
from tests.bot.orders import finish, scheduled
from tests.bot.phone import Phone
from tests.bot.ready import RECORD, keep_safe
from tests.bot.rig import SIERRA
from tests.bot.walker import Roads
from tests.bot.water import FIRST
from tests.floor.contents import contents, lacking
from tests.memory import Message

FOLDER = Path(__file__).parent
COSTA = "Costa Chica"
PLACE = "/srv/hilo/var/backups"
WAITING = "Hola otra vez."
KEPT = ("hilo.db", "hilo.key", "hilo.key.epochs", "media", "dialogs", "backups")
DANGER = "me amenazaron"


class Making:
    """One installation in the making. `told` is what cannot be read from it: codes and tokens."""

    def __init__(self, home: Path) -> None:
        """Begin with an organisation that is ready to invite, and its team."""
        self.home = home
        danger = {"danger_words": {"es": [DANGER]}, "danger_protocol": {"es": "Llama a Rosa."}}
        self.rig = Roads(home)
        self.rig.messenger.name = "telegram"
        self.rig.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
        with self.rig.unit() as unit:
            unit.organisation.set({**RECORD, **danger, "backup_places": [PLACE]})
        (home / "dialogs").mkdir()
        (home / "dialogs/water.yaml").write_text(FIRST, "utf-8")
        self.told: dict[str, Any] = {}
        self.ana = self.rig.facilitator("es", "Ana")
        self.eva = self.rig.facilitator("en", "Eva", cohort=COSTA)
        self.sol = self.rig.facilitator("es", "Sol", None, "admin")
        self.luz = self.rig.facilitator("es", "Luz", role="translator")
        self.rig.advance(minutes=5)

    def press(self, phone: Phone, *labels: str) -> None:
        """Press one button after the other."""
        for label in labels:
            phone.press(label)

    def fill(self) -> None:
        """Let a fortnight pass; what comes after something else comes later, too."""
        for part in (
            self._come,
            self._answer,
            self._talk,
            self._read,
            self._ask_more,
            self._rest,
            self._on_the_way,
            self._doors,
            self._under_way,
        ):
            part()
            self.rig.advance(minutes=1)

    def _come(self) -> None:
        join, leaders = self.rig.join, {}
        for name in ("Colibrí", "Cedro", "Nopal", "Encino", "Fresno", "Pino", "Tule"):
            leaders[name] = join("es", name)
        leaders["Hummingbird"] = join("en", "Hummingbird")
        leaders["Mari"] = join("es", "Doña Mari")
        leaders["Mar"] = join("en", "Mar", cohort=COSTA)
        with self.rig.unit() as unit:
            unit.people.change(unit.people.prefer(leaders["Mari"].person, zone="America/Tijuana"), language="es-usted")
            costa = unit.cohorts.by_name(COSTA)
            assert costa is not None
            unit.memberships.join(clock.new_id(), leaders["Colibrí"].person.id, costa.id)
        for name, now, skip in (("Colibrí", "Mejor ahora", "Saltar"), ("Hummingbird", "Do it now", "Skip")):
            leaders[name].press(now)
            while skip in leaders[name].last.labels:
                leaders[name].press(skip)
        self.leaders = leaders

    def _answer(self) -> None:
        """One order is answered in every way, runs out, and is closed."""
        of = self.leaders
        self.rig.ask(*(of[name] for name in ("Colibrí", "Nopal", "Hummingbird", "Mari", "Encino")))
        finish(of["Colibrí"], f"Hoy {DANGER} en la asamblea.")
        self.press(of["Colibrí"], "Revisar o cambiar", "Cambiar 1")
        of["Colibrí"].say("4")
        of["Nopal"].say("3")
        self.press(of["Nopal"], "Más tarde", "Ya no")
        self.press(of["Cedro"], "Más tarde")
        of["Hummingbird"].say("5")
        of["Hummingbird"].say("We met about the well.")
        of["Mari"].say("2")
        for kind, data in ((Kind.VOICE, samples.ogg()), (Kind.PHOTO, samples.jpeg())):
            self._give(of["Mari"], kind, data)
        self.press(of["Mari"], "Listo", "3 · Información")
        of["Mari"].say("Sobre la milpa.")

    def _talk(self) -> None:
        """Messages are held, sent, taken, answered and closed; one by voice."""
        of = self.leaders
        of["Colibrí"].say("Quiero contarles del río.")
        of["Colibrí"].press("Sí")
        self.ana.say("/mensajes")
        self.press(self.ana, self._untaken(), "Contestar")
        self.ana.say("Mañana vamos.")
        self.ana.press("1 · Mandar a nombre del equipo")
        of["Cedro"].say(f"Otra vez {DANGER}.")
        of["Cedro"].say("Les quiero platicar de la milpa.")
        of["Cedro"].press("Sí")
        self.ana.say("/mensajes")
        self.press(self.ana, self._untaken(), "Cerrarlo")
        self._give(of["Tule"], Kind.VOICE, samples.ogg())
        of["Tule"].press("Sí")
        self.ana.say("/mensajes")
        self.press(self.ana, self._untaken(), "Yo me encargo")
        of["Mari"].say("Todavía no sé si se los cuento.")
        of["Nopal"].say("/apoyo")

    def _untaken(self) -> str:
        """Return the button of the first conversation that nobody has taken; what was asked for stands above it."""
        return next(label for label in self.ana.last.labels if label.endswith("sin tomar"))

    def _read(self) -> None:
        """The team reads, follows and looks at what danger was told."""
        self.ana.say("/leer")
        self.ana.press("Leer lo que sigue")
        self.ana.say("/avance")
        self.ana.press(self.ana.last.labels[0])

    def _give(self, phone: Phone, kind: Kind, data: bytes) -> None:
        """Send a voice note or a photo."""
        self.rig.messenger.give_file(phone.chat, kind, data, seconds=5)
        self.rig.settle()

    def _ask_more(self) -> None:
        """Orders that are closed, reminded of, called off, and to come; a question of the team's own; a rehearsal."""
        of, rig = self.leaders, self.rig
        order = UUID(rig.rows("SELECT id FROM broadcasts")[0][0])
        self.ana.say("/preguntar")
        self.ana.press("Mi propia pregunta")
        self.ana.say("¿Qué les pareció la asamblea?")
        self.press(self.ana, "1 · Con sus palabras o su voz", "Listo", "Es para otra cosa")
        say_why(self.ana, "Para saber si les sirvió.")
        self.ana.press("Enviar")
        self.ana.say("/conversaciones")
        self.press(self.ana, "¿Cómo vas?", "Hacer una copia")
        self.ana.say("/conversaciones")
        self.press(self.ana, "✎ ¿Cómo vas? (copia)", "Ya no ofrecerla")
        rig.tick()
        of["Colibrí"].press("Sí, ahora")
        of["Colibrí"].say("Larga, pero buena.")
        of["Colibrí"].press("Listo")
        of["Cedro"].press("Mejor ahora")
        with rig.unit() as unit:
            ana = self.person(unit, self.ana)
            broadcasts.remind(unit, order, ana)
        rig.advance(days=1)
        rig.tick()
        off = scheduled(rig, rig.now + timedelta(days=2))
        scheduled(rig, rig.now + timedelta(days=9), COSTA)
        with rig.unit() as unit:
            broadcasts.close(unit, order, ana)
            broadcasts.cancel(unit, off, ana)

    def _rest(self) -> None:
        """Some pause, leave, block the bot, or erase everything."""
        of, rig = self.leaders, self.rig
        of["Fresno"].say("/pausa")
        of["Fresno"].press("30 días")
        of["Pino"].say("/salir")
        of["Pino"].press(of["Pino"].last.labels[0])
        of["Encino"].block()
        gone = rig.join("es", "Olvido")
        gone.say("/borrar")
        self.press(gone, "Borrar todo lo mío", "Sí, borra todo")
        with rig.unit() as unit:
            other = unit.people.create(clock.new_id(), unit.now, "active", "es")
            other = unit.people.change(other, nickname="La comadre")
            unit.addresses.link(other, "telegram", of["Tule"].chat, clock.new_id())

    def _on_the_way(self) -> None:
        """Some have not come in yet, or said no; somebody has no invite at all."""
        rig = self.rig
        for said in ((), ("Español",), ("Español", "Sí, quiero participar"), ("Español", "No, gracias")):
            phone = rig.phone()
            phone.say(f"/start {rig.invite()}")
            for words in said:
                phone.say(words)
        rig.phone().say("hola")

    def _doors(self) -> None:
        """Pages in browsers, personal links, PINs, invites and roles, each in use and no more."""
        rig = self.rig
        self.told["invite"] = rig.invite(uses=3)
        self.told["session"], self.told["link"] = clock.new_code() * 3, clock.new_code()
        rig.messenger.name = "web"
        for nickname, token in (("Ceiba", self.told["session"]), ("Ocote", clock.new_code() * 3)):
            with rig.unit() as unit:
                chat = own_chat(unit, token)
                unit.web_sessions.open(clock.new_id(), token, chat, unit.now + timedelta(days=1))
            phone = Phone(rig, chat)
            phone.say(f"/start {rig.invite()}")
            for words in ("Español", "Sí, quiero participar", nickname):
                phone.say(words)
            self.leaders[nickname] = phone
        rig.messenger.name = "telegram"
        with rig.unit() as unit:
            ceiba, ocote = (unit.people.at("web", self.leaders[name].chat) for name in ("Ceiba", "Ocote"))
            assert ceiba is not None
            assert ocote is not None
            for person, given in (
                (ceiba, PinInput("digits", tuple("2714"))),
                (ocote, PinInput("pictures", PICTURES[:4])),
            ):
                unit.web_pins.choose(person, given.kind, *hash_pin(given))
            unit.web_pins.wait(ocote.id, PHONE, unit.now + timedelta(minutes=5))
            codes = [self.told["link"], clock.new_code(), clock.new_code()]
            for code in codes:
                unit.web_links.add(
                    clock.new_id(), ceiba.id if code == codes[0] else ocote.id, code, unit.now + timedelta(400)
                )
            for code in codes[1:]:
                found = unit.web_links.find(code)
                assert found is not None
                unit.web_links.open(found.id)
            unit.web_links.revoke_all(ocote.id)
            unit.web_sessions.close_all(self.leaders["Ocote"].chat)
            self._grants(unit)

    def _grants(self, unit: Unit) -> None:
        sol = self.person(unit, self.sol)
        luz = self.person(unit, self.luz)
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        unit.cohorts.change(replace(cohort, zone="America/Mexico_City", context={"signs": "Hablar en la asamblea."}))
        unit.roles.grant(clock.new_id(), luz.id, "facilitator", cohort.id, unit.now + timedelta(days=9), sol.id)
        unit.roles.grant(clock.new_id(), luz.id, "admin", None, unit.now, sol.id)
        unit.roles.revoke(luz.id, "admin")
        for _ in range(2):
            code = clock.new_code()
            unit.invites.create(clock.new_id(), code, "leader", cohort.id, 5, unit.now + timedelta(days=9), sol.id)
        found = unit.invites.find(code)
        assert found is not None
        unit.invites.revoke(found.id)
        waiting = unit.people.create(clock.new_id(), unit.now, "active", "es")
        unit.memberships.join(clock.new_id(), waiting.id, cohort.id, waiting=True)
        (alert, *_) = unit.alerts.open()
        unit.alerts.seen(alert.id, sol.id)
        keep_safe(unit)

    def person(self, unit: Unit, phone: Phone) -> Person:
        """Return who holds a phone."""
        found = unit.people.at(self.rig.messenger.name, phone.chat)
        assert found is not None
        return found

    def _under_way(self) -> None:
        """What is on its way in and out at the last moment."""
        of, rig = self.leaders, self.rig
        rig.advance(days=7)
        rig.tick()
        rig.ask(of["Hummingbird"], of["Colibrí"])
        of["Colibrí"].say("4")
        of["Colibrí"].say("Ya hay agua.")
        of["Hummingbird"].say("3")
        of["Nopal"].press("Más tarde")
        rig.advance(minutes=1)
        self.ana.say("/leer")
        self.press(self.ana, "Por persona", "Doña Mari", "🔊 Doña Mari · 0:05")
        messenger, tule = rig.messenger, of["Tule"].chat
        for error in (Rejected("wrong"), Unknown("no answer"), Gone("blocked"), Unreachable("no network")):
            messenger.fail(error, chat=tule)
            with rig.unit() as unit:
                unit.outbox.put(
                    clock.new_id(), None, "telegram", tule, "message", 0, Outgoing("", "Ya casi es jueves.").to_dict()
                )
            rig.send()
        self.ana.say("/avance")
        self.ana.press(self.ana.last.labels[0])
        of["Mari"].write("Esto no se pudo leer.")
        rig.keep()
        with rig.unit() as unit:
            (row,) = unit.inbox.pending(unit.now, 9)
            unit.inbox.poison(row.seq, "ValueError")
        of["Mari"].write("Mañana les cuento.")
        rig.keep()
        rig.order("reflection_chat", COSTA)
        with rig.unit() as unit:
            self.rig.ticking.step(unit, 100)
            for name in ("Cedro", "Mar"):
                self._say(unit, name)
            unit.outbox.claim(unit.now, unit.now + timedelta(minutes=2), 1)
            unit.outbox.close(self._say(unit, "Pino"), "dropped", "ended")
            colibri, costa = self.person(unit, of["Colibrí"]), unit.cohorts.by_name(COSTA)
            assert costa is not None
            unit.memberships.leave(colibri.id, costa.id)

    def _say(self, unit: Unit, name: str) -> int:
        """Queue words for somebody; returns the row's number."""
        phone = self.leaders[name]
        person, body = self.person(unit, phone), Outgoing("", WAITING).to_dict()
        return unit.outbox.put(clock.new_id(), person, "telegram", phone.chat, "message", 0, body)

    def tell(self) -> dict[str, Any]:
        """Return what is in it, as of which moment, and what stands in every chat."""
        with self.rig.reading() as unit:
            held = contents(unit, self.rig.media_store)
        phones = {**self.leaders, "Ana": self.ana, "Eva": self.eva, "Sol": self.sol, "Luz": self.luz}
        return {
            **self.told,
            "revision": self.rig.storage.database.version(),
            "now": self.rig.now.isoformat(),
            "chats": {name: phone.chat for name, phone in phones.items()},
            "threads": {phone.chat: [_drawn(message) for message in phone.thread] for phone in phones.values()},
            "contents": held,
        }


def _drawn(message: Message) -> list[Any]:
    rows = [[[button.label, button.id, button.url] for button in row] for row in message.keyboard]
    return [message.order, message.text, message.mine, rows]


def make(to: Path) -> list[str]:
    """Make an installation, and pack it into an archive; returns what it proves nothing about."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        making = Making(home)
        with closing(making.rig):
            making.fill()
            place = home / "backups"
            place.mkdir(mode=0o700)
            with at(making.rig.now):
                backup.write(Config.load({"HILO_HOME": str(home)}), making.rig.storage, place)
            told = json.dumps(making.tell(), ensure_ascii=False, indent=1, sort_keys=True)
            with making.rig.reading() as unit:
                missing = lacking(unit)
        assert folder not in told
        with closing(sqlite3.connect(home / "hilo.db")) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _pack(home, told.encode(), to)
    return missing


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at a moment."""
    real, clock.now = clock.now, lambda: moment
    try:
        yield
    finally:
        clock.now = real


def _pack(home: Path, told: bytes, to: Path) -> None:
    with tarfile.open(to, "w:xz") as tar:
        for path in sorted(
            path for name in KEPT for path in (home / name, *(home / name).rglob("*")) if path.is_file()
        ):
            _add(tar, f"home/{path.relative_to(home)}", path.read_bytes())
        _add(tar, "told.json", told)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


def version() -> str:
    """Return the version of the code at hand."""
    return str(tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]["version"])


if __name__ == "__main__":
    to = FOLDER / f"{version()}.tar.xz"
    if to.exists():
        raise SystemExit(f"{to.name} is there already: a version leaves one floor")
    for name in make(to):
        print("nothing of", name)
