"""What is written at length leaves the disk to others."""

from dataclasses import dataclass

import pytest

from storage.pace import PIECE, SHARE, SNAPSHOT, DiskPace


@dataclass
class Disk:
    """A disk that takes so many seconds for each piece, and a clock."""

    takes: float
    now: float = 0.0
    busy: float = 0.0
    most: float = 0.0
    waiting: int = 0

    def write(self, pace: DiskPace, size: int) -> None:
        """Write something."""
        self.waiting += size
        self.most = max(self.most, self.waiting)
        pace.wrote(size)

    def sync(self, _: int) -> None:
        """Take everything."""
        self.now += self.takes
        self.busy += self.takes
        self.waiting = 0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.mark.parametrize("takes", [0.001, 0.05, 1.0])
def test_the_disk_is_left_to_others_whatever_it_is(takes: float) -> None:
    """However slow: one part in twenty-five of the time, and never more than a piece at once."""
    disk = Disk(takes)
    pace = DiskPace(3, sync=disk.sync, seconds=lambda: disk.now, sleep=disk.sleep)
    for _ in range(1_000):
        disk.write(pace, 64_000)

    assert disk.busy > 0
    assert disk.busy / disk.now <= 1.001 / SHARE
    assert disk.most < PIECE + 64_000


def test_a_snapshot_is_not_held_for_ever_by_pausing() -> None:
    """Pauses end once they took as long as they may: SQLite's log grows meanwhile."""
    disk = Disk(1.0)
    pace = DiskPace(3, SNAPSHOT, sync=disk.sync, seconds=lambda: disk.now, sleep=disk.sleep)
    for _ in range(1_000):
        disk.write(pace, PIECE)

    assert disk.now - disk.busy == pytest.approx(SNAPSHOT)
