"""How the Bot API says no."""

from typing import Any


class Refusal(Exception):
    """An answer that is not a success: HTTP status, description, and parameters such as `retry_after`."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(what: str) -> Refusal:
    """A 400, as Telegram words it."""
    return Refusal(400, f"Bad Request: {what}")


def forbidden(what: str) -> Refusal:
    """A 403: the person, or the group, does not want this bot."""
    return Refusal(403, f"Forbidden: {what}")


def conflict(what: str) -> Refusal:
    """A 409: updates go somewhere else."""
    return Refusal(409, f"Conflict: {what}")
