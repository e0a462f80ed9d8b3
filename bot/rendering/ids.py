"""Ids as buttons carry them: in 22 characters, since a button has no room for more."""

import base64
from uuid import UUID


def short_id(id_: UUID) -> str:
    """Write an id in 22 characters."""
    return base64.urlsafe_b64encode(id_.bytes).decode().rstrip("=")


def id_from_short(written: str) -> UUID:
    """Read what `brief` wrote; raises ValueError for what is no id."""
    return UUID(bytes=base64.urlsafe_b64decode(written + "=="))
