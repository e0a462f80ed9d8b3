"""Large broadcasts are counted by a process, and whoever asked sees the figures then; nobody else waits for it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot import clock
from bot.pipeline.loops import Handler, Ticker
from bot.runtime import processes
from bot.runtime.processes import ProcessFailed
from bot.services import own_paper, sheets, tallies
from bot.services.tallies import Tallies
from dialogs.run import Answer, Run
from storage.erasure import erase
from tests.bot.orders import panel, say
from tests.bot.rig import EAGER, PURPOSE, Anywhere, Phone, Rig
from tests.bot.test_totals import totals_of, week

MOODS = "Contestaron {} personas:"


class Told:
    """What was asked of processes, and what they answered; the process is a real one."""

    def __init__(self) -> None:
        self.tasks: list[Mapping[str, Any]] = []
        self.results: list[bytes] = []
        self.broken = False

    async def run(self, module: str, task: Mapping[str, Any]) -> bytes:
        """Run it, and note it."""
        assert module == "bot.counting"
        self.tasks.append(task)
        if self.broken:
            raise ProcessFailed(module, 1)
        self.results.append(await _RUN(module, task))
        return self.results[-1]


_RUN = processes.run


@pytest.fixture
def told(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Let every broadcast be a large one in a bot as it runs, and note what is counted."""
    found = Told()
    monkeypatch.setattr(tallies, "FEW", 0)
    monkeypatch.setattr(processes, "run", found.run)
    anywhere = Anywhere(hilo)
    hilo.handler = Handler(hilo.workers, hilo.receive, anywhere, hilo.media_store, counted=Tallies())
    hilo.ticker = Ticker(
        *(hilo.workers, hilo.ticking, anywhere, EAGER, hilo.media_store, hilo.seconds), counting=hilo.handler.counting
    )
    return found


def answered(hilo: Rig, moods: str) -> list[Phone]:
    """Let as many answer."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(len(moods))]
    week(hilo, phones, moods)
    return phones


def test_what_is_much_is_counted_by_a_process_and_kept(hilo: Rig, told: Told) -> None:
    """Two taps show it, the same again needs no counting, and nothing that was said in words comes from the process."""
    answered(hilo, "44442")
    ana = hilo.facilitator()
    text = totals_of(ana)
    assert MOODS.format(5) in text
    assert "4 · 🙂 Bueno" in text
    assert len(told.tasks) == 1
    assert totals_of(ana) == text
    assert len(told.tasks) == 1
    assert b"agua" not in told.results[0]
    assert json.loads(told.results[0]).popitem()[1]["questions"]["mood"] == [5, {"4": 4, "2": 1}, 0]


def test_last_time_is_counted_with_it(hilo: Rig, told: Told) -> None:
    """One process counts both; the times before that while the question is looked at, so that nobody waits for them."""
    phones = answered(hilo, "44442")
    for _ in range(2):
        hilo.advance(days=7)
        week(hilo, phones, "33333")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por pregunta")
    ana.press(ana.last.labels[0])
    ana.press(ana.last.labels[0])
    assert "5 😐 Regular" in (ana.last.text or "")
    assert [len(task["broadcasts"]) for task in told.tasks] == [2, 1]
    ana.press(say("button.totals_time"))
    assert [len(task["broadcasts"]) for task in told.tasks] == [2, 1]


def test_others_go_on_meanwhile(hilo: Rig, told: Told) -> None:
    """A leader's turn is played while somebody's totals are counted; what she presses next waits behind them."""
    leader, *_ = answered(hilo, "44442")
    ana = hilo.facilitator()
    panel(ana)
    hilo.messenger.press(ana.chat, say("button.totals"))
    hilo.keep()
    hilo.run(hilo.handler.round())
    leader.write("/menu")
    hilo.keep()
    hilo.run(hilo.handler.round())
    hilo.send()
    assert leader.told
    assert MOODS.format(5) not in (ana.last.text or "")
    hilo.run(hilo.handler.settled())
    hilo.send()
    assert MOODS.format(5) in (ana.last.text or "")


@pytest.mark.proof
def test_what_was_said_since_counts_and_who_is_erased_at_once_no_more(
    hilo: Rig, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For some seconds figures stand, or nobody would ever see any; an erasure waits for nothing."""
    phones = answered(hilo, "444421")
    late = hilo.join(nickname="Nopal")
    ana = hilo.facilitator()
    assert MOODS.format(6) in totals_of(ana)
    with hilo.unit() as unit:
        person, row = phones[0].person, unit.runs.latest(phones[0].person)
        assert row is not None
        unit.answers.add(clock.new_id(), row.id, "mood", person, json.dumps({"value": 1}), hilo.now)
    assert "4 · 🙂 Bueno" in totals_of(ana)
    assert len(told.tasks) == 1
    monkeypatch.setattr(tallies, "JUST_NOW", 0.0)
    assert "3 · 🙂 Bueno" in totals_of(ana)
    assert len(told.tasks) == 2
    monkeypatch.setattr(tallies, "JUST_NOW", 10.0)
    with hilo.unit() as unit:
        erase(unit, phones[1].person.id)
        unit.audit.add("test", "person.erased", phones[1].chat, {})
    assert MOODS.format(5) in totals_of(ana)
    assert len(told.tasks) == 3
    late.say("/menu")
    assert MOODS.format(5) in totals_of(ana)


def test_what_the_team_takes_back_is_counted_no_more(hilo: Rig, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paper that was another's is gone at once, though whoever it was is asked anew and there are as many runs."""
    answered(hilo, "4444")
    late = hilo.join(nickname="Nopal")
    group = hilo.cohort()
    with hilo.unit() as unit:
        [asked] = unit.broadcasts.list([group])
        cohort = unit.cohorts.get(group)
        assert cohort is not None
        [code] = sheets.make(unit, None, cohort, hilo.content.dialog("check_in"), PURPOSE, 1, asked.key)
        sheet = unit.sheets.find(code)
        assert sheet is not None
        run = Run("completed", completed_at=hilo.now, answers={"mood": Answer(2, "🙁 Bajo")})
        agreed = own_paper.Agreement("aloud", "Ana", 0, "")
        own_paper.keep(unit, None, sheet.id, late.person.id, agreed, run, "es")
    ana = hilo.facilitator()
    assert MOODS.format(5) in totals_of(ana)
    with hilo.unit() as unit:
        own_paper.take_back(unit, None, sheet.id)
    hilo.tick()
    monkeypatch.setattr(tallies, "JUST_NOW", 0.0)
    assert MOODS.format(4) in totals_of(ana)
    assert len(told.tasks) == 2


def test_a_process_that_fails_keeps_nobody_from_the_figures(hilo: Rig, told: Told) -> None:
    """They are counted in the turn then, and it is tried once."""
    answered(hilo, "44442")
    ana = hilo.facilitator()
    told.broken = True
    assert MOODS.format(5) in totals_of(ana)
    assert len(told.tasks) == 1


def test_the_summary_of_the_week_waits_until_it_is_counted(hilo: Rig, told: Told) -> None:
    """It comes a minute later, with its figures."""
    answered(hilo, "44442")
    ana = hilo.facilitator()
    hilo.tick()
    ana.look()
    for _ in range(24 * 7):
        hilo.advance(hours=1)
        hilo.tick()
        if told.tasks:
            break
    assert "Bueno" not in ana.told
    assert hilo.handler.counting is not None
    hilo.run(hilo.handler.counting.settled())
    hilo.advance(minutes=2)
    hilo.tick()
    assert "━ menos de tres · 🙁 Bajo\n━━━━━━━━ 4 · 🙂 Bueno" in ana.told
