"""The types parameters are declared in: each reads one raw value strictly, or refuses it in Telegram's words.

A raw value is what arrived: a string from a form, anything from JSON, bytes from an upload. Inside JSON nothing is
coerced: a number is a number there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.double.refusal import bad

TRUE, FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass(frozen=True)
class Upload:
    """A file as it came in a multipart request."""

    name: str
    data: bytes


class Type(Protocol):
    """Reads a raw value that is there; `top` is False inside JSON."""

    def read(self, raw: Any, name: str, *, top: bool) -> Any:
        """Return the value. Raises Refusal."""


def units(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class Integer:
    """A number, within bounds."""

    low: int | None = None
    high: int | None = None
    clamped: bool = False  # Telegram pulls some numbers into their range instead of refusing them

    def read(self, raw: Any, name: str, *, top: bool) -> int:
        """Return the value. Raises Refusal."""
        if top and isinstance(raw, str) and re.fullmatch(r"-?\d+", raw):
            raw = int(raw)
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise bad(f'field "{name}" must be of type Number')
        low = raw if self.low is None else self.low
        high = raw if self.high is None else self.high
        if self.clamped:
            return max(low, min(high, raw))
        if not low <= raw <= high:
            raise bad(f'field "{name}" is out of range')
        return raw


@dataclass(frozen=True)
class Boolean:
    """Yes or no; a form may say it in more ways."""

    def read(self, raw: Any, name: str, *, top: bool) -> bool:
        """Return the value. Raises Refusal."""
        if top and isinstance(raw, str) and raw.lower() in TRUE | FALSE:
            return raw.lower() in TRUE
        if not isinstance(raw, bool):
            raise bad(f'field "{name}" must be of type Boolean')
        return raw


@dataclass(frozen=True)
class Text:
    """Words. `longest` and `shortest` in UTF-16 units after trimming; `pattern` of the whole."""

    longest: int | None = None
    shortest: int = 0
    too_long: str = "text is too long"
    too_short: str = "text must be non-empty"
    pattern: str | None = None
    malformed: str = "text is malformed"
    trim: bool = False

    def read(self, raw: Any, name: str, *, top: bool) -> str:
        """Return the value. Raises Refusal."""
        if not isinstance(raw, str):
            raise bad(f'field "{name}" must be of type String')
        try:
            raw.encode()
        except UnicodeEncodeError:
            raise bad("strings must be encoded in UTF-8") from None
        text = raw.strip() if self.trim else raw
        if units(text) < self.shortest:
            raise bad(self.too_short)
        if self.longest is not None and units(text) > self.longest:
            raise bad(self.too_long)
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            raise bad(self.malformed)
        return text


@dataclass(frozen=True)
class Bytes:
    """A string whose length counts in UTF-8 bytes."""

    shortest: int
    longest: int
    wrong: str

    def read(self, raw: Any, name: str, *, top: bool) -> str:
        """Return the value. Raises Refusal."""
        if not isinstance(raw, str):
            raise bad(f'field "{name}" must be of type String')
        if not self.shortest <= len(raw.encode(errors="replace")) <= self.longest:
            raise bad(self.wrong)
        return raw


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    values: tuple[str, ...]
    wrong: str

    def read(self, raw: Any, name: str, *, top: bool) -> str:
        """Return the value. Raises Refusal."""
        if raw not in self.values:
            raise bad(self.wrong)
        return str(raw)


@dataclass(frozen=True)
class ChatId:
    """A chat's number; public names (`@name`) are no chats of this double."""

    def read(self, raw: Any, name: str, *, top: bool) -> int:
        """Return the value. Raises Refusal."""
        if top and isinstance(raw, str) and re.fullmatch(r"-?\d+", raw):
            raw = int(raw)
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise bad("chat not found")
        return raw


@dataclass(frozen=True)
class File:
    """An upload, a reference to one (`attach://`), or the id of a file Telegram knows."""

    def read(self, raw: Any, name: str, *, top: bool) -> Upload | str:
        """Return the value. Raises Refusal."""
        if isinstance(raw, Upload):
            if not raw.data:
                raise bad("file must be non-empty")
            return raw
        if not isinstance(raw, str):
            raise bad(f'field "{name}" must be of type String')
        if re.match(r"https?://", raw):
            raise bad("the double fetches no files from addresses")
        return raw


@dataclass(frozen=True)
class Field:
    """One parameter or field: its type, and what is said when a required one is missing."""

    type: Type
    missing: str | None = None  # None: may be left out


@dataclass(frozen=True)
class Object:
    """A JSON object with these fields and no others; exactly one of `one_of` must be there."""

    fields: Mapping[str, Field]
    one_of: tuple[str, ...] = ()
    none_of: str = ""
    wrong: str = "object expected"

    def read(self, raw: Any, name: str, *, top: bool) -> dict[str, Any]:
        """Return the value. Raises Refusal."""
        value = _decode(raw, name) if top else raw
        if not isinstance(value, dict):
            raise bad(self.wrong)
        if self.one_of:
            value = {key: one for key, one in value.items() if key not in self.one_of or one != ""}
            if sum(key in value for key in self.one_of) != 1:
                raise bad(self.none_of)
        return read_fields(self.fields, value, name, top=False)


@dataclass(frozen=True)
class Array:
    item: Type
    longest: int | None = None
    shortest: int = 0
    wrong: str = "array expected"
    too_long: str = "array is too long"
    too_short: str = "array is empty"
    prefix: str = ""  # put before what is wrong with an item

    def read(self, raw: Any, name: str, *, top: bool) -> list[Any]:
        """Return the value. Raises Refusal."""
        value = _decode(raw, name) if top else raw
        if not isinstance(value, list):
            raise bad(self.wrong)
        if len(value) < self.shortest:
            raise bad(self.too_short)
        if self.longest is not None and len(value) > self.longest:
            raise bad(self.too_long)
        return [self.item.read(item, name, top=False) for item in value]


def read_fields(fields: Mapping[str, Field], values: Mapping[str, Any], where: str, *, top: bool) -> dict[str, Any]:
    """Read every value by its field's type; what is not declared is refused, which Telegram would pass over."""
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise bad(f"the double knows no {', '.join(unknown)} in {where}")
    found = {}
    for name, declared in fields.items():
        raw = values.get(name)
        if raw is None or (top and raw == ""):  # Telegram takes an empty parameter for a missing one
            if declared.missing is not None:
                raise bad(declared.missing)
            continue
        found[name] = declared.type.read(raw, name, top=top)
    return found


def _decode(raw: Any, name: str) -> Any:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        raise bad(f"can't parse {name} JSON object") from None
