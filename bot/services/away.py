"""Days on which the team does not read, as the organisation's record has them; every promised day follows."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

AWAY: Final = "away"


class Away:
    """From which day on the team does not read, and the day on which they read again."""

    __slots__ = ("back", "since")

    def __init__(self, since: date, back: date) -> None:
        self.since = since
        self.back = back

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Away | None":
        """Return what the record says, or None."""
        kept = record.get(AWAY)
        return cls(date.fromisoformat(kept["since"]), date.fromisoformat(kept["back"])) if kept else None

    def kept(self) -> dict[str, str]:
        """Return it in the record's form."""
        return {"since": self.since.isoformat(), "back": self.back.isoformat()}

    def covers(self, day: date) -> bool:
        """Return whether the team does not read on a day."""
        return self.since <= day < self.back
