"""One person's side of a chat: what she does, what she sees, and what is stored of her."""

from typing import TYPE_CHECKING, Any

from bot.messengers.port import Kind
from dialogs.run import Answer
from storage.people import Person
from storage.runs import RunRow
from tests.memory import Message

if TYPE_CHECKING:
    from tests.bot.rig import Rig


class Phone:
    """One person's side of a chat."""

    def __init__(self, rig: "Rig", chat: str, hint: str | None = None) -> None:
        self.rig = rig
        self.chat = chat
        self.hint = hint
        self._seen = 0

    # What she does.

    def say(self, text: str, reply_to: int | None = None) -> int:
        """Write, and wait for what comes back; returns the order of the message."""
        order = self.write(text, reply_to)
        self.rig.settle()
        return order

    def write(self, text: str, reply_to: int | None = None) -> int:
        """Write while nobody listens yet."""
        self._mark()
        return self.rig.messenger.say(self.chat, text, reply_to, self.hint)

    def send(self, kind: Kind, **fields: Any) -> None:
        """Send something that is not words."""
        self._mark()
        self.rig.messenger.give(self.chat, kind, **fields)
        self.rig.settle()

    def press(self, label: str) -> None:
        """Press the newest button that says `label`."""
        self._mark()
        self.rig.messenger.press(self.chat, label)
        self.rig.settle()

    def press_id(self, button: str, order: int = 1) -> None:
        """Press a button by the id it carries."""
        self._mark()
        self.rig.messenger.press_id(self.chat, button, order)
        self.rig.settle()

    def edit(self, order: int, text: str) -> None:
        """Change a message she wrote."""
        self._mark()
        self.rig.messenger.edit(self.chat, order, text)
        self.rig.settle()

    def block(self) -> None:
        """Block the bot."""
        self.rig.messenger.block(self.chat)
        self.rig.settle()

    def unblock(self) -> None:
        """Unblock the bot."""
        self.rig.messenger.unblock(self.chat)
        self.rig.settle()

    def look(self) -> None:
        """Take everything so far as seen: `news` begins here."""
        self._mark()

    # What she sees.

    @property
    def thread(self) -> list[Message]:
        """Every message of the chat as it is now."""
        return self.rig.messenger.thread(self.chat)

    @property
    def heard(self) -> list[Message]:
        """What the bot said, oldest first."""
        return [message for message in self.thread if not message.mine]

    @property
    def last(self) -> Message:
        """The newest thing the bot said."""
        return self.heard[-1]

    @property
    def news(self) -> list[str]:
        """What the bot said since she last did anything."""
        return [message.text or "" for message in self.heard[self._seen :]]

    @property
    def told(self) -> str:
        """The same as one text."""
        return "\n".join(self.news)

    def screen(self) -> str:
        """Draw the chat."""
        return self.rig.messenger.screen(self.chat)

    def button(self, label: str) -> tuple[str, int]:
        """Return id and message order of the newest button that says `label`."""
        for message in reversed(self.thread):
            for button in (button for row in message.keyboard for button in row):
                if button.label == label:
                    return button.id, message.order
        raise LookupError(f"no button says {label!r}:\n{self.screen()}")

    def _mark(self) -> None:
        self._seen = len(self.heard)

    # What is stored of her.

    @property
    def person(self) -> Person:
        """Her, as she is on record."""
        with self.rig.reading() as unit:
            found = unit.people.at(self.rig.messenger.name, self.chat)
        assert found is not None
        return found

    @property
    def run(self) -> RunRow:
        """Her newest run."""
        person = self.person
        with self.rig.reading() as unit:
            found = unit.runs.latest(person)
        assert found is not None
        return found

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers of her newest run, by question."""
        person, run = self.person, self.run
        with self.rig.reading() as unit:
            return self.rig.turns.answers(unit, person, run)

    @property
    def values(self) -> dict[str, object]:
        """The values of the same."""
        return {path: answer.value for path, answer in self.answers.items()}

    @property
    def messages(self) -> list[tuple[str, str]]:
        """What she said outside of any question: where it stands, and its words."""
        person = self.person
        with self.rig.reading() as unit:
            return [(each.direction, each.body) for each in unit.messages.of(person.id)]
