"""An organisation's side of a bench: one cohort, invites to it, orders, and answers in any number."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot import clock
from bot.app import App
from bot.config import Config
from bot.services import broadcasts
from bot.services.versions import save_version
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

OFTEN = {"askings_a_week": 10_000, "messages_a_week": 20_000}
"""A bench asks more in minutes than anybody is asked in a week; a version without such a limit passes over it."""
PEOPLE = 500
BATCH = 1000  # runs a transaction
BEGAN = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
WEEK = "Nos juntamos doce compañeras en la cancha y acordamos pedir el agua por escrito; falta quien lo firme."
ABOUT = "Del permiso para usar el salón los jueves por la tarde."
ANSWERS = {
    "mood": Answer(4, "🙂 Bueno"),
    "week": Answer((WEEK,), WEEK),
    "need": Answer("call", "Que me llamen"),
    "need_about": Answer(ABOUT, ABOUT),
}
BODIES = {path: json.dumps(answer.to_dict(), ensure_ascii=False) for path, answer in ANSWERS.items()}


def settings(home: Path, url: str | None = None) -> dict[str, str]:
    """Return the environment of a bot that writes to a folder, and to another database than the file in it."""
    return {"HILO_HOME": str(home), "HILO_LANGUAGE": "en"} | ({"HILO_DATABASE_URL": url} if url else {})


class Office:
    """The storage of a bot, beside the bot's own process. A context manager; the folder is made at first use."""

    def __init__(self, home: Path, url: str = "") -> None:
        self._app = App.open(Config.load(settings(home) | ({"HILO_DATABASE_URL": url} if url else {})))
        self._dialog = self._app.content.in_files().dialog("check_in")
        with self._app.storage.unit(clock.now()) as unit:
            unit.organisation.set({**unit.organisation.get(), **OFTEN})
            self._cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._app.close()

    def invite(self, uses: int) -> str:
        """Make an invite to the cohort; returns its code."""
        code = clock.new_code()
        with self._app.storage.unit(clock.now()) as unit:
            expires = unit.now + timedelta(days=1)
            unit.invites.create(clock.new_id(), code, "leader", self._cohort.id, uses, expires, None)
        return code

    def order(self) -> None:
        """Send the check-in to the whole cohort."""
        purpose = "Para saber cómo va la semana de cada quien"
        with self._app.storage.unit(clock.now()) as unit:
            broadcasts.order(unit, self._dialog, self._cohort, purpose, key=clock.new_id().hex, ordered_by=None)

    def fill(self, runs: int) -> None:
        """Let so many check-ins have been answered, four answers each, sealed as a turn seals them."""
        storage = self._app.storage
        with storage.unit(BEGAN) as unit:
            save_version(unit, self._dialog)
            people = [unit.people.create(clock.new_id(), BEGAN, "active", "es") for _ in range(min(PEOPLE, runs))]
        for start in range(0, runs, BATCH):
            with storage.unit(BEGAN + timedelta(minutes=start)) as unit:
                for place in range(start, min(start + BATCH, runs)):
                    self._answer(unit, people[place % len(people)])
        storage.database.checkpoint()

    def _answer(self, unit: Unit, person: Person) -> None:
        run_id = clock.new_id()
        state = {"v": 1, "position": None, "trail": list(BODIES), "prompt": 7}
        version, cohort_id = self._dialog.version, self._cohort.id
        unit.runs.create(run_id, person, version, "broadcast", state, "completed", "es", cohort_id, prompt=7)
        for path, value in BODIES.items():
            unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)
