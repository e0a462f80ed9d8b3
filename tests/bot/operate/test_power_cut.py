"""An erasure, killed or without power at any moment: she is whole or gone, and nobody else loses anything."""

import os
import shutil
import sys
from pathlib import Path
from random import Random

import pytest

from bot import clock
from bot.app import open_storage
from bot.cli.operate import backup
from bot.config import Config
from bot.services import erasure_places
from storage import settling
from storage.damage_scan import scan
from storage.erasure import erase
from storage.vault import load_key
from tests import opener, power
from tests.amounts import CUTS
from tests.bot.rig import Rig
from tests.power import Kept, Machine

HER, OTHERS = "Xilonenca", ("Amapola", "Ceiba")
WORD = "Hubo junta del agua."


def config(folder: Path) -> Config:
    return Config.load({"HILO_HOME": str(folder)}, folder=folder)


def lived_in(folder: Path) -> dict[str, str]:
    """An installation with three leaders, a backup, and what was kept before a restore; their ids by nickname."""
    hilo = Rig(folder, now=clock.now())
    ids = {}
    for name in (HER, *OTHERS):
        phone = hilo.join(nickname=name)
        hilo.ask(phone)
        phone.say("2")
        phone.say(WORD if name == HER else f"Todo bien, dice {name}.")
        ids[name] = phone.person.id.hex
    backup.make(config(folder), hilo.storage, None, lambda *_: None)
    hilo.close()
    aside = folder / "before-restore-2026-01-01-000000"
    aside.mkdir()
    shutil.copy(folder / "hilo.db", aside / "hilo.db")
    shutil.copytree(folder / "hilo.key.epochs", aside / "epochs")
    return ids


def started(folder: Path, ids: dict[str, str]) -> bool:
    """Start on what a cut left, check that it is sound, and return whether she was still there."""
    storage = open_storage(config(folder))
    try:
        with storage.reading(clock.now()) as unit:
            names = {person.nickname for person in unit.people.list()}
            assert names >= set(OTHERS)
            assert scan(unit) == []
            assert unit.audit.verify() is None
            places = erasure_places.places(unit, folder)
            there = HER in names
        if there:  # the press comes again, since its turn was not committed
            with storage.unit(clock.now()) as unit:
                erase(unit, next(each.id for each in unit.people.list() if each.nickname == HER))
        for _ in range(2):
            settling.settle(storage, lambda: clock.now() + 2 * (settling.epoch_change.AT_MOST_EVERY), places)
    finally:
        storage.database.dispose()
    people = [f"person {each}" for each in ids.values()]
    found = opener.everything([load_key(folder / "hilo.key")], [folder], people, (HER, WORD))
    assert f"person {ids[HER]}" not in found.owners
    assert not found.words
    assert found.owners >= {f"person {ids[name]}" for name in OTHERS}
    return there


@pytest.mark.proof
def test_the_power_is_cut_at_any_moment_of_an_erasure(tmp_path: Path) -> None:
    """Whatever the disk kept of what was not synced: the next start finds everybody else, and finishes the erasure."""
    folder, played = tmp_path / "home", tmp_path / "played"
    folder.mkdir()
    ids = lived_in(folder)
    machine = Machine(folder)
    shim = power.built(tmp_path)
    command = [sys.executable, "-m", "bot", "erase", HER, "--yes"]
    lines = power.record(
        shim, folder, tmp_path / "log", command, HILO_HOME=str(folder), PYTHONPATH=str(Path(__file__).parents[3])
    )
    assert any(line.startswith("unlink") and ".epoch" in line for line in lines)
    # Around every sync, name and deletion, something else may be there; between two writes nothing is.
    told = [place for place, line in enumerate(lines, 1) if not line.startswith("write")]
    cuts = told if CUTS.value >= len(told) else sorted(Random(CUTS.value).sample(told, CUTS.value))
    there = 0
    for place, line in enumerate(lines, 1):
        machine.play(line)
        if place not in cuts:
            continue
        for kept in Kept:
            machine.state(played, kept)
            there += started(played, ids)
            shutil.rmtree(played)
    assert 0 < there < len(cuts) * len(Kept)
    assert os.listdir(folder)  # noqa: PTH208  the recorded one is whole
