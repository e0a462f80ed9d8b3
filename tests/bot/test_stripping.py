"""What strips a file that somebody sent: little of it here, the rest in a process that can be ended."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.media import strip, stripping
from bot.media.strip import MalformedMedia, OverBounds, TooManyPixels, UnsupportedMedia
from bot.media.strip.__main__ import MEMORY, PROCESSOR
from tests.bot import hostile, samples

LARGE = samples.JPEG[:2] + b"\xff\xe1" + (60_000).to_bytes(2) + bytes(59_998)
"""Begins a picture; what follows is a segment that goes."""


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of files that went to a process."""
    sizes: list[int] = []
    real = stripping.apart

    def noted(data: bytes) -> strip.Clean:
        sizes.append(len(data))
        return real(data)

    monkeypatch.setattr(stripping, "apart", noted)
    return sizes


def test_an_ordinary_voice_note_needs_no_process(apart: list[int]) -> None:
    """What most people send is stripped here, at once."""
    for made in (samples.ogg(), samples.webm(), samples.mp4(), samples.jpeg(), samples.png(), samples.webp()):
        assert stripping.clean(made) == strip.clean(made)
    assert apart == []


def test_what_is_large_or_in_many_pieces_goes_to_a_process(apart: list[int]) -> None:
    """It comes out of there just as it would here."""
    large = LARGE + b"\xff\xe1\0\2" * 300_000 + samples.JPEG[2:]
    pieces = samples.WEBM + (b"\xa3\x85" + bytes(5)) * 10_000
    assert stripping.clean(pieces) == strip.clean(pieces)
    with pytest.raises(OverBounds):
        stripping.clean(large)
    photo = samples.JPEG[:-2] + bytes(2_000_000) + samples.JPEG[-2:]
    assert stripping.clean(photo) == strip.clean(photo)
    assert apart == [len(pieces), len(large), len(photo)]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (samples.jpeg()[:300], MalformedMedia),
        (b"%PDF-1.7", UnsupportedMedia),
        (hostile.nested(5_000), OverBounds),
        (hostile.png_of(60_000, 60_000), TooManyPixels),
    ],
)
def test_a_process_refuses_by_the_same_names(data: bytes, refusal: type[Exception]) -> None:
    """A refusal comes out of the process as it was raised there."""
    with pytest.raises(refusal) as raised:
        stripping.apart(data)
    assert type(raised.value) is refusal


def played_by(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    """Let a script stand for the process, as a parser would that somebody has broken."""
    script = folder / "parser"
    script.write_text(f"#!/bin/sh\n{lines}\n")
    script.chmod(stat.S_IRWXU)
    monkeypatch.setattr(sys, "executable", str(script))


def test_a_process_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time it is killed, nothing of it stays, and the file is refused."""
    pid = tmp_path / "pid"
    played_by(tmp_path, monkeypatch, f"echo $$ > {pid}; exec sleep 100")
    monkeypatch.setattr(stripping, "PATIENCE", 0.5)
    with pytest.raises(OverBounds):
        stripping.apart(samples.JPEG)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_process_that_dies_refuses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that uses up its processor time, or breaks, costs one file."""
    played_by(tmp_path, monkeypatch, f"kill -{signal.SIGXCPU.value} $$")
    with pytest.raises(OverBounds):
        stripping.apart(samples.JPEG)


def test_a_process_the_system_ended_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine lacked memory it is not the file's fault: an OSError, after which the file is fetched again."""
    played_by(tmp_path, monkeypatch, "kill -9 $$")
    with pytest.raises(OSError, match="was ended"):
        stripping.apart(samples.JPEG)


def test_a_process_has_limits_and_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may use some seconds and 200 MB, write no file, and knows nothing of the bot's settings."""
    monkeypatch.setenv("HILO_KEY", "a key")
    told = tmp_path / "told"
    look = f"import os; open({str(told)!r}, 'w').write(str(sorted(os.environ)))"
    real = sys.executable
    played_by(tmp_path, monkeypatch, f'{real} -c "{look}"; exec {real} "$@"')
    assert stripping.apart(samples.JPEG) == strip.clean(samples.JPEG)
    assert "HILO" not in told.read_text()
    assert PROCESSOR <= 5
    assert MEMORY <= 200_000_000


@pytest.mark.parametrize(
    ("does", "ends"), [("bytearray(10**9)", b'"OverBounds"'), ("open('written', 'w').write('x' * 9**6)", b"")]
)
def test_the_limits_are_real(tmp_path: Path, does: str, ends: bytes) -> None:
    """A parser that took a gigabyte is refused by its own process, and one that wrote a file is ended."""
    lines = f"from bot.media.strip import __main__ as it; it.strip.clean = lambda _: {does}; it.main()"
    environment = {"PYTHONPATH": str(Path(strip.__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-S", "-c", lines], input=b"x", capture_output=True, env=environment, cwd=tmp_path, check=False
    )
    assert ends in done.stdout
    assert bool(ends) is (done.returncode == 0)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 0


@pytest.mark.proof
def test_the_time_of_the_processor_is_limited() -> None:
    """A parser that never ends is ended by the system, before anybody's patience is."""
    lines = "from bot.media.strip import __main__ as it; it.PROCESSOR = 1"
    spins = "it.strip.clean = lambda _: exec('while 1: 0')"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"{lines}; {spins}; it.main()"],
        input=b"x",
        capture_output=True,
        env={"PYTHONPATH": str(Path(strip.__file__).parents[3])},
        timeout=60,
        check=False,
    )
    assert done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}


def test_the_largest_file_fits_into_the_process() -> None:
    """Twenty megabytes of each kind need less memory than the process may take."""
    body = b"VP8L" + (19_900_000).to_bytes(4, "little") + b"\x2f" + bytes(19_899_999)
    webp = b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
    photo = samples.JPEG[:-2] + bytes(19_900_000) + samples.JPEG[-2:]
    for data in (webp, photo, samples.FRAME * 47_000):
        assert len(stripping.apart(data).data) >= len(data) - 100
