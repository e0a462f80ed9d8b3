"""What waits to be sent takes room from new deliveries of its own messenger, and from nothing else."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.messengers.port import Outgoing, Unreachable
from bot.pipeline.loops import SENDING_AHEAD
from storage.people import Person
from tests.bot.rig import RECORD, Rig, texts
from tests.memory import MemoryMessenger

RATE = 30  # the default: 300 rows fill the room
WAITING = RATE * SENDING_AHEAD
DANGER = {"danger_words": {"es": ["me pegó"]}}
OFFER = "¿Tienes 2 minutos?"


class TwoMessengers(MemoryMessenger):
    """Telegram and the page, of which the first can be out of reach."""

    def __init__(self) -> None:
        super().__init__(name="telegram")
        self.dark: set[str] = set()

    async def send(self, outgoing: Outgoing) -> int:
        """Send, where there is a network."""
        if outgoing.chat in self.dark:
            raise Unreachable("no network")
        return await super().send(outgoing)


class House(Rig):
    """A leader on Telegram; on the page one who will be asked, one who rests, one who called for help, and the team."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, record={**RECORD, **DANGER})
        self.two = self.messenger = TwoMessengers()
        self.loops()
        self.on_telegram = self.join(nickname="Ceiba")
        self.ceiba = self.on_telegram.person
        self.messenger.name = "web"
        self.on_the_page = self.join(nickname="Nopal")
        self.nopal = self.on_the_page.person
        self.resting = self.join(nickname="Sauce")
        self.resting.say("/pause")
        self.resting.press("Una semana")
        self.ana = self.facilitator()
        in_need = self.join(nickname="Mezquite")
        in_need.say("ayer me pegó")
        in_need.press("Solo quería contarlo")
        for phone in (self.on_telegram, self.on_the_page, self.resting, self.ana):
            phone.look()

    def wait(self, number: int, after: timedelta = timedelta(0)) -> None:
        """Let so many messages wait for the one on Telegram."""
        with self.unit() as unit:
            speech = self.turns.speech(unit, self.ceiba)
            for _ in range(number):
                speech.send("hola")
            unit.connection.exec_driver_sql(
                "UPDATE outbox SET due_at = ? WHERE state = 'queued'", (f"{self.now + after:%Y-%m-%d %H:%M:%S.%f}",)
            )

    def live(self, seconds: int = 12) -> None:
        """Let some seconds pass, a round of the tick each."""
        for _ in range(seconds):
            self.tick(rate=RATE)
            self.advance(seconds=1)

    def begun(self, person: Person) -> list[str]:
        """Tell how a person's deliveries stand."""
        return [row[0] for row in self.rows("SELECT state FROM deliveries WHERE person_id = ?", person.id.hex)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The house, and the words of those who wait in it."""
    it = House(tmp_path)
    yield it
    it.close()


def an_outage(house: House) -> None:
    """Three hundred messages are due, and no network takes them."""
    house.two.dark.add(house.on_telegram.chat)
    house.wait(WAITING)


def a_lost_token(house: House) -> None:
    """The bot has no Telegram any more; what was to be sent there waits for it."""
    house.two.dark.add(house.on_telegram.chat)  # nobody sends there
    house.absent.add("telegram")
    house.wait(WAITING)


@pytest.mark.parametrize("trouble", [an_outage, a_lost_token])
def test_three_hundred_waiting_rows_stop_nothing_that_is_due(house: House, trouble: Callable[[House], None]) -> None:
    """People on the page are asked, a pause ends, an alert is told again; only Telegram's deliveries wait, unbegun."""
    trouble(house)
    house.order()
    house.live()

    assert OFFER in house.on_the_page.told
    assert house.begun(house.nopal) == ["started"]
    assert house.begun(house.ceiba) == ["due"]

    again = texts().say("notice.danger.again", "es", cohort="Sierra Norte")
    assert sum(again in said for said in house.ana.news) == 0
    house.advance(hours=2)
    house.live(2)
    assert sum(again in said for said in house.ana.news) == 1

    house.advance(days=7)
    house.live(2)
    assert texts().say("leader.pause.over", "es") in house.resting.told


def test_on_the_page_alone_nobody_waits(house: House) -> None:
    """A bot without Telegram, which had nothing to do, asks whoever is on the page in the second of the order."""
    house.absent.add("telegram")
    house.live(3)
    house.order()
    house.tick(rate=RATE)

    assert house.begun(house.nopal) == ["started"]


@pytest.mark.parametrize("after", [timedelta(seconds=90), timedelta(days=1)])
def test_what_waits_for_later_takes_no_room(house: House, after: timedelta) -> None:
    """Three hundred messages that are to be sent tomorrow, or in more than a minute, keep nobody from being asked."""
    house.wait(WAITING, after=after)
    house.order()
    house.live(2)

    assert house.begun(house.ceiba) == ["started"]


def test_past_what_is_held_nobody_looks_for_ten_seconds(house: House) -> None:
    """While only Telegram's deliveries were due, another one's may begin ten seconds late, and no later."""
    house.absent.add("telegram")
    house.advance(seconds=59 - house.now.second)  # what is kept of a moment is its minute
    house.order()
    with house.unit() as unit:
        (hers,) = house.rows("SELECT id FROM deliveries WHERE person_id = ?", house.nopal.id.hex)
        unit.broadcasts.defer(UUID(hers[0]), unit.now + timedelta(seconds=1))
    for _ in range(2):  # what is not held is done with the first
        house.tick(rate=RATE)
    house.advance(seconds=9.5)
    house.tick(rate=RATE)
    assert house.begun(house.nopal) == ["due"]
    house.advance(seconds=0.5)
    house.tick(rate=RATE)

    assert house.begun(house.nopal) == ["started"]


def test_when_telegram_is_back_so_are_its_deliveries(house: House) -> None:
    """Nothing was given up: whoever was held is asked, once, and after what waited before."""
    a_lost_token(house)
    house.order()
    house.live()
    house.absent.clear()
    house.two.dark.clear()
    house.advance(minutes=2)
    house.live(15)

    assert house.begun(house.ceiba) == ["started"]
    assert house.on_telegram.told.count(OFFER) == 1
    assert [said for said in house.on_telegram.news if said == "hola"] == ["hola"] * WAITING
