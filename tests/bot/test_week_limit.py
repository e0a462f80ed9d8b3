"""How much reaches one person in any seven days, over all orders and schedules, and what comes first."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.participant.pause_leave import AGREED
from bot.services import listening, own_time
from bot.services.broadcasts import remind
from bot.services.members import WELCOME_AT
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import Rig
from tests.bot.test_own_time import ASKED, come_to
from tests.bot.test_repeating import begin

pytestmark = pytest.mark.usefixtures("at_once")

THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def her(hilo: Rig) -> Phone:
    """A leader who was welcomed before."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    phone.look()
    return phone


def test_a_third_order_by_hand_waits_its_turn(hilo: Rig, her: Phone) -> None:
    """Seven days after the first, not a day before; who follows it sees until when it waits."""
    ana = hilo.facilitator()
    hilo.order()
    hilo.tick()
    hilo.now += DAY
    hilo.order()
    hilo.tick()
    hilo.now += DAY
    third = hilo.order()
    hilo.tick()
    assert her.told.count(ASKED) == 2
    assert hilo.rows("SELECT state, reason FROM deliveries WHERE broadcast_id = ?", third.hex) == [("due", "week")]
    ana.say("/avance")
    ana.press(next(label for label in ana.last.labels if "¿Cómo vas?" in label))
    ana.press(words(ana, "button.order_who"))
    assert "ya se le preguntó bastante esta semana; le llega" in ana.screen()
    her.look()
    hilo.now += 5 * DAY - HOUR
    hilo.tick()
    assert ASKED not in her.told
    hilo.now += HOUR
    hilo.tick()

    assert her.told.count(ASKED) == 1


def test_what_asks_once_more_counts_and_her_own_later_does_not(hilo: Rig, her: Phone) -> None:
    """Two askings and a reminder are three; a second reminder of another order is not said, put off is."""
    first = hilo.order()
    hilo.tick()
    hilo.now += 5 * HOUR
    second = hilo.order()
    hilo.tick()
    hilo.now += DAY
    her.press("Más tarde")
    her.look()
    with hilo.unit() as unit:
        assert remind(unit, first, None) == 1
    hilo.tick()
    assert len(her.news) == 1
    her.look()
    hilo.now = (hilo.now + DAY).replace(hour=16)
    hilo.tick()
    assert ASKED in her.told  # as she wished
    her.look()
    with hilo.unit() as unit:
        remind(unit, second, None)
    hilo.now += 5 * HOUR
    hilo.tick()

    assert her.news == []


def test_an_order_by_hand_comes_before_a_schedule(hilo: Rig, her: Phone) -> None:
    """One may still be asked this week: what somebody ordered for later that evening is, and the schedule's is not."""
    ana = hilo.facilitator()
    begin(ana)
    hilo.order()
    hilo.tick()
    hilo.now = THURSDAY - 10 * HOUR
    hilo.tick()
    prepare(ana)
    ana.press(words(ana, "button.ask_when"))
    ana.say("hoy a las 8 de la noche")
    ana.press(words(ana, "button.ask_send"))
    ana.press("Enviar otra vez")  # the schedule's, which was made, is the same
    her.look()
    hilo.now = THURSDAY
    hilo.tick()
    assert hilo.rows(
        "SELECT reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id WHERE occurs_on != ''"
    ) == [("week",)]
    for _ in range(24):
        hilo.now += HOUR
        hilo.tick()

    assert her.told.count(ASKED) == 1
    rows = hilo.rows("SELECT schedule_id IS NULL, state FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id")
    assert sorted(rows) == [(0, "skipped"), (1, "started"), (1, "started")]


def test_while_the_team_is_away_nothing_is_asked(hilo: Rig, her: Phone) -> None:
    """It waits inside its window until somebody reads again; who orders by hand is told beforehand."""
    ana = hilo.facilitator()
    begin(ana)
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "away": {"since": "2026-11-26", "back": "2026-11-28"}})
    hilo.again()
    her.look()
    come_to(hilo, THURSDAY)
    assert her.news == []
    assert hilo.rows("SELECT state, reason FROM deliveries") == [("due", "away")]
    prepare(ana)
    assert "El equipo no lee hasta el" in (ana.last.text or "")
    hilo.now = THURSDAY + 38 * HOUR  # Saturday morning
    hilo.tick()

    assert ASKED in her.told


@pytest.mark.parametrize(
    ("holds", "reason"),
    [
        (("left", "rests", "no", "away"), "left"),
        (("consent", "rests", "no", "away"), "consent"),
        (("paused", "rests", "away"), "paused"),
        (("rests", "no", "away"), "resting"),
        (("no", "away", "asked"), "declined"),
        (("away", "asked"), "away"),
        (("over", "asked"), "window"),
        (("asked", "night"), "week"),
        (("night",), "hours"),
    ],
)
def test_of_several_the_first_no_is_kept(hilo: Rig, her: Phone, holds: tuple[str, ...], reason: str) -> None:
    """In order: left, consent open, paused, resting, her no, the team away, the window, the week's limit, hours."""
    begin(hilo.facilitator())
    her.look()
    hilo.now = THURSDAY - 20 * HOUR
    hilo.tick()
    for _ in range(2 if "asked" in holds else 0):
        hilo.order()
        hilo.tick()
        hilo.now += 5 * HOUR
    if "night" in holds:
        with hilo.unit() as unit:
            unit.people.prefer(her.person, hours=["morning"])
    if "no" in holds:
        [schedule_id] = [each for (each,) in hilo.rows("SELECT id FROM schedules")]
        with hilo.unit() as unit:
            own_time.choose(unit, her.person, UUID(schedule_id), "no")
    if "rests" in holds:
        with hilo.unit() as unit:
            listening.asked(unit, her.person)
    if "away" in holds:
        with hilo.unit() as unit:
            unit.organisation.set({**unit.organisation.get(), "away": {"since": "2026-11-20", "back": "2027-01-28"}})
        hilo.again()
    if "paused" in holds:
        her.say("/pausa")
        her.press("Yo te aviso")
    if "consent" in holds:
        with hilo.unit() as unit:
            unit.people.prefer(her.person, **{AGREED: ["1970", "es"]})
    if "left" in holds:
        her.say("/salir")
        her.press(words(her, "button.leave_sure"))
    hilo.now = THURSDAY + (4 * DAY if "over" in holds else timedelta(0))
    hilo.tick()
    if reason == "hours":  # it waits, and comes in the morning
        assert hilo.rows("SELECT state, reason FROM deliveries") == [("due", "hours")]
        return
    for _ in range(5):
        hilo.now += DAY
        hilo.tick()

    assert hilo.rows(
        "SELECT reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id"
        " WHERE schedule_id IS NOT NULL AND state = 'skipped' ORDER BY occurs_on DESC LIMIT 1"
    ) == [(reason,)]


def test_an_older_schedule_comes_before_a_newer(hilo: Rig, her: Phone) -> None:
    """For one there is room this week: the newer, which is due first, waits, and the older is asked."""
    begin(hilo.facilitator())
    begin(hilo.facilitator(nickname="Berta"), "cada jueves a las 5 de la tarde")
    hilo.order()
    hilo.tick()
    her.look()
    come_to(hilo, THURSDAY - 2 * HOUR)
    assert ASKED not in her.told
    hilo.now = THURSDAY
    hilo.tick()
    assert her.told.count(ASKED) == 1
    for _ in range(30):
        hilo.now += 3 * HOUR
        hilo.tick()

    assert hilo.rows(
        "SELECT occurs_on, state, reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id"
        " WHERE schedule_id IS NOT NULL AND occurs_on < '2026-11-27' ORDER BY occurs_on"
    ) == [("2026-11-26T17:00", "skipped", "week"), ("2026-11-26T19:00", "started", None)]
