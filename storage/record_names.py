"""Names of the team's people in the organisation's record: each is sealed so that it goes with whomever it names.

The record is the organisation's. But where it says who does something (who is on watch, whom to call after an alert,
who sees to minors, who holds the server), and that names somebody who is or was of the team, the words are enclosed:
once that person is erased they open for nobody, in no copy of the record that was made before. What everybody reads, as
the care card is, stays whole.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select

from storage.enclosing import disclosed, enclosed
from storage.people import People, Person
from storage.sealed_statements import Verified
from storage.store import LOST, Transaction
from storage.tables import roles

_EACH: Final = "*"
PLACES: Final = (
    ("watch", _EACH, "name"),
    ("after_alert", _EACH),
    ("minors", "person"),
    ("handover", _EACH, "words"),
)
"""Where the record says who: each a path, `*` for every item of a list or mapping."""
_WORD: Final = re.compile(r"\w+")
_CLOSED: Final = "enclosed"
_WHERE: Final = ("organisation", "record", "1")
_EVER: Final = Verified(select(roles.c.person_id), roles)


def names(nickname: str | None, words: str) -> bool:
    """Return whether a nickname stands whole in words, accents and capitals aside."""
    sought = _plain(nickname or "")
    return bool(sought) and f" {sought} " in f" {_plain(words)} "


def _plain(words: str) -> str:
    bare = (each for each in unicodedata.normalize("NFKD", words) if not unicodedata.combining(each))
    return " ".join(_WORD.findall("".join(bare).casefold()))


def closed(tx: Transaction, record: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with what names the team's people enclosed; what was, in `before`, stays as it is."""
    kept: dict[str, Any] = {}
    _at_places(before, lambda said: kept.setdefault(_opened(tx, said), said) if _is_closed(said) else said)
    team: list[Person] = []

    def close(said: Any) -> Any:
        if not isinstance(said, str) or not said.strip():
            return said
        if said in kept:
            return kept[said]
        if not team:
            team.extend(_team(tx))
        about = {each.id: each.key for each in team if names(each.nickname, said)}
        sealed = enclosed(tx, said.encode(), about, *_WHERE) if about else None
        return said if sealed is None else {_CLOSED: sealed}

    return _at_places(record, close)


def opened(tx: Transaction, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as it was written; '' in place of what named somebody who was erased."""
    return _at_places(record, lambda said: _opened(tx, said))


def _is_closed(said: Any) -> bool:
    return isinstance(said, Mapping) and _CLOSED in said


def _opened(tx: Transaction, said: Any) -> Any:
    if not _is_closed(said):
        return said
    words = disclosed(tx, said[_CLOSED], *_WHERE)
    return "" if words is None else words.decode()


def _team(tx: Transaction) -> list[Person]:
    """List everybody who ever had a role and is still here; who was, may still be named."""
    ever = dict.fromkeys(tx.run(_EVER).scalars())
    found = map(People(tx).get, ever)
    return [person for person in found if person is not None and person.key is not LOST]


def _at_places(record: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    changed: Any = dict(record)
    for path in PLACES:
        changed = _at(changed, path, change)
    return dict(changed)


def _at(node: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(node)
    first, rest = path[0], path[1:]
    if first == _EACH:
        if isinstance(node, list):
            return [_at(each, rest, change) for each in node]
        return {key: _at(each, rest, change) for key, each in node.items()} if isinstance(node, Mapping) else node
    if isinstance(node, Mapping) and first in node:
        return {**node, first: _at(node[first], rest, change)}
    return node
