"""What a turn and an export cost in CPU: `python -m tests.storage.measure`, on a machine that does nothing else.

A turn is what storage does from the update that came in to the message that went out: thirteen statements in four
transactions on a SQLite file.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from storage.people import Person
from storage.unit import Storage
from storage.vault import Vault
from tests.storage.world import World, exported, later, opened, uid

TURNS = 2000
PEOPLE = 50
RUNS = 10_000
ANSWERS = 10
KEYBOARD = {"text": "¿Cómo te sientes hoy? " * 9, "keyboard": [[["Sí", "x" * 40]], [["No", "y" * 40]]]}


def turn(storage: Storage, number: int) -> None:
    """Do what one chat turn asks of storage."""
    now, chat = later(seconds=number), str(number % PEOPLE)
    with storage.unit(now) as unit:
        unit.inbox.accept([(uid(), "telegram", f"u{number}", chat, b"x" * 200)])
    with storage.unit(now) as unit:
        (update,) = unit.inbox.pending(now, 1)
        person = unit.people.at("telegram", chat)
        assert person is not None
        run = unit.runs.open(person)
        assert run is not None
        unit.answers.of(run.id, person)
        unit.answers.add(uid(), run.id, f"q{number}", person, f'{{"value":"{"y" * 150}"}}', now)
        unit.runs.save(run.id, person, {"v": 1, "trail": ["a", "b", "c"]}, "open", number)
        first = unit.outbox.put(uid(), person, "telegram", chat, "message", 0, KEYBOARD, run.id, number)
        unit.outbox.put(uid(), person, "telegram", chat, "edit", 0, {"text": "a"}, run.id, edits=first)
        unit.inbox.done(update.seq)
    with storage.unit(now) as unit:
        (row,) = unit.outbox.claim(now, later(hours=9), 10)
    with storage.unit(now) as unit:
        unit.outbox.sent(row.seq, number, now)


def tidy(world: World, people: list[Person], number: int) -> None:
    """Send the second row as well, and begin a new run every tenth turn, so that every turn finds the same."""
    with world.unit(seconds=number) as unit:
        for row in unit.outbox.claim(unit.now, later(hours=9), 10):
            unit.outbox.sent(row.seq, None, unit.now)
        if number // PEOPLE % 10 == 0:
            person = people[number % PEOPLE]
            if run := unit.runs.open(person):
                unit.runs.save(run.id, person, {"v": 1}, "completed", 0, None, unit.now)
            world.run(unit, person)


def measured(work: Callable[[], object]) -> float:
    """Give the seconds of CPU that some work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def turns(world: World) -> list[float]:
    """Measure turns one by one."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(PEOPLE)]
    for number in range(PEOPLE):
        tidy(world, people, number)
    spent = []
    for number in range(PEOPLE, TURNS + 2 * PEOPLE):
        spent.append(measured(partial(turn, world.storage, number)))
        tidy(world, people, number)
    return spent[PEOPLE:]


def exports(world: World) -> list[float]:
    """Measure exports of a hundred thousand answers."""
    with world.unit() as unit:
        unit.versions.save("e" * 64, "large", "check_in", "{}", unit.now)
        people = unit.people.list()
        for number in range(RUNS):
            person, run_id = people[number % len(people)], uid()
            unit.runs.create(run_id, person, "e" * 64, "person", {"v": 1}, "completed", "es", world.cohort)
            for question in range(ANSWERS):
                value = f'{{"value":"{"una respuesta de unas palabras" * 2}","label":"etiqueta"}}'
                unit.answers.add(uid(), run_id, f"question_{question}", person, value, unit.now)

    def read() -> None:
        with world.reading() as unit:
            assert sum(len(row.answers) for row in exported(unit, "large")) == RUNS * ANSWERS

    return [measured(read) for _ in range(5)]


def main() -> None:
    """Measure both and say so."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'hilo.db'}"
        with opened(url) as database:
            database.migrate()
            world = World(Storage(database, Vault(bytes(32))), url)
            world.found()
            spent = turns(world)
            mean, best = sum(spent) / len(spent) * 1000, min(spent) * 1000
            sys.stdout.write(f"turn: mean {mean:.2f} ms, median {median(spent) * 1000:.2f} ms, best {best:.2f} ms\n")
            read = exports(world)
            sys.stdout.write(f"100,000 answers: median {median(read):.2f} s, best {min(read):.2f} s\n")


if __name__ == "__main__":
    main()
