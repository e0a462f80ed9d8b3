"""Leaders who live with what comes back: each looks at her phone when she can, and does what is there, or does not."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.rendering.buttons import Buttons, RunButton
from tests.bot.phone import Phone
from tests.bot.rig import texts
from tests.memory import Message
from tests.rhythm.world import World

A_LOOK = timedelta(minutes=20)
"""How finely their time is cut: whoever looks at her phone does it at one of three moments of an hour."""
PLACES = ("Ciudad de México", "Tijuana", "Cancún", "Madrid", "Santiago de Chile", "Nueva York")
MOST_STEPS = 9  # of one look: a whole check-in
BREAKS = (("leader.pause.week", 7), ("leader.pause.two_weeks", 14), ("leader.pause.month", 30))
TAGS = ("es", "es-usted")
NOTHING = {"1 · Nada por ahora"}
HOURS = ("morning", "afternoon", "evening")


@dataclass
class Leader:
    """One leader.

    Attributes:
        phone: hers.
        chance: what she does, all of it.
        place: where she lives.
        answers: how likely she answers what she sees.
        looks_at: when she looks at her phone next; None: when something comes.
        seen: her newest message of the bot when she last looked.
        mind: what she will do of herself, and when.
        paused: from when to when she asked for a break; the last may still go on.
        left: when she left for good.
        refused: when she said that she does not want one that comes back.
        own: whether she comes by herself.
        postponed: when she put something off.
        ways: from when on which zone and which hours hold for her.
    """

    phone: Phone
    chance: Random
    place: str
    answers: float
    joined: datetime
    looks_at: datetime | None = None
    seen: int = 0
    mind: list[tuple[datetime, str]] = field(default_factory=list)
    paused: list[list[datetime | None]] = field(default_factory=list)
    left: datetime | None = None
    refused: datetime | None = None
    own: datetime | None = None
    postponed: list[datetime] = field(default_factory=list)
    ways: list[tuple[datetime, str, tuple[str, ...]]] = field(default_factory=list)

    def word(self, code: str) -> str:
        """Return what a button says, in the way she is spoken to: the newest one."""
        said = {texts().say(code, tag) for tag in TAGS}
        return next(
            (
                label
                for each in reversed(self.phone.heard[-6:])
                for label in each.labels
                if label.removeprefix("✓ ") in said
            ),
            texts().say(code, "es"),
        )

    # What she does at a moment; each returns False when there was nothing to do.

    def look(self, world: World) -> bool:
        """Do what the newest message that asks for something asks for."""
        heard = self.phone.heard
        shown = [each for each in heard if each.keyboard]
        self.seen = heard[-1].order
        if not shown:
            return False
        labels, pressed = shown[-1].labels, None
        if self.word("button.rhythm.k") in labels:
            self._choose(world)
            return True
        if self.word("button.start") in labels:
            if self.chance.random() < self.answers:
                pressed = self.word("button.start")
            elif self.chance.random() < 0.2:
                pressed = self.word("button.later")
                self.postponed.append(world.now)
        elif self.word("button.until.soon") in labels:
            if self.chance.random() < 0.3:
                pressed = self.word("button.until.soon")
                self.postponed.append(world.now)
        elif self.word("button.all") in labels:
            pressed = self.word("button.all")
        elif any(" · " in each and each[0].isdigit() for each in labels):
            choices = [each for each in labels if " · " in each and each[0].isdigit()]
            asks_nothing = self.chance.random() < 0.9 and choices[0] in NOTHING
            pressed = choices[0] if asks_nothing else self.chance.choice(choices)
        elif self._asks(world, shown[-1]):
            self.phone.write("Hubo junta.")
            return True
        if pressed is None or pressed not in labels:
            return False
        self.press(pressed)
        return True

    def note_ways(self, at: datetime) -> None:
        """Note by which zone and hours she lives from a moment on, if they are others now."""
        person = self.phone.person
        present = person.zone or "America/Mexico_City", tuple(person.preferences.get("hours") or ())
        if not self.ways or self.ways[-1][1:] != present:
            self.ways.append((at, *present))

    def way_at(self, moment: datetime) -> tuple[datetime, str, tuple[str, ...]]:
        """Return the zone and the hours by which she lived at a moment, and since when."""
        return max((way for way in self.ways if way[0] < moment), default=self.ways[0])

    def press(self, label: str) -> None:
        """Press a button, while nobody hears it yet."""
        self.phone._mark()
        self.phone.rig.messenger.press(self.phone.chat, label)

    def _asks(self, world: World, message: Message) -> bool:
        """Return whether a message is a question that waits for words."""
        buttons = Buttons(world.storage.vault, world.net.name, self.phone.chat)
        read = [buttons.read(each.id) for row in message.keyboard for each in row if each.id]
        return any(isinstance(each, RunButton) and each.action == "skip" for each in read)

    def _choose(self, world: World) -> None:
        """Say how she wants what comes back, the first time she is told of it."""
        roll = self.chance.random()
        step = "k" if roll < 0.85 else "y" if roll < 0.93 else "n"
        if step == "y":
            self.own = world.now
        if step == "n":
            self.refused = world.now
        self.press(self.word(f"button.rhythm.{step}"))

    def resting(self, at: datetime) -> bool:
        """Return whether she asked for a break that goes on."""
        return bool(self.paused) and (self.paused[-1][1] is None or self.paused[-1][1] > at)

    def does(self, world: World, what: str) -> None:
        """Do something of her own mind; the bot is awake, and hears it at once."""
        phone = self.phone
        if what in {"move", "hours", "pause", "rest"} and self.resting(world.now):
            return
        if what == "menu":
            phone.say("/menu")
        elif what == "pause":
            phone.say("/pausa")
            code, days = self.chance.choice(BREAKS)
            phone.press(self.word(code))
            self.paused.append([world.now, world.now + timedelta(days=days + 1)])
        elif what == "rest":
            phone.say("/pausa")
            phone.press(self.word("button.pause_open"))
            self.paused.append([world.now, None])
        elif what == "back":
            phone.say("/seguir")
            if self.paused:
                self.paused[-1][1] = min(world.now, self.paused[-1][1] or world.now)
        elif what == "move":
            self.place = self.chance.choice([each for each in PLACES if each != self.place])
            live_in(phone, self.place)
        elif what == "hours":
            phone.say("/horario")
            phone.press(self.word(f"leader.hours.{self.chance.choice(HOURS)}"))
        elif what == "leave":
            phone.say("/salir")
            phone.press(self.word("button.leave_sure"))
            self.left = world.now


def live_in(phone: Phone, place: str) -> None:
    """Go from the menu to the city, and type it."""
    phone.say("/menu")
    for code in ("button.how", "button.hours", "button.zone"):
        said = {texts().say(code, tag) for tag in TAGS}
        phone.press(next(label for each in reversed(phone.heard) for label in each.labels if label in said))
    phone.say(place)
    phone.look()
