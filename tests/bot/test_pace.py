"""What may be sent while a messenger asks for a pause: people go on being answered, and nothing is pushed."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.ptb import PtbMessenger
from bot.pipeline.courier import AT_ONCE
from bot.pipeline.pace import BURST, CLOSE, ChatPace, Flood, Pace, Room
from tests.bot.rig import Rig
from tests.double import Double, User

ONE, OTHER, THIRD = b"1", b"2", b"3"
OFFER = "¿Tienes 2 minutos?"


def test_a_first_refusal_holds_what_the_bot_says_by_itself() -> None:
    """Replies go on, one at a time, until the pause is over; then everything does."""
    flood = Flood()
    assert flood.room(0) is Room.ALL
    flood.refused(ONE, 30, 100, 99)

    assert [flood.room(at) for at in (100, 129.9, 130)] == [Room.ONE_REPLY, Room.ONE_REPLY, Room.ALL]


def test_two_chats_refused_within_ten_seconds_hold_replies_too() -> None:
    """Until one that tries first gets through; what was begun before the pause proves nothing."""
    flood = Flood()
    flood.refused(ONE, 5, 100, 99)
    flood.refused(OTHER, 20, 100 + CLOSE, 100)
    assert flood.room(129.9) is Room.NONE
    assert flood.room(130) is Room.ONE
    flood.passed(begun=99)
    assert flood.room(130) is Room.ONE
    flood.refused(THIRD, 5, 131, 130)
    assert [flood.room(at) for at in (135.9, 136)] == [Room.NONE, Room.ONE]
    flood.passed(begun=136)

    assert flood.room(136) is Room.ALL


def test_what_was_under_way_together_is_refused_together() -> None:
    """Eight at once are refused for the same reason: that is a first refusal, and whoever writes is answered."""
    flood = Flood()
    flood.refused(ONE, 30, 100, 99.8)
    flood.refused(OTHER, 29.9, 100.1, 99.9)

    assert flood.room(101) is Room.ONE_REPLY
    assert flood.room(130) is Room.ALL


def test_two_refusals_far_apart_or_of_one_chat_are_each_a_first_one() -> None:
    """A chat that is refused again, and another one later, leave replies alone."""
    flood = Flood()
    flood.refused(ONE, 60, 100, 99)
    flood.refused(ONE, 60, 105, 104)
    flood.refused(OTHER, 60, 105 + CLOSE + 1, 110)

    assert flood.room(150) is Room.ONE_REPLY


@given(st.lists(st.tuples(st.sampled_from([ONE, OTHER, THIRD]), st.integers(0, 700), st.floats(0, 60)), max_size=20))
def test_no_pause_is_ever_cut_short(refusals: list[tuple[bytes, int, float]]) -> None:
    """Whoever is refused, in whatever order: what the bot says by itself waits for the longest pause asked for."""
    flood, now, until = Flood(), 0.0, 0.0
    for chat, seconds, later in refusals:
        now += later
        flood.refused(chat, seconds, now, now)
        until = max(until, now + seconds)
        if now < until:
            assert flood.room(now) in {Room.NONE, Room.ONE_REPLY}
    flood.passed(begun=max(until, now))

    assert flood.room(max(until, now)) is Room.ALL


class Telegram(Rig):
    """The whole bot in this process, with Telegram's double at the other end of a real client."""

    def __init__(self, folder: Path, client: type[PtbMessenger | AiogramMessenger], double: Double) -> None:
        super().__init__(folder)
        self.double = double
        self.client = client(double.token, double.url)
        self.messenger = self.client  # type: ignore[assignment]  # the port, which is all that is used of it here
        self.loops()
        self.courier.at_once = AT_ONCE

    def close(self) -> None:
        """Hang up, and let go of the database."""
        self.run(self.client.close())
        super().close()

    def leader(self, name: str) -> User:
        """Let a leader come in."""
        user = self.double.user(name, "es")
        user.say(f"/start {self.invite()}")
        self.settle()
        for word in ("1 · Español", "Sí, quiero participar"):
            user.press(word)
            self.settle()
        user.say(name)
        self.settle()
        return user

    def offer(self) -> None:
        """Let an offer wait for everyone."""
        self.order()
        while self.run(self.ticker.round()):
            pass

    def tried(self, since: int = 0) -> list[int | None]:
        """List the chats to which the bot tried to send, since so many tries."""
        return [call.chat for call in self.double.calls("sendMessage")][since:]


def offered(leaders: list[User]) -> int:
    """Count those who have the offer."""
    return sum(any(OFFER in message.words for message in user.said) for user in leaders)


def waiting(telegram: Telegram) -> set[str]:
    """Return the nicknames of those to whom nothing was tried to be sent of what waits."""
    with telegram.reading() as unit:
        rows = unit.connection.exec_driver_sql("SELECT person_id FROM outbox WHERE state = 'queued' AND attempts = 0")
        return {unit.people.known(UUID(person_id)).display_name for (person_id,) in rows}


@pytest.fixture(params=[PtbMessenger, AiogramMessenger], ids=["ptb", "aiogram"])
def telegram(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Telegram]:
    """The bot, on each client in turn."""
    with Double() as double:
        it = Telegram(tmp_path, request.param, double)
        yield it
        it.close()


def test_a_refused_broadcast_waits_and_people_are_answered(telegram: Telegram) -> None:
    """One of many offers is refused for thirty seconds: no other is tried meanwhile, and whoever writes is answered."""
    leaders = [telegram.leader(f"Ceiba {number}") for number in range(AT_ONCE + 2)]
    telegram.offer()
    telegram.double.refuse("sendMessage", retry_after=30, times=1)
    telegram.send()
    assert offered(leaders) == AT_ONCE - 1
    one = next(each for each in leaders if offered([each]))
    later = next(each for place, each in enumerate(leaders) if f"Ceiba {place}" in waiting(telegram))
    begun = len(telegram.tried())
    for writes in (one, later, one):
        before = len(writes.said)
        telegram.advance(seconds=9)
        writes.say("/menu")
        telegram.settle()
        assert len(writes.said) > before
    # The last one's offer stood before her answer, in the same chat.
    assert set(telegram.tried(begun)) == {one.id, later.id}
    telegram.advance(seconds=4)
    telegram.send()

    assert offered(leaders) == len(leaders)


def test_two_refused_chats_hold_everything_until_one_gets_through(telegram: Telegram) -> None:
    """The bot itself is meant: not even replies are tried in the pause, and after it one before all others."""
    leaders = [telegram.leader(f"Ceiba {number}") for number in range(4)]
    for user, seconds in zip(leaders[:2], (10, 20), strict=True):
        telegram.double.refuse("sendMessage", retry_after=seconds, chat=user.id)
        user.say("/menu")
        telegram.settle()
    begun = len(telegram.tried())
    for user in leaders[2:]:
        user.say("/menu")
    telegram.advance(seconds=19)
    telegram.settle()
    assert telegram.tried(begun) == []
    telegram.double.refuse("sendMessage", retry_after=5, times=1)
    telegram.advance(seconds=2)
    telegram.settle()
    assert len(telegram.tried(begun)) == 1
    telegram.advance(seconds=6)
    before = [len(user.said) for user in leaders]
    telegram.settle()

    assert [len(user.said) > number for user, number in zip(leaders, before, strict=True)] == [True] * 4


def test_a_newcomer_waits_for_no_pause_of_broadcasts(telegram: Telegram) -> None:
    """What is said to strangers is no broadcast: while those wait, whoever comes in is answered."""
    leaders = [telegram.leader(f"Ceiba {number}") for number in range(AT_ONCE + 2)]
    code = telegram.invite()
    telegram.offer()
    telegram.double.refuse("sendMessage", retry_after=30, times=1)
    telegram.send()
    newcomer = telegram.double.user("Nadie", "es")
    telegram.advance(seconds=2)
    newcomer.say("hola")
    telegram.settle()
    before = len(newcomer.said)
    telegram.advance(seconds=2)
    newcomer.say(f"/start {code}")
    telegram.settle()

    assert before
    assert len(newcomer.said) > before
    assert offered(leaders) == AT_ONCE - 1


class Time:
    """A clock that stands until it is put forward."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.sampled_from([ONE, OTHER]), st.floats(0, 3)), max_size=60), st.sampled_from([1, 2, 10]))
def test_a_chat_never_gets_more_than_its_burst_and_its_pace(sends: list[tuple[bytes, float]], rate: int) -> None:
    """Whenever what is said: in no time more than five and so many a second; no wait is longer than it says."""
    time, sent = Time(), []
    pace = ChatPace(rate, time)
    for chat, later in sends:
        time.now += later / rate
        if chat in pace.shut():
            time.now += pace.wait() + 1e-6
        if chat in pace.shut():  # it was the other one that waited less long
            time.now += pace.wait() + 1e-6
        assert chat not in pace.shut()
        pace.take(chat)
        sent.append((time.now, chat))
    for place, (first, chat) in enumerate(sent):
        following = [at for at, other in sent[place:] if other == chat]
        for number, at in enumerate(following, 1):
            assert number <= BURST + (at - first) * rate + 1e-6


def test_chats_that_rest_are_forgotten() -> None:
    """A hundred thousand chats, a thousand a second: those of the last seconds are known, and none waits."""
    time = Time()
    pace = ChatPace(1, time)
    for number in range(100_000):
        time.now += 0.001
        pace.take(number.to_bytes(4))
        assert not pace.shut()
    assert len(pace) <= 1001
    time.now += BURST

    assert (list(pace.shut()), len(pace), pace.wait()) == ([], 0, 0.0)


@given(st.lists(st.tuples(st.floats(0.05, 0.4), st.floats(0, 0.6)), min_size=1, max_size=60), st.integers(1, 9))
def test_no_more_arrive_in_a_second_than_the_rate_however_long_each_took(
    sends: list[tuple[float, float]], rate: int
) -> None:
    """Each takes a twentieth of a second at least, and some time of its own on the way there or back."""
    least, arrived, under_way = 0.05, list[float](), list[tuple[float, float]]()
    time = Time()
    pace = Pace(rate, time)
    pace.begin()
    began, time.now = time.now, time.now + least
    pace.end(began, answered=True)
    arrived.append(began + least / 2)

    def land(until: float) -> None:
        while under_way and min(under_way)[0] <= until:
            ended, begun = min(under_way)
            under_way.remove((ended, begun))
            time.now = ended
            pace.end(begun, answered=True)

    for there, back in sends:
        while not pace.free():
            land(min(under_way)[0]) if under_way else None
            time.now += pace.wait()
        pace.begin()
        arrived.append(time.now + there)
        under_way.append((time.now + there + max(back, least - there) + least / 2, time.now))
        land(time.now + 0.01)
    for first in arrived:
        assert sum(first <= at < first + 1 for at in arrived) <= rate
