"""What is on the disk: nothing in the clear, and nothing at all of whoever was erased."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import LargeBinary, Table, Uuid, select

from storage.erasure import erase
from storage.people import Person
from storage.tables import metadata, organisation, outbox, person_keys
from tests.media_rows import sent_by
from tests.storage.filled import CANARY, CHAT, NICKNAME, SECRETS, fill
from tests.storage.world import NOW, World, later, uid


def disguises(word: str) -> Iterator[bytes]:
    """Give the ways in which a word could lie in a file."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    yield word.encode("ascii", "backslashreplace")
    for shift in range(3):
        # The first and last letters depend on what stands around the word.
        yield b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4]


def shown(content: bytes) -> list[str]:
    """Tell which secrets can be read in some bytes."""
    return [word for word in SECRETS if any(each in content for each in disguises(word))]


def files(world: World) -> dict[str, bytes]:
    """Read every file of a SQLite database."""
    folder = Path(world.url.removeprefix("sqlite:///")).parent
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("hilo.db")}
    assert "hilo.db" in found
    return found


def blobs(world: World, person: Person) -> dict[str, list[bytes]]:
    """Give the ciphertext of every row that belongs to a person, and her wrapped key, by table."""
    found: dict[str, list[bytes]] = {}
    with world.reading() as unit:
        for table in metadata.sorted_tables:
            owner = table.c.id if table.name == "people" else table.c.get("person_id")
            # Those of a fixed length are keyed hashes.
            columns = [column for column in table.c if isinstance(column.type, LargeBinary) and not column.type.length]
            if owner is None or not columns:
                continue
            rows = unit.connection.execute(select(*columns).where(owner == person.id))
            found[table.name] = [value for row in rows for value in row if value is not None and len(value) > 32]
    return found


def test_no_word_lies_open_in_a_file(file_world: World) -> None:
    """In a filled database no canary, name, chat or code is in any byte of any file, however it is written."""
    fill(file_world)
    found = files(file_world)

    assert {"hilo.db", "hilo.db-wal"} <= found.keys()
    assert len(found["hilo.db-wal"]) > 100_000
    for name, content in found.items():
        assert shown(content) == [], name
    assert file_world.storage.database.checkpoint()
    assert shown(files(file_world)["hilo.db"]) == []


def test_the_search_would_find_a_word(file_world: World) -> None:
    """The search finds each secret in every disguise where one is planted: finding none proves something."""
    fill(file_world)
    for secret in SECRETS:
        for disguise in disguises(secret):
            with file_world.unit() as unit:
                unit.connection.execute(organisation.update().values(record=b"xy" + disguise + b"z"))
            content = b"".join(files(file_world).values())
            assert shown(content) == [secret]
            assert file_world.storage.database.checkpoint()
            with file_world.unit() as unit:
                unit.organisation.set({})
            assert file_world.storage.database.checkpoint()


def test_no_row_shows_a_word(world: World) -> None:
    """In no column of any table does a canary, name, chat or code stand, on either database."""
    fill(world)
    looked = 0
    with world.reading() as unit:
        for table in metadata.sorted_tables:
            for row in unit.connection.execute(select(table)):
                for value in row:
                    content = value if isinstance(value, bytes) else str(value).encode()
                    assert shown(content) == [], table.name
                    looked += 1
    assert looked > 200


def test_an_erased_person_is_gone_from_every_table(world: World) -> None:
    """After erasure no table has a row of hers, her address or her updates; others are untouched."""
    person = fill(world)
    with world.unit() as unit:
        other = world.person(unit, "77")
        world.run(unit, other)
        unit.outbox.put(uid(), other, "telegram", "77", "message", 0, {"text": "hola"})
        unit.inbox.accept([(uid(), "telegram", "u77", "77", b"hola")])
    with world.unit(hours=1) as unit:
        erased = erase(unit, person.id)

    assert erased.files == ("f" * 32,)
    assert (erased.rows["person_keys"], erased.rows["people"], erased.rows["answers"]) == (1, 1, 3)
    assert (erased.rows["inbox"], erased.rows["addresses"]) == (1, 2)
    looked = 0
    with world.reading() as unit:
        for table in metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, Uuid) and column.name not in {"created_by", "written_by", "changed_by"}:
                    assert not unit.connection.execute(select(column).where(column == person.id)).all()
                    looked += 1
        for messenger, chat in (("telegram", CHAT), ("web", "canary-web-4471")):
            assert unit.people.at(messenger, chat) is None
            assert unit.outbox.thread(messenger, chat, 0, 9) == []
        assert unit.audit.verify() is None
        kept = unit.people.at("telegram", "77")
        assert kept is not None
        assert unit.runs.open(kept) is not None
        assert {row.body for row in unit.inbox.pending(later(hours=1), 9)} >= {b"hola"}
    assert looked > 30


def test_files_of_hers_go_and_nobody_elses(world: World) -> None:
    """Her voice notes go, and what the team told her by voice; what it told others stays. Pages about her close."""
    with world.unit() as unit:
        ana, leader, other = (world.person(unit, chat) for chat in ("1", "2", "3"))
        told, elsewhere, gone = uid(), uid(), uid()
        for item, owner in ((told, ana), (elsewhere, ana), (uid(), leader), (uid(), other), (gone, leader)):
            unit.media.add(item, owner.id, "voice", "audio/ogg", 1, item.hex, NOW)
        unit.media.erased(gone)
        unit.messages.add(uid(), leader, "from_team", "", NOW, world.cohort, ana.id, told)
        unit.messages.add(uid(), other, "from_team", "", NOW, world.cohort, ana.id, elsewhere)
        unit.panels.add(uid(), ana.id, "page", 1, until=later(minutes=30))
        unit.panels.add(uid(), ana.id, "progress", 2, until=later(minutes=30))
        hers = [item.file for item in sent_by(unit, leader.id) if item.file]
        erased = erase(unit, leader.id)

        assert sorted(erased.files) == sorted([told.hex, *hers])
        assert [item.id for item in sent_by(unit, ana.id)] == [elsewhere]
        assert len(sent_by(unit, other.id)) == 1
        assert [panel.person_id for panel in unit.panels.due(unit.now, 9)] == [ana.id]


def test_what_erasure_leaves_of_her_is_named(world: World) -> None:
    """Every table that points at a person is named by erasure: a new one cannot be forgotten."""
    person = fill(world)
    with world.unit() as unit:
        rows = erase(unit, person.id).rows
    pointing = {
        table.name
        for table in metadata.sorted_tables
        if "person_id" in table.c or any(key.column.table.name == "people" for key in table.foreign_keys)
    }

    assert pointing <= rows.keys()
    assert len(pointing) >= 12


def test_erased_bytes_leave_the_files(file_world: World) -> None:
    """Of an erased person not even ciphertext, nor her wrapped key, stays in the file or its log."""
    person = fill(file_world)
    hers = blobs(file_world, person)
    assert all(hers.values()), hers.keys()
    assert {"people", "person_keys", "answers", "runs", "messages", "consents", "outbox"} <= hers.keys()
    before = b"".join(files(file_world).values())
    assert all(blob in before for each in hers.values() for blob in each)

    with file_world.unit() as unit:
        erase(unit, person.id)

    after = b"".join(files(file_world).values())
    left = {name: sum(blob in after for blob in each) for name, each in hers.items()}
    assert left == dict.fromkeys(hers, 0)


def test_without_her_key_a_backup_says_nothing(world: World) -> None:
    """Rows that a backup without the keys brings back belong to nobody, and open for nobody."""
    person = fill(world)
    copies = _copy(world, person_keys)
    with world.unit() as unit:
        unit.connection.execute(person_keys.delete())
    with world.reading() as unit:
        assert unit.people.get(person.id) is None
        assert unit.people.at("telegram", CHAT) is None
        assert unit.people.list() == []
        assert unit.messages.list() == []
        assert unit.outbox.thread("web", "canary-web-4471", 0, 9) == []
        assert list(unit.people.keyless()) == [person.id]
    with world.unit() as unit:
        unit.connection.execute(person_keys.insert(), copies)
        again = unit.people.at("telegram", CHAT)
        assert again is not None
        assert (again.nickname, again.preferences) == (NICKNAME, {"about": CANARY})


def test_whoever_shares_the_phone_can_still_speak(world: World) -> None:
    """When the one who speaks at a shared address is erased, who spoke there before her does again, and only there."""
    with world.unit() as unit:
        world.person(unit, "1001")
    with world.unit(minutes=1) as unit:
        mother = world.person(unit, "1001")
        unit.addresses.link(mother, "telegram", "3003", uid())
    with world.unit(minutes=2) as unit:
        neighbour = world.person(unit, "3003")
        daughter = world.person(unit, "2002")
        unit.addresses.link(daughter, "telegram", "1001", uid())
    with world.unit(minutes=3) as unit:
        erased = erase(unit, daughter.id)
        there, elsewhere = unit.people.at("telegram", "1001"), unit.people.at("telegram", "3003")

        assert there is not None
        assert elsewhere is not None
        assert (there.id, elsewhere.id) == (mother.id, neighbour.id)
        assert erased.rows["addresses"] == 1


def test_what_waits_at_a_shared_address_stays(world: World) -> None:
    """Of an erased person's addresses nothing is kept where she was alone; where others speak too, all of theirs is."""
    with world.unit() as unit:
        mother, daughter = world.person(unit, "1001"), world.person(unit, "2002")
        unit.addresses.link(daughter, "telegram", "1001", uid())
        for chat in ("1001", "2002"):
            unit.inbox.accept([(uid(), "telegram", f"u{chat}", chat, chat.encode())])
            unit.outbox.put(uid(), None, "telegram", chat, "message", 0, {"text": "Hola."})
        unit.outbox.put(uid(), mother, "telegram", "1001", "message", 0, {"text": "Hola."})
        unit.outbox.put(uid(), daughter, "telegram", "1001", "message", 0, {"text": "Hola."})
        erased = erase(unit, daughter.id)

        assert (erased.rows["inbox"], erased.rows["outbox"]) == (1, 2)
        assert [row.body for row in unit.inbox.pending(later(minutes=1), 9)] == [b"1001"]
        assert unit.connection.execute(select(outbox.c.person_id).order_by(outbox.c.seq)).scalars().all() == [
            None,
            mother.id,
        ]


def test_erasing_nobody_erases_nothing(world: World) -> None:
    """An id that is nobody's erases no row."""
    fill(world)
    with world.unit() as unit:
        assert set(erase(unit, uid()).rows.values()) == {0}


def _copy(world: World, table: Table) -> list[dict[str, object]]:
    with world.reading() as unit:
        return [dict(row) for row in unit.connection.execute(select(table)).mappings()]


def test_an_invite_that_she_used_can_be_used_again(world: World) -> None:
    """Whoever is erased has not used it; others' uses stay, and are not counted twice."""
    with world.unit() as unit:
        unit.invites.create(uid(), "CODE", "leader", world.cohort, 2, None, None)
        invite = unit.invites.find("CODE")
        assert invite is not None
        ana, berta, carmen = (world.person(unit, str(chat)) for chat in range(3))
        assert unit.invites.use(invite.id, ana.id)
        assert unit.invites.use(invite.id, ana.id)
        assert unit.invites.use(invite.id, berta.id)
        assert not unit.invites.use(invite.id, carmen.id)
        erase(unit, ana.id)

        found = unit.invites.find("CODE")
        assert found is not None
        assert found.used == 1
        assert unit.invites.use(invite.id, carmen.id)
        assert set(unit.invites.used_by(invite.id)) == {berta.id, carmen.id}
