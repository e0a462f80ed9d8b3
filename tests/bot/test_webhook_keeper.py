"""What a webhook tells of gaps: a silence is none, a failure that Telegram reports is one; and who keeps it set."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.messengers.port import Incoming, Kind
from bot.messengers.ptb import PtbMessenger
from bot.messengers.webhook import Hook, Webhook
from bot.pipeline.webhook_keeper import WebhookKeeper
from storage.webhooks import WebhookRow
from tests.bot.rig import Rig
from tests.double import Double
from tests.double.fixture import double

__all__ = ["double"]

OURS = "https://hilo.example.org/telegram"
BEFORE = "https://before.example.org/telegram"
ELSEWHERE = "https://thief.example.org/hook"
TELEGRAM = "telegram"


class Kept:
    """A webhook that is looked after step by step; nothing is really brought, as the double is held."""

    def __init__(self, folder: Path, double: Double) -> None:
        self.rig = Rig(folder, now=clock.now())
        self.double = double
        self.account = double.account
        self.account.held = True
        self.update = 0
        self.ana = double.user("Ana", "es")
        self.clients: list[PtbMessenger] = []
        self.again()

    def again(self, url: str = OURS) -> None:
        """Be a new process."""
        self.clients.append(PtbMessenger(self.double.token, self.double.url))
        self.source = Webhook(self.clients[-1], Hook(url, "s3cret", "X-Secret"))
        self.keeper = WebhookKeeper(self.source, self.rig.workers)

    def look(self, after: float = 25.0, *, came: bool = False) -> None:
        """Let some seconds pass, in which something is brought or nothing, and look."""
        self.rig.advance(seconds=after)
        if came:
            self.update += 1
            brought = Incoming(TELEGRAM, str(self.update), "7", Kind.OTHER)
            with self.rig.unit() as unit:
                self.rig.receive.accept(unit, [brought], again=True)
        self.rig.run(self.keeper.note_refused())
        self.rig.run(self.keeper.round())

    def fail(self) -> None:
        """Let Telegram fail to bring what waits there."""
        hook = self.account.webhook
        hook.last_error, hook.failed_at = "Wrong response from the webhook: 502 Bad Gateway", self.rig.now.timestamp()

    @property
    def row(self) -> WebhookRow:
        """What is known of it."""
        with self.rig.unit() as unit:
            return unit.webhooks.of(TELEGRAM)

    @property
    def worked_at(self) -> datetime:
        """Until when it worked."""
        with self.rig.unit() as unit:
            found = unit.fetches.worked_at(TELEGRAM)
        assert found is not None
        return found

    @property
    def missed(self) -> list[tuple[datetime, datetime]]:
        """The gaps that were noted."""
        with self.rig.unit() as unit:
            return [(each.since, each.until) for each in unit.fetches.missed()]

    def noted(self, code: str) -> int:
        """How often something is on the trail."""
        with self.rig.unit() as unit:
            return sum(entry.action == code for entry in unit.audit.list(100))


@pytest.fixture
def kept(tmp_path: Path, double: Double) -> Iterator[Kept]:
    """One that was just set."""
    kept = Kept(tmp_path, double)
    kept.look()
    yield kept
    for client in kept.clients:
        kept.rig.run(client.close())
    kept.rig.close()


def test_it_is_set_with_its_secret(kept: Kept) -> None:
    """The first look sets it, and it is known as ours from then on."""
    assert (kept.account.webhook.url, kept.account.webhook.secret) == (OURS, "s3cret")
    assert kept.row == WebhookRow(url=OURS)
    assert kept.missed == []


def test_a_silence_is_no_gap(kept: Kept) -> None:
    """Nobody writes for ten hours, awake or asleep: nothing is missed."""
    kept.look(10 * 3600)
    kept.again()
    kept.look(10 * 3600)
    kept.look(60, came=True)

    assert kept.missed == []
    assert kept.worked_at == kept.rig.now


def test_what_cannot_be_brought_for_long_is_a_gap(kept: Kept) -> None:
    """From the last moment it worked until something comes again; meanwhile status has Telegram's words."""
    kept.ana.say("hola")
    kept.look()
    assert kept.worked_at == kept.rig.now  # it is on its way, and nothing failed
    worked = kept.rig.now
    kept.fail()
    for _ in range(10):
        kept.look()
    assert kept.row.problem == "Wrong response from the webhook: 502 Bad Gateway"
    assert (kept.row.waiting, kept.worked_at, kept.missed) == (1, worked, [])
    kept.account.updates.clear()
    kept.look(came=True)

    assert kept.missed == [(worked, kept.rig.now)]
    assert kept.row.problem is None
    kept.look()
    assert kept.missed == [(worked, kept.rig.now - timedelta(seconds=25))]


def test_presses_that_expired_are_a_gap(kept: Kept) -> None:
    """Nothing waits any more and nothing came: whatever failed is gone."""
    worked = kept.rig.now
    kept.rig.advance(seconds=200)
    kept.fail()
    kept.look()

    assert kept.missed == [(worked, kept.rig.now)]


def test_a_failure_that_was_made_good_is_none(kept: Kept) -> None:
    """One that came again at once, and others that come while one waits."""
    kept.fail()
    kept.look(came=True)
    kept.ana.say("hola")
    for _ in range(10):
        kept.fail()
        kept.look(came=True)

    assert kept.missed == []


def test_a_failure_while_it_was_dead_is_a_gap_once(kept: Kept) -> None:
    """What Telegram tells stays there for long; it is looked into once."""
    worked = kept.rig.now
    kept.rig.advance(hours=2)
    kept.fail()
    kept.again()
    kept.look(600)
    assert kept.missed == [(worked, kept.rig.now)]
    with kept.rig.unit() as unit:
        unit.fetches.seen_to(TELEGRAM)
    kept.again()
    kept.look(3600)

    assert kept.missed == []


def test_two_clocks_may_differ(kept: Kept) -> None:
    """Telegram's clock is ahead or behind: its failures are compared with each other."""
    for off in (-3600, 3600):
        kept.look()
        worked = kept.rig.now
        kept.ana.say("hola")
        kept.fail()
        kept.account.webhook.failed_at += off
        for _ in range(8):
            kept.look()
        kept.account.updates.clear()
        kept.look(came=True)
        assert kept.missed == [(worked, kept.rig.now)]
        with kept.rig.unit() as unit:
            unit.fetches.seen_to(TELEGRAM)


def test_another_address_is_replaced_and_told_unless_it_was_ours(kept: Kept) -> None:
    """The one from before a change of settings is ours; somebody else's is not, and nor is who takes ours away."""
    kept.again(BEFORE)
    kept.look()
    kept.again()
    kept.look()
    assert kept.account.webhook.url == OURS
    assert (kept.noted("telegram.webhook"), kept.noted("telegram.conflict")) == (0, 0)
    kept.account.webhook.url = ELSEWHERE
    kept.look()
    assert kept.account.webhook.url == OURS
    assert (kept.noted("telegram.webhook"), kept.noted("telegram.conflict")) == (1, 0)
    kept.account.webhook.url = ""
    kept.look(4000)

    assert kept.account.webhook.url == OURS
    assert (kept.noted("telegram.webhook"), kept.noted("telegram.conflict")) == (1, 1)


def test_another_secret_for_our_address_is_replaced(kept: Kept) -> None:
    """Whoever has the token could set our own address with a secret that we refuse: ours is set again."""
    kept.account.webhook.secret = "theirs"
    kept.ana.say("hola")
    kept.fail()
    kept.look()
    assert kept.row.problem is not None
    kept.look()

    assert (kept.account.webhook.url, kept.account.webhook.secret) == (OURS, "s3cret")


def test_what_is_refused_is_counted_for_a_day(kept: Kept) -> None:
    """It adds up while it goes on, and begins anew after a day without."""
    for number in (3, 4):
        kept.source.refused = number
        kept.look(3600)
    assert kept.row.refused == 7
    kept.source.refused = 1
    kept.look(25 * 3600)

    assert kept.row.refused == 1
