"""`python -m tests.bot.faulty`: scenarios of a whole bot, in each of which one call of the outside world fails.

Loaded with `tests/faults.c`. It reads lines of JSON: a scenario, what fails, and the number of the call that does (0:
none), and answers each with what came of it: how many calls there were, which of them can differ when they fail, and
what is stored once all is quiet again.
"""

import ctypes
import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bot import clock
from bot.cli.operate import backup
from bot.config import Config
from bot.messengers.port import Batch, Kind, Outgoing, Unknown, Unreachable
from bot.services import erasure_places
from storage import settling
from storage.damage_scan import scan
from tests.bot import samples
from tests.bot.rig import Rig, texts
from tests.memory import MemoryMessenger

FILES, LOCKS = 1, 2
OUTSIDE: Final = {
    "full": (errno.ENOSPC, FILES),
    "broken": (errno.EIO, FILES),
    "busy": (errno.EAGAIN, LOCKS),
}
KINDS: Final = (*OUTSIDE, "network", "clock")
LOST: Final = "lost"
"""What no messenger does: it forgets what it brought, though that was never confirmed. A test must notice it."""
JUMPS: Final = (timedelta(hours=-3), timedelta(hours=3))
QUIET_AFTER: Final = 8  # rounds of a minute within which everything is to be as if nothing had failed
LEFT: Final = (".tmp", ".part", ".new", "-journal")
_PICKED: Final = re.compile(r'"id": "[0-9a-f]{32}"')  # that a file's name is another one each time
_WAITING: Final = """
    SELECT (SELECT count(*) FROM inbox WHERE state = 'pending')
    + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))
"""
MESSAGE: Final = "Hubo junta del agua."


class Far(MemoryMessenger):
    """The messenger, of which the call of a number fails, once it is told which; half of them have arrived."""

    seen = 0
    wanted = 0
    armed = forgets = False

    def _fails(self) -> bool:
        self.seen += self.armed
        return self.armed and self.seen == self.wanted

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Bring updates."""
        if self._fails():
            if self.forgets:
                self._updates.clear()
            raise Unreachable("the line broke")
        return await super().fetch(offset, wait)

    async def send(self, outgoing: Outgoing) -> int:
        """Send a message."""
        failing = self._fails()
        if failing and self.wanted % 2:
            raise Unreachable("the line broke")
        done = await super().send(outgoing)
        if failing:
            raise Unknown("the answer was lost")
        return done


class Steady(Rig):
    """A bot that is begun again when something ends it, as its service does; what it says is waited for."""

    ended = 0
    jump: timedelta | None = None
    jump_at = 0
    steps = 0
    armed = False

    def settle(self) -> None:
        """Go on until everything that came was handled and everything there is to say was said."""
        self.steps += self.armed
        if self.armed and self.jump is not None and self.steps == self.jump_at:
            self.now += self.jump
        for _ in range(QUIET_AFTER):
            try:
                super().settle()
                if self.quiet():
                    return
            except Exception:  # noqa: BLE001  whatever it is, its process is begun again
                self.ended += 1
                self.receive.errors.clear()
                self.again()
            self.now += timedelta(minutes=1)

    def quiet(self) -> bool:
        """Return whether nothing waits."""
        return self.rows(_WAITING) == [(0,)]


class House:
    """An installation, who is in it, and what they do."""

    def __init__(self, folder: Path) -> None:
        self.hilo = Steady(folder)
        self.hilo.patient = True
        self.far = self.hilo.messenger = Far()
        self.hilo.loops()
        self.ana = self.hilo.facilitator()
        self.rosa = self.hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
        self.her = self.hilo.join()
        self.code = self.hilo.invite()
        self.folder = folder

    def say(self, code: str) -> str:
        return texts().say(code, "es")

    # What was before.

    def being_asked(self) -> None:
        """A leader is being asked."""
        self.hilo.ask(self.her)

    def ordered(self) -> None:
        """An order was given, and nothing went out yet."""
        self.hilo.order()

    def quiet(self) -> None:
        """Nothing was."""

    # What is done.

    def joins(self) -> None:
        """Somebody comes in."""
        phone = self.hilo.phone()
        phone.say(f"/start {self.code}")
        phone.say("Español")
        phone.press("Sí, quiero participar")
        phone.say("Luna")

    def answers(self) -> None:
        """A leader answers two questions."""
        self.her.say("2")
        self.her.say(MESSAGE)

    def sends_voice(self) -> None:
        """A leader answers by voice."""
        self.her.say("2")
        self.hilo.messenger.give_file(self.her.chat, Kind.VOICE, samples.ogg(), seconds=3)
        self.hilo.settle()

    def writes(self) -> None:
        """A leader writes to the team, out of any question."""
        self.her.say(MESSAGE)
        self.her.press("Sí")

    def cries(self) -> None:
        """A leader asks to be looked for."""
        self.her.say("/apoyo")
        self.her.press(self.say("button.look_for_me"))

    def corrects(self) -> None:
        """A leader answers, and changes what was written."""
        self.her.say("2")
        self.her.edit(self.her.say(MESSAGE), f"{MESSAGE} Y de la luz.")

    def is_replied_to(self) -> None:
        """One of the team answers what a leader wrote."""
        self.writes()
        self.ana.say("/mensajes")
        self.ana.press(next(each for each in self.ana.last.labels if "Colibrí" in each))

    def is_asked(self) -> None:
        """What was ordered goes out."""
        for _ in range(2):
            self.tick()

    def is_backed_up(self) -> None:
        """A backup is made; what fails is asked for again."""
        config = Config.load({"HILO_HOME": str(self.folder)}, folder=self.folder)
        for _ in range(2):
            try:
                backup.make(config, self.hilo.storage, None, lambda *_: None)
            except Exception:  # noqa: BLE001  a command tells it, and is given again
                self.hilo.ended += 1
            else:
                return

    def is_erased(self) -> None:
        """A leader erases everything."""
        self.answers()
        self.her.say("/borrar")
        for code in ("button.erase_all", "button.erase_all_sure"):
            self.her.press(self.say(code))

    def days_later(self) -> None:
        """Let the bot's hourly look delete files that no row names: what was written when its turn failed."""
        for path in (self.folder / "media").glob("*"):
            os.utime(path, (0, 0))
        with self.hilo.reading() as unit:
            self.hilo.media_store.sweep(unit)

    def tick(self) -> None:
        """Let what is due be done; a round that fails is done again by the next."""
        try:
            self.hilo.tick()
        except Exception:  # noqa: BLE001  as in `settle`
            self.hilo.ended += 1
            self.hilo.again()
        self.hilo.advance(minutes=1)
        self.hilo.settle()

    # What came of it.

    def facts(self) -> dict[str, Any]:
        """Return what is stored, without what differs from one run to the next."""
        with self.hilo.reading() as unit:
            people = {person.id: person for person in unit.people.list()}
            told = sorted(
                (path, _PICKED.sub("", text))
                for person in people.values()
                for run in unit.runs.of(person)
                for path, (_, text) in unit.answers.of(run.id, person).items()
            )
            return {
                "people": sorted((person.nickname or "", person.participation) for person in people.values()),
                "answers": told,
                "messages": sorted((one.direction, one.body) for id_ in people for one in unit.messages.of(id_)),
                "asked": sorted(one.kind for one in unit.support_requests.open()),
                "alerts": len(unit.alerts.open()),
                "orders": len(unit.broadcasts.list()),
                "media": len(list((self.folder / "media").glob("*"))),
                "deliveries": self.hilo.rows("SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state"),
                "backups": any((self.folder / "backups").glob("*.keys")),
                "poison": self.hilo.rows("SELECT count(*) FROM inbox WHERE state NOT IN ('done', 'pending')"),
            }

    def faults(self) -> list[str]:
        """Return what is wrong once all is quiet."""
        store = self.hilo.media_store
        with self.hilo.reading() as unit:
            found = [str(each) for each in scan(unit, store.sealed)]
            found += [str(fault) for fault in [unit.audit.verify()] if fault is not None]
            places = erasure_places.places(unit, self.folder)
        settling.settle(self.hilo.storage, lambda: self.hilo.now + timedelta(minutes=5), places)
        found += [f"left: {path.name}" for path in self.folder.rglob("*") if path.name.endswith(LEFT)]
        return found if self.hilo.quiet() else [*found, "something waits"]


SCENARIOS: Final[dict[str, tuple[Callable[[House], None], Callable[[House], None]]]] = {
    act.__name__: (before, act)
    for before, act in (
        (House.quiet, House.joins),
        (House.being_asked, House.answers),
        (House.being_asked, House.sends_voice),
        (House.quiet, House.writes),
        (House.quiet, House.cries),
        (House.being_asked, House.corrects),
        (House.quiet, House.is_replied_to),
        (House.ordered, House.is_asked),
        (House.being_asked, House.is_backed_up),
        (House.being_asked, House.is_erased),
    )
}


def telling(trace: str, calls: int) -> list[int]:
    """Return the numbers of the calls that can come to something different when they fail.

    A row of the same call on the same file, with no other call and no lock between, is one act of whoever makes it: the
    pages of one commit, the blocks of one copy. Whichever of them fails, the act fails, so the first and the last stand
    for the row. Where nothing was noted, as of the line and the clock, and of locks, each can differ.
    """
    rows: list[tuple[str, list[int]]] = []
    number = 0
    for line in trace.splitlines():
        mine = line.startswith("f")
        number += mine
        if not rows or rows[-1][0] != line:
            rows.append((line, []))
        if mine:
            rows[-1][1].append(number)
    if number != calls:  # it counts something else
        return list(range(1, calls + 1))
    return sorted({each for _, numbers in rows if numbers for each in (numbers[0], numbers[-1])})


def played(folder: Path, scenario: str, kind: str, number: int, library: Any) -> dict[str, Any]:
    """Play a scenario in which one call fails, and return what came of it."""
    house, (before, act) = House(folder), SCENARIOS[scenario]
    with closing(house.hilo) as hilo:
        before(house)
        code, of = OUTSIDE.get(kind, (0, 0))
        house.far.armed, house.far.wanted, house.far.forgets = kind in {"network", LOST}, number, kind == LOST
        hilo.armed, hilo.jump_at = kind == "clock", (number + 1) // 2
        hilo.jump = JUMPS[number % 2] if kind == "clock" and number else None
        library.faults_arm(number, code, of)
        stopped = ""
        try:
            act(house)
        except LookupError as error:
            stopped = str(error)
        seen, failed = library.faults_seen(), bool(library.faults_fired())
        trace = "" if number or kind == "busy" else library.faults_trace().decode()
        library.faults_arm(0, 0, 0)
        house.far.armed = hilo.armed = False
        for _ in range(3):
            house.tick()
        house.days_later()
        calls = {"network": house.far.seen, "clock": 2 * hilo.steps}.get(kind, seen)
        return {
            "calls": calls,
            "telling": telling(trace, calls),
            "failed": {"network": house.far.seen >= number, LOST: True, "clock": hilo.steps >= hilo.jump_at}.get(
                kind, failed
            ),
            "ended": hilo.ended,
            "stopped": stopped,
            "facts": house.facts(),
            "faults": house.faults(),
        }


def asked() -> Iterator[tuple[str, str, int]]:
    """Read what is to be played."""
    for line in sys.stdin:
        scenario, kind, number = json.loads(line)
        yield str(scenario), str(kind), int(number)


def main() -> None:
    """Play what is asked for, each in a folder of its own."""
    library, home = ctypes.CDLL(None), Path(os.environ["FAULTS_FOLDER"])
    library.faults_trace.restype = ctypes.c_char_p
    library.faults_arm(0, 0, 0)
    for scenario, kind, number in asked():
        folder = home / f"{clock.new_id().hex}"
        folder.mkdir()
        print(json.dumps(played(folder, scenario, kind, number, library), ensure_ascii=False), flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
