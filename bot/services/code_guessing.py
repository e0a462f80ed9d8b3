"""Guessing: codes that open nothing are counted, whoever tries is slowed down, and the admins are told.

A good code always opens: nobody can keep a newcomer out by guessing. What was tried is not kept, and counts are in
memory alone; what admins were told is on the audit trail.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from bot.services.allowances import Counts, Rate
from bot.services.notices import tell_admins
from storage.unit import Unit

TRIES: Final = Rate(6, 12)  # codes that open nothing, of one who tries, before the answers become slow
GUESSED, REUSED = "invites.guessed", "invites.reused"
ALARM: Final = 30  # codes that open nothing, of everybody, within an hour
PLACES: Final = 3  # from which one used or ended invite was tried within a day
AGAIN: Final = timedelta(hours=6)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REMEMBERED: Final = 1000
SILENT: Final = timedelta(minutes=10)  # after which it is looked up again whether admins were told


class InviteGuesses:
    """What was tried lately."""

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self._tries = Counts(TRIES)
        self._lately: deque[datetime] = deque(maxlen=100_000)
        self._reused: OrderedDict[str, dict[str, datetime]] = OrderedDict()  # of each invite: who tried it, and when
        self._silent: dict[str, datetime] = {}  # what admins were told of, and until when that is not looked up

    def tried(self, who: str, now: datetime, invite: str = "") -> bool:
        """Count a code that opened nothing; return False where so many were tried that the answer may be slow.

        Args:
            who: a chat, or the place a request comes from.
            now: the moment.
            invite: the id of the invite it was of, '' for a code that never was.
        """
        self._lately.append(now)
        while self._lately and self._lately[0] < now - HOUR:
            self._lately.popleft()
        if invite:
            places = self._reused.setdefault(invite, {})
            places[who] = now
            for place in [place for place, at in places.items() if at < now - DAY or len(places) > REMEMBERED]:
                del places[place]
            self._reused.move_to_end(invite)
            if len(self._reused) > REMEMBERED:
                self._reused.popitem(last=False)
        return self._tries.takes(who, now)

    @property
    def alarming(self) -> bool:
        """Whether admins may have to be told."""
        return (len(self._lately) >= ALARM and not self._is_silent("")) or any(
            len(places) >= PLACES and not self._is_silent(invite) for invite, places in self._reused.items()
        )

    def due(self, unit: Unit) -> bool:
        """Return whether admins were not told yet."""
        return self._guessed(unit) or bool(self._reused_lately(unit))

    def tell(self, unit: Unit) -> None:
        """Tell the admins of what was tried, once in a while."""
        if self._guessed(unit):
            unit.audit.add("hilo", GUESSED, "invites", {"tries": len(self._lately)})
            tell_admins(unit, "notice.guessed", tries=len(self._lately))
        for invite in self._reused_lately(unit):
            places = len(self._reused[invite])
            unit.audit.add("hilo", REUSED, invite, {"places": places})
            tell_admins(unit, "notice.reused", places=places)

    def _guessed(self, unit: Unit) -> bool:
        return len(self._lately) >= ALARM and not self._told(unit, "", unit.audit.done(GUESSED, unit.now - AGAIN))

    def _reused_lately(self, unit: Unit) -> list[str]:
        many = [invite for invite, places in self._reused.items() if len(places) >= PLACES]
        return [
            invite for invite in many if not self._told(unit, invite, unit.audit.done(REUSED, unit.now - DAY, [invite]))
        ]

    def _told(self, unit: Unit, what: str, told: object) -> bool:
        """Return whether admins were told, and remember it for a while: a flood of codes asks each time."""
        if told:
            self._silent[what] = unit.now + SILENT
            for each in [each for each, until in self._silent.items() if until <= unit.now]:
                del self._silent[each]
        return bool(told)

    def _is_silent(self, what: str) -> bool:
        until = self._silent.get(what)
        return until is not None and bool(self._lately) and self._lately[-1] < until


def invite_of(unit: Unit, code: str) -> str:
    """Return the id of the invite of a code, '' for a code that never was."""
    invite = unit.invites.find(code)
    return str(invite.id) if invite is not None else ""
