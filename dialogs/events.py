"""What can happen in a turn, in the past tense: a closed set. Each event shows a sample of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from dialogs.model import StepType, Value
from dialogs.value_class import value_class

Action: TypeAlias = Literal["done", "skip", "back", "later", "stop", "accept", "other", "review", "finish"]
"""What is offered beside options. `done` ends a gathered answer, or keeps an earlier or proposed one.

`accept` and `other` answer a near miss; `review` shows all answers, `finish` leaves them unchanged.
"""

Reason: TypeAlias = Literal["stale", "closed", "running"]


@value_class
class Option:
    """An answer on offer.

    `label` carries no digit; `chosen` marks what is picked already. Typed digits choose by place, from 1, except in a
    range, where they are the number itself, which is the option's `name`.

    Sample: Option(name="low", label="🙁 Bajo", chosen=False)
    """

    name: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """The person was asked whether they have a moment. `questions` is how many they may be asked at most.

    Sample: Offered(title="¿Cómo vas?", why="Para saber cómo andas.", minutes=2, questions=4, repeat=False)
    """

    title: str
    why: str
    minutes: int
    questions: int
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """Something was said that waits for no answer.

    `audio` names the file of its recording in the person's language, '' where there is none.

    Sample: Noted(path="hello", text="Unas preguntas cortas para acomodarme a ti.")
    """

    path: str
    text: str
    audio: str = ""


@value_class
class Prompted:
    """A question was asked, and is now the open one; `prompt` is the newest number of the run.

    `text` carries no number: `number` of `total` stand beside it. `previous` is the label of an earlier answer, where
    the question is asked again. `repeat` means that the question may be in the chat already. `proposed` is the label of
    a default answer, which `done` takes. `audio` names the file of the question's recording in the person's language.
    Options of a date are days (`2026-12-06`), their labels as `Context.written` writes them.

    Sample: Prompted(path="mood", prompt=1, type="range", text="¿Cómo andas de ánimo?", hint="",
        options=(Option("1", "😞 Muy bajo"), Option("2", "🙁 Bajo")), actions=("skip", "later", "stop"),
        number=1, total=4, repeat=False, previous=None, discreet=True)
    """

    path: str
    prompt: int
    type: StepType
    text: str
    hint: str
    options: tuple[Option, ...]
    actions: tuple[Action, ...]
    number: int
    total: int
    repeat: bool = False
    previous: str | None = None
    discreet: bool = False
    proposed: str | None = None
    audio: str = ""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Words came close to an answer: "did you mean this?". It has a prompt number of its own.

    `value_name` is the choice's name or the value written out, `label` its words. `accept`, or a typed yes, takes it;
    `other`, or a typed no, asks the question again; anything else is taken as a new reply to it.

    Sample: Suggested(path="age", prompt=5, label="30", value_name="30", actions=("accept", "other"))
    """

    path: str
    prompt: int
    label: str
    value_name: str
    actions: tuple[Action, ...] = ("accept", "other")


@dataclass(frozen=True, slots=True)
class Toggled:
    """A choice of a select_multiple was picked or dropped; the keyboard of the same prompt changes.

    Sample: Toggled(path="hours", prompt=3, options=(Option("morning", "En la mañana", chosen=True),),
        actions=("done", "skip", "back", "later", "stop"))
    """

    path: str
    prompt: int
    options: tuple[Option, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    r"""A piece of a multiline answer was kept; `value` and `label` are the whole answer so far, to be stored.

    More may follow to the same prompt, until `done`.

    Sample: Collected(path="week", prompt=2, value=("Hubo junta.", "Y faltó agua."),
        label="Hubo junta.\nY faltó agua.")
    """

    path: str
    prompt: int
    value: Value
    label: str


@value_class
class Answered:
    """A question was answered. `prompt` is the number it answers; `changed` means there was an earlier answer.

    After Collected pieces, `done` gives the whole answer once more: it closes the question, and there is nothing new to
    store. Prompt 0 means that a calculation was worked out: it is stored, and nothing is shown.

    Sample: Answered(path="mood", prompt=1, value=2, label="🙁 Bajo", changed=False)
    """

    path: str
    prompt: int
    value: Value
    label: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question was skipped without an answer, or an earlier answer was taken back.

    Sample: Skipped(path="hope", prompt=7)
    """

    path: str
    prompt: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A reply did not fit. The open question follows at once as Prompted(repeat=True).

    `code` and the names of its `facts` are those of `types.REFUSALS`. `misses` is how many replies before this one
    could not be read either.

    Sample: Refused(path="age", prompt=4, code="not_a_number", facts={"example": "30"}, misses=1)
    """

    path: str
    prompt: int
    code: str
    facts: Mapping[str, str]
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """What was said told something and was no answer: it stays beside the question, and what comes next is asked.

    The question counts as skipped, unless it had an answer, which stays.

    Sample: Passed(path="need", prompt=3)
    """

    path: str
    prompt: int


@dataclass(frozen=True, slots=True)
class Postponed:
    """The person asked to continue later. `until` is in UTC.

    Sample: Postponed(until=datetime(2026, 3, 5, 21, 0, tzinfo=UTC))
    """

    until: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person stopped the run before its end; what they answered is kept.

    Sample: Stopped(answered=2, total=4)
    """

    answered: int
    total: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """A postponed or stopped run was resumed where it was.

    Sample: Resumed()
    """


@dataclass(frozen=True, slots=True)
class Completed:
    """The last question was passed. `answered` of `total` relevant questions have an answer.

    `changed` means that the run had been completed before, and was reopened to change something.

    Sample: Completed(answered=4, total=4)
    """

    answered: int
    total: int
    changed: bool = False


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One question in a review, with its answer; `value` is None, and `label` empty, where it was skipped.

    Voice notes and photos are in `value` and leave no words in `label`.

    Sample: ReviewItem(path="mood", text="¿Cómo andas de ánimo?", value=2, label="🙁 Bajo", discreet=True)
    """

    path: str
    text: str
    value: Value | None
    label: str
    discreet: bool = False


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The person reviews their answers, in the order of the questions. Each can be changed by `change`.

    `finish` leaves them unchanged. In a run that is still open, its question follows.

    Sample: Reviewed(items=(ReviewItem("mood", "¿Cómo andas?", 2, "🙁 Bajo"),), actions=("finish",))
    """

    items: tuple[ReviewItem, ...]
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The person reviewed their answers and leaves them unchanged.

    Sample: Finished()
    """


@dataclass(frozen=True, slots=True)
class Amended:
    """An edited message corrected the answer it gave: a new revision, with the whole answer in `value` and `label`.

    Sample: Amended(path="week", prompt=2, value=("Hubo junta.",), label="Hubo junta.")
    """

    path: str
    prompt: int
    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The run was closed because its time was over; what was answered is kept.

    Sample: Expired()
    """


@dataclass(frozen=True, slots=True)
class Explained:
    """The person asked what it is for. The open question or offer follows, where there is one.

    Sample: Explained(why="Para saber cómo andas, y por si necesitas algo.")
    """

    why: str


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A reply no longer counts and changed nothing; what is open follows, if anything is.

    `stale`: it belongs to a question that is no longer the open one. `closed`: the run is over. `running`: the run
    cannot be started or resumed because it is under way.

    Sample: Misplaced(reason="stale")
    """

    reason: Reason


Event: TypeAlias = (
    Offered
    | Noted
    | Prompted
    | Suggested
    | Toggled
    | Collected
    | Answered
    | Skipped
    | Refused
    | Passed
    | Postponed
    | Stopped
    | Resumed
    | Completed
    | Reviewed
    | Finished
    | Amended
    | Expired
    | Explained
    | Misplaced
)
