"""Writes the events of one turn as rows: answers, messages, and keyboards that change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bot import clock
from bot.content import FIRST_DIALOG
from bot.conversation import asides, leaving_out, postponing, refusing
from bot.conversation.discretion import Discretion
from bot.conversation.screen import Pager
from bot.messengers.port import Button, Keyboard
from bot.rendering import keyboards, targets
from bot.rendering.speech import QUIET, Speech, rows
from bot.rendering.texts import shorten
from bot.services import answers_shown, needs, purposes, support, unlooked
from bot.services.locks import offer_lock
from bot.services.notices import Notices
from bot.services.organisation import OrganisationFacts
from bot.services.phones import watched
from bot.services.spoken import hearing, offer_voice, question_voice
from dialogs import events, types, wording
from dialogs.events import Event
from dialogs.model import Dialog, Media, Piece
from dialogs.replies import Pressed, Reply
from dialogs.run import Answer, Run
from storage.asides import Aside
from storage.people import Person

ENDED = frozenset({"completed", "stopped", "expired"})
SILENT = frozenset({"paused", "left", "declined"})  # participation in which no question is sent
REVIEWED = 90  # characters of a question or an answer in a review


@dataclass(slots=True)
class Writer:
    """Writes the events of one turn of one run, in order.

    Attributes:
        organisation: facts from the record.
        speech: the speech to the person.
        person: whose run it is.
        dialog: at the version the run began with.
        run_id: the run.
        run: the run after the turn.
        broadcast_id: the run's broadcast, if any.
        cohort_id: the run's cohort, if any.
        before: the answers before the turn.
        asked: the newest prompt before the turn.
        rehearsal: the purpose card of a rehearsal, whose answers are not written; else None.
        resume_at: when a postponed run is asked again.
        said: the pieces of the reply, if any.
        message: the message they came in.
        turned: a choice on the page to show, of a long list; the first page if None.
    """

    organisation: OrganisationFacts
    speech: Speech
    person: Person
    dialog: Dialog
    run_id: UUID
    run: Run
    broadcast_id: UUID | None
    cohort_id: UUID | None
    before: Mapping[str, Answer]
    asked: int = 0
    rehearsal: Mapping[str, Any] | None = None
    resume_at: datetime | None = None
    said: tuple[Piece, ...] = ()
    message: int | None = None
    turned: str | None = None
    _edited: set[int] = field(default_factory=set)
    _lead: list[str] = field(default_factory=list)
    _told_beside: str = ""
    _unlooked: bool = False
    _more: Sequence[Button] = ()

    def heard(self, reply: Reply | None) -> None:
        """Take the reply that the turn answers."""
        if isinstance(reply, Pressed):
            self.turned = reply.choice
        elif reply is not None:
            self.said, self.message = asides.pieces_of(reply), reply.order

    def lead(self, text: str) -> None:
        """Put words before the next message."""
        self._lead.append(text)

    def write(self, happened: Sequence[Event]) -> None:
        """Write every event."""
        for event in happened:
            self._one(event)
        told = [event for event in happened if not (isinstance(event, events.Answered) and event.prompt == 0)]
        if told and all(isinstance(event, events.Answered) and self._added(event.path) for event in told):
            # Without a run while a question is open: the next words still answer that question.
            over = self.run_id if self.run.status in ENDED else None
            self.speech.send(self._words("run.added"), rows(self._home()), run_id=over)
        if self._lead:
            self.speech.send(self._led(""), rows(*self._support(), self._home()))

    def _added(self, path: str) -> bool:
        """Return whether an answer that nothing follows has to be confirmed, as no keyboard of an open run shows it."""
        return self.run.status in ENDED or not self.dialog.step(path).choices

    def _one(self, event: Event) -> None:
        match event:
            case events.Offered():
                self._offered(event)
            case events.Prompted():
                self._prompted(event)
            case events.Suggested():
                self._near(event)
            case events.Noted(text=text, audio=audio):
                self.speech.recording(audio)
                self.speech.send(text)
            case events.Answered() | events.Collected() | events.Skipped() | events.Amended():
                self._kept(event)
            case events.Toggled(path=path, prompt=prompt, options=options, actions=actions):
                self._edit(prompt, self._keyboard(path, prompt, options, actions))
            case events.Refused() | events.Passed():
                self._unread(event)
            case events.Misplaced(reason=reason):
                self._lead.append(self._words(f"misplaced.{reason}"))
            case events.Resumed():
                self._lead.append(self._words("run.resumed"))
            case events.Explained(why=why):
                self._explained(why)
            case _:
                self._ended(event)

    @property
    def keeps(self) -> bool:
        """Whether asides are kept: not in rehearsals and wizards."""
        return self.rehearsal is None and not self._wizard

    def _beside(self, path: str) -> None:
        """Keep a reply that is no answer to its question as an aside."""
        if self.said and self.keeps:
            asides.save(self.speech.unit, self.person, self.run_id, path, self.said, self.message)
            self._found(path)

    def _found(self, path: str) -> None:
        """Note where the words are kept that raised an alert in this turn."""
        if self.speech.unit.alert is not None:
            Notices(self.organisation).answered(self.speech.unit, self.run_id, path)

    def _refusal(self, event: events.Refused) -> str:
        """Return why a reply did not fit; for other media, what is needed instead."""
        step, code, facts = self.dialog.step(event.path), event.code, dict(event.facts)
        if code == "not_text" and (needed := types.refusal_of_sent(step)) is not None:
            code, facts = needed.code, dict(needed.facts)
        passable = bool(step.choices) and not (step.required or self._wizard or self.run.draft)
        return self.speech.texts.refusal(
            code, self.speech.language, facts, event.misses, passable=passable, wizard=self._wizard
        )

    def _unread(self, event: events.Refused | events.Passed) -> None:
        """Keep a reply that is no answer beside its question, and say so before what comes next, or why it is none."""
        self._beside(event.path)
        if isinstance(event, events.Refused):
            self._lead.append(self._refusal(event))
            if self.keeps and asides.telling(self.said):
                self._lead[-1] += " " + self._words("aside.kept")
                self._say_unlooked()
            return
        self._told_beside = event.path
        if self.keeps:
            needs.ask_about(self.speech, self.run_id, event.path, self.said)  # before what comes next, never over it
            kinds = [piece.kind for piece in self.said if isinstance(piece, Media)]
            self._lead.append(self._words(f"aside.passed.{kinds[0]}" if kinds else "aside.passed"))
            self._say_unlooked()

    def _say_unlooked(self) -> None:
        """Say who hears, sees or reads what was kept and no program looks at; of words, once a run."""
        if not self.said or not self.keeps or self._unlooked:
            return
        told = unlooked.of_media(self.organisation, self.speech, self.said)
        if not told and not unlooked.listed(self.organisation, self.speech.unit, self.person):
            again = any(types.of(step).open_ended and step.name in self.before for step in self.dialog.steps)
            told = "" if again else unlooked.of_words(self.organisation, self.speech, self.person)
        if told:
            self._unlooked = True
            self._lead.append(told)

    def _support(self) -> list[Button]:
        """Return the button to where to turn, where it was said that it is there for what cannot wait."""
        return [self.speech.button("button.support", targets.SUPPORT)] if self._unlooked else []

    def _words(self, code: str, **facts: object) -> str:
        return self.speech.words(code, **facts)

    def _led(self, text: str) -> str:
        lead, self._lead = self._lead, []
        return "\n\n".join((*lead, text)) if text else "\n\n".join(lead)

    def _home(self) -> Button:
        return self.speech.button("button.menu", targets.HOME)

    def _press(self, code: str, action: str, path: str = "", prompt: int | None = None) -> Button:
        number = self.run.prompt if prompt is None else prompt
        sent = self.speech.buttons.run(self.run_id, number, action, path)
        return Button(self._words(code), sent, quiet=code in QUIET)

    def _offered(self, event: events.Offered) -> None:
        name = self.person.nickname
        greeting = self._words("offer.hello.named", name=name) if name else self._words("offer.hello")
        minutes = self.speech.texts.count("offer.minutes", self.speech.language, event.minutes)
        questions = self.speech.texts.count("offer.questions", self.speech.language, event.questions)
        keyboard: Keyboard = (
            (self._press("button.start", "start"), self._press("button.later", "later")),
            *leaving_out.beside(self._press("button.why", "why"), self.speech, self.broadcast_id),
        )
        heard = "" if self._wizard else offer_voice(self.organisation, self.speech, self.dialog)
        self.speech.recording(heard)
        text, hear = self._led(f"{greeting} {minutes} {questions}"), hearing(self.speech, heard)
        self._question(text, keyboards.beside(keyboard, hear), self.run.prompt)

    def _voice(self, path: str) -> str:
        """Return the recording of a question; empty without one, or in a wizard."""
        return "" if self._wizard else question_voice(self.organisation, self.speech, self.dialog.step(path))

    def _prompted(self, event: events.Prompted) -> None:
        lines = [event.text]
        if self.dialog.kind != "staff":
            numbers = self._words("prompt.number", number=event.number, total=event.total)
            lines = [f"{numbers} · {event.text}"]
        if types.of(self.dialog.step(event.path)).multiple:
            lines.append(self._words("prompt.several"))
        if event.hint:
            lines.append(event.hint)
        if event.proposed:
            lines.append(self._words("prompt.proposed", answer=event.proposed))
        elif event.previous and not self._discretion.hides(event.path):
            lines.append(self._words("prompt.previous", answer=event.previous))
        keyboard = self._choices(event, event.prompt)
        if self.keeps and event.previous is None and (aside := self._offered_aside(event)) is not None:
            if not self._discretion.hides(aside.path):
                lines.append(self._words("prompt.aside", words=shorten(asides.quoted(self.speech, aside), REVIEWED)))
            button = self.speech.button("button.use_aside", targets.ASIDE, asides.AsideAt(aside.seq, event.prompt))
            keyboard = ((button,), *keyboard)
        self.speech.recording(self._voice(event.path))
        self._question(self._led("\n\n".join(lines)), keyboard, event.prompt)

    def _offered_aside(self, event: events.Prompted) -> Aside | None:
        return asides.to_offer(self.speech.unit, self.person, self.run_id, event.path, event.type)

    def turn(self, event: events.Prompted, prompt: int) -> None:
        """Show another page of the choices of a question that was asked with `prompt`."""
        self._edit(prompt, self._choices(event, prompt))

    def _choices(self, event: events.Prompted, prompt: int) -> Keyboard:
        keep = "button.keep" if event.proposed or event.previous else "button.done"
        options = event.options
        if (
            event.previous
            and self._discretion.hides(event.path)
            and not types.of(self.dialog.step(event.path)).multiple
        ):
            options = tuple(replace(each, chosen=False) for each in options)
        return self._keyboard(event.path, prompt, options, event.actions, keep)

    def _near(self, event: events.Suggested) -> None:
        self._beside(event.path)  # the reply may have held more than what was understood
        keyboard = (
            tuple(self._press(f"button.{action}", action, event.path, event.prompt) for action in event.actions),
        )
        self._question(self._led(self._words("prompt.near", answer=event.label)), keyboard, event.prompt)

    def _question(self, text: str, keyboard: Keyboard, prompt: int) -> None:
        if prompt > self.asked and self.asked not in self._edited:
            # Only the newest keyboard counts, so the one before it is removed first.
            self._edit(self.asked, ())
        keyboard = (*keyboard, *rows(*(self._more if len(keyboard) < keyboards.ROWS else ()), *self._support()))
        self.speech.send(text, keyboard, run_id=self.run_id, prompt=prompt, repeatable=True, protect=True)

    def _keyboard(
        self,
        path: str,
        prompt: int,
        options: Sequence[events.Option],
        actions: Sequence[str],
        keep: str = "button.done",
    ) -> Keyboard:
        make = self.speech.buttons
        choices = [
            Button(label, make.run(self.run_id, prompt, "choose", path, option.name))
            for option, label in zip(options, keyboards.labels(options, self.dialog.step(path).type), strict=True)
        ]
        done = [self._press(keep, "done", path, prompt)] if "done" in actions else []
        # To stop for good stands behind "later"; a wizard is put off by leaving it.
        passed_over, stop = {"done", "later" if self._wizard else "stop"}, {"stop": "button.stop.wizard"}
        named = [(stop.get(action, f"button.{action}"), action) for action in actions if action not in passed_over]
        ways = [self._press(code, action, path, prompt) for code, action in named]
        room = keyboards.room(choices, done, ways)
        hear = hearing(self.speech, self._voice(path)) if ways else []
        if room == len(choices):
            return keyboards.beside(keyboards.prompt(choices, done, ways), hear)
        names = [option.name for option in options]
        pager = Pager.of(len(names), room, names.index(self.turned) // room if self.turned in names else 0)

        def turn(code: str, page: int) -> Button:
            """Return the button to the page that begins with an option."""
            return Button(self._words(code), make.run(self.run_id, prompt, "page", path, names[page * room]))

        turned = [button for row in pager.turns(turn) for button in row]
        return keyboards.beside(keyboards.prompt(pager.cut(choices), done, ways, turned), hear)

    @property
    def _discretion(self) -> Discretion:
        return Discretion(self.speech.unit, self.person, self.dialog, self.run_id, self.run, rehearsal=not self.keeps)

    def _edit(self, prompt: int, keyboard: Keyboard) -> None:
        self._edited.add(prompt)
        if (found := self.speech.unit.outbox.message_of(self.run_id, prompt)) is not None:
            self.speech.edit(found[0], keyboard)

    def _kept(self, event: events.Answered | events.Collected | events.Skipped | events.Amended) -> None:
        answer = Answer(None, "") if isinstance(event, events.Skipped) else Answer(event.value, event.label)
        # An answer equal to the newest revision is no new one: Collected pieces come again as Answered.
        if self.rehearsal is None and self.before.get(event.path) != answer:
            unit = self.speech.unit
            kept = wording.to_store(self.dialog.step(event.path), answer, self.speech.language)
            body = json.dumps(kept, ensure_ascii=False)
            unit.answers.add(clock.new_id(), self.run_id, event.path, self.person, body, unit.now)
            if self.dialog.kind != "staff" and types.of(self.dialog.step(event.path)).open_ended:
                self._found(event.path)
                self._say_unlooked()
            if event.path == support.NEED and self.dialog.kind != "staff":
                needs.answered(self.organisation, self.speech, self.cohort_id, self.run_id, answer.value)
        match event:
            case events.Collected():
                self._collected(event)
            case events.Amended():
                self._lead.append(self._words("run.amended"))
            case _ if event.prompt:
                self._edit(event.prompt, self._chosen(event, answer))
                if event.path == "phone" and self.dialog.name == FIRST_DIALOG:
                    offer_lock(self.speech, answer.value)  # before the next question, so that it is never over one
            case _:
                pass  # a calculation: written, with nothing to show

    def _collected(self, event: events.Collected) -> None:
        if isinstance(event.value, tuple) and len(event.value) == 1:
            self._edit(event.prompt, ())
            self.speech.unit.outbox.answered(self.run_id, event.prompt)
        keyboard = (
            (self._press("button.all", "done", event.path, event.prompt),),
            (self._press("button.later", "later", event.path, event.prompt),),
        )
        self._question(self._led(self._words("run.collected")), keyboard, event.prompt)

    def _chosen(self, event: events.Answered | events.Skipped, answer: Answer) -> Keyboard:
        """Return the keyboard after a press: what was chosen, and the button to change it."""
        if self.dialog.kind == "staff":
            return ()
        step = self.dialog.step(event.path)
        change = self._press("button.change", "change", event.path, event.prompt)
        if isinstance(event, events.Skipped):
            shown = self._words("chosen.beside" if event.path == self._told_beside else "chosen.skipped")
        elif self._discretion.quiet_about(event.path):
            shown = self._words("chosen.discreet")
        elif not step.choices:
            return ((change,),)
        else:
            shown = "✓ " + answer.label
        return ((Button(shown, change.id), change),)

    def _explained(self, why: str) -> None:
        broadcast = self.speech.unit.broadcasts.get(self.broadcast_id) if self.broadcast_id is not None else None
        card = broadcast.purpose if broadcast else self.rehearsal
        lines = [*(purposes.lines(self.speech, card) if card else ()), why]
        readers = self.organisation.readers_line(self.speech, self.cohort_id)
        self._lead.append("\n".join((*lines, readers)) if readers else "\n".join(lines))
        self._more = refusing.ways(self.speech, self.broadcast_id, self.run_id, self.run)

    def _ended(self, event: Event) -> None:
        match event:
            case events.Postponed(until=until):
                wished = until if self._wizard else None
                self.resume_at, told = postponing.put_off(self.organisation, self.speech, self.person, wished)
                others = [] if self._wizard else postponing.buttons(self.speech, self.run_id, self.run)
                others += refusing.ways(self.speech, self.broadcast_id, self.run_id, self.run)
                self._left(told, *others)
            case events.Stopped():
                support = self.speech.button("button.support", targets.SUPPORT)
                self._left(self._words("run.stopped.wizard" if self._wizard else "run.stopped"), support)
            case events.Completed() if not self._wizard:
                self._completed(event)
            case events.Reviewed():
                self._reviewed(event)
            case events.Finished():
                self.speech.send(self._words("review.finished"), rows(self._home()), run_id=self.run_id)
            case events.Expired() | events.Completed():
                pass
            case _:
                raise AssertionError(f"an event nobody writes: {type(event).__name__}")

    @property
    def _wizard(self) -> bool:
        """Whether the run is a wizard of the team."""
        return self.dialog.kind == "staff"

    def _left(self, text: str, *further: Button) -> None:
        """Say that a run was left, with the button back to it."""
        further = (self._home(),) if self._wizard else further
        self.speech.send(text, rows(self._press("button.resume", "resume"), *further), run_id=self.run_id)

    def _completed(self, event: events.Completed) -> None:
        text = self._words("run.changed")
        if not event.changed:
            left = event.answered < event.total and self.keeps
            beside = asides.counted(self.speech, self.person, self.run_id, self.run.answers) if left else ""
            nothing = not (event.answered or beside)
            code = "run.completed.nothing" if nothing else "run.completed"
            text = self._words(code, answered=event.answered, total=event.total) + beside
            if not nothing and (day := self.organisation.next_reading(self.speech.unit, self.speech.language)):
                text += " " + self._words("run.read_on", day=day)
        review = [self._press("button.review", "review")] if event.answered else []
        need = self.run.answers.get(support.NEED)
        asks = need is not None and need.value in support.KINDS and self.rehearsal is None
        reach = [self.speech.button(f"button.reach{'.watched' * watched(self.person)}", targets.REACH)] if asks else []
        keyboard = rows(*reach, *review, self.speech.button("button.support", targets.SUPPORT), self._home())
        self.speech.send(self._led(text), keyboard, run_id=self.run_id)

    def _reviewed(self, event: events.Reviewed) -> None:
        """Send every answer in one message, with a numbered button to change each; where others may see, ask first."""
        if self._discretion.watched_phone and not answers_shown.open_now(self.speech.unit, self.person):
            self.speech.send(self._led(self._words("shown.ask")), self._ask_first(event), run_id=self.run_id)
            return
        lines, changes = [self._words("review.heading")], []
        for place, item in enumerate(event.items, 1):
            hidden = item.discreet or self._discretion.raised(item.path)
            said = self._words("chosen.discreet") if hidden else self.speech.described(item.value, item.label)
            lines.append(f"{place} · {shorten(item.text, REVIEWED)}\n→ {shorten(said, REVIEWED)}")
            button = self._press("button.change", "change", item.path)
            changes.append(Button(self._words("button.change_number", number=place), button.id))
        finish = [self._press("button.finish", "finish")] if "finish" in event.actions else []
        keyboard = tuple(tuple(changes[start : start + 3]) for start in range(0, len(changes), 3)) + rows(*finish)
        self.speech.send(self._led("\n\n".join(lines)), keyboard, run_id=self.run_id, protect=True)

    def _ask_first(self, event: events.Reviewed) -> Keyboard:
        """Return the buttons of the question whether earlier answers are to be shown: a yes leads to this run's."""
        yes = self.speech.button("button.answers_yes", targets.MINE, answers_shown.yes_to_run(self.run_id))
        finish = [self._press("button.answers_no", "finish")] if "finish" in event.actions else []
        return rows(yes, *(finish or [self.speech.button("button.answers_no", targets.HOME)]))
