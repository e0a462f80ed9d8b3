"""An empty machine, a backup pair and the words of the paper: everything is back, the same to the bit."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from bot import clock
from bot.app import open_storage
from bot.cli.operate import backup, restore, words
from bot.config import Config
from bot.media.store import MediaStore, add
from storage.tables import answers, media
from storage.vault import load_key
from tests.amounts import DRILLED
from tests.bench.office import BODIES, Office
from tests.bot.rig import texts
from tests.bot.samples import JPEG
from tests.thread.bot import ROOT

RUNS = max(1, DRILLED.value // len(BODIES))
FILES, FLIPPED = 20, 40 if DRILLED.extended else 4
MINUTES = 15


class Machine:
    """A machine with an installation of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(exist_ok=True, mode=0o700)

    @property
    def config(self) -> Config:
        """Its settings."""
        return Config.load({"HILO_HOME": str(self.home)}, folder=self.home)

    def command(self, *asked: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *asked],
            cwd=ROOT,
            env={**os.environ, "HILO_HOME": str(self.home), "HILO_LANGUAGE": "en", "PYTHONPATH": str(ROOT)},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def told(self) -> dict[str, str]:
        """Hash what every answer and every file says, opened."""
        storage, found = open_storage(self.config), {}
        store = MediaStore(self.home)
        try:
            with storage.reading(clock.now()) as unit:
                people = {person.id: person for person in unit.people.list()}
                for row in unit.connection.execute(select(answers.c.id, answers.c.person_id, answers.c.value)):
                    said = people[row.person_id].key.open(row.value, "answers", "value", row.id.hex)
                    found[f"answer {row.id}"] = hashlib.sha256(said).hexdigest()
                for item in unit.connection.execute(select(media.c.id, media.c.person_id, media.c.file)):
                    plain = people[item.person_id].key.open(store.sealed(item.file), "media", "file", item.id.hex)
                    found[f"file {item.id}"] = hashlib.sha256(plain).hexdigest()
        finally:
            storage.database.dispose()
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with many answers, and some files."""
    it = Machine(tmp_path / "home")
    with Office(it.home) as office:
        office.fill(RUNS)
    storage, store = open_storage(it.config), MediaStore(it.home)
    try:
        with storage.unit(clock.now()) as unit:
            for place, person in enumerate(unit.people.list()[:FILES]):
                photo = JPEG[:-2] + bytes([place + 1]) * 50_000 + JPEG[-2:]
                add(unit, store.put(person.id, person.key, photo))
    finally:
        storage.database.dispose()
    return it


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_everything_comes_back_on_an_empty_machine(machine: Machine, tmp_path: Path) -> None:
    """Words and pair alone; a flipped bit or a wrong word is refused, and then nothing is there."""
    before = machine.told()
    assert len(before) >= RUNS * len(BODIES) + min(FILES, RUNS)
    storage = open_storage(machine.config)
    made = backup.make(machine.config, storage, None, lambda *_: None)
    storage.database.dispose()
    paper = words.of_key(load_key(machine.home / "hilo.key"), "en")
    shutil.move(machine.home, tmp_path / "seized")
    pair = tmp_path / "stick"
    pair.mkdir()
    for path in (made.data, made.keys):
        shutil.copy(tmp_path / "seized" / path.relative_to(machine.home), pair)
    data, keys = pair / made.data.name, pair / made.keys.name
    fresh = Machine(tmp_path / "fresh")

    began = time.monotonic()
    assert fresh.command("key", "restore", typed="\n".join(paper) + "\n").returncode == 0
    chance = Random(2)
    for path in (data, keys):
        whole = path.read_bytes()
        # Bytes between the members of a tar are padding, which says nothing and is not read.
        for at in sorted(chance.sample(range(len(whole)), FLIPPED)) if path is keys else _within(whole, chance):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
            with pytest.raises(backup.BackupError):
                restore.restore(fresh.config, data, None, lambda *_: None)
            assert not (fresh.home / "hilo.db").exists()
        refused = fresh.command("restore", str(data), "--yes")
        assert refused.stderr == f"✗ {texts().say('cli.backup.damaged', 'en', path=path)}\n"
        path.write_bytes(whole)
    other = Machine(tmp_path / "other")
    assert other.command("key", "restore", typed="\n".join(words.of_key(bytes(32), "en")) + "\n").returncode == 0
    assert other.command("restore", str(data), "--yes").returncode == 1
    assert not (other.home / "hilo.db").exists()
    done = fresh.command("restore", str(data), "--yes")
    assert done.returncode == 0, done.stderr
    took = time.monotonic() - began

    assert fresh.told() == before
    assert took < MINUTES * 60
    print(json.dumps({"answers and files": len(before), "seconds": round(took, 1)}))


def _within(whole: bytes, chance: Random) -> list[int]:
    """Choose places within the content of the largest member: the database."""
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        found = [(each.offset_data, each.size) for each in tar if each.size]
    return [start + chance.randrange(size) for start, size in chance.choices(found, k=FLIPPED)]
