"""A short form of `make fuzz`; and it finds what is known to have been wrong."""

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
