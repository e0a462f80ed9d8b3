"""Engine events become rows and outbox bodies. This is the only place that writes what a turn tells."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bot import clock
from bot.content import Content
from bot.messenger import Button, Keyboard
from bot.organisation import Organisation
from bot.permissions import cohorts_of
from bot.speech import Speech, pairs, rows
from bot.texts import Texts
from dialogs import engine, events, languages
from dialogs.context import Context, Limits, Lookup, no_lists
from dialogs.events import Event, Option
from dialogs.model import Choice, Dialog, Value
from dialogs.replies import Reply
from dialogs.run import Answer, Run
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

SHORT_LABEL = 3  # labels this short share a row
DISCREET_PHONES = frozenset({"shared", "checked", "unsaid"})
ENDED = frozenset({"completed", "stopped", "expired"})


class Turns:
    """Plays turns of the engine inside a unit and writes what they tell."""

    def __init__(self, texts: Texts, content: Content) -> None:
        """Keep the catalogs and dialogs; dialog versions are cached by their hash."""
        self.texts = texts
        self.content = content
        self.organisation = Organisation()
        self._versions: dict[str, Dialog] = {}

    def speech(self, unit: Unit, person: Person, *, lane: int = 0) -> Speech:
        """Return the voice for a person at the address she is at."""
        language = person.language or "es"
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
    ) -> UUID:
        """Open a run for a person and say its beginning; returns the run's id."""
        keep(unit, dialog)
        run_id = clock.new_id()
        context = self.context(unit, person, run_id, dialog, {})
        turn = engine.begin(dialog, context, offer=offer)
        unit.runs.create(
            run_id,
            person,
            dialog.version,
            started_by,
            turn.run.state(),
            turn.run.status,
            context.language,
            prompt=turn.run.prompt,
            cohort_id=cohort_id,
            broadcast_id=broadcast_id,
            delivery_id=delivery_id,
        )
        speech = self.speech(unit, person, lane=lane)
        _Writer(self, speech, person, dialog, run_id, turn.run, broadcast_id, cohort_id, {}).write(turn.events)
        return run_id

    def reply(self, unit: Unit, person: Person, row: RunRow, reply: Reply) -> Sequence[Event]:
        """Play one reply in a run and write what it tells; returns the events."""
        dialog, run, context = self._load(unit, person, row)
        return self._play(unit, person, row, dialog, run, engine.answer(dialog, run, reply, context))

    def again(self, unit: Unit, person: Person, row: RunRow) -> Sequence[Event]:
        """Say a run's open question again."""
        dialog, run, context = self._load(unit, person, row)
        return self._play(unit, person, row, dialog, run, engine.again(dialog, run, context))

    def expire(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Close a run that nobody will go on with."""
        dialog, run, context = self._load(unit, person, row)
        self._play(unit, person, row, dialog, run, engine.expire(dialog, run, context))

    def takes_words(self, unit: Unit, row: RunRow, prompt: int | None) -> bool:
        """Tell whether words may still be added to what a run that is over asked with this prompt."""
        path = Run.restore(row.state, {}).question_of(prompt or 0)
        return (
            row.status == "completed"
            and path is not None
            and self.dialog(unit, row.dialog_hash).step(path).type == "text"
        )

    def answers(self, unit: Unit, person: Person, row: RunRow) -> dict[str, Answer]:
        """Return a run's answers, rebuilt from their rows."""
        return {path: Answer.from_dict(json.loads(text)) for path, (_, text) in unit.answers.of(row.id, person).items()}

    def context(self, unit: Unit, person: Person, run_id: UUID, dialog: Dialog, given: Mapping[str, Answer]) -> Context:
        """Gather what a turn may know."""
        language = person.language or "es"
        zone = self.organisation.zone(unit, person)
        facts = self.wizard_facts(unit, person, given) if dialog.kind == "staff" else {}
        facts |= {
            "language": languages.base(language),
            "name": person.nickname or "",
            "organisation": self.organisation.name(unit),
            "reading_day": self.organisation.next_reading(unit, language) or "",
        }
        preferences = person.preferences
        return Context(
            now=unit.now,
            zone=zone,
            language=language,
            name=person.nickname,
            gender=preferences.get("gender"),
            facts=facts,
            seed=run_id.int & 0xFFFFFFFF,
            limits=Limits(),
            lookup=self.lookup(unit, person, language, dialog),
        )

    def wizard_facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Return what the team's wizard says before an order is given."""
        cohort = given.get("cohort")
        reached = len(unit.memberships.active(UUID(str(cohort.value)))) if cohort and cohort.value else 0
        chosen = given.get("dialog")
        return {
            "people": self.texts.number(reached, person.language or "es"),
            "cohort_label": cohort.label if cohort else "",
            "dialog_label": chosen.label if chosen else "",
        }

    def lookup(self, unit: Unit, person: Person, language: str, dialog: Dialog) -> Lookup:
        """Return the lists a step may choose from; only the team's own dialogs have any."""
        return Lists(self, unit, person, language) if dialog.kind == "staff" else no_lists

    def _load(self, unit: Unit, person: Person, row: RunRow) -> tuple[Dialog, Run, Context]:
        dialog = self.dialog(unit, row.dialog_hash)
        run = Run.restore(row.state, self.answers(unit, person, row))
        return dialog, run, self.context(unit, person, row.id, dialog, run.answers)

    def _play(
        self, unit: Unit, person: Person, row: RunRow, dialog: Dialog, before: Run, turn: engine.Turn
    ) -> Sequence[Event]:
        speech = self.speech(unit, person)
        writer = _Writer(
            self, speech, person, dialog, row.id, turn.run, row.broadcast_id, row.cohort_id, before.answers
        )
        writer.write(turn.events)
        unit.runs.save(
            row.id,
            person,
            turn.run.state(),
            turn.run.status,
            turn.run.prompt,
            resume_at=writer.resume_at,
            ended_at=unit.now if turn.run.status in ENDED else None,
        )
        return turn.events


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists the team's wizards choose from."""

    turns: Turns
    unit: Unit
    person: Person
    language: str

    def __call__(self, name: str, answers: Mapping[str, Value | None]) -> Sequence[Choice]:  # noqa: ARG002  a list may depend on answers; these do not
        """Return the choices of a list; raises LookupError for one that does not exist."""
        if name == "dialogs":
            return [Choice(dialog.name, dialog.title) for dialog in self.turns.content.all()]
        if name == "cohorts":
            return [
                Choice(str(cohort.id), {self.language: cohort.name}) for cohort in cohorts_of(self.unit, self.person)
            ]
        raise LookupError(f"no list {name}")


def refusal(speech: Speech, code: str, facts: Mapping[str, str]) -> str:
    """Return why a reply did not fit: the author's own words where there are any."""
    if facts.get("message"):
        return facts["message"]
    if facts.get("near"):
        return speech.words("refused.not_a_choice.near", **facts)
    return speech.words(f"refused.{code}", **facts)


def keep(unit: Unit, dialog: Dialog) -> None:
    """Keep a dialog's present version, so that runs begun with it can be finished with it."""
    source = json.dumps(dialog.to_dict(), ensure_ascii=False, sort_keys=True)
    unit.versions.keep(dialog.version, dialog.name, dialog.kind, source, unit.now)


@dataclass(slots=True)
class _Writer:
    """Writes the events of one turn, in order."""

    turns: Turns
    speech: Speech
    person: Person
    dialog: Dialog
    run_id: UUID
    run: Run
    broadcast_id: UUID | None
    cohort_id: UUID | None
    before: Mapping[str, Answer]
    resume_at: datetime | None = None
    lead: list[str] = field(default_factory=list)

    def write(self, happened: Sequence[Event]) -> None:
        for event in happened:
            self.one(event)
        if self.run.status in ENDED and happened and all(isinstance(event, events.Answered) for event in happened):
            self.speech.send(self.words("run.added"), run_id=self.run_id)
        if self.lead:
            self.speech.send(self._led(""), rows(self._home()))

    def one(self, event: Event) -> None:
        match event:
            case events.Offered():
                self.offered(event)
            case events.Prompted():
                self.prompted(event)
            case events.Noted(text=text):
                self.speech.send(text)
            case events.Answered() | events.Collected() | events.Skipped():
                self.kept(event)
            case events.Toggled(path=path, prompt=prompt, options=options, actions=actions):
                self.edit(prompt, self.keyboard(path, prompt, options, actions, numbered=False))
            case events.Refused(code=code, facts=facts):
                self.lead.append(refusal(self.speech, code, facts))
            case events.Misplaced(reason=reason):
                self.lead.append(self.words(f"misplaced.{reason}"))
            case events.Resumed():
                self.lead.append(self.words("run.resumed"))
            case events.Explained(why=why):
                self.explained(why)
            case _:
                self.ended(event)

    def words(self, code: str, **facts: object) -> str:
        return self.speech.words(code, **facts)

    def _led(self, text: str) -> str:
        lead, self.lead = self.lead, []
        return "\n\n".join((*lead, text)) if text else "\n\n".join(lead)

    def _home(self) -> Button:
        return self.speech.button("button.menu", "home")

    def press(self, code: str, action: str, path: str = "", prompt: int | None = None) -> Button:
        number = self.run.prompt if prompt is None else prompt
        return Button(self.words(code), self.speech.buttons.run(self.run_id, number, action, path))

    def offered(self, event: events.Offered) -> None:
        name = self.person.nickname
        greeting = self.words("offer.hello.named", name=name) if name else self.words("offer.hello")
        minutes = self.speech.texts.count("offer.minutes", self.speech.language, event.minutes)
        questions = self.speech.texts.count("offer.questions", self.speech.language, event.questions)
        keyboard = (
            (self.press("button.start", "start"), self.press("button.later", "later")),
            (self.press("button.why", "why"),),
        )
        text = self._led(f"{greeting} {minutes} {questions}")
        self.question(text, keyboard, self.run.prompt)

    def prompted(self, event: events.Prompted) -> None:
        lines = [event.text]
        if self.dialog.kind != "staff":
            numbers = self.words("prompt.number", number=event.number, total=event.total)
            lines = [f"{numbers} · {event.text}"]
        if event.hint:
            lines.append(event.hint)
        if event.previous and not self.shared_phone:
            lines.append(self.words("prompt.previous", answer=event.previous))
        scale = event.type == "range"
        keyboard = self.keyboard(event.path, event.prompt, event.options, event.actions, numbered=scale)
        self.question(self._led("\n\n".join(lines)), keyboard, event.prompt)

    def question(self, text: str, keyboard: Keyboard, prompt: int) -> None:
        self.speech.send(text, keyboard, run_id=self.run_id, prompt=prompt, repeatable=True, protect=True)

    def keyboard(
        self, path: str, prompt: int, options: Sequence[Option], actions: Sequence[str], *, numbered: bool
    ) -> Keyboard:
        """Digits first (on a scale the number itself); long labels a row each; ways on, to wait and out below."""
        make = self.speech.buttons
        choices = []
        for place, option in enumerate(options, 1):
            tick = "✓ " if option.chosen else ""
            identity = make.run(self.run_id, prompt, "choose", path, option.name)
            digit = option.name if numbered else str(place)
            label = option.label if option.label == digit else f"{digit} · {option.label}"
            choices.append(Button(tick + label, identity))
        compact = bool(options) and all(len(option.label) <= SHORT_LABEL for option in options)
        ways = [self.press(f"button.{action}", action, path, prompt) for action in actions if action != "done"]
        done = [self.press("button.done", "done", path, prompt)] if "done" in actions else []
        return ((tuple(choices),) if compact else rows(*choices)) + rows(*done) + pairs(ways)

    @property
    def shared_phone(self) -> bool:
        told = self.run.answers.get("phone") if self.dialog.name == "welcome" else None
        return (told.value if told else self.person.preferences.get("phone")) in DISCREET_PHONES

    def edit(self, prompt: int, keyboard: Keyboard) -> None:
        found = self.speech.unit.outbox.message_of(self.run_id, prompt)
        if found is not None:
            self.speech.edit(found[0], keyboard)

    def kept(self, event: events.Answered | events.Collected | events.Skipped) -> None:
        answer = Answer(None, "") if isinstance(event, events.Skipped) else Answer(event.value, event.label)
        # What is already the newest revision is not a new one: pieces Collected come once more as Answered.
        if self.before.get(event.path) != answer:
            unit = self.speech.unit
            body = json.dumps(answer.to_dict(), ensure_ascii=False)
            unit.answers.add(clock.new_id(), self.run_id, event.path, self.person, body, unit.now)
        if isinstance(event, events.Collected):
            self.collected(event)
        else:
            self.edit(event.prompt, self.chosen(event, answer.label))

    def collected(self, event: events.Collected) -> None:
        if isinstance(event.value, tuple) and len(event.value) == 1:
            self.edit(event.prompt, ())
        keyboard = (
            (self.press("button.all", "done", event.path, event.prompt),),
            (self.press("button.later", "later", event.path, event.prompt),),
        )
        self.question(self.words("run.collected"), keyboard, event.prompt)

    def chosen(self, event: events.Answered | events.Skipped, label: str) -> Keyboard:
        """The pressed keyboard: what was chosen, and the way to change it."""
        if self.dialog.kind == "staff":
            return ()
        change = self.press("button.change", "change", event.path, event.prompt)
        if isinstance(event, events.Skipped):
            shown = self.words("chosen.skipped")
        elif self.shared_phone:
            shown = self.words("chosen.discreet")
        else:
            step = self.dialog.step(event.path)
            if not step.choices:
                return ((change,),)
            shown = "✓ " + label
        return ((Button(shown, change.id), change),)

    def explained(self, why: str) -> None:
        lines = [why]
        if self.broadcast_id is not None:
            broadcast = self.speech.unit.broadcasts.get(self.broadcast_id)
            if broadcast is not None:
                lines.insert(0, self.words("why.purpose", purpose=broadcast.purpose["why"]))
        readers = self.turns.organisation.readers_line(self.speech, self.cohort_id)
        self.lead.append("\n".join((*lines, readers)) if readers else "\n".join(lines))

    def ended(self, event: Event) -> None:
        support = self.speech.button("button.support", "support")
        match event:
            case events.Postponed(until=until):
                self.resume_at = until
                zone = self.turns.organisation.zone(self.speech.unit, self.person)
                hour = self.speech.texts.hour(until, zone, self.speech.language)
                text = self.words("run.postponed", hour=hour)
                self.speech.send(text, rows(self.press("button.resume", "resume")), run_id=self.run_id)
            case events.Stopped():
                resume = self.press("button.resume", "resume")
                self.speech.send(self.words("run.stopped"), rows(resume, support), run_id=self.run_id)
            case events.Completed(answered=answered, total=total):
                if self.dialog.kind != "staff":
                    self.completed(answered, total)
            case events.Expired():
                pass
            case _:
                raise AssertionError(f"an event nobody writes: {type(event).__name__}")

    def completed(self, answered: int, total: int) -> None:
        text = self.words("run.completed", answered=answered, total=total)
        day = self.turns.organisation.next_reading(self.speech.unit, self.speech.language)
        if day:
            text += " " + self.words("run.read_on", day=day)
        keyboard = rows(self.speech.button("button.support", "support"), self._home())
        self.speech.send(self._led(text), keyboard, run_id=self.run_id)
