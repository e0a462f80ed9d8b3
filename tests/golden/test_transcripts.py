"""Every transcript in this folder, told again word for word; the run is saved and rebuilt between any two turns."""

import json
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import dialogs
from dialogs import engine
from dialogs.context import Context
from dialogs.events import Amended, Answered, Collected, Event, Item, Option, Skipped
from dialogs.model import Choice, Dialog, Media
from dialogs.reader import read
from dialogs.replies import Edited, Pressed, Reply, Sent, Typed
from dialogs.run import Answer, Run

HERE = Path(__file__).parent
LIBRARY = Path(dialogs.__file__).parent / "library"
TRANSCRIPTS = sorted(HERE.glob("*.yaml"))
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


def _dialog(name: str) -> Dialog:
    path = LIBRARY / f"{name}.yaml"
    path = path if path.exists() else LIBRARY / "staff" / path.name
    dialog = read(path.read_text(encoding="utf-8"), path.stem).dialog
    assert dialog
    return Dialog.from_dict(json.loads(json.dumps(dialog.to_dict())))


class Chat:
    """A run that lives in its rows: a state, and the newest answers that its events wrote."""

    def __init__(self, transcript: dict[str, Any]) -> None:
        lists = transcript.get("lists", {})

        def lookup(name: str, answers: object) -> list[Choice]:
            return [Choice(each, {"es": label}) for each, label in lists[name].items()]

        self.dialog = _dialog(transcript["dialog"])
        self.state = ""
        self.answers: dict[str, str] = {}
        self.context = Context(
            NOW,
            "America/Mexico_City",
            transcript["language"],
            name=transcript.get("name"),
            facts=transcript.get("facts", {}),
            lookup=lookup,
        )

    def turn(self, said: dict[str, Any]) -> tuple[Event, ...]:
        """Play one turn from what the rows hold, and write what it tells; `after` so many hours."""
        said = dict(said)
        self.context = replace(self.context, now=self.context.now + timedelta(hours=said.pop("after", 0)))
        if said == {"begin": True}:
            turn = engine.begin(self.dialog, self.context)
        else:
            rows = {path: Answer.from_dict(json.loads(row)) for path, row in self.answers.items()}
            run = Run.restore(json.loads(self.state), rows)
            if said == {"again": True}:
                turn = engine.again(self.dialog, run, self.context)
            elif said == {"expire": True}:
                turn = engine.expire(self.dialog, run, self.context)
            else:
                turn = engine.answer(self.dialog, run, _reply(said, run), self.context)
        self.state = json.dumps(turn.run.state())
        for event in turn.events:
            if isinstance(event, Answered | Collected | Amended):
                self.answers[event.path] = json.dumps(Answer(event.value, event.label).to_dict())
            elif isinstance(event, Skipped):
                self.answers[event.path] = json.dumps(Answer(None, "").to_dict())
        return turn.events


def _reply(said: dict[str, Any], run: Run) -> Reply:
    if "type" in said:
        return Typed(said["type"], said.get("prompt"), said.get("order"))
    if "edit" in said:
        return Edited(said["order"], said["edit"])
    if "send" in said:
        media = Media(said["send"], said["id"], said.get("seconds")) if "id" in said else None
        return Sent(said["send"], said.get("prompt"), media, said.get("caption", ""), said.get("order"))
    path, prompt = said.get("path", run.position), said.get("prompt", run.prompt)
    return Pressed(said["press"], path, prompt, said.get("choice"))


def _shown(value: Any) -> Any:
    """Write an event out as plain data that reads well, leaving out what is as usual."""
    if isinstance(value, tuple) and value and isinstance(value[0], Option):
        return {each.name: f"✓ {each.label}" if each.chosen else each.label for each in value}
    if isinstance(value, tuple) and value and isinstance(value[0], Item):
        return [{"path": each.path, "text": each.text, "label": each.label or _shown(each.value)} for each in value]
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    if isinstance(value, Media):
        return f"{value.kind} {value.id}" + (f", {value.seconds} s" if value.seconds else "")
    if isinstance(value, datetime):
        return value.isoformat()
    return dict(value) if isinstance(value, dict) else value


def _told(event: Event) -> dict[str, Any]:
    found = {}
    for field in fields(event):
        value = getattr(event, field.name)
        usual = None if field.default is MISSING else field.default
        if value not in (usual, "", ()):
            found[field.name] = _shown(value)
    return {type(event).__name__: found}


def _replayed(transcript: dict[str, Any]) -> dict[str, Any]:
    chat = Chat(transcript)
    turns = [
        {"she": turn["she"], "hilo": [_told(each) for each in chat.turn(turn["she"])]} for turn in transcript["talk"]
    ]
    return {**transcript, "talk": turns}


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_is_what_it_was(path: Path, *, update: bool) -> None:
    """The same replies bring the same words, after each of them the run was rebuilt from its rows."""
    transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
    now = _replayed(transcript)
    if update:
        text = yaml.safe_dump(now, allow_unicode=True, sort_keys=False, width=116)
        path.write_text(text, encoding="utf-8")

    assert path.stem.split(".")[:2] == [transcript["dialog"], transcript["language"]]
    assert transcript["about"]
    assert now == yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_dialog_has_its_transcripts() -> None:
    """There is a transcript of each shipped dialog in each of its languages."""
    told = {tuple(path.stem.split(".")[:2]) for path in TRANSCRIPTS}
    dialogs_and_languages = {
        (path.stem, language)
        for path in LIBRARY.rglob("*.yaml")
        for language in yaml.safe_load(path.read_text(encoding="utf-8"))["languages"]
    }

    assert len(dialogs_and_languages) >= 20
    assert dialogs_and_languages <= told
