"""Outbox -> messenger: in order, replies first, and what happens when a send does not simply succeed."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import clock
from bot.messengers.port import BadToken, Conflict, Gone, MessengerError, Rejected, RetryLater, Unknown, Unreachable
from bot.messengers.web import WebMessenger
from bot.pipeline.courier import LEASE, Courier, repeated
from bot.pipeline.send_results import backoff, recover
from storage.unit import Unit
from tests.bot.orders import panel
from tests.bot.rig import Phone, Rig, texts
from tests.memory import MemoryMessenger


def states(hilo: Rig, phone: Phone) -> list[tuple[Any, ...]]:
    """List state and reason of every row for this person that was not simply sent."""
    query = "SELECT state, reason FROM outbox WHERE person_id = ? AND state != 'sent' ORDER BY seq"
    return hilo.rows(query, phone.person.id.hex)


def note(hilo: Rig, phone: Phone, *codes: str) -> None:
    """Put plain sentences for her into the outbox."""
    with hilo.unit() as unit:
        speech = hilo.turns.speech(unit, phone.person)
        for code in codes:
            speech.say(code)


def offered(hilo: Rig, *phones: Phone) -> None:
    """Put an offer for everyone into the outbox, unsent."""
    hilo.order()
    for phone in phones:
        phone.look()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 100)


def test_a_chat_hears_everything_in_order(hilo: Rig) -> None:
    """What was put into the outbox for one chat arrives in that order, whatever its lane."""
    phone = hilo.join()
    offered(hilo, phone)
    note(hilo, phone, "home", "home.gone")
    hilo.send()

    assert phone.news[1:] == [texts().say("home", "es"), texts().say("home.gone", "es")]
    assert "¿Tienes 2 minutos?" in phone.news[0]


def test_the_next_question_does_not_wait_for_the_last_ones_keyboard(hilo: Rig) -> None:
    """What she chose is shown, and the next question comes, in one look of the courier."""
    phone = hilo.join()
    hilo.ask(phone)
    hilo.messenger.press(phone.chat, "2 · 🙁 Bajo")
    hilo.keep()
    hilo.handle()
    assert hilo.run(hilo.courier.round())
    hilo.run(hilo.courier.landed())

    asked, follows = hilo.messenger.thread(phone.chat)[-2:]
    assert asked.labels[0] == "✓ 🙁 Bajo"
    assert "2 de 4" in follows.text


def test_replies_go_before_broadcasts(hilo: Rig) -> None:
    """Whoever waits for an answer is not behind a broadcast to everyone else."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    waiting = hilo.join(nickname="Nopal", cohort="Costa")
    offered(hilo, *phones)
    note(hilo, waiting, "home")
    with hilo.unit() as unit:
        first = unit.outbox.claim(unit.now, unit.now + LEASE, 1)

    assert [row.chat for row in first] == [waiting.chat]


def test_a_pause_for_one_chat_holds_that_chat_alone(hilo: Rig) -> None:
    """A chat that is to be retried later keeps its order and its turn; others go on."""
    slow, quick = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.messenger.fail(RetryLater(5, everyone=False), chat=slow.chat)
    note(hilo, slow, "home", "home.gone")
    note(hilo, quick, "home")
    hilo.send()
    assert (slow.news, quick.news) == ([], [texts().say("home", "es")])
    hilo.advance(seconds=5)
    hilo.send()

    assert slow.news == [texts().say("home", "es"), texts().say("home.gone", "es")]


def test_what_did_not_leave_is_sent_again(hilo: Rig) -> None:
    """Without a network a message waits, a little longer each time, and goes out once and in order."""
    phone = hilo.join()
    hilo.messenger.fail(Unreachable("no network"), times=3)
    note(hilo, phone, "home", "home.gone")
    seconds = 0
    while not phone.news:
        hilo.send()
        hilo.advance(seconds=1)
        seconds += 1
        assert seconds < 60

    assert seconds > 6
    assert phone.news == [texts().say("home", "es"), texts().say("home.gone", "es")]


def test_a_second_without_a_network_costs_a_second(hilo: Rig) -> None:
    """The first time that a message did not leave, it is sent again a second later."""
    phone = hilo.join()
    hilo.messenger.fail(Unreachable("no network"))
    note(hilo, phone, "home")
    hilo.send()
    hilo.advance(seconds=1)
    hilo.send()

    assert phone.news == [texts().say("home", "es")]


@given(attempts=st.integers(0, 5_000))
@example(attempts=1_023)
@example(attempts=1_024)  # 17 hours without a network, and more than a float holds as a power of two
def test_the_next_try_is_within_a_minute(attempts: int) -> None:
    """However often sending failed, the pause is one to sixty seconds, and never shorter than after fewer failures."""
    assert 1 <= backoff(attempts) <= 60
    assert backoff(attempts) <= backoff(attempts + 1)


@pytest.mark.parametrize("attempts", [0, 20, 1_022, 1_024, 5_000])
def test_a_long_silence_of_the_network_does_not_stretch_the_pauses_for_ever(hilo: Rig, attempts: int) -> None:
    """However often it failed, it is tried again within a minute, and arrives."""
    phone = hilo.join()
    note(hilo, phone, "home")
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE outbox SET attempts = ? WHERE state = 'queued'", (attempts,))
    hilo.messenger.fail(Unreachable("no network"), times=3)
    for _ in range(3):
        hilo.send()
        assert phone.news == []
        hilo.advance(seconds=60)
    hilo.send()

    assert phone.news == [texts().say("home", "es")]


def test_who_is_gone_is_unreachable_until_she_writes(hilo: Rig) -> None:
    """A blocked chat ends its messages and marks her; a later message of hers brings her back."""
    phone = hilo.join()
    hilo.messenger.fail(Gone("blocked"), chat=phone.chat)
    note(hilo, phone, "home")
    hilo.send()
    assert phone.person.participation == "unreachable"
    assert states(hilo, phone) == [("gone", "gone")]
    assert hilo.rows("SELECT count(*) FROM addresses WHERE unreachable_since IS NOT NULL") == [(1,)]
    phone.say("/menu")

    assert phone.person.participation == "active"
    assert phone.told == texts().say("home", "es")


def test_who_is_gone_before_consent_has_not_agreed_afterwards(hilo: Rig) -> None:
    """A chat that is gone in the middle of joining leaves her where she was."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    hilo.messenger.fail(Gone("blocked"), chat=phone.chat)
    phone.say("es")
    phone.say("/start")

    assert phone.person.participation == "consenting"


def test_what_the_messenger_rejects_is_closed_and_the_next_goes(hilo: Rig) -> None:
    """One message that cannot be sent is marked failed; the chat's next message is not held by it."""
    phone = hilo.join()
    hilo.messenger.fail(Rejected("too odd"), chat=phone.chat)
    note(hilo, phone, "home", "home.gone")
    hilo.send()

    assert phone.news == [texts().say("home.gone", "es")]
    assert states(hilo, phone) == [("failed", "rejected")]


@pytest.mark.parametrize("refused", [BadToken("unknown token"), Conflict("elsewhere")])
def test_what_the_bot_may_not_send_now_waits(hilo: Rig, refused: MessengerError) -> None:
    """While Telegram does not know the token nothing is lost: with the new one it is all said, once and in order."""
    phone = hilo.join()
    hilo.messenger.fail(refused, times=2)
    note(hilo, phone, "home", "home.gone")
    for _ in range(3):
        hilo.send()
        hilo.advance(seconds=61)
    hilo.send()

    assert phone.news == [texts().say("home", "es"), texts().say("home.gone", "es")]


def test_while_the_token_is_refused_nothing_else_is_tried(hilo: Rig) -> None:
    """What is to be said to others meanwhile waits for the same minute: the messenger is not asked again for each."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.messenger.fail(BadToken("unknown token"))
    note(hilo, phone, "home")
    hilo.send()
    hilo.advance(seconds=30)
    note(hilo, other, "home")
    hilo.send()
    assert other.news == []
    hilo.advance(seconds=30)
    hilo.send()

    assert phone.news == other.news == [texts().say("home", "es")]


def test_a_question_is_said_again_after_two_seconds(hilo: Rig) -> None:
    """In between, her answer to the first one may come, which makes the second one needless."""
    phone = hilo.join()
    hilo.messenger.fail(Unknown("timed out"), accepted=True, new=True)
    offered(hilo, phone)
    hilo.send()
    hilo.advance(seconds=1.9)
    hilo.send()
    assert len(phone.news) == 1
    hilo.advance(seconds=0.1)
    hilo.send()

    assert len(phone.news) == 2


@pytest.mark.parametrize("anew", [False, True])
def test_an_edit_of_what_she_deleted_comes_as_a_message_where_she_asked_for_it(hilo: Rig, *, anew: bool) -> None:
    """A screen she opens is shown to her; a page that closes by itself is not brought back by that."""
    phone = hilo.join()
    with hilo.unit() as unit:
        page = hilo.turns.speech(unit, phone.person).send("La página")
    hilo.send()
    phone.look()
    hilo.messenger.fail(Rejected("message to edit not found"))
    with hilo.unit() as unit:
        hilo.turns.speech(unit, phone.person).edit(page, (), "Cerrada", anew=anew)
    hilo.send()

    assert phone.news == (["Cerrada"] if anew else [])
    assert states(hilo, phone) == ([] if anew else [("failed", "rejected")])


def test_an_edit_makes_no_message_younger(hilo: Rig) -> None:
    """How long ago a message was sent decides whether it can still be removed: an edit changes nothing of that."""
    phone = hilo.join()
    hilo.ask(phone)
    hilo.advance(hours=1)
    since = hilo.now.replace(second=0, microsecond=0)  # as rows tell it
    phone.press("2 · 🙁 Bajo")
    with hilo.reading() as unit:
        edited = {unit.outbox.row_of("memory", phone.chat, each.order) for each in phone.heard if each.edits}
        young = {row for row, _ in unit.outbox.recent("memory", phone.chat, since)}

    assert edited
    assert young
    assert not edited & young


@pytest.mark.parametrize(("media", "most"), [({"media": {"id": "1"}}, 1024), ({}, 4096)], ids=["photo", "words"])
def test_what_is_said_again_says_so_where_it_fits(media: dict[str, Any], most: int) -> None:
    """A messenger takes fewer words beside a picture than alone; longer ones are repeated as they were."""
    again = "Por si no te llegó:"
    for room, fits in ((0, True), (1, False)):
        text = "a" * (most - len(again) - 2 + room)
        said = repeated({"text": text, "again": again, **media}, MemoryMessenger())
        assert said == (f"{again}\n\n{text}" if fits else text)


def test_a_note_whose_answer_was_lost_is_not_repeated(hilo: Rig) -> None:
    """Nobody knows whether it arrived, and saying it twice would be worse: it stays unknown."""
    phone = hilo.join()
    hilo.messenger.fail(Unknown("timed out"), accepted=True, new=True)
    note(hilo, phone, "home", "home.gone")
    hilo.send()
    hilo.advance(minutes=5)
    hilo.send()

    assert phone.news == [texts().say("home", "es"), texts().say("home.gone", "es")]
    assert states(hilo, phone) == [("unknown", "answer_lost")]


def test_an_edit_whose_answer_was_lost_is_made_again(hilo: Rig) -> None:
    """Making the same edit twice changes nothing, so it is simply made again."""
    phone = hilo.join()
    hilo.ask(phone)
    hilo.messenger.fail(Unknown("timed out"), chat=phone.chat)
    phone.press("2 · 🙁 Bajo")
    hilo.advance(seconds=2)
    hilo.send()

    assert "✓ 🙁 Bajo" in phone.screen()


def test_a_question_answered_before_it_left_is_dropped(hilo: Rig) -> None:
    """A repeated question that is still waiting to be sent when she answers is not asked any more."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.write("/start")
    phone.write("2")
    hilo.settle()

    assert phone.told.count("ánimo") == 0
    assert "2 de 4" in phone.told
    assert ("dropped", "answered") in states(hilo, phone)


def test_the_last_question_answered_before_its_repetition_is_dropped(hilo: Rig) -> None:
    """A question whose answer was lost is not said again when she has answered it and the run is over."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.press("Saltar")
    hilo.messenger.fail(Unknown("timed out"), accepted=True, new=True)
    phone.say("/start")
    assert "3 de 4" in phone.told
    phone.press("1 · Nada por ahora")
    hilo.advance(seconds=3)
    hilo.send()

    assert phone.run.status == "completed"
    assert "3 de 4" not in phone.told


def test_who_paused_or_left_is_asked_nothing_that_was_still_waiting(hilo: Rig) -> None:
    """A question in the outbox of someone who paused or left is dropped, with that as its reason."""
    for state in ("paused", "left"):
        phone = hilo.join(nickname=state)
        offered(hilo, phone)
        with hilo.unit() as unit:
            unit.people.change(phone.person, participation=state)
        hilo.send()
        assert phone.news == []
        assert states(hilo, phone) == [("dropped", state)]


def test_a_death_while_sending_loses_no_question_and_repeats_no_note(hilo: Rig) -> None:
    """What a dead process was sending: a question is said again after it, a note is left unknown."""
    asked, told = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal", cohort="Costa")
    offered(hilo, asked)
    note(hilo, told, "home")
    with hilo.unit() as unit:
        assert len(unit.outbox.claim(unit.now, unit.now + LEASE, 8)) == 2
    hilo.send()
    assert (asked.news, told.news) == ([], [])
    with hilo.unit() as unit:
        recover(unit)
    hilo.advance(seconds=2)
    hilo.send()

    assert "¿Tienes 2 minutos?" in asked.told
    assert told.news == []
    assert states(hilo, told) == [("unknown", "lease")]


def test_sent_words_are_gone_from_the_outbox(hilo: Rig) -> None:
    """What a messenger has taken is no longer kept here."""
    phone = hilo.join()
    hilo.ask(phone)

    assert hilo.rows("SELECT count(*) FROM outbox WHERE state = 'sent' AND body IS NOT NULL") == [(0,)]
    assert hilo.rows("SELECT count(*) FROM outbox WHERE state = 'sent'") != [(0,)]


def test_a_row_is_claimed_once(hilo: Rig) -> None:
    """Two couriers never hold the same row: what one has claimed the other does not see."""
    phone = hilo.join()
    note(hilo, phone, "home")
    with hilo.unit() as unit:
        first = unit.outbox.claim(unit.now, unit.now + LEASE, 8)
    with hilo.unit() as unit:
        second = unit.outbox.claim(unit.now, unit.now + LEASE, 8)

    assert (len(first), second) == (1, [])


def test_what_a_chat_says_is_never_behind_what_is_not_due(hilo: Rig) -> None:
    """A row that waits for its moment holds the chat's later rows, and no other chat's."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    note(hilo, phone, "home")
    with hilo.unit() as unit:
        (row,) = unit.outbox.claim(unit.now, unit.now + LEASE, 1)
        unit.outbox.retry(row.seq, unit.now + LEASE, "unreachable")
    note(hilo, phone, "home.gone")
    note(hilo, other, "home.gone")
    hilo.send()

    assert (phone.news, other.news) == ([], [texts().say("home.gone", "es")])


def test_pages_wait_for_no_messengers_pace(hilo: Rig) -> None:
    """What a page reads itself takes nothing of Telegram's thirty a second, and does not wait behind them."""
    here = {"telegram": hilo.messenger, "web": WebMessenger()}
    courier = Courier(hilo.workers, here, 2, seconds=lambda: 100.0)

    def fill(unit: Unit) -> None:
        for messenger in ("telegram", "web"):
            for number in range(6):
                told = {"text": f"{number}", "keyboard": ()}
                unit.outbox.put(clock.new_id(), None, messenger, f"9{number}", "message", 0, told)

    def left(messenger: str) -> int:
        states = "SELECT count(*) FROM outbox WHERE state = 'queued' AND lookup IS NOT NULL AND messenger = "
        (row,) = hilo.rows(f"{states}'{messenger}'")
        return int(row[0])

    hilo.run(hilo.workers.write(fill))

    async def rounds() -> None:
        for _ in range(5):
            await courier.round()
            await courier.landed()

    hilo.run(rounds())

    assert left("web") == 0
    assert left("telegram") == 4


def test_a_press_that_changes_nothing_is_answered(hilo: Rig) -> None:
    """Looked at again, a panel on which nothing has changed says that it was asked; once more, it is as it was."""
    hilo.join()
    hilo.order()
    hilo.tick()
    ana = hilo.facilitator()
    panel(ana)
    before, shown = ana.last.text or "", []
    for _ in range(2):
        ana.press(texts().say("button.refresh", "es"))
        shown.append(ana.last.text)

    assert shown == [f"{texts().say('screen.same', 'es')}\n\n{before}", before]
    assert len(ana.news) == 0
