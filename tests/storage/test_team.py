"""Messages to the team, media and the audit trail."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update

from storage.audit import TrailFault
from storage.tables import audit, messages
from storage.unit import Storage
from storage.vault import DecryptionError
from tests.media_rows import sent_by
from tests.storage.world import NOW, World, later, uid


def test_a_message_waits_for_the_team(world: World) -> None:
    """What a leader writes waits, with its words, until somebody closes it; who takes it is noted once."""
    with world.unit() as unit:
        person, facilitator = world.person(unit, "1"), world.person(unit, "2")
        message_id = uid()
        unit.messages.add(message_id, person, "to_team", "Necesito hablar", NOW, world.cohort)
        (message,) = unit.messages.list()
        assert (message.id, message.person_id, message.body) == (message_id, person.id, "Necesito hablar")
        assert (message.cohort_id, message.direction, message.at) == (world.cohort, "to_team", NOW)
        assert unit.messages.take(message_id, facilitator.id)
        assert not unit.messages.take(message_id, person.id)
        taken = unit.messages.get(message_id)
        assert taken is not None
        assert (taken.taken_by, taken.taken_at) == (facilitator.id, NOW)
        assert unit.messages.close(message_id)
        assert not unit.messages.close(message_id)
        assert unit.messages.list() == []


def test_messages_go_to_those_who_may_read_them(world: World) -> None:
    """The waiting list can be narrowed to cohorts, with or without people who are in none."""
    with world.unit() as unit:
        person = world.person(unit)
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        for minute, (body, cohort) in enumerate((("a", world.cohort), ("b", other), ("c", None))):
            unit.messages.add(uid(), person, "to_team", body, later(minutes=minute), cohort)
        unit.messages.add(uid(), person, "from_team", "d", NOW, world.cohort, written_by=person.id)

        def found(*cohorts: object, **more: bool) -> list[str]:
            return [message.body for message in unit.messages.list(cohorts, **more)]

        assert [message.body for message in unit.messages.list()] == ["a", "b", "c"]
        assert [message.body for message in unit.messages.list(limit=2)] == ["a", "b"]
        assert found(world.cohort) == ["a"]
        assert found(world.cohort, other) == ["a", "b"]
        assert found(world.cohort, without_cohort=True) == ["a", "c"]
        assert found() == []
        assert [message.body for message in unit.messages.of(person.id)] == ["a", "b", "c", "d"]


def test_a_held_message_is_nobodys_yet(world: World) -> None:
    """A held message reaches the team only when its writer passes it on, and is erased when she does not."""
    with world.unit() as unit:
        person, other = world.person(unit, "1"), world.person(unit, "2")
        kept, dropped, old = uid(), uid(), uid()
        for id_ in (kept, dropped, old):
            unit.messages.add(id_, person, "held", str(id_), NOW)
        assert unit.messages.list() == []
        assert not unit.messages.pass_on(kept, other.id)
        assert not unit.messages.drop(dropped, other.id)
    with world.unit(hours=1) as unit:
        assert unit.messages.pass_on(kept, person.id)
        assert not unit.messages.pass_on(kept, person.id)
        assert unit.messages.drop(dropped, person.id)
        assert not unit.messages.drop(kept, person.id)
        assert unit.messages.drop_held(NOW) == 0
        assert unit.messages.drop_held(later(minutes=1)) == 1
        (message,) = unit.messages.list()
        assert (message.id, message.at) == (kept, later(hours=1))
        assert unit.messages.get(old) is None


def test_words_of_another_message_are_noticed(world: World) -> None:
    """A body copied into another message of the same person does not open there."""
    with world.unit() as unit:
        person = world.person(unit)
        for body in ("a", "b"):
            unit.messages.add(uid(), person, "to_team", body, NOW)
        words = select(messages.c.body).order_by(messages.c.id).limit(1).scalar_subquery()
        unit.connection.execute(update(messages).values(body=words))
        assert sorted((message.body, message.damaged) for message in unit.messages.list()) in (
            [("", True), ("a", False)],
            [("", True), ("b", False)],
        )


def test_media_are_known_until_erased(world: World) -> None:
    """A voice note is listed with what is known about it; once its file is gone the row says so."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        voice, photo = uid(), uid()
        unit.media.add(voice, person.id, "voice", "audio/ogg", 4000, "f1", NOW, seconds=9, run_id=run_id, path="story")
        unit.media.add(photo, person.id, "photo", "image/jpeg", 90000, "f2", later(days=2))
        assert [item.id for item in sent_by(unit, person.id)] == [voice, photo]
        item = unit.media.get(voice)
        assert item is not None
        hashed = unit.vault.path_hash(run_id, "story")
        assert (item.run_id, item.path, item.kind, item.mime) == (run_id, hashed, "voice", "audio/ogg")
        assert (item.size, item.seconds, item.file, item.received_at) == (4000, 9, "f1", NOW)
        unit.media.erased(voice)
        gone = unit.media.get(voice)
        assert gone is not None
        assert gone.file is None
        assert unit.media.get(uid()) is None


def test_a_file_is_sealed_like_a_row(world: World) -> None:
    """A whole file is sealed with its person's key under its own id, and opens under no other."""
    with world.unit() as unit:
        person = world.person(unit)
    sound = bytes(range(256)) * 4000
    sealed = person.key.seal(sound, "media", "file", uid().hex)

    with pytest.raises(DecryptionError):
        person.key.open(sealed, "media", "file", uid().hex)


def trail(world: World) -> None:
    """Write five entries."""
    for number in range(5):
        with world.unit(minutes=number) as unit:
            unit.audit.add("console", "exported", "check_in", {"rows": number})


def test_the_trail_reads_back(world: World) -> None:
    """Entries come newest first, with their sealed details, and the chain holds."""
    with world.unit() as unit:
        person = world.person(unit)
        unit.audit.add(person.id, "read", world.cohort, {"qué": "respuestas"})
        unit.audit.add("console", "erased", person.id, {})
    with world.reading() as unit:
        newest, first = unit.audit.list()
        assert (newest.actor, newest.action, newest.subject) == ("console", "erased", str(person.id))
        assert (first.actor, first.subject, first.detail) == (
            str(person.id),
            str(world.cohort),
            {"qué": "respuestas"},
        )
        assert (first.at, first.seq) == (NOW, newest.seq - 1)
        assert unit.audit.list(1) == [newest]
        assert unit.audit.verify() is None


def test_an_empty_trail_holds(world: World) -> None:
    """A trail with nothing in it has no bad row."""
    with world.reading() as unit:
        assert unit.audit.verify() is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "someone"},
        {"action": "looked"},
        {"subject": "other"},
        {"at": later(hours=9)},
        {"detail": b"x" * 60},
        {"hash": b"x" * 32},
        {"previous": b"x" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_found(world: World, change: dict[str, object]) -> None:
    """Whatever is changed in an entry, the trail names that entry."""
    trail(world)
    with world.unit() as unit:
        third = unit.audit.list()[2].seq
        unit.connection.execute(update(audit).where(audit.c.seq == third).values(**change))
        assert unit.audit.verify() == TrailFault("changed", third)


def test_an_entry_taken_out_is_found(world: World) -> None:
    """When an entry is taken out, the one behind it no longer fits."""
    trail(world)
    with world.unit() as unit:
        third = unit.audit.list()[2].seq
        unit.connection.execute(delete(audit).where(audit.c.seq == third))
        assert unit.audit.verify() == TrailFault("changed", third + 1)


def test_an_entry_cannot_be_forged(world: World) -> None:
    """Whoever can write rows but has not the key cannot add one that fits: the chain is keyed."""
    trail(world)
    with world.unit() as unit:
        last = unit.connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).mappings().one()
        forged = {**last, "seq": last["seq"] + 1, "previous": last["hash"], "action": "nothing"}
        unit.connection.execute(audit.insert().values(**forged))
        assert unit.audit.verify() == TrailFault("changed", forged["seq"])


def test_entries_written_at_once_form_one_chain(world: World) -> None:
    """Four processes that write to the trail at the same time make one unbroken chain."""
    storages = [world.storage, world.again(), world.again(), world.again()]

    def write(storage: Storage) -> None:
        for number in range(8):
            with storage.unit(NOW) as unit:
                unit.audit.add("console", "did", "this", {"n": number})

    with ThreadPoolExecutor(4) as pool:
        [*pool.map(write, storages)]

    with world.reading() as unit:
        assert len(unit.audit.list()) == 32
        assert unit.audit.verify() is None


def test_roles_that_rest_allow_nothing_and_come_back(world: World) -> None:
    """No query has them while they rest but those that ask for them; what is given meanwhile rests; then all holds."""
    with world.unit() as unit:
        ana, eva = world.person(unit, "1"), world.person(unit, "2")
        unit.roles.grant(uid(), ana.id, "admin")
        unit.roles.grant(uid(), eva.id, "admin")
        unit.role_rests.add(uid(), ana.id, eva.id)
        unit.roles.rest(ana.id)
        unit.roles.grant(uid(), ana.id, "facilitator", world.cohort)
        assert unit.roles.of(ana.id) == []
        assert [*unit.roles.admins()] == [eva.id]
        assert [*unit.roles.who_reads()] == [eva.id]
        assert unit.roles.readers() == 1
        assert [each.person_id for each in unit.roles.grants()] == [eva.id]
        assert [each.rested_at is not None for each in unit.roles.given() if each.person_id == ana.id] == [True, True]
        assert (unit.roles.rests(ana.id), unit.roles.rests(eva.id)) == (True, False)
        assert [*unit.roles.resting()] == [ana.id]
        rest = unit.role_rests.undecided(first=True)
        assert rest is not None
        assert (rest.person_id, rest.asked_by) == (ana.id, eva.id)
        assert unit.role_rests.decide(rest.id, eva.id)
        assert not unit.role_rests.decide(rest.id, eva.id)
        assert unit.role_rests.undecided() is None
        assert unit.role_rests.of(ana.id) is not None
    with world.unit(minutes=1) as unit:
        unit.roles.resume(ana.id)
        assert unit.role_rests.end(ana.id)
        assert not unit.role_rests.end(ana.id)
        assert sorted(each.role for each in unit.roles.of(ana.id)) == ["admin", "facilitator"]
        assert unit.role_rests.open() == []
