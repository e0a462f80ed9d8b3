"""An installation between people and a Telegram that refuses, loses answers, and brings things twice."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import select

from bot.conversation.writer import ENDED
from bot.messengers.port import Batch, Incoming, Outgoing, RetryLater, Unknown, Unreachable
from bot.rendering.buttons import Buttons, RunButton, digest_owner
from storage.tables import outbox, runs
from tests.bot.phone import Phone
from tests.bot.rig import RECORD
from tests.bot.test_cry import RINGING
from tests.memory import Message
from tests.rhythm.world import Network, Sent, World

Fate: TypeAlias = Literal["flood", "slow", "unreached", "lost", "cut", "dies", "ends", "well"]
"""What becomes of a send: refused; its answer lost, or the process dead, before or after it came; nothing."""
PATHS = ("mood", "week", "need", "need_about")
CHOICES = ("1", "2", "3", "4", "5", "nothing", "call", "information", "in_person")
FETCHED_BEFORE = 30  # updates that may be brought once more
OFTEN: dict[str, Any] = {"askings_a_week": 100, "messages_a_week": 200}  # more than a history orders


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new message that arrived.

    Attributes:
        at: when.
        chat: whose.
        row: the row of the outbox that it was.
        text: its words.
        run: of which run its buttons are, and which prompt.
        begun: whether nothing had come from there just before.
        over: whether it asks what was answered by then, or ended.
    """

    at: datetime
    chat: str
    row: int
    text: str
    run: UUID | None
    prompt: int | None
    begun: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Tap:
    """A button of a run as it stands on a screen: where, what it does, and to which question."""

    id: str
    order: int
    run: UUID
    prompt: int
    action: str
    path: str | None
    choice: str | None


class Telegram(Network):
    """Telegram, which may do with the next sends and the next updates what a test orders."""

    __slots__ = (
        "alike",
        "arrived",
        "brought",
        "chance",
        "fates",
        "forgotten",
        "missed",
        "own",
        "shuffles",
        "spoken",
        "twice",
    )

    def begin(self, rig: World) -> None:
        """Begin with nothing ordered."""
        super().begin(rig)
        self.arrived: list[Arrival] = []
        self.meets(())
        self.brought: list[tuple[Incoming, datetime]] = []
        self.missed: Counter[str] = Counter()
        self.forgotten: set[str] = set()  # whoever erased everything: their updates are known no more
        self.twice = self.shuffles = False
        self.chance = random.Random(0)
        self.spoken: Counter[str] = Counter()

    def meets(self, fates: Iterable[Fate], *, alike: bool = False) -> None:
        """Order what becomes of the next sends; `alike`: each chat meets it all."""
        self.fates, self.alike = [*fates], alike
        self.own: dict[str, list[Fate]] = {}

    def _fate(self, chat: str) -> Fate | None:
        """Return what becomes of a send to a chat."""
        if self.down:
            return None
        fates = self.own.setdefault(chat, [*self.fates]) if self.alike else self.fates
        return fates.pop(0) if fates else None

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Give what came; what was confirmed may come once more, and other people's in another order."""
        batch = await super().fetch(offset, wait)
        if not batch.updates:
            return batch
        updates = list(batch.updates)
        if self.shuffles:
            updates = self._shuffled(updates)
        if self.twice:
            unconfirmed = {each.update for each in updates}  # those come in their order
            before = (each for each, _ in self.brought[-FETCHED_BEFORE:] if each.chat not in self.forgotten)
            known = [each for each in before if each.update not in unconfirmed]
            again = self.chance.sample(known, min(len(known), 5))
            updates = [each for one in updates for each in (one, one)]
            updates = [*again, *updates] if self.chance.random() < 1 / 2 else [*updates, *again]
        self.brought += [(each, self.rig.now) for each in batch.updates]
        self.spoken.update(each.chat for each in batch.updates)
        return replace(batch, updates=updates)

    def _shuffled(self, updates: list[Incoming]) -> list[Incoming]:
        """Return other people's updates in another order; each one's own stay in theirs."""
        chats = [each.chat for each in updates]
        self.chance.shuffle(chats)
        own = {chat: iter([each for each in updates if each.chat == chat]) for chat in chats}
        return [next(own[chat]) for chat in chats]

    async def send(self, outgoing: Outgoing) -> int:
        """Do with a message what is ordered for it."""
        fate = self._fate(outgoing.chat)
        self.missed[outgoing.chat] += fate in {"lost", "cut"}
        if fate in {"dies", "ends"}:
            self.rig.life.end_after(int(fate == "ends"))
        elif fate not in {None, "cut", "well"}:
            raise {
                "flood": RetryLater(7, everyone=True),
                "slow": RetryLater(40, everyone=False),
                "unreached": Unreachable("no way there"),
                "lost": Unknown("cut before it came"),
            }[fate]
        order = await super().send(outgoing)
        if fate == "cut":
            raise Unknown("cut after it came")
        return order

    def _sent(self, outgoing: Outgoing, order: int) -> Sent:
        sent = super()._sent(outgoing, order)
        if outgoing.edits is None:
            taps = self.rig.taps_of(outgoing.chat, outgoing)  # type: ignore[attr-defined]  # the rig is a place
            tap = next((each for each in taps if each.action != "resume"), None)
            run, prompt = (tap.run, tap.prompt) if tap else (None, None)
            over = self._over(outgoing.row)
            self.arrived.append(Arrival(sent.at, sent.chat, outgoing.row, sent.text, run, prompt, sent.begun, over))
        return sent

    def _over(self, row: int) -> bool:
        """Return whether a message asks what was answered or ended before it was sent."""
        query = select(runs.c.status, runs.c.prompt > outbox.c.prompt).join(outbox, outbox.c.run_id == runs.c.id)
        with self.rig.reading() as unit:
            found = unit.connection.execute(query.where(outbox.c.seq == row, outbox.c.prompt.is_not(None))).first()
        return found is not None and (found[0] in ENDED or found[1])


class Place(World):
    """One installation in time, whose organisation lets words of danger ring, and asks as often as it likes."""

    def loops(self) -> None:
        """Make the loops, which note gaps in what is fetched, as a bot's do."""
        self.notes_gaps = True
        super().loops()

    def __init__(self, folder: Any, seed: int, now: datetime, url: str = "") -> None:
        self.deaths_to_come: list[int] = []  # of the processes that follow this one: each after how many steps
        super().__init__(folder, seed, now, record={**RECORD, **RINGING, **OFTEN}, url=url)
        self.patient = True

    def restart(self) -> None:
        """End this process without a word, and begin another, which may end soon as well."""
        super().restart()
        if self.deaths_to_come:
            self.life.end_after(self.deaths_to_come.pop(0))

    def network(self) -> Telegram:
        """Make the network."""
        made = Telegram()
        made.begin(self)
        return made

    @property
    def telegram(self) -> Telegram:
        """The network, as what it is."""
        assert isinstance(self.messenger, Telegram)
        return self.messenger

    def taps_of(self, chat: str, message: Message | Outgoing) -> Iterable[Tap]:
        """Read the buttons of runs under a message."""
        reader = Buttons(self.storage.vault, self.net.name, chat)
        for button in (each for row in message.keyboard for each in row if each.id):
            read = reader.read(button.id)
            if isinstance(read, RunButton):
                order = message.order if isinstance(message, Message) else 0
                path, choice = digest_owner(read.path, PATHS), digest_owner(read.choice, CHOICES)
                yield Tap(button.id, order, read.run_id, read.prompt, read.action, path, choice)

    def taps(self, phone: Phone) -> list[Tap]:
        """Read the buttons of a run under the newest message with buttons; none if it is about something else."""
        shown = [each for each in phone.heard if each.keyboard]
        return [*self.taps_of(phone.chat, shown[-1])] if shown else []
