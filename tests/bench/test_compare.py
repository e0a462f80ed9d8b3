"""A change that costs too much is seen to fail beside what it started from, and one that costs nothing is not."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import amounts
from tests.bench import compare
from tests.bench.compare import ROOT, NothingToCompare, chosen, known

PLACES = ("bot", "dialogs", "storage", "locales", "tests", "docs/adr", ".ci", *compare.LOCKS, "pyproject.toml")
SLOW = """

def _slower(take, seconds=0.003):
    from time import thread_time

    def taken(*arguments):
        end = thread_time() + seconds
        while thread_time() < end:
            pass
        return take(*arguments)

    return taken


answer = _slower(answer)
"""
LOOK = "import bot.clock as it; from tests.bench import worker; print(it.__file__, it.OLD, worker.found_in())"
HEAVY = '\nHELD = bytearray(b"x" * 12_000_000)\n'

whole = pytest.mark.skipif(not amounts.LONG, reason="minutes of measuring: a part of `make prove`")

Compare = Callable[..., subprocess.CompletedProcess[str]]


def git(folder: Path, *words: str) -> str:
    """Run git somewhere, as nobody in particular."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, what: str = "One more") -> str:
    """Commit all there is, or nothing; returns the commit."""
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", what)
    return git(folder, "rev-parse", "HEAD")


def append(path: Path, text: str) -> None:
    """Write at a file's end."""
    path.write_text(path.read_text("utf-8") + text, "utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


@pytest.fixture
def checkout(repository: Path) -> Path:
    """A repository of this tree as it is, in one commit."""
    for name in PLACES:
        if (ROOT / name).is_dir():
            (repository / name).parent.mkdir(exist_ok=True)
            shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__", "golden"))
        else:
            shutil.copy(ROOT / name, repository)
    commit(repository)
    return repository


@pytest.fixture
def compared(checkout: Path) -> Compare:
    """Compare that checkout with its own commit, as CI does."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "tests.bench.compare", "--base", "HEAD", "--client", "ptb", *words]
        return subprocess.run(
            line, cwd=checkout, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
        )

    return run


@whole
@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_a_slower_turn_fails(checkout: Path, compared: Compare) -> None:
    """Milliseconds more of CPU a turn are found, twice."""
    append(checkout / "dialogs/engine.py", SLOW)
    ended = compared("--pairs", "5", "turns")

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "ptb turns again" in ended.stdout


@whole
@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_a_heavier_bot_fails(checkout: Path, compared: Compare) -> None:
    """Twelve megabytes more are found, twice; and they may be, where a new decision gives them up."""
    append(checkout / "bot/clock.py", HEAVY)
    ended = compared("--pairs", "2", "memory")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "ptb memory again" in ended.stdout

    (checkout / "docs/adr/9999-heavier.md").write_text("Gives up: memory 20 MB\n", "utf-8")
    ended = compared("--pairs", "1", "memory")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "allowed 20 by decision" in ended.stdout


@whole
@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_an_unchanged_tree_passes(compared: Compare) -> None:
    """Beside itself a tree loses nothing."""
    ended = compared("--pairs", "3")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(ended.stdout.splitlines()) >= 3


def test_a_base_that_is_not_there_is_a_line(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit that a shallow clone has not got, or no repository at all, is said, and nothing fails."""
    monkeypatch.setattr(sys, "argv", ["compare", "--base", "0123456789012345678901234567890123456789"])
    commit(repository)
    for folder in (repository, tmp_path):
        monkeypatch.setattr(compare, "ROOT", folder)
        compare.main()
        told = capsys.readouterr().out
        assert told.startswith("bench-compare: nothing to compare with, as 0123456789")
        assert "is not in this clone (is it a shallow one?)" in told
        assert told.count("\n") == 1


def test_the_base_is_where_the_change_began(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for goes first, then where a branch left `origin/main`, and on main itself the floor."""
    monkeypatch.setattr(compare, "ROOT", repository)
    (repository / ".ci").mkdir()
    floor = commit(repository)
    (repository / ".ci/floor").write_text(f"{floor}\n", "utf-8")
    fork = commit(repository)
    assert chosen(None) == floor  # there is no `origin/main`

    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert chosen(None) == floor
    assert chosen("v1") == "v1"

    commit(repository)
    assert chosen(None) == fork
    assert known(fork[:12]) == fork
    with pytest.raises(NothingToCompare, match="nowhere is not in this clone"):
        known("nowhere")


def test_a_trees_own_code_is_measured(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base is laid out apart, with its own code; one from before there was a worker gets ours; then it is gone."""
    for name in compare.OURS:
        (checkout / "tests/bench" / name).unlink()
    append(checkout / "bot/clock.py", "OLD = True\n")
    old = commit(checkout)
    monkeypatch.setattr(compare, "git", lambda *words: subprocess.check_output(["git", *words], cwd=checkout))

    with compare.tree(old) as base:
        shown = subprocess.check_output(
            [base.python, "-c", LOOK],
            cwd=base.folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(base.folder)},
            text=True,
        )
        assert shown.split() == [str(base.folder / "bot/clock.py"), "True", str(base.folder)]
    assert not base.folder.exists()
