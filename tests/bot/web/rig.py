"""A real web side on a free port: uvicorn, storage on a file, and a scripted bot in place of the whole one.

It runs in a thread with a loop of its own, so that tests may be plain functions, with a browser or an HTTP client.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette

from bot import clock
from bot.media.store import MediaRefused, MediaStore
from bot.messengers.port import Button, Incoming, Keyboard, Kind, Outgoing
from bot.messengers.web import WebMessenger
from bot.rendering.texts import catalogs
from bot.runtime.workers import Workers
from bot.services.allowances import Allowances, Disk
from bot.services.code_guessing import InviteGuesses
from bot.web import pins
from bot.web.app import create
from bot.web.limits import PageLimits
from bot.web.practice import Practice
from bot.web.server import Server
from dialogs.danger import matcher
from storage.database import Database
from storage.unit import Storage, Unit
from storage.vault import Vault
from tests import media_rows

T = TypeVar("T")
Script = Callable[["Rig", Unit, Incoming], None]


def keyboard(*rows: str) -> Keyboard:
    """Make a keyboard: `|` parts the labels of a row, `#` begins an id of its own, `!` ends what stays."""
    return tuple(tuple(_button(label) for label in row.split("|")) for row in rows)


def _button(label: str) -> Button:
    words, _, own = label.removesuffix("!").partition("#")
    return Button(words, own or f"id:{words}", stays=label.endswith("!"))


def silent(rig: "Rig", unit: Unit, incoming: Incoming) -> None:
    """A bot that keeps her words, voice notes and photos, and says nothing unless they are of no use."""
    if incoming.kind is Kind.TEXT:
        rig.write(unit, incoming.chat, incoming.text, kind="echo")
    elif incoming.kind in {Kind.VOICE, Kind.PHOTO}:
        rig.shelve(unit, incoming)


def deaf(rig: "Rig", unit: Unit, incoming: Incoming) -> None:
    """A bot that neither keeps nor says anything."""


def answering(rig: "Rig", unit: Unit, incoming: Incoming) -> None:
    """A bot that keeps her words and has one answer to everything."""
    silent(rig, unit, incoming)
    rig.write(unit, incoming.chat, "Ya lo guardé.")


class Quiet(Server):
    """The server as it is, which tells when it listens."""

    def __init__(self, app: Starlette, listening: threading.Event) -> None:
        super().__init__(app)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._listening.set()


class Rig:
    """The running web side. Everything public may be called from the test's own thread."""

    def __init__(self, folder: Path, practice: Practice | None, script: Script) -> None:
        database = Database.open(f"sqlite:///{folder / 'web.db'}")
        database.migrate()
        self.workers = Workers(Storage(database, Vault(Vault.generate())))
        self.folder = folder
        self.media_store = MediaStore(folder, [folder])
        self.messenger = WebMessenger(self.media_store.parked)
        self.script = script
        self.kept: list[Incoming] = []
        self.polling = True
        self.passed = timedelta()
        self.limits: PageLimits | None = None
        self.guesses = InviteGuesses()
        self.app: Starlette
        self._texts = catalogs()
        self._practice = practice
        self.loop: asyncio.AbstractEventLoop
        self.address = ""
        self.port = 0
        self.done: Callable[[], object] = lambda: None
        self._server: Server | None = None
        self._stopped = threading.Event()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the rig's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def say(
        self,
        chat: str,
        text: str | None,
        *rows: str,
        edits: int | None = None,
        kind: str | None = None,
        language: str | None = None,
        media: dict[str, object] | None = None,
        what: str = "",
    ) -> int:
        """Say something in a chat as the whole bot would, sent mark included; returns the row's number."""
        kind = kind or ("edit" if edits else "message")

        async def whole() -> int:
            seq = await self.workers.write(
                lambda unit: self.write(
                    unit, chat, text, *rows, edits=edits, kind=kind, language=language, media=media, what=what
                )
            )
            self.workers.watchers.notify(chat)
            return seq

        return self.call(whole())

    def write(
        self,
        unit: Unit,
        chat: str,
        text: str | None,
        *rows: str,
        edits: int | None = None,
        kind: str = "message",
        language: str | None = None,
        media: dict[str, object] | None = None,
        what: str = "",
    ) -> int:
        """Write a row and mark it sent, inside an open unit."""
        body = Outgoing(chat, text, keyboard(*rows)).to_dict()
        if language:
            body["language"] = language
        if media:
            body["media"] = media
        if what:
            body["what"] = what
        person = unit.people.at("web", chat)
        seq = unit.outbox.put(clock.new_id(), person, "web", chat, kind, 0, body, edits=edits)
        if kind != "echo":
            unit.outbox.sent(seq, seq, unit.now, keep=True)
        return seq

    def shelve(self, unit: Unit, incoming: Incoming) -> None:
        """Keep a voice note or photo as the whole bot would, and show it in the thread."""
        person = unit.people.at("web", incoming.chat)
        assert person is not None, "nobody here to whom it would belong"
        try:
            data = self.media_store.parked(incoming.file or "")
            kept = media_rows.keep(self.media_store, unit, person, data, incoming.seconds)
        except MediaRefused:
            self.write(unit, incoming.chat, "Eso no lo pude abrir.")
        else:
            media = {"id": kept.hex, "kind": incoming.kind.value, "seconds": incoming.seconds}
            self.write(unit, incoming.chat, None, kind="echo", media=media)

    def open(self, chat: str, token: str, *, prefixed: bool = True) -> None:
        """Open a chat in the browser whose cookie is this token."""
        self.call(
            self.workers.write(
                lambda unit: unit.web_sessions.open(
                    clock.new_id(), token, chat, unit.now + timedelta(minutes=10), prefixed=prefixed
                )
            )
        )

    def read(self, work: Callable[[Unit], T]) -> T:
        """Read from storage."""
        return self.call(self.workers.read(work))

    def lock(self, chat: str, *pin: str, kind: str = "digits", messenger: str = "web") -> None:
        """Let the person of a chat have chosen a PIN."""
        salt, hashed = pins.hash_pin(pins.PinInput(kind, pin))

        def choose(unit: Unit) -> None:
            person = unit.people.at(messenger, chat)
            assert person is not None
            unit.web_pins.choose(person, kind, salt, hashed)

        self.call(self.workers.write(choose))

    def link(self, chat: str, code: str, messenger: str = "web") -> None:
        """Make a personal link for the person of a chat."""

        def make(unit: Unit) -> None:
            person = unit.people.at(messenger, chat)
            assert person is not None
            unit.web_links.add(clock.new_id(), person.id, code, unit.now + timedelta(days=14))

        self.call(self.workers.write(make))

    def invited(self, chat: str, code: str, uses: int) -> None:
        """Make an invite that the person of a chat has used."""

        def make(unit: Unit) -> None:
            person = unit.people.at("web", chat)
            assert person is not None
            invite_id = clock.new_id()
            unit.invites.create(invite_id, code, "leader", None, uses, None, None)
            unit.invites.use(invite_id, person.id)

        self.call(self.workers.write(make))

    def invite(self, code: str = "7KQ2M9ABCD", uses: int = 500) -> None:
        """Make an invite that nobody has used yet."""

        def make(unit: Unit) -> None:
            unit.invites.create(clock.new_id(), code, "leader", None, uses, unit.now + timedelta(days=30), None)

        self.write_in(make)

    def write_in(self, work: Callable[[Unit], T]) -> T:
        """Write to storage."""
        return self.call(self.workers.write(work))

    def ahead(self, **span: float) -> None:
        """Let so much time pass, on the server's clock."""
        self.passed += timedelta(**span)

    def person(self, chat: str, language: str, messenger: str = "web") -> None:
        """Make someone known in a chat, with her language."""

        def make(unit: Unit) -> None:
            person = unit.people.create(clock.new_id(), unit.now, "active", language)
            unit.addresses.link(person, messenger, chat, clock.new_id())

        self.call(self.workers.write(make))

    def speak(self, chat: str, language: str) -> None:
        """Let a person change her language."""

        def change(unit: Unit) -> None:
            person = unit.people.at("web", chat)
            assert person is not None
            unit.people.change(person, language=language)

        self.call(self.workers.write(change))

    def limited(self, *phrases: str, disk: Disk | None = None) -> None:
        """Serve with allowances from now on; the phrases are those that ring."""
        found = matcher(phrases, ())
        self.stop()
        self.limits = PageLimits(self.workers, Allowances(disk), lambda _unit, _person: found)
        self.start()

    def stop(self) -> None:
        """Stop serving; open pages lose their line."""
        assert self._server is not None
        self._server.should_exit = True
        assert self._stopped.wait(10)

    def start(self) -> None:
        """Serve, on the port of the time before."""
        listening = threading.Event()
        asyncio.run_coroutine_threadsafe(self._serve(listening), self.loop)
        assert listening.wait(10)

    async def _serve(self, listening: threading.Event) -> None:
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", self.port))
        self.port = taken.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.app = create(
            self.workers,
            self.messenger,
            self._texts,
            self._practice,
            media_store=self.media_store,
            limits=self.limits,
            guesses=self.guesses,
        )
        self._server = Quiet(self.app, listening)
        self._stopped.clear()
        try:
            await self._server.serve(sockets=[taken])
        finally:
            taken.close()
            self._stopped.set()

    async def poll(self) -> None:
        """Fetch, keep, let the script answer, confirm: what the bot's loops do."""
        offset = None
        while True:
            if not self.polling:
                await asyncio.sleep(0.02)
                continue
            batch = await self.messenger.fetch(offset, 0.2)
            for incoming in batch.updates if self.polling else ():
                await self.workers.write(lambda unit, incoming=incoming: self._take(unit, incoming))
                self.workers.watchers.notify(incoming.chat)
            if self.polling:
                offset = batch.next

    def _take(self, unit: Unit, incoming: Incoming) -> None:
        row = (clock.new_id(), incoming.messenger, incoming.update, incoming.chat, incoming.to_bytes())
        if unit.inbox.accept([row]):
            self.kept.append(incoming)
            self.script(self, unit, incoming)


@contextlib.contextmanager
def running(folder: Path, practice: Practice | None = None, script: Script = answering) -> Iterator[Rig]:
    """Run the web side until the block ends."""
    rig = Rig(folder, practice, script)
    really = clock.now
    clock.now = lambda: really() + rig.passed
    ready = threading.Event()

    async def live(done: asyncio.Event) -> None:
        polling = asyncio.create_task(rig.poll())
        ready.set()
        await done.wait()
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await rig.messenger.close()
        rig.workers.close()
        rig.workers.storage.database.dispose()

    def whole() -> None:
        with asyncio.Runner() as runner:
            rig.loop = runner.get_loop()
            done = asyncio.Event()
            rig.done = lambda: rig.loop.call_soon_threadsafe(done.set)
            runner.run(live(done))

    thread = threading.Thread(target=whole, name="rig")
    thread.start()
    assert ready.wait(10)
    rig.start()
    try:
        yield rig
    finally:
        rig.stop()
        rig.done()
        thread.join(20)
        clock.now = really
