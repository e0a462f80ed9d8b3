"""A real bot, started over what 0.1.0 left behind: while it is awake, everything is sealed anew, down to the bytes."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.floor.ground import FLOORS, unpack
from tests.thread.bot import Hilo

LEFT = "sealed again"
PATIENCE = 60.0


@pytest.mark.proof
def test_what_an_earlier_version_wrote_leaves_the_disk(tmp_path: Path) -> None:
    """The doctor counts what is left until nothing is; then no byte of it is in the database, its log or the media."""
    home, _ = unpack(FLOORS[0], tmp_path)
    with closing(sqlite3.connect(home / "hilo.db")) as database:
        before = [blob for (blob,) in database.execute("SELECT value FROM answers UNION ALL SELECT body FROM messages")]
    files = {path.name: path.read_bytes()[:60] for path in (home / "media").glob("*")}
    assert len(before) > 20
    assert files
    hilo = Hilo(home, None)
    hilo.start()
    try:
        end = time.monotonic() + PATIENCE
        while LEFT in (told := hilo.command("doctor", fails=True)):
            assert time.monotonic() < end, told
            time.sleep(1)
    finally:
        hilo.stop()

    on_disk = b"".join(path.read_bytes() for path in home.glob("hilo.db*"))
    assert not [blob for blob in before if blob in on_disk]
    kept = {path.name: path.read_bytes()[:60] for path in (home / "media").glob("*")}
    assert not {name for name, head in files.items() if kept.get(name) == head}
    with closing(sqlite3.connect(home / "hilo.db")) as database:
        assert database.execute("SELECT stage FROM resealing").fetchall() == [("done",)]
        assert database.execute("SELECT count(*) FROM answers WHERE path NOT LIKE '=%'").fetchone() == (0,)
