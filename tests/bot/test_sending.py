"""Much is sent over real HTTP, with both clients: answers that are lost, what is paid for, and who takes over."""

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests import amounts
from tests.bot.mailbag import CLIENTS, Mailbag, present, send
from tests.double import Double
from tests.double.fixture import double  # noqa: F401  a fixture is known where it is imported

PATIENCE = 3600.0  # seconds, for the long forms


@pytest.fixture
def telegram(double: Double) -> Double:  # noqa: F811  pytest's way of asking for it
    """Telegram, whose wrong calls fail the test."""
    return double


@pytest.fixture(params=list(CLIENTS))
def client(request: pytest.FixtureRequest) -> str:
    """Each client in turn."""
    return str(request.param)


def sent(telegram: Double, number: int) -> bool:
    """Tell whether so many messages are out."""
    return len(telegram.sends()) >= number


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_what_may_go_once_does_where_answers_are_lost(telegram: Double, tmp_path: Path, client: str) -> None:
    """Of so many accepted sends the answers of one in twenty are cut: none is repeated, and the team is shown each."""
    bag = Mailbag(tmp_path, present(telegram, amounts.LOST.value))
    bag.fill()
    telegram.lose("sendMessage", share=0.05, times=None, seed=amounts.SEED.value)
    send(bag, CLIENTS[client](telegram.token, telegram.url), 1000, until=lambda: not bag.left(), patience=PATIENCE)
    sends = telegram.sends()
    lost = {f"{call.chat}" for call in sends if call.lost}
    with bag.reading() as unit:
        doubted = unit.unsent.page((), amounts.LOST.value, everywhere=True)
        shown = {unit.addresses.of(unit.people.known(row.person_id))[0][2] for row in doubted if row.person_id}
        failed, unknown = unit.unsent.totals()
    bag.close()

    assert {*Counter(call.chat for call in sends).values()} == {1}
    assert len(sends) == amounts.LOST.value
    assert 0.01 < len(lost) / len(sends) < 0.1
    assert (failed, unknown, shown) == (0, len(lost), lost)
    assert not any(row.known for row in doubted)


@pytest.mark.proof
def test_a_paid_rate_is_used_and_said_with_every_broadcast(telegram: Double, tmp_path: Path, client: str) -> None:
    """A thousand a second, of which Telegram refuses none; of what is a reply it is told nothing, and takes thirty."""
    telegram.limit()
    bag = Mailbag(tmp_path, present(telegram, 300))
    bag.fill()
    bag.people = bag.people[:20]
    bag.fill(lane=0)
    took = send(bag, CLIENTS[client](telegram.token, telegram.url, paid=True), 1000, until=lambda: not bag.left())
    calls = telegram.calls("sendMessage")
    bag.close()

    assert [call for call in calls if not call.accepted] == []
    assert Counter(call.params.get("allow_paid_broadcast") for call in calls) == {True: 300, None: 20}
    assert took < 300 / 30


@pytest.mark.proof
def test_nothing_is_paid_for_unasked_and_what_is_refused_waits(telegram: Double, tmp_path: Path) -> None:
    """With a rate above what is free, and nothing paid, Telegram asks for pauses; each is obeyed, and all is sent."""
    telegram.limit(free=30)
    bag = Mailbag(tmp_path, present(telegram, 80))
    bag.fill()
    send(bag, CLIENTS["ptb"](telegram.token, telegram.url), 1000, until=lambda: not bag.left())
    calls = telegram.calls("sendMessage")
    bag.close()

    assert any(call.status == 429 for call in calls)
    assert all("allow_paid_broadcast" not in call.params for call in calls)
    assert telegram.busiest() <= 30
    assert len(telegram.sends()) == 80


@pytest.mark.proof
@pytest.mark.parametrize("rate", [30, 200])
def test_the_rate_holds_over_all_who_send(telegram: Double, tmp_path: Path, client: str, rate: int) -> None:
    """One after the other sends, each at once after the last, in the middle of a broadcast; by Telegram's own times."""
    bag = Mailbag(tmp_path, present(telegram, 3 * rate))
    bag.fill()
    for share in (1, 2, 3):
        enough = share * rate - rate // 2 if share < 3 else share * rate
        send(bag, CLIENTS[client](telegram.token, telegram.url), rate, until=partial(sent, telegram, enough))
    bag.close()

    assert len(telegram.sends()) == 3 * rate
    assert telegram.busiest() <= rate
