"""Whatever the bot leans on fails once, at whichever call: nothing that came in is lost, and all goes on by itself.

The disk is full or does not write, somebody else holds the database's lock, the line to the messenger breaks or its
answer is lost, the clock jumps: in ten scenarios, at any one call of each kind (`tests.bot.faulty`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.amounts import FAULTS, SEED
from tests.bot.faulty import KINDS, LOST, SCENARIOS

SHIM, ROOT = Path(__file__).parents[1] / "faults.c", Path(__file__).parents[2]
MOST_ENDED = 1  # how often what failed may end a process, or a command


@contextmanager
def playing(folder: Path) -> Iterator[Any]:
    """Start what plays scenarios; give the function that has one played."""
    made, home = folder / "faults.so", folder / "home"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, SHIM, "-ldl"], check=True)
    home.mkdir()
    environment = {**os.environ, "LD_PRELOAD": str(made), "FAULTS_FOLDER": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.bot.faulty"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:

        def play(scenario: str, kind: str, number: int) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps([scenario, kind, number]) + "\n")
            process.stdin.flush()
            told: dict[str, Any] = json.loads(process.stdout.readline())
            return told

        yield play
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.proof
@pytest.mark.timeout(300 + 10 * FAULTS.value)
def test_one_call_that_fails_loses_nothing(tmp_path: Path) -> None:
    """What is stored at the end is what it is where nothing fails; no half file is left, and no update is given up."""
    chance, wrong, tried, there, asked = Random(SEED.value), {}, 0, 0, 0
    with playing(tmp_path) as play:
        for place, scenario in enumerate(SCENARIOS):
            # The short form takes another reason for each scenario.
            for kind in KINDS if FAULTS.extended else (KINDS[place % len(KINDS)],):
                sound = play(scenario, kind, 0)
                assert (sound["ended"], sound["stopped"], sound["faults"]) == (0, "", []), (scenario, kind, sound)
                calls = sound["telling"]
                chosen = calls if FAULTS.value >= len(calls) else sorted(chance.sample(calls, FAULTS.value))
                if chosen is calls:  # whether those stand for the others is tried on one in twenty
                    others = sorted({*range(1, sound["calls"] + 1)} - {*calls})
                    chosen = [*calls, *chance.sample(others, len(others) // 20)]
                there, asked = there + sound["calls"], asked + len(chosen)
                for number in chosen:
                    told = play(scenario, kind, number)
                    tried += told["failed"]
                    if (
                        told["facts"] != sound["facts"]
                        or told["faults"]
                        or told["stopped"]
                        or told["ended"] > MOST_ENDED
                    ):
                        wrong[f"{scenario}, {kind}, call {number}"] = told
    assert wrong == {}
    assert tried >= len(SCENARIOS) * 9 // 10  # a thread may be done before
    print(f"{tried} of {asked} calls failed, one in each run; they stand for all of {there} where all were asked for")


@pytest.mark.proof
def test_what_is_lost_would_be_noticed(tmp_path: Path) -> None:
    """An update that is forgotten, as a bot does that confirms before it keeps, is seen in what is stored."""
    with playing(tmp_path) as play:
        sound, told = play("answers", LOST, 0), play("answers", LOST, 1)

    assert sound["facts"] != told["facts"]
