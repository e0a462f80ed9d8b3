"""Random walks: whatever people press and type, nobody gets stuck and nothing is put under the wrong question."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import engine
from dialogs.context import Context
from dialogs.events import (
    Answered,
    Collected,
    Completed,
    Event,
    Misplaced,
    Offered,
    Prompted,
    Refused,
    Skipped,
    Toggled,
)
from dialogs.model import Choice, Dialog, Step
from dialogs.reader import read
from dialogs.relevance import plan_of, survey
from dialogs.replies import ACTIONS, REFUSALS, Pressed, Reply, Sent, Typed
from dialogs.run import Answer, Run

LIBRARY = Path(engine.__file__).parent / "library"
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
LISTED = (Choice("p", {"es": "Pe"}), Choice("q", {"es": "Cu"}))


def _lookup(name: str, answers: object) -> tuple[Choice, ...]:
    return LISTED


CONTEXT = Context(NOW, "America/Mexico_City", "es", name="Luz", facts={"reading_day": "jueves"}, lookup=_lookup)

choices = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).map(
    lambda names: tuple(Choice(name, {"es": name.upper()}) for name in names)
)


@st.composite
def steps(draw: st.DrawFn, place: int, earlier: list[str]) -> Step:
    kind = draw(st.sampled_from(["note", "text", "integer", "select_one", "select_multiple", "range"]))
    listed = kind in {"select_one", "select_multiple"}
    looked_up = listed and draw(st.booleans())
    condition = None
    if earlier and draw(st.booleans()):
        condition = f"${{{draw(st.sampled_from(earlier))}}} " + draw(st.sampled_from(["= 'a'", "!= ''", "= ''", "> 2"]))
    return Step(
        type=kind,
        name=f"s{place}",
        label={"es": f"¿{place}, ${{name}}?"},
        required=draw(st.booleans()),
        relevant=condition,
        constraint=draw(st.sampled_from([None, None, "string-length(.) < 3"])),
        choices=draw(choices) if listed and not looked_up else (),
        choices_from="list" if looked_up else None,
        appearance=frozenset(draw(st.sets(st.sampled_from(["multiline", "discreet"])))),
        parameters={"start": 1, "end": draw(st.sampled_from([3, 30])), "step": 1} if kind == "range" else {},
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
        found.append(draw(steps(place, [step.name for step in found if step.waits])))
    return Dialog("walk", "reflection", {"es": "Paseo"}, {"es": "Ver"}, 1, ("es",), tuple(found))


@st.composite
def replies(draw: st.DrawFn, run: Run, dialog: Dialog) -> Reply:
    """A reply, most often one that fits the open question, and now and then anything at all."""
    apt = draw(st.integers(0, 3)) > 0
    names = [step.name for step in dialog.steps] or ["nobody"]
    prompt = run.prompt if apt else draw(st.integers(-1, run.prompt + 1))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return Sent("sticker", draw(st.sampled_from([None, prompt])))
    if kind < 5:
        words = draw(st.sampled_from(["1", "2", "1 2", "a", "Pe", "hola", "", "y también", "99"]))
        return Typed(words, draw(st.sampled_from([None, prompt])))
    path = run.position if apt else draw(st.sampled_from([*names, "", "nobody"]))
    action = draw(st.sampled_from(["choose", "choose", "done", "start", "start", *ACTIONS]))
    return Pressed(action, path, prompt, draw(st.sampled_from(["a", "b", "p", "1", "2", None])))


class Walk:
    """A walk, saved and rebuilt at every step, that remembers what the person has in her chat."""

    def __init__(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.rows: dict[str, str] = {}
        self.seen: dict[int, str] = {}
        self.run = Run("offered")
        self.open: Prompted | None = None
        self.take(engine.begin(dialog, CONTEXT))

    def take(self, turn: engine.Turn) -> None:
        before = self.run
        for event in turn.events:
            self.witness(event)
        answers = {path: Answer.from_dict(json.loads(row)) for path, row in self.rows.items()}
        self.run = Run.restore(json.loads(json.dumps(turn.run.state())), answers)

        assert self.run == turn.run, "the rows and the state are not the run"
        assert self.run.prompt >= before.prompt
        assert set(self.run.answers) <= set(self.run.trail), "an answer under a question she had not seen"
        self.leads_on(turn.events)

    def witness(self, event: Event) -> None:
        if isinstance(event, Prompted):
            assert event.prompt == max(self.seen, default=0) + 1, "prompt numbers go up one by one"
            assert 1 <= event.number <= event.total
            self.seen[event.prompt] = event.path
            self.open = event
        elif isinstance(event, Answered | Collected | Skipped):
            assert self.seen[event.prompt] == event.path, "an answer under a question she had not seen"
            answer = Answer(None, "") if isinstance(event, Skipped) else Answer(event.value, event.label)
            self.rows[event.path] = json.dumps(answer.to_dict())
        elif isinstance(event, Toggled):
            assert self.seen[event.prompt] == event.path
        elif isinstance(event, Refused):
            assert event.facts.keys() == REFUSALS[event.code]

    def leads_on(self, events: tuple[Event, ...]) -> None:
        """Wherever she is, something leads on."""
        run, last = self.run, events[-1] if events else None
        if isinstance(last, Refused | Misplaced):
            assert run.status in {"stopped", "completed", "expired"}, "a no with nothing after it"
        if run.status == "offered":
            assert isinstance(last, Offered)
        if run.status == "open":
            assert self.open
            assert (self.open.path, self.open.prompt) == (run.position, run.prompt), "the open question is the newest"
            typed = self.open.type in {"text", "integer", "range"}
            assert typed or self.open.options or "skip" in self.open.actions, "no way on"
            assert {"later", "stop"} <= set(self.open.actions), "no way to wait, or none out"
        if isinstance(last, Completed):
            now = survey(plan_of(self.dialog), run.answers, CONTEXT)
            assert set(now.expected) <= set(run.answers), "completed with a question never asked"
            assert last.total == len(now.expected)


@settings(deadline=None)
@given(st.data(), dialogs())
def test_nobody_is_ever_stuck(data: st.DataObject, dialog: Dialog) -> None:
    """From every state there is a way on, a way to wait and a way out; nothing is answered that was not seen."""
    walk = Walk(dialog)
    for _ in range(data.draw(st.integers(0, 15))):
        move = data.draw(st.integers(0, 11))
        if move == 0:
            walk.take(engine.again(dialog, walk.run, CONTEXT))
        else:
            walk.take(engine.answer(dialog, walk.run, data.draw(replies(walk.run, dialog)), CONTEXT))


@settings(deadline=None)
@given(st.data(), dialogs())
def test_whoever_answers_gets_to_the_end(data: st.DataObject, dialog: Dialog) -> None:
    """Pressing what is offered, or typing what fits, completes any dialog in as many answers as it has questions."""
    walk = Walk(dialog)
    walk.take(engine.answer(dialog, walk.run, Pressed("start"), CONTEXT)) if walk.run.status == "offered" else None
    for _ in range(3 * len(dialog.steps)):
        if walk.run.status == "completed":
            break
        assert walk.open
        for reply in _apt(walk.open, data.draw(st.booleans())):
            walk.take(engine.answer(dialog, walk.run, reply, CONTEXT))

    assert walk.run.status == "completed"


def _apt(prompt: Prompted, skip: bool) -> list[Reply]:
    here: dict[str, Any] = {"path": prompt.path, "prompt": prompt.prompt}
    if skip and "skip" in prompt.actions:
        return [Pressed("skip", **here)]
    if prompt.type == "select_multiple":
        return [Pressed("choose", choice=prompt.options[0].name, **here), Pressed("done", **here)]
    if prompt.options:
        return [Pressed("choose", choice=prompt.options[0].name, **here)]
    words = "Para saber cómo andan" if prompt.path == "purpose" else "1"
    return [Typed(words), Pressed("done", **here)]


def test_the_walks_know_the_library() -> None:
    """There are shipped dialogs to walk through."""
    assert len(list(LIBRARY.rglob("*.yaml"))) >= 3


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_what_is_over_stays_over(status: str) -> None:
    """No reply opens a run that is over."""
    run = Run(status, trail=("a",), prompt=1, prompts=((1, "a"),), answers={"a": Answer("x", "x")})  # type: ignore[arg-type]  # a status
    dialog = Dialog("d", "reflection", {"es": "d"}, {"es": "d"}, 1, ("es",), (Step("text", "a", {"es": "?"}),))
    for action in ACTIONS:
        assert engine.answer(dialog, run, Pressed(action, "a", 1), CONTEXT).run == run
