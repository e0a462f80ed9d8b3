"""The courier itself, running: pace, pauses, and questions said once more."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.messengers.port import MessengerError, Outgoing, RetryLater, Unknown, Unreachable
from bot.pipeline.courier import LEASE, Courier
from bot.pipeline.pace import SECOND, Pace
from bot.runtime.workers import Workers
from tests.bot.rig import Phone, Rig, texts
from tests.memory import MemoryMessenger

PATIENCE = 15.0
LONG_AGO = timedelta(minutes=5)  # what was said before then was not said just now


class Watched(MemoryMessenger):
    """A messenger that notes when each send began, and takes its time where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.began: list[tuple[float, str]] = []
        self.takes = 0.0

    async def send(self, outgoing: Outgoing) -> int:
        """Send, noting the moment."""
        self.began.append((time.monotonic(), outgoing.chat))
        await asyncio.sleep(self.takes)
        return await super().send(outgoing)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time, with a messenger that can be watched."""
    it = Rig(tmp_path, now=clock.now())
    it.messenger = Watched()
    yield it
    it.close()


def watched(live: Rig) -> Watched:
    """Return the messenger as what it is."""
    assert isinstance(live.messenger, Watched)
    live.messenger.began.clear()
    return live.messenger


def run(live: Rig, until: Callable[[], bool], rate: float = 500, chat_rate: float = 1000) -> float:
    """Run a courier until something is so; returns how many seconds that took."""

    async def whole() -> float:
        workers = Workers(live.storage)
        courier = asyncio.create_task(Courier(workers, {"memory": live.messenger}, rate, chat_rate=chat_rate).run())
        begun = time.monotonic()
        while not until():
            assert not courier.done(), courier.exception()
            assert time.monotonic() - begun < PATIENCE, "the courier did not get there"
            await asyncio.sleep(0.01)
        took = time.monotonic() - begun
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)
        workers.close()
        return took

    return asyncio.run(whole())


def strangers(live: Rig, number: int) -> list[Phone]:
    """Let many people write at once; what is said to each waits in the outbox."""
    phones = [live.phone() for _ in range(number)]
    for phone in phones:
        phone.write("/start")
    live.keep()
    live.handle()
    return phones


def people(live: Rig, number: int) -> list[Phone]:
    """Let many people who take part, and are not asked, write at once; the reply to each waits in the outbox."""
    phones = [live.join(nickname=f"Nopal {place}", cohort="Costa") for place in range(number)]
    for phone in phones:
        phone.look()
        phone.write("Hola, ¿hay alguien?")
    live.keep()
    live.handle()
    return phones


def asked(live: Rig) -> Phone:
    """Leave the first question of a check-in waiting in the outbox."""
    phone = live.join()
    live.order()
    live.tick()
    live.messenger.press(phone.chat, "Sí, ahora")
    phone.look()
    live.keep()
    live.handle()
    return phone


@pytest.mark.proof
@pytest.mark.parametrize("takes", [0, 0.05])
def test_the_pace_is_never_above_the_rate(live: Rig, takes: float) -> None:
    """In no second, wherever it begins, are there more sends than the rate; and everything goes out."""
    phones = strangers(live, 55)
    messenger = watched(live)
    messenger.takes = takes
    run(live, lambda: all(phone.heard for phone in phones), rate=20)
    moments = [moment for moment, _ in messenger.began]
    busiest = max(sum(first <= moment < first + 1 for moment in moments) for first in moments)

    assert len(moments) == 55
    assert busiest <= 20


def test_the_rate_is_used(live: Rig) -> None:
    """The courier is not slower than it may be: a hundred messages at fifty a second take about two seconds."""
    phones = strangers(live, 100)

    assert run(live, lambda: all(phone.heard for phone in phones), rate=50) < 4


def test_one_chat_has_one_message_under_way(live: Rig) -> None:
    """A slow chat gets its messages one after the other; a second one never overtakes."""
    phone = live.join()
    watched(live).takes = 0.1
    with live.unit() as unit:
        speech = live.turns.speech(unit, phone.person)
        for number in range(5):
            speech.send(f"línea {number}")
    messenger = watched(live)
    run(live, lambda: len(phone.news) == 5)

    assert phone.news == [f"línea {number}" for number in range(5)]
    gaps = [later - earlier for (earlier, _), (later, _) in zip(messenger.began, messenger.began[1:], strict=False)]
    assert min(gaps) >= 0.1


def test_slow_chats_go_side_by_side(live: Rig) -> None:
    """Sends that take long do not queue behind each other: several are under way at once."""
    phones = strangers(live, 8)
    watched(live).takes = 0.5

    assert run(live, lambda: all(phone.heard for phone in phones)) < 2


def test_the_more_is_sent_the_more_goes_side_by_side(live: Rig) -> None:
    """Eight at once as a rule; where a thousand a second are allowed, the forty of a twenty-fifth of a second."""
    phones = strangers(live, 45)
    messenger = watched(live)
    messenger.takes = 0.3
    run(live, lambda: len(messenger.began) >= 40, rate=1000)
    first = messenger.began[0][0]
    assert sum(moment < first + 0.3 for moment, _ in messenger.began) == 40
    run(live, lambda: all(phone.heard for phone in phones), rate=1000)

    assert Courier(Workers(live.storage), {}, 30).at_once == 8


@pytest.mark.proof
def test_a_pause_holds_what_the_bot_says_by_itself_and_people_are_answered(live: Rig) -> None:
    """While the messenger asks for a pause, replies go on one at a time, offers wait, and nothing is lost."""
    asked = [live.join(nickname=f"Ceiba {number}") for number in range(12)]
    phones = people(live, 20)
    live.order()
    with live.unit() as unit:
        live.ticking.step(unit, 100)
    for phone in asked:
        phone.look()
    messenger = watched(live)
    messenger.takes = 0.02
    messenger.fail(RetryLater(5, everyone=True), chat=phones[0].chat)
    took = run(live, lambda: all(phone.news for phone in phones[1:]), rate=200)
    begun = [moment for moment, _ in messenger.began]
    in_the_pause = [moment for moment in begun if moment > begun[0] + 0.1]
    assert took < 5
    assert min(later - earlier for earlier, later in itertools.pairwise(in_the_pause)) >= 0.02
    assert all(phone.news == [] for phone in asked)
    run(live, lambda: all(phone.news for phone in asked) and bool(phones[0].news))

    assert {len(phone.news) for phone in asked} == {len(phone.news) for phone in phones} == {1}


@pytest.mark.proof
@pytest.mark.parametrize("accepted", [True, False], ids=["it had arrived", "it had not"])
def test_a_question_whose_answer_was_lost_is_said_once_more(live: Rig, *, accepted: bool) -> None:
    """Nobody knows whether she has it: after a moment it comes again, and says that it may be the second time."""
    phone = asked(live)
    live.messenger.fail(Unknown("timed out"), accepted=accepted, new=True)
    again = texts().say("prompt.repeat", "es")
    run(live, lambda: again in phone.told)

    assert phone.news[-1].startswith(f"{again}\n\n1 de 4")
    assert len(phone.news) == 1 + accepted
    phone.press("2 · 🙁 Bajo")
    assert phone.values == {"mood": 2}


@pytest.mark.proof
@pytest.mark.parametrize("then", [Unreachable("no network"), RetryLater(0.2, everyone=False)])
def test_a_repetition_that_has_to_wait_still_says_that_it_is_one(live: Rig, then: MessengerError) -> None:
    """Between the lost answer and the repetition the network may fail: what comes then is still a repetition."""
    phone = asked(live)
    live.messenger.fail(Unknown("timed out"), accepted=True, new=True)
    live.messenger.fail(then)
    run(live, lambda: len(phone.news) == 2)

    assert phone.news[1].startswith(texts().say("prompt.repeat", "es"))


@pytest.mark.proof
def test_a_question_is_repeated_once_and_not_for_ever(live: Rig) -> None:
    """On a line that loses every answer she is not sent the same question again and again."""
    phone = asked(live)
    live.messenger.fail(Unknown("timed out"), times=4, accepted=True, new=True)
    done = time.monotonic() + 7
    run(live, lambda: time.monotonic() > done)

    assert len(phone.news) == 2


def test_what_a_dead_process_was_sending_is_seen_to_first(live: Rig) -> None:
    """A courier that starts finds what another held when it died: a question comes again, anything else does not."""
    other = live.join()
    phone = asked(live)
    other.look()
    with live.unit() as unit:
        pressed, _question = unit.outbox.claim(unit.now, unit.now + LEASE, 9)
        unit.outbox.sent(pressed.seq, None, unit.now)
        live.turns.speech(unit, other.person).send("hola")
        assert len(unit.outbox.claim(unit.now, unit.now + LEASE, 9)) == 1
    run(live, lambda: len(phone.news) == 1)

    assert phone.news[0].startswith(f"{texts().say('prompt.repeat', 'es')}\n\n1 de 4")
    assert other.news == []
    assert live.rows("SELECT DISTINCT state FROM outbox") == [("sent",), ("unknown",)]


def test_what_need_not_be_said_any_more_is_dropped(live: Rig) -> None:
    """At the last moment it is looked at again: whoever paused meanwhile is asked nothing, and others are served."""
    other = live.join()
    phone = asked(live)
    other.look()
    with live.unit() as unit:
        unit.people.change(phone.person, participation="paused")
        live.turns.speech(unit, other.person).send("hola")
    run(live, lambda: not live.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"))

    assert (phone.news, other.news) == ([], ["hola"])
    assert live.rows("SELECT state, reason FROM outbox WHERE state != 'sent'") == [("dropped", "paused")]


def test_the_pace_says_how_long_to_wait() -> None:
    """With room left it is no time at all; without, until the first send is a second ago and no longer."""

    async def paced() -> None:
        pace = Pace(2)
        pace.take(1)
        assert (pace.free(), pace.wait()) == (1, 0)
        pace.take(1)
        assert pace.free() == 0
        pace.take(1)
        assert pace.free() == 0, "and never less, however many began"
        assert 0.9 < pace.wait() <= SECOND
        await asyncio.sleep(pace.wait() + 0.01)
        assert (pace.free(), pace.wait()) == (2, 0)

    asyncio.run(paced())


def test_what_is_under_way_at_the_end_is_marked(live: Rig) -> None:
    """A courier that is told to stop waits for what it is sending and writes down that it was sent."""
    phones = strangers(live, 3)
    messenger = watched(live)
    messenger.takes = 0.5
    run(live, lambda: len(messenger.began) == 3)

    assert all(phone.heard for phone in phones)
    assert live.rows("SELECT DISTINCT state FROM outbox") == [("sent",)]


def lines(live: Rig, phone: Phone, number: int) -> None:
    """Let so many messages wait for her."""
    with live.unit() as unit:
        speech = live.turns.speech(unit, phone.person)
        for place in range(number):
            speech.send(f"línea {place}")


def moments(messenger: Watched, phone: Phone) -> list[float]:
    """Return when each of her messages began to be sent."""
    return [moment for moment, chat in messenger.began if chat == phone.chat]


def test_one_chat_has_a_few_at_once_and_then_its_pace(live: Rig) -> None:
    """Five follow each other, and then come so many a second; whoever else is written to waits for none of it."""
    live.now -= LONG_AGO
    phone, other = live.join(), live.join(nickname="Nopal")
    for each in (phone, other):
        each.look()
    lines(live, phone, 9)
    lines(live, other, 1)
    messenger = watched(live)
    run(live, lambda: len(phone.news) == 9, chat_rate=5)
    hers = moments(messenger, phone)

    assert hers[4] - hers[0] < 0.2
    assert all(moment - hers[0] >= 0.2 * place for place, moment in enumerate(hers[5:], 1))
    assert hers[-1] - hers[0] < 1.6
    assert moments(messenger, other)[0] < hers[5]


def test_who_goes_on_sending_assumes_the_worst_of_what_was_sent(live: Rig) -> None:
    """Another courier, at once after the first: rows tell only their minute, so no chat has its few at once again."""
    live.now -= LONG_AGO
    phone = live.join()
    phone.look()
    lines(live, phone, 7)
    messenger = watched(live)
    run(live, lambda: len(phone.news) == 5, chat_rate=1)
    run(live, lambda: len(phone.news) == 7, chat_rate=1)
    hers = moments(messenger, phone)

    assert all(later - earlier >= 0.99 for earlier, later in itertools.pairwise(hers[4:]))
