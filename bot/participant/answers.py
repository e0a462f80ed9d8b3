"""Her answers: the conversations she had, what she said in each, and the way to change or erase it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation import asides
from bot.conversation.screen import LABEL, Pager, Screen, brief, full
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.rendering.speech import media_of, rows
from bot.rendering.texts import shorten
from dialogs import wording
from dialogs.model import Media, Step
from dialogs.run import Answer
from storage.asides import Aside
from storage.runs import RunRow

SHOWN = 4  # conversations or questions on one screen
CHANGEABLE = timedelta(hours=48)  # after its end a conversation can still be corrected for so long
UNFINISHED = frozenset({"open", "postponed"})


@dataclass(frozen=True, slots=True)
class Given:
    """A question with its answer, if it has one, and what she said beside it.

    `place` is the question's in its dialog, which no erasure moves.
    """

    place: int
    step: Step
    answer: Answer | None
    asked: str
    beside: tuple[Aside, ...] = ()

    @property
    def media(self) -> list[Media]:
        """Every voice note and photo of hers here."""
        values = [self.answer.value if self.answer else None, *(each.pieces for each in self.beside)]
        return [piece for value in values for piece in media_of(value)]


class Answers:
    """Screens of what she answered."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    def do(self, screen: Screen, argument: str) -> None:
        """Show what a button asks for: a page of conversations, one of them, its questions, or one answer."""
        kind, rest = argument[:1], argument[1:]
        name, *numbers = rest.split(".")
        places = [int(number) for number in numbers]
        if kind in {"r", "l", "q", "m"}:
            row = screen.unit.runs.read(full(name), screen.person)
            given = self.given(screen, row) if row else []
            if row is None or not given:
                self.all(screen, 0)
            elif kind == "r":
                self._conversation(screen, row, given, places[0] if places else 0)
            elif kind == "l":
                self._pick(screen, row, given, places[0] if places else 0)
            elif (found := next((each for each in given if each.place == places[0]), None)) is None:
                self._conversation(screen, row, given, 0)
            elif kind == "m" and found.media:
                self._media(screen, row, found)
            else:
                self._answer(screen, row, found, places[1] if len(places) > 1 else 0)
        elif kind == "c":
            screen.show(screen.words("hers.closed"), rows(screen.button("button.mine", "mine"), screen.menu()))
        else:
            self.all(screen, int(rest or 0))

    def all(self, screen: Screen, page: int) -> None:
        """List the conversations in which she answered, the newest first."""
        found = [row for row in screen.unit.runs.answered(screen.person) if self._hers(screen, row)]
        if not found:
            screen.show(screen.words("hers.mine.none"), rows(screen.button("button.erase", "erase"), screen.menu()))
            return
        page = max(0, min(page, (len(found) - 1) // SHOWN))
        buttons = [
            screen.labelled(self.title(screen, row), "mine", f"r{brief(row.id)}")
            for row in found[page * SHOWN : (page + 1) * SHOWN]
        ]
        last = (len(found) - 1) // SHOWN
        turns = _turns(screen, "mine", "p{}", page, last)
        keyboard = rows(*buttons) + turns + rows(screen.button("button.erase", "erase"), screen.menu())
        screen.show(screen.speech.texts.count("hers.mine", screen.speech.language, len(found)), keyboard)

    def title(self, screen: Screen, row: RunRow) -> str:
        """Name a conversation as a button can: what it was and when."""
        dialog = self._turns.dialog(screen.unit, row.dialog_hash)
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.short_day(row.started_at, zone, screen.speech.language)
        return f"{shorten(wording.choose(dialog.title, screen.speech.language), LABEL)} · {day}"

    def given(self, screen: Screen, row: RunRow) -> list[Given]:
        """List the questions of a conversation that she answered, skipped or said something to, in their order."""
        answers = self._turns.answers(screen.unit, screen.person, row)
        dialog = self._turns.dialog(screen.unit, row.dialog_hash)
        beside = screen.unit.asides.of(row.id, screen.person)
        labels = {path: answer.label for path, answer in answers.items()}
        return [
            Given(
                place,
                step,
                answers.get(step.name),
                wording.fill(self._asked(screen, step), labels),
                tuple(each for each in beside if each.path == step.name),
            )
            for place, step in enumerate(dialog.steps)
            if step.waits and (step.name in answers or any(each.path == step.name for each in beside))
        ]

    def _hers(self, screen: Screen, row: RunRow) -> bool:
        return self._turns.dialog(screen.unit, row.dialog_hash).kind != "staff"

    def _asked(self, screen: Screen, step: Step) -> str:
        return wording.choose(step.label, screen.speech.language)

    def _conversation(self, screen: Screen, row: RunRow, given: list[Given], page: int) -> None:
        lines = [self.title(screen, row)]
        lines += [told(screen, each) for each in given]
        if screen.unit.answers.damaged(row.id, screen.person):
            lines.append(screen.words("damaged.yours"))
        name = brief(row.id)
        text, turns = screen.page("\n\n".join(lines), page, "mine", f"r{name}")
        keyboard = turns + rows(
            screen.button("button.pick_answer", "mine", f"l{name}"),
            screen.button("button.erase_run", "erase", f"r{name}"),
            screen.button("button.close", "mine", "c"),
            screen.button("button.mine", "mine"),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _pick(self, screen: Screen, row: RunRow, given: list[Given], page: int) -> None:
        """Let her say which answer she means."""
        name, last = brief(row.id), (len(given) - 1) // SHOWN
        page = max(0, min(page, last))
        buttons = [
            screen.labelled(f"{number} · {shorten(each.asked, LABEL)}", "mine", f"q{name}.{each.place}")
            for number, each in list(enumerate(given, 1))[page * SHOWN : (page + 1) * SHOWN]
        ]
        turns = _turns(screen, "mine", f"l{name}.{{}}", page, last)
        keyboard = rows(*buttons) + turns + rows(screen.button("button.return", "mine", f"r{name}"), screen.menu())
        screen.show(screen.words("hers.mine.which"), keyboard)

    def _answer(self, screen: Screen, row: RunRow, given: Given, page: int) -> None:
        name = brief(row.id)
        text = told(screen, given)
        changeable = self._changeable(screen, row)
        text, turns = screen.page(text, page, "mine", f"q{name}.{given.place}")
        if not changeable:
            text = f"{text}\n\n{screen.words('hers.mine.too_late')}"
        change = []
        if changeable and given.answer is not None:
            identity = screen.speech.buttons.run(row.id, row.prompt, "change", given.step.name)
            change.append(Button(screen.words("button.change"), identity))
        sent = {piece.kind for piece in given.media}
        code = "button.both_mine" if len(sent) > 1 else "button.see_mine" if "photo" in sent else "button.hear_mine"
        hear = [screen.button(code, "mine", f"m{name}.{given.place}")] if sent else []
        keyboard = turns + rows(
            *hear,
            *change,
            screen.button("button.erase_answer", "erase", f"q{name}.{given.place}"),
            screen.button("button.return", "mine", f"r{name}"),
            screen.button("button.close", "mine", "c"),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _media(self, screen: Screen, row: RunRow, given: Given) -> None:
        """Play her own voice notes and show her photos; they are hers to keep, so they may be passed on and saved."""
        *before, last = given.media
        for piece in before:
            screen.speech.media(piece, protect=False)
        back = screen.speech.button("button.return", "mine", f"q{brief(row.id)}.{given.place}")
        screen.speech.media(last, rows(back, screen.speech.button("button.menu", "home")), protect=False)

    def _changeable(self, screen: Screen, row: RunRow) -> bool:
        if screen.person.participation != "active":
            return False
        if row.status in UNFINISHED:
            return True
        ended = row.state.get("completed_at") if row.status == "completed" else None
        return ended is not None and screen.unit.now - datetime.fromisoformat(ended) <= CHANGEABLE


def told(screen: Screen, given: Given) -> str:
    """Write out a question with her answer, and what she said beside it."""
    lines = [given.asked]
    if given.answer is not None:
        lines.append(f"→ {said(screen, given.answer)}")
    lines += [screen.words("aside.hers", words=asides.quoted(screen.speech, each)) for each in given.beside]
    return "\n".join(lines)


def said(screen: Screen, answer: Answer) -> str:
    """Write an answer out as she gave it; a voice note or a photo is named, for its words are none."""
    if answer.value is None:
        return screen.words("chosen.skipped")
    if isinstance(answer.value, tuple) and any(isinstance(piece, Media) for piece in answer.value):
        told = [piece if isinstance(piece, str) else screen.words(f"hers.media.{piece.kind}") for piece in answer.value]
        return "\n".join(told)
    return answer.label


def _turns(screen: Screen, action: str, argument: str, page: int, last: int) -> Keyboard:
    pager = Pager(page, page > 0, page < last)
    return pager.turns(lambda code, number: screen.button(code, action, argument.format(number)))
