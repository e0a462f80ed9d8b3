"""`make run` on a machine where nothing is set up: when it practises, and what it says when Python will not do."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and nothing installed."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-scale.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def make(checkout: Path) -> Make:
    """Run make there, with an environment of its own and the given tools in front of the PATH."""

    def run(*words: str, tools: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(shutil.which("make")), *words],
            cwd=checkout,
            env={"PATH": tools or os.environ["PATH"], "LANG": "C.UTF-8"} | environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture
def installed(checkout: Path) -> Path:
    """The same folder as it is after a first `make run`, with a `hilo` that only tells how it was called."""
    programs = checkout / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
    (programs / "python").chmod(0o755)
    (programs / "hilo").write_text('#!/bin/sh\necho "hilo $*"\n', "utf-8")
    (programs / "hilo").chmod(0o755)
    (checkout / ".venv/.made").write_text(str(checkout), "utf-8")
    (checkout / ".venv/.run").touch()
    return checkout


@pytest.mark.parametrize(
    ("dotenv", "environment", "files", "expected"),
    [
        ("", {}, (), "hilo run --practice"),
        ("HILO_TELEGRAM_TOKEN=\n", {}, (), "hilo run --practice"),
        ('HILO_TELEGRAM_TOKEN=""\n', {}, (), "hilo run --practice"),
        ("# HILO_TELEGRAM_TOKEN=1:a\n", {}, (), "hilo run --practice"),
        ("", {"HILO_HOME": "elsewhere"}, ("var/hilo.db",), "hilo run --practice"),
        ("", {}, ("var/practice/hilo.db",), "hilo run --practice"),
        ("", {"HILO_TELEGRAM_TOKEN": "1:a"}, (), "hilo run"),
        ("HILO_TELEGRAM_TOKEN=1:a\n", {}, (), "hilo run"),
        ("export HILO_TELEGRAM_TOKEN = '1:a'\n", {}, (), "hilo run"),
        ("", {"HILO_DATABASE_URL": "postgresql://localhost/hilo"}, (), "hilo run"),
        ("HILO_DATABASE_URL=postgresql://localhost/hilo\n", {}, (), "hilo run"),
        ("", {}, ("var/hilo.db",), "hilo run"),
        ('HILO_HOME="else where"\n', {}, ("else where/hilo.db",), "hilo run"),
        ("HILO_HOME=allá # nuestra\n", {}, ("allá/hilo.db",), "hilo run"),
        ("HILO_TELEGRAM_TOKEN=\n", {"HILO_TELEGRAM_TOKEN": ""}, (), "hilo run --practice"),
        ("HILO_TELEGRAM_TOKEN='1:a'\n", {"HILO_TELEGRAM_TOKEN": ""}, (), "hilo run"),
        ("HILO_TELEGRAM_TOKEN 1:a\n", {}, (), "hilo run"),
    ],
)
def test_practice_is_chosen_only_while_nothing_real_exists(
    installed: Path, make: Make, dotenv: str, environment: dict[str, str], files: tuple[str, ...], expected: str
) -> None:
    """`make run` practises unless there is a token, a database URL or a real database."""
    (installed / ".env").write_text(dotenv, "utf-8")
    for name in files:
        (installed / name).parent.mkdir(parents=True, exist_ok=True)
        (installed / name).touch()

    assert make("run", **environment).stdout == f"{expected}\n"


@pytest.mark.parametrize(
    ("answers", "remedy"),
    [
        ({"version_info": 1}, "(Ubuntu 22.04 trae Python 3.10 y no alcanza) · Hilo needs Python 3.11"),
        ({"ensurepip": 1}, "apt install python3-venv · python3"),
    ],
    ids=["too old", "no venv"],
)
def test_a_python_that_will_not_do_is_a_sentence(
    checkout: Path, make: Make, answers: dict[str, int], remedy: str
) -> None:
    """With a Python below 3.11, or without its venv module, make says what to install, in both languages, and stops."""
    tools = checkout / "tools"
    tools.mkdir()
    for tool in ("sh", "sed", "tr", "tail", "cat", "grep", "rm", "touch"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    cases = "".join(f"*{word}*) exit {code} ;; " for word, code in answers.items())
    (tools / "python3").write_text(f'#!/bin/sh\ncase "$2" in {cases} esac\n', "utf-8")
    (tools / "python3").chmod(0o755)

    for target in ("run", "setup"):
        ended = make(target, tools=str(tools))
        assert ended.returncode != 0
        assert remedy in ended.stderr
        assert not (checkout / ".venv").exists()


def test_setup_asks_once_everything_is_there(installed: Path, make: Make) -> None:
    """`make setup` leads straight to the questions, and takes more words for them."""
    assert make("setup").stdout == "hilo setup\n"
    assert make("setup", "ARGS=--from answers.yaml").stdout == "hilo setup --from answers.yaml\n"


def test_setup_installs_nothing_for_tests(checkout: Path, make: Make) -> None:
    """What a server gets is the run-time list alone, with hashes, ready-built."""
    printed = make("--dry-run", "setup").stdout

    assert "-r requirements.txt" in printed
    assert "--require-hashes --only-binary :all:" in printed
    assert "requirements-dev" not in printed


@pytest.mark.parametrize("works", [True, False], ids=["with workers", "without"])
def test_an_update_brings_what_workers_need_where_there_are_any(installed: Path, make: Make, works: bool) -> None:
    """`hilo update` calls make: a worker would else start with what the version before needed."""
    answer = f'case "$*" in *\'import procrastinate\'*) exit {0 if works else 1} ;; *pip*) echo "$*" ;; esac'
    (installed / ".venv/bin/python").write_text(f"#!/bin/sh\n{answer}\n", "utf-8")
    (installed / ".venv/.run").unlink()
    done = make(".venv/.run")

    assert done.returncode == 0, done.stderr
    assert "--require-hashes --only-binary :all: -r requirements.txt" in done.stdout
    assert ("-r requirements-scale.txt" in done.stdout) is works


@pytest.mark.parametrize("there", [("python3.12",), ("python3.11", "python3.12"), ()], ids=["3.12", "both", "neither"])
def test_a_part_of_the_tests_runs_on_the_oldest_python(checkout: Path, make: Make, there: tuple[str, ...]) -> None:
    """It gets an environment of its own, and each day another part; where there is no older Python, that is said."""
    tools = checkout / "tools"
    tools.mkdir()
    for tool in ("sh", "cat", "date"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    for name in there:
        (tools / name).symlink_to(shutil.which("true") or "")
    days = [make("--dry-run", "oldest", f"DAY={day}", tools=str(tools)).stdout for day in (20_786, 20_787)]

    if there:
        assert f"build/{there[0]}/bin/python -m pytest" in days[0]
        assert "--part 20786/7" in days[0]
        assert "--part 20787/7" in days[1]
    else:
        assert make("oldest", tools=str(tools)).stdout == "· There is no older Python here to try.\n"


def test_help_speaks_the_language_of_the_console(make: Make) -> None:
    """`make` alone lists every target, in Spanish where the console is."""
    spanish, english = make(LANG="es_MX.UTF-8").stdout, make().stdout

    assert "prepara todo" in spanish
    assert "sets everything up" in english
    for target in (
        "setup",
        "run",
        "test",
        "prove-short",
        "prove",
        "oldest",
        "check",
        "bench",
        "bench-compare",
        "fuzz",
        "sbom",
        "audit",
        "lock",
    ):
        assert f"make {target} " in english


def test_every_test_is_quick_or_a_proof(checkout: Path, make: Make) -> None:
    """`make test` leaves out what `make prove-short` runs; `make prove` leaves out nothing; CI runs the first two."""
    asked = {
        target: make("--dry-run", target).stdout.splitlines()[-1].split(" -m ", 2)
        for target in ("test", "prove-short", "prove")
    }
    ci = [line.partition(" || ")[0] for line in (ROOT / ".ci/run").read_text("utf-8").splitlines()]

    assert asked["test"][2].split("'")[1] == "not proof"
    assert asked["prove-short"][2].split() == ["proof"]
    assert asked["prove"][0].startswith("HILO_PROVE=1 ")
    assert len(asked["prove"]) == 2
    assert [line for line in ci if line.startswith("make ")][:2] == ["make test", "make prove-short"]
