"""Random histories of groups: what people answer, change, send twice, skip and leave, move, are erased, say on paper.

Everything is done as it is in life: people write and press, the team's acts move them and type in from paper, what is
asked is an order. What each last said is noted here by hand, and nothing is ever read back.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from bot import clock
from bot.messengers.port import Kind
from bot.services import broadcasts, members, own_paper, sheets, signs
from dialogs.run import Answer, Run
from storage.erasure import erase
from storage.unit import Unit
from tests.bot import samples
from tests.bot.rig import PURPOSE, Phone, Rig, texts

MOODS = ("😞 Muy bajo", "🙁 Bajo", "😐 Regular", "🙂 Bueno", "😀 Muy bueno")
NEEDS = {
    "nothing": "1 · Nada por ahora",
    "call": "2 · Que me llamen",
    "information": "3 · Información",
    "in_person": "4 · Verlo en persona",
}
ASKED_MORE = ("call", "information")
OPEN = ("week", "need_about", "seen")
FEWEST = 3
GROUPS = ("Sierra", "Costa")
MOST = 12  # people of a history
CHANGES, EDITS, TWICE, SKIPS, LEAVES, MOVES, ERASED, CIRCLES, AGAIN = 0.25, 0.25, 0.3, 0.15, 0.1, 0.25, 0.2, 0.5, 0.6
SILENT, ON_PAPER, BACK = 0.25, 0.7, 0.3
SPOKEN, SIGNED = 0.4, 0.6
LENGTH, LONGEST = "seconds", 200
STANDS = ("there", "begins", "same", "less", "unknown")  # of the list from which people choose, in its order
SIGN = "Hay agua"
STORIES = ("Lo del agua.", "La asamblea fue larga.", "Nada nuevo por acá.")
EACH = 20  # histories that one installation lives through
TEN_IN_MEXICO = 16  # in UTC

Given = dict[str, object]


@dataclass(frozen=True)
class AskedOnce:
    """One order to phones: which dialog, which group, when."""

    broadcast_id: UUID
    dialog: str
    group: str
    at: datetime


@dataclass(frozen=True)
class CircleOnce:
    """What a circle said on paper: how many were there, and when."""

    group: str
    present: int
    at: datetime


@dataclass
class History:
    """One history in an installation: two groups of its own, and what everybody last said to each broadcast."""

    hilo: Rig
    chance: Random
    number: int
    said: dict[UUID, dict[UUID, Given]] = field(default_factory=dict)
    """By broadcast and person; who is erased is not in it."""
    seconds: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    """The same, of the length of what was spoken."""
    spoke: dict[UUID, set[UUID]] = field(default_factory=dict)
    """By broadcast, who answered or skipped anything."""
    asked: list["AskedOnce"] = field(default_factory=list)
    """What was asked on phones, the oldest first."""
    circles: list["CircleOnce"] = field(default_factory=list)
    """What circles said and did not take back, the oldest first."""
    happened: set[str] = field(default_factory=set)
    """What came to pass."""

    def live(self) -> None:
        """Let it happen, weeks after what happened before; it ends within the last week."""
        self._later()
        self.groups = [f"{name} {self.number}" for name in GROUPS]
        homes = {group: self.hilo.cohort(group) for group in self.groups}
        people = [
            self._person(homes[self.chance.choice((*self.groups, self.groups[0]))])
            for _ in range(self.chance.randrange(2, MOST))
        ]
        for place in range(1 + self._does(AGAIN)):
            if place:
                self.happened.add("again")
                self._later()
            for group in self.groups:
                self._ask(group, [each for each in people if each.home == homes[group]])
            if self._does(SIGNED):
                self._ask_sign(self.groups[0], [each for each in people if each.home == homes[self.groups[0]]])
            self._move(people, homes)
            people = [each for each in people if not self._erased(each)]

    def _later(self) -> None:
        """Let some days pass; what waits for anybody's hours comes meanwhile, by day."""
        moment = self.hilo.now + timedelta(days=8)
        self.hilo.now = (moment - timedelta(days=1)).replace(hour=TEN_IN_MEXICO)
        self.hilo.send()
        self.hilo.now = moment

    def _does(self, share: float) -> bool:
        return self.chance.random() < share

    def _person(self, cohort_id: UUID) -> "Member":
        """Let somebody have come in and agreed."""
        hilo, phone = self.hilo, self.hilo.phone()
        with hilo.unit() as unit:
            person = unit.people.create(clock.new_id(), hilo.now, "active", "es")
            unit.addresses.link(person, hilo.messenger.name, phone.chat, clock.new_id())
            unit.memberships.join(clock.new_id(), person.id, cohort_id)
            person = unit.people.prefer(unit.people.known(person.id), form="both", phone="mine")
            hilo.receive.screens.agreement.save_consent(hilo.turns.speech(unit, person), person, "given")
        phone.say("/menu")
        return Member(phone, person.id, cohort_id)

    def _ask(self, group: str, people: list["Member"]) -> None:
        """Order a check-in for a group, and let whoever wants answer it; a circle answers it on paper."""
        if not people:
            return
        key = clock.new_id().hex
        broadcast_id = self._ordered("check_in", group, key)
        said = self.said[broadcast_id]
        for each in people:
            if self._does(SILENT):
                said[each.person_id] = self._on_paper(each, group, key) if self._does(ON_PAPER) else {}
                if said[each.person_id]:
                    self.spoke[broadcast_id].add(each.person_id)
            else:
                said[each.person_id] = self._answers(each, broadcast_id)
        if self._does(CIRCLES):
            self._circle(group)

    def _ordered(self, dialog: str, group: str, key: str) -> UUID:
        """Order a dialog for a group, and let it reach everybody."""
        broadcast_id = self.hilo.order(dialog, group, key=key)
        self.said[broadcast_id], self.seconds[broadcast_id], self.spoke[broadcast_id] = {}, {}, set()
        self.asked.append(AskedOnce(broadcast_id, dialog, group, self.hilo.now))
        self.hilo.tick()
        return broadcast_id

    def _answers(self, member: "Member", broadcast_id: UUID) -> Given:
        """Let somebody answer what they are asked, as far as they go."""
        phone, given = member.phone, Given()
        phone.press("Sí, ahora")
        for answer in (self._mood, self._week, self._need):
            if self._does(LEAVES):
                break
            self.spoke[broadcast_id].add(member.person_id)
            if self._does(SKIPS):
                phone.press("Saltar")
                self.happened.add("skipped")
            else:
                answer(phone, given)
        if seconds := given.pop(LENGTH, None):
            self.seconds[broadcast_id][member.person_id] = int(str(seconds))
        return given

    def _ask_sign(self, group: str, people: list["Member"]) -> None:
        """Ask a group how one of its signs stands; each answers with a number, and some say by what they see it."""
        if not people:
            return
        with self.hilo.unit() as unit:
            cohort = unit.cohorts.by_name(group)
            assert cohort is not None
            for each in self.asked:  # whoever is halfway answers no more of it
                broadcasts.close(unit, each.broadcast_id, None)
            admin = unit.people.create(clock.new_id(), self.hilo.now, "active", "es")
            unit.roles.grant(clock.new_id(), admin.id, "admin", None)
            if not signs.is_on(cohort):
                cohort = signs.switch(unit, None, cohort, on=True)
            known = unit.signs.of([cohort.id])
            sign = known[0] if known else signs.add(unit, None, cohort, "better", SIGN)
            signs.to_ask(unit, admin, texts(), sign.id)
        self.hilo.tick()
        self.hilo.advance(hours=2)
        broadcast_id = self._ordered(signs.name_of(sign), group, clock.new_id().hex)
        for each in people:
            given = self.said[broadcast_id][each.person_id] = Given()
            if self._does(SILENT) or "Sí, ahora" not in each.phone.last.labels:
                continue
            each.phone.press("Sí, ahora")
            number = self.chance.randrange(len(STANDS))
            given["stands"] = STANDS[number]
            self._say(each.phone, f"{number + 1}")
            self.spoke[broadcast_id].add(each.person_id)
            if not self._does(LEAVES):
                self._week(each.phone, given, "seen")
                if seconds := given.pop(LENGTH, None):
                    self.seconds[broadcast_id][each.person_id] = int(str(seconds))
        with self.hilo.unit() as unit:
            broadcasts.close(unit, broadcast_id, None)
        self.hilo.tick()
        self.happened.add("sign")

    def _mood(self, phone: Phone, given: Given) -> None:
        given["mood"] = self.chance.randrange(1, 6)
        order = self._say(phone, f"{given['mood']}")
        if self._does(EDITS):
            given["mood"] = self.chance.randrange(1, 6)
            self.happened.add("edited")
            phone.edit(order, f"{given['mood']}")
        elif self._does(CHANGES):
            given["mood"] = self.chance.randrange(1, 6)
            self.happened.add("changed")
            phone.press("Cambiar")
            self._say(phone, f"{given['mood']}")

    def _week(self, phone: Phone, given: Given, name: str = "week") -> None:
        given[name] = self.chance.choice(STORIES)
        is_spoken = self._does(SPOKEN)
        if is_spoken:
            given[LENGTH] = self.chance.randrange(1, LONGEST)
            self.hilo.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=given[LENGTH])
            self.hilo.settle()
            self.happened.add("spoken")
        if not is_spoken or self._does(SPOKEN):
            self._say(phone, self.chance.choice(STORIES))
        phone.press("Listo")

    def _need(self, phone: Phone, given: Given) -> None:
        given["need"] = need = self.chance.choice([*NEEDS])
        phone.press(NEEDS[need])
        if need in ASKED_MORE and not self._does(LEAVES):
            if self._does(SKIPS):
                phone.press("Saltar")
            else:
                given["need_about"] = "Del permiso."
                self._say(phone, "Del permiso.")

    def _say(self, phone: Phone, words: str) -> int:
        """Write; at times the messenger brings it a second time."""
        order = phone.write(words)
        brought = [*self.hilo.messenger._updates.values()][-1]
        self.hilo.settle()
        if self._does(TWICE):
            with self.hilo.unit() as unit:
                assert self.hilo.receive.accept(unit, [brought]) == 0
            self.happened.add("twice")
            self.hilo.settle()
        return order

    def _move(self, people: list["Member"], homes: dict[str, UUID]) -> None:
        """Let the team move some to the other group: what they said stays where it was asked."""
        for each in people:
            if not self._does(MOVES):
                continue
            with self.hilo.unit() as unit:
                [held] = unit.memberships.held(each.person_id)
                each.home = next(home for home in homes.values() if home != held.cohort_id)
                target = unit.cohorts.get(each.home)
                assert target is not None
                members.move(unit, self.hilo.turns, None, held, unit.people.known(each.person_id), target)
            self.happened.add("moved")
        self.hilo.settle()

    def _erased(self, member: "Member") -> bool:
        """Let somebody be erased, at times."""
        if not self._does(ERASED):
            return False
        with self.hilo.unit() as unit:
            erase(unit, member.person_id)
        for said in (*self.said.values(), *self.seconds.values()):
            said.pop(member.person_id, None)
        for spoke in self.spoke.values():
            spoke.discard(member.person_id)
        self.happened.add("erased")
        return True

    def _on_paper(self, member: "Member", group: str, key: str) -> Given:
        """Let the team type in what somebody said on paper, who did nothing on the phone; at times it takes it back."""
        mood, need = self.chance.randrange(1, 6), self.chance.choice([*NEEDS])
        answers = {"mood": Answer(mood, MOODS[mood - 1]), "need": Answer(need, NEEDS[need])}
        run = Run("completed", trail=("mood", "week", "need"), completed_at=self.hilo.now, answers=answers)
        with self.hilo.unit() as unit:
            sheet_id = self._sheet(unit, group, key)
            agreed = own_paper.Agreement("aloud", "Ana", 0, "")
            own_paper.keep(unit, None, sheet_id, member.person_id, agreed, run, "es")
        self.happened.add("paper")
        if not self._does(BACK):
            return {"mood": mood, "need": need}
        with self.hilo.unit() as unit:
            own_paper.take_back(unit, None, sheet_id)
        self.hilo.tick()  # whoever it was is asked on the phone again, and stays silent
        self.happened.add("back")
        return {}

    def _sheet(self, unit: Unit, group: str, key: str | None = None) -> UUID:
        """Print a sheet of the check-in for a group, by itself or with an order."""
        cohort = unit.cohorts.by_name(group)
        assert cohort is not None
        [code] = sheets.make(unit, None, cohort, self.hilo.content.dialog("check_in"), PURPOSE, 1, key)
        sheet = unit.sheets.find(code)
        assert sheet is not None
        return sheet.id

    def _circle(self, group: str) -> None:
        """Let a circle of the group say the same on paper, which is nobody's answer; at times it takes it back."""
        circle = sheets.Circle("aloud", "Ana", self.chance.randrange(3, 30), "")
        mood = self.chance.randrange(1, 6)
        answers = {"mood": Answer(mood, MOODS[mood - 1]), "week": Answer(("Juntas.",), "Juntas.")}
        with self.hilo.unit() as unit:
            sheet_id = self._sheet(unit, group)
            sheets.say(unit, None, sheet_id, circle.to_dict(), answers)
            if self._does(SKIPS):
                sheets.withdraw(unit, None, sheet_id)
            else:
                self.circles.append(CircleOnce(group, circle.present, self.hilo.now))
        self.happened.add("circle")


@dataclass
class Member:
    """Somebody of a history: their phone, who they are, and their group."""

    phone: Phone
    person_id: UUID
    home: UUID


def counted(history: History, broadcast_id: UUID) -> Counter[tuple[str, str]]:
    """Count by hand who said what to a broadcast: by question and value, and by question alone how many spoke."""
    found: Counter[tuple[str, str]] = Counter()
    for given in history.said[broadcast_id].values():
        for name, value in given.items():
            found[name, ""] += 1
            if name not in OPEN:
                found[name, f"{value}"] += 1
    return found


def average(history: History, broadcast_id: UUID) -> float | None:
    """Return the mean of the moods, by hand; None where fewer than three said one."""
    moods = [int(str(given["mood"])) for given in history.said[broadcast_id].values() if "mood" in given]
    return sum(moods) / len(moods) if len(moods) >= FEWEST else None


def histories(folder: Path, number: int, seed: int = 0) -> Iterator[History]:
    """Give so many histories, each as it is over; an installation lives through some of them."""
    for start in range(0, number, EACH):
        with installation(folder / f"{start}") as hilo:
            for place in range(start, min(start + EACH, number)):
                history = History(hilo, Random(seed + place), place)
                history.live()
                yield history


@contextmanager
def installation(folder: Path) -> Iterator[Rig]:
    """Make an installation in a new folder, and let go of it."""
    folder.mkdir()
    hilo = Rig(folder)
    try:
        yield hilo
    finally:
        hilo.close()
