"""Quotes inside what the organisation wrote: a text names a quote, and reads as its words while its teller agrees.

The words lie in the quote's own row alone, sealed with the key of whoever said them. Once they are taken back, or that
person is erased, a sign of omission stands in their place, in every text and in every copy of it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select

from storage.enclosing import key_of
from storage.sealed_statements import Verified
from storage.store import LOST, Transaction, from_json
from storage.tables import quotes

OMITTED: Final = "…"
"""What stands where a quote was."""
_NAME: Final = re.compile(r"\{quote:([0-9a-f]{32})\}")
_AGREED: Final = Verified(
    select(quotes.c.id, quotes.c.person_id, quotes.c.body).where(
        quotes.c.id.in_(bindparam("quotes", expanding=True)), quotes.c.state == literal_column("'yes'")
    ),
    quotes,
)


def name(quote_id: UUID) -> str:
    """Return how a text names a quote."""
    return f"{{quote:{quote_id.hex}}}"


def named(value: Any) -> set[UUID]:
    """Return the quotes that a value, or any text in it, names."""
    return {UUID(each) for text in _texts(value) for each in _NAME.findall(text)}


def agreed(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the words of those quotes to which their tellers agree now."""
    wanted = list(ids)
    found = {}
    for id_, person_id, sealed in tx.run.listed(_AGREED, {"quotes": wanted}) if wanted else ():
        key = key_of(tx, person_id)
        if key is None or key is LOST:
            continue
        opened = tx.opened(key, sealed, "quotes", "body", id_.hex, person_id=person_id)
        if opened is not None:
            found[id_] = str(from_json(opened)["words"])
    return found


def filled(tx: Transaction, value: Any) -> Any:
    """Return a value with the words of the quotes that its texts name, or a sign of omission, in their place."""
    ids = named(value)
    if not ids:
        return value
    words = agreed(tx, ids)
    return _changed(value, lambda text: _NAME.sub(lambda match: words.get(UUID(match[1]), OMITTED), text))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _changed(each, change) for key, each in value.items()}
    return [_changed(each, change) for each in value] if isinstance(value, list) else value
