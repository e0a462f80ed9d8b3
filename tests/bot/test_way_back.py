"""The way back from an update: it stays until an admin says that all is well, seven days, or the next erasure."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.cli.operate import backup
from bot.config import Config
from bot.pipeline import way_back_expiry
from bot.services import way_back
from tests.bot.rig import Phone, Rig, texts

Update = Callable[[], Path]


@pytest.fixture
def update(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> Update:
    """Make the pair of files that `hilo update` makes first; returns its folder."""
    monkeypatch.setattr(clock, "now", lambda: hilo.now)
    config = Config.load({"HILO_HOME": str(hilo.folder)}, folder=hilo.folder)

    def made() -> Path:
        place = hilo.folder / f"{way_back.PREFIX}{hilo.now:{way_back.STAMP}}"
        backup.make_aside(config, hilo.storage, place, lambda *_: None)
        return place

    return made


def look(hilo: Rig) -> None:
    """Let the bot that is awake look once."""
    asyncio.run(way_back_expiry.look(hilo.workers, hilo.folder))


def kinds(folder: Path) -> set[str]:
    return {path.suffix for path in folder.glob("*")}


def checklist(phone: Phone) -> str:
    phone.say({"es": "/estado", "en": "/status"}[phone.person.language or "es"])
    return phone.told


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_admin_says_that_all_is_well(hilo: Rig, update: Update, language: str) -> None:
    """The list asks; her press ends the pair, is on the trail, and the list asks no more."""
    admin = hilo.facilitator(language, cohort=None, role="admin")
    button = texts().say("button.checklist.well", language)
    checklist(admin)
    assert button not in admin.last.labels
    pair = update()
    look(hilo)
    assert kinds(pair) == {".data", ".keys"}
    checklist(admin)
    hilo.advance(hours=5)
    admin.press(button)
    assert [entry.actor for entry in hilo.audited("update.well")] == [str(admin.person.id)]
    look(hilo)

    assert not pair.exists()
    assert button not in admin.last.labels


def test_a_button_of_an_earlier_update_says_nothing_of_this_one(hilo: Rig, update: Update) -> None:
    """It was pressed for another version: the pair of this one stays."""
    admin = hilo.facilitator(cohort=None, role="admin")
    update()
    checklist(admin)
    hilo.advance(hours=1)
    again = update()
    admin.press("Todo anda bien")
    look(hilo)

    assert again.exists()
    assert hilo.audited("update.well") == []


def test_a_facilitator_is_not_asked(hilo: Rig, update: Update) -> None:
    """Who has one group alone does not decide it."""
    update()
    phone = hilo.facilitator()
    checklist(phone)

    assert "Todo anda bien" not in phone.last.labels


def test_nightly_backups_leave_its_keys_and_seven_days_do_not(hilo: Rig, update: Update) -> None:
    """Backups that follow keep the newest two keys files, and this pair is none of theirs."""
    pair = update()
    config = Config.load({"HILO_HOME": str(hilo.folder)}, folder=hilo.folder)
    for _ in range(3):
        hilo.advance(days=2, seconds=1)
        backup.make(config, hilo.storage, None, lambda *_: None)
        look(hilo)
        assert kinds(pair) == {".data", ".keys"}
    hilo.advance(days=1)
    look(hilo)

    assert not pair.exists()


def test_the_next_erasure_takes_its_keys(hilo: Rig, update: Update) -> None:
    """Whoever is erased afterwards is in no key that lies there; the rest of the pair opens with newer keys alone."""
    leader = hilo.join()
    hilo.advance(seconds=1)
    pair = update()
    hilo.advance(minutes=5)
    leader.say("/borrar")
    leader.press(texts().say("button.erase_all", "es"))
    leader.press("Sí, borra todo")
    assert hilo.audited("person.erased")
    look(hilo)

    assert kinds(pair) == {".data"}
    assert hilo.now - way_back.made_at(pair) < timedelta(days=1)
