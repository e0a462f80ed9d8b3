"""`hilo status` where several processes run: what each does and did, and what is wrong with them together."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from babel.dates import format_timedelta

from bot.cli import console
from bot.cli.operate import processes_shown
from storage.leases import Process, Work
from tests.storage.world import uid

ALL = ("courier", "poll telegram", "tick")


def process(**more: Any) -> Process:
    """Make a process that lives, and did something."""
    told = {"part": "run", "version": "0.2.0 (0035)", "folder": "w", "holds": (), "did": Work(1, 2, 1234, 4)}
    spans = {"age": timedelta(hours=2), "silent": timedelta(seconds=1), "off": timedelta(seconds=-2)}
    return Process(**{"id": uid(), **told, **spans, **more})


@pytest.fixture(params=["es", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language of the terminal in turn."""
    before = console.LANGUAGE
    console.speak(request.param)
    yield request.param
    console.speak(before)


@pytest.mark.usefixtures("language")
def test_each_says_what_it_does_and_did() -> None:
    """One that works, one that stands by and did nothing, one that is not heard from: nothing else is said."""
    found = [process(holds=ALL), process(did=Work()), process(part="web", silent=timedelta(minutes=3))]
    working, waiting, dead = processes_shown.lines(found)
    words, sent = console.words, console.TEXTS.number(1234, console.LANGUAGE)
    assert words("cli.process.did", kept=1, turns=2, sent=sent, due=4) in working
    for code in ("poll", "courier", "tick"):
        assert words(f"cli.process.does.{code}") in working
    assert words("cli.process.waits") in waiting
    assert words("cli.process.idle") in waiting
    assert dead.startswith(f"· {words('cli.process.web')}")
    assert format_timedelta(timedelta(minutes=3), locale=console.LANGUAGE) in dead


@pytest.mark.usefixtures("language")
def test_a_clock_that_is_wrong_is_said_where_it_runs() -> None:
    """Behind or ahead of the database's by more than ten seconds; a worker is called so."""
    three = timedelta(minutes=3)
    found = [process(holds=ALL), process(part="worker", off=three), process(off=-three), process(off=timedelta(0))]
    right, behind, ahead, same = processes_shown.lines(found)
    span = format_timedelta(three, locale=console.LANGUAGE)
    assert behind.startswith(f"· {console.words('cli.process.worker')}")
    assert behind.endswith(console.words("cli.process.behind", span=span))
    assert ahead.endswith(console.words("cli.process.ahead", span=span))
    assert span not in right + same


@pytest.mark.usefixtures("language")
def test_what_is_wrong_with_them_together_is_said() -> None:
    """What nobody does, versions beside each other, a copy of the folder."""
    old, new = process(holds=("courier",), version="0.1.0 (0009)"), process(folder="copy")
    said = list(processes_shown.lines([old, new]))[2:]
    assert said == [
        console.words("cli.process.missing", what=console.words("cli.process.does.tick")),
        console.words("cli.process.versions", older=old.version, newer=new.version),
        console.words("cli.process.folders"),
    ]


def test_the_dead_are_not_missed() -> None:
    """Where none lives, each is said to be silent, and nothing is missed from them."""
    assert len(list(processes_shown.lines([process(silent=timedelta(hours=1))]))) == 1
