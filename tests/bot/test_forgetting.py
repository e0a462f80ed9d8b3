"""What is forgotten by itself: answers past their time with all that goes with them, and words said long ago."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from bot.participant.retention import WORDS_STAY, earlier
from bot.services import broadcasts
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.rig import RECORD, Phone, Rig
from tests.bot.walker import Roads

YEAR = 366
ZONE = "America/Mexico_City"


@pytest.fixture
def roads(tmp_path: Path) -> Iterator[Roads]:
    """An installation that takes voice notes and photos."""
    it = Roads(tmp_path)
    yield it
    it.close()


def sleep(hilo: Rig, days: int) -> None:
    """Let days pass, with a tick at the end of them."""
    hilo.advance(days=days)
    hilo.tick()


def joined(hilo: Rig) -> Phone:
    """Bring in someone who is asked nothing but what the team orders."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, welcome_at=None)
    return phone


def told(roads: Roads) -> Phone:
    """Bring in someone who spoke to an open question."""
    phone = joined(roads)
    roads.ask(phone)
    phone.say("2")
    roads.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=3)
    roads.settle()
    return phone


def test_answers_and_media_go_when_their_time_is_over(roads: Roads, tmp_path: Path) -> None:
    """A day before a year everything is there; a day after it answers, files and messages are gone, and it is noted."""
    phone = told(roads)
    phone.say("/equipo")
    phone.say("Se cayó el puente.")
    media = tmp_path / "media"
    sleep(roads, YEAR - 2)
    assert (roads.count("answers"), roads.count("media"), roads.count("messages")) == (2, 1, 1)
    assert len(list(media.iterdir())) == 1
    sleep(roads, 3)

    assert (roads.count("answers"), roads.count("media"), roads.count("messages")) == (0, 0, 0)
    assert list(media.iterdir()) == []
    assert phone.run.status == "expired"
    assert phone.run.state["draft"] == []
    (entry,) = roads.audited("retention.erased")
    assert {name: entry.detail[name] for name in ("answers", "media", "messages", "runs", "people")} == {
        "answers": 2,
        "media": 1,
        "messages": 1,
        "runs": 1,
        "people": 0,
    }
    assert phone.person.participation == "active"


def test_what_is_younger_stays(hilo: Rig) -> None:
    """An answer given later stays, and what she agreed to stays as long as she does."""
    phone = joined(hilo)
    hilo.ask(phone)
    phone.say("2")
    phone.press("Saltar")
    phone.press("1 · Nada por ahora")
    hilo.advance(days=200)
    hilo.ask(phone)
    phone.say("4")
    sleep(hilo, YEAR - 199)

    assert phone.values == {"mood": 4}
    assert hilo.count("answers") == 1
    assert hilo.count("consents") == 1


def test_nothing_is_erased_where_no_time_is_on_record(hilo: Rig) -> None:
    """Without a time on record answers are kept, as she was told nothing else."""
    with hilo.unit() as unit:
        unit.organisation.set({key: value for key, value in RECORD.items() if key != "retention_months"})
    phone = joined(hilo)
    hilo.ask(phone)
    phone.say("2")
    sleep(hilo, 3 * YEAR)

    assert phone.values == {"mood": 2}
    assert hilo.audited("retention.erased") == []


@pytest.mark.parametrize("way", ["left", "declined"])
def test_who_left_is_forgotten_when_the_time_is_over(hilo: Rig, way: str) -> None:
    """A year after someone left or said no, nothing of her is here any more, and the bot does not know her."""
    stays = hilo.join(nickname="Ceiba")
    if way == "left":
        phone = hilo.join()
        phone.say("/salir")
        phone.press(words(phone, "button.leave_sure"))
    else:
        phone = hilo.phone()
        phone.say(f"/start {hilo.invite()}")
        phone.say("Español")
        phone.press("No, gracias")
    gone = phone.person
    assert gone.participation == way
    sleep(hilo, YEAR - 2)
    assert phone.person.id == gone.id
    sleep(hilo, 3)

    with hilo.reading() as unit:
        assert unit.people.at(hilo.messenger.name, phone.chat) is None
        assert unit.people.get(gone.id) is None
    assert stays.person.participation == "active"


def test_what_was_not_erased_after_all_keeps_its_file(roads: Roads, tmp_path: Path) -> None:
    """When the trail cannot be written nothing is erased, and no file is deleted whose row is still there."""
    told(roads)
    with roads.unit() as unit:
        refuse = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        unit.connection.exec_driver_sql(refuse)
    sleep(roads, YEAR + 1)

    assert (roads.count("answers"), roads.count("media")) == (2, 1)
    assert len(list((tmp_path / "media").iterdir())) == 1


def test_who_left_and_came_back_stays(hilo: Rig) -> None:
    """Whoever takes part again is not forgotten, however long ago she had left."""
    phone = hilo.join()
    phone.say("/salir")
    phone.press(words(phone, "button.leave_sure"))
    phone.press(words(phone, "button.come_back"))
    phone.press("Sí, quiero participar")
    sleep(hilo, YEAR + 5)

    assert phone.person.participation == "active"


def test_words_said_long_ago_go_from_the_mailbox(hilo: Rig) -> None:
    """In the web chat, words stay three months; then they are erased, but for the question that is still open."""
    hilo.messenger.name = "web"
    phone = joined(hilo)
    hilo.ask(phone)
    phone.say("2")
    kept = "SELECT count(*) FROM outbox WHERE body IS NOT NULL"
    before = hilo.rows(kept)[0][0]
    sleep(hilo, WORDS_STAY.days - 1)
    assert hilo.rows(kept)[0][0] >= before
    sleep(hilo, 2)

    left = hilo.rows("SELECT run_id IS NOT NULL, prompt FROM outbox WHERE body IS NOT NULL AND kind = 'message'")
    assert left == [(1, phone.run.prompt)]
    phone.say("Hubo junta.")
    assert phone.values["week"] == ("Hubo junta.",)


def test_rows_that_nobody_asks_for_go(hilo: Rig) -> None:
    """After three months the rows of menus and notices are gone; those of a run stay, without words."""
    phone = joined(hilo)
    for _ in range(5):
        phone.say("/menu")
    broadcast_id = hilo.ask(phone)
    phone.say("2")
    free = "SELECT count(*) FROM outbox WHERE run_id IS NULL"
    assert hilo.rows(free)[0][0] > 5
    sleep(hilo, WORDS_STAY.days + 1)

    assert hilo.rows(free) == [(0,)]
    with hilo.reading() as unit:
        assert unit.following.progress(broadcast_id).sent == 1


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        (datetime(2026, 11, 24, 15, tzinfo=UTC), 12, datetime(2025, 11, 24, 15, tzinfo=UTC)),
        (datetime(2026, 3, 31, 18, tzinfo=UTC), 1, datetime(2026, 2, 28, 18, tzinfo=UTC)),
        (datetime(2024, 2, 29, 18, tzinfo=UTC), 12, datetime(2023, 2, 28, 18, tzinfo=UTC)),
        (datetime(2026, 1, 15, 18, tzinfo=UTC), 25, datetime(2023, 12, 15, 18, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(now: datetime, months: int, then: datetime) -> None:
    """A month before the 31st is the last day of the month before; years are counted over."""
    assert earlier(now, months, ZONE) == then


def test_a_reply_to_what_is_forgotten_answers_no_other_question(hilo: Rig) -> None:
    """Months later she replies to a question of long ago: her words are kept for the team, and the open one stays."""
    phone = joined(hilo)
    hilo.ask(phone)
    mood = phone.last.order
    phone.say("2")
    phone.press("Saltar")
    phone.press("1 · Nada por ahora")
    before = hilo.count("outbox")
    sleep(hilo, WORDS_STAY.days + 1)
    assert hilo.count("outbox") < before
    hilo.ask(phone)
    phone.say("4", reply_to=mood)

    assert phone.values == {}
    assert phone.run.state["position"] == "mood"
    assert ("held", "4") in phone.messages
    phone.say("4")
    assert phone.values == {"mood": 4}


def test_the_outbox_does_not_grow_without_end(hilo: Rig) -> None:
    """A year of check-ins leaves the rows of three months, and every order still tells who was reached."""
    phone, silent = joined(hilo), joined(hilo)
    orders, rows = [], []
    for _ in range(40):
        orders.append(hilo.ask(phone))
        phone.say("2")
        phone.press("Saltar")
        phone.press("1 · Nada por ahora")
        hilo.advance(days=9)
        with hilo.unit() as unit:
            broadcasts.close(unit, orders[-1], None)
        hilo.tick()
        rows.append(hilo.count("outbox"))
    assert max(rows[20:]) <= max(rows[:20]) + 20, rows
    with hilo.reading() as unit:
        counts = [unit.following.progress(each) for each in orders]
    assert {(each.finished, each.unfinished) for each in counts} == {(1, 1)}
    assert silent.person.participation == "active"
