"""SQLite's log stays short while a backup, an export and a check are made, however much is written meanwhile."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.amounts import LOGGED
from tests.bench.beside import JOBS, Log
from tests.bench.office import Office
from tests.thread.bot import ROOT

BOUND = 1_000_000_000  # bytes of log, however much there is to read
PART = 3  # how long a snapshot lasts is the machine's affair: the log has less than so much of what was written
AT_ONCE = 1 << 18  # bytes of one commit


class Writer(threading.Thread):
    """Writes to the database hundreds of times a second, as a bot in a flood would."""

    def __init__(self, file: Path) -> None:
        super().__init__(daemon=True)
        self.written = 0
        self._file = file
        self._over = threading.Event()

    def run(self) -> None:
        """Write until it is over."""
        with closing(sqlite3.connect(self._file, isolation_level=None, timeout=60)) as file:
            file.execute("CREATE TABLE noise (words BLOB)")
            file.execute("INSERT INTO noise VALUES (NULL)")
            while not self._over.is_set():
                file.execute("UPDATE noise SET words = randomblob(?)", (AT_ONCE,))
                self.written += AT_ONCE
                self._over.wait(0.002)  # whoever waits for the database gets a turn
            file.execute("DROP TABLE noise")

    def end(self) -> None:
        """Stop writing."""
        self._over.set()
        self.join()


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_the_log_stays_short_beside_a_backup_an_export_and_a_check(tmp_path: Path) -> None:
    """Somebody writes all the while: what is read at length is read in a copy or in pieces; the log is emptied."""
    home, made = tmp_path / "home", tmp_path / "made"
    home.mkdir()
    environment = {**os.environ, "HILO_HOME": str(home), "PYTHONPATH": str(ROOT), "HILO_LANGUAGE": "en"}
    with Office(home) as office:
        office.fill(LOGGED.value)
    log, writer = Log(home / "hilo.db-wal"), Writer(home / "hilo.db")
    writer.start()
    try:
        for words in JOBS.values():
            place = [str(made)] if words[-1] == "--out" else []
            done = subprocess.run(
                [sys.executable, "-m", "bot", *words, *place],
                cwd=ROOT,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0 or words == ("doctor",), done.stderr
    finally:
        writer.end()
        log.close()

    assert list(made.iterdir())
    assert list((home / "backups").glob("*.data"))
    assert not list(home.glob(".reading-*"))
    print(f"{writer.written / 1e6:.0f} MB were written; the log had {log.most / 1e6:.1f} MB at most")
    assert not LOGGED.extended or writer.written > BOUND
    assert log.most < min(BOUND, writer.written / PART)
