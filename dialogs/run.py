"""What is remembered of one person's passage through a dialog between two turns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, cast

from dialogs.model import Value

Status: TypeAlias = Literal["offered", "open", "postponed", "stopped", "completed", "expired"]

STATE_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered: the typed value, and the words she saw or wrote.

    `value` is None where she skipped the question; `label` is then empty.
    """

    value: Value | None
    label: str

    def to_dict(self) -> dict[str, Any]:
        """Give the answer as JSON data: `{"value": ..., "label": ...}`, a tuple as a list."""
        return {
            "value": list(self.value) if isinstance(self.value, tuple) else self.value,
            "label": self.label,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answer:
        """Rebuild an answer from what `to_dict` gave."""
        value = data["value"]
        return cls(tuple(value) if isinstance(value, list) else value, data["label"])


@dataclass(frozen=True, slots=True)
class Run:
    """One passage of one person through a dialog.

    `position` is the path of the open question, empty before the first and after the last.
    `trail` holds the paths she has been shown, each once, notes included.
    `prompt` is the number of the newest prompt, from 1; `prompts` says to which question each number belongs,
    as (first number, path) pairs.
    `draft` holds what is gathered for the open question before it is answered: names pressed so far in a
    select_multiple, pieces sent so far in a multiline text.
    `returning` is where she goes back to once a changed answer is given; `reopened` tells that the open
    question had an answer already when it was asked.
    """

    status: Status
    position: str = ""
    trail: tuple[str, ...] = ()
    prompt: int = 0
    prompts: tuple[tuple[int, str], ...] = ()
    draft: tuple[str, ...] = ()
    returning: str | None = None
    reopened: bool = False
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """Give everything but the answers as JSON data; the answers live in rows of their own."""
        return {
            "v": STATE_VERSION,
            "status": self.status,
            "position": self.position,
            "trail": list(self.trail),
            "prompt": self.prompt,
            "prompts": [list(pair) for pair in self.prompts],
            "draft": list(self.draft),
            "returning": self.returning,
            "reopened": self.reopened,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], answers: Mapping[str, Answer]) -> Run:
        """Rebuild a run from its state and the newest revision of each of its answers.

        Raises:
            ValueError: a newer program wrote the state.
        """
        if state["v"] != STATE_VERSION:
            raise ValueError(f"run of version {state['v']}, this program reads {STATE_VERSION}")
        return cls(
            status=cast("Status", state["status"]),
            position=state["position"],
            trail=tuple(state["trail"]),
            prompt=state["prompt"],
            prompts=tuple((first, path) for first, path in state["prompts"]),
            draft=tuple(state["draft"]),
            returning=state["returning"],
            reopened=state["reopened"],
            answers=dict(answers),
        )

    def question_of(self, prompt: int) -> str | None:
        """Tell which question a prompt number belongs to; None for a number never given."""
        if not 1 <= prompt <= self.prompt:
            return None
        place = bisect_right(self.prompts, prompt, key=lambda pair: pair[0])
        return self.prompts[place - 1][1]
