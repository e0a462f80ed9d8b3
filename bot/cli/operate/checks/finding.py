"""What a check found."""

from dataclasses import dataclass, field
from typing import Literal

Level = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result: `cli.doctor.CODE` says what was found, with the remedy where there is one."""

    code: str
    level: Level
    facts: dict[str, object] = field(default_factory=dict)
