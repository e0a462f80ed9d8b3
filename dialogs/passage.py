"""One turn under way: the run as it stands, the events so far, and the moves and words they are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogs.context import Context
from dialogs.events import Action, Completed, Event, Misplaced, Noted, Offered, Option, Prompted, Reason
from dialogs.machine import START, steps_after
from dialogs.model import Choice, Dialog, Step, Text, Value
from dialogs.relevance import Survey, plan_of, readable_facts, survey
from dialogs.run import Answer, Run
from dialogs.wording import choose, fill, plain


class Passage:
    """The working state of one turn. `run` is replaced as things happen; `events` tells them in order."""

    def __init__(self, dialog: Dialog, run: Run, context: Context) -> None:
        self.dialog = dialog
        self.plan = plan_of(dialog)
        self.context = context
        self.run = run
        self.events: list[Event] = []
        self._survey: Survey | None = None
        self._lists: dict[str, tuple[Choice, ...]] = {}

    # what stands

    @property
    def survey(self) -> Survey:
        """What concerns the person now, worked out again only when an answer came in."""
        if self._survey is None:
            self._survey = survey(self.plan, self.run.answers, self.context)
        return self._survey

    @property
    def step(self) -> Step:
        """The open question."""
        return self.plan.step(self.run.position)

    def answered(self, path: str) -> Answer | None:
        """Give the answer to a question, None if there is none or it was skipped."""
        found = self.run.answers.get(path)
        return found if found is not None and found.value is not None else None

    def counts(self) -> tuple[int, int]:
        """Count the questions that carry an answer, and all that concern her or still may."""
        expected = self.survey.expected
        return sum(self.answered(path) is not None for path in expected), len(expected)

    def change(self, **fields: Any) -> None:
        """Replace fields of the run."""
        self.run = replace(self.run, **fields)

    def keep(self, path: str, value: Value | None, label: str) -> None:
        """Keep an answer; what is relevant is worked out anew from here on."""
        self.change(answers={**self.run.answers, path: Answer(value, label)})
        self._survey = None
        self._lists.clear()

    # what is said

    def words(self, text: Text) -> str:
        """Choose the words in the person's language and fill their blanks."""
        chosen = choose(text, self.context.language)
        if "${" not in chosen:
            return chosen
        labels = {path: given.label for path, given in self.run.answers.items()}
        return fill(chosen, {**readable_facts(self.context), **labels})

    def choices(self, step: Step) -> tuple[Choice, ...]:
        """Give the choices a question offers: its own, or those of the list it names, looked up once a turn."""
        if not step.choices_from:
            return self.plan.choices[self.plan.places[step.name]]
        found = self._lists.get(step.name)
        if found is None:
            given = {path: each.value for path, each in self.run.answers.items()}
            found = self._lists[step.name] = tuple(self.context.lookup(step.choices_from, given))
        return found

    def options(self, step: Step) -> tuple[Option, ...]:
        """Give the choices in the person's language, those picked already marked."""
        given = self.run.answers.get(step.name)
        picked = self.run.draft if step.type == "select_multiple" else (plain(given.value if given else None),)
        return tuple(
            Option(choice.name, self.words(choice.label) or choice.name, choice.name in picked)
            for choice in self.choices(step)
        )

    def label(self, step: Step, value: Value) -> str:
        """Give the words of an answer as the person saw or wrote them."""
        if step.type in {"text", "integer"}:
            return plain(value)
        picked = value if isinstance(value, tuple) else (str(value),)
        labels = {choice.name: self.words(choice.label) for choice in self.choices(step)}
        return ", ".join(labels.get(name) or name for name in picked)

    def actions(self, step: Step) -> tuple[Action, ...]:
        """Tell what a question offers beside its options."""
        gathers = step.type == "select_multiple"
        done = bool(self.run.draft) or (not gathers and self.answered(step.name) is not None)
        found: list[Action] = ["done"] if done else []
        if not step.required:
            found.append("skip")
        if self.earlier():
            found.append("back")
        return (*found, "later", "stop")

    def offer(self, *, repeat: bool = False) -> None:
        """Ask whether she has a moment."""
        title, why = self.words(self.dialog.title), self.words(self.dialog.why)
        questions = len(self.survey.expected)
        self.events.append(Offered(title, why, self.dialog.minutes, questions, repeat))

    def prompt(self, *, repeat: bool = False) -> None:
        """Ask the question at the cursor, under a new number."""
        step, run = self.step, self.run
        number = run.prompt + 1
        prompts = run.prompts
        if not prompts or prompts[-1][1] != step.name:
            prompts = (*prompts, (number, step.name))
        self.change(prompt=number, prompts=prompts)
        expected = self.survey.expected
        earlier = self.answered(step.name)
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
                discreet="discreet" in step.appearance,
            )
        )

    def repeat(self) -> None:
        """Say again what is open: the question, or the offer. A question that concerns her no more is passed."""
        if not self.run.position:
            self.offer(repeat=True)
        elif self.run.position in self.survey.relevant:
            self.prompt(repeat=True)
        else:
            self.onward(self.run.position)

    def misplace(self, reason: Reason) -> None:
        """Tell that a reply counts no more, then what is open."""
        self.events.append(Misplaced(reason))
        self.repeat()

    # where the cursor goes

    def earlier(self) -> str | None:
        """Find the question that `back` leads to: the nearest before this one that she was asked."""
        places, relevant = self.plan.places, self.survey.relevant
        here = places[self.run.position]
        before = [
            path for path in self.run.trail if places[path] < here and path in relevant and self.plan.step(path).waits
        ]
        return max(before, key=places.__getitem__, default=None)

    def open(self, path: str, *, draft: tuple[str, ...] = (), returning: str | None = None) -> None:
        """Place the cursor on a question and ask it. Picked choices are those of its earlier answer."""
        step, given = self.plan.step(path), self.answered(path)
        if step.type == "select_multiple" and given and isinstance(given.value, tuple):
            draft = given.value
        trail = self.run.trail if path in self.run.trail else (*self.run.trail, path)
        self.change(
            status="open",
            position=path,
            trail=trail,
            draft=draft,
            returning=returning,
            reopened=given is not None,
        )
        self.prompt()

    def onward(self, passed: str) -> None:
        """Move on from a step to the next question without an answer, or back to where she changed one.

        Notes on the way are said, each once in a run. What became relevant behind her is asked before the end.
        """
        places, relevant, target = self.plan.places, self.survey.relevant, self.run.returning
        start = passed
        if target and passed != START and places[target] < places[passed]:
            if target in relevant:
                self.open(target)
                return
            start, target = target, None
        for state in steps_after(self.dialog, start):
            if state not in relevant:
                continue
            if not self.plan.step(state).waits:
                self._note(state)
            elif state == target:
                self.open(state)
                return
            elif state not in self.run.answers:
                ahead = target if target and places[state] < places[target] else None
                self.open(state, returning=ahead)
                return
        missed = next((path for path in self.survey.expected if path not in self.run.answers), None)
        if missed:
            self.open(missed)
        else:
            self._complete()

    def _note(self, path: str) -> None:
        if path not in self.run.trail:
            self.change(trail=(*self.run.trail, path))
            self.events.append(Noted(path, self.words(self.plan.step(path).label)))

    def _complete(self) -> None:
        answered, total = self.counts()
        self.change(status="completed", position="", draft=(), returning=None, reopened=False)
        self.events.append(Completed(answered, total))
