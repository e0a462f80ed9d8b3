"""Opening conversations by the hundred: whoever comes to join gets in, and nobody fills the disk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.web import entry
from bot.web.rate_limit import REMEMBERED, RateLimit
from tests.bot.web.rig import Rig, deaf, running

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_so_many_pass_at_once_and_then_one_a_while() -> None:
    """What was used comes back one by one, each after its pause."""
    turnstile = RateLimit(3, MINUTE, 100, MINUTE)

    assert [turnstile.passes("a", NOW) for _ in range(5)] == [True, True, True, False, False]
    assert [turnstile.passes("a", NOW + MINUTE) for _ in range(2)] == [True, False]
    assert [turnstile.passes("a", NOW + 10 * MINUTE) for _ in range(4)] == [True, True, True, False]


def test_one_place_stops_no_other() -> None:
    """Whoever has used up her own leaves everybody else's; what all may do together has a limit as well."""
    turnstile = RateLimit(3, MINUTE, 5, MINUTE)

    assert [turnstile.passes("a", NOW) for _ in range(9)].count(True) == 3
    assert [turnstile.passes("b", NOW) for _ in range(9)].count(True) == 2
    assert not turnstile.passes("c", NOW)


def test_no_more_is_remembered_than_is_of_use() -> None:
    """Addresses are people: what counts no more is forgotten, and there is an end to the rest."""
    turnstile = RateLimit(1, MINUTE, 10**6, timedelta(microseconds=1))
    for number in range(REMEMBERED + 50):
        assert turnstile.passes(str(number), NOW)
    assert len(turnstile._free_at) <= REMEMBERED
    turnstile.passes("late", NOW + 2 * MINUTE)

    assert set(turnstile._free_at) <= {"late", ""}


def test_a_flood_of_newcomers_leaves_few_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit the page says to wait, opens nothing and keeps nothing; whoever is in stays in."""
    monkeypatch.setattr(entry, "NEWCOMERS", (3, MINUTE, 100, MINUTE))
    with running(tmp_path, script=deaf) as rig:
        rig.invite()
        answers = [httpx.post(f"{rig.address}/join/7KQ2M9ABCD", data={"nonce": "1"}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [303] * 3 + [429] * 3
        assert "set-cookie" not in answers[-1].headers
        assert _count(rig) == 3
        with httpx.Client(base_url=rig.address, cookies=dict(answers[0].cookies)) as client:
            assert client.post("/join/7KQ2M9ABCD", data={"nonce": "2"}).status_code == 303
        rig.ahead(minutes=1)
        with httpx.Client(base_url=rig.address) as client:
            assert client.post("/join/7KQ2M9ABCD", data={"nonce": "3"}).status_code == 303


def _count(rig: Rig) -> int:
    query = "SELECT count(*) FROM web_sessions"
    return int(rig.read(lambda unit: unit.connection.exec_driver_sql(query).scalar()) or 0)
