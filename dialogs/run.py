"""What is kept of one person's passage through a dialog between two turns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from dialogs.model import Media, Piece, Value
from dialogs.value_class import value_class

Status: TypeAlias = Literal["offered", "open", "postponed", "stopped", "completed", "expired"]

STATE_VERSION: Final = 2


@value_class
class Answer:
    """An answer: the typed value, and the words that were shown or written.

    `value` is None where the question was skipped; `label` is then empty.
    """

    value: Value | None
    label: str

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON data: `{"value": ..., "label": ...}`, a tuple as a list.

        A voice note or photo is `{"media": "voice", "id": ..., "seconds": ...}`.
        """
        value = self.value
        return {"value": pieces_to_list(value) if isinstance(value, tuple) else value, "label": self.label}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answer:
        """Rebuild an answer from the result of `to_dict`; a label that is not there is ''."""
        value = data["value"]
        return cls(pieces_from_list(value) if isinstance(value, list) else value, data.get("label", ""))


def pieces_to_list(pieces: tuple[Piece, ...]) -> list[Any]:
    """Return the pieces of an answer as JSON data."""
    return [
        {"media": each.kind, "id": each.id, "seconds": each.seconds} if isinstance(each, Media) else each
        for each in pieces
    ]


def pieces_from_list(data: list[Any]) -> tuple[Piece, ...]:
    """Rebuild pieces from the result of `pieces_to_list`."""
    return tuple(Media(each["media"], each["id"], each["seconds"]) if isinstance(each, dict) else each for each in data)


class AnswerSource(NamedTuple):
    """Which message gave which part of an answer: `length` pieces, or lines of a single text, from `first`."""

    order: int
    path: str
    first: int = 0
    length: int = 1


@value_class
class Run:
    """One passage of one person through a dialog.

    `position` is the path of the open question, empty before the first and after the last.
    `trail` has the paths that were shown, each once, notes included.
    `prompt` is the number of the newest prompt, from 1; `prompts` says to which question each number belongs, as (first
    number, path) pairs.
    `draft` is what is gathered for the open question before it is answered: names pressed so far in a select_multiple,
    pieces sent so far in a multiline text.
    `returning` is the question to return to once a changed answer is given; `reopened` means that the open question had
    an answer already when it was asked.
    `near` is the suggested value the person was asked to confirm; None if there is none.
    `completed_at` is when the run was first completed; it stays when an answer is changed afterwards.
    `misses` is how many replies in a row could not be read as the answer to the open question.
    `sources` say which messages gave which part of an answer, so that an edit finds it.
    """

    status: Status
    position: str = ""
    trail: tuple[str, ...] = ()
    prompt: int = 0
    prompts: tuple[tuple[int, str], ...] = ()
    draft: tuple[Piece, ...] = ()
    returning: str | None = None
    reopened: bool = False
    near: str | None = None
    completed_at: datetime | None = None
    misses: int = 0
    sources: tuple[AnswerSource, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """Return everything but the answers as JSON data; the answers have rows of their own."""
        return {
            "v": STATE_VERSION,
            "status": self.status,
            "position": self.position,
            "trail": list(self.trail),
            "prompt": self.prompt,
            "prompts": [list(pair) for pair in self.prompts],
            "draft": pieces_to_list(self.draft),
            "returning": self.returning,
            "reopened": self.reopened,
            "near": self.near,
            "completed_at": self.completed_at.isoformat() if self.completed_at else None,
            "misses": self.misses,
            "sources": [list(each) for each in self.sources],
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], answers: Mapping[str, Answer]) -> Run:
        """Rebuild a run from its state, of this version or an older one, and its answers' newest revisions.

        Raises:
            ValueError: a newer program wrote the state.
        """
        state = _upgraded(state)
        return cls(
            status=cast("Status", state["status"]),
            position=state["position"],
            trail=tuple(state["trail"]),
            prompt=state["prompt"],
            prompts=tuple((first, path) for first, path in state["prompts"]),
            draft=pieces_from_list(state["draft"]),
            returning=state["returning"],
            reopened=state["reopened"],
            near=state["near"],
            completed_at=datetime.fromisoformat(state["completed_at"]) if state["completed_at"] else None,
            misses=state.get("misses", 0),  # a run that was saved before misses were counted has none
            sources=tuple(AnswerSource(*each) for each in state["sources"]),
            answers=dict(answers),
        )

    def question_of(self, prompt: int) -> str | None:
        """Return the question that a prompt number belongs to; None for a number never given."""
        if not 1 <= prompt <= self.prompt:
            return None
        place = bisect_right(self.prompts, prompt, key=lambda pair: pair[0])
        return self.prompts[place - 1][1]

    def prompt_of(self, path: str) -> int:
        """Return the newest prompt number under which a question was asked; 0 if it never was."""
        beyond = self.prompt + 1
        for first, asked in reversed(self.prompts):
            if asked == path:
                return beyond - 1
            beyond = first
        return 0

    def source(self, order: int) -> AnswerSource | None:
        """Return which part of an answer a message gave; None if it gave nothing that still stands."""
        return next((each for each in self.sources if each.order == order), None)


def _upgraded(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Upgrade a state to this version, one version after another."""
    version = state["v"]
    if version == 1:
        return {**state, "v": 2, "near": None, "completed_at": None, "sources": []}
    if version != STATE_VERSION:
        raise ValueError(f"run of version {version}, this program reads {STATE_VERSION}")
    return state
