"""A rhythm that listens: left alone three times, she is asked once how to go on, and nothing comes until she says."""

from datetime import timedelta

import pytest

from bot.messengers.port import Unknown
from bot.services.broadcasts import mark_told
from bot.services.members import WELCOME_AT
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import Rig
from tests.bot.test_own_time import ASKED, THURSDAY, WEEK, come_to, standing
from tests.bot.test_repeating import begin

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def ana(hilo: Rig) -> Phone:
    """A facilitator."""
    return hilo.facilitator()


@pytest.fixture
def her(hilo: Rig, ana: Phone) -> Phone:
    """A leader who was welcomed before, in a group that is asked each Thursday."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    begin(ana)
    phone.look()
    return phone


def weeks(hilo: Rig, first: int, last: int) -> None:
    """Let some Thursdays come and go, each until its window is over and the next morning has come.

    The team tells what came of each, without which nothing would come after the third.
    """
    for week in range(first, last):
        come_to(hilo, THURSDAY + week * WEEK)
        hilo.now += timedelta(days=3, minutes=1)
        hilo.tick()
        with hilo.unit() as unit:
            for broadcast in unit.broadcasts.list():
                mark_told(unit, None, broadcast.id, told=True)
        hilo.now += timedelta(hours=14)
        hilo.tick()


def test_three_left_alone_ask_once_and_then_all_rests(hilo: Rig, her: Phone, ana: Phone) -> None:
    """The team sees that she rests, and how to ask her; a word of hers, and it goes on."""
    ask = words(her, "listen.ask")
    weeks(hilo, 0, 2)
    assert ask not in her.told
    come_to(hilo, THURSDAY + 2 * WEEK)
    hilo.now += timedelta(days=3, minutes=1)
    hilo.tick()
    hilo.messenger.fail(Unknown("cut"), accepted=False, chat=her.chat, new=True)  # what asks how to go on
    hilo.now += timedelta(hours=14)
    hilo.tick()
    hilo.now += timedelta(minutes=1)
    hilo.tick()
    assert her.told.count(ask) == 1
    assert f"{words(her, 'prompt.repeat')}\n\n{ask}" in her.told
    her.look()
    weeks(hilo, 3, 5)
    assert her.news == []
    assert [reason for _, reason in standing(hilo)][3:] == ["resting", "resting"]
    hilo.order()
    hilo.tick()
    assert her.news == []
    ana.say("/avance")
    ana.press(next(label for label in ana.last.labels if "¿Cómo vas?" in label))
    ana.press(words(ana, "button.order_who"))
    assert words(ana, "missing.skipped.resting") in ana.screen()
    ana.say("/personas")
    ana.press("Colibrí")
    assert words(ana, "people.state.resting") in ana.screen()
    her.press(words(her, "button.listen.same"))
    her.look()
    weeks(hilo, 5, 6)
    assert ASKED in her.told
    weeks(hilo, 6, 8)

    assert her.told.count(ask) == 0  # not within three months


@pytest.mark.parametrize(
    ("way", "reasons"),
    [("month", [None]), ("own", ["window"]), ("no", ["declined"])],
)
def test_how_she_wants_it_holds_for_all_of_it(hilo: Rig, her: Phone, way: str, reasons: list[str | None]) -> None:
    """Each choice is hers from then on; it stands in her settings."""
    weeks(hilo, 0, 3)
    her.press(words(her, f"button.listen.{way}"))
    assert words(her, f"listen.{way}") in her.screen()
    weeks(hilo, 3, 4)

    assert [reason for _, reason in standing(hilo)][3:] == (["less"] if way == "month" else reasons)


@pytest.mark.parametrize("doing", ["Más tarde", "Hoy no", "Sí, ahora", "pause"])
def test_whoever_does_anything_about_it_is_not_asked(hilo: Rig, her: Phone, doing: str) -> None:
    """Neither is whoever could not see it, whose row it neither lengthens nor breaks."""
    weeks(hilo, 0, 2)
    come_to(hilo, THURSDAY + 2 * WEEK)
    if doing == "pause":
        her.say("/pausa")
        her.press(words(her, "leader.pause.week"))
    else:
        her.press(doing)
    weeks(hilo, 3, 4)

    assert words(her, "listen.ask") not in her.told


def test_what_could_not_be_seen_does_not_count(hilo: Rig, her: Phone) -> None:
    """Nothing was sent: the network was away the whole window."""
    weeks(hilo, 0, 2)
    hilo.absent = {"telegram", hilo.messenger.name}
    weeks(hilo, 2, 4)
    assert words(her, "listen.ask") not in her.told
    hilo.absent = set()
    weeks(hilo, 4, 5)

    assert her.told.count(words(her, "listen.ask")) <= 1


def test_who_reads_says_that_a_missing_answer_is_seen_and_used_for_nothing_else(hilo: Rig, her: Phone) -> None:
    """In her own screen of who reads, in her language."""
    her.say("/quien")

    assert words(her, "leader.who.missing") in her.screen()
