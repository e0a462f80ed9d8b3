"""A short form of `make fuzz`; and it finds what is known to have been wrong."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.media.strip import blocks, jpeg
from tests.amounts import FUZZ, SEED
from tests.fuzz import one
from tests.fuzz.mutations import mutate
from tests.fuzz.one import Watch, plainly
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.proof

LONG = pytest.mark.skipif(not FUZZ.extended, reason="large files take their time: only in the long form")
ENOUGH = 300  # seconds: whatever was wrong before is found in less, mostly in a few
SLOW = 0.2  # seconds: what takes a second in a larger file takes as much in what is found at once


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name: str, tmp_path: Path) -> None:
    """No input makes a parser fail, take a second, or give back something that must not be."""
    watch = Watch(TARGETS[name], tmp_path)
    plainly(watch, FUZZ.value, SEED.value, mutate)
    assert watch.inputs > 10
    assert watch.found == {}


def test_time_is_the_processors(tmp_path: Path) -> None:
    """A parser that waits, or a machine that does, takes nothing off the time: only work does."""
    watch = Watch(Waiting(), tmp_path)
    begun, worked = time.monotonic(), one.spent()
    plainly(watch, 0.05, SEED.value, mutate)

    assert one.spent() - worked >= 0.05
    assert time.monotonic() - begun > 0.2


class Waiting:
    """A parser that waits most of its time."""

    name, modules, seeds, most = "waiting", ("dialogs",), (b"a",), 100

    def run(self, data: bytes) -> None:
        """Wait, and then work a little."""
        time.sleep(0.01)
        sum(range(len(data) + 20_000))

    def repair(self, data: bytes) -> bytes:
        """Leave it as it is."""
        return data


def found(name: str, what: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Fuzz until a failure of this kind is found, or for long enough."""

    class Stopped(Exception):
        pass

    class Stopping(Watch):
        def note(self, kind: str, data: bytes) -> None:
            super().note(kind, data)
            if what in kind:
                raise Stopped

    monkeypatch.setattr(one, "SLOW", SLOW)
    try:
        plainly(Stopping(TARGETS[name], folder), ENOUGH, SEED.value, mutate)
    except Stopped:
        return True
    return False


def unbounded(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Take one of the bounds away."""
    nothing: Callable[..., None] = lambda *_: None  # noqa: E731  a name for what does nothing
    monkeypatch.setattr(blocks.Bounds, method, nothing)


@pytest.mark.parametrize(
    ("name", "method", "what"),
    [
        ("mp4", "nested", "RecursionError"),
        ("png", "size", "Broken"),
        pytest.param("webm", "element", "slow", marks=LONG),
    ],
)
def test_what_was_wrong_would_be_found(
    name: str, method: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one of the bounds, the failure that it is there for turns up."""
    unbounded(monkeypatch, method)
    assert found(name, what, tmp_path, monkeypatch)


@LONG
def test_a_slow_pattern_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does the pattern that went through a row of 0xFF once for each of them."""
    import re  # noqa: PLC0415  only here

    monkeypatch.setattr(jpeg, "_AFTER_SCAN", re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]"))
    assert found("jpeg", "slow", tmp_path, monkeypatch)
