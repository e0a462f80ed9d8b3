"""Random walks: whatever people press and type, nobody gets stuck and nothing is put under the wrong question."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import engine
from dialogs.context import Context
from dialogs.events import (
    Amended,
    Answered,
    Collected,
    Completed,
    Event,
    Misplaced,
    Offered,
    Prompted,
    Refused,
    Reviewed,
    Skipped,
    Suggested,
    Toggled,
)
from dialogs.model import Choice, Dialog, Media, Step
from dialogs.reader import read
from dialogs.relevance import plan_of, relevance_of
from dialogs.replies import ACTIONS, Edited, Pressed, Reply, Sent, Typed
from dialogs.run import Answer, Run
from dialogs.types import REFUSALS, TYPES

LIBRARY = Path(engine.__file__).parent / "library"
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
LISTED = (Choice("p", {"es": "Pe"}), Choice("q", {"es": "Cu"}))


def _lookup(name: str, answers: object) -> tuple[Choice, ...]:
    return LISTED


CONTEXT = Context(NOW, "America/Mexico_City", "es", name="Luz", facts={"reading_day": "jueves"}, lookup=_lookup)

SHORT = frozenset({"text", "integer", "select_one", "select_multiple", "range"})
"""What can be answered in two characters."""
WORDS = (
    "1",
    "2",
    "1 2",
    "a",
    "Pe",
    "hola",
    "",
    "y también",
    "99",
    "como 2",
    "hoy",
    "7 pm",
    "a las 7",
    "el jueves",
    "sí",
)

FITTING = {
    "why": "Para saber cómo andan",
    "words": "¿Qué tal?",
    "short": "¿Qué tal?",
    "options": "sí, a veces, no",
    "whom": "Rosa, de la Escuela",
    "number": "951 123 4567",
    "reported_to": "la Procuraduría",
    "card": "Con Rosa, en la Escuela",
    "asked_by": "Ana, del equipo",
    "present": "12",
    "reasons": "Ya no pelean en la junta",
}
"""What the team's wizards take, where they do not take just anything."""

choices = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).map(
    lambda names: tuple(Choice(name, {"es": name.upper()}) for name in names)
)


@st.composite
def steps(draw: st.DrawFn, place: int, earlier: list[str]) -> Step:
    kind = draw(st.sampled_from([*TYPES, "text", "text", "select_one", "select_multiple"]))
    listed = kind in {"select_one", "select_multiple"}
    looked_up = listed and draw(st.booleans())
    condition = None
    if earlier and kind != "calculate" and draw(st.booleans()):
        condition = f"${{{draw(st.sampled_from(earlier))}}} " + draw(st.sampled_from(["= 'a'", "!= ''", "= ''", "> 2"]))
    read = draw(st.sampled_from([f"${{{name}}}" for name in earlier] or ["1"]))
    return Step(
        type=kind,
        name=f"s{place}",
        label={"es": f"¿{place}, ${{name}}?"},
        required=draw(st.booleans()),
        relevant=condition,
        constraint=draw(st.sampled_from([None, None, "string-length(.) < 3"])) if kind in SHORT else None,
        choices=draw(choices) if listed and not looked_up else (),
        choices_from="list" if looked_up else None,
        appearance=frozenset(draw(st.sets(st.sampled_from(["multiline", "discreet"])))),
        parameters={"start": 1, "end": draw(st.sampled_from([3, 30])), "step": 1} if kind == "range" else {},
        default=draw(st.sampled_from([None, None, "1", "a", "today()"])),
        calculation=f"concat({read}, 'x')" if kind == "calculate" else None,
    )


@st.composite
def dialogs(draw: st.DrawFn) -> Dialog:
    if draw(st.integers(0, 4)) == 0:
        path = draw(st.sampled_from(sorted(LIBRARY.rglob("*.yaml"))))
        dialog = read(path.read_text(encoding="utf-8"), path.stem).dialog
        assert dialog
        return dialog
    found: list[Step] = []
    for place in range(draw(st.integers(0, 6))):
        found.append(draw(steps(place, [step.name for step in found if step.exported])))
    return Dialog("walk", "reflection", {"es": "Paseo"}, {"es": "Ver"}, 1, ("es",), tuple(found))


@st.composite
def replies(draw: st.DrawFn, run: Run, dialog: Dialog) -> Reply:
    """A reply, most often one that fits the open question, and now and then anything at all."""
    apt = draw(st.integers(0, 3)) > 0
    names = [step.name for step in dialog.steps] or ["nobody"]
    prompt = run.prompt if apt else draw(st.integers(-1, run.prompt + 1))
    kind = draw(st.integers(0, 11))
    order = draw(st.integers(1, 9))
    seen = draw(st.sampled_from([None, prompt]))
    if kind == 0:
        return draw(
            st.sampled_from(
                [
                    Sent("sticker", seen),
                    Sent("voice", seen, Media("voice", "5f2c", 3), order=order),
                    Sent("photo", seen, Media("photo", "77aa"), "así", order),
                ]
            )
        )
    if kind == 1:
        return Edited(order, draw(st.sampled_from(["1", "2", "b", "hola", "", "dos\nlíneas"])))
    if kind < 6:
        return Typed(draw(st.sampled_from(WORDS)), seen, order)
    path = run.position if apt else draw(st.sampled_from([*names, "", "nobody"]))
    action = draw(st.sampled_from(["choose", "choose", "done", "start", "start", *ACTIONS]))
    return Pressed(action, path, prompt, draw(st.sampled_from(["a", "b", "p", "1", "2", None])))


class Walk:
    """A walk, saved and rebuilt at every step, that remembers what the person has in her chat."""

    def __init__(self, dialog: Dialog, *, offer: bool = True) -> None:
        self.dialog = dialog
        self.rows: dict[str, str] = {}
        self.seen: dict[int, str] = {}
        self.run = Run("offered")
        self.open: Prompted | None = None
        self.take(engine.begin(dialog, CONTEXT, offer=offer))

    def take(self, turn: engine.Turn) -> None:
        before = self.run
        self.keeps(turn.events)
        for event in turn.events:
            self.witness(event)
        answers = {path: Answer.from_dict(json.loads(row)) for path, row in self.rows.items()}
        self.run = Run.restore(json.loads(json.dumps(turn.run.state())), answers)

        assert self.run == turn.run, "the rows and the state are not the run"
        assert self.run.prompt >= before.prompt
        asked = {path for path in self.run.answers if self.dialog.step(path).waits}
        assert asked <= set(self.run.trail), "an answer under a question she had not seen"
        self.leads_on(turn.events)

    def witness(self, event: Event) -> None:
        if isinstance(event, Suggested):
            assert event.prompt == max(self.seen, default=0) + 1
            assert self.open
            assert self.open.path == event.path == self.seen[event.prompt - 1]
            self.seen[event.prompt] = event.path
            self.open = replace(self.open, prompt=event.prompt)
        elif isinstance(event, Prompted):
            assert event.prompt == max(self.seen, default=0) + 1, "prompt numbers go up one by one"
            assert 1 <= event.number <= event.total
            self.seen[event.prompt] = event.path
            self.open = event
        elif isinstance(event, Answered) and event.prompt == 0:
            assert self.dialog.step(event.path).calculation
            self.rows[event.path] = json.dumps(Answer(event.value, event.label).to_dict())
        elif isinstance(event, Answered | Collected | Skipped | Amended):
            assert self.seen[event.prompt] == event.path, "an answer under a question she had not seen"
            answer = Answer(None, "") if isinstance(event, Skipped) else Answer(event.value, event.label)
            self.rows[event.path] = json.dumps(answer.to_dict())
        elif isinstance(event, Toggled):
            assert self.seen[event.prompt] == event.path
        elif isinstance(event, Refused):
            assert event.facts.keys() == REFUSALS[event.code]

    def keeps(self, events: tuple[Event, ...]) -> None:
        """A turn writes one answer, and what is calculated from it; every other stays as it was."""
        written = [event for event in events if isinstance(event, Answered | Collected | Skipped | Amended)]
        assert len({event.path for event in written if self.dialog.step(event.path).waits}) <= 1

    def edited(self, edited: Edited, turn: engine.Turn) -> None:
        """An edit corrects the answer its message gave, and no other."""
        source = self.run.source(edited.order)
        assert not [event for event in turn.events if isinstance(event, Answered) and event.prompt]
        for event in turn.events:
            if isinstance(event, Amended):
                assert source
                assert event.path == source.path
                before, after = self.run.answers[event.path].value, event.value
                if isinstance(before, tuple) and isinstance(after, tuple):
                    kept = len(before) - source.first - source.length
                    assert before[: source.first] == after[: source.first]
                    assert before[len(before) - kept :] == after[len(after) - kept :]

    def leads_on(self, events: tuple[Event, ...]) -> None:
        """Wherever she is, something leads on."""
        run, last = self.run, events[-1] if events else None
        if isinstance(last, Refused | Misplaced | Reviewed):
            assert run.status in {"stopped", "completed", "expired"}, "a no with nothing after it"
        if run.status == "offered":
            assert isinstance(last, Offered)
        if run.status == "open":
            assert self.open
            assert (self.open.path, self.open.prompt) == (run.position, run.prompt), "the open question is the newest"
            typed = self.open.type not in {"select_one", "select_multiple", "acknowledge"}
            assert typed or self.open.options or "skip" in self.open.actions, "no way on"
            assert {"later", "stop"} <= set(self.open.actions), "no way to wait, or none out"
        if isinstance(last, Completed):
            now = relevance_of(plan_of(self.dialog), run.answers, CONTEXT)
            # Whoever stops a change that brought up a question has completed all the same.
            assert last.changed or set(now.expected) <= set(run.answers), "completed with a question never asked"
            assert last.total == len(now.expected)


@given(st.data(), dialogs())
def test_nobody_is_ever_stuck(data: st.DataObject, dialog: Dialog) -> None:
    """From every state there is a way on, a way to wait and a way out; nothing is answered that was not seen."""
    walk = Walk(dialog, offer=data.draw(st.integers(0, 3)) == 0)
    for _ in range(data.draw(st.integers(0, 25))):
        move = data.draw(st.integers(0, 11))
        if move == 0:
            walk.take(engine.ask_again(dialog, walk.run, CONTEXT))
        else:
            reply = data.draw(replies(walk.run, dialog))
            turn = engine.answer(dialog, walk.run, reply, CONTEXT)
            if isinstance(reply, Edited):
                walk.edited(reply, turn)
            walk.take(turn)


@given(st.data(), dialogs())
def test_whoever_answers_gets_to_the_end(data: st.DataObject, dialog: Dialog) -> None:
    """Pressing what is offered, or typing what fits, completes any dialog in as many answers as it has questions."""
    assert _to_the_end(Walk(dialog, offer=False), data).run.status == "completed"


@given(st.data(), dialogs())
def test_a_change_keeps_every_other_answer(data: st.DataObject, dialog: Dialog) -> None:
    """After the end, changing or editing any answer leaves every other that still concerns her, and ends again."""
    walk = _to_the_end(Walk(dialog, offer=False), data)
    for _ in range(data.draw(st.integers(1, 3))):
        before = walk.run.answers
        path = data.draw(st.sampled_from(sorted({"nobody", *before})))
        order = data.draw(st.integers(1, 3 * len(dialog.steps) + 1))
        source = walk.run.source(order)
        edit = data.draw(st.booleans())
        reply = Edited(order, data.draw(st.sampled_from(WORDS))) if edit else Pressed("change", path)
        touched = source.path if edit and source else path
        walk.take(engine.answer(dialog, walk.run, reply, CONTEXT))
        _to_the_end(walk, data)

        relevant = relevance_of(plan_of(dialog), walk.run.answers, CONTEXT).relevant
        assert walk.run.status == "completed"
        for name, answer in before.items():
            if name in relevant and name != touched and dialog.step(name).waits:
                assert walk.run.answers[name] == answer


def _to_the_end(walk: Walk, data: st.DataObject) -> Walk:
    """Answer whatever is asked until the run is completed; each message has an order of its own."""
    for order in range(1, 3 * len(walk.dialog.steps) + 1):
        if walk.run.status == "completed":
            break
        assert walk.open
        for reply in _apt(walk.open, data.draw(st.booleans())):
            ordered = reply if isinstance(reply, Pressed) else replace(reply, order=order)
            walk.take(engine.answer(walk.dialog, walk.run, ordered, CONTEXT))
    return walk


def _apt(prompt: Prompted, skip: bool) -> list[Reply]:
    here: dict[str, Any] = {"path": prompt.path, "prompt": prompt.prompt}
    if skip and "skip" in prompt.actions:
        return [Pressed("skip", **here)]
    if prompt.type == "select_multiple" and "done" not in prompt.actions:
        return [Pressed("choose", choice=prompt.options[0].name, **here), Pressed("done", **here)]
    if prompt.type == "select_multiple":
        return [Pressed("done", **here)]
    if prompt.options:
        return [Pressed("choose", choice=prompt.options[0].name, **here)]
    if prompt.type in {"audio", "image"}:
        kind = "voice" if prompt.type == "audio" else "photo"
        return [Sent(kind, media=Media(kind, "5f2c"))]
    words = {"date": "6 de mayo", "time": "7 pm"}.get(prompt.type, "1")
    words = FITTING.get(prompt.path, words)
    if prompt.path == "voice":
        return [Sent("voice", media=Media("voice", "5f2c"))]
    return [Typed(words), Pressed("done", **here)]


def test_the_walks_know_the_library() -> None:
    """There are shipped dialogs to walk through."""
    assert len(list(LIBRARY.rglob("*.yaml"))) >= 7


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_what_is_over_stays_over(status: str) -> None:
    """No reply opens a run that is over."""
    run = Run(status, trail=("a",), prompt=1, prompts=((1, "a"),), answers={"a": Answer("x", "x")})  # type: ignore[arg-type]  # a status
    dialog = Dialog("d", "reflection", {"es": "d"}, {"es": "d"}, 1, ("es",), (Step("text", "a", {"es": "?"}),))
    for action in ACTIONS:
        assert engine.answer(dialog, run, Pressed(action, "a", 1), CONTEXT).run == run
