"""Button ids: opaque, at most 64 bytes (Telegram's limit for callback data).

There are two kinds: a press inside a run (run, prompt, question, action, choice) and one outside (an action with an
argument). Both are signed together with the chat and its messenger, each part with its length before it, so an invented
id, or one copied from another chat, is rejected. Up to 0.1.0 the chat followed without any: such a button, made for one
chat, was good in another whose number ended the same way. Those are read for ninety days after the update.

They are spelled in base 85, as an action with an id would be longer than 64 bytes in base 64; those in a run are of
fixed length, and a keyboard has several of them: they are spelled in base 64 after a colon, which takes a tenth as
long. Up to 0.1.0 those were in base 85, too, and are still read.
"""

import base64
import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from bot.rendering.arguments import Argument
from dialogs.value_class import value_class
from storage.vault import Vault

MAX_BYTES = 64
_SIGNATURE = 8
_RUN, _PLAIN = 1, 2
_LAYOUT = struct.Struct(">B16sHB4s4s")
_SIGNED = struct.Struct(">BHH")
_IN_PARTS = 3  # begins what is signed; in the old form that was the payload's kind, 1 or 2
_NOTHING = b"\0\0\0\0"
_IN_64 = ":"  # begins what is in base 64: no letter of base 85

# Sent buttons carry the index: add at the end, never move.
ACTIONS = (
    "start",
    "later",
    "why",
    "choose",
    "done",
    "skip",
    "back",
    "stop",
    "resume",
    "change",
    "accept",
    "other",
    "review",
    "finish",
    "page",
)


@value_class
class RunButton:
    """A press inside a run; question and choice are short digests of their names."""

    run_id: UUID
    prompt: int
    action: str
    path: bytes
    choice: bytes


class Named(Protocol):
    """Anything with a wire name: an action."""

    @property
    def name(self) -> str:
        """The name that buttons carry, which never changes."""
        ...


@dataclass(frozen=True, slots=True)
class PlainButton:
    """A press outside of any run."""

    action: str
    argument: str


@lru_cache(maxsize=1024)  # a turn asks for the same few names again and again
def digest(name: str | None) -> bytes:
    """Return the four bytes that stand for a name inside a button."""
    return _NOTHING if name is None else hashlib.blake2b(name.encode(), digest_size=4).digest()


def digest_owner(short: bytes, names: Iterable[str]) -> str | None:
    """Return which of the names the digest stands for, or None."""
    return next((name for name in names if digest(name) == short), None)


def never() -> bool:
    """Return False: buttons of the old form are not read."""
    return False


class Buttons:
    """Makes and reads button ids for one chat of one messenger."""

    def __init__(self, vault: Vault, messenger: str, chat: str) -> None:
        self._vault = vault
        self._messenger = messenger.encode()
        self._chat = chat.encode()

    def run(self, run_id: UUID, prompt: int, action: str, path: str = "", choice: str | None = None) -> str:
        """Return the id of a press inside a run."""
        payload = _LAYOUT.pack(
            _RUN,
            run_id.bytes,
            prompt & 0xFFFF,
            ACTIONS.index(action),
            digest(path),
            digest(choice),
        )
        return _spelled(self._sealed(payload), in_64=True)

    def plain(self, action: Named | str, argument: Argument | str = "") -> str:
        """Return the id of a press outside of a run; raises ValueError if it is longer than 64 bytes."""
        name = action if isinstance(action, str) else action.name
        carried = argument if isinstance(argument, str) else argument.encoded()
        made = _spelled(self._sealed(bytes((_PLAIN,)) + f"{name}\0{carried}".encode()), in_64=False)
        if len(made) > MAX_BYTES:
            raise ValueError(f"button {name} with {carried!r} is longer than {MAX_BYTES} bytes")
        return made

    def read(self, given: str, old_form: Callable[[], bool] = never) -> RunButton | PlainButton | None:
        """Return the press of an id, or None if the id was not made here for this chat.

        `old_form` is called for one that was signed as before, and returns whether those are still read.
        """
        data = _bytes_of(given)
        if data is None:
            return None
        payload, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
        if not payload or not (
            self._vault.verify(self._signed(payload), signature)
            or (self._vault.verify(payload + self._chat, signature) and old_form())
        ):
            return None
        if payload[0] == _RUN:
            _, run, prompt, action, path, choice = _LAYOUT.unpack(payload)
            return RunButton(UUID(bytes=run), prompt, ACTIONS[action], path, choice) if action < len(ACTIONS) else None
        action_name, _, argument = payload[1:].decode().partition("\0")
        return PlainButton(action_name, argument)

    def _sealed(self, payload: bytes) -> bytes:
        return payload + self._vault.sign(self._signed(payload))

    def _signed(self, payload: bytes) -> bytes:
        """Return what is signed: a payload, the chat and the messenger, so that no two of them run together."""
        return _SIGNED.pack(_IN_PARTS, len(payload), len(self._chat)) + payload + self._chat + self._messenger


def _spelled(data: bytes, *, in_64: bool) -> str:
    return _IN_64 + base64.b64encode(data).decode() if in_64 else base64.b85encode(data).decode()


def _bytes_of(given: str) -> bytes | None:
    """Return what a text spells, or None where that would have been spelled otherwise."""
    in_64 = given.startswith(_IN_64)
    try:
        data = base64.b64decode(given[1:]) if in_64 else base64.b85decode(given)
    except ValueError:
        return None
    return data if _spelled(data, in_64=in_64) == given and not (in_64 and data[:1] != bytes((_RUN,))) else None
