"""Whoever comes by herself to what comes back finds it begun when she opens her page."""

from datetime import timedelta
from uuid import UUID

import httpx

from bot import clock
from bot.services import own_paper, own_time
from storage.schedules import ScheduledDialog
from storage.unit import Unit
from tests.bot.web.conftest import CHAT
from tests.bot.web.rig import Rig

HOUR = timedelta(hours=1)


def waiting(rig: Rig, *, own: bool) -> UUID:
    """Put off to the end of its window what she is to be asked; returns its delivery."""
    rig.person(CHAT, "es")

    def make(unit: Unit) -> UUID:
        person = unit.people.at("web", CHAT)
        assert person is not None
        cohort, purpose, schedule, broadcast, delivery = (clock.new_id() for _ in range(5))
        unit.cohorts.add(cohort, "Sierra", ("es",), None)
        unit.versions.save("a" * 64, "check_in", "check_in", "{}", unit.now)
        unit.purposes.keep(purpose, {"why": "Para saber"}, None)
        rule = {"every": "week", "on": [3], "at": "19:00", "start": "2026-11-26"}
        asked = [ScheduledDialog("check_in")]
        unit.schedules.add(
            schedule, "s", cohort, purpose, asked, rule, 60, None, "2026-12-03T19:00", unit.now + 99 * HOUR
        )
        people = [(delivery, person.id, unit.now + 48 * HOUR)]
        unit.broadcasts.order(broadcast, "k", "a" * 64, cohort, {}, purpose, None, unit.now - HOUR, people)
        unit.schedules.occurs(
            broadcast, schedule, "2026-11-26T19:00", [(delivery, unit.now + 48 * HOUR, unit.now + 48 * HOUR)]
        )
        if own:
            own_time.choose(unit, person, schedule, "own")
        return delivery

    return rig.write_in(make)


def due(rig: Rig) -> bool:
    """Tell whether anything is due now."""
    return bool(rig.write_in(lambda unit: unit.broadcasts.due(unit.now, 9)))


def test_opening_the_page_is_coming_in(rig: Rig, browser: httpx.Client) -> None:
    """What waited for her begins; another's page, or one that never chose so, begins nothing."""
    waiting(rig, own=True)
    assert not due(rig)
    browser.get("/chat")
    assert due(rig)


def test_opening_the_page_is_coming_to_what_the_team_typed_in(rig: Rig, browser: httpx.Client) -> None:
    """What one said on paper is shown to her who opens her page: that she did is noted, once."""
    rig.person(CHAT, "es")

    def type_in(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.people.prefer(person, **{own_paper.UNTOLD: [clock.new_id().hex]})

    def here(unit: Unit) -> bool:
        person = unit.people.at("web", CHAT)
        return person is not None and bool(person.preferences.get(own_paper.HERE))

    rig.write_in(type_in)
    assert not rig.write_in(here)
    browser.get("/chat")
    assert rig.write_in(here)


def test_opening_the_page_begins_nothing_for_others(rig: Rig, browser: httpx.Client) -> None:
    """Whoever is told at the hour keeps it."""
    waiting(rig, own=False)
    browser.get("/chat")
    assert not due(rig)
