"""Arguments of buttons: fields of a class, written and read by one layout.

A layout is text with fields, and optional tails: `q{run}.{place}[.{page}]`. A field is written by its type: an id in 22
characters (`{run:hex}`: in 32), several ids with commas, a number in digits (None: in none), a day in eight digits,
words up to the next dot (`{name:all}`: with dots), a choice unchanged, a flag as its mark if it is set (`{sure:!}`).
Layouts are only ever added to, as buttons in chats still carry them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import get_annotations
from typing import Any, ClassVar, Final, Literal, Self, dataclass_transform, get_args, get_origin, get_type_hints
from uuid import UUID

from bot.rendering.ids import id_from_short, short_id

MOST = 9  # digits of a number
IN_PLACE: Final = "~"
"""Ends the argument of a button whose press may change its own message."""
_PARTS = re.compile(r"\{(?P<name>\w+)(?::(?P<how>[^}]+))?\}|(?P<mark>[\[\]])|(?P<text>[^{\[\]]+)")
_ID = r"[A-Za-z0-9_-]{22}|[0-9a-f]{32}"


@dataclass_transform(frozen_default=True)
class Argument:
    """The argument of a button: like a frozen dataclass, written by its class's `layout`.

    It is written by hand because there are many, and `dataclass` generates half a dozen functions for each.
    """

    layout: ClassVar[str] = ""
    __match_args__: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        """Store the field names in order."""
        found = tuple(name for name in get_annotations(cls) if name != "layout")
        cls.__match_args__ = found  # type: ignore[misc]  # as `dataclass` does

    def __init__(self, *values: Any, **named: Any) -> None:
        """Set the fields, in order or by name.

        Raises:
            TypeError: too many or too few values, or an unknown name.
        """
        fields = self.__match_args__
        given = dict(zip(fields, values, strict=False)) | named
        if len(values) > len(fields) or len(given) < len(values) + len(named) or not given.keys() <= set(fields):
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields) or 'nothing'}")
        if lacking := [name for name in fields if name not in given and not hasattr(type(self), name)]:
            raise TypeError(f"{type(self).__name__} lacks {', '.join(lacking)}")
        self.__dict__.update(given)

    def __setattr__(self, name: str, value: object) -> None:
        """Raise AttributeError: arguments are frozen."""
        raise AttributeError(f"{type(self).__name__}.{name} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._values()}"

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def encoded(self) -> str:
        """Return the text that a button carries."""
        return _codec(type(self)).write(self)

    @classmethod
    def decoded(cls, written: str) -> Self | None:
        """Return the argument that a button carries; None if the text does not fit the layout."""
        found: Self | None = _codec(cls).read(written)
        return found


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a field of one type is written, its regular expression, and how it is read."""

    pattern: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


_KINDS: Final[dict[Any, _Kind]] = {
    int: _Kind(rf"\d{{1,{MOST}}}", str, int),
    int | None: _Kind(
        rf"\d{{0,{MOST}}}",
        lambda number: "" if number is None else str(number),
        lambda written: int(written) if written else None,
    ),
    date: _Kind(r"\d{8}", lambda day: day.isoformat().replace("-", ""), date.fromisoformat),
}


def _kind(hint: Any, how: str) -> _Kind:
    """Return how a field is written; raises TypeError for a type that no button carries."""
    an_id = (lambda id_: id_.hex) if how == "hex" else short_id
    if hint is UUID:
        return _Kind(_ID, an_id, read_id)
    if hint == tuple[UUID, ...]:
        several = rf"(?:{_ID})(?:,(?:{_ID}))*"
        return _Kind(several, lambda ids: ",".join(map(an_id, ids)), lambda ids: tuple(map(read_id, ids.split(","))))
    if hint in _KINDS:
        return _KINDS[hint]
    if hint is bool:
        return _Kind(f"(?:{re.escape(how)})?", lambda given: how if given else "", bool)
    if hint is str:
        return _Kind(".*" if how == "all" else r"[^.]*", str, str)
    if get_origin(hint) is Literal:
        return _Kind("|".join(map(re.escape, sorted(get_args(hint), key=len, reverse=True))), str, str)
    raise TypeError(f"no button carries {hint}")


def read_id(written: str) -> UUID:
    """Return an id from its 22 characters, or from hex."""
    return UUID(hex=written) if len(written) == 32 else id_from_short(written)  # noqa: PLR2004  hex digits of an id


@dataclass(frozen=True, slots=True)
class _Codec:
    """A compiled layout that writes and reads arguments."""

    made: Callable[..., Any]
    parts: Sequence[tuple[str, bool] | str]
    kinds: dict[str, _Kind]
    defaults: dict[str, Any]
    pattern: re.Pattern[str]

    def write(self, argument: Argument) -> str:
        return "".join(self._written(argument, self.parts))

    def _written(self, argument: Argument, parts: Sequence[tuple[str, bool] | str]) -> Iterator[str]:
        """Yield each part; a tail is left out if all its fields have their defaults."""
        for place, part in enumerate(parts):
            if part == "[":
                rest = [each[0] for each in parts[place:] if isinstance(each, tuple)]
                if all(getattr(argument, name) == self.defaults[name] for name in rest):
                    return
            elif isinstance(part, tuple):
                yield self.kinds[part[0]].write(getattr(argument, part[0]))
            else:
                yield part

    def read(self, written: str) -> Any:
        found = self.pattern.fullmatch(written)
        if found is None:
            return None
        given = {name: text for name, text in found.groupdict().items() if text is not None}
        try:
            return self.made(**{name: self.kinds[name].read(text) for name, text in given.items()})
        except ValueError:  # no such day
            return None


_CODECS: dict[type[Argument], _Codec] = {}


def _codec(argument: type[Argument]) -> _Codec:
    """Return a class's compiled layout, cached."""
    if argument not in _CODECS:
        _CODECS[argument] = _compiled(argument)
    return _CODECS[argument]


def _compiled(argument: type[Argument]) -> _Codec:
    """Compile a class's layout; raises TypeError if it does not fit the fields."""
    hints = get_type_hints(argument)
    own = argument.__match_args__
    parts: list[tuple[str, bool] | str] = []
    kinds: dict[str, _Kind] = {}
    pattern, tails, read = "", 0, 0
    for found in _PARTS.finditer(argument.layout):
        read += found.end() - found.start()
        if name := found["name"]:
            kinds[name] = _kind(hints[name], found["how"] or "")
            pattern += f"(?P<{name}>{kinds[name].pattern})"
            parts.append((name, bool(tails)))
        elif found["mark"] == "[":
            tails += 1
            pattern += "(?:"
            parts.append("[")
        elif found["mark"]:
            continue  # all tails end at the end of the layout
        else:
            pattern += re.escape(found["text"])
            parts.append(found["text"])
    if read != len(argument.layout) or kinds.keys() != set(own) or not argument.layout.endswith("]" * tails):
        raise TypeError(f"{argument.__name__} has other fields than its layout {argument.layout!r}")
    defaults = {name: getattr(argument, name) for name in own if hasattr(argument, name)}
    if lacking := [part[0] for part in parts if isinstance(part, tuple) and part[1] and part[0] not in defaults]:
        raise TypeError(f"{argument.__name__}: {', '.join(lacking)} may lack, and has no default")
    return _Codec(argument, parts, kinds, defaults, re.compile(pattern + ")?" * tails))


def decoded(kinds: Sequence[type[Argument]], written: str) -> Argument | None:
    """Return what a button carries as the first kind it fits; None if it fits none."""
    return next((found for kind in kinds if (found := kind.decoded(written)) is not None), None)


class Page(Argument):
    """A page number of a list."""

    layout: ClassVar[str] = "[{page}]"
    page: int = 0


class Picked(Argument):
    """One of a few choices, or none yet."""

    layout: ClassVar[str] = "[{choice}]"
    choice: str = ""
