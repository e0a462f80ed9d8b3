"""The working state of one turn: the run, the events so far, and what changes and words them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from dialogs import types
from dialogs.context import Context
from dialogs.events import (
    Action,
    Amended,
    Answered,
    Collected,
    Completed,
    Event,
    Misplaced,
    Noted,
    Offered,
    Option,
    Prompted,
    Reason,
    Reviewed,
    ReviewItem,
    Skipped,
    Suggested,
)
from dialogs.machine import START, steps_after
from dialogs.model import Choice, Dialog, Media, Piece, Step, Text, Value
from dialogs.operands import Operand, as_text
from dialogs.relevance import Relevance, operand, plan_of, readable_facts, relevance_of
from dialogs.replies import Refusal
from dialogs.run import Answer, AnswerSource, Run, Status
from dialogs.types import ChoiceSource, guessed, proposed
from dialogs.wording import choose, fill, plain_value, recorded

Kept: TypeAlias = Answered | Collected | Skipped | Amended
"""Events that store an answer."""


class TurnState:
    """The working state of one turn. `run` is replaced as things happen; `events` records them in order."""

    def __init__(self, dialog: Dialog, run: Run, context: Context) -> None:
        self.dialog = dialog
        self.plan = plan_of(dialog)
        self.context = context
        self.run = run
        self.events: list[Event] = []
        self._relevance: Relevance | None = None
        self._lists: dict[str, tuple[Choice, ...]] = {}

    # what is known

    @property
    def relevance(self) -> Relevance:
        """What is relevant to the person now, computed again only after a new answer."""
        if self._relevance is None:
            self._relevance = relevance_of(self.plan, self.run.answers, self.context)
        return self._relevance

    @property
    def step(self) -> Step:
        """The open question."""
        return self.plan.step(self.run.position)

    def answered(self, path: str) -> Answer | None:
        """Return the answer to a question; None if there is none or it was skipped."""
        found = self.run.answers.get(path)
        return found if found is not None and found.value is not None else None

    def counts(self) -> tuple[int, int]:
        """Count the questions that have an answer, and all that are relevant or may become so."""
        expected = self.relevance.expected
        return sum(self.answered(path) is not None for path in expected), len(expected)

    def change(self, **fields: Any) -> None:
        """Replace fields of the run."""
        self.run = replace(self.run, **fields)

    def keep(self, event: Kept, *sources: AnswerSource) -> None:
        """Add an answer with its event, and compute again what is relevant and what is calculated.

        `sources` replace all that was known of where the answer came from.
        """
        before = self.relevance.scope.values if self.plan.calculations else {}
        answer = Answer(None, "") if isinstance(event, Skipped) else Answer(event.value, event.label)
        known = self.run.sources
        if known or sources:
            known = (*(each for each in known if each.path != event.path), *sources)
        self.events.append(event)
        self._put(event.path, answer, sources=known)
        self.calculate(before)

    def _put(self, path: str, answer: Answer, **fields: Any) -> None:
        self.change(answers={**self.run.answers, path: answer}, **fields)
        self._relevance = None
        self._lists.clear()

    def calculate(self, before: Mapping[str, Operand]) -> None:
        """Compute each calculation that was not computed yet, or reads something else than `before`."""
        for path, expression in self.plan.calculations.items():
            given, values = self.run.answers.get(path), self.relevance.scope.values
            if path not in self.relevance.relevant:
                continue
            if given and all(before.get(name, "") == values.get(name, "") for name in expression.references):
                continue
            result = expression.value(self.relevance.scope)
            # An unanswered question gives no number: NaN is stored as an empty text.
            words = as_text(result) if result == result else ""  # noqa: PLR0124  NaN alone differs from itself
            if given is None or given.value != words:
                self.events.append(Answered(path, 0, words, words, changed=given is not None))
                self._put(path, Answer(words, words))

    def unfit(self, step: Step, value: Value) -> Refusal | None:
        """Return why an answer of the right type does not fit its constraint, or None if it fits."""
        condition = self.plan.constraint[self.plan.places[step.name]]
        if condition is None:
            return None
        scope = self.relevance.scope
        own = operand(value)
        if condition.holds(replace(scope, own=own, values={**scope.values, step.name: own})):
            return None
        return Refusal("constraint", {"message": self.words(step.constraint_message)})

    @property
    def open_to_change(self) -> bool:
        """Whether a completed run can still be reviewed and changed."""
        ended = self.run.completed_at
        return ended is not None and self.context.now - ended <= self.context.limits.amends

    # what is said

    def words(self, text: Text) -> str:
        """Return the words in the person's language with their blanks filled."""
        chosen = choose(text, self.context.language)
        if "${" not in chosen:
            return chosen
        labels = {path: given.label for path, given in self.run.answers.items()}
        return fill(chosen, {**readable_facts(self.context), **labels})

    def choices(self, step: Step) -> tuple[Choice, ...]:
        """Return the choices a question offers: its own, or those of its named list, looked up once a turn."""
        if not step.choices_from:
            return self._suggested(step) or self.plan.choices[self.plan.places[step.name]]
        found = self._lists.get(step.name)
        if found is None:
            given = {path: each.value for path, each in self.run.answers.items()}
            found = self._lists[step.name] = tuple(self.context.lookup(step.choices_from, given))
        return found

    def _suggested(self, step: Step) -> tuple[Choice, ...]:
        """Return the choices that a type makes at this moment, as far as they fit the constraint."""
        kind = types.of(step)
        if kind.suggest is None:
            return ()
        found = kind.suggest(step, self.context)
        return tuple(choice for choice in found if not self.unfit(step, kind.value(choice.name)))

    def offers(self, step: Step, name: str) -> bool:
        """Return whether a press may choose this: it is on offer, or was when the question was asked."""
        if any(choice.name == name for choice in self.choices(step)):
            return True
        return types.of(step).suggest is not None and proposed(step, (), name) is not None

    def proposal(self, step: Step) -> Value | None:
        """Return a question's default answer, if it has one that fits and is not answered yet."""
        if not step.default or self.answered(step.name):
            return None
        dynamic = self.plan.defaults.get(step.name)
        words = as_text(dynamic.value(self.relevance.scope)) if dynamic else step.default
        return proposed(step, self.choices(step), words)

    def options(self, step: Step) -> tuple[Option, ...]:
        """Return the choices in the person's language, with those picked already marked."""
        given = self.run.answers.get(step.name)
        value = given.value if given else self.proposal(step)
        picked = self.run.draft if types.of(step).multiple else (plain_value(value),)
        return tuple(
            Option(choice.name, self.words(choice.label) or choice.name, choice.name in picked)
            for choice in self.choices(step)
        )

    def label(self, step: Step, value: Value) -> str:
        """Return the words of an answer as the person saw or wrote them."""
        kind = types.of(step)
        if kind.label is not None:
            return kind.label(value, self.context.written)
        if kind.choice_source is ChoiceSource.NOTHING:
            return plain_value(value)
        picked = value if isinstance(value, tuple) else (str(value),)
        labels = {choice.name: self.words(choice.label) for choice in self.choices(step)}
        return ", ".join(labels.get(name) or name for name in picked if not isinstance(name, Media))

    def actions(self, step: Step) -> tuple[Action, ...]:
        """Return what a question offers beside its options."""
        gathers = types.of(step).multiple
        given = self.answered(step.name) or self.proposal(step)
        done = bool(self.run.draft) or (not gathers and given is not None)
        found: list[Action] = ["done"] if done else []
        if not step.required:
            found.append("skip")
        if self.earlier():
            found.append("back")
        return (*found, "later", "stop")

    def offer(self, *, repeat: bool = False) -> None:
        """Ask whether the person has a moment."""
        title, why = self.words(self.dialog.title), self.words(self.dialog.why)
        questions = len(self.relevance.expected)
        self.events.append(Offered(title, why, self.dialog.minutes, questions, repeat))

    def prompt(self, step: Step | None = None, *, repeat: bool = False, **fields: Any) -> None:
        """Ask the question at the cursor, or one to which the `fields` of the run move it, under a new number."""
        run, step = self.run, step or self.step
        number = run.prompt + 1
        prompts = run.prompts
        if not prompts or prompts[-1][1] != step.name:
            prompts = (*prompts, (number, step.name))
        self.change(prompt=number, prompts=prompts, near=None, **fields)
        expected = self.relevance.expected
        earlier, proposal = self.answered(step.name), self.proposal(step)
        self.events.append(
            Prompted(
                path=step.name,
                prompt=number,
                type=step.type,
                text=self.words(step.label),
                hint=self.words(step.hint),
                options=self.options(step),
                actions=self.actions(step),
                number=expected.index(step.name) + 1,
                total=len(expected),
                repeat=repeat,
                previous=earlier.label if earlier else None,
                discreet=step.discreet,
                proposed=None if proposal is None else self.label(step, proposal),
                audio=recorded(step.audio, step.label, self.context.language) if step.audio else "",
            )
        )

    def guess(self, name: str) -> None:
        """Ask whether this answer was meant, under a number of its own."""
        step, number = self.step, self.run.prompt + 1
        self.change(prompt=number, near=name)
        self.events.append(Suggested(step.name, number, self.label(step, guessed(step, name)), name))

    def review(self) -> None:
        """Show the questions that were asked with their answers; the open question follows."""
        over = self.run.status == "completed"
        items = tuple(
            ReviewItem(
                path=path,
                text=self.words(self.plan.step(path).label),
                value=self.run.answers[path].value,
                label=self.run.answers[path].label,
                discreet=self.plan.step(path).discreet,
            )
            for path in self.relevance.expected
            if path in self.run.answers
        )
        self.events.append(Reviewed(items, ("finish",) if over else ()))
        if not over:
            self.repeat()

    def repeat(self) -> None:
        """Repeat the open question or the offer. A question that is no longer relevant is passed."""
        if self.run.status in {"completed", "expired", "stopped"}:
            return
        if not self.run.position:
            self.offer(repeat=True)
        elif self.run.position in self.relevance.relevant:
            self.prompt(repeat=True)
        else:
            self.onward(self.run.position)

    def misplace(self, reason: Reason) -> None:
        """Report that a reply no longer counts, then repeat what is open."""
        self.events.append(Misplaced(reason))
        self.repeat()

    # where the cursor goes

    def earlier(self) -> str | None:
        """Return the question that `back` leads to: the nearest earlier one that was asked; None if there is none."""
        places, relevant = self.plan.places, self.relevance.relevant
        here = places[self.run.position]
        before = [
            path for path in self.run.trail if places[path] < here and path in relevant and self.plan.step(path).waits
        ]
        return max(before, key=places.__getitem__, default=None)

    def open(self, path: str, *, draft: tuple[Piece, ...] = (), returning: str | None = None) -> None:
        """Open a question and ask it. Where several may be picked, those of an earlier answer are picked already."""
        step, given = self.plan.step(path), self.answered(path)
        if types.of(step).multiple:
            picked = given.value if given else self.proposal(step)
            draft = picked if isinstance(picked, tuple) else draft
        trail = self.run.trail if path in self.run.trail else (*self.run.trail, path)
        self.prompt(
            step,
            status="open",
            position=path,
            trail=trail,
            draft=draft,
            returning=returning,
            reopened=given is not None,
            misses=0,
        )

    def onward(self, passed: str) -> None:
        """Move on from a step to the next unanswered question, or back to where a change began.

        Notes on the way are said, each once in a run. Earlier questions that became relevant are asked before the end.
        """
        places, relevant, target = self.plan.places, self.relevance.relevant, self.run.returning
        start = passed
        if target and passed != START and places[target] < places[passed]:
            if target in relevant:
                self.open(target)
                return
            start, target = target, None
        for state in steps_after(self.dialog, start):
            if state not in relevant:
                continue
            step = self.plan.step(state)
            if not step.waits:
                if not step.calculation:
                    self.say_note(state)
            elif state == target:
                self.open(state)
                return
            elif state not in self.run.answers:
                ahead = target if target and places[state] < places[target] else None
                self.open(state, returning=ahead)
                return
        missed = next((path for path in self.relevance.expected if path not in self.run.answers), None)
        if missed:
            self.open(missed)
        else:
            self.complete()

    def say_note(self, path: str) -> None:
        """Say a note, unless it was said in this run."""
        if path not in self.run.trail:
            self.change(trail=(*self.run.trail, path))
            step = self.plan.step(path)
            audio = recorded(step.audio, step.label, self.context.language) if step.audio else ""
            self.events.append(Noted(path, self.words(step.label), audio))

    def complete(self) -> None:
        """Complete the run; one that was completed before and reopened keeps its first moment."""
        answered, total = self.counts()
        before = self.run.completed_at
        self.close("completed")
        self.change(completed_at=before or self.context.now)
        self.events.append(Completed(answered, total, changed=before is not None))

    def close(self, status: Status) -> None:
        """Close the run with a status, leaving the open question."""
        self.change(status=status, position="", draft=(), returning=None, reopened=False, near=None, misses=0)
