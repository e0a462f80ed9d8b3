"""One conversation fills no disk; whoever takes part is never slowed by hand; and a cry is heard before any limit."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.messengers.port import Kind
from bot.services import allowances
from bot.services.allowances import KNOWN, Counts, Disk, Rate
from tests.bot.web.conftest import CHAT
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig, deaf
from tests.bot.web.test_album import SCRIPT, png

PHRASE = "me quiere matar"


def say(browser: httpx.Client, text: str, nonce: int, headers: dict[str, str] = SCRIPT) -> httpx.Response:
    return browser.post("/chat", data={"text": text, "nonce": str(nonce), "seen": "0"}, headers=headers)


def bytes_kept(rig: Rig) -> int:
    return int(
        rig.read(lambda unit: unit.connection.exec_driver_sql("SELECT sum(length(body)) FROM inbox").scalar()) or 0
    )


def test_a_stranger_fills_no_disk(rig: Rig, browser: httpx.Client) -> None:
    """Whoever has agreed to nothing sends a few short texts; more is not kept, and what was typed stays in the page."""
    rig.script = deaf
    rig.limited(PHRASE)
    long = [say(browser, "x" * 20_000, number).status_code for number in range(5)]
    short = [say(browser, f"hola {number}", 100 + number).status_code for number in range(40)]
    page = say(browser, "esto lo escribí yo", 999, {})

    assert long == [422] * 5
    assert short.count(204) == 15  # of twenty: those that were too long count as well
    assert page.status_code == 429
    assert Page(page.text).area == "esto lo escribí yo"
    assert "Aquí sigue, no se pierde" in page.text
    assert len(rig.kept) == 15
    assert bytes_kept(rig) < 20_000


def test_nobody_who_takes_part_is_slowed_by_hand(rig: Rig, browser: httpx.Client) -> None:
    """Sixty texts within a minute are all kept; a program that goes on is asked to wait, and then goes on again."""
    rig.script = deaf
    rig.person(CHAT, "es")
    rig.limited(PHRASE)
    by_hand = [say(browser, f"Junta {number}. " * 20, number).status_code for number in range(60)]
    flood = [say(browser, f"{number}", 100 + number).status_code for number in range(80)]
    rig.ahead(seconds=40)
    later = say(browser, "sigo", 999).status_code

    assert by_hand == [204] * 60
    assert flood.count(429) >= 15
    assert later == 204


def test_a_cry_is_heard_before_any_limit(rig: Rig, browser: httpx.Client) -> None:
    """Among words that are not kept a cry is heard all the same, and of the words only the phrase is kept."""
    rig.script = deaf
    rig.limited(PHRASE)
    for number in range(30):
        say(browser, f"hola {number}", number)
    before = len(rig.kept)
    plain = say(browser, "nada más " * 50, 100)
    cries = [say(browser, "ruido " * 500 + PHRASE + " ayuda " * 500, 200 + number) for number in range(30)]

    assert {answer.status_code for answer in (plain, *cries)} == {429}
    heard = rig.kept[before:]
    assert 1 <= len(heard) <= 11  # and not one after the other
    assert {(each.kind, each.text) for each in heard} == {(Kind.UNTAKEN, PHRASE)}


def test_too_long_words_fill_nothing(rig: Rig, browser: httpx.Client) -> None:
    """What is too long to be taken is looked at, and not kept to be looked at later."""
    rig.script = deaf
    rig.person(CHAT, "es")
    rig.limited(PHRASE)
    answers = [say(browser, "x " * 100_000, number).status_code for number in range(5)]
    cry = say(browser, f"{PHRASE} " + "x " * 100_000, 10).status_code

    assert [*answers, cry] == [422] * 6
    assert [(each.kind, each.text) for each in rig.kept] == [(Kind.UNTAKEN, PHRASE)]


def test_one_person_fills_no_disk_with_files(
    rig: Rig, browser: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files have their number of bytes; what is beyond it is not put aside, and the page says so."""
    rig.script = deaf
    rig.person(CHAT, "es")
    small = allowances.Rates(KNOWN.texts, KNOWN.letters, KNOWN.presses, Rate(5, 5), Rate(10_000, 10_000), 20_000, 200)
    monkeypatch.setattr(allowances, "KNOWN", small)
    rig.limited(PHRASE)

    def send(number: int, data: bytes) -> httpx.Response:
        asked = {"kind": "photo", "nonce": f"a{number}", "seen": "0"}
        return browser.post("/chat/media", params=asked, content=data, headers=SCRIPT)

    picture = png()
    large = send(0, picture + b"x" * 10_000)
    answers = [send(number, picture) for number in range(1, 9)]

    assert large.status_code == 429
    assert "Mándalo mañana" in large.json()["note"]
    assert [answer.status_code for answer in answers] == [204] * 5 + [429] * 3
    assert len(list(tmp_path.glob("media/*"))) == 5


def test_below_the_reserve_only_who_takes_part_is_kept(rig: Rig, browser: httpx.Client, tmp_path: Path) -> None:
    """Where the disk is nearly full a stranger's words stay in their page, and a person's are kept."""
    rig.script = deaf
    disk = Disk(tmp_path)
    disk.free, disk._looked = allowances.RESERVE - 1, float("inf")
    rig.limited(PHRASE, disk=disk)
    stranger = say(browser, "hola", 1).status_code
    rig.person(CHAT, "es")
    person = say(browser, "hola", 2).status_code

    assert (stranger, person) == (429, 204)
    assert [each.text for each in rig.kept] == ["hola"]


def test_what_was_taken_comes_back(rig: Rig) -> None:
    """An hour gives back what an hour gives; a clock that is put back takes nothing away."""
    counts, now = Counts(Rate(2, 2)), rig.workers.now()

    assert [counts.takes("a", now) for _ in range(3)] == [True, True, False]
    assert not counts.takes("a", now - timedelta(days=1))
    assert [counts.takes("a", now + timedelta(hours=0.5)) for _ in range(2)] == [True, False]
    assert counts.takes("b", now, 2)
