"""What an author writes: dialogs, their steps, their choices, and words per language. All of it is frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias, cast, get_args

Text: TypeAlias = Mapping[str, str]
"""Language tag -> words. A language without words falls back along its chain."""

MediaKind: TypeAlias = Literal["voice", "photo"]


@dataclass(frozen=True, slots=True)
class Media:
    """A stored voice note or photo. `id` is its row's id in hex; `seconds` is the length of a voice note."""

    kind: MediaKind
    id: str
    seconds: int | None = None


Piece: TypeAlias = str | Media
"""One message of an open answer."""

Value: TypeAlias = str | int | tuple[Piece, ...]
"""A typed answer.

A tuple holds the chosen names of select_multiple, the pieces of an open answer, or the one voice note or photo that was
asked for. A decimal is its digits with a point; a date is `2026-12-06`; a time is `19:30`.
"""

Kind: TypeAlias = Literal["reflection", "check_in", "staff"]
StepType: TypeAlias = str
"""The name of a question type, as `dialogs.types` knows it."""
NOTE: Final = "note"
CALCULATE: Final = "calculate"
"""The two types that ask nothing: a note is said and passed, a calculation is worked out and not even said."""


class ValueFormat(StrEnum):
    """How an answer is written where it is stored, and in a cell of an export."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    NAMES = "names"
    """The names of several choices."""


class Measure(StrEnum):
    """What can be measured with an answer: only how many, which is more, or how much."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    SCALE = "scale"


KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
DISCREET: Final = "discreet"
APPEARANCES: Final = ("multiline", DISCREET)
SPEC: Final = 1
"""The version of the dialog format that this code writes and reads."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers a question offers.

    `name` is what is stored and exported; `label` is what the person reads, without a digit in front; `said` is what
    people may say instead, with commas between (XLSForm has no such column).
    """

    name: str
    label: Text
    said: Text = field(default_factory=dict)

    @property
    def also(self) -> tuple[str, ...]:
        """The words that are understood as this choice beside its label, in every language."""
        return tuple(word for words in self.said.values() for each in words.split(",") if (word := each.strip()))

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as JSON data; one without further words as it always was, so that versions stay."""
        further = {"said": dict(self.said)} if self.said else {}
        return {"name": self.name, "label": dict(self.label), **further}


@dataclass(frozen=True, slots=True)
class Step:
    """One note, question or calculation. Its keys are named as in XLSForm, with the same meanings.

    `relevant`, `constraint` and `calculation` are expressions (see `expressions`); `default` is an answer to begin
    from, or an expression that gives one; `choices_from` names a list that `Context.lookup` supplies; `parameters` are
    start, end and step of a range, whose choices, if any, are named by its numbers. `audio` names the file of a
    recording per language. `line` is the step's line in its source, 0 where it is unknown.
    """

    type: StepType
    name: str
    label: Text
    hint: Text = field(default_factory=dict)
    required: bool = False
    required_message: Text = field(default_factory=dict)
    relevant: str | None = None
    constraint: str | None = None
    constraint_message: Text = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    choices_from: str | None = None
    appearance: frozenset[str] = frozenset()
    parameters: Mapping[str, int] = field(default_factory=dict)
    calculation: str | None = None
    default: str | None = None
    audio: Text = field(default_factory=dict)
    line: int = field(default=0, compare=False)

    @property
    def waits(self) -> bool:
        """Whether the step is a question: a note is said and passed, a calculation not even said."""
        return self.type not in {NOTE, CALCULATE}

    @property
    def exported(self) -> bool:
        """Whether the step has an answer, and so a column: a question, or a calculation."""
        return self.type != NOTE

    @property
    def discreet(self) -> bool:
        """Whether its author asks that no answer to it stands in the chat, not even on a phone of one's own."""
        return DISCREET in self.appearance

    @property
    def shown(self) -> bool:
        """Whether the step has words that a person sees: it is a question, or a note."""
        return self.type != CALCULATE

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON data, without empty values and without the source line."""
        full: dict[str, Any] = {
            "type": self.type,
            "name": self.name,
            "label": dict(self.label),
            "hint": dict(self.hint),
            "required": self.required,
            "required_message": dict(self.required_message),
            "relevant": self.relevant,
            "constraint": self.constraint,
            "constraint_message": dict(self.constraint_message),
            "choices": [choice.to_dict() for choice in self.choices],
            "choices_from": self.choices_from,
            "appearance": sorted(self.appearance),
            "parameters": dict(self.parameters),
            "calculation": self.calculation,
            "default": self.default,
            "audio": dict(self.audio),
        }
        return {key: value for key, value in full.items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        """Rebuild a step from the result of `to_dict`."""
        return cls(
            type=data["type"],
            name=data["name"],
            label=dict(data.get("label", {})),
            hint=dict(data.get("hint", {})),
            required=data.get("required", False),
            required_message=dict(data.get("required_message", {})),
            relevant=data.get("relevant"),
            constraint=data.get("constraint"),
            constraint_message=dict(data.get("constraint_message", {})),
            choices=tuple(
                Choice(each["name"], dict(each["label"]), dict(each.get("said", {})))
                for each in data.get("choices", [])
            ),
            choices_from=data.get("choices_from"),
            appearance=frozenset(data.get("appearance", [])),
            parameters=dict(data.get("parameters", {})),
            calculation=data.get("calculation"),
            default=data.get("default"),
            audio=dict(data.get("audio", {})),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Dialog:
    """A conversation as its author wrote it: checked, and never changed afterwards.

    `minutes` is how long it takes a person; `facts` are the `${blanks}` that the bot fills in a dialog of kind `staff`,
    beside those of every dialog; `version` is the SHA-256, in hex, of the dialog's canonical JSON, so two dialogs are
    equal if they say and ask the same, whatever their lines.
    """

    name: str
    kind: Kind
    title: Text
    why: Text
    minutes: int
    languages: tuple[str, ...]
    steps: tuple[Step, ...]
    facts: tuple[str, ...] = ()
    version: str = field(init=False)

    def __post_init__(self) -> None:
        canonical = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "version", sha256(canonical.encode()).hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialog) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    @property
    def questions(self) -> tuple[Step, ...]:
        """The steps that wait for an answer."""
        return tuple(step for step in self.steps if step.waits)

    def step(self, name: str) -> Step:
        """Return a step by its name.

        Raises:
            KeyError: there is no such step.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole dialog as plain JSON data, from which `from_dict` rebuilds an equal one."""
        return {
            "spec": SPEC,
            "name": self.name,
            "kind": self.kind,
            "title": dict(self.title),
            "why": dict(self.why),
            "minutes": self.minutes,
            "languages": list(self.languages),
            "steps": [step.to_dict() for step in self.steps],
            **({"facts": list(self.facts)} if self.facts else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Dialog:
        """Rebuild a dialog from the result of `to_dict`.

        Raises:
            ValueError: it is of another spec.
        """
        if data["spec"] != SPEC:
            raise ValueError(f"dialog of spec {data['spec']}, this program reads {SPEC}")
        return cls(
            name=data["name"],
            kind=cast("Kind", data["kind"]),
            title=dict(data["title"]),
            why=dict(data["why"]),
            minutes=data["minutes"],
            languages=tuple(data["languages"]),
            steps=tuple(Step.from_dict(each) for each in data["steps"]),
            facts=tuple(data.get("facts", ())),
        )
