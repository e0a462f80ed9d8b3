"""Every sealed column of the schema goes up in steps, whatever is added to it later; what does not is named here."""

from typing import Final

from sqlalchemy import Column, func, insert, select

from storage import resealing, sealing
from storage.damage_scan import SEALED
from storage.padding import LENGTH
from storage.sealed_files import MORE
from storage.signs import Judgement, Kind
from storage.tables import (
    Wrapped,
    former_keys,
    inbox_keys,
    invite_keys,
    judgements,
    person_keys,
    signs,
    support_requests,
)
from storage.tables import resealing as resealing_row
from storage.vault import BARE, PADDED
from tests.storage.filled import fill
from tests.storage.world import NOW, World, uid

EXCEPT: Final[dict[Column[bytes], str]] = dict.fromkeys(
    (person_keys.c.wrapped, inbox_keys.c.wrapped, invite_keys.c.wrapped, former_keys.c.wrapped),
    "a key: all keys have one length",
)
"""The sealed columns that are not padded, each with the reason."""
NARROW: Final = {"people.nickname", "person_addresses.target", "cohorts.name", "invites.nickname"}


def test_every_sealed_column_goes_up_in_steps(world: World) -> None:
    """By 256 bytes, names and addresses by 64; no column of the schema is left out, and none is empty here."""
    fill(world)
    found = 0
    with world.reading() as unit:
        for column in SEALED:
            values = unit.connection.execute(select(column).where(column.is_not(None))).scalars().all()
            name = f"{column.table.name}.{column.name}"
            assert values, f"{name} is empty: this proves nothing about it"
            if column in EXCEPT:
                assert isinstance(column.type, Wrapped), EXCEPT[column]
                assert {(value[:1], len(value)) for value in values} == {(BARE, MORE + 32)}, name
                continue
            step = 64 if name in NARROW else 256
            assert {value[:1] for value in values} == {PADDED}, name
            assert {(len(value) - MORE) % step for value in values} == {0}, name
            found += 1
    assert found == len(SEALED) - len(EXCEPT)


def test_whoever_was_chosen_among_few_has_one_length(world: World) -> None:
    """Nicknames, addresses, modes and PINs of different lengths look alike."""
    seal = world.storage.vault.organisation_key.seal
    for table, column, values in (
        ("people", "nickname", ("Ana", "Xóchitl del Monte", "N" * 60)),
        ("person_addresses", "target", ("1", "5559876543210", "a" * 36)),
        ("people", "preferences", ("{}", '{"phone":"shared","signal":"weak","gender":"both"}')),
        ("web_pins", "pin", ("digits:1", "pictures:12345")),
        ("reach_notes", "body", ("{}", '{"call":"no","where":"en el molino, los jueves"}')),
    ):
        assert len({len(seal(value.encode(), table, column, "a")) for value in values}) == 1, (table, LENGTH)


def test_what_a_group_said_of_itself_is_told_by_no_row(world: World) -> None:
    """Whether a sign tells of harm, when it is looked at again and how it stands lie sealed; with the key they read."""
    kinds: tuple[Kind, ...] = ("better", "harm")
    values = ("absent", "some", "often", "more", "unknown")
    with world.unit() as unit:
        cohort = unit.cohorts.add(uid(), "Costa", ("es",), None, False).id
        made = {kind: uid() for kind in kinds}
        for kind, id_ in made.items():
            unit.signs.add(id_, cohort, kind, "Hablan en la asamblea", None)
        unit.signs.look(made["harm"], NOW.date(), 90)
        for value in values:
            judged = Judgement(uid(), made["harm"], "team", value, "", "", None, NOW.date(), None, None, NOW, None)
            unit.signs.judge(judged)

    with world.reading() as unit:
        found = {sign.kind: sign for sign in unit.signs.of([cohort])}
        assert (found["harm"].look_on, found["harm"].look_every) == (NOW.date(), 90)
        assert (found["better"].look_on, found["better"].look_every) == (None, None)
        assert {each.value for each in unit.signs.judgements([made["harm"]])} == set(values)
        clear = select(signs.c.kind, signs.c.look_on, signs.c.look_every, func.length(signs.c.words)).distinct()
        assert len(unit.connection.execute(clear).all()) == 1
        clear = select(judgements.c.value, judgements.c.present, func.length(judgements.c.body)).distinct()
        assert len(unit.connection.execute(clear).all()) == 1


def test_what_was_asked_of_the_team_is_told_by_no_row(world: World) -> None:
    """Rows of before say what was chosen until the work is done; then they all look alike, and say what they said."""
    kinds = ("call", "support", "in_person", "information")
    with world.unit() as unit:
        person = world.person(unit)
        for kind in kinds:
            row = {"id": uid(), "person_id": person.id, "kind": kind, "asked_at": unit.now}
            unit.connection.execute(insert(support_requests).values(row))
        unit.connection.execute(insert(resealing_row).values(id=1, stage="paths"))
        assert resealing.left(unit) == len(kinds)
    resealing.hide_paths(world.storage, lambda: NOW, lambda *_: True)
    sealing.begin(world.storage, lambda: NOW)

    with world.unit() as unit:
        assert sorted(each.kind for each in unit.support_requests.open()) == sorted(kinds)
        assert set(unit.connection.execute(select(support_requests.c.kind)).scalars()) == {"support"}
        assert len(set(unit.connection.execute(select(support_requests.c.asked_for)).scalars())) == len(kinds)
        assert resealing.left(unit) == 0
