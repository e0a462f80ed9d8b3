"""Every transcript in this folder, replayed: the skeleton of a conversation, without its wording.

A skeleton is the events' types, paths, prompts, values and buttons, in one language. Words are for the tests of the
library and of the catalogs; here a test looks that none is missing in any language. The run is saved and rebuilt
between any two turns.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import dialogs
from dialogs import engine
from dialogs.context import Context
from dialogs.events import (
    Amended,
    Answered,
    Collected,
    Event,
    Explained,
    Noted,
    Offered,
    Option,
    Prompted,
    Refused,
    Reviewed,
    ReviewItem,
    Skipped,
    Suggested,
    Toggled,
)
from dialogs.languages import base
from dialogs.model import Choice, Dialog, Media, Value
from dialogs.reader import read
from dialogs.replies import Edited, Pressed, Reply, Sent, Typed
from dialogs.run import Answer, Run

HERE = Path(__file__).parent
LIBRARY = Path(dialogs.__file__).parent / "library"
TRANSCRIPTS = sorted(HERE.glob("*.yaml"))
TALKS = [
    pytest.param(path, name, id=f"{path.stem}.{name}")
    for path in TRANSCRIPTS
    for name in yaml.safe_load(path.read_text(encoding="utf-8"))["talks"]
]
WORDING = frozenset({"title", "why", "text", "hint", "label", "audio"})
"""Fields of events that are words and nothing else."""
PRESENT = frozenset({"previous", "proposed", "message", "near"})
"""Fields, and facts of a refusal, of which the skeleton tells only that they say something."""
WRITTEN_IN = "es"
"""The language in which the participants of the transcripts type."""
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


def _dialog(name: str) -> Dialog:
    path = LIBRARY / f"{name}.yaml"
    path = path if path.exists() else LIBRARY / "staff" / path.name
    dialog = read(path.read_text(encoding="utf-8"), path.stem).dialog
    assert dialog
    return Dialog.from_dict(json.loads(json.dumps(dialog.to_dict())))


class Chat:
    """A run that lives in its rows: a state, and the newest answers that its events wrote."""

    def __init__(self, dialog: str, talk: dict[str, Any], language: str) -> None:
        """Make the chat of one talk; `lists` are the choices that only the moment of asking knows."""
        lists = talk.get("lists", {})

        def lookup(name: str, answers: object) -> list[Choice]:
            return [Choice(each, {WRITTEN_IN: label}) for each, label in lists[name].items()]

        self.dialog = _dialog(dialog)
        self.state = ""
        self.answers: dict[str, str] = {}
        self.context = Context(
            NOW,
            "America/Mexico_City",
            language,
            name=talk.get("nickname"),
            facts=talk.get("facts", {}),
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
                turn = engine.ask_again(self.dialog, run, self.context)
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


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


yaml.SafeDumper.add_representer(
    _Line, lambda dumper, line: dumper.represent_mapping("tag:yaml.org,2002:map", line, flow_style=True)
)


def _bare(value: Any) -> Any:
    """Write a value of an event as plain data without wording."""
    if isinstance(value, tuple) and value and isinstance(value[0], Option):
        return [f"✓ {each.name}" if each.chosen else each.name for each in value]
    if isinstance(value, tuple) and value and isinstance(value[0], ReviewItem):
        return {each.path: _bare(each.value) for each in value}
    if isinstance(value, tuple):
        return [_bare(each) for each in value]
    if isinstance(value, Media):
        return f"{value.kind} {value.id}" + (f", {value.seconds} s" if value.seconds else "")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: bool(each) if name in PRESENT else each for name, each in value.items()}
    return value


def _skeleton(event: Event) -> dict[str, Any]:
    """Write an event out as plain data that reads well, leaving out wording and what is as usual."""
    found = {}
    for field in fields(event):
        value = getattr(event, field.name)
        usual = None if field.default is MISSING else field.default
        if field.name not in WORDING and value not in (usual, "", ()):
            found[field.name] = bool(value) if field.name in PRESENT else _bare(value)
    return {type(event).__name__: found}


def _replayed(dialog: str, talk: dict[str, Any], language: str) -> list[list[Event]]:
    chat = Chat(dialog, talk, language)
    return [list(chat.turn(turn["reply"])) for turn in talk["turns"]]


def _skeletons(turns: list[list[Event]]) -> list[list[dict[str, Any]]]:
    return [[_skeleton(event) for event in events] for events in turns]


def _write(path: Path, transcript: dict[str, Any]) -> None:
    """Write a transcript with one line for each reply and each event."""
    for talk in transcript["talks"].values():
        told = _skeletons(_replayed(transcript["dialog"], talk, transcript["language"]))
        talk["turns"] = [
            {"reply": _Line(turn["reply"]), "events": [_Line(event) for event in events]}
            for turn, events in zip(talk["turns"], told, strict=True)
        ]
    text = yaml.safe_dump(transcript, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("path", "name"), TALKS)
def test_the_conversation_is_what_it_was(path: Path, name: str, *, update: bool) -> None:
    """The same replies bring the same events, after each of them the run was rebuilt from its rows."""
    if update:
        _write(path, yaml.safe_load(path.read_text(encoding="utf-8")))
    transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
    talk = transcript["talks"][name]

    assert (path.stem, transcript["language"]) == (transcript["dialog"], WRITTEN_IN)
    assert talk["about"]
    assert _skeletons(_replayed(transcript["dialog"], talk, WRITTEN_IN)) == [turn["events"] for turn in talk["turns"]]


def _words(event: Event) -> Iterator[str | None]:
    """Give everything that an event says to a person; None where the skeleton of the event says nothing there."""
    match event:
        case Offered():
            yield from (event.title, event.why)
        case Explained():
            yield event.why
        case Noted():
            yield event.text
        case Prompted():
            yield from (event.text, event.hint or None, event.previous, event.proposed)
            yield from (option.label for option in event.options)
        case Toggled():
            yield from (option.label for option in event.options)
        case Suggested():
            yield event.label
        case Collected() | Answered() | Amended():
            yield from () if _silent(event.value) else (event.label,)
        case Reviewed():
            yield from (item.text for item in event.items)
            yield from (item.label for item in event.items if not _silent(item.value))
        case Refused():
            yield from (fact or None for fact in event.facts.values())
        case _:
            pass


def _silent(value: Value | None) -> bool:
    """Tell whether an answer leaves no words: none was given, or nothing but voice notes and photos."""
    return value is None or (isinstance(value, tuple) and all(isinstance(each, Media) for each in value))


@pytest.mark.parametrize(
    ("path", "name", "language"),
    [
        pytest.param(*talk.values, language, id=f"{talk.id}.{language}")
        for talk in TALKS
        for language in _dialog(talk.values[0].stem).languages
    ],
)
def test_nothing_is_left_unsaid_in_any_language(path: Path, name: str, language: str) -> None:
    """The same replies bring words for everything that is shown, with every blank filled, in each language."""
    talk = yaml.safe_load(path.read_text(encoding="utf-8"))["talks"][name]
    turns = _replayed(path.stem, talk, language)
    words = [each for events in turns for event in events for each in _words(event) if each is not None]

    if base(language) == WRITTEN_IN:
        assert _skeletons(turns) == [turn["events"] for turn in talk["turns"]]
    assert words
    assert [each for each in words if not each.strip() or "${" in each] == []


def test_every_dialog_has_its_transcript() -> None:
    """There is a transcript of each shipped dialog."""
    shipped = {path.stem for path in LIBRARY.rglob("*.yaml")}

    assert len(shipped) >= 20
    assert shipped == {path.stem for path in TRANSCRIPTS}
