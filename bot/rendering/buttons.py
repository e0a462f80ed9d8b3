"""Button ids: opaque, at most 64 bytes (Telegram's limit for callback data).

There are two kinds: a press inside a run (run, prompt, question, action, choice) and one outside (an action with an
argument). Both are signed together with the chat, so an invented id, or one copied from another chat, is rejected.
"""

import base64
import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from bot.rendering.arguments import Argument
from storage.vault import Vault

MAX_BYTES = 64
_SIGNATURE = 8
_RUN, _PLAIN = 1, 2
_LAYOUT = struct.Struct(">B16sHB4s4s")
_NOTHING = b"\0\0\0\0"

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


@dataclass(frozen=True, slots=True)
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


def digest(name: str | None) -> bytes:
    """Return the four bytes that stand for a name inside a button."""
    return _NOTHING if name is None else hashlib.blake2b(name.encode(), digest_size=4).digest()


def digest_owner(short: bytes, names: Iterable[str]) -> str | None:
    """Return which of the names the digest stands for, or None."""
    return next((name for name in names if digest(name) == short), None)


class Buttons:
    """Makes and reads button ids for one chat."""

    def __init__(self, vault: Vault, chat: str) -> None:
        self._vault = vault
        self._chat = chat.encode()

    def run(self, run_id: UUID, prompt: int, action: str, path: str = "", choice: str | None = None) -> str:
        """Return the id of a press inside a run."""
        return self._seal(
            _LAYOUT.pack(
                _RUN,
                run_id.bytes,
                prompt & 0xFFFF,
                ACTIONS.index(action),
                digest(path),
                digest(choice),
            )
        )

    def plain(self, action: Named | str, argument: Argument | str = "") -> str:
        """Return the id of a press outside of a run; raises ValueError if it is longer than 64 bytes."""
        name = action if isinstance(action, str) else action.name
        carried = argument if isinstance(argument, str) else argument.encoded()
        made = self._seal(bytes((_PLAIN,)) + f"{name}\0{carried}".encode())
        if len(made) > MAX_BYTES:
            raise ValueError(f"button {name} with {carried!r} is longer than {MAX_BYTES} bytes")
        return made

    def read(self, given: str) -> RunButton | PlainButton | None:
        """Return the press of an id, or None if the id was not made here for this chat."""
        try:
            data = base64.b85decode(given)
        except ValueError:
            return None
        payload, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
        if not payload or not self._vault.verify(payload + self._chat, signature):
            return None
        if payload[0] == _RUN:
            _, run, prompt, action, path, choice = _LAYOUT.unpack(payload)
            return RunButton(UUID(bytes=run), prompt, ACTIONS[action], path, choice) if action < len(ACTIONS) else None
        action_name, _, argument = payload[1:].decode().partition("\0")
        return PlainButton(action_name, argument)

    def _seal(self, payload: bytes) -> str:
        tag = self._vault.sign(payload + self._chat)
        # Base 85: in base 64 an action with an id would be longer than 64 bytes.
        return base64.b85encode(payload + tag).decode()
