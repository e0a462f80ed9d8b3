"""What a copy of the product does that speaks one language more; `test_another_language.py` runs these in it.

Every sentence of the catalogs in that language begins with `MARK`.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from bot import product_languages
from bot.cli.operate import answers
from bot.config import Config
from bot.export import columns
from bot.pipeline.screens import offer
from bot.services import introduction
from bot.services.organisation import weekday
from dialogs import dates, languages, numerals, replies, types
from dialogs.context import Context
from dialogs.model import Step
from tests.bot.rig import TUESDAY, Rig, texts
from tests.bot.shell import Shell
from tests.bot.web.rig import running

TAG, NAME, MARK = "eo", "Esperanto", "⟦eo⟧"
TODAY = date(2026, 11, 24)
CONTEXT = Context(TUESDAY, "UTC", TAG)


def test_the_product_speaks_it() -> None:
    """It is offered after the others, and changes nothing for them."""
    assert product_languages.LANGUAGES == ("es", "en", TAG)
    assert languages.DEFAULT == "es"
    assert languages.chain(TAG) == (TAG, "es", "en")
    assert languages.own_name(TAG) == NAME
    assert languages.covers(TAG, frozenset({TAG}))


@pytest.mark.parametrize(
    ("said", "number"), [("tridek kvin", 35), ("cent dudek", 120), ("kvar", 4), ("about 30", None), ("treinta", None)]
)
def test_numbers_in_words(said: str, number: int | None) -> None:
    """Its number words are sure; those of other languages are understood, and confirmed."""
    found = types.read_words(Step("integer", "age", {}), (), said, CONTEXT)

    assert found == number if number else isinstance(found, replies.Guess)
    assert numerals.count("tridek kvin", "es") == numerals.SpokenNumber(Decimal(35), sure=False)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("hieraŭ", "2026-11-23"),
        ("la 6-an de majo 2026", "2026-05-06"),
        ("antaŭ du tagoj", "2026-11-22"),
        ("pasinta lundo", "2026-11-23"),
        ("6/12/2026", "2026-12-06"),
        ("ayer", "2026-11-23"),
    ],
)
def test_days_in_words(said: str, day: str) -> None:
    """A day in its words, or in those of another language."""
    found = dates.day(said, TAG, TODAY)

    assert found
    assert found.value == day


def test_hours_in_words() -> None:
    """An hour with the part of the day, and a quarter before."""
    assert dates.clock("je la sep vespere", TAG) == dates.SpokenDate("19:00", sure=True)
    assert dates.clock("kvarono antaŭ ok matene", TAG) == dates.SpokenDate("07:45", sure=True)


def test_yes_and_no() -> None:
    """A guess is agreed to and refused in its words."""
    step = Step("integer", "age", {})

    assert [types.agrees(step, said) for said in ("Jes!", "ne", "sí", "no", "eble")] == [
        True, False, True, False, None,
    ]  # fmt: skip  # what was said above, what it means below


def test_whoever_joins_can_choose_it(tmp_path: Path) -> None:
    """The way in offers it, and says everything in it from the first word on."""
    hilo = Rig(tmp_path)
    phone = hilo.phone("eo-001")
    phone.say(f"/start {hilo.invite()}")
    assert phone.told.startswith(MARK)
    phone.press(f"3 · {NAME}")
    assert phone.person.language == TAG
    assert phone.told.startswith(MARK)
    assert "Hola" not in phone.told
    phone.press(texts().say("button.agree", TAG))
    phone.say("Kolibro")

    assert (phone.person.participation, phone.person.nickname) == ("active", "Kolibro")
    assert phone.told.startswith(MARK)
    hilo.close()


def test_setup_asks_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Setup offers it by number and by name, goes on in it, and reads its days and languages."""
    shell = Shell(tmp_path, monkeypatch, capsys, "es")
    ended = shell("setup", typed="3\n")
    assert f"3 · {NAME}" in ended.out
    assert "1, 2 o 3" in ended.out
    assert MARK in ended.out.partition("1, 2 o 3")[2]
    assert shell("setup", typed="Esperanto\n").out.count("1, 2 o 3") == 1

    assert weekday(1, TAG, plural=True) == "mardoj"
    assert answers.read("reading_days", "mardo kaj ĵaŭdo") == [1, 3]
    assert answers.read("languages", "Esperanto kaj hispana") == [TAG, "es"]
    assert answers.read("retention_months", "2 jaroj") == 24
    assert Config.load({"HILO_LANGUAGE": "eo_XX"}).language == TAG


def test_pages_commands_and_codebooks_are_in_it(tmp_path: Path) -> None:
    """A browser that asks for it is answered in it; the menu of commands and every codebook have it."""
    with running(tmp_path) as rig:
        page = httpx.get(f"{rig.address}/join/7KQ2M9ABCD", headers={"accept-language": "eo,en;q=0.5"}).text

    assert page.index(f"{MARK} This link no longer opens") < page.index("Esta liga ya no abre")
    assert TAG in introduction.commands(texts(), offer())
    assert columns.languages_of(()) == ("es", "en", TAG)
