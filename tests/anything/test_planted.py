"""Eight bugs of this project's history, or that its trust rests on not having: each is a patch that the machine finds.

How many are tried: tests/amounts.py; that each still applies is seen always.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests import amounts
from tests.rhythm.test_planted import ROOT, applies, planted, run_tests

PATCHES = sorted((Path(__file__).parent / "planted").glob("*.patch"))
BUGS, FOUND = 8, 6
FIRST = "left-to-a-dead-process"  # in the short form: it is found soonest
FINDS = "tests/anything/test_machine.py::test_whatever_happens[sqlite]"
HISTORIES = 60


def test_eight_bugs_still_apply() -> None:
    """Whoever changes the code that one of them is in changes the patch as well."""
    wrong = {patch.stem: told for patch in PATCHES if (told := applies(patch, ROOT, "--check"))}

    assert wrong == {}
    assert len(PATCHES) == BUGS


@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.SOWN.extended else 120)
def test_six_of_eight_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the machine, as something that does not hold; the short form looks for the first alone."""
    monkeypatch.setenv("HILO_ANYTHING", str(HISTORIES))
    monkeypatch.setenv("HILO_SEED", os.environ.get("HILO_SEED", "6"))
    missed = []
    for patch in sorted(PATCHES, key=lambda patch: patch.stem != FIRST)[: amounts.SOWN.value]:
        folder = tmp_path / patch.stem
        planted(patch, folder)
        found = run_tests(folder, FINDS)
        if found.returncode != 1 or "Broken" not in found.stdout:
            missed.append(patch.stem)
        shutil.rmtree(folder)

    assert len(missed) <= BUGS - FOUND, missed
    assert FIRST not in missed
