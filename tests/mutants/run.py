"""Runs tests against one mutant, in a process that forked with everything heavy imported and nothing of Hilo."""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

HEAVY = (
    "aiogram",
    "alembic",
    "babel.dates",
    "cryptography.fernet",
    "httpx",
    "hypothesis",
    "jinja2",
    "multipart",
    "PIL.Image",
    "re2",
    "segno",
    "sqlalchemy",
    "starlette.applications",
    "telegram",
    "telegram.ext",
    "transitions",
    "typer",
    "uvicorn",
    "xlsxwriter",
    "yaml",
)


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another source than its file has."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        within = [str(self._path.parent)] if self._path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=self, submodule_search_locations=within
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._source, str(self._path), "exec"), module.__dict__)  # noqa: S102  that is the mutant


def warm() -> None:
    """Import what all tests need and is not Hilo's, once for all mutants."""
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            continue


def module_of(path: str) -> str:
    """Name the module of a file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class _First:
    """Writes down the first test that fails, or the file that cannot even be collected."""

    def __init__(self, out: int) -> None:
        self._out, self._said = out, False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def _note(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.failed and not self._said:
            self._said = True
            os.write(self._out, report.nodeid.encode())


def judge(root: Path, path: str, source: str, tests: Sequence[str], seconds: float) -> tuple[str, str]:
    """Run tests in a process of their own; returns how it went, and which test failed first.

    It is `killed`, `survived` or `timeout` (killed, by never ending); the test is empty where none could begin.

    Args:
        root: the checkout.
        path: the file that is changed, from there.
        source: what it says instead.
        tests: their ids, in the order in which they run; the first that fails ends it.
        seconds: how long they may take in all.
    """
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _be(root, path, source, tests, tell)
    os.close(tell)
    result = _outcome(child, time.monotonic() + seconds)
    with os.fdopen(told, "rb") as said:
        return result, said.read().decode() if result == "killed" else ""


def _be(root: Path, path: str, source: str, tests: Sequence[str], tell: int) -> None:
    code = 1
    try:
        os.setsid()
        os.chdir(root)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        sys.path.insert(0, str(root))
        sys.meta_path.insert(0, _Mutated(module_of(path), root / path, source))
        given = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=0", "-m", "not proof"]
        given += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # what `warm` imported brings plugins of its own
        code = pytest.main([*given, *tests], plugins=[_First(tell)])
    finally:
        os._exit(code)


def _outcome(child: int, until: float) -> str:
    pause = 0.02
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "timeout"
        time.sleep(pause)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test had started and did not end
    return "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"
