"""Many people in Telegram's double, who answer as soon as they are shown buttons; all of them on one thread."""

import heapq
import itertools
import time
from collections import deque
from collections.abc import Sequence

from bot.product_languages import LANGUAGES
from bot.rendering.texts import catalogs
from tests.double import Call, Double, User

FIRST_TIME = {catalogs().say("button.first_time", language) for language in LANGUAGES}

READING = 0.2  # seconds between seeing a question and having written; a press takes none
PATIENCE = 60.0
QUIET = 0.4  # seconds without a call that count as silence

# What someone does with each message that has buttons, in order: press the button in this place, or write this.
Act = int | str
JOIN: tuple[Act, ...] = (0, 0, 0)
CHECK_IN: tuple[Act, ...] = (
    0,
    3,
    "Nos juntamos doce compañeras en la cancha y acordamos pedir el agua por escrito; falta quien lo firme.",
    0,
    1,
    "Del permiso para usar el salón los jueves por la tarde.",
)


class Stuck(Exception):
    """The bot did not say what was waited for, or made a wrong call."""


class Crowd:
    """Some people of one double."""

    def __init__(self, double: Double, number: int) -> None:
        self._double = double
        self._world = double.world
        self._users = {user.id: user for user in (double.user(f"Persona {place}") for place in range(number))}
        self._read = 0
        self._shown: dict[int, int] = {}  # chat -> its newest message with buttons

    def join(self, code: str) -> None:
        """Open an invite's link, all together, and go the way in."""
        for user in self._users.values():
            user.start(code)
        self._play(JOIN, ready=())

    def answer(self, acts: Sequence[Act] = CHECK_IN) -> None:
        """Answer what each is shown now and all that comes after it, until the last act was answered, too."""
        self._play(acts, ready=tuple(self._shown))

    def wait_shown(self) -> None:
        """Wait until everyone was shown something new with buttons."""
        waiting = set(self._users)
        while waiting:
            waiting -= set(self._asked(self._must(PATIENCE)))

    def wait_quiet(self) -> None:
        """Wait until every update is confirmed and no call was made for a moment."""
        while self._fresh(QUIET) or self._double.pending:
            pass

    def _play(self, acts: Sequence[Act], ready: Sequence[int]) -> None:
        left = {chat: deque(acts) for chat in self._users}
        due: list[tuple[float, int, int]] = []
        order = itertools.count()

        def meet(chat: int) -> None:
            if not left[chat]:
                del left[chat]  # this was the answer to the last act
                return
            heapq.heappush(due, (time.monotonic() + READING * isinstance(left[chat][0], str), next(order), chat))

        for chat in ready:
            meet(chat)
        while left:
            while due and due[0][0] <= time.monotonic():
                chat = heapq.heappop(due)[2]
                self._do(self._users[chat], left[chat].popleft())
            calls = self._fresh(max(0.0, due[0][0] - time.monotonic())) if due else self._must(PATIENCE)
            for chat in self._asked(calls):
                if chat in left and not self._first_time(chat):
                    meet(chat)

    def _first_time(self, chat: int) -> bool:
        """Say that it is the first time, where an invite that others came by asks; return whether it did."""
        labels = [button["text"] for row in self._users[chat].said[-1].buttons for button in row]
        place = next((place for place, label in enumerate(labels) if label in FIRST_TIME), None)
        if place is not None:
            self._do(self._users[chat], place)
        return place is not None

    def _do(self, user: User, act: Act) -> None:
        if isinstance(act, str):
            user.say(act)
            return
        with self._world.changed:
            shown = self._shown[user.id]
            message = next(message for message in reversed(user.said) if message.id == shown)
            button = list(itertools.chain.from_iterable(message.buttons))[act]
        user.press_data(button["callback_data"], shown)

    def _must(self, patience: float) -> list[Call]:
        calls = self._fresh(patience)
        if not calls:
            raise Stuck(f"nothing was said for {patience:g} s")
        return calls

    def _fresh(self, patience: float) -> list[Call]:
        """Wait for calls that were not looked at yet, and return them; none if none came."""
        world = self._world
        with world.changed:
            world.changed.wait_for(lambda: len(world.ledger) > self._read, patience)
            calls = world.ledger[self._read :]
        self._read += len(calls)
        for call in calls:
            if not call.accepted:
                raise Stuck(f"{call.method}: {call.description}")
        return calls

    def _asked(self, calls: Sequence[Call]) -> list[int]:
        """Return the chats in which something with buttons was said, and remember what."""
        found = []
        for call in calls:
            chat = call.chat
            if call.method == "sendMessage" and call.params.get("reply_markup") and chat in self._users:
                self._shown[chat] = call.message or 0
                found.append(chat)
        return found
