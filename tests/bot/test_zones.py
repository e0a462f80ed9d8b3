"""In which zone days and hours are told: the person's, else the cohort's, else the organisation's; never nobody's."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.rendering.speech import Speech
from bot.services.invites import poster
from bot.services.links import Site
from bot.services.organisation import DEFAULT_ZONE, local_zone
from bot.team.kit import answer_pages
from bot.team.orders.panel import BroadcastPanels
from tests.bot.rig import RECORD, Rig, texts

TIJUANA, CANCUN = "America/Tijuana", "America/Cancun"
BEFORE_MIDNIGHT = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)  # the day before, in Mexico


def test_the_nearest_zone_is_taken(hilo: Rig) -> None:
    """A person's own goes first, then the cohort's, then the organisation's, then Hilo's."""
    phone = hilo.join()
    with hilo.unit() as unit:
        organisation, person = hilo.turns.organisation, phone.person
        cohort = replace(next(iter(unit.cohorts.list())), zone=TIJUANA)
        assert organisation.zone(unit, replace(person, preferences={"zone": CANCUN}), cohort) == CANCUN
        assert organisation.zone(unit, replace(person, preferences={}), cohort) == TIJUANA
        assert organisation.zone(unit, cohort=cohort) == local_zone(unit, cohort=cohort) == TIJUANA
        unit.organisation.set({**RECORD, "zone": CANCUN})
        assert organisation.zone(unit, replace(person, preferences={})) == organisation.zone(unit) == CANCUN
        unit.organisation.set({key: said for key, said in RECORD.items() if key != "zone"})
        assert organisation.zone(unit) == local_zone(unit) == DEFAULT_ZONE


@pytest.mark.parametrize("zone", [None, CANCUN])
def test_nobody_is_told_the_days_of_greenwich(hilo: Rig, zone: str | None) -> None:
    """A poster, a panel and a page of answers fall back on the organisation's zone."""
    code = hilo.invite(expires_at=BEFORE_MIDNIGHT)
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "zone": zone, "username": "hilo_bot"})
        nobody = Speech(unit, texts(), None, "memory", "1", "es")
        known = unit.invites.find(code)
        assert known is not None
        drawn = poster(unit, texts(), Site(messengers=frozenset({"telegram"})), known, code)

        assert texts().day(BEFORE_MIDNIGHT, zone or DEFAULT_ZONE, "es") in drawn["texts"][0]["until"]
        assert texts().day(BEFORE_MIDNIGHT, "UTC", "es") not in drawn["texts"][0]["until"]
        assert answer_pages.zone(hilo.turns, nobody) == (zone or DEFAULT_ZONE)
        assert BroadcastPanels(hilo.turns).zone(nobody) == (zone or DEFAULT_ZONE)
