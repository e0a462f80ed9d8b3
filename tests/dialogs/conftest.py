"""What the tests of the conversation share: a context, dialogs from a few lines, someone who talks."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dialogs import engine
from dialogs.context import Context
from dialogs.events import Amended, Answered, Collected, Event, Skipped
from dialogs.model import Dialog, Media
from dialogs.reader import read
from dialogs.replies import Edited, Pressed, Reply, Sent, Typed
from dialogs.run import Answer, Run

LIBRARY = Path(__file__).parents[2] / "dialogs" / "library"
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
HEAD = "spec: 1\nname: sample\nkind: reflection\nlanguages: [es]\ntitle: Muestra\nwhy: Para probar.\nsteps:\n"


class Talk:
    """Someone who talks with a dialog; between every two turns the run is saved, and rebuilt from its rows."""

    def __init__(self, dialog: Dialog, context: Context) -> None:
        self.dialog = Dialog.from_dict(json.loads(json.dumps(dialog.to_dict())))
        self.context = context
        self.rows: dict[str, str] = {}
        self.run = Run("offered")
        self.events: tuple[Event, ...] = ()

    def begin(self, *, offer: bool = False) -> Talk:
        return self._take(engine.begin(self.dialog, self.context, offer=offer))

    def reply(self, reply: Reply) -> Talk:
        reply = pickle.loads(pickle.dumps(reply))  # noqa: S301  what comes from outside is equal, and not the same
        return self._take(engine.answer(self.dialog, self.run, reply, self.context))

    def type(self, text: str, prompt: int | None = None, order: int | None = None) -> Talk:
        return self.reply(Typed(text, prompt, order))

    def send(
        self,
        kind: str,
        media: Media | None = None,
        prompt: int | None = None,
        caption: str = "",
        order: int | None = None,
    ) -> Talk:
        return self.reply(Sent(kind, prompt, media, caption, order))

    def edit(self, order: int, text: str) -> Talk:
        return self.reply(Edited(order, text))

    def press(self, action: str, path: str | None = None, choice: str | None = None, prompt: int | None = None) -> Talk:
        where = self.run.position if path is None else path
        return self.reply(Pressed(action, where, self.run.prompt if prompt is None else prompt, choice))

    def choose(self, choice: str) -> Talk:
        return self.press("choose", choice=choice)

    def again(self) -> Talk:
        return self._take(engine.ask_again(self.dialog, self.run, self.context))

    def expire(self) -> Talk:
        return self._take(engine.expire(self.dialog, self.run, self.context))

    def _take(self, turn: engine.Turn) -> Talk:
        self.events = turn.events
        for event in turn.events:
            if isinstance(event, Answered | Collected | Amended):
                self.rows[event.path] = json.dumps(Answer(event.value, event.label).to_dict())
            elif isinstance(event, Skipped):
                self.rows[event.path] = json.dumps(Answer(None, "").to_dict())
        state = json.loads(json.dumps(turn.run.state()))
        self.run = Run.restore(state, {path: Answer.from_dict(json.loads(row)) for path, row in self.rows.items()})
        assert self.run == turn.run
        return self

    @property
    def kinds(self) -> list[str]:
        """The names of what happened in the last turn."""
        return [type(event).__name__ for event in self.events]

    def event(self, kind: type[Any]) -> Any:
        """The one event of a kind in the last turn."""
        found = [event for event in self.events if isinstance(event, kind)]
        assert len(found) == 1, self.events
        return found[0]


@pytest.fixture
def context() -> Context:
    return Context(NOW, "America/Mexico_City", "es", name="Colibrí", facts={"reading_day": "jueves"})


@pytest.fixture
def make() -> Callable[[str], Dialog]:
    """Make a dialog from the lines of its steps; it must be without an error."""

    def made(steps: str) -> Dialog:
        reading = read(HEAD + steps, "sample")
        assert reading.dialog, reading.issues
        return reading.dialog

    return made


@pytest.fixture
def talk(make: Callable[[str], Dialog], context: Context) -> Callable[[str], Talk]:
    """Start talking with a dialog made from the lines of its steps."""
    return lambda steps: Talk(make(steps), context).begin()


@pytest.fixture
def library() -> Callable[[str], Dialog]:
    """Read a shipped dialog."""

    def found(name: str) -> Dialog:
        path = LIBRARY / f"{name}.yaml"
        reading = read(path.read_text(encoding="utf-8"), path.stem)
        assert reading.dialog, reading.issues
        return reading.dialog

    return found
