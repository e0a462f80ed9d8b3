"""What is shared out over days: nothing is left out of all of them, and of no test is everything left out of one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.by_day import WEEK, chosen

ROOT = Path(__file__).parent.parent
SOME = """
import pytest
from tests.by_day import CLIENTS_ALIKE, LANGUAGES_ALIKE

by_languages = pytest.mark.parametrize("language", ["es", "en"])

@pytest.fixture(params=["ptb", "aiogram"])
def client(request):
    return request.param

@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_client(client): pass

@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_other(client): pass

@by_languages
@pytest.mark.by_day("client", "language", why="it is one way")
def test_both(client, language): pass

@pytest.mark.by_day("way", days=3, why="each is dear")
@pytest.mark.parametrize("way", range(7))
def test_ways(way): pass

@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", [pytest.param("es", marks=pytest.mark.proof), "en"])
def test_marked(language): pass

@by_languages
def test_plain(language): pass
"""
OTHER = '@pytest.mark.by_day("client", why=CLIENTS_ALIKE)\ndef test_other'
RUN = """
import contextlib, io, json, os, sys, pytest

class Seen:
    ran, left = (), ()

    def pytest_deselected(self, items):
        self.left = [*self.left, *(item.name for item in items)]

    def pytest_collection_finish(self, session):
        self.ran = [item.name for item in session.items]

found = []
for day, *words in json.loads(sys.argv[1]):
    os.environ["HILO_TODAY"] = str(day)
    seen, told = Seen(), io.StringIO()
    with contextlib.redirect_stderr(told):
        ended = pytest.main(["-q", "--collect-only", "-p", "no:cacheprovider", *words], plugins=[seen])
    found.append((int(ended), sorted(seen.ran), sorted(seen.left) or told.getvalue().splitlines()))
print(json.dumps(found))
"""
EVERY = sorted(
    [
        *(f"test_{name}[{client}]" for name in ("client", "other") for client in ("ptb", "aiogram")),
        *(f"test_both[{client}-{language}]" for client in ("ptb", "aiogram") for language in ("es", "en")),
        *(f"test_ways[{way}]" for way in range(7)),
        *(f"test_{name}[{language}]" for name in ("marked", "plain") for language in ("es", "en")),
    ]
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A suite of its own."""
    (tmp_path / "test_some.py").write_text(SOME, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = proof\ntestpaths = .\naddopts = -p tests.by_day", "utf-8")
    return tmp_path


def python(folder: Path, *words: str, **environment: str) -> str:
    """Run Python there, and return what it said."""
    found = {name: value for name, value in os.environ.items() if name not in {"HILO_PROVE", "HILO_ALL", "HILO_TODAY"}}
    found |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=found, capture_output=True, encoding="utf-8", check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout


def collected(folder: Path, *runs: tuple[object, ...], **environment: str) -> Any:
    """Tell how runs on given days would end, what of the suite they take and what they leave out."""
    return json.loads(python(folder, "-c", RUN, json.dumps(runs), **environment).splitlines()[-1])


@given(st.integers(0, 99), st.text(), st.integers(2, 6), st.integers(0, 99_999))
def test_every_place_comes_once_within_its_days(place: int, name: str, days: int, first: int) -> None:
    """Whichever day one begins; and so it does in as many weeks, as on an older Python each file comes once in one."""
    assert sum(chosen(place, name, days, day) for day in range(first, first + days)) == 1
    assert sum(chosen(place, name, days, day) for day in range(first, first + WEEK * days, WEEK)) == 1


def test_each_case_runs_within_so_many_days_and_of_each_test_some_on_each(folder: Path) -> None:
    """What is left out of a day is deselected, and comes on the next; of two dimensions both values come each day."""
    found = collected(folder, *((day,) for day in range(20_788, 20_794)))

    for ended, ran, left in found:
        assert ended == 0
        assert sorted(ran + left) == EVERY
        assert {name.partition("[")[0] for name in ran} == {name.partition("[")[0] for name in EVERY}
        both = [name for name in ran if name.startswith("test_both")]
        assert both in (["test_both[aiogram-en]", "test_both[ptb-es]"], ["test_both[aiogram-es]", "test_both[ptb-en]"])
    for days, names in ((2, ("client", "other", "both", "marked")), (3, ("ways",))):
        for begin in range(len(found) - days + 1):
            ran = [name for _, ran, _ in found[begin : begin + days] for name in ran]
            for case in (case for name in names for case in EVERY if case.startswith(f"test_{name}[")):
                assert ran.count(case) == 1, (case, begin)


def test_on_one_day_not_all_tests_have_the_same_client() -> None:
    """Which one a test has goes by its name too."""
    taken = [chosen(0, f"tests/thread/test_{place}.py::test_it", 2, 20_788) for place in range(1000)]

    assert 400 < sum(taken) < 600


def test_quick_or_a_proof_makes_no_difference(folder: Path) -> None:
    """A case that is a proof, and its twin that is quick, share the days as if both were either."""
    found = collected(folder, *((day, "-m", words) for day in (1, 2) for words in ("proof", "not proof")))
    ran = [[name for name in ran if name.startswith("test_marked")] for _, ran, _ in found]

    assert sorted((ran[0] + ran[1], ran[2] + ran[3])) == [["test_marked[en]"], ["test_marked[es]"]]


def test_whatever_is_chosen_by_hand_runs_whole(folder: Path) -> None:
    """As does the long form; --last-failed, by which CI asks once more, may run on the next day."""
    by_hand = (("test_some.py",), ("test_some.py::test_client",), (".",), ("-k", "client or both"), ("-k", "ways"))
    for ended, ran, left in collected(folder, *((day, *words) for day in (1, 2) for words in by_hand)):
        assert ended == 0
        asked = {name.partition("[")[0] for name in ran}
        assert ran == [name for name in EVERY if name.partition("[")[0] in asked]
        assert not set(left) & set(ran)
    for environment in ({"HILO_PROVE": "1"}, {"HILO_ALL": "1"}):
        ((ended, ran, left),) = collected(folder, (1,), **environment)
        assert (ended, ran, left) == (0, EVERY, [])


def test_what_failed_yesterday_is_asked_again_today(folder: Path) -> None:
    """A run that ends after midnight asks for the same cases again."""
    (folder / "test_some.py").write_text(SOME.replace("client): pass", "client): assert False", 1), "utf-8")
    words = ("-m", "pytest", "-q")
    told = [python(folder, *words, HILO_TODAY="1"), python(folder, *words, "--last-failed", HILO_TODAY="2")]

    assert all("1 failed" in each for each in told), told


def test_workers_leave_out_the_same_and_the_run_tells_how_much(folder: Path) -> None:
    """The process that leads names the day."""
    told = python(folder, "-m", "pytest", "-v", "-p", "xdist", "-n", "2", HILO_TODAY="20788")
    left = [line.strip() for line in told.splitlines() if line.startswith("  test_some.py::")]

    assert "9 passed" in told, told
    assert "10 cases deselected: they are another day's than 20788" in told
    assert len(left) == 10


WRONG = {
    '"client", why="x", days=3': "nothing of it would run on some of them",
    '"client", why="x", days=7': "two days or more, but no weeks",
    '"client", why="x", days=1': "two days or more, but no weeks",
    '"client"': "needs parameters, `why`",
    'why="x"': "needs parameters, `why`",
    '"clients", why="x"': "what is no parameter: clients",
}


def test_a_mark_that_would_leave_out_too_much_ends_the_run(folder: Path) -> None:
    """Nothing is left out by mistake: a run that leaves anything out has looked at every mark first."""
    for place, mark in enumerate(WRONG):
        (folder / f"wrong{place}").mkdir()
        words = SOME.replace(OTHER, f"@pytest.mark.by_day({mark})\ndef test_other")
        (folder / f"wrong{place}/test_wrong{place}.py").write_text(words, "utf-8")
    found = collected(folder, *((1, "-o", f"testpaths=wrong{place}") for place in range(len(WRONG))))

    for (ended, _, told), (mark, why) in zip(found, WRONG.items(), strict=True):
        assert ended == pytest.ExitCode.USAGE_ERROR, mark
        assert why in told[0], mark
