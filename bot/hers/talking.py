"""Words that are no answer: for the team, a new nickname, or a plain word that asks for something.

What she says is kept before anyone decides where it goes: nothing is lost while she is asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bot import clock, commands
from bot.hers.resting import first_cohort
from bot.hers.screen import Screen, brief, full
from bot.hers.seen import saw
from bot.hers.ways import NICKNAME_LENGTH, clean_name, pick_name
from bot.messenger import Incoming
from bot.speech import Speech, rows
from bot.turns import Turns
from dialogs.events import Event
from dialogs.replies import Pressed, Typed, folded
from dialogs.run import Run
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

WAITING = "waiting"
PATIENCE = timedelta(hours=1)  # after so long, what she says is no longer taken for what was asked
ANSWERS = frozenset({"skip", "done"})  # words that end the open question
OFFERED = ("start", "later", "why")
ASKS_IN_WORDS = frozenset({"text"})


class Talking:
    """Takes words that belong to no question."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    # Words that were asked for.

    def ask(self, screen: Screen, action: str, argument: str) -> None:
        """Ask for words: a message to the team, or a nickname."""
        if argument == "cancel":
            self.forget(screen.unit, screen.person)
            screen.show(screen.words("hers.words.cancelled"), rows(screen.menu()))
        elif action == "nickname" and argument == "pick":
            names = screen.words("join.nicknames").split(", ")
            self._name(screen.speech, screen.person, pick_name(screen.unit, screen.person, names))
        elif action == "team" and first_cohort(screen.unit, screen.person.id) is None:
            screen.show(screen.words("hers.team.nowhere"), rows(screen.menu()))
        else:
            waiting = {"for": action, "at": screen.unit.now.isoformat()}
            screen.unit.people.change(screen.person, preferences={**screen.person.preferences, WAITING: waiting})
            pick = [screen.button("button.pick", "nickname", "pick")] if action == "nickname" else []
            cancel = screen.button("button.rather_not", action, "cancel")
            screen.show(screen.words(f"hers.{action}"), rows(*pick, cancel, screen.menu()))

    def forget(self, unit: Unit, person: Person) -> Person:
        """Wait for no words any more: she went elsewhere."""
        if not person.preferences.get(WAITING):
            return person
        preferences = {key: value for key, value in person.preferences.items() if key != WAITING}
        return unit.people.change(person, preferences=preferences)

    def take(self, unit: Unit, person: Person, text: str, row: RunRow | None) -> bool:
        """Take words that were asked for; False when none were, or something newer asks for them."""
        waiting = person.preferences.get(WAITING)
        if not waiting:
            return False
        person = self.forget(unit, person)
        asked = datetime.fromisoformat(waiting["at"])
        if unit.now - asked > PATIENCE or (row is not None and row.status != "postponed" and row.active_at > asked):
            return False
        speech = self._turns.speech(unit, person)
        if waiting["for"] == "nickname":
            self._name(speech, person, clean_name(text))
        else:
            unit.messages.add(clock.new_id(), person, "to_team", text, unit.now, first_cohort(unit, person.id))
            go_on = [speech.button("button.go_on", "again")] if row and row.status in {"offered", "open"} else []
            more = speech.button("button.team_more", "team")
            speech.say("home.passed_on", rows(*go_on, more, speech.button("button.menu", "home")))
        return True

    def _name(self, speech: Speech, person: Person, name: str) -> None:
        menu = speech.button("button.menu", "home")
        if not name or len(name) > NICKNAME_LENGTH:
            again = speech.button("button.nickname", "nickname")
            speech.send(speech.words("join.name.long", most=NICKNAME_LENGTH), rows(again, menu))
            return
        speech.unit.people.change(person, nickname=name)
        speech.say("hers.nickname.changed", rows(menu), name=name)

    # Words without a question.

    def hold(self, unit: Unit, person: Person, text: str) -> None:
        """Keep what was said when nothing was open, and ask whether it goes to the team."""
        speech = self._turns.speech(unit, person)
        message_id = clock.new_id()
        unit.messages.add(message_id, person, "held", text, unit.now, first_cohort(unit, person.id))
        keyboard = (
            (
                speech.button("button.yes", "pass_on", f"y{message_id.hex}"),
                speech.button("button.no", "pass_on", f"n{message_id.hex}"),
            ),
            (speech.button("button.menu", "home"),),
        )
        speech.say("home.pass_on", keyboard)

    def pass_on(self, speech: Speech, person: Person, argument: str) -> None:
        """Pass held words on, or erase them, as she says."""
        message_id, messages = UUID(argument[1:]), speech.unit.messages
        if argument.startswith("y"):
            code = "home.passed_on" if messages.pass_on(message_id, person.id) else "home.decided"
        else:
            code = "home.not_passed_on" if messages.drop(message_id, person.id) else "home.decided"
        speech.say(code, rows(speech.button("button.menu", "home")))

    # Plain words.

    def taken_up(self, unit: Unit, person: Person, row: RunRow, incoming: Incoming) -> str | None:
        """Tell what words say to an offer that is the newest thing she had seen, where they say nothing else."""
        if row.status != "offered" or person.participation != "active" or not saw(unit, row, incoming):
            return None
        speech, text = self._turns.speech(unit, person), folded(incoming.text or "")
        for action in OFFERED:
            if text in {folded(word) for word in speech.words(f"said.{action}").split(",")}:
                return action
        return None

    def asked_by(self, unit: Unit, incoming: Incoming, row: RunRow | None) -> tuple[str, bool] | None:
        """Tell what plain words ask for, and whether they may be an answer as well; None if they are only words."""
        text = incoming.text or ""
        action = commands.plain(text)
        if action is None or incoming.reply_to is not None:
            return None
        if row is None or row.status != "open":
            return action, False
        step = self._turns.dialog(unit, row.dialog_hash).step(row.state["position"])
        if any(folded(label) == folded(text) for choice in step.choices for label in choice.label.values()):
            return None
        return action, step.type in ASKS_IN_WORDS

    def which(self, unit: Unit, person: Person, row: RunRow, action: str, incoming: Incoming) -> None:
        """Ask whether a plain word is her answer, or what it says; until then the word is kept safe."""
        speech = self._turns.speech(unit, person)
        message_id = clock.new_id()
        unit.messages.add(message_id, person, "held", incoming.text or "", unit.now, row.cohort_id)
        keyboard = rows(
            speech.button("button.is_answer", "answer", f"{brief(message_id)}.{row.prompt}"),
            speech.button(f"meant.{action}", "meant", f"{brief(message_id)}.{action}"),
        )
        speech.say("hers.which", keyboard)

    def answer(self, unit: Unit, person: Person, argument: str) -> tuple[RunRow, Sequence[Event]] | None:
        """The word was her answer after all: give it to the question it was said to; None when it cannot be."""
        name, _, prompt = argument.partition(".")
        kept = unit.messages.get(full(name))
        row = unit.runs.open(person)
        if kept is None or kept.person_id != person.id or kept.direction != "held" or row is None:
            return None
        if row.status == "offered" or Run.restore(row.state, {}).question_of(int(prompt)) is None:
            return None
        unit.messages.drop(kept.id, person.id)
        return row, self._turns.reply(unit, person, row, Typed(kept.body, int(prompt)))

    def meant(self, unit: Unit, person: Person, argument: str) -> str:
        """The word asked for something: forget the word, and tell what for."""
        name, _, action = argument.partition(".")
        unit.messages.drop(full(name), person.id)
        return action

    def press(self, unit: Unit, person: Person, row: RunRow, action: str, incoming: Incoming) -> Sequence[Event]:
        """Say to a run what one of its own buttons would; a question that she had not seen is only asked again."""
        if action in ANSWERS and not saw(unit, row, incoming):
            return self._turns.again(unit, person, row)
        run = Run.restore(row.state, {})
        return self._turns.reply(unit, person, row, Pressed(action, run.position or "", run.prompt, None))
