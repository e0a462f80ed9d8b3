"""A zone of her own: named in words, offered from the browser's, and what the team sends comes at that hour there."""

from datetime import UTC, datetime

import pytest

from bot.services import own_zone, places
from bot.services.organisation import local_zone
from tests.bot.asking import prepare
from tests.bot.leader import LANGUAGES, answered, check, follow, words
from tests.bot.orders import scheduled, stored
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

MEXICO, TIJUANA, CANCUN = "America/Mexico_City", "America/Tijuana", "America/Cancun"
EIGHT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)  # 8 in the morning in Mexico City, 6 in Tijuana, 9 in Cancún


def name_city(phone: Phone, *said: str) -> None:
    """Go from the menu to the city, and type it."""
    phone.say("/menu")
    follow(phone, "button.how", "button.hours", "button.zone")
    for each in said:
        phone.say(each)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Tijuana", TIJUANA),
        ("tijuna", TIJUANA),
        ("vivo en Tijuana", TIJUANA),
        ("Baja California", TIJUANA),
        ("Oaxaca", MEXICO),
        ("oaxca", MEXICO),
        ("Los Ángeles", "America/Los_Angeles"),
        ("los angeles california", "America/Los_Angeles"),
        ("New York", "America/New_York"),
        ("Nueva York", "America/New_York"),
        ("Chiapas", MEXICO),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_a_place_is_understood_as_people_name_it(said: str, zone: str) -> None:
    """Cities, states, without accents, with a slip, within a sentence, in either language."""
    assert {tuple(places.found(said, tag)) for tag in (*LANGUAGES, "es-usted")} == {(zone,)}


@pytest.mark.parametrize(("said", "found"), [("en la sierra", 0), ("no sé", 0), ("Tijuana o Chihuahua", 2)])
def test_a_place_is_not_guessed(said: str, found: int) -> None:
    """What is no known place is none; of two, both may be meant."""
    assert len(places.found(said, "es")) == found


def test_a_zone_that_is_no_place_is_not_taken() -> None:
    """A browser's older name is the present one; abbreviations, offsets and inventions are none."""
    assert places.canonical("Mexico/General") == MEXICO
    assert [places.canonical(each) for each in ("Etc/UTC", "Etc/GMT+6", "../etc/passwd", "")] == [None] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_she_names_a_city_and_is_told_the_hour_there(hilo: Rig, language: str) -> None:
    """What she types is read back with the hour, so that a slip is seen; the screen of hours names the city."""
    phone = answered(hilo, language)
    name_city(phone, "Tijuana")
    check(phone)
    tag = phone.person.language or ""
    with hilo.reading() as unit:
        when = hilo.turns.organisation.clock(hilo.turns.speech(unit, phone.person), TIJUANA, hilo.now)
    assert words(phone, "zone.changed", city="Tijuana", when=when) == phone.told
    assert phone.person.zone == TIJUANA
    phone.say("/menu")
    follow(phone, "button.how", "button.hours")
    assert "Tijuana" in (phone.last.text or "")
    follow(phone, "button.zone", "button.zone_group")

    assert phone.person.zone is None
    assert places.city(MEXICO, tag) in (phone.last.text or "")


def test_what_is_no_place_is_asked_again_and_several_are_offered(hilo: Rig) -> None:
    """Nothing changes before one is chosen."""
    phone = answered(hilo)
    name_city(phone, "allá por la sierra")
    assert phone.told == words(phone, "zone.unknown", city="Ciudad de México")
    check(phone)
    phone.say("Tijuana o Chihuahua")
    assert phone.told == words(phone, "zone.which")
    assert phone.person.zone is None
    phone.press("Chihuahua")

    assert phone.person.zone == "America/Chihuahua"


def test_an_order_comes_at_her_own_hour(hilo: Rig) -> None:
    """Ordered for 8 in the morning, it comes at 8 to each: first in Cancún, then to the group, then in Tijuana."""
    east, group, west = (hilo.join(nickname=name) for name in ("Ceiba", "Nopal", "Palma"))
    name_city(east, "Cancún")
    name_city(west, "Tijuana")
    scheduled(hilo, EIGHT)
    got = []
    for hour in (13, 14, 15, 16):
        for phone in (east, group, west):
            phone.look()
        hilo.now = EIGHT.replace(hour=hour)
        hilo.tick()
        got.append([bool(phone.news) for phone in (east, group, west)])

    assert got == [[True, False, False], [False, True, False], [False, False, False], [False, False, True]]


def test_what_is_to_come_moves_with_her(hilo: Rig) -> None:
    """What was ordered before she says where she lives comes at that hour there, and so do the first questions."""
    phone = hilo.join()
    welcome = datetime.fromisoformat(phone.person.preferences["welcome_at"])
    order = scheduled(hilo, EIGHT)
    name_city(phone, "Tijuana")
    with hilo.reading() as unit:
        (due,) = unit.broadcasts.due(EIGHT.replace(day=27), 9)

    assert due.due_at == EIGHT.replace(hour=16)
    assert stored(hilo, order).due_at == EIGHT
    assert (datetime.fromisoformat(phone.person.preferences["welcome_at"]) - welcome).total_seconds() == 2 * 3600


def test_the_team_sees_for_how_many_the_hour_is_another(hilo: Rig) -> None:
    """Before sending for a moment, it says how many get it at that hour of their own place."""
    phone = hilo.join()
    hilo.join(nickname="Nopal")
    name_city(phone, "Tijuana")
    ana = hilo.facilitator()
    prepare(ana)
    assert texts().count("ask.elsewhere", "es", 1) not in (ana.last.text or "")
    ana.press(words(ana, "button.ask_when"))
    ana.say("mañana a las 8 de la mañana")

    assert texts().count("ask.elsewhere", "es", 1) in (ana.last.text or "")
    check(ana)


@pytest.mark.parametrize(("press", "zone"), [("button.zone_this", TIJUANA), ("button.zone_keep", None)])
def test_the_browsers_zone_is_offered_once(hilo: Rig, press: str, zone: str | None) -> None:
    """It is asked about when she comes next with nothing open, never over a question; said no to, not again."""
    phone = hilo.join()
    hilo.ask(phone)
    with hilo.unit() as unit:
        own_zone.noticed(unit, phone.person, TIJUANA)
    phone.say("2")
    asked = words(phone, "zone.seen", city="Tijuana", present="Ciudad de México")
    assert asked not in phone.news
    phone.say("Lo del agua.")
    phone.press("Listo")
    phone.press("1 · Nada por ahora")
    assert phone.told.endswith(asked)
    check(phone)
    phone.press(words(phone, press, city="Tijuana"))
    assert phone.person.zone == zone
    with hilo.unit() as unit:
        own_zone.noticed(unit, phone.person, TIJUANA)
    phone.say("/menu")

    assert own_zone.SEEN not in phone.person.preferences


def test_a_browser_of_the_same_hour_is_not_asked_about(hilo: Rig) -> None:
    """Another name for the same hour is no other hour."""
    phone = hilo.join()
    with hilo.unit() as unit:
        own_zone.noticed(unit, phone.person, "America/Costa_Rica")

    assert own_zone.SEEN not in phone.person.preferences


def test_a_group_takes_a_city_in_words(hilo: Rig) -> None:
    """An admin types the city of a group that none of the buttons has."""
    ana = hilo.facilitator()
    ana.say("/personas")
    ana.press("Sobre el grupo")
    ana.press("Ciudad")
    ana.say("por la sierra")
    assert words(ana, "zone.not_found") in ana.told
    ana.say("Torreón")
    with hilo.reading() as unit:
        (cohort,) = unit.cohorts.list()

    assert cohort.zone == local_zone(unit, cohort=cohort) == "America/Monterrey"
