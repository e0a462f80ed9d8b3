"""Two question types that exist nowhere but here, and a conversation that asks with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dialogs import types
from dialogs.context import Context
from dialogs.model import Choice, Measure, Step, ValueFormat
from dialogs.replies import Read, Refusal
from dialogs.types import ChoiceSource, Parameter, PartColumn, QuestionType
from dialogs.types.base import number_refusal

EXAMPLE = "17.06 -96.72"
DIALOG = """spec: 1
name: wells
kind: reflection
languages: [es, en]
minutes: 1
title: {es: Los pozos, en: The wells}
why: {es: Para el mapa., en: For the map.}
steps:
  - type: geopoint
    name: where
    label: {es: "¿Dónde está el pozo?", en: "Where is the well?"}
  - type: stars
    name: water
    parameters: most=4
    default: "4"
    label: {es: "¿Qué tal el agua?", en: "How is the water?"}
  - type: text
    name: why
    relevant: ${water} < 3 and starts-with(${where}, '17')
    label: {es: "¿Por qué ${water}?", en: "Why ${water}?"}
"""
_PLACE = re.compile(r"(-?\d{1,2}(?:\.\d{1,6})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,6})?)")


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    found = _PLACE.fullmatch(words)
    return f"{found[1]} {found[2]}" if found else Refusal("not_a_number", {"example": EXAMPLE})


def _read_content(step: Step, content: Mapping[str, Any], context: Context) -> Read | None:
    match content:
        case {"location": {"latitude": latitude, "longitude": longitude}}:
            return f"{latitude} {longitude}"
    return None


def _parts(step: Step) -> Sequence[PartColumn]:
    names = (("latitude", {"es": "Latitud", "en": "Latitude"}), ("longitude", {"es": "Longitud", "en": "Longitude"}))
    return [PartColumn(name, label, ValueFormat.DECIMAL, Measure.SCALE) for name, label in names]


def _part(value: Any, name: str) -> str:
    return str(value.split()[("latitude", "longitude").index(name)])


GEOPOINT = QuestionType(
    name="geopoint",
    read=_read,
    read_content=_read_content,
    refusal=number_refusal(EXAMPLE),
    numeric=True,
    label=lambda value, _written: "° ".join((*str(value).split(), "")).strip(),
    values="latitude longitude",
    parts=_parts,
    part=_part,
)


def _read_stars(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    many = len(words) if set(words) == {"★"} else int(words) if words.isdecimal() else 0
    most = step.parameters["most"]
    return many if 1 <= many <= most else Refusal("out_of_range", {"min": "1", "max": str(most)})


def _stars(step: Step) -> tuple[Choice, ...]:
    return tuple(Choice(str(many), {"es": "★" * many}) for many in range(1, step.parameters["most"] + 1))


STARS = QuestionType(
    name="stars",
    read=_read_stars,
    value=int,
    parse=lambda _step, choices, written: int(written) if any(each.name == written for each in choices) else None,
    refusal=number_refusal("3"),
    numeric=True,
    choice_source=ChoiceSource.NUMBERS,
    options=_stars,
    label=lambda value, _written: "★" * int(str(value)),
    parameters=(Parameter("most", required=True, least=2),),
    format=ValueFormat.WHOLE,
    measure=Measure.ORDINAL,
)


@contextmanager
def registered() -> Iterator[None]:
    """Let authors use both types until the block ends."""
    for kind in (GEOPOINT, STARS):
        types.register(kind)
    try:
        yield
    finally:
        for kind in (GEOPOINT, STARS):
            types.unregister(kind.name)
