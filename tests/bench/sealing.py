"""What sealing costs: a turn beside the same turn with encryption, padding and rows' seals left out; and its bytes.

Both are turns of one process, in alternating rounds, so whatever else the machine does meets both.
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from bot import clock
from bot.messengers.port import Incoming
from storage import padding
from storage.seals import RowCheck, RowSealing
from storage.vault import DataKey, RingKey, Vault
from tests.bench.office import ANSWERS
from tests.bench.table import Figure, Tell, middle, spread
from tests.bench.town import Town, cpu

STORED = {
    path: {key: value for key, value in answer.to_dict().items() if key != "label"} for path, answer in ANSWERS.items()
}
BODIES = {path: json.dumps(data, ensure_ascii=False) for path, data in STORED.items()}
TARGET = 1.07
OPEN_TARGET = 1.0  # seconds for 10,000 answers
BYTES, WITH_RUN = 700, 1000


@dataclass(frozen=True)
class Plan:
    """How many turns a round, how many counted rounds of each kind, and how many answers are opened."""

    turns: int = 40
    rounds: int = 15
    answers: int = 10_000


FULL = Plan()
QUICK = Plan(turns=15, rounds=3, answers=2_000)


class Whole(Town):
    """People whose turns are measured whole: coming in, being handled, and being sent."""

    def _turn(self, incoming: Incoming) -> float:
        def play() -> None:
            with self._unit() as unit:
                self._receive.accept(unit, [incoming])
            with self._unit() as unit:
                self._receive.step(unit, unit.inbox.pending(self._now, 1)[0])
            with self._unit() as unit:
                self._send(unit)

        return cpu(play)

    def round(self, turns: int) -> float:
        """Let so many people answer; return the milliseconds a turn."""
        return sum(self.answering(place) for place in range(turns)) / turns

    @property
    def file(self) -> Path:
        """The database."""
        return self._app.config.home / "hilo.db"

    def answer_rows(self, runs: int) -> None:
        """Add so many finished runs with all answers of a check-in."""
        with self._unit() as unit:
            version = self._app.content.in_files().dialog("check_in").version
            for place in range(runs):
                person = unit.people.known(self.people[place % len(self.people)])
                run_id = clock.new_id()
                state = {
                    "v": 1,
                    "position": "",
                    "trail": list(BODIES),
                    "prompt": 4,
                    "prompts": [[1, "mood"], [2, "week"]],
                }
                unit.runs.create(run_id, person, version, "person", state, "completed", "es", self._cohort.id, prompt=4)
                for path, value in BODIES.items():
                    unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)

    def open_all(self) -> tuple[int, float]:
        """Open every answer of every run; return how many there are, and the processor's seconds that took."""
        with self._app.storage.reading(self._now) as unit:
            began = time.process_time()
            found = 0
            for each in self.people:
                person = unit.people.known(each)
                for run in unit.runs.of(person):
                    found += len(unit.answers.of(run.id, person))
            return found, time.process_time() - began


def _no_seal(*_: object) -> bytes:
    return b""


def _as_it_is(*_: object) -> bool:
    return True


@contextmanager
def unsealed() -> Iterator[None]:
    """Leave out encryption, padding, hashes and rows' seals while the block runs: everything is kept as it is."""
    with (
        mock.patch.object(DataKey, "seal", lambda _, plain, *__: plain),
        mock.patch.object(DataKey, "seal_key", lambda _, material, __: material),
        mock.patch.object(DataKey, "_opened", lambda _, blob, __: blob),
        mock.patch.object(RingKey, "seal", lambda _, plain, *__: plain),
        mock.patch.object(RingKey, "seal_key", lambda _, material, __: material),
        mock.patch.object(RingKey, "_opened", lambda _, blob, __: blob),
        mock.patch.object(RowSealing, "seal", _no_seal),
        mock.patch.object(RowCheck, "fits", _as_it_is),
        mock.patch.object(Vault, "path_hash", lambda _, __, path: path),
        mock.patch.object(padding, "pad", lambda plain, *_: plain),
    ):
        yield


def alternating(plan: Plan, tell: Tell) -> tuple[list[float], list[float]]:
    """Return the milliseconds a turn of each sealed round, and of the unsealed one beside it."""
    sealed_rounds, bare_rounds = [], []
    with tempfile.TemporaryDirectory() as folder:
        sealed = Whole(Path(folder) / "sealed", plan.turns)
        with unsealed():
            bare = Whole(Path(folder) / "bare", plan.turns)
        for place in range(plan.rounds + 1):
            for first in (place % 2, 1 - place % 2):
                if first:
                    with unsealed():
                        bare_rounds.append(bare.round(len(bare.people)))
                else:
                    sealed_rounds.append(sealed.round(len(sealed.people)))
            tell(f"round {place}: sealed {sealed_rounds[-1]:.3f} ms, not sealed {bare_rounds[-1]:.3f} ms")
        sealed.close()
        bare.close()
    return sealed_rounds[1:], bare_rounds[1:]  # one more goes first to warm up


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure all three."""
    sealed, bare = alternating(plan, tell)
    ratios = [one / other for one, other in zip(sealed, bare, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        town = Whole(Path(folder), 200)
        before = sizes(town.file)
        town.answer_rows(plan.answers // len(BODIES))
        answers, runs = (after - early for after, early in zip(sizes(town.file), before, strict=True))
        found, seconds = town.open_all()
        town.close()
    answer, with_run = answers / plan.answers, (answers + runs) / plan.answers
    return [
        Figure("a turn, sealed", middle(sealed), "ms", note=f"rounds: {spread(sealed)}"),
        Figure("a turn, not sealed", middle(bare), "ms", note=f"rounds: {spread(bare)}"),
        Figure("sealed to not sealed", middle(ratios), target=TARGET, note=f"rounds: {spread(ratios)}"),
        Figure("opening 10,000 answers", seconds / found * 10_000, "s", OPEN_TARGET, note=f"of {found}"),
        Figure("an answer with its indexes", answer, "bytes", BYTES),
        Figure("an answer with its share of the run", with_run, "bytes", WITH_RUN),
    ]


def sizes(file: Path) -> tuple[int, int]:
    """Return the bytes that answers and runs take in a database, with their indexes."""
    with closing(sqlite3.connect(file)) as database:
        found = dict(
            database.execute(
                "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
                " WHERE m.tbl_name IN ('answers', 'runs') GROUP BY m.tbl_name"
            )
        )
    return found["answers"], found["runs"]
