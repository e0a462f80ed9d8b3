"""PINs: which are allowed, how they are kept, and how long one waits after wrong tries.

A PIN is four to eight digits, or four pictures out of sixteen. Both need at least three different ones and must not be
a sequence, so neither kind is easier to guess than the other.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Self

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from starlette.datastructures import FormData

from storage.web_pins import Pin

KINDS = ("digits", "pictures")
PICTURES = (
    *("sun", "moon", "star", "cloud"),
    *("house", "hill", "tree", "flower"),
    *("drop", "fire", "fish", "bird"),
    *("boat", "bell", "key", "cup"),
)
SHORTEST, LONGEST, PICTURED = 4, 8, 4
DIFFERENT = 3
SALT_BYTES, HASH_BYTES = 16, 32
# 16 MB and 50 milliseconds: what the smallest server can spare for one try.
COST, BLOCK, PARALLEL = 2**14, 8, 1
WAITS = {3: timedelta(seconds=10), 4: timedelta(seconds=30), 5: timedelta(minutes=15)}
LONGEST_WAIT = timedelta(hours=1)
MOST = 10  # wrong tries in a row that shut the way they were tried on


@dataclass(frozen=True, slots=True)
class PinInput:
    """What a form brought: a whole PIN, or the pictures chosen so far.

    Attributes:
        kind: one of `KINDS`.
        pieces: the digits, or the pictures' names, in their order.
        again: the digits of the field that asks for them once more.
        first: the pictures of the first time, when they are asked for once more.
        then: where to go on to (`pin`), or nothing.
    """

    kind: str
    pieces: tuple[str, ...]
    again: str = ""
    first: tuple[str, ...] = ()
    then: str = ""

    @classmethod
    def read(cls, form: FormData) -> Self:
        """Read a form; fields that cannot be read are left out."""
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        kind = "pictures" if fields.get("kind") == "pictures" else "digits"
        then = "pin" if fields.get("then") == "pin" else ""
        if kind == "digits":
            said = "".join(fields.get("pin", "").split())
            return cls(kind, tuple(said), "".join(fields.get("again", "").split()), then=then)
        pieces = _pictures(fields.get("picked", ""))
        pick = fields.get("pick", "")
        if pick == "back":
            pieces = pieces[:-1]
        elif pick in PICTURES:
            pieces = (*pieces, pick)[:PICTURED]
        return cls(kind, pieces, first=_pictures(fields.get("first", "")), then=then)

    @property
    def whole(self) -> bool:
        """Return whether there is enough to try: more pictures may still follow."""
        return self.kind == "digits" or len(self.pieces) == PICTURED

    @property
    def secret(self) -> bytes:
        """The PIN as the bytes that are hashed."""
        return f"{self.kind}:{'.'.join(self.pieces)}".encode()


def _pictures(listed: str) -> tuple[str, ...]:
    return tuple(name for name in listed.split(".") if name in PICTURES)[:PICTURED]


def problem(given: PinInput) -> str | None:
    """Return why this cannot be a PIN, as a code of the catalogs; None if it can."""
    if given.kind == "digits" and not re.fullmatch(f"[0-9]{{{SHORTEST},{LONGEST}}}", "".join(given.pieces)):
        return "pin.length"
    order = PICTURES if given.kind == "pictures" else tuple("0123456789")
    places = [order.index(piece) for piece in given.pieces]
    steps = {after - before for before, after in pairwise(places)}
    if len(set(places)) < DIFFERENT or steps in ({1}, {-1}):
        return f"pin.easy.{given.kind}"
    return None


def hash_pin(given: PinInput) -> tuple[bytes, bytes]:
    """Return a salt and the PIN's hash. Takes 50 milliseconds: not for the writer thread."""
    salt = secrets.token_bytes(SALT_BYTES)
    return salt, _scrypt(salt).derive(given.secret)


def verify_pin(given: PinInput, pin: Pin) -> bool:
    """Return whether this is the PIN that was kept. Takes 50 milliseconds: not for the writer thread."""
    if given.kind != pin.kind:
        return False
    try:
        _scrypt(pin.salt).verify(given.secret, pin.hash)
    except InvalidKey:
        return False
    return True


def wait_after(wrong: int, now: datetime) -> datetime | None:
    """Return until when nobody may try after so many wrong tries in a row; None: at once."""
    if wrong < min(WAITS):
        return None
    return now + WAITS.get(wrong, LONGEST_WAIT)


def _scrypt(salt: bytes) -> Scrypt:
    return Scrypt(salt, HASH_BYTES, COST, BLOCK, PARALLEL)
