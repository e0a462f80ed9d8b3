"""What Hilo began and could not send in time waits for her hours; her own words bring it at once, before the reply."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.messengers.port import Unknown, Unreachable
from bot.services import week
from storage.tables import to_minute
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig
from tests.bot.test_cry import RINGING

ASKED, AGAIN = "¿Tienes 2 minutos?", "Por si no te llegó:"
EVENING = timedelta(hours=11, minutes=55)  # from nine in the morning
EIGHT = timedelta(hours=11, minutes=1)
NIGHT = timedelta(hours=1)


@pytest.fixture
def late(hilo: Rig) -> Phone:
    """A leader who was to be asked at five to nine in the evening; the network was out of reach until five to ten."""
    phone = hilo.join()
    hilo.now += EVENING
    hilo.messenger.fail(Unreachable("no network"), times=1)
    hilo.order()
    hilo.tick()
    hilo.now += NIGHT
    hilo.tick()
    return phone


def test_it_comes_in_the_morning(hilo: Rig, late: Phone) -> None:
    """Not at ten in the evening; at eight, once."""
    assert late.news == []
    hilo.now += timedelta(hours=10)
    hilo.tick()
    assert late.news == []
    hilo.now += timedelta(minutes=6)
    hilo.tick()

    assert late.told.count(ASKED) == 1


@pytest.mark.parametrize("seen_by", ["mine", "shared"])
def test_what_she_put_off_comes_in_the_morning_too(hilo: Rig, seen_by: str) -> None:
    """Put off until eight in the evening, when the network was out of reach; it is there again at eleven."""
    phone = hilo.join(seen_by=seen_by)
    hilo.order()
    hilo.tick()
    phone.press("Sí, ahora")
    phone.press("Más tarde")
    phone.look()
    hilo.now += EIGHT
    hilo.messenger.fail(Unreachable("no network"), times=9)
    hilo.tick()
    hilo.messenger.work()
    hilo.now += 3 * NIGHT
    hilo.tick()
    assert phone.news == []
    hilo.now += 9 * NIGHT
    hilo.tick()
    assert len(phone.news) == 1


def test_the_week_counts_from_when_it_was_sent(hilo: Rig, late: Phone) -> None:
    """What was held until the morning is a message of the morning, not of the evening on which it was queued."""
    with hilo.reading() as unit:
        assert week.begun(unit, hilo.turns.organisation, late.person).askings == (hilo.now,)  # still to be sent
    morning = hilo.now + timedelta(hours=10, minutes=6)
    hilo.now = morning
    hilo.tick()
    hilo.now += timedelta(hours=9)

    with hilo.reading() as unit:
        assert week.begun(unit, hilo.turns.organisation, late.person).askings == (to_minute(morning),)


def test_whoever_writes_meanwhile_gets_it_then_and_is_answered(hilo: Rig, late: Phone) -> None:
    """Nothing in a chat overtakes: the reply does not wait until the morning, and what was asked stands before it."""
    late.say("/menu")

    first, second = late.news
    assert ASKED in first
    assert second
    assert not hilo.rows("SELECT seq FROM outbox WHERE state IN ('queued', 'sending')")


def test_what_is_said_once_more_in_the_morning_says_so(hilo: Rig) -> None:
    """It may have come in the evening, as the process ended: in the morning it is said once more, and never again."""
    phone = hilo.join()
    hilo.now += EVENING
    hilo.messenger.fail(Unknown("cut"), times=2, chat=phone.chat, accepted=True)
    hilo.order()
    hilo.tick()
    hilo.now += NIGHT
    hilo.tick()
    assert phone.told.count(ASKED) == 1
    hilo.now += timedelta(hours=10, minutes=6)
    hilo.tick()
    assert AGAIN in phone.told
    hilo.now += NIGHT
    hilo.tick()

    assert phone.told.count(ASKED) == 2
    assert hilo.rows("SELECT state FROM outbox ORDER BY seq DESC LIMIT 1") == [("unknown",)]


def test_whoever_writes_gets_what_is_said_once_more(hilo: Rig) -> None:
    """A repetition that waits for the morning goes before the reply, and says what it is."""
    phone = hilo.join()
    hilo.now += EVENING
    hilo.messenger.fail(Unknown("cut"), times=1, chat=phone.chat, accepted=True)
    hilo.order()
    hilo.tick()
    hilo.now += NIGHT
    hilo.tick()
    phone.say("/menu")

    first, second = phone.news
    assert AGAIN in first
    assert second


def test_a_moment_of_waiting_is_not_late(hilo: Rig) -> None:
    """Sent a few minutes after nine, since the network went away for a moment."""
    phone = hilo.join()
    hilo.now += EVENING
    hilo.messenger.fail(Unreachable("no network"), times=1)
    hilo.order()
    hilo.tick()
    hilo.now += timedelta(minutes=9)
    hilo.tick()

    assert ASKED in phone.told


@pytest.mark.parametrize("off", [timedelta(minutes=10), NIGHT])
def test_what_was_ordered_while_the_bot_was_off_comes_by_day(hilo: Rig, off: timedelta) -> None:
    """Ordered at five to nine in the evening; the bot comes up ten minutes later, and asks, or at ten, and waits."""
    phone = hilo.join()
    hilo.now += EVENING
    hilo.order()
    hilo.now += off
    hilo.tick()
    assert phone.told.count(ASKED) == (1 if off < NIGHT else 0)
    hilo.now += timedelta(hours=10)
    hilo.tick()
    assert phone.told.count(ASKED) == (1 if off < NIGHT else 0)
    hilo.now += timedelta(hours=1)
    hilo.tick()

    assert phone.told.count(ASKED) == 1


def test_the_team_is_told_at_night(hilo: Rig) -> None:
    """What waits for them is no asking: an outage does not hold it until the morning."""
    ana, phone = hilo.facilitator(), hilo.join()
    hilo.now += EVENING
    ana.look()
    hilo.messenger.fail(Unreachable("no network"), times=9, chat=ana.chat)
    phone.say("Hola, ¿cuándo es el taller?")
    phone.press("Sí")
    hilo.messenger.work()
    hilo.now += NIGHT
    hilo.tick()

    assert ana.news


def answering_late(hilo: Rig, phone: Phone) -> None:
    """Let a leader agree at five to nine in the evening; the network is out of reach then, until five past ten."""
    hilo.now += EVENING
    hilo.order()
    hilo.tick()
    hilo.messenger.fail(Unreachable("no network"), times=2, chat=phone.chat)  # the offer's buttons, and the question
    phone.press("Sí, ahora")
    hilo.now += NIGHT + timedelta(minutes=10)
    phone.look()


@pytest.fixture
def unanswered(hilo: Rig) -> Phone:
    """A leader whose answer of the evening could not be replied to, in the night."""
    phone = hilo.join()
    answering_late(hilo, phone)
    return phone


def test_a_late_reply_comes_in_the_morning(hilo: Rig, unanswered: Phone) -> None:
    """After an hour nobody waits for the next question any more: it comes at eight, once."""
    hilo.tick()
    assert unanswered.news == []
    hilo.now += timedelta(hours=10, minutes=6)
    hilo.tick()

    assert unanswered.told.count("1 de 4") == 1


def test_a_reply_is_not_late_within_the_hour(hilo: Rig, unanswered: Phone) -> None:
    """Whoever has just put the phone down may still be there."""
    hilo.now -= timedelta(minutes=15)
    hilo.tick()

    assert "1 de 4" in unanswered.told


def test_whoever_writes_again_gets_the_late_reply_first(hilo: Rig, unanswered: Phone) -> None:
    """She is awake: the question, and then what she asks for."""
    hilo.tick()
    assert unanswered.news == []
    unanswered.say("/menu")

    first, second = unanswered.news
    assert "1 de 4" in first
    assert second


@pytest.mark.parametrize("said", ["Me quiero morir", "/apoyo"])
def test_help_never_waits(tmp_path: Path, said: str) -> None:
    """Asked for at night, and the network was away again for two hours; what waits before it comes first, at once."""
    with closing(Rig(tmp_path, record={**RECORD, **RINGING})) as hilo:
        hilo.facilitator()
        phone = hilo.join()
        answering_late(hilo, phone)
        hilo.tick()
        hilo.messenger.fail(Unreachable("no network"), times=1, chat=phone.chat)
        phone.say(said)
        assert phone.news == []
        hilo.now += 2 * NIGHT
        hilo.tick()
        first, second, *_ = phone.news

    assert "1 de 4" in first
    assert second


def test_nothing_waits_of_who_cried_for_help(tmp_path: Path) -> None:
    """She cried in the evening; two hours later, in the night, all that is for her goes at once."""
    with closing(Rig(tmp_path, record={**RECORD, **RINGING})) as hilo:
        hilo.facilitator()
        phone = hilo.join()
        phone.say("Me quiero morir")
        answering_late(hilo, phone)
        hilo.tick()

        assert "1 de 4" in phone.told
