"""The tick's loop itself, round by round: what it adds to its steps, and what a step that fails leaves behind."""

import logging
import os

import pytest

from bot.pipeline.loops import SWEEP_EVERY, TIDY_EVERY
from storage.unit import Unit
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.rig import Counting, Rig


class Broken(Counting):
    """A tick whose steps fail at their end, when all is done: as a full disk makes them."""

    broken = False

    def step(self, unit: Unit, limit: int, held: object = ()) -> int:
        """Do a step, and fail."""
        done = super().step(unit, limit)
        if self.broken:
            raise ValueError("el agua")
        return done


@pytest.fixture
def broken(hilo: Rig) -> Broken:
    """Its tick."""
    hilo.ticking = it = Broken(hilo.turns, hilo.receive.screens)
    hilo.loops()
    return it


def test_a_step_that_failed_is_done_anew_at_once(hilo: Rig, broken: Broken, caplog: pytest.LogCaptureFixture) -> None:
    """Its round is begun again with the next step, and not a minute later; the log has the kind and no words."""
    phone = hilo.join()
    phone.say("/pause")
    phone.press("Una semana")
    phone.look()
    hilo.advance(days=7, minutes=5)
    broken.broken = True
    with caplog.at_level(logging.ERROR):
        hilo.tick()
    assert phone.news == []
    assert "ValueError at test_ticking.py" in caplog.text
    assert "el agua" not in caplog.text
    broken.broken = False
    hilo.advance(seconds=1)
    hilo.tick()

    assert phone.told == words(phone, "leader.pause.over")


def test_a_step_that_fails_keeps_nothing_from_being_tidied(hilo: Rig, broken: Broken) -> None:
    """What nobody confirmed goes after a day, also while every step fails."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    assert hilo.count("messages") == 1
    hilo.advance(hours=25)
    broken.broken = True
    hilo.tick()

    assert hilo.count("messages") == 0


def test_it_tidies_and_sweeps_now_and_then(hilo: Rig) -> None:
    """Every ten minutes what is due to go goes, every six hours files that no row names; in between nobody looks."""
    phone = hilo.join()
    hilo.tick()
    stray = hilo.folder / "media" / hilo.media_store.put(phone.person.id, phone.person.key, samples.ogg(), 7).file
    os.utime(stray, (hilo.now.timestamp() - 7_200,) * 2)
    phone.say("Se cayó el puente.")
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE messages SET at = '2026-01-01 00:00:00.000000'")
    hilo.advance(seconds=TIDY_EVERY - 1)
    hilo.tick()
    assert hilo.count("messages") == 1
    hilo.advance(seconds=1)
    hilo.tick()
    assert hilo.count("messages") == 0
    hilo.advance(seconds=SWEEP_EVERY - TIDY_EVERY - 1)
    hilo.tick()
    assert stray.exists()
    hilo.advance(seconds=1)
    hilo.tick()

    assert not stray.exists()
