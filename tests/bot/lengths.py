"""Runs through the library's dialogs on a page of the web, where every word stays, and the lengths of what is sealed.

What is chosen is drawn; whoever looks at the lengths has the database without the key, and knows every dialog.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text

from bot import clock
from bot.messengers.port import Incoming, Kind
from bot.services import phones
from bot.services.versions import save_version
from dialogs import types
from dialogs.model import Dialog, Step
from dialogs.run import Answer
from dialogs.types.base import ChoiceSource
from storage.people import Person
from tests.bot.rig import Rig

CHOSEN = {ChoiceSource.LIST, ChoiceSource.NUMBERS}
WORDS = ("Sí.", "Nos juntamos en la cancha y acordamos pedir el agua por escrito.", "Todo bien, gracias por preguntar")


@dataclass(frozen=True)
class Chosen:
    """One choice, and what the disk tells of it.

    Attributes:
        path: the question, which is told by the order of the rows.
        language: the run's, which is in the clear.
        value: what was chosen, which the disk does not tell.
        before: how long the answer was in 0.1.0.
        answer: how long it is.
        said: how long everything is that was said with it: question, keyboards, her press.
        state: how long the run's state is in the end.
    """

    path: str
    language: str
    value: str
    before: int
    answer: tuple[int, ...]
    said: tuple[tuple[str, int], ...]
    state: int


def is_choice(step: Step) -> bool:
    """Return whether a question is answered by one of the choices its author listed."""
    kind = types.of(step)
    return kind.choice_source in CHOSEN and not kind.multiple and not step.choices_from


class Survey:
    """A group on the web which is asked."""

    def __init__(self, rig: Rig, seed: int = 1) -> None:
        self._rig = rig
        self._random = Random(seed)
        self._cohort = rig.cohort()
        self._numbers = iter(range(1, 10_000_000))

    def person(self, language: str) -> Person:
        """Let somebody come in whose phone nobody else sees: the page shows what was chosen."""
        with self._rig.unit() as unit:
            person = unit.people.create(clock.new_id(), unit.now, "active", language)
            unit.addresses.link(person, "web", clock.new_id().hex, clock.new_id())
            unit.memberships.join(clock.new_id(), person.id, self._cohort)
            return unit.people.prefer(unit.people.known(person.id), phone=phones.OWN)

    def run(self, dialog: Dialog, language: str, fixed: Mapping[str, str] | None = None) -> list[Chosen]:
        """Let somebody answer a dialog to its end; return the choices. `fixed` says some of them."""
        person = self.person(language)
        with self._rig.unit() as unit:
            save_version(unit, dialog)
            run_id = self._rig.turns.begin(unit, person, dialog, "person", cohort_id=self._cohort, offer=False)
        self._sent()
        asked = dict(self._answered(person, dialog, run_id, fixed or {}))
        with self._rig.reading() as unit:
            kept = self._rig.turns.answers(unit, person, unit.runs.read(run_id, person))
            return [
                self._chosen(unit, run_id, path, language, asked[path], kept[path]) for path in asked if path in kept
            ]

    def _answered(
        self, person: Person, dialog: Dialog, run_id: UUID, fixed: Mapping[str, str]
    ) -> Iterator[tuple[str, int]]:
        for _ in range(60):
            with self._rig.reading() as unit:
                row = unit.runs.read(run_id, person)
            if row.status != "open":
                return
            path = row.state["position"]
            step, prompt = dialog.step(path), row.prompt
            if is_choice(step):
                with self._rig.reading() as unit:
                    loaded = self._rig.turns.load(unit, person, row)
                    names = list(self._rig.turns.pressable(loaded, path))
                # The first choices are the commonest, as they may be anywhere.
                name = fixed.get(path) or self._random.choices(names, [2**-place for place in range(len(names))])[0]
                yield path, prompt
                self._press(person, run_id, prompt, "choose", path, name)
            elif types.of(step).multiple and step.choices:
                self._press(person, run_id, prompt, "choose", path, step.choices[0].name)
                self._press(person, run_id, prompt, "done", path)
            else:
                self._turn(person, kind=Kind.TEXT, text=self._random.choice(WORDS) if types.of(step).free_text else "3")
                with self._rig.reading() as unit:
                    again = unit.runs.read(run_id, person)
                if again.status == "open" and again.state["position"] == path:
                    action = "done" if types.of(step).free_text else "skip"
                    self._press(person, run_id, again.prompt, action, path)
        raise AssertionError(f"{dialog.name} does not end")

    def _press(
        self, person: Person, run_id: UUID, prompt: int, action: str, path: str, name: str | None = None
    ) -> None:
        with self._rig.reading() as unit:
            make = self._rig.turns.speech(unit, person).buttons
        self._turn(person, kind=Kind.PRESS, button=make.run(run_id, prompt, action, path, name))

    def _turn(self, person: Person, **said: Any) -> None:
        incoming = Incoming("web", str(next(self._numbers)), person.chat or "", **said)
        self._rig.now += timedelta(seconds=1)
        with self._rig.unit() as unit:
            self._rig.receive.accept(unit, [incoming])
            self._rig.receive.step(unit, unit.inbox.pending(unit.now, 1)[0])
        self._sent()

    def _sent(self) -> None:
        with self._rig.unit() as unit:
            for row in unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), 50):
                unit.outbox.sent(row.seq, row.seq, unit.now, keep=True)

    def _chosen(self, unit: Any, run_id: UUID, path: str, language: str, prompt: int, answer: Answer) -> Chosen:
        run, hashed = run_id.hex, unit.vault.path_hash(run_id, path)

        def lengths(query: str, **given: object) -> Sequence[Any]:
            return unit.connection.execute(text(query), {"run": run, **given}).all()  # type: ignore[no-any-return]  # rows of plain SQL

        of_answer = lengths("SELECT length(value) FROM answers WHERE run_id = :run AND path = :path", path=hashed)
        said = lengths(
            "SELECT kind, length(body) FROM outbox WHERE run_id = :run AND prompt = :prompt OR edits IN"
            " (SELECT seq FROM outbox WHERE run_id = :run AND prompt = :prompt) ORDER BY seq",
            prompt=prompt,
        )
        (state,) = lengths("SELECT length(state) FROM runs WHERE id = :run")[0]
        before = 33 + len(json.dumps(answer.to_dict(), ensure_ascii=False).encode())
        value = str(answer.value)
        return Chosen(path, language, value, before, tuple(row[0] for row in of_answer), tuple(map(tuple, said)), state)
