"""Fifteen bugs of this project's history, or that its trust rests on not having: the machine finds thirteen and more.

Each is a patch that no other test noticed, as far as they were run (docs/proofs.md). How many are tried:
tests/amounts.py; that each still applies is seen always.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests import amounts
from tests.rhythm.test_planted import ROOT, applies, planted, run_tests

BUGS: Final = {
    "a-cry-after-one-that-was-read": "added to an alert that somebody had read, it reached nobody (149f0947)",
    "a-quiet-notice-is-lost": "where the answer to a notice of a cry was lost, it is said once more (8cf470ce)",
    "a-repetition-forgets-that-it-is-one": "what came a second time did not say so (34feb473)",
    "an-old-button-answers": "old keyboards stay pressable for ever",
    "answered-and-asked-all-the-same": "what was held up is asked only while nobody answered it",
    "asked-twice-after-a-death": "nobody can tell whether a send arrived whose process died",
    "at-night-after-an-outage": "what an outage held up came at any hour (a872228b)",
    "blocking-ends-a-break": "blocking is no consent, and ends no pause",
    "closed-while-it-was-off": "whoever answered while an order was closed was asked on and on (1c2892b8)",
    "goes-out-after-leaving": "what waited to be sent did not ask whether its person rests by then",
    "left-to-a-dead-process": "what a dead process was sending is taken back at once (a564ea71)",
    "only-what-is-newer-is-new": "Telegram's numbers may begin anew after a week of silence",
    "passed-over-after-an-outage": "an order by hand has no window: it waits until the team closes it",
    "put-off-survives-leaving": "leaving ends what is open, and what was put off as well",
    "said-a-third-time": "one worst case of a send without an answer was nine copies",
}
"""What each bug is against, or the commit that mended it."""
PATCHES = sorted((Path(__file__).parent / "planted").glob("*.patch"))
FOUND = 13
FIRST = "a-cry-after-one-that-was-read"  # in the short form: it is found soonest
FINDS = "tests/anything/test_machine.py::test_whatever_happens[sqlite]"
HISTORIES = 100


def test_fifteen_bugs_still_apply() -> None:
    """Whoever changes the code that one of them is in changes the patch as well."""
    wrong = {patch.stem: told for patch in PATCHES if (told := applies(patch, ROOT, "--check"))}

    assert wrong == {}
    assert [patch.stem for patch in PATCHES] == [*BUGS]
    assert len(BUGS) == 15


@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.SOWN.extended else 120)
def test_thirteen_of_fifteen_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the machine, as something that does not hold; the short form looks for the first alone."""
    monkeypatch.setenv("HILO_ANYTHING", str(HISTORIES))
    monkeypatch.setenv("HILO_SEED", os.environ.get("HILO_SEED", "6"))
    found, missed = {}, []
    for patch in sorted(PATCHES, key=lambda patch: patch.stem != FIRST)[: amounts.SOWN.value]:
        folder = tmp_path / patch.stem
        planted(patch, folder)
        ended = run_tests(folder, FINDS)
        history = re.search(r"in history (\d+)", ended.stdout)
        if ended.returncode == 1 and "Broken" in ended.stdout and history is not None:
            found[patch.stem] = int(history[1])
        else:
            missed.append(patch.stem)
        shutil.rmtree(folder)

    print(f"found, and in which history: {found}; missed: {missed}")
    assert len(missed) <= len(BUGS) - FOUND, missed
    assert FIRST in found
