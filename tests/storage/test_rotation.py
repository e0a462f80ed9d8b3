"""New words for the organisation's key: what is here opens with them alone, whatever was cut off and whoever wrote."""

from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from storage import rotation
from storage.audit import TrailFault
from storage.damage_scan import ORGANISATION_SEALED, scan
from storage.key_ring import DamagedKey, RetiredKey, adopt, open_vault
from storage.tables import audit, cohorts, former_keys, inbox_keys, invite_keys, organisation, person_keys, purposes
from storage.unit import Storage
from storage.vault import DecryptionError, KeyFile, Vault, create_key, load_key, write_key
from tests.by_day import DATABASES_ALIKE
from tests.storage.world import World, later, uid

MASTER = bytes(range(32))
ALL = 10_000
CHATS = [str(number) for number in range(1001, 1013)]


class House:
    """A database with its key in a file; a bot that stays awake, and commands beside it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.path = world, folder / "hilo.key"
        write_key(self.path, MASTER)
        self.minutes = 0
        with world.unit() as unit:
            unit.organisation.set({"name": "Escuela"})
            self.people = {chat: world.person(unit, chat).id for chat in CHATS}
            unit.audit.add("console", "begun", "organisation", {"why": "a test"})
            unit.inbox.accept([(uid(), "telegram", "u1", "5", b"{}")])
        self.awake = self.command()

    @property
    def file(self) -> KeyFile:
        """Return the key's file."""
        return KeyFile(self.path)

    def now(self) -> Any:
        """Return a moment that goes on."""
        self.minutes += 1
        return later(minutes=self.minutes)

    def command(self) -> Storage:
        """Open everything as a process does that starts now."""
        database = self.world.again().database
        file = self.file
        return Storage(database, open_vault(database, load_key(self.path), file))

    def begin(self) -> Storage:
        """Let a new key take the old one's place; return the storage of the command that did."""
        command = self.command()
        proposed = create_key(self.file.proposed)
        with command.unit(self.now()) as unit:
            rotation.replace(unit, proposed)
        adopt(self.file)
        return command

    def rotate(self, beside: Callable[[], object] = lambda: None) -> None:
        """Rotate whole, and do something beside it after each batch."""
        command = self.begin()
        for _ in rotation.seal_again(command, self.now):
            beside()
        with command.unit(self.now()) as unit:
            rotation.finish(unit)

    def write(self) -> None:
        """Let the bot that is awake take somebody in, add a cohort, and note both."""
        with self.awake.unit(self.now()) as unit:
            chat = str(2000 + self.minutes)
            self.people[chat] = self.world.person(unit, chat).id
            unit.cohorts.add(uid(), f"Grupo {self.minutes}", ("es",), None)
            unit.organisation.note(written=self.minutes)
            unit.audit.add("console", "person.joined", str(self.people[chat]), {"n": self.minutes})

    def whole(self, storage: Storage) -> None:
        """Check that everything opens, everybody is known in her chat, and the trail is whole."""
        with storage.reading(self.now()) as unit:
            assert scan(unit) == []
            found = {chat: unit.people.at("telegram", chat) for chat in self.people}
            assert {chat: person and person.id for chat, person in found.items()} == self.people
            assert unit.audit.verify() is None
            assert unit.organisation.get()["name"] == "Escuela"

    def left(self, *masters: bytes) -> int:
        """Count what these keys open without any other: wrapped keys, and the organisation's values but the trail's."""
        opened = 0
        with self.world.storage.database.read() as connection:
            for master in masters:
                alone = Vault(master)
                heads = {*alone.wrapping_key.heads, *alone.organisation_key.heads}
                for column in (
                    person_keys.c.wrapped,
                    inbox_keys.c.wrapped,
                    invite_keys.c.wrapped,
                    *ORGANISATION_SEALED,
                ):
                    if column is not audit.c.detail:
                        blobs = connection.execute(select(column).where(column.is_not(None))).scalars()
                        opened += sum(blob[:5] in heads for blob in blobs)
        return opened


@pytest.fixture
def house(world: World, tmp_path: Path) -> House:
    """One house on each database."""
    return House(world, tmp_path)


def test_the_new_words_open_everything_and_the_old_ones_nothing(house: House) -> None:
    """The new key alone opens all; the old one opens no wrapped key and no value but the trail's, and is told so."""
    with house.awake.reading(house.now()) as unit:
        called = {person.id: person.pseudonym for person in unit.people.list()}
    assert house.left(MASTER) > len(CHATS)
    house.rotate()

    again = house.command()
    house.whole(again)
    assert load_key(house.path) != MASTER
    assert house.left(MASTER) == 0
    with again.reading(house.now()) as unit:
        assert {person.id: person.pseudonym for person in unit.people.list()} == called
        assert rotation.left(unit) == 0
        assert rotation.begun_at(unit) is None
    with pytest.raises(RetiredKey) as retired:
        open_vault(again.database, MASTER)
    assert retired.value.at > later()


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_a_bot_that_is_awake_goes_on_and_takes_the_new_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two batches it lets people in, and reads them; nothing that it writes stays under the old key."""
    monkeypatch.setattr(rotation, "_BATCH", 2)

    def beside() -> None:
        house.write()
        house.whole(house.awake)

    house.rotate(beside)

    assert len(house.people) > len(CHATS) + 6
    assert house.left(MASTER) == 0
    house.whole(house.awake)
    house.whole(house.command())


@pytest.mark.by_day("url", "batches", why=DATABASES_ALIKE)
@pytest.mark.parametrize("batches", [0, 4, 8, 12, 16, 40, ALL])
def test_cut_off_anywhere_it_goes_on(house: House, batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each batch everything opens; begun again, it does what is left."""
    monkeypatch.setattr(rotation, "_BATCH", 1)
    command = house.begin()
    deque(islice(rotation.seal_again(command, house.now), batches), maxlen=0)
    house.write()
    house.whole(house.command())
    with house.command().reading(house.now()) as unit:
        assert rotation.begun_at(unit) is not None
        before = rotation.left(unit)
    assert (before > 0) is (batches != ALL)
    deque(rotation.seal_again(house.command(), house.now), maxlen=0)

    assert house.left(MASTER) == 0
    house.whole(house.command())


def test_cut_off_before_the_files_trade_places(house: House) -> None:
    """The database knows the new key, the file is still the old one's: whoever starts next completes that."""
    command = house.command()
    proposed = create_key(house.file.proposed)
    with command.unit(house.now()) as unit:
        rotation.replace(unit, proposed)
    house.write()

    house.whole(house.command())
    assert load_key(house.path) == proposed
    assert not house.file.proposed.exists()
    house.write()
    house.whole(house.command())


def test_a_proposed_key_changes_nothing(house: House) -> None:
    """As long as its words are not on paper, the old key holds, and whoever starts leaves both files alone."""
    proposed = create_key(house.file.proposed)
    house.whole(house.command())

    assert load_key(house.path) == MASTER
    assert load_key(house.file.proposed) == proposed


def test_again_and_again(house: House) -> None:
    """Three rotations, of which the bot that is awake sees the last one only: all former keys are known to it."""
    seen = [MASTER]
    for _ in range(3):
        house.rotate()
        seen.append(load_key(house.path))
    house.write()
    house.whole(house.awake)
    house.whole(house.command())

    assert len(set(seen)) == 4
    assert house.left(*seen[:-1]) == 0
    assert house.command().vault.former == tuple(seen[:-1])


def test_a_foreign_file_is_no_key(house: House) -> None:
    """Somebody puts another key in the file's place: the bot that is awake goes on with the one it has."""
    house.path.unlink()
    create_key(house.path)
    house.write()

    house.whole(house.awake)
    house.path.unlink()
    write_key(house.path, MASTER)
    house.whole(house.command())


def test_buttons_of_both_keys_hold(house: House) -> None:
    """What was signed before the rotation holds after it; what a command signs holds for the bot that is awake."""
    before = house.awake.vault.sign(b"button")
    command = house.begin()
    with command.unit(house.now()) as unit:
        unit.audit.add("console", "noted", "organisation", {})
    after = command.vault.sign(b"button")

    assert before != after
    assert house.awake.vault.verify(b"button", after)
    assert house.command().vault.verify(b"button", before)
    assert not house.awake.vault.verify(b"another", after)


def test_old_words_add_nothing_to_the_trail(house: House) -> None:
    """Whoever has the old key and can write the database chains a row with it: it is found."""
    with house.command().unit(house.now()) as unit:
        unit.audit.add("console", "before", "organisation", {})
    house.rotate()
    with house.command().unit(house.now()) as unit:
        unit.audit.add("console", "after", "organisation", {})
    house.whole(house.command())
    forger = Storage(house.world.again().database, Vault(MASTER))
    with forger.unit(house.now()) as unit:
        unit.audit.add("console", "forged", "organisation", {})

    with house.command().reading(house.now()) as unit:
        last = unit.connection.execute(select(audit.c.seq).order_by(audit.c.seq.desc()).limit(1)).scalar_one()
        assert unit.audit.verify() == TrailFault("changed", last)


def test_what_was_changed_or_erased_meanwhile_stays_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure between the look and the batch is no reason to stop, and brings nobody back."""
    monkeypatch.setattr(rotation, "_BATCH", 1)
    command = house.begin()
    going = rotation.seal_again(command, house.now)
    next(going)
    gone: list[UUID] = list(house.people.values())[6:]
    with house.world.storage.database.write() as connection:
        for person_id in gone:
            connection.execute(person_keys.delete().where(person_keys.c.person_id == person_id))
    deque(going, maxlen=0)

    with house.command().reading(house.now()) as unit:
        assert {person.id for person in unit.people.list()} == {*house.people.values()} - {*gone}
        assert rotation.left(unit) == 0


def test_a_damaged_value_is_left_as_it_is(house: House) -> None:
    """One that does not open stays, is counted as left, and nobody else waits for it."""
    hurt = house.people["1003"]
    with house.world.storage.database.write() as connection:
        blob = connection.execute(select(person_keys.c.wrapped).where(person_keys.c.person_id == hurt)).scalar_one()
        cut = update(person_keys).where(person_keys.c.person_id == hurt).values(wrapped=blob[:-1] + b"!")
        connection.execute(cut)
    house.rotate()

    with house.command().reading(house.now()) as unit:
        assert [each.person_id for each in scan(unit)] == [hurt]
        assert rotation.left(unit) == 1


def test_a_damaged_former_key_is_told_from_a_wrong_one(house: House) -> None:
    """Without it no chat is known: nothing starts, and the error is not that of other words."""
    house.rotate()
    with house.world.storage.database.write() as connection:
        blob = connection.execute(select(former_keys.c.wrapped)).scalar_one()
        connection.execute(update(former_keys).values(wrapped=blob[:-1] + bytes([blob[-1] ^ 1])))

    with pytest.raises(DamagedKey):
        house.command()


def test_everything_the_master_key_seals_is_known(house: House) -> None:
    """The columns sealed again are the schema's: cards of purposes, cohorts, the record; the trail's are left."""
    assert {column.table for column in ORGANISATION_SEALED} >= {organisation, cohorts, purposes, audit}
    with house.world.storage.database.write() as connection:
        sealed = house.awake.vault.organisation_key.seal(b"{}", "purposes", "card", UUID(int=7).hex)
        connection.execute(insert(purposes).values(id=UUID(int=7), card=sealed, created_at=later()))
    house.rotate()
    with house.world.storage.database.read() as connection:
        (card,) = connection.execute(select(purposes.c.card)).scalars()
        details = connection.execute(select(audit.c.detail)).scalars().all()

    newest = Vault(load_key(house.path))
    assert newest.organisation_key.open(card, "purposes", "card", UUID(int=7).hex) == b"{}"
    assert any(detail.startswith(Vault(MASTER).organisation_key.heads) for detail in details)
    with pytest.raises(DecryptionError):
        Vault(MASTER).organisation_key.open(card, "purposes", "card", UUID(int=7).hex)


def test_no_byte_of_the_old_wrapping_stays_in_the_files(house: House) -> None:
    """On SQLite the file and its log are searched for each key as the old one had wrapped it."""
    if house.world.storage.database.dialect != "sqlite":
        pytest.skip("PostgreSQL's log is the server's own")
    with house.world.storage.database.read() as connection:
        before = connection.execute(select(person_keys.c.wrapped)).scalars().all()
    house.rotate()
    assert rotation.clean(house.command().database)

    file = Path(str(house.world.storage.database.engine.url.database))
    bytes_ = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert before
    assert not [blob for blob in before if blob in bytes_]
