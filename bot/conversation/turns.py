"""Plays turns of the engine inside a unit: loads a run and its answers, and writes what happened."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from bot import clock
from bot.content import Content
from bot.conversation import typing_in
from bot.conversation.actions import Action, Played
from bot.conversation.last_saved import LastSaved
from bot.conversation.writer import ENDED, Writer
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from bot.services import listening, run_notes
from bot.services.code_guessing import InviteGuesses
from bot.services.links import Site
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import allowed
from bot.services.versions import save_version
from dialogs import engine, languages, types, wording
from dialogs.context import Context, Limits, no_lists
from dialogs.events import Amended, Answered, Completed, Event, Misplaced, Passed, Prompted, Refused, Skipped
from dialogs.model import Choice, Dialog, Value
from dialogs.replies import Pressed, Reply, Sent, Typed
from dialogs.run import Answer, Run
from storage.people import Person
from storage.runs import AGREED, REHEARSAL, REHEARSED, UNSEEN, RunRow
from storage.unit import Unit


class Wizard(Protocol):
    """What supplies wizards with facts and choices that only the bot knows."""

    @property
    def wizards(self) -> Mapping[str, Action]:
        """The action that begins each wizard, by the dialog's name; its permission is required at every step."""
        ...

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Return the `${blanks}` that no answer fills."""
        ...

    def typed(self, unit: Unit, person: Person, given: Mapping[str, Answer], path: str, words: str) -> dict[str, str]:
        """Return the blanks that words just typed to a question change, before they are taken for its answer."""
        ...

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return a list of choices; raises LookupError if there is no such list."""
        ...


Loaded: TypeAlias = tuple[Dialog, Run, Context]
"""What a turn in a run needs."""


class Turns:
    """Plays turns of the engine inside a unit and writes their events."""

    def __init__(self, texts: Texts, content: Content, site: Site | None = None) -> None:
        self.texts = texts
        self.site = site or Site()
        self.content = content
        self.organisation = OrganisationFacts()
        self.guesses = InviteGuesses()
        self.wizards: Mapping[str, Wizard] = {}
        self.last_saved = LastSaved()
        self._versions: dict[str, Dialog] = {}

    def speech(self, unit: Unit, person: Person, *, lane: int = 0) -> Speech:
        """Return the speech for a person at their current address."""
        language = language_of(person)
        return Speech(unit, self.texts, person, person.messenger or "", person.chat or "", language, lane)

    def dialog(self, unit: Unit, version: str) -> Dialog:
        """Return the dialog at the version a run began with."""
        if version not in self._versions:
            self._versions[version] = Dialog.from_dict(json.loads(unit.versions.get(version) or "null"))
        return self._versions[version]

    def begin(
        self,
        unit: Unit,
        person: Person,
        dialog: Dialog,
        started_by: str,
        *,
        cohort_id: UUID | None = None,
        broadcast_id: UUID | None = None,
        delivery_id: UUID | None = None,
        lane: int = 0,
        offer: bool = True,
        rehearsal: Mapping[str, Any] | None = None,
        asks: bool = True,
        stored: bool = False,
    ) -> UUID:
        """Begin a run for a person and send its first message; return the run's id.

        A `rehearsal` (its purpose card) leaves no trace: see `rehearsed`. Without `asks`, its first question is not
        sent. `stored`: the dialog was read from its stored version, so that it need not be saved.
        """
        if not stored:
            save_version(unit, dialog)
        version = dialog.version if rehearsal is None else rehearsed(unit, dialog)
        run_id = clock.new_id()
        context = self.context(unit, person, dialog, {})
        turn = engine.begin(dialog, context, offer=offer)
        unit.runs.create(
            run_id,
            person,
            version,
            started_by,
            _state(turn.run, rehearsal),
            turn.run.status,
            context.language,
            prompt=turn.run.prompt,
            cohort_id=cohort_id,
            broadcast_id=broadcast_id,
            delivery_id=delivery_id,
        )
        speech = self.speech(unit, person, lane=lane)
        writer = Writer(self.organisation, speech, person, dialog, run_id, turn.run, broadcast_id, cohort_id, {})
        writer.rehearsal = rehearsal
        writer.write([event for event in turn.events if asks or not isinstance(event, Prompted)])
        return run_id

    def begin_with(self, unit: Unit, person: Person, wizard: Dialog, said: Typed) -> Played | None:
        """Begin a wizard whose first answer was said already: its first question is asked only if that was none."""
        row = unit.runs.get(self.begin(unit, person, wizard, "staff", offer=False, asks=False), person)
        return Played(row, self.reply(unit, person, row, said)) if row is not None else None

    def reply(
        self, unit: Unit, person: Person, row: RunRow, reply: Reply, loaded: Loaded | None = None
    ) -> Sequence[Event]:
        """Play one reply in a run and write its events; return them.

        Give what `load` returned, where it was asked for a moment before.
        """
        if self._relieved(unit, person, row):
            return ()
        if row.broadcast_id is not None:
            person = listening.acted(unit, person)
        dialog, run, context = loaded or self.load(unit, person, row)
        context = self._heard(unit, person, dialog, run, context, reply)
        return self._play(unit, person, row, dialog, run, engine.answer(dialog, run, reply, context), reply=reply)

    def act(self, unit: Unit, person: Person, row: RunRow, action: str) -> Sequence[Event]:
        """Play one of a run's own actions (see `dialogs.replies.Pressed`) at the question where it is."""
        run = Run.restore(row.state, {})
        return self.reply(unit, person, row, Pressed(action, run.position or "", run.prompt, None))

    def _heard(self, unit: Unit, person: Person, dialog: Dialog, run: Run, context: Context, reply: Reply) -> Context:
        """Return what a turn of a wizard may know of the very words that are typed to its question."""
        if dialog.kind != "staff" or not isinstance(reply, Typed):
            return context
        wizard = self.wizards.get(dialog.name)
        path = run.question_of(run.prompt if reply.prompt is None else reply.prompt)
        if wizard is None or path is None:
            return context
        typed = wizard.typed(unit, person, run.answers, path, reply.text)
        return replace(context, facts={**context.facts, **typed}) if typed else context

    def keeps_beside(self, unit: Unit, row: RunRow) -> bool:
        """Return whether asides are kept in this run: not in rehearsals, nor in wizards."""
        return not row.rehearsal and self.dialog(unit, row.dialog_hash).kind != "staff"

    def fits(self, unit: Unit, person: Person, row: RunRow, reply: Typed | Sent) -> bool:
        """Return whether a run would take a reply as an answer; nothing is written."""
        dialog, run, context = self.load(unit, person, row)
        turn = engine.answer(dialog, run, reply, context)
        return not any(isinstance(event, Refused | Passed | Misplaced) for event in turn.events)

    def turn(self, unit: Unit, person: Person, row: RunRow, press: Pressed) -> bool:
        """Show another page of an open question's choices; return False if the question is not open any more."""
        if self._relieved(unit, person, row):
            return True
        dialog, run, context = self.load(unit, person, row)
        if run.status != "open" or (run.position, run.prompt) != (press.path, press.prompt):
            return False
        asked = next(
            (each for each in engine.ask_again(dialog, run, context).events if isinstance(each, Prompted)), None
        )
        if asked is None:
            return False
        speech = self.speech(unit, person)
        writer = Writer(self.organisation, speech, person, dialog, row.id, run, row.broadcast_id, row.cohort_id, {})
        writer.turned = press.choice
        writer.turn(asked, press.prompt)
        return True

    def ask_again(self, unit: Unit, person: Person, row: RunRow, *, lead: str = "", lane: int = 0) -> Sequence[Event]:
        """Say a run's open question again, after the words of `lead`."""
        if self._relieved(unit, person, row):
            return ()
        dialog, run, context = self.load(unit, person, row)
        turn = engine.ask_again(dialog, run, context)
        return self._play(unit, person, row, dialog, run, turn, lead=lead, lane=lane)

    def expire(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Close a run that nobody will go on with."""
        dialog, run, context = self.load(unit, person, row)
        self._play(unit, person, row, dialog, run, engine.expire(dialog, run, context))

    def set_aside(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Stop a run of which nothing was answered, without a word."""
        run = replace(Run.restore(row.state, {}), status="stopped")
        unit.runs.save(row.id, person, run.state(), run.status, run.prompt, ended_at=unit.now)

    def take_up(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Offer a run again that was set aside."""
        state = replace(Run.restore(row.state, {}), status="offered").state()
        self.ask_again(unit, person, replace(row, state=state, status="offered"))

    def pressable(self, loaded: Loaded, path: str) -> Sequence[str]:
        """Return every choice that a button of a question may carry."""
        dialog, run, context = loaded
        return engine.pressable(dialog, run, path, context)

    def offers(self, unit: Unit, person: Person, row: RunRow, action: str) -> bool:
        """Return whether an action is on a button of what is open in a run."""
        return action in engine.offered(*self.load(unit, person, row))

    def takes_words(self, unit: Unit, row: RunRow, prompt: int | None) -> bool:
        """Return whether words may still be added to the answer to this prompt of a completed run; in no wizard."""
        path, dialog = Run.restore(row.state, {}).question_of(prompt or 0), self.dialog(unit, row.dialog_hash)
        return (
            row.status == "completed"
            and dialog.kind != "staff"
            and path is not None
            and types.of(dialog.step(path)).free_text
        )

    def answers(self, unit: Unit, person: Person, row: RunRow) -> dict[str, Answer]:
        """Return a run's answers, rebuilt from their rows, with choices in the person's current language.

        A rehearsal has no rows: its answers are in its state.
        """
        if row.rehearsal:
            return {path: Answer.from_dict(given) for path, given in row.state[REHEARSED].items()}
        language = language_of(person)
        steps = {step.name: step for step in self.dialog(unit, row.dialog_hash).steps}
        written = partial(self.texts.written, language)
        return {
            path: wording.from_store(steps[path], json.loads(text), language, written)
            for path, (_, text) in unit.answers.of(row.id, person).items()
            if path in steps
        }

    def context(
        self, unit: Unit, person: Person, dialog: Dialog, given: Mapping[str, Answer], run_id: UUID | None = None
    ) -> Context:
        """Return everything a turn may know; `run_id` is the run it is in."""
        language = language_of(person)
        zone = self.organisation.zone(unit, person)
        wizard = self.wizards.get(dialog.name) if dialog.kind == "staff" else None
        facts = wizard.facts(unit, person, given) if wizard else {}
        facts |= {
            "language": languages.base(language),
            "name": person.nickname or "",
            "organisation": self.organisation.name(unit),
            "reading_day": self.organisation.next_reading(unit, language) or "",
        }
        facts |= self.last_saved.of(self, unit, person, dialog, run_id)
        return Context(
            now=unit.now,
            zone=zone,
            language=language,
            name=person.nickname,
            facts=facts,
            limits=Limits(),
            lookup=partial(wizard.choices, unit, person, language) if wizard else no_lists,
            written=partial(self.texts.written, language),
        )

    def _relieved(self, unit: Unit, person: Person, row: RunRow) -> bool:
        """End a wizard if the person no longer has its permission, and tell them so; return whether that is so."""
        dialog = self.dialog(unit, row.dialog_hash)
        if dialog.kind != "staff" or row.status in ENDED:
            return False
        wizard = self.wizards.get(dialog.name)
        if wizard is None and not row.rehearsal:  # it was begun before an update that knows it no more
            self.expire(unit, person, row)
            speech = self.speech(unit, person)
            speech.say("misplaced.closed", rows(speech.button("button.menu", targets.HOME)))
            return True
        if wizard is not None and allowed(unit, person, wizard.wizards[dialog.name].permission):
            return False
        self.expire(unit, person, row)
        unit.audit.add(str(person.id), "refused", dialog.name, {})
        speech = self.speech(unit, person)
        speech.say("staff.not_allowed", rows(speech.button("button.menu", targets.HOME)))
        return True

    def load(self, unit: Unit, person: Person, row: RunRow) -> Loaded:
        """Read what a turn in a run needs: its dialog, the run with its answers, and the context."""
        dialog = self.dialog(unit, row.dialog_hash)
        run = Run.restore(row.state, self.answers(unit, person, row))
        return dialog, run, self.context(unit, person, dialog, run.answers, row.id)

    def _play(
        self,
        unit: Unit,
        person: Person,
        row: RunRow,
        dialog: Dialog,
        before: Run,
        turn: engine.Turn,
        *,
        lead: str = "",
        lane: int = 0,
        reply: Reply | None = None,
    ) -> Sequence[Event]:
        speech = self.speech(unit, person, lane=lane)
        writer = Writer(
            self.organisation,
            speech,
            person,
            dialog,
            row.id,
            turn.run,
            row.broadcast_id,
            row.cohort_id,
            before.answers,
            before.prompt,
        )
        if lead:
            writer.lead(lead)
        writer.heard(reply)
        writer.rehearsal = row.state["card"] if row.rehearsal else None
        # What was typed in for others says itself how it ended, and asks nobody to change it.
        writer.write([event for event in turn.events if not (row.typed_in and isinstance(event, Completed))])
        if row.rehearsal and turn.run.status in ENDED | {"postponed"}:
            unit.runs.forget(row.id)
            _rehearsal_over(speech, person, row, turn.run)
            return turn.events
        kept = run_notes.kept(row.state, turn.run.status, replied=reply is not None)
        if row.on_paper == UNSEEN and any(isinstance(event, Answered | Amended | Skipped) for event in turn.events):
            kept = run_notes.agreed(kept)  # who changed it has said how it is
            unit.runs.note_on_paper(row.id, AGREED)
        unit.runs.save(
            row.id,
            person,
            _state(turn.run, writer.rehearsal) | kept,
            turn.run.status,
            turn.run.prompt,
            resume_at=writer.resume_at or run_notes.reminds_at(kept),
            ended_at=unit.now if turn.run.status in ENDED else None,
        )
        return turn.events


def _rehearsal_over(speech: Speech, person: Person, row: RunRow, run: Run) -> None:
    """Say that what was tried is over; what was typed in for others says itself how it ended."""
    if row.typed_in:
        typing_in.over(speech, person, row, run)
    elif run.status != "expired":
        back = speech.button("button.ask_back", targets.ASK_ORDER)
        speech.say("ask.test.over", rows(back, speech.button("button.menu", targets.HOME)))


def rehearsed(unit: Unit, dialog: Dialog) -> str:
    """Save a dialog for its rehearsals; return their version.

    The dialog is the same, saved as a wizard, so that nothing counts or exports it. The answers are only in the run's
    sealed state, and the run is deleted when it ends.
    """
    version = sha256(f"rehearsal {dialog.version}".encode()).hexdigest()
    source = json.dumps(dialog.to_dict(), ensure_ascii=False, sort_keys=True)
    unit.versions.save(version, REHEARSAL, "staff", source, unit.now)
    return version


def _state(run: Run, rehearsal: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the state to store of a run; for a rehearsal with its answers and its purpose card."""
    if rehearsal is None:
        return run.state()
    given = {path: answer.to_dict() for path, answer in run.answers.items()}
    return run.state() | {REHEARSED: given, "card": dict(rehearsal)}
