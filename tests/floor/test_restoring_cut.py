"""A pair of an earlier version is brought back over its database, and the power is cut at any moment: old or new."""

import json
import shutil
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot import clock
from bot.app import open_storage
from bot.config import Config
from bot.media.store import MediaStore
from storage.damage_scan import scan
from storage.placing import NOTE
from tests import power
from tests.amounts import CUTS
from tests.floor.contents import contents
from tests.floor.ground import unpack
from tests.power import Kept, Machine
from tests.thread.bot import ROOT

RESTORED = "backup.restored"


@pytest.fixture
def home(archive: Path, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """What a version left behind, with the modes of this machine, and what was in it."""
    home, told = unpack(archive, tmp_path)
    for each in (home, home / "backups"):
        each.chmod(0o700)
    return home, told["contents"]


def started(folder: Path, told: dict[str, Any]) -> bool:
    """Start on what a cut left, check that all of it is there, and return whether it is the backup's."""
    config = Config.load({"HILO_HOME": str(folder)}, folder=folder)
    storage = open_storage(config)
    try:
        with storage.reading(clock.now()) as unit:
            found = json.loads(json.dumps(contents(unit, MediaStore(folder))))
            assert scan(unit, MediaStore(folder).sealed) == []
    finally:
        storage.database.dispose()
    assert not (folder / NOTE).exists()
    trail = [each[1] for each in found.pop("audit")]
    for each in ("people", "cohorts", "broadcasts", "unread"):
        assert found[each] == told[each], each
    return RESTORED in trail


@pytest.mark.proof
@pytest.mark.timeout(14400)
def test_a_restore_cut_off_leaves_the_old_or_the_new(home: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Whatever the disk kept of what was not synced, everybody is there, with every file, and the trail is whole."""
    folder, told = home
    (data,) = (folder / "backups").glob("*.data")
    machine, played = Machine(folder), tmp_path / "played"
    lines = power.record(
        power.built(tmp_path),
        folder,
        tmp_path / "log",
        [sys.executable, "-m", "bot", "restore", str(data), "--yes"],
        HILO_HOME=str(folder),
        PYTHONPATH=str(ROOT),
    )
    assert any(line.startswith("rename") and NOTE in line for line in lines)
    telling = [place for place, line in enumerate(lines, 1) if not line.startswith("write")]
    # Every step where all are asked for; else those that are more than one more block of the same file.
    every = CUTS.value >= len(telling)
    cuts = set(range(1, len(lines) + 1) if every else Random(CUTS.value).sample(telling, CUTS.value))
    # Around the note, and what follows on it, more often.
    noted = next(place for place, line in enumerate(lines, 1) if line.startswith("rename") and NOTE in line)
    cuts |= set([place for place in telling if place >= noted][:: max(1, len(telling) // (2 * CUTS.value))])
    found: dict[bytes, bool] = {}
    for place, line in enumerate(lines, 1):
        machine.play(line)
        if place not in cuts:
            continue
        for kept in Kept:
            if (left := machine.mark(kept)) in found:
                continue
            machine.state(played, kept)
            found[left] = started(played, told)
            shutil.rmtree(played)
    assert set(found.values()) == {False, True}
    print(f"{len(cuts)} cuts of {len(lines)} steps, three ways each: {len(found)} states of the disk")
