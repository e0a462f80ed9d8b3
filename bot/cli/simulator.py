"""Talk through a dialog in the terminal: the real engine, no messenger, nothing kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TextIO

from bot.rendering import commands
from bot.rendering.buttons import ACTIONS
from bot.rendering.texts import Texts
from dialogs import engine, events, languages, types
from dialogs.context import Context
from dialogs.events import Event, Option
from dialogs.model import Choice, Dialog, Value
from dialogs.replies import Pressed, Typed
from dialogs.run import Answer, Run
from dialogs.types import ChoiceSource

ENDED = frozenset({"completed", "stopped", "expired", "postponed"})
ZONE = "America/Mexico_City"


class Simulator:
    """One conversation between a dialog and the person at the terminal."""

    def __init__(self, dialog: Dialog, language: str, texts: Texts, now: datetime) -> None:
        self._dialog = dialog
        self._texts = texts
        self._language = language
        self._context = Context(
            now=now,
            zone=ZONE,
            language=language,
            facts={
                "language": languages.base(language),
                "name": "",
                "organisation": "Hilo",
                "reading_day": "",
                **dict.fromkeys(dialog.facts, "-"),
            },
            lookup=self._lookup,
        )

    def run(self, source: TextIO, out: TextIO) -> None:
        """Talk until the dialog ends or the input does."""
        turn = engine.begin(self._dialog, self._context, offer=False)
        answers: dict[str, Answer] = {}
        while True:
            for event in turn.events:
                self._show(event, out)
            answers |= _kept(turn.events)
            if turn.run.status in ENDED:
                return
            print("> ", end="", file=out, flush=True)
            line = source.readline()
            if not line:
                print(file=out)
                return
            # Saved and read back between any two turns, as a bot does.
            run = Run.restore(turn.run.state(), answers)
            turn = engine.answer(self._dialog, run, self._reply(run, line.rstrip("\n")), self._context)

    def _reply(self, run: Run, line: str) -> Typed | Pressed:
        command = commands.parse(line)
        if command and command[0] in ACTIONS:
            return Pressed(command[0], run.position, run.prompt)
        return Typed(line)

    def _lookup(self, name: str, answers: Mapping[str, Value | None]) -> Sequence[Choice]:  # noqa: ARG002  the port's shape
        return (Choice("example", {self._language: self._texts.say("talk.example", self._language)}),)

    def _show(self, event: Event, out: TextIO) -> None:
        say = self._texts.say
        match event:
            case events.Prompted():
                number = say("prompt.number", self._language, number=event.number, total=event.total)
                print(f"\n{number} · {event.text}", file=out)
                if event.hint:
                    print(f"  {event.hint}", file=out)
                self._list(event.options, event.type, out)
                ways = " · ".join(say(f"talk.{action}", self._language) for action in event.actions)
                print(f"  ({ways})" if ways else "", file=out)
            case events.Suggested(label=label):
                print(say("prompt.near", self._language, answer=label), file=out)
            case events.Toggled(path=path, options=options):
                self._list(options, self._dialog.step(path).type, out)
            case events.Noted(text=text):
                print(f"\n{text}", file=out)
            case events.Collected():
                print(say("run.collected", self._language) + " " + say("talk.done", self._language), file=out)
            case events.Refused() | events.Passed():
                print(self._unread(event), file=out)
            case events.Explained(why=why):
                print(why, file=out)
            case events.Misplaced(reason=reason):
                print(say(f"misplaced.{reason}", self._language), file=out)
            case events.Completed(answered=answered, total=total):
                print("\n" + say("run.completed", self._language, answered=answered, total=total), file=out)
            case events.Postponed() | events.Stopped():
                print("\n" + say("talk.left", self._language), file=out)
            case _:
                pass

    def _unread(self, event: events.Refused | events.Passed) -> str:
        if isinstance(event, events.Passed):
            return self._texts.say("aside.passed", self._language)
        return self._texts.refusal(event.code, self._language, event.facts, event.misses)

    @staticmethod
    def _list(options: Sequence[Option], kind: str, out: TextIO) -> None:
        for place, option in enumerate(options, 1):
            digit = option.name if types.get(kind).choice_source is ChoiceSource.NUMBERS else str(place)
            mark = "✓ " if option.chosen else "  "
            print(f"{mark}{digit} · {option.label}", file=out)


def _kept(happened: Sequence[Event]) -> dict[str, Answer]:
    kept = {}
    for event in happened:
        match event:
            case (
                events.Answered(path=path, value=value, label=label)
                | events.Collected(path=path, value=value, label=label)
            ):
                kept[path] = Answer(value, label)
            case events.Skipped(path=path):
                kept[path] = Answer(None, "")
            case _:
                pass
    return kept
