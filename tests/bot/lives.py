"""Lives of two groups, in random order by seed: asked, answered, told, remembered, moved, erased. Each is a real act.

What left is read by `what_left`, from the chats of who was told and from the record's files; who had been asked when it
left is noted here by hand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from bot import clock
from bot.group_record import folder
from bot.product_languages import LANGUAGES
from bot.services import broadcasts, freezing, group_record, members, own_paper, share_backs, sheets
from bot.services.erasure import erase_person
from bot.services.versions import save_version
from dialogs.model import Choice, Dialog
from dialogs.question_forms import make_choice
from dialogs.run import Answer, Run
from storage.unit import Unit
from tests.bot import what_left
from tests.bot.attacker import Told
from tests.bot.histories import installation
from tests.bot.rig import PURPOSE, Phone, Rig, texts
from tests.bot.what_left import ANSWERED, Range

COLOURS: Final = ("rojo", "azul", "verde", "negro", "blanco", "morado")
OF: Final = ("la milpa", "el río", "la escuela", "el camino", "la cocina", "la clínica", "el molino", "la tienda")
ASKED: Final = "¿De qué color?"
PHONES, PAPERS, LATE = (3, 8), (2, 22), 3
SILENT, TWICE, EDITED, TYPED, LATER = 0.1, 0.1, 0.1, 0.3, 0.3
ACTS: Final = (5, 4, 2, 2, 2, 2, 2)  # how likely somebody is asked, told, remembered, erased, moved, comes, late
LENGTH: Final = (5, 14)
SMALL: Final = range(1, 5)
EACH: Final = 20  # lives that one installation sees
HAPPENS: Final = {"told", "refused", "remembered", "moved", "erased", "edited", "twice", "late"}
"""What may come to pass."""


@dataclass
class Member:
    """Somebody of a life: their phone, if they have one, and what they hold; nobody changes their mind."""

    person_id: UUID
    phone: Phone | None
    mind: int | None
    group: int


@dataclass
class Asking:
    """One time that a group was asked: whom, as it is known still, and what was read of it once something left.

    `about` are the words by which people know what is told of; `spare` are sheets that were not typed in.
    """

    broadcast_id: UUID
    group: int
    about: str
    asked: set[UUID]
    spare: list[UUID]
    left: frozenset[UUID] | None = None
    counts: dict[str, Range] = field(default_factory=dict)


@dataclass
class Life:
    """One life of two groups in an installation."""

    hilo: Rig
    chance: Random
    number: int
    out: Path
    happened: set[str] = field(default_factory=set)
    records: int = 0

    def live(self) -> None:
        """Let it happen; at the end everything is over, and remembered."""
        chance = self.chance
        self.options = COLOURS[: chance.randrange(2, len(COLOURS) + 1)]
        self._likely = [chance.choice((1, 1, 2, 6)) for _ in self.options]
        self.dialog = self._dialog()
        self.groups = [f"{name} {self.number}" for name in ("Sierra", "Costa")]
        self._homes = [self.hilo.cohort(each) for each in self.groups]
        self.askings: list[Asking] = []
        self.people: dict[UUID, Member] = {}
        self.minds: dict[UUID, int | None] = {}
        for group, share in enumerate((1, 3)):
            self._come(group, *(max(1, chance.randrange(*most) // share) for most in (PHONES, PAPERS)))
        self._ask()
        for _ in range(chance.randrange(*LENGTH)):
            [act] = chance.choices(
                (self._ask, self._tell, self._remember, self._erase, self._move, self._join, self._late), ACTS
            )
            act()
        for group in (0, 1):
            self._record(group)

    @property
    def told(self) -> list[Told]:
        """What left, as the attacker takes it."""
        named = {ANSWERED: tuple(self.options)}
        return [
            Told(each.left, {named.get(name, (name,)): span for name, span in each.counts.items()})
            for each in self.askings
            if each.left is not None and each.counts
        ]

    @property
    def small(self) -> bool:
        """Whether any count of one to four was among what was counted as it left."""
        return any(
            sum(self.minds[person] == number for person in each.left) in SMALL
            for each in self.askings
            if each.left is not None
            for number in range(len(self.options))
        )

    # Who there is.

    def _dialog(self) -> Dialog:
        """Write what is asked: a question of its own, so that lives in one installation have nothing in common."""

        def said(words: str) -> dict[str, str]:
            return dict.fromkeys(LANGUAGES, words)

        choices = [Choice(f"c{number}", said(words)) for number, words in enumerate(self.options)]
        asks = make_choice("colour", said(ASKED), {}, choices)
        dialog = Dialog(f"colour_{self.number}", "check_in", said("Colores"), said(PURPOSE), 1, LANGUAGES, (asks,))
        with self.hilo.unit() as unit:
            save_version(unit, dialog)
            unit.own_dialogs.save(dialog.name, dialog.version, None, None, None)
        return dialog

    def _come(self, group: int, with_phones: int, without: int) -> None:
        """Let some have come into a group and agreed, so many of them with a phone."""
        hilo, chance, phones = self.hilo, self.chance, [self.hilo.phone() for _ in range(with_phones)]
        with hilo.unit() as unit:
            for phone in (*phones, *[None] * without):
                person = unit.people.create(clock.new_id(), hilo.now, "active", "es")
                unit.memberships.join(clock.new_id(), person.id, self._homes[group])
                if phone is None:
                    unit.consents.add(clock.new_id(), person, "given", "1", "es", "Sí.")
                else:
                    unit.addresses.link(person, hilo.messenger.name, phone.chat, clock.new_id())
                    person = unit.people.prefer(unit.people.known(person.id), form="both", phone="mine")
                    hilo.receive.screens.agreement.save_consent(hilo.turns.speech(unit, person), person, "given")
                mind = chance.choices(range(len(self.options)), self._likely)[0]
                mind = None if chance.random() < SILENT else mind
                self.people[person.id] = Member(person.id, phone, mind, group)
                self.minds[person.id] = mind
        for phone in phones:
            phone.write("/menu")
        hilo.settle()

    def _join(self) -> None:
        for _ in range(self.chance.randrange(1, LATE + 1)):
            with_phone = self.chance.random() < LATER
            self._come(self.chance.choice((0, 0, 1)), int(with_phone), int(not with_phone))

    def _some(self) -> list[Member]:
        """Choose one or two of all people."""
        people = [*self.people.values()]
        return self.chance.sample(people, min(len(people), self.chance.randrange(1, 3)))

    def _move(self) -> None:
        """Let the team move somebody to the other group: what they said stays where it was asked."""
        for each in self._some():
            with self.hilo.unit() as unit:
                [held] = unit.memberships.held(each.person_id)
                target = unit.cohorts.get(self._homes[1 - each.group])
                assert target is not None
                members.move(unit, self.hilo.turns, None, held, unit.people.known(each.person_id), target)
            each.group = 1 - each.group
            self.happened.add("moved")

    def _erase(self) -> None:
        """Let somebody have everything erased; what left stays as it left."""
        for each in self._some():
            with self.hilo.unit() as unit:
                person = unit.people.known(each.person_id)
                erase_person(unit, texts(), person, person)
            del self.people[each.person_id]
            for asking in self.askings:
                asking.asked.discard(each.person_id)
            self.happened.add("erased")

    # What is asked.

    def _ask(self) -> None:
        """Ask a group on phones and on paper, let all who want to answer, and close it."""
        group = self.chance.choice((0, 0, 1))
        here = [each for each in self.people.values() if each.group == group]
        phones = [each for each in here if each.phone is not None]
        if not phones or len(self.askings) == len(OF):
            return
        self.hilo.advance(days=8)
        key = clock.new_id().hex
        about = OF[len(self.askings)]
        purpose = f"Para que sepamos lo de {about}."
        codes = self._sheets(group, key, purpose, len(here) - len(phones) + LATE)
        broadcast_id = self.hilo.order(self.dialog.name, self.groups[group], purpose, key)
        self.hilo.tick()
        asking = Asking(broadcast_id, group, about, {each.person_id for each in phones}, codes)
        self.askings.append(asking)
        self._on_phones(phones)
        with self.hilo.unit() as unit:
            for each in here:
                if each.phone is None:
                    self._types_in(unit, asking, each)
            broadcasts.close(unit, broadcast_id, None)
        self.hilo.tick()

    def _sheets(self, group: int, key: str, purpose: str, copies: int) -> list[UUID]:
        with self.hilo.unit() as unit:
            cohort = unit.cohorts.by_name(self.groups[group])
            assert cohort is not None
            codes = sheets.make(unit, None, cohort, self.dialog, purpose, copies, key)
            found = [unit.sheets.find(code) for code in codes]
        return [each.id for each in found if each is not None]

    def _on_phones(self, members: list[Member]) -> None:
        """Let people answer with a digit; some send it twice over the network, some put it right."""
        chance, hilo = self.chance, self.hilo
        answering = [(each.phone, each.mind) for each in members if each.phone is not None and each.mind is not None]
        for phone, _ in answering:
            hilo.messenger.press(phone.chat, "Sí, ahora")
        hilo.settle()
        for phone, mind in answering:
            wrong = chance.random() < EDITED
            order = phone.write(f"{1 + (mind + wrong) % len(self.options)}")
            brought = [*hilo.messenger._updates.values()][-1]
            if wrong:
                hilo.settle()
                phone.edit(order, f"{1 + mind}")
                self.happened.add("edited")
            elif chance.random() < TWICE:
                hilo.settle()
                with hilo.unit() as unit:
                    assert hilo.receive.accept(unit, [brought]) == 0
                self.happened.add("twice")
        hilo.settle()

    def _types_in(self, unit: Unit, asking: Asking, member: Member) -> None:
        """Type in what somebody said on a sheet; who has nothing to say was not asked on paper either."""
        if member.mind is None or not asking.spare:
            return
        answer = Answer(f"c{member.mind}", self.options[member.mind])
        run = Run("completed", trail=("colour",), completed_at=self.hilo.now, answers={"colour": answer})
        agreed = own_paper.Agreement("aloud", "Ana", 0, "")
        own_paper.keep(unit, None, asking.spare.pop(), member.person_id, agreed, run, "es")
        asking.asked.add(member.person_id)

    def _late(self) -> None:
        """Type in a sheet that was left lying, of somebody who has no phone, whatever was told meanwhile."""
        asking = self.chance.choice(self.askings)
        late = [
            each
            for each in self.people.values()
            if each.phone is None and each.group == asking.group and each.person_id not in asking.asked
        ]
        for each in late[: self.chance.randrange(1, LATE)]:
            with self.hilo.unit() as unit:
                self._types_in(unit, asking, each)
            self.happened.add("late")

    # What leaves.

    def _tell(self) -> None:
        """Tell who was asked what came of it, with figures by their buttons; at times a count is typed, too."""
        asking = self.chance.choice(self.askings)
        if not self._readers(asking):
            return
        self.hilo.advance(days=8)
        words = {"heard": f"Oímos lo de {asking.about}.", "follows": "Por eso lo vemos juntas.", "who": "El equipo."}
        with self.hilo.unit() as unit:
            decision = share_backs.draft(unit, asking.broadcast_id, "decision", words, "es", None)
            broadcast = unit.broadcasts.get(asking.broadcast_id)
            assert broadcast is not None
            offered = [each.key for found in freezing.of_broadcast(unit, broadcast) for each in found.figures]
            chosen = self.chance.sample(offered, min(len(offered), freezing.MOST))
            for key in chosen:
                share_backs.toggle_figure(unit, decision.id, key, None)
        if self.chance.random() < TYPED:
            self._typed(decision.id, asking)
        else:
            self._sent(decision.id)
        if chosen and asking.left is None:
            asking.left = frozenset(asking.asked)
        self._read(asking)

    def _readers(self, asking: Asking) -> list[Member]:
        """List who hears what came of something: who was asked, and is in that group still."""
        return [
            each
            for each in self.people.values()
            if each.phone is not None and each.group == asking.group and each.person_id in asking.asked
        ]

    def _typed(self, decision_id: UUID, asking: Asking) -> None:
        """Type a count; where it may not go, say it without and send that."""
        number = self.chance.randrange(len(self.options))
        people = sum(self.minds[each] == number for each in asking.asked)
        heard = f"De {asking.about}: {people} personas dijeron «{self.options[number]}»."
        with self.hilo.unit() as unit:
            share_backs.reword(unit, decision_id, "es", "heard", heard, None)
        try:
            self._sent(decision_id)
        except share_backs.ShareBackError:
            self.happened.add("refused")
            with self.hilo.unit() as unit:
                share_backs.reword(unit, decision_id, "es", "heard", f"Oímos lo de {asking.about}.", None)
            self._sent(decision_id)
        else:
            asking.left = asking.left or frozenset(asking.asked)

    def _sent(self, decision_id: UUID) -> None:
        with self.hilo.unit() as unit:
            share_backs.send(unit, self.hilo.turns.organisation, decision_id, None)
        self.hilo.tick()
        self.happened.add("told")

    def _read(self, asking: Asking) -> None:
        """Read in the chats of who was told what is said of a time."""
        seen = {
            message.text
            for each in self._readers(asking)
            if each.phone is not None
            for message in each.phone.heard
            if message.text and asking.about in message.text
        }
        assert seen
        for text in seen:
            for name, span in what_left.counts(text, self.options):
                self._note(asking, name, span)

    def _remember(self) -> None:
        self._record(self.chance.choice((0, 0, 1)))

    def _record(self, group: int) -> None:
        """Write a group's record out, as `hilo record` does, and read all of it."""
        hilo = self.hilo
        with hilo.unit() as unit:
            cohort = unit.cohorts.get(self._homes[group])
            assert cohort is not None
            group_record.begin(unit, None, cohort)
            ended = group_record.ended(unit, cohort)
        for broadcast_id in ended:
            with hilo.unit() as unit:
                group_record.freeze(unit, None, broadcast_id)
        self.records += 1
        out = self.out / f"record{self.number}-{self.records}"
        folder.write(hilo.storage, hilo.now, cohort.id, out, texts())
        asked = [each for each in self.askings if each.group == group]
        for number, name, span in what_left.in_record(out, self.options):
            self._note(asked[number - 1], name, span)
        self.happened.add("remembered")

    def _note(self, asking: Asking, name: str, span: Range) -> None:
        """Note what was read; who had been asked when it left is known to whoever reads it."""
        if asking.left is None:
            asking.left = frozenset(asking.asked)
        low, high = asking.counts.get(name, span)
        asking.counts[name] = (max(low, span[0]), min(high, span[1]))


def lives(folder: Path, numbers: Iterable[int]) -> Iterator[Life]:
    """Give the lives of some numbers, each as it is over; an installation sees some of them."""
    for _, some in groupby(numbers, lambda number: number // EACH):
        among = list(some)
        with installation(folder / f"{among[0]}") as hilo:
            for number in among:
                life = Life(hilo, Random(number), number, folder)
                life.live()
                yield life
