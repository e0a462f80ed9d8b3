"""Guessing invites on the web: every code that opens nothing looks the same, many are slow, and the admins are told."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bot.web import entry
from tests.bot.web.rig import Rig, deaf

CODE = "7KQ2M9ABCD"


def get(rig: Rig, code: str, place: str = "192.0.2.1") -> httpx.Response:
    return httpx.get(f"{rig.address}/join/{code}", headers={"x-forwarded-for": place})


def test_every_code_that_opens_nothing_looks_the_same(rig: Rig) -> None:
    """Used, ended, unknown: one status, one page."""
    rig.person("d0" * 20, "es")
    rig.invited("d0" * 20, "USED2M9ABC", 1)
    answers = [get(rig, code) for code in ("USED2M9ABC", "NEVER2M9AB")]

    assert {answer.status_code for answer in answers} == {410}
    pages = [answer.text.replace(code, "") for answer, code in zip(answers, ("USED2M9ABC", "NEVER2M9AB"), strict=True)]
    assert pages[0] == pages[1]


@pytest.mark.proof
def test_many_codes_are_slow_and_a_good_one_is_not(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever guesses waits for each answer, or is turned away; a newcomer on the same line with a good code is not."""
    rig.script = deaf
    monkeypatch.setattr(entry, "SLOW", 1.0)
    monkeypatch.setattr(entry, "SLOWED_AT_ONCE", 5)
    rig.stop()
    rig.start()
    rig.invite()
    for number in range(6):
        get(rig, f"NEVER2M9A{number}")
    began = time.monotonic()
    seventh = get(rig, "NEVER2M9AZ").status_code
    slow = time.monotonic() - began
    with ThreadPoolExecutor(15) as many:
        waiting = [many.submit(get, rig, "NEVER2M9AY") for _ in range(15)]
        time.sleep(0.4)
        began = time.monotonic()
        good = httpx.post(
            f"{rig.address}/join/{CODE}", data={"nonce": "1"}, headers={"x-forwarded-for": "192.0.2.1"}, timeout=10
        )
        took = time.monotonic() - began
        statuses = [answer.result().status_code for answer in waiting]

    assert seventh == 410
    assert slow >= 1.0
    assert good.status_code == 303
    assert took < 1.0
    assert statuses.count(429) >= 5


@pytest.mark.proof
def test_admins_are_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty codes within an hour, from wherever they come, are on the trail once."""
    monkeypatch.setattr(entry, "SLOW", 0.0)
    for number in range(35):
        get(rig, f"NEVER2M9{number}", f"192.0.2.{number % 10}")
    found = rig.read(lambda unit: [each.detail for each in unit.audit.list(10) if each.action == "invites.guessed"])

    assert found == [{"tries": 30}]
