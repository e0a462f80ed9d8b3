"""A strict double of Telegram's Bot API over real HTTP, with people who talk to the bot behind it.

    from tests.double.fixture import double          # in a conftest, or in the test's own file

    def test_someone_joins(double: Double) -> None:
        start_a_bot(api=double.url, token=double.token)   # in this process, in a thread, or in one of its own
        user = double.user(language="es")
        user.start("invite-code")
        user.sees("¿En qué lengua hablamos?")             # blocks; inside a loop: await user.wait_for(...)
        user.press("Español")
        assert user.screen().endswith("[ Sí, quiero participar ]")

A wrong call is answered as Telegram would, and fails the test at its end unless `double.allow` named it.
"""

import random
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from tests.double.faults import Fault, Script
from tests.double.people import Group, User
from tests.double.refusal import Refusal
from tests.double.server import Server
from tests.double.world import Account, Call, Limits, Message, Person, World

__all__ = ["TOKEN", "Call", "Double", "Group", "Message", "User"]

TOKEN = "7000000001:AAEdoubleDoubleDoubleDoubleDouble00"
FAILURES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


class Double:
    """Telegram, as far as a bot can tell. A context manager: it listens inside.

    `url` is what the bot gets as base URL of the Bot API, `token` as its token. Wrong calls are answered as Telegram
    answers them and kept in `violations`; `allow` expects some of them.
    """

    def __init__(
        self, port: int = 0, token: str = TOKEN, username: str = "hilo_double_bot", pace: float = 0.05
    ) -> None:
        self.world = World()
        self.script = Script()
        self._server = Server(self.world, self.script, port, pace)
        self.account = self.add_bot(token, username)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """Base URL of this Bot API server."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def token(self) -> str:
        """The first bot's token."""
        return self.account.token

    def add_bot(self, token: str, username: str) -> Account:
        """Let Telegram know one more bot."""
        person = Person(int(token.partition(":")[0]), "Hilo", username=username, robot=True)
        account = self.world.accounts[token] = Account(token, person)
        self._server.watch(account)
        return account

    # Who is there.

    def user(
        self,
        name: str = "Colibrí",
        language: str | None = "es",
        username: str | None = None,
        *,
        robot: bool = False,
        account: Account | None = None,
    ) -> User:
        """Someone with a phone, who has not opened the bot yet."""
        person = Person(500_000 + self.world.number(), name, language, username, robot)
        return User(self.world, account or self.account, person)

    def group(self, title: str = "Comité") -> Group:
        """A group the bot was added to."""
        return Group(self.world, self.account, title)

    def advance(self, seconds: float) -> None:
        """Let time pass: presses grow too old after 150 s, updates after a day, messages to delete after two."""
        self.world.advance(seconds)

    # What goes wrong.

    def refuse(
        self,
        method: str | None = None,
        *,
        status: int = 429,
        retry_after: int | None = None,
        description: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
        share: float = 1.0,
        seed: int = 0,
        **parameters: Any,
    ) -> None:
        """Answer the next calls with an error, by default 429, without doing anything. `times` None: for ever."""
        if retry_after is not None:
            parameters["retry_after"] = retry_after
        told = description or FAILURES.get(status) or f"Too Many Requests: retry after {retry_after}"
        refusal = Refusal(status, told, **parameters)
        self.script.add(Fault(method, chat, times, share, random.Random(seed), refusal=refusal))

    def lose(
        self,
        method: str | None = None,
        *,
        accepted: bool = True,
        chat: int | None = None,
        times: int | None = 1,
        share: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Cut the connection instead of the next answers, after the call was accepted or, if not, before."""
        lost = "after" if accepted else "before"
        self.script.add(Fault(method, chat, times, share, random.Random(seed), lost=lost))

    def garble(self, method: str | None = None, *, chat: int | None = None, times: int | None = 1) -> None:
        """Accept the next calls and answer half of the JSON."""
        self.script.add(Fault(method, chat, times, garbled=True))

    def slow(
        self, method: str | None = None, *, seconds: float, chat: int | None = None, times: int | None = 1
    ) -> None:
        """Accept the next calls at once and hold their answers back."""
        self.script.add(Fault(method, chat, times, delay=seconds))

    def limit(self, free: int = 30, paid: int = 1000) -> None:
        """Refuse, from now on, more messages a second than these: without and with `allow_paid_broadcast`."""
        self.world.limits = Limits(free, paid)

    def calm(self) -> None:
        """Order nothing more to go wrong."""
        self.script.clear()

    def cut(self) -> None:
        """Break every connection that stands now."""
        self._server.cut()

    # What happened.

    @property
    def violations(self) -> list[str]:
        """Wrong calls that nobody expected, as `method: description`."""
        with self.world.changed:
            return list(self.world.violations)

    def allow(self, *fragments: str) -> None:
        """Expect wrong calls whose description holds one of these."""
        self.world.allow(fragments)

    @contextmanager
    def expecting(self, fragment: str) -> Iterator[None]:
        """Expect that a wrong call happens inside. Raises AssertionError when none does."""
        before = len(self.violations)
        yield
        fresh = self.violations[before:]
        assert any(fragment in what for what in fresh), f"no call was refused with {fragment!r}, but: {fresh}"
        with self.world.changed:
            self.world.violations[:] = [what for what in self.world.violations if fragment not in what]

    def calls(self, method: str | None = None, chat: int | None = None) -> list[Call]:
        """The ledger: every call but getUpdates, accepted or refused, in order."""
        with self.world.changed:
            return [
                call
                for call in self.world.ledger
                if method in (None, call.method) and chat in (None, call.chat) and call.method != "getUpdates"
            ]

    def sends(self, chat: int | None = None) -> list[Call]:
        """The calls that put a message into a chat."""
        return [call for call in self.calls(chat=chat) if call.message is not None]

    def busiest(self, window: float = 1.0, chat: int | None = None) -> int:
        """The most messages that were sent within `window` seconds, overall or to one chat."""
        times = sorted(call.at for call in self.sends(chat))
        return max((bisect_left(times, at + window) - place for place, at in enumerate(times)), default=0)

    @property
    def connections(self) -> int:
        """How many connections were opened so far."""
        return self._server.connected

    @property
    def history(self) -> list[dict[str, Any]]:
        """Every update there ever was, as the bot gets them."""
        with self.world.changed:
            return list(self.account.history)

    @property
    def pending(self) -> int:
        """How many updates were not confirmed yet."""
        return len(self.world.pending(self.account))

    def wait_confirmed(self, patience: float = 5.0) -> None:
        """Wait until the bot confirmed every update. Raises AssertionError after `patience` seconds."""
        end = time.monotonic() + patience
        while self.pending:
            assert time.monotonic() < end, f"{self.pending} updates were not confirmed"
            time.sleep(0.01)
