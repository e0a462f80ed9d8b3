"""One value that does not open any more: nobody else notices, its own person least of all can help it, admins hear."""

import logging
from collections.abc import Iterator

import pytest

from storage.damage_scan import SEALED, SEALED_ELSEWHERE, check_key, scan
from storage.erasure import erase
from storage.tables import inbox_keys, metadata, person_keys, web_sessions
from tests.bot.actions import COMMANDS, HERS, STAFF_ACTIONS
from tests.bot.crawl import Crawler
from tests.bot.damaged import TEAM, WOUNDS, House, Wound
from tests.by_day import CASES_ALIKE

STARTS = sorted(set(COMMANDS.values()))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Build the house once."""
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture(params=TEAM, ids=str)
def team_wound(request: pytest.FixtureRequest) -> Wound:
    """What is damaged of a facilitator or an admin."""
    found: Wound = request.param
    return found


EACH = [pytest.param(wound, marks=[] if wound.kind == "all" else [pytest.mark.proof]) for wound in WOUNDS]


@pytest.fixture(params=EACH, ids=str)
def wound(request: pytest.FixtureRequest) -> Wound:
    """Every sealed column, as the schema has them, in each way it may be damaged."""
    found: Wound = request.param
    return found


@pytest.fixture(params=[pytest.param(each, marks=pytest.mark.proof) for each in WOUNDS if each.kind == "all"], ids=str)
def whole(request: pytest.FixtureRequest) -> Wound:
    """Every sealed column, with all of it damaged that is the hurt one's."""
    found: Wound = request.param
    return found


def troubles(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List what was logged besides the damage itself."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "storage.damage"
    ]


def test_the_house_has_something_in_every_sealed_column() -> None:
    """The list is the schema's own: whatever holds bytes is sealed, is a key, or is a keyed hash of 32 or 21 bytes."""
    others = {
        str(column)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.type.python_type is bytes
        and column not in SEALED
        and getattr(column.type, "length", None) not in {21, 32}
    }
    assert others == set()
    assert {web_sessions.c.chat} == SEALED_ELSEWHERE


def test_everybody_goes_on(house: House, wound: Wound, caplog: pytest.LogCaptureFixture) -> None:
    """The bot starts, answers, asks, reminds, forgets; another leader answers whole; the hurt one is answered too."""
    rig = house.again()
    house.wound(wound)
    with rig.reading() as unit:
        check_key(unit)
    rig.settle()
    for hours in (1, 5, 24, 24 * 8):
        rig.advance(hours=hours)
        rig.tick()
    luz = house.luz
    luz.say("/menu")
    assert luz.news
    before = luz.run.id
    rig.advance(days=8)  # so that what was asked until now takes no room of her week
    rig.order()
    rig.tick()
    luz.press("Sí, ahora")
    luz.say("4")
    luz.say("Bien, gracias.")
    luz.press("Listo")
    luz.press("1 · Nada por ahora")
    assert luz.run.id != before
    assert luz.run.status == "completed"
    house.vera.say("Hola, ¿sigues ahí?")
    assert house.vera.news
    house.vera.say("/menu")
    assert house.vera.news
    rig.advance(days=500)
    rig.tick()
    assert troubles(caplog) == []


def test_the_others_of_the_team_hear_what_she_would(
    house: House, team_wound: Wound, caplog: pytest.LogCaptureFixture
) -> None:
    """Someone of the team is hurt: words of danger, and what waits, still reach the others; the tick goes on."""
    rig = house.again()
    house.wound(team_wound)
    others = [phone for name, phone in (("ana", house.ana), ("admin", house.admin)) if name != team_wound.whose]
    for phone in others:
        phone.look()
    house.luz.say("/menu")
    house.luz.press("Escribirle al equipo")
    house.luz.say("auxilio, por favor")
    rig.advance(hours=2)
    rig.tick()
    for hours in (24, 24 * 8):
        rig.advance(hours=hours)
        rig.tick()
    assert all(phone.news for phone in others)
    for phone in others:
        phone.say("/menu")
        assert phone.news
    hurt = getattr(house, team_wound.whose)
    hurt.say("/menu")
    assert hurt.news
    with rig.reading() as unit:
        present = [unit.people.at(rig.messenger.name, phone.chat) for phone in (house.admin, house.ana)]
    for person in present:
        if person is not None:
            assert len(Crawler(rig).walk(person.id, STARTS, STAFF_ACTIONS, most=150)) > 50
    assert troubles(caplog) == []


def test_every_screen_opens_whatever_is_damaged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """With every sealed value damaged that is the hurt one's, but her key, she and the team see a screen each time."""
    rig = house.again()
    for each in WOUNDS:
        if each.kind == "all" and each.column is not person_keys.c.wrapped:
            house.wound(each)
    with rig.reading() as unit:
        team = [house.person(unit, phone).id for phone in (house.admin, house.ana)]
        vera = house.person(unit, house.vera).id
    for person_id in team:
        assert len(Crawler(rig).walk(person_id, STARTS, STAFF_ACTIONS, most=150)) > 50
    assert len(Crawler(rig).walk(vera, STARTS, HERS, most=150)) > 20
    assert troubles(caplog) == []


@pytest.mark.by_day("whole", why=CASES_ALIKE)
def test_every_screen_of_the_team_opens(house: House, whole: Wound, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a facilitator or an admin presses, she sees a screen."""
    rig = house.again()
    house.wound(whole)
    with rig.reading() as unit:
        people = [house.person(unit, phone).id for phone in (house.admin, house.ana)]
    for person_id in people:
        found = Crawler(rig).walk(person_id, STARTS, STAFF_ACTIONS, most=150)
        assert len(found) > 50
    assert troubles(caplog) == []


def test_every_screen_of_hers_opens(house: House, whole: Wound, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the hurt one presses, she sees a screen; whoever's key is damaged hears how she can go on."""
    rig = house.again()
    house.wound(whole)
    with rig.reading() as unit:
        vera = unit.people.at(rig.messenger.name, house.vera.chat)
    if whole.column is person_keys.c.wrapped:
        assert vera is None
        house.vera.say("Hola")
        assert "Lo que guardaba de ti se dañó" in house.vera.told
        house.vera.press("Necesito apoyo")
        assert house.vera.news
        house.vera.say(f"/start {rig.invite()}")
        house.vera.say("Español")
        assert house.vera.person.participation == "consenting"
        return
    assert vera is not None
    found = Crawler(rig).walk(vera.id, STARTS, HERS, most=150)
    assert len(found) > 20
    assert troubles(caplog) == []


def test_a_look_at_everything_finds_it(house: House, wound: Wound) -> None:
    """Each damaged value is found at its place, nothing else is, and erasing whose it is takes it away."""
    rig = house.again()
    with rig.reading() as unit:
        assert scan(unit, rig.media_store.sealed) == []
    number = house.wound(wound)
    with rig.reading() as unit:
        found = scan(unit, rig.media_store.sealed)
    here = [each for each in found if (each.table, each.column) == (wound.column.table.name, wound.column.name)]
    if wound.column in SEALED_ELSEWHERE:
        assert found == []
        return
    assert len(here) == number
    others = {each.table for each in found} - {wound.column.table.name}
    assert others <= ({"inbox", "outbox"} if wound.column is inbox_keys.c.wrapped else set())
    if here[0].person_id is not None:
        with rig.unit() as unit:
            erase(unit, here[0].person_id)
        with rig.reading() as unit:
            assert scan(unit, rig.media_store.sealed) == []
