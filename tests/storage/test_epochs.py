"""Erasure holds on the disk: what was copied before opens with no key that is left; everybody else reads as before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from storage import epoch_change, keys_files, rotation, settling
from storage.epochs import SUFFIX, EpochMissing, Epochs
from storage.erasure import erase
from storage.key_ring import adopt as adopt_key
from storage.key_ring import open_vault
from storage.people import Person
from storage.settling import Places
from storage.tables import inbox, person_keys
from storage.unit import Storage
from storage.vault import KeyFile, Vault, create_key, load_key, write_key
from tests import opener
from tests.storage.world import NOW, World, later, uid

MASTER = bytes(range(32))
HERS = ("Xilonenca", "la milpa de arriba", "vengo a entrar")
OTHERS = ("Amapola", "Ceiba")


class Disk:
    """An installation on a disk, with a facilitator or two, and one person who is going to be erased."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.key, self.epochs = folder / "hilo.key", folder / "hilo.key.epochs"
        self.places = Places((folder / "backups", folder / "usb"), folder)
        (folder / "backups").mkdir()
        write_key(self.key, MASTER)
        world.begin_epochs(self.epochs)
        self.moment = later(minutes=10)
        with self.unit() as unit:
            # What strangers send is sealed with the key of a day.
            unit.inbox.accept([(uid(), "telegram", "u0", "1001", HERS[2].encode())])
        with self.unit() as unit:
            self.her = unit.people.change(world.person(unit, "1001"), nickname=HERS[0])
            unit.answers.add(uid(), world.run(unit, self.her), "story", self.her, f'{{"value":"{HERS[1]}"}}', unit.now)
            self.others = [self._other(unit, *each) for each in zip(OTHERS, ("1002", "1003"), strict=True)]
            unit.inbox.accept([(uid(), "telegram", "u1", "1002", b"espero mi turno")])
        with self.unit() as unit:
            # One of the team is about to be shown her name and words.
            unit.roles.grant(uid(), self.others[0].id, "facilitator", world.cohort)
            (run,) = unit.runs.of(unit.people.known(self.her.id))
            told = unit.answers.history(run.id, "story", self.her)
            body = {"text": f"{HERS[0]}: {told}"}
            unit.outbox.put(uid(), self.others[0], "telegram", "1002", "message", 0, body)

    def _other(self, unit: Any, name: str, chat: str) -> Person:
        person = unit.people.change(self.world.person(unit, chat), nickname=name)
        unit.answers.add(uid(), self.world.run(unit, person), "story", person, f'{{"value":"{name}"}}', unit.now)
        return person

    @property
    def storage(self) -> Storage:
        return self.world.storage

    def now(self) -> datetime:
        """Return a moment that goes on, fast enough for an epoch each time."""
        self.moment += timedelta(minutes=2)
        return self.moment

    def unit(self) -> Any:
        return self.storage.unit(self.now())

    def again(self) -> Storage:
        """Be another process: nothing is known but what lies on the disk."""
        database = self.world.again().database
        file = KeyFile(self.key)
        return Storage(database, open_vault(database, load_key(self.key), file, self.epochs))

    def back_up(self, name: str, place: str = "backups") -> Path:
        """Write a keys file as a backup does."""
        (self.folder / place).mkdir(exist_ok=True)
        path = self.folder / place / f"hilo-{name}.keys"
        with self.unit() as unit:
            own, tables = keys_files.collect(unit)
            made_at = unit.now.isoformat()
        keys_files.write(self.storage.vault, path, {"made_at": made_at, "wrapping": own, "tables": tables})
        return path

    def erase(self, storage: Storage | None = None, person: Person | None = None) -> None:
        with (storage or self.storage).unit(self.now()) as unit:
            erase(unit, (person or self.her).id)

    def settle(self, storage: Storage | None = None, step: Callable[[], object] = lambda: None) -> bool:
        return settling.settle(storage or self.storage, self.now, self.places, step)

    def left(self) -> list[Path]:
        """Say which folders make up the disk; a server's files are among them."""
        if self.storage.database.dialect == "sqlite":
            return [self.folder]
        with self.storage.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            base = Path(connection.execute(text("SHOW data_directory")).scalar_one())
            oid = connection.execute(
                text("SELECT oid FROM pg_database WHERE datname = current_database()")
            ).scalar_one()
        return [self.folder, base / "base" / str(oid), base / "pg_wal"]

    def opened(self, *more: Path) -> opener.Opened:
        people = [f"person {person.id.hex}" for person in (self.her, *self.others)]
        masters = [load_key(path) for path in (self.key, *more)]
        return opener.everything(masters, self.left(), [*people, f"inbox {NOW:%Y-%m-%d}"], HERS)

    def is_open(self) -> bool:
        """Return whether anything on the disk opens what is hers."""
        found = self.opened()
        return f"person {self.her.id.hex}" in found.owners or bool(found.words)

    def check_others(self) -> None:
        """Check that everybody else reads as before, in this process and in a new one."""
        for storage in (self.storage, self.again()):
            with storage.reading(self.now()) as unit:
                assert {person.nickname for person in unit.people.list()} >= set(OTHERS)
                for person in self.others:
                    found = unit.people.known(person.id)
                    (run,) = unit.runs.of(found)
                    told = unit.answers.history(run.id, "story", found)
                    assert [value for _, value, _ in told] == [f'{{"value":"{found.nickname}"}}']
                waiting = [row.body for row in unit.inbox.pending(self.now(), 9)]
                assert waiting == [b"espero mi turno"]
                assert storage.damage.found() == []


@pytest.fixture
def disk(world: World, tmp_path: Path) -> Disk:
    """An installation on each database in turn."""
    folder = tmp_path / "home"
    folder.mkdir()
    if world.storage.database.dialect == "sqlite":
        folder = tmp_path
    return Disk(world, folder)


@pytest.fixture
def held(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody reads the database all the time, on a snapshot from before; they are waited for a second at most."""
    monkeypatch.setattr(settling, "PATIENCE", 1.0)
    with ExitStack() as stack:
        connection = stack.enter_context(disk.again().database.read())
        assert connection.execute(select(func.count()).select_from(person_keys)).scalar_one() == 3
        yield


def test_beside_an_open_reader_nothing_of_hers_opens(disk: Disk, held: None) -> None:
    """Her key stands in the log or the heap, and is noise; as long as the old epoch's file is there, it is not."""
    disk.back_up("2026-03-01-000000")
    assert disk.is_open()
    disk.erase()
    assert disk.is_open()  # what is checked here would be found
    assert disk.settle()

    assert not disk.is_open()
    disk.check_others()
    assert len(list(disk.epochs.glob(f"*{SUFFIX}"))) == 1


def test_what_she_wrote_before_she_was_known_does_not_open_either(disk: Disk, held: None) -> None:
    """Updates are sealed with a day's key, which others need still: the waiting ones are sealed again."""
    with disk.unit() as unit:
        first = unit.inbox.pending(disk.now(), 1)[0]
        unit.inbox.done(first.seq)
    assert {word for word, _ in disk.opened().words} >= {HERS[2]}
    disk.erase()
    disk.settle()

    assert not disk.opened().words
    disk.check_others()


class Cut(Exception):
    """The process ended here."""


def test_killed_anywhere_the_next_start_finishes(disk: Disk) -> None:
    """After each thing that reaches the disk the process ends; another one does the rest, and nobody else loses any."""
    disk.back_up("2026-03-01-000000")
    (disk.folder / "before-restore-2026-03-01-000000").mkdir()
    (disk.folder / "before-restore-2026-03-01-000000" / "hilo.db").write_bytes(b"hers")
    disk.erase()
    for at in range(1, 30):
        left = [at]

        def step(left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise Cut

        storage = disk.again()
        try:
            done = disk.settle(storage, step)
        except Cut:
            with disk.again().reading(disk.now()) as unit:
                assert settling.is_needed(unit)
                assert {person.nickname for person in unit.people.list()} == set(OTHERS)
            continue
        assert done
        break
    assert 3 <= at < 29
    assert not list(disk.folder.glob("before-restore-*"))

    assert not disk.is_open()
    disk.check_others()


def test_a_failed_turn_takes_nobody_and_its_file_goes(disk: Disk) -> None:
    """A transaction that erased, began an epoch and failed leaves a file: she is there, and it opens nothing later."""

    def fail() -> None:
        with disk.unit() as unit:
            erase(unit, disk.her.id)
            epoch_change.conclude(unit)
            raise Cut

    with pytest.raises(Cut):
        fail()
    assert len(list(disk.epochs.glob(f"*{SUFFIX}"))) == 2
    with disk.again().reading(disk.now()) as unit:
        assert unit.people.known(disk.her.id).nickname == HERS[0]
    with disk.again().unit(disk.now()) as unit:  # whoever writes now seals with the newest file there is
        unit.inbox.accept([(uid(), "telegram", "u2", "77", b"otra")])
    disk.erase()
    assert disk.settle(disk.again())

    assert not disk.is_open()
    assert len(list(disk.epochs.glob(f"*{SUFFIX}"))) == 1
    with disk.again().reading(disk.now()) as unit:
        assert [row.body for row in unit.inbox.pending(disk.now(), 9)] == [b"espero mi turno", b"otra"]


def test_at_most_one_epoch_begins_in_a_minute(disk: Disk, held: None) -> None:
    """The second erasure of a minute is owed, and done when the minute is over; the first is not kept waiting."""
    disk.erase()
    moment = disk.moment
    with disk.storage.unit(moment + timedelta(seconds=20)) as unit:
        erase(unit, disk.others[1].id)
        row = epoch_change.row_of(unit)
        assert row is not None
        first = row.name
    assert not settling.settle(disk.storage, lambda: moment + timedelta(seconds=30), disk.places)
    assert not disk.is_open()
    assert f"person {disk.others[1].id.hex}" in disk.opened().owners
    assert settling.settle(disk.storage, lambda: moment + timedelta(seconds=61), disk.places)

    assert f"person {disk.others[1].id.hex}" not in disk.opened().owners
    with disk.storage.reading(disk.now()) as unit:
        row = epoch_change.row_of(unit)
        assert row is not None
        assert row.name > first
        assert row.owed_at is None
        assert [person.nickname for person in unit.people.list()] == [OTHERS[0]]


def test_keys_files_at_hand_are_written_again_and_those_away_when_they_are_back(disk: Disk) -> None:
    """Each place gets a fresh one; an older one keeps everybody else; a stick that was away still opens hers."""
    here, stick = disk.back_up("2026-03-01-000000"), disk.back_up("2026-03-01-000001", "usb")
    away = disk.folder.parent / "away"
    (disk.folder / "usb").rename(away)
    disk.erase()
    disk.settle()
    assert not disk.is_open() or disk.folder in away.parents
    fresh = sorted((disk.folder / "backups").glob("*.keys"))
    assert fresh[0] == here
    assert len(fresh) == 2
    for path in fresh:
        content = keys_files.unsealed(disk.storage.vault, path.read_bytes())
        assert len(content["tables"]["person_keys"]) == 2
        assert len(keys_files.erased_in(content)) == 1
    old = keys_files.unsealed(disk.storage.vault, (away / stick.name).read_bytes())
    assert len(old["tables"]["person_keys"]) == 3

    away.rename(disk.folder / "usb")
    assert disk.is_open()
    disk.settle()
    assert not disk.is_open()
    disk.check_others()


@pytest.mark.proof
def test_the_words_and_the_database_alone_open_nothing(disk: Disk) -> None:
    """Without the folder of epochs no key opens; the newest keys file opens everybody's."""
    path = disk.back_up("2026-03-01-000000")
    kept = path.read_bytes()
    path.unlink()
    for each in disk.epochs.glob(f"*{SUFFIX}"):
        each.unlink()
    assert not {owner for owner in disk.opened().owners if owner.startswith("person")}
    with disk.again().reading(disk.now()) as unit, pytest.raises(EpochMissing):
        unit.people.list()
    path.write_bytes(kept)

    assert len({owner for owner in disk.opened().owners if owner.startswith("person")}) == 3


def test_a_process_that_was_awake_reads_on_and_wraps_with_the_new_epoch(disk: Disk) -> None:
    """Another process begins an epoch; this one opens what it wrapped, and whoever joins here opens there."""
    awake, command = disk.storage, disk.again()
    disk.erase(command)
    disk.settle(command)
    with awake.reading(disk.now()) as unit:
        assert {person.nickname for person in unit.people.list()} == set(OTHERS)
    with awake.unit(disk.now()) as unit:
        unit.people.change(disk.world.person(unit, "1009"), nickname="Nueva")
        unit.inbox.accept([(uid(), "telegram", "u9", "1010", b"hola")])
    with disk.again().reading(disk.now()) as unit:
        assert {person.nickname for person in unit.people.list()} == {*OTHERS, "Nueva"}
        assert [row.body for row in unit.inbox.pending(disk.now(), 9)] == [b"espero mi turno", b"hola"]


def test_a_reader_of_an_epoch_that_is_not_there_yet_waits_for_it(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no damage: the folder is read again until the file comes; if none does, the turn is tried again."""
    reader = disk.again()
    disk.erase()
    (newest,) = [path for path in disk.epochs.iterdir() if path.stem == _current(disk)]
    hidden = disk.folder / "hidden"
    newest.rename(hidden)
    with reader.reading(disk.now()) as unit:
        waiting = threading.Timer(0.3, lambda: hidden.rename(newest))
        waiting.start()
        assert {person.nickname for person in unit.people.list()} == set(OTHERS)
        waiting.join()
    assert reader.damage.found() == []


def _current(disk: Disk) -> str:
    with disk.storage.reading(disk.now()) as unit:
        row = epoch_change.row_of(unit)
        assert row is not None
        return row.name


def test_a_damaged_key_is_damaged_and_holds_no_erasure_up(disk: Disk) -> None:
    """One key of wrong bytes is set aside alone, and the older epoch goes all the same."""
    with disk.unit() as unit:
        unit.connection.execute(
            update(person_keys).where(person_keys.c.person_id == disk.others[1].id).values(wrapped=b"\x01wrong" * 9)
        )
    disk.erase()
    assert disk.settle()
    storage = disk.again()
    with storage.reading(disk.now()) as unit:
        assert {person.nickname for person in unit.people.list()} == {OTHERS[0], None}
        assert [(each.table, each.person_id) for each in storage.damage.found()] == [("person_keys", disk.others[1].id)]

    assert not disk.is_open()


def test_new_words_for_the_key_seal_the_epochs_again(disk: Disk, tmp_path: Path) -> None:
    """With the old words nobody opens an epoch any more; an erasure after that holds against both."""
    command, old = disk.again(), tmp_path / "old"
    file = KeyFile(disk.key)
    old.write_bytes(disk.key.read_bytes())
    proposed = create_key(file.proposed)
    with command.unit(disk.now()) as unit:
        rotation.replace(unit, proposed)
    adopt_key(file)
    for _ in rotation.seal_again(command, disk.now):
        pass
    assert command.vault.epochs is not None
    command.vault.epochs.seal_again()
    assert Epochs(disk.epochs, Vault(MASTER).organisation_key).newest() is None
    disk.world.storage = disk.again()  # this vault was given a key, and looks at no file
    disk.erase()
    disk.settle()
    found = disk.opened(old)

    assert f"person {disk.her.id.hex}" not in found.owners
    assert not found.words
    disk.check_others()


def test_people_of_before_epochs_leave_no_key_behind(world: World, tmp_path: Path) -> None:
    """What the organisation's key itself had wrapped is off the disk once the first epoch is there."""
    with world.unit() as unit:
        her = unit.people.change(world.person(unit, "1001"), nickname=HERS[0])
        other = unit.people.change(world.person(unit, "1002"), nickname=OTHERS[0])
    if world.storage.database.dialect == "sqlite":
        write_key(tmp_path / "hilo.key", MASTER)
        before = opener.everything([MASTER], [tmp_path], [f"person {her.id.hex}"], HERS)
        assert before.owners == {f"person {her.id.hex}"}
    world.begin_epochs(tmp_path / "hilo.key.epochs")
    with world.unit(minutes=5) as unit:
        row = epoch_change.row_of(unit)
        assert row is not None
        assert row.swept_at is not None
        erase(unit, her.id)
    assert settling.settle(world.storage, lambda: later(minutes=7), Places((), tmp_path))
    if world.storage.database.dialect == "sqlite":
        found = opener.everything([MASTER], [tmp_path], [f"person {her.id.hex}", f"person {other.id.hex}"], HERS)
        assert {owner for owner in found.owners if owner.startswith("person")} == {f"person {other.id.hex}"}
        assert not found.words
    with world.reading(minutes=9) as unit:
        assert [person.nickname for person in unit.people.list()] == [OTHERS[0]]


def test_nobody_joins_between_two_epochs(disk: Disk) -> None:
    """Somebody who is being added while an epoch begins is wrapped by one that stays."""
    storage, joined, begun = disk.again(), threading.Event(), threading.Event()

    def join() -> None:
        with storage.unit(disk.now()) as unit:
            unit.people.change(disk.world.person(unit, "1009"), nickname="Nueva")
            joined.set()
            begun.wait(0.3)

    joining = threading.Thread(target=join)
    joining.start()
    joined.wait()
    disk.erase()
    begun.set()
    joining.join()
    disk.settle()

    with disk.again().reading(disk.now()) as unit:
        assert {person.nickname for person in unit.people.list()} == {*OTHERS, "Nueva"}
    assert not disk.is_open()


def test_what_waits_is_counted_by_no_other_day(disk: Disk) -> None:
    """Sealed again or not, what waits stays what it was, and nothing of a later day is touched twice."""
    with disk.storage.reading(disk.now()) as unit:
        before = unit.connection.execute(select(inbox.c.seq, inbox.c.body).order_by(inbox.c.seq)).all()
    disk.erase(person=disk.others[1])
    with disk.unit() as unit:
        after = unit.connection.execute(select(inbox.c.seq, inbox.c.body).order_by(inbox.c.seq)).all()
        assert [row[0] for row in before] == [row[0] for row in after]
        assert all(one[1] != two[1] for one, two in zip(before, after, strict=True))
        assert epoch_change.seal_days_again(unit) == 0
