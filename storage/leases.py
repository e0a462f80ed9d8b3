"""Who holds a long task. A lease that ran out is free for whoever asks first."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, or_

from storage.database import upsert
from storage.store import Store
from storage.tables import leases

_INSERT: Final = upsert(leases)
_TAKE: Final = _INSERT.on_conflict_do_update(
    index_elements=["name"],
    set_={"holder": _INSERT.excluded.holder, "until": _INSERT.excluded.until},
    where=or_(leases.c.holder == _INSERT.excluded.holder, leases.c.until <= bindparam("now")),
)
_DROP: Final = delete(leases).where(leases.c.name == bindparam("name"), leases.c.holder == bindparam("holder"))


class Leases(Store):
    """Leases by name."""

    __slots__ = ()

    def take(self, name: str, holder: str, until: datetime) -> bool:
        """Take or prolong a lease; False when another holder's has not run out at this unit's moment."""
        row = {"name": name, "holder": holder, "until": until, "now": self._tx.now}
        return self._execute(_TAKE, row).rowcount > 0

    def drop(self, name: str, holder: str) -> None:
        """Give a lease back; another holder's stays."""
        self._execute(_DROP, {"name": name, "holder": holder})
