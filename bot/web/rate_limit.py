"""Limit how many conversations visitors without an invite open: each leaves rows, and a full disk keeps no words.

Whether an invite is valid is known only once the bot has read it, so the pages do the counting.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

REMEMBERED = 10_000  # visitors; beyond that, the one who came longest ago is forgotten
EVERYBODY = ""


class RateLimit:
    """Lets a number through at once, and then one in each period: for each address, and for all together.

    Addresses are held in memory only, and only as long as they count.
    """

    def __init__(self, most: int, pause: timedelta, in_all: int, pause_in_all: timedelta) -> None:
        """Begin with nobody counted; `most` and `pause` are for one address, the others for all together."""
        self._rules = (most, pause), (in_all, pause_in_all)
        self._free_at: OrderedDict[str, datetime] = OrderedDict()

    def passes(self, who: str, now: datetime) -> bool:
        """Return whether one more may pass, and count it if so."""
        after: dict[str, datetime] = {}
        for name, (most, pause) in zip((who, EVERYBODY), self._rules, strict=True):
            # Each pass moves the moment at which nothing is owed any more; too far ahead is too many.
            after[name] = max(self._free_at.get(name, now), now) + pause
            if after[name] - now > most * pause:
                return False
        for name, moment in after.items():
            self._free_at[name] = moment
            self._free_at.move_to_end(name)
        while len(self._free_at) > REMEMBERED or next(iter(self._free_at.values())) <= now:
            self._free_at.popitem(last=False)
        return True
