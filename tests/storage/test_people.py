"""People, their addresses, cohorts, roles, invitations and consents."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest

from storage.cohorts import CohortExists
from storage.consents import Consent
from storage.roles import Role
from storage.tables import person_keys
from storage.unit import Storage
from tests.storage.world import NOW, World, later, uid


def test_a_person_is_born_with_her_key(world: World) -> None:
    """Whoever is created is found again, with a key that opens what was sealed with it."""
    person_id = uid()
    with world.unit() as unit:
        made = unit.people.create(person_id, NOW, "consenting", "es-usted")
        blob = made.key.seal(b"hola", "t", "c", "r")
    with world.reading() as unit:
        found = unit.people.get(person_id)

    assert found is not None
    assert found.key.open(blob, "t", "c", "r") == b"hola"
    assert (found.id, found.participation, found.language) == (person_id, "consenting", "es-usted")
    assert (found.nickname, found.zone, found.preferences, found.practice) == (None, None, {}, False)
    assert (found.address_id, found.messenger, found.chat) == (None, None, None)
    assert found.pseudonym == made.pseudonym == world.storage.vault.pseudonym(person_id)


def test_nobody_is_born_by_half(world: World) -> None:
    """A transaction that fails leaves neither a person nor a key."""
    person_id = uid()

    def fail() -> None:
        with world.unit() as unit:
            unit.people.create(person_id, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    with world.reading() as unit:
        assert unit.people.get(person_id) is None
        assert unit.people.list() == []


def test_a_person_is_found_where_she_writes(world: World) -> None:
    """An address finds its person with everything a turn needs, in one statement; another one finds nobody."""
    with world.unit() as unit:
        person = world.person(unit, "1001")
        unit.people.change(unit.people.prefer(person, zone="America/Tijuana"), nickname="Luz de la Sierra")
    with world.reading() as unit:
        found = unit.people.at("telegram", "1001")

        assert found is not None
        assert (found.id, found.nickname, found.zone) == (person.id, "Luz de la Sierra", "America/Tijuana")
        assert (found.address_id, found.messenger, found.chat) == (person.address_id, "telegram", "1001")
        assert unit.people.at("telegram", "1002") is None
        assert unit.people.at("web", "1001") is None


def test_two_features_in_one_transaction_lose_nothing(world: World) -> None:
    """Each changes what it names, whatever the other has changed since both read her; None takes one away."""
    with world.unit() as unit:
        stale = unit.people.prefer(world.person(unit), form="listen", hours=["evening"])
        changed = unit.people.prefer(stale, phone="shared", hours=None)
        found = unit.people.prefer(stale, digest={"day": 3})
        assert found.preferences == {"form": "listen", "phone": "shared", "digest": {"day": 3}}
        unit.people.prefer(changed, digest=lambda kept: {**kept, "hour": 9}, seen=lambda kept: [*(kept or ()), 1])
    with world.unit() as unit:
        again = unit.people.get(stale.id)
        assert again is not None
        kept = {"form": "listen", "phone": "shared", "digest": {"day": 3, "hour": 9}, "seen": [1]}
        assert again.preferences == kept
        assert unit.people.prefer(stale).preferences == kept


def test_two_writers_at_once_lose_nothing(pg_world: World) -> None:
    """On PostgreSQL one waits for the other, and changes what it finds then."""
    with pg_world.unit() as unit:
        person = pg_world.person(unit)
    began = threading.Event()

    def other() -> None:
        with pg_world.again().unit(NOW) as unit:
            began.set()
            unit.people.prefer(person, phone="shared")

    with pg_world.unit() as unit:
        unit.people.prefer(person, form="listen")
        writer = threading.Thread(target=other)
        writer.start()
        assert began.wait(9)
        writer.join(0.3)
        assert writer.is_alive(), "it waits"
    writer.join(9)
    with pg_world.reading() as unit:
        assert unit.people.known(person.id).preferences == {"form": "listen", "phone": "shared"}


def test_nobody_can_write_all_preferences_at_once(world: World) -> None:
    """A change of the person does not take the whole bag."""
    with world.unit() as unit, pytest.raises(TypeError, match="preferences"):
        unit.people.change(world.person(unit), preferences={"form": "listen"})


def test_a_change_is_given_back_and_kept(world: World) -> None:
    """What is changed reads the same at once and later; what is not named stays; None clears."""
    with world.unit() as unit:
        person = world.person(unit)
        changed = unit.people.prefer(unit.people.change(person, nickname="Ñuu", language="mix"), voice=True)
        assert unit.people.change(changed) is changed
    with world.unit() as unit:
        found = unit.people.get(person.id)
        assert found is not None
        assert (found.nickname, found.preferences, found.language) == ("Ñuu", {"voice": True}, "mix")
        assert (changed.nickname, changed.preferences, changed.language) == ("Ñuu", {"voice": True}, "mix")
        assert found.participation == "active"
        cleared = unit.people.change(found, nickname=None, participation="paused")
        assert cleared.nickname is None
    with world.reading() as unit:
        again = unit.people.get(person.id)
        assert again is not None
        assert (again.nickname, again.participation, again.language) == (None, "paused", "mix")


def test_only_what_is_hers_to_change_can_be_changed(world: World) -> None:
    """A field that is no field of a person's is refused before anything is written."""
    with world.unit() as unit:
        person = world.person(unit)
        with pytest.raises(TypeError, match="practice"):
            unit.people.change(person, practice=True)


def test_a_name_moved_to_another_person_does_not_open(world: World) -> None:
    """A sealed nickname copied into another person's row is noticed, not shown."""
    with world.unit() as unit:
        first, second = world.person(unit, "1"), world.person(unit, "2")
        unit.people.change(first, nickname="Ana")
        unit.people.change(second, nickname="Berta")
    with world.storage.database.write() as connection:
        connection.exec_driver_sql("UPDATE people SET nickname = (SELECT max(nickname) FROM people)")
    with world.reading() as unit:
        assert [person.nickname for person in unit.people.list()].count(None) == 1


def test_whoever_has_no_key_is_nobody(world: World) -> None:
    """A person whose key is gone is found neither by id nor by address, and is listed as keyless."""
    with world.unit() as unit:
        person, other = world.person(unit, "1"), world.person(unit, "2")
    with world.storage.database.write() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person_id == person.id))
    with world.reading() as unit:
        assert unit.people.get(person.id) is None
        assert unit.people.at("telegram", "1") is None
        assert list(unit.people.keyless()) == [person.id]
        assert [each.id for each in unit.people.list()] == [other.id]


def test_two_keys_swapped_open_nothing(world: World) -> None:
    """Wrapped keys that trade places do not unwrap: each is its owner's alone."""
    with world.unit() as unit:
        world.person(unit, "1")
        world.person(unit, "2")
    with world.storage.database.write() as connection:
        connection.exec_driver_sql("UPDATE person_keys SET wrapped = (SELECT max(wrapped) FROM person_keys)")
    with world.reading() as unit:
        assert [person.lost for person in unit.people.list()].count(True) == 1


def test_everyone_is_given_and_nobody_kept(world: World) -> None:
    """One after the other come the same people as in the list, damaged ones too; whoever was met before stays so."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(5)]
        lost = people[3].id
        unit.connection.execute(person_keys.update().where(person_keys.c.person_id == lost).values(wrapped=b"?"))
    with world.reading() as unit:
        listed = unit.people.list()
    with world.reading() as unit:
        unit.people.get(people[2].id)
        given = [*unit.people.each()]
        assert [*unit.met] == [people[2].id]

    assert [(each.id, each.pseudonym, each.damaged) for each in given] == [
        (each.id, each.pseudonym, each.damaged) for each in listed
    ]
    assert [each.id for each in given if each.lost] == [lost]


def test_the_best_address_is_reachable_and_rings(world: World) -> None:
    """Of several addresses one that can be reached is taken, rather one that rings than a browser, then the newest."""
    with world.unit() as unit:
        person = world.person(unit, "1001")
        telegram = person.address_id
    with world.unit(hours=1) as unit:
        web = unit.addresses.link(person, "web", "w-1", uid())
    with world.unit(hours=2) as unit:
        newer = unit.addresses.link(person, "telegram", "1002", uid())
    with world.unit() as unit:
        assert [each[2] for each in unit.addresses.of(person)] == ["1002", "w-1", "1001"]
        assert unit.people.known(person.id).address_id == newer
        unit.addresses.unreachable(newer, NOW)
        assert unit.people.known(person.id).address_id == telegram
        unit.addresses.unreachable(telegram, NOW)
        assert unit.people.known(person.id).address_id == web
        assert unit.addresses.reachable(person.id)
        assert unit.addresses.find("web", "w-1") == web
        assert unit.addresses.find("web", "w-2") is None
        unit.addresses.unreachable(web, NOW)
        assert not unit.addresses.reachable(person.id)
        assert unit.addresses.unreachable_since(person.id) == NOW


def test_one_speaks_at_a_shared_address(world: World) -> None:
    """Two may share a phone: whoever was linked last speaks there, and the other can come back."""
    with world.unit() as unit:
        mother = world.person(unit, "1001")
        daughter = world.person(unit, "2002")
        shared = unit.addresses.link(daughter, "telegram", "1001", uid())
        assert shared == mother.address_id
        found = unit.people.at("telegram", "1001")
        assert found is not None
        assert (found.id, found.chat) == (daughter.id, "1001")
        unit.addresses.link(mother, "telegram", "1001", uid())
        found = unit.people.at("telegram", "1001")
        assert found is not None
        assert found.id == mother.id
        unlinked = unit.people.get(daughter.id)
        assert unlinked is not None
        assert unlinked.chat == "2002"


def test_a_cohort_is_found_by_name(world: World) -> None:
    """A cohort is found by its name, whatever the capitals and spaces, and by id; another name finds none."""
    with world.unit(hours=1) as unit:
        made = unit.cohorts.add(uid(), "Lideresas de Oaxaca", ("mix", "es"), None, True, {"quiet": "21-8"})
    with world.reading() as unit:
        assert unit.cohorts.by_name("  lideresas de   OAXACA ") == made == unit.cohorts.get(made.id)
        assert (made.languages, made.practice, made.context) == (("mix", "es"), True, {"quiet": "21-8"})
        assert unit.cohorts.by_name("Lideresas") is None
        assert unit.cohorts.get(uid()) is None
        assert [each.name for each in unit.cohorts.list()] == ["Jóvenes 2026", "Lideresas de Oaxaca"]


def test_a_cohort_may_be_called_otherwise(world: World) -> None:
    """A changed name is the one it is found by; the old one is free again."""
    with world.unit() as unit:
        made = unit.cohorts.add(uid(), "Sierra Norte", ("es",))
        unit.cohorts.change(replace(made, name="Sierra Sur"))
    with world.unit() as unit:
        assert unit.cohorts.by_name("sierra sur") == replace(made, name="Sierra Sur") == unit.cohorts.get(made.id)
        assert unit.cohorts.by_name("Sierra Norte") is None
        assert unit.cohorts.add(uid(), "Sierra Norte", ("es",)).id != made.id


def test_two_cohorts_do_not_share_a_name(world: World) -> None:
    """Adding a cohort under a taken name raises, and the transaction can go on."""
    with world.unit() as unit:
        with pytest.raises(CohortExists):
            unit.cohorts.add(uid(), "JÓVENES  2026", ("es",))
        assert len(unit.cohorts.list()) == 1


def test_members_come_and_go(world: World) -> None:
    """A membership is open until it ends; joining twice is joining once, and one may come back."""
    with world.unit() as unit:
        person = world.person(unit)
        assert not unit.memberships.join(uid(), person.id, world.cohort)
        assert list(unit.memberships.of(person.id)) == [world.cohort]
        assert unit.memberships.leave(person.id, world.cohort)
        assert not unit.memberships.leave(person.id, world.cohort)
        assert list(unit.memberships.of(person.id)) == []
        assert list(unit.memberships.active(world.cohort)) == []
        assert unit.people.list(world.cohort) == []
        assert unit.memberships.join(uid(), person.id, world.cohort)
        assert [each.id for each in unit.people.list(world.cohort)] == [person.id]


def test_a_broadcast_reaches_active_members(world: World) -> None:
    """Whoever paused, declined or never finished joining is a member, and is not reached."""
    states = ("invited", "consenting", "naming", "active", "declined", "paused", "left", "unreachable")
    with world.unit() as unit:
        people = {state: world.person(unit, state) for state in states}
        for state, person in people.items():
            unit.people.change(person, participation=state)
        assert list(unit.memberships.active(world.cohort)) == [people["active"].id]
        assert len(unit.people.list(world.cohort)) == len(states)


def test_roles_hold_for_their_time(world: World) -> None:
    """A role holds from its granting until it expires or is revoked."""
    with world.unit() as unit:
        person = world.person(unit)
        unit.roles.grant(uid(), person.id, "facilitator", world.cohort, later(days=30))
        unit.roles.grant(uid(), person.id, "translator")
        assert set(unit.roles.of(person.id)) == {Role("facilitator", world.cohort), Role("translator", None)}
    with world.unit(days=30) as unit:
        assert unit.roles.of(person.id) == [Role("translator", None)]
        assert unit.roles.revoke(person.id, "translator") == 1
        assert unit.roles.revoke(person.id, "translator") == 0
        assert unit.roles.of(person.id) == []


def test_readers_are_counted_as_people(world: World) -> None:
    """Who reads a cohort: its facilitators, those of every cohort, and admins, each once; translators never."""
    with world.unit() as unit:
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        ana, berta, clara, dora, eva = (world.person(unit, chat) for chat in "abcde")
        unit.roles.grant(uid(), ana.id, "admin")
        unit.roles.grant(uid(), ana.id, "facilitator", world.cohort)
        unit.roles.grant(uid(), berta.id, "facilitator", world.cohort)
        unit.roles.grant(uid(), clara.id, "facilitator", other)
        unit.roles.grant(uid(), dora.id, "facilitator")
        unit.roles.grant(uid(), eva.id, "translator")
        assert unit.roles.readers(world.cohort) == 3
        assert set(unit.roles.who_reads(world.cohort)) == {ana.id, berta.id, dora.id}
        assert unit.roles.readers(other) == 3
        assert unit.roles.readers() == 4
        assert set(unit.roles.who_reads()) == {ana.id, berta.id, clara.id, dora.id}


def test_an_invitation_is_used_so_often(world: World) -> None:
    """An invitation for two is used by two people, by each once however often she comes, and by no third."""
    with world.unit() as unit:
        ana, berta, clara = (world.person(unit, chat) for chat in "abc")
        unit.invites.create(uid(), "K7Q2", "leader", world.cohort, 2, later(days=7), ana.id)
        invite = unit.invites.find("K7Q2")
        assert invite is not None
        assert (invite.role, invite.cohort_id, invite.uses, invite.used) == ("leader", world.cohort, 2, 0)
        assert (invite.expires_at, invite.revoked_at, invite.created_by) == (later(days=7), None, ana.id)
        used = [unit.invites.use(invite.id, each.id) for each in (ana, ana, berta, clara, ana)]
        assert used == [True, True, True, False, True]
        found = unit.invites.find("K7Q2")
        assert found is not None
        assert found.used == 2
        assert unit.invites.find("k7q3") is None


def test_an_invitation_used_at_once_is_not_used_too_often(world: World) -> None:
    """Of four people who open a one-time invitation at the same moment exactly one gets in, every time."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)).id for chat in range(4)]
        for number in range(10):
            unit.invites.create(uid(), str(number), "leader", world.cohort, 1, None, None)
        ids = [invite.id for invite in unit.invites.list()]
    storages = [world.storage, world.again(), world.again(), world.again()]
    together = Barrier(len(storages))

    def use(storage: Storage, person_id: UUID) -> list[bool]:
        used = []
        for invite_id in ids:
            together.wait()
            with storage.unit(NOW) as unit:
                used.append(unit.invites.use(invite_id, person_id))
        return used

    with ThreadPoolExecutor(4) as pool:
        used = [*pool.map(use, storages, people)]

    assert [sum(each) for each in zip(*used, strict=True)] == [1] * 10


def test_a_revoked_invitation_says_so(world: World) -> None:
    """A revoked invitation is still found, with the moment it ended; revoking again changes nothing."""
    with world.unit() as unit:
        unit.invites.create(uid(), "K7Q2", "facilitator", None, 1, None, None)
        invite = unit.invites.list()[0]
    with world.unit(hours=1) as unit:
        assert unit.invites.revoke(invite.id)
    with world.unit(hours=2) as unit:
        assert not unit.invites.revoke(invite.id)
        found = unit.invites.find("K7Q2")
        assert found is not None
        assert found.revoked_at == later(hours=1)


def test_consents_are_kept_word_by_word(world: World) -> None:
    """The latest decision counts; all are kept, with the words that were shown."""
    with world.unit() as unit:
        person = world.person(unit)
        assert unit.consents.latest(person.id) is None
        unit.consents.add(uid(), person, "declined", "v1", "es", "¿Aceptas?")
    with world.unit(minutes=1) as unit:
        unit.consents.add(uid(), person, "given", "v2", "mix", "¿A kuni ku?")
        assert unit.consents.latest(person.id) == Consent("given", "v2", "mix", later(minutes=1))
        assert unit.consents.of(person) == [
            Consent("declined", "v1", "es", NOW, "¿Aceptas?"),
            Consent("given", "v2", "mix", later(minutes=1), "¿A kuni ku?"),
        ]


def test_the_organisation_has_one_record(world: World) -> None:
    """The record is empty, then what was set last; confirming the key or a backup changes nothing in it."""
    with world.unit() as unit:
        assert unit.organisation.get() == {}
        assert unit.organisation.care().key_confirmed_at is None
        unit.organisation.confirm_key()
        assert unit.organisation.get() == {}
        unit.organisation.set({"name": "Escuela", "languages": ["es"]})
        unit.organisation.set({"name": "Escuela de lideresas"})
    with world.unit(hours=1) as unit:
        unit.organisation.verify_backup()
        assert unit.organisation.get() == {"name": "Escuela de lideresas"}
        care = unit.organisation.care()
        assert (care.key_confirmed_at, care.backup_verified_at) == (NOW, later(hours=1))
