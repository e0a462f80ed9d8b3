"""Whoever can write rows, and has no key, gives nobody anything: the report's attacks, and what is done about them."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot import clock
from bot.cli.operate.doctor import damage
from bot.services import grants
from storage import sealing
from storage.damage_scan import scan
from storage.mending import mend
from storage.seals import SEAL
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_reading import told

CANARY = "canario de la sierra"


def write(hilo: Rig, statement: str, *values: Any) -> int:
    """Write rows as somebody does who has the file and no key; return how many."""
    with closing(sqlite3.connect(hilo.folder / "hilo.db", timeout=10)) as database:
        done = database.execute(statement, values).rowcount
        database.commit()
    return done


def one(hilo: Rig, query: str, *values: Any) -> Any:
    return hilo.rows(query, *values)[0][0]


def role(hilo: Rig, phone: Phone, name: str = "admin", seal: bytes | None = None) -> str:
    """Write a role for somebody, as the report's attack does."""
    id_ = clock.new_id().hex
    write(
        hilo,
        "INSERT INTO roles (id, person_id, role, granted_at, seal) VALUES (?, ?, ?, ?, ?)",
        *(id_, phone.person.id.hex, name, "2026-01-01 00:00:00.000000", seal),
    )
    return id_


def sees(phone: Phone) -> str:
    """Return everything that stands in a chat."""
    return "\n".join(f"{message.text} {message.labels}" for message in phone.thread)


def foreign(hilo: Rig) -> list[tuple[str, str]]:
    """Return what a scan, as `hilo doctor` makes it, finds written without the key: (table, row)."""
    with hilo.reading() as unit:
        found = [each for each in scan(unit) if each.column == SEAL]
        reported = [finding for finding in damage(unit, found) if finding.code == "foreign"]
        assert len(reported) == (1 if found else 0)
    return [(each.table, each.row) for each in found]


@pytest.mark.parametrize("copied", [False, True])
def test_one_insert_makes_no_admin(hilo: Rig, copied: bool, caplog: pytest.LogCaptureFixture) -> None:
    """A role written into the database, with no seal or with that of a real one, gives nothing to see or do."""
    ana, admin = hilo.facilitator(), hilo.facilitator(nickname="Yolanda", cohort=None, role="admin")
    told(hilo, "Colibrí", CANARY)
    leader = hilo.join(nickname="Nopal")
    assert foreign(hilo) == []
    seal = one(hilo, "SELECT seal FROM roles WHERE person_id = ?", admin.person.id.hex) if copied else None
    id_ = role(hilo, leader, seal=seal)
    for said in ("/menu", "/leer", "/gente", "/roles"):
        leader.say(said)

    assert CANARY not in sees(leader)
    with hilo.reading() as unit:
        assert unit.roles.of(leader.person.id) == []
        assert leader.person.id not in {*unit.roles.who_reads(), *unit.roles.admins()}
        assert ana.person.id in unit.roles.who_reads()
    assert foreign(hilo) == [("roles", id_)]
    assert caplog.messages == [f"roles: the seal of row {id_} does not fit, and the row counts for nothing"]

    admin.look()
    hilo.advance(minutes=2)
    hilo.tick()
    assert texts().say("notice.foreign", "es") in admin.news
    admin.say("/menu")
    admin.press(texts().say("menu.checklist", "es"))
    assert texts().count("checklist.foreign", "es", 1) in (admin.last.text or "")

    with hilo.unit() as unit:
        assert mend(unit, scan(unit)) == 1
    assert foreign(hilo) == []
    assert one(hilo, "SELECT count(*) FROM roles WHERE id = ?", id_) == 0


def test_an_invite_that_was_changed_lets_nobody_in(hilo: Rig) -> None:
    """`UPDATE invites SET role='admin'` makes the code one that is not known."""
    code = hilo.invite()
    assert write(hilo, "UPDATE invites SET role = 'admin'") >= 1
    phone = hilo.phone()
    phone.say(f"/start {code}")
    phone.say("Español")
    phone.say("Coatl")

    with hilo.reading() as unit:
        assert unit.roles.admins() == []
        assert unit.people.at(hilo.messenger.name, phone.chat) is None
    assert [table for table, _ in foreign(hilo)] == ["invites"]


@pytest.mark.parametrize("change", ["revoked_at = NULL", "expires_at = NULL", "rested_at = NULL", "role = 'admin'"])
def test_a_role_that_ended_does_not_come_back(hilo: Rig, change: str) -> None:
    """A facilitator's role that is over, or rests, or is of another kind, holds nothing once its row was changed."""
    ana = hilo.facilitator()
    with hilo.unit() as unit:
        if "revoked" in change:
            unit.roles.revoke(ana.person.id, "facilitator")
        else:
            unit.roles.rest(ana.person.id)
    write(hilo, f"UPDATE roles SET {change}, granted_by = NULL, granted_at = '2026-01-02 00:00:00.000000'")  # noqa: S608 -- the attack's

    with hilo.reading() as unit:
        assert unit.roles.given() == []
    assert [table for table, _ in foreign(hilo)] == ["roles"]


def test_another_chat_does_not_become_hers(hilo: Rig) -> None:
    """A link from somebody's row to an attacker's chat, or the chat's hash in her address, lets nobody speak as she."""
    leader, other = hilo.join(nickname="Colibrí"), hilo.join(nickname="Nopal")
    theirs = one(hilo, "SELECT address_id FROM person_addresses WHERE person_id = ?", other.person.id.hex)
    write(hilo, "UPDATE person_addresses SET current = 0 WHERE address_id = ?", theirs)
    write(
        hilo,
        "INSERT INTO person_addresses (person_id, address_id, target, current, linked_at, seal)"
        " SELECT person_id, ?, target, 1, linked_at, seal FROM person_addresses WHERE person_id = ?",
        *(theirs, leader.person.id.hex),
    )
    with hilo.unit() as unit:
        assert unit.people.at(hilo.messenger.name, other.chat) is None
        assert unit.people.at(hilo.messenger.name, leader.chat) is not None
    assert {table for table, _ in foreign(hilo)} == {"person_addresses"}


def test_the_hash_of_another_chat_in_her_address_is_nobody(hilo: Rig) -> None:
    """Whoever writes the keyed hash of an own chat into her address speaks as nobody."""
    leader, other = hilo.join(nickname="Colibrí"), hilo.join(nickname="Nopal")
    mine = one(
        hilo,
        "SELECT lookup FROM addresses a JOIN person_addresses p ON p.address_id = a.id WHERE person_id = ?",
        other.person.id.hex,
    )
    write(hilo, "UPDATE addresses SET lookup = x'00' WHERE lookup = ?", mine)
    hers = one(hilo, "SELECT address_id FROM person_addresses WHERE person_id = ?", leader.person.id.hex)
    write(hilo, "UPDATE addresses SET lookup = ? WHERE id = ?", mine, hers)

    with hilo.reading() as unit:
        assert unit.people.at(hilo.messenger.name, other.chat) is None
    assert {table for table, _ in foreign(hilo)} == {"addresses"}


def test_who_left_a_group_is_not_told_what_came_of_it(hilo: Rig) -> None:
    """Whoever undoes in a row that somebody left has her told nothing: the seal does not fit any more."""
    phones = [hilo.join(nickname=name) for name in ("Milpa", "Ceiba")]
    hilo.ask(*phones)
    with hilo.unit() as unit:
        (order,) = unit.broadcasts.list()
        stays, leaves = (phone.person.id for phone in phones)
        assert set(unit.decisions.asked(order.id, order.cohort_id)) == {stays, leaves}
        unit.memberships.leave(leaves, order.cohort_id)
        assert unit.decisions.asked(order.id, order.cohort_id) == [stays]
    assert write(hilo, "UPDATE memberships SET left_at = NULL") == 2
    with hilo.unit() as unit:
        assert unit.decisions.asked(order.id, order.cohort_id) == [stays]


def test_a_pin_that_was_deleted_leaves_the_chat_shut(hilo: Rig) -> None:
    """Without the row of a PIN nothing that is typed opens the page, and it is said."""
    leader = hilo.join()
    with hilo.unit() as unit:
        unit.web_pins.choose(leader.person, "digits", b"salt", b"hash")
    write(hilo, "DELETE FROM web_pins")

    with hilo.reading() as unit:
        assert unit.web_pins.exists(leader.person.id)
        pin = unit.web_pins.get(leader.person)
        assert pin is not None
        assert pin.hash == b""
        assert ("web_pins", "pin") in {(each.table, each.column) for each in unit.damage.found()}


def test_a_no_does_not_become_a_yes(hilo: Rig) -> None:
    """Who declined and is written as taking part is told as somebody of whom nothing opens, and is not asked."""
    who = hilo.join().person.id
    write(hilo, "UPDATE people SET participation = 'paused'")
    with hilo.reading() as unit:
        found = unit.people.get(who)
        assert found is not None
        assert found.lost
    write(hilo, "UPDATE consents SET action = 'withdrawn'")
    with hilo.reading() as unit:
        assert unit.consents.latest(who) is None
    assert {table for table, _ in foreign(hilo)} == {"people", "consents"}


def test_a_role_that_was_taken_back_and_put_back_is_found(hilo: Rig) -> None:
    """Its old row has a seal that fits; the trail says that it ended, so within the hour it holds nothing again."""
    admin, ana = hilo.facilitator(nickname="Yolanda", cohort=None, role="admin"), hilo.facilitator()
    old = hilo.rows("SELECT revoked_at, seal FROM roles WHERE person_id = ?", ana.person.id.hex)[0]
    with hilo.unit() as unit:
        held = tuple(each for each in unit.roles.given() if each.person_id == ana.person.id)
        grants.end(unit, admin.person, ana.person, held)
    write(hilo, "UPDATE roles SET revoked_at = ?, seal = ? WHERE person_id = ?", *old, ana.person.id.hex)
    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id), "the seal of an old state fits"
    admin.look()
    hilo.advance(hours=1)
    hilo.tick()
    hilo.advance(minutes=2)
    hilo.tick()

    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id) == []
        assert ana.person.id not in unit.roles.who_reads()
    assert texts().say("notice.foreign", "es") in admin.news
    assert [table for table, _ in foreign(hilo)] == ["roles"]


@pytest.mark.parametrize("folder", [True, False], ids=["with a folder of epochs", "without"])
@pytest.mark.parametrize("reset", ["put back", "damaged", "deleted"])
def test_sealing_is_not_done_again(hilo: Rig, reset: str, folder: bool) -> None:
    """Whoever takes away the note that rows were sealed, and writes a row, has nobody seal it: it is found instead."""
    leader = hilo.join()
    before = hilo.rows("SELECT record, seal FROM organisation")[0]
    sealing.begin(hilo.storage, lambda: hilo.now)
    with hilo.unit() as unit:
        assert unit.audit.begin()
    note, id_ = hilo.folder / "hilo.key.epochs" / sealing.FILE, role(hilo, leader)
    assert note.exists()
    if not folder:
        note.unlink()
    if reset == "deleted":
        write(hilo, "DELETE FROM organisation")
    else:
        write(
            hilo,
            "UPDATE organisation SET record = ?, seal = ?",
            *(before if reset == "put back" else (b"0" * 99, None)),
        )

    sealing.begin(hilo.storage, lambda: hilo.now)

    with hilo.reading() as unit:
        assert unit.roles.of(leader.person.id) == []
    assert ("roles", id_) in foreign(hilo)


def test_sealing_that_is_done_again_for_want_of_a_trail_is_found(hilo: Rig) -> None:
    """Without a folder of epochs somebody can take the note away, and the trail's rows: then the trail does not fit."""
    leader = hilo.join()
    before = hilo.rows("SELECT record, seal FROM organisation")[0]
    sealing.begin(hilo.storage, lambda: hilo.now)
    with hilo.unit() as unit:
        assert unit.audit.begin()
    (hilo.folder / "hilo.key.epochs" / sealing.FILE).unlink()
    role(hilo, leader)
    write(hilo, "UPDATE organisation SET record = ?, seal = ?", *before)
    write(hilo, "DELETE FROM audit WHERE action IN ('rows.sealed', 'audit.begun')")

    sealing.begin(hilo.storage, lambda: hilo.now)

    with hilo.reading() as unit:
        assert unit.audit.verify() is not None


def test_the_greater_number_that_is_noted_counts(hilo: Rig) -> None:
    """An old record, of a time when fewer columns were sealed, has nothing sealed again where the file knows better."""
    sealing.begin(hilo.storage, lambda: hilo.now)
    with hilo.unit() as unit:
        unit.organisation.note(**{sealing.NOTED: {"roles": 0}})

    assert sealing.is_done(hilo.storage, lambda: hilo.now)
