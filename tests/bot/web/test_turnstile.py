"""Opening conversations by the hundred: whoever comes to join gets in, and nobody fills the disk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import HTTPConnection

from bot.web.rate_limit import REMEMBERED, RateLimit
from bot.web.visitors import place_of
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


def test_codes_that_do_not_exist_open_nothing(tmp_path: Path) -> None:
    """Made-up codes leave no row, however many come; whoever has a good one gets in, from the very same line."""
    with running(tmp_path, script=deaf) as rig:
        rig.invite()
        with (
            httpx.Client(base_url=rig.address, headers={"x-forwarded-for": "2001:db8:1:2::7"}) as line,
            ThreadPoolExecutor(12) as flood,  # each waits a while for its answer, so they come together
        ):
            tries = [flood.submit(line.post, f"/join/ABCDEFGH{end}", data={"nonce": "1"}) for end in letters_of(12)]
            made_up = [each.result() for each in tries]
        with httpx.Client(base_url=rig.address, headers={"x-forwarded-for": "2001:db8:1:2::8"}) as line:
            good = line.post("/join/7KQ2M9ABCD", data={"nonce": "1"})

        assert not any("set-cookie" in answer.headers for answer in made_up)
        assert good.status_code == 303
        assert _count(rig) == 1


def letters_of(number: int) -> list[str]:
    """Return so many ends of codes."""
    return [f"{first}{second}" for first in "ABCDEFGHJKMNPQRSTVWXYZ" for second in "ABCDEFGHJKMNPQRSTVWXYZ"][:number]


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("", ""),
        ("a name", "a name"),
    ],
)
def test_a_line_is_one_place(host: str, place: str) -> None:
    """Behind one line of IPv6 somebody has as many addresses as they like: they are counted as one."""
    scope = {"type": "http", "client": (host, 1) if host else None}

    assert place_of(HTTPConnection(scope)) == place


def _count(rig: Rig) -> int:
    query = "SELECT count(*) FROM web_sessions"
    return int(rig.read(lambda unit: unit.connection.exec_driver_sql(query).scalar()) or 0)
