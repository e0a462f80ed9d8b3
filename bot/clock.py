"""Read the clock and make ids: the only place that does; everything else gets them as arguments."""

import os
import secrets
import time
import uuid
from datetime import UTC, datetime

# No I, L, O, U: a code is read aloud, written on paper and typed back.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10


def now() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def seconds() -> float:
    """Return seconds that only go forward, to measure durations."""
    return time.monotonic()


def new_id() -> uuid.UUID:
    """Make an id of 122 random bits (RFC 9562, version 4): it tells neither when nor in which order it was made."""
    return uuid.UUID(bytes=os.urandom(16), version=4)


def new_code() -> str:
    """Make an invite code of ten characters (50 bits) that survives being read aloud."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def read_code(said: str) -> str | None:
    """Return the invite code that was typed (small letters, blanks, hyphens, O for 0, I or L for 1), or None."""
    plain = "".join(said.upper().split()).replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    return plain if len(plain) == CODE_LENGTH and set(plain) <= set(ALPHABET) else None


def new_chat() -> str:
    """Make the address of a web chat: a secret of 160 bits, in hex."""
    return secrets.token_hex(20)


def new_file() -> str:
    """Make a meaningless name for a sealed file: 128 bits, in hex."""
    return secrets.token_hex(16)
