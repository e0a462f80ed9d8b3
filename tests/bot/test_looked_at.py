"""Whom the tick looks at: those for whom something is due, each at her moment, and nobody else."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from tests.bot.leader import follow, words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, TUESDAY, Rig

THURSDAY = TUESDAY + timedelta(days=2)  # at nine, on the day on which the team reads


def nightly(phone: Phone) -> None:
    """Have the chat tidied every night."""
    phone.say("/menu")
    follow(phone, "button.how", "button.phone", "button.tidy_nightly")


def moment(hilo: Rig, phone: Phone) -> datetime | None:
    """Give when she is looked at next."""
    with hilo.reading() as unit:
        due = [each for each in unit.people.due(hilo.now + timedelta(days=999)) if each == phone.person.id]
    if not due:
        return None
    ((at,),) = hilo.rows("SELECT look_at FROM people WHERE id = ?", phone.person.id.hex)
    return datetime.fromisoformat(f"{at}+00:00")


def welcomed(phone: Phone) -> bool:
    """Tell whether the first dialog was offered to her."""
    try:
        return phone.run.status == "offered"
    except AssertionError:
        return False


def test_nobody_is_opened_for_whom_nothing_is_due(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Minutes and hours pass over people whose rows do not even open, and none of them is touched."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(3)]
    hilo.advance(days=3)
    hilo.tick()
    assert [moment(hilo, phone) for phone in phones] == [None, None, None]
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE people SET nickname = X'00', preferences = X'00'")
    with caplog.at_level(logging.ERROR):
        for _ in range(30):
            hilo.advance(minutes=30)
            hilo.tick()

    assert caplog.messages == []


def test_a_row_that_does_not_open_costs_nobody_else_anything(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """It counts as absent, and is told of once; whoever else is due has what is due."""
    bad, good = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    person = bad.person
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE people SET preferences = X'00' WHERE id = ?", (person.id.hex,))
    hilo.advance(days=1, hours=10)
    with caplog.at_level(logging.ERROR):
        hilo.tick()
        hilo.advance(minutes=30)
        hilo.tick()

    assert welcomed(good)
    assert len(caplog.messages) == 1, "and not every minute"
    with hilo.reading() as unit:
        assert person.id not in unit.people.due(hilo.now + timedelta(minutes=29))


def test_who_was_here_before_is_looked_at_once(hilo: Rig) -> None:
    """An update leaves what only the key opens to the tick: names, moments; nobody misses anything meanwhile."""
    ana = hilo.facilitator()
    paused, new, here = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal"), hilo.join(nickname="Amate")
    paused.say("/pausa")
    paused.press("Una semana")
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE people SET look_at = '1970-01-01 00:00:00.000000'")
        unit.connection.exec_driver_sql("UPDATE memberships SET nickname_lookup = NULL")
    picks = hilo.phone()
    picks.say(f"/start {hilo.invite()}")
    for label in ("1 · Español", "Sí, quiero participar", "Escoge uno por mí"):
        picks.press(label)
    assert picks.person.nickname not in {"Ceiba", "Nopal", "Amate"}
    hilo.again()
    hilo.tick()

    assert hilo.rows("SELECT count(*) FROM memberships WHERE nickname_lookup IS NULL") == [(0,)]
    assert moment(hilo, ana) == THURSDAY
    assert moment(hilo, paused) == told(paused, "paused_until")
    for phone in (new, here, picks):
        assert moment(hilo, phone) == told(phone, "welcome_at")
    hilo.advance(days=8)
    hilo.tick()
    assert welcomed(new)
    assert words(paused, "leader.pause.over") in paused.told


def told(phone: Phone, preference: str) -> datetime:
    """Give a moment that was told to her."""
    return datetime.fromisoformat(phone.person.preferences[preference])


def test_who_speaks_nowhere_is_looked_at_once_an_hour(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Her phone became another's before her first questions were due: they wait, and nothing is wrong."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    person = phone.person
    with hilo.unit() as unit:
        unit.addresses.link(other.person, "memory", phone.chat, clock.new_id())
    hilo.advance(days=1, hours=10)
    with caplog.at_level(logging.ERROR):
        hilo.tick()

    assert caplog.messages == []
    with hilo.reading() as unit:
        assert person.id not in unit.people.due(hilo.now + timedelta(minutes=59))
        assert person.id in unit.people.due(hilo.now + timedelta(hours=1))


def test_a_chosen_night_begins_with_the_next_and_comes_once(hilo: Rig) -> None:
    """Chosen at ten past three it leaves what was just said; the next night takes it, once, whoever starts anew."""
    phone = hilo.join()
    hilo.now = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)  # ten past three
    nightly(phone)
    hilo.tick()
    hilo.advance(minutes=5)
    hilo.tick()
    assert phone.heard
    hilo.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    hilo.tick()
    assert phone.heard == []
    phone.say("/menu")
    hilo.again()
    hilo.advance(minutes=30)
    hilo.tick()

    assert phone.heard, "what she asked for since stays until the next night"


def test_other_hours_of_a_group_bring_the_first_questions_forward(hilo: Rig) -> None:
    """Whoever waits for the group's evening is asked in the morning, once mornings are agreed on."""
    phone = hilo.join()
    group(hilo, ["evening"])
    hilo.now = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)  # ten in the evening, when her welcome is over
    hilo.tick()
    assert not welcomed(phone)
    group(hilo, ["morning"])
    hilo.now = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    hilo.tick()

    assert welcomed(phone)


def group(hilo: Rig, hours: list[str]) -> None:
    """Agree on a group's hours."""
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        cohort.context["hours"] = hours
        unit.cohorts.change(cohort)


def test_other_reading_days_move_the_summary(hilo: Rig) -> None:
    """It comes on the first day on which the team reads now."""
    ana = hilo.facilitator()
    hilo.tick()
    assert moment(hilo, ana) == THURSDAY
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "reading_days": [2]})
    hilo.advance(minutes=1)
    hilo.tick()

    assert moment(hilo, ana) == TUESDAY + timedelta(days=1)


def test_a_clock_that_is_put_back_delays_nothing(hilo: Rig) -> None:
    """What was to come a minute later comes a minute later, and not when the old time is reached again."""
    phone = hilo.join()
    hilo.ask(phone)  # she is in the middle of something
    hilo.now = datetime.fromisoformat(phone.person.preferences["welcome_at"]) + timedelta(hours=20)
    hilo.ask(phone)
    hilo.tick()
    waits = moment(hilo, phone)
    assert waits == hilo.now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    hilo.advance(hours=-3)
    hilo.tick()

    later = moment(hilo, phone)
    assert later is not None
    assert later <= hilo.now + timedelta(minutes=1)


def test_picked_names_differ_however_many_there_are(hilo: Rig) -> None:
    """Nobody in a group gets the name that another has, whether it was picked or written."""
    written = hilo.join(nickname="colibrí 2")
    phones = []
    for _ in range(30):
        phone = hilo.phone()
        phone.say(f"/start {hilo.invite()}")
        for label in ("1 · Español", "Sí, quiero participar", "Escoge uno por mí"):
            phone.press(label)
        phones.append(phone)
    names = [(phone.person.nickname or "").casefold() for phone in (written, *phones)]

    assert len(set(names)) == len(names)
    plain = words(written, "join.nicknames").casefold().split(", ")
    assert set(plain) <= set(names), "the plain ones first"
