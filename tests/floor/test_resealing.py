"""What an earlier version left behind is sealed anew: it says what it said, and its lengths tell nothing any more."""

import asyncio
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot.cli.operate import doctor, lengths_check
from bot.config import Config
from bot.pipeline import resealing as pipeline
from bot.pipeline.resealing import reseal
from bot.runtime.workers import Workers
from dialogs.wording import is_spare
from storage import resealing
from storage.tables import alerts_before, answers, asides, media, readings_begun
from storage.unit import Storage
from storage.vault import BARE
from tests.bot.shell import Shell
from tests.floor.ground import Ground, Later
from tests.floor.test_floor import held
from tests.storage.world import opened


class Cut(Exception):
    """The process was killed."""


def cut_off(number: int) -> None:
    """Kill every third batch before its commit."""
    if number % 3 == 0:
        raise Cut


def finish(later: Later) -> None:
    """Do what the running bot does beside its turns."""
    workers = Workers(later.storage)
    try:
        asyncio.run(reseal(workers, later.media_store, rest=0))
    finally:
        workers.close()


def bare(later: Later) -> dict[str, int]:
    """Count the values that are not padded, by column."""
    with later.reading() as unit:
        counts = {
            f"{column.table.name}.{column.name}": unit.connection.execute(
                select(func.count()).select_from(column.table).where(func.substr(column, 1, 1) == BARE)
            ).scalar_one()
            for column in resealing.COLUMNS
        }
    return {name: number for name, number in counts.items() if number}


def test_everything_is_sealed_anew_and_says_what_it_said(later: Later) -> None:
    """Values, files and paths; every word is as it was, nothing is left, and the doctor counted it all."""
    with later.reading() as unit:
        waiting = lengths_check.left(unit, later.media_store)
    assert waiting is not None
    assert waiting.values == sum(bare(later).values()) > 100
    assert waiting.files > 0
    finish(later)

    assert bare(later) == {}
    assert held(later) == later.told["contents"]
    with later.reading() as unit:
        assert resealing.stage(unit) == "done"
        assert lengths_check.left(unit, later.media_store) is None
        for table in (answers, asides, media, readings_begun):
            paths = unit.connection.execute(select(table.c.path).where(table.c.path.is_not(None))).scalars().all()
            assert all(path.lstrip("~").startswith("=") for path in paths), table.name
        assert unit.connection.execute(select(alerts_before.c.id)).first() is None
        sizes = {
            file: unit.connection.execute(select(media.c.size).where(media.c.file == file)).scalar_one()
            for file in resealing.files(unit)
        }
    for file, size in sizes.items():
        assert len(later.media_store.sealed(file)) == size + 4 + 33


def test_no_choice_keeps_its_label(later: Later) -> None:
    """What its question tells is not stored beside an answer; what only the moment of asking told is."""
    with later.reading() as unit:
        kept = [
            text
            for person in unit.people.list()
            for run in unit.runs.of(person)
            for _, text in unit.answers.of(run.id, person).values()
        ]
    assert len(kept) > 10
    (of_the_moment,) = [text for text in kept if '"label"' in text]
    assert of_the_moment == '{"value": "team", "label": "Mandar a nombre del equipo"}'


def test_it_may_be_killed_at_any_moment(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off after each commit in turn, and begun again, it comes to the same end."""
    begun = Storage.unit
    with opened(ground.url) as database:
        database.migrate()
        storage = ground.storage(database)
        for cut in count(1):
            left = iter(range(cut))

            @contextmanager
            def unit(of: Storage, now: datetime, left: Any = left) -> Any:
                if next(left, None) is None:
                    raise Cut
                with begun(of, now) as it:
                    yield it

            monkeypatch.setattr(Storage, "unit", unit)
            try:
                resealing.hide_paths(storage, lambda: ground.now, is_spare, at_once=40)
            except Cut:
                continue
            finally:
                monkeypatch.setattr(Storage, "unit", begun)
            break
    assert cut > 4
    later = Later(ground)
    try:
        assert held(later) == later.told["contents"]
        sweep = resealing.ValueSweep(at_once=30)
        for number in count():
            try:
                with later.unit() as unit:
                    more = sweep.batch(unit)
                    cut_off(number)
            except Cut:
                if number % 2:
                    sweep = resealing.ValueSweep(at_once=30)
                continue
            if not more:
                break
        assert bare(later) == {}
        assert held(later) == later.told["contents"]
    finally:
        later.close()


def test_what_is_damaged_stays_and_holds_nothing_up(later: Later) -> None:
    """A value that does not open is left as it is, and everything else goes on to the end."""
    with later.unit() as unit:
        unit.connection.execute(text("UPDATE answers SET value = substr(value, 1, 20) WHERE seq = 1"))
        unit.connection.execute(
            text("UPDATE messages SET body = substr(body, 1, 20) WHERE seq = (SELECT min(seq) FROM messages)")
        )
    finish(later)

    assert set(bare(later)) <= {"messages.body"}
    with later.reading() as unit:
        assert resealing.stage(unit) == "done"


def test_a_large_database_is_written_anew_by_the_next_start(
    later: Later, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a running bot it would take too long: the doctor says so, and the next start does it."""
    monkeypatch.setattr(pipeline, "SMALL", 0)
    monkeypatch.chdir(ground.home)
    finish(later)
    config = Config.load({"HILO_HOME": str(ground.home), "HILO_DATABASE_URL": ground.url})
    assert "lengths_compact" in {each.code for each in doctor.examine(config)}
    pipeline.compact(later.storage)

    assert not {"lengths", "lengths_compact"} & {each.code for each in doctor.examine(config)}


def test_older_backups_are_named(later: Later, ground: Ground, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup of an earlier version tells choices by their lengths: that is said wherever backups are listed."""
    monkeypatch.chdir(ground.home)
    with later.unit() as unit:
        unit.organisation.note(backup_places=[str(ground.home / "backups")])
    (old,) = (ground.home / "backups").glob("*.data")
    config = Config.load({"HILO_HOME": str(ground.home), "HILO_DATABASE_URL": ground.url})
    found = [each.facts["path"] for each in doctor.examine(config) if each.code == "backup_telling"]
    assert found == [old]

    finish(later)
    shell.settings.update(HILO_HOME=str(ground.home), HILO_DATABASE_URL=ground.url)
    shell.good("backup")
    assert list(lengths_check.telling([ground.home / "backups"])) == [old]
    assert f"{Path(old).absolute()}" in shell.good("inherited")
