"""What is no answer: for the team, a new nickname, or a plain word that asks for something.

What she says is kept before anyone decides where it goes: nothing is lost while she is asked. What she says to the
team joins the conversation that is going on, if there is one, so that replies to replies stay together.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot import clock
from bot.conversation.screen import Screen, brief, full
from bot.conversation.turns import Turns
from bot.media.store import Fetched
from bot.messengers.port import Button, Incoming
from bot.participant.conversation_with_team import ASK, PAGES, SURE, Spoken
from bot.participant.pause_leave import first_cohort
from bot.participant.seen_at import saw
from bot.participant.settings import NICKNAME_LENGTH, clean_name, pick_name
from bot.participant.team_message_view import show
from bot.rendering import commands
from bot.rendering.speech import Speech, rows
from bot.services.notices import MESSAGE, SUPPORT, Notices
from dialogs import types
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
KEPT = "kept"  # what is waited for: what is to become of words that were kept


class Talking:
    """Takes words that belong to no question."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns
        self._notices = Notices(turns.organisation)
        self._spoken = Spoken(turns)

    # What was asked for.

    def ask(self, screen: Screen, action: str, argument: str) -> None:
        """Ask for a message to the team, or for a nickname; or show what the team wrote."""
        if argument == "cancel":
            self.forget(screen.unit, screen.person)
            screen.show(screen.words("hers.words.cancelled"), rows(screen.menu()))
        elif action == "nickname" and argument == "pick":
            names = screen.words("join.nicknames").split(", ")
            self._name(screen.speech, screen.person, pick_name(screen.unit, screen.person, names))
        elif action == "team" and argument.startswith("o"):
            self._open(screen, full(argument[1:]))
        elif action == "team" and argument[:1] in {PAGES, ASK, SURE}:
            self._spoken.do(screen, argument)
        elif action == "team" and first_cohort(screen.unit, screen.person.id) is None:
            screen.show(screen.words("hers.team.nowhere"), rows(screen.menu()))
        else:
            waiting = {"for": action, "at": screen.unit.now.isoformat()}
            if argument.startswith("r"):
                waiting["to"] = full(argument[1:]).hex
            screen.unit.people.prefer(screen.person, **{WAITING: waiting})
            pick = [screen.button("button.pick", "nickname", "pick")] if action == "nickname" else []
            if action == "team" and screen.unit.messages.of(screen.person.id, 1):
                pick.append(screen.button("button.spoken", "team", PAGES))
            cancel = screen.button("button.rather_not", action, "cancel")
            screen.show(screen.words(f"hers.{action}"), rows(*pick, cancel, screen.menu()))

    def forget(self, unit: Unit, person: Person) -> Person:
        """Wait for no words any more: she went elsewhere."""
        if not person.preferences.get(WAITING):
            return person
        return unit.people.prefer(person, **{WAITING: None})

    def take(self, unit: Unit, person: Person, text: str, row: RunRow | None, fetched: Fetched | None = None) -> bool:
        """Take what was asked for; False when nothing was, or something newer asks.

        A voice note or photo (`fetched`) can only be for the team.
        """
        waiting = person.preferences.get(WAITING)
        if not waiting or waiting["for"] == KEPT or (fetched is not None and waiting["for"] != "team"):
            return False
        if waiting["for"] == "nickname" and commands.plain(text):
            return False  # nobody is called "menú": it asks for what it says
        person = self.forget(unit, person)
        if _past(unit, waiting, row):
            return False
        speech = self._turns.speech(unit, person)
        if fetched is None and folded(text) == folded(speech.words("button.rather_not")):
            self.ask(Screen(speech, person), waiting["for"], "cancel")
        elif waiting["for"] == "nickname":
            self._named(speech, person, text)
        else:
            to = UUID(waiting["to"]) if waiting.get("to") else None
            self._tell(speech, person, row, text, fetched, to)
        return True

    def tell(self, speech: Speech, person: Person, text: str) -> None:
        """Pass on what she wrote to the team in one line with the command."""
        if first_cohort(speech.unit, person.id) is None:
            speech.say("hers.team.nowhere", rows(speech.button("button.menu", "home")))
        else:
            self._tell(speech, person, speech.unit.runs.open(person), text)

    def _tell(
        self,
        speech: Speech,
        person: Person,
        row: RunRow | None,
        text: str,
        fetched: Fetched | None = None,
        to: UUID | None = None,
    ) -> None:
        self._write(speech, person, clock.new_id(), text, fetched, to)
        more, menu = speech.button("button.team_more", "team"), speech.button("button.menu", "home")
        speech.say("home.passed_on", rows(*self.go_on(speech, person, row), more, menu))

    def note(self, speech: Speech, person: Person, text: str) -> bool:
        """Leave the team a note in her name, once while it waits; an empty one asks for support.

        False when there is no group whose team would read it.
        """
        messages, cohort_id = speech.unit.messages, first_cohort(speech.unit, person.id)
        if cohort_id is None:
            return False
        waiting = messages.waiting(person.id, cohort_id)
        if all(each.body != text or each.media_id for each in waiting):
            self._write(speech, person, clock.new_id(), text, kind=MESSAGE if text else SUPPORT)
        return True

    def _write(
        self,
        speech: Speech,
        person: Person,
        message_id: UUID,
        text: str,
        fetched: Fetched | None = None,
        to: UUID | None = None,
        kind: str = MESSAGE,
    ) -> None:
        """Write to the team, in a conversation of hers or in a new one."""
        unit = speech.unit
        top = self._joined(unit, person, to)
        cohort_id = self._cohort(unit, person, top)
        media_id = _keep(speech, text, fetched)
        unit.messages.add(message_id, person, "to_team", text, unit.now, cohort_id, media_id=media_id, reply_to=top)
        self._notices.wrote(speech, person, cohort_id, message_id, text, kind)

    def _joined(self, unit: Unit, person: Person, to: UUID | None) -> UUID | None:
        """Return the conversation that what she says belongs to; one that was closed is open again."""
        first = unit.messages.get(to) if to else None
        if first is not None and first.person_id == person.id:
            unit.messages.reopen(first.id)
            return first.id
        cohort_id = first_cohort(unit, person.id)
        return unit.messages.going_on(person.id, cohort_id) if cohort_id else None

    def _cohort(self, unit: Unit, person: Person, top: UUID | None) -> UUID | None:
        first = unit.messages.get(top) if top else None
        return first.cohort_id if first else first_cohort(unit, person.id)

    def _open(self, screen: Screen, message_id: UUID) -> None:
        """Show what the team wrote, to someone whose phone others see: she asks for it when she is alone."""
        message = screen.unit.messages.get(message_id)
        if message is None or message.person_id != screen.person.id or message.direction != "from_team":
            screen.show(screen.words("home.decided"), rows(screen.menu()))
            return
        show(screen.speech, message)

    def _named(self, speech: Speech, person: Person, text: str) -> None:
        """Take typed words for what they say: one of the buttons, a no, or a name."""
        said, screen = folded(text), Screen(speech, person)
        if said == folded(speech.words("button.pick")):
            self.ask(screen, "nickname", "pick")
        elif said in {
            folded(each) for each in (*speech.words("said.no").split(","), speech.words("button.rather_not"))
        }:
            self.ask(screen, "nickname", "cancel")
        else:
            self._name(speech, person, clean_name(text))

    def _name(self, speech: Speech, person: Person, name: str) -> None:
        menu = speech.button("button.menu", "home")
        if not name or len(name) > NICKNAME_LENGTH:
            again = speech.button("button.nickname", "nickname")
            speech.send(speech.words("join.name.long", most=NICKNAME_LENGTH), rows(again, menu))
            return
        speech.unit.people.change(person, nickname=name)
        speech.say("hers.nickname.changed", rows(menu), name=name)

    # Said without a question.

    def hold(self, unit: Unit, person: Person, text: str, fetched: Fetched | None = None) -> None:
        """Keep what was said when nothing was open, and ask whether it goes to the team."""
        speech = self._turns.speech(unit, person)
        message_id = clock.new_id()
        media_id = _keep(speech, text, fetched)
        cohort_id = first_cohort(unit, person.id)
        unit.messages.add(message_id, person, "held", text, unit.now, cohort_id, media_id=media_id)
        keyboard = (
            (
                speech.button("button.yes", "pass_on", f"y{message_id.hex}"),
                speech.button("button.no", "pass_on", f"n{message_id.hex}"),
            ),
            (speech.button("button.support", "support"),),
            (speech.button("button.menu", "home"),),
        )
        row = speech.say(
            "home.pass_on.aside" if _waits(person, unit.runs.open(person), "open") else "home.pass_on", keyboard
        )
        # What she said line by line is one thing to her: a typed yes or no is about all of it.
        waiting, held = person.preferences.get(WAITING) or {}, message_id.hex
        if waiting.get("for") == KEPT and waiting["yes"][0] == "pass_on" and not _past(unit, waiting, None):
            held = f"{waiting['yes'][1][1:]},{held}"
        self._ask_what(speech, person, row, yes=("pass_on", f"y{held}"), no=("pass_on", f"n{held}"))

    def pass_on(self, speech: Speech, person: Person, argument: str) -> None:
        """Pass what is held on, or erase it, as she says."""
        yes, held = argument.startswith("y"), [UUID(each) for each in argument[1:].split(",")]
        done = [self._passed_on(speech, person, each) if yes else self._dropped(speech, person, each) for each in held]
        left = [each for each in held if speech.unit.messages.get(each) is not None]
        if any(done) or not (left or yes):
            code = "home.passed_on" if yes else "home.not_passed_on"
        else:
            code = "home.decided" if left else "home.gone"  # nobody said what to do with it in time
        go_on = self.go_on(speech, person, speech.unit.runs.open(person))
        speech.say(code, rows(*go_on, speech.button("button.menu", "home")))

    def go_on(self, speech: Speech, person: Person, row: RunRow | None) -> list[Button]:
        """Return the way back to what waits for an answer of hers, if anything does."""
        return [speech.button("button.go_on", "again")] if _waits(person, row, "offered", "open") else []

    def _passed_on(self, speech: Speech, person: Person, message_id: UUID) -> bool:
        messages = speech.unit.messages
        kept, top = messages.get(message_id), self._joined(speech.unit, person, None)
        if kept is None or not messages.pass_on(message_id, person.id, top):
            return False
        self._notices.wrote(speech, person, kept.cohort_id, message_id, kept.body)
        return True

    def _dropped(self, speech: Speech, person: Person, message_id: UUID) -> bool:
        return speech.unit.messages.drop(message_id, person.id)

    def _ask_what(self, speech: Speech, person: Person, row: int, **ways: tuple[str, str]) -> None:
        """Remember that a typed yes or no is to the question of an outbox row: the action and argument of each."""
        waiting = {"for": KEPT, "at": speech.unit.now.isoformat(), "row": row, **ways}
        speech.unit.people.prefer(person, **{WAITING: waiting})

    def decided(self, unit: Unit, person: Person, incoming: Incoming) -> tuple[str, str] | None:
        """Tell what typed words say should become of words that were kept, where she was asked that last."""
        waiting = person.preferences.get(WAITING) or {}
        if waiting.get("for") != KEPT or incoming.reply_to is not None or _past(unit, waiting, None):
            return None
        place = unit.outbox.place(waiting["row"])
        asked = place.message_id if place else None
        if asked is None or (incoming.order and asked >= incoming.order):
            return None  # the question was not on her screen yet
        if unit.outbox.newest(incoming.messenger, incoming.chat, asked) is None:
            return None  # something else was said since
        speech, said = self._turns.speech(unit, person), folded(incoming.text or "")
        for way in ("yes", "no"):
            action, argument = waiting[way]
            if said in {folded(words) for words in self._meaning(speech, way, action, argument)}:
                return action, argument
        return None

    def _meaning(self, speech: Speech, way: str, action: str, argument: str) -> list[str]:
        """List what says one of two ways: the words for yes or no, and those on its button."""
        labels = {"answer": "button.is_answer", "meant": f"meant.{argument.partition('.')[2]}"}
        return [*speech.words(f"said.{way}").split(","), speech.words(labels.get(action, f"button.{way}"))]

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
        return action, types.of(step).free_text

    def which(self, unit: Unit, person: Person, row: RunRow, action: str, incoming: Incoming) -> None:
        """Ask whether a plain word is her answer, or what it says; until then the word is kept safe."""
        speech = self._turns.speech(unit, person)
        message_id = clock.new_id()
        unit.messages.add(message_id, person, "held", incoming.text or "", unit.now, row.cohort_id)
        keyboard = rows(
            speech.button("button.is_answer", "answer", f"{brief(message_id)}.{row.prompt}"),
            speech.button(f"meant.{action}", "meant", f"{brief(message_id)}.{action}"),
        )
        asked = speech.say("hers.which", keyboard)
        self._ask_what(
            speech,
            person,
            asked,
            yes=("answer", f"{brief(message_id)}.{row.prompt}"),
            no=("meant", f"{brief(message_id)}.{action}"),
        )

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


def _waits(person: Person, row: RunRow | None, *statuses: str) -> bool:
    """Tell whether a run of hers is in one of these states, and she takes part."""
    return row is not None and row.status in statuses and person.participation == "active"


def _past(unit: Unit, waiting: dict[str, Any], row: RunRow | None) -> bool:
    """Tell whether what was asked is no longer what she speaks to: too long ago, or something newer asks."""
    asked = datetime.fromisoformat(waiting["at"])
    return unit.now - asked > PATIENCE or (row is not None and row.status != "postponed" and row.active_at > asked)


def _keep(speech: Speech, text: str, fetched: Fetched | None) -> UUID | None:
    """Keep a voice note or photo that belongs to a message, and show it in her own thread; returns its id."""
    if fetched is None or fetched.shelved is None:
        return None
    fetched.keep(speech.unit)
    if speech.can.kept_here:
        speech.echo(text, fetched.media)
    return fetched.shelved.id
