"""Ids in 22 characters, as buttons have no room for more."""

import base64
from uuid import UUID


def short_id(id_: UUID) -> str:
    """Return an id in 22 characters."""
    return base64.urlsafe_b64encode(id_.bytes).decode().rstrip("=")


def id_from_short(written: str) -> UUID:
    """Return the id that `short_id` wrote; raises ValueError for anything else."""
    return UUID(bytes=base64.urlsafe_b64decode(written + "=="))
