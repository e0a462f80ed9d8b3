"""The same on PostgreSQL: what comes back is chosen, left out, put off, reminded of and left alone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.leader import words
from tests.bot.rig import Rig
from tests.bot.test_falling_out import (  # noqa: F401  the same tests, on the other database
    asked,
    test_an_open_question_is_said_once_more_after_a_gap,
    test_beyond_a_day_the_admins_are_told_from_when_to_when,
    test_it_is_noted_by_a_bot_that_was_not_running,
)
from tests.bot.test_listening import weeks
from tests.bot.test_own_time import THURSDAY, WEEK, come_to, standing
from tests.bot.test_repeating import (  # noqa: F401  the same
    ana,
    begin,
    test_the_last_one_that_lies_ready_can_still_be_changed_and_ends_with_its_window,
    test_what_was_sent_further_east_is_scheduled_no_more,
)
from tests.bot.test_ways_in import test_a_way_in_is_moved_left_out_and_put_back  # noqa: F401  the same
from tests.bot.test_week_limit import her, test_an_older_schedule_comes_before_a_newer  # noqa: F401  the same
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported

pytestmark = [pytest.mark.proof, pytest.mark.usefixtures("at_once")]


@pytest.fixture
def hilo(tmp_path: Path, databases: Databases) -> Iterator[Rig]:  # noqa: F811  pytest's way of asking for it
    """One installation on PostgreSQL."""
    url = databases.take()
    it = Rig(tmp_path, url=url)
    yield it
    it.close()
    databases.give(url)


def test_what_comes_back_to_her_on_postgresql(hilo: Rig) -> None:
    """Every statement of it runs there, with what it is for."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    team = hilo.facilitator()
    begin(team)
    come_to(hilo, THURSDAY)
    phone.press(words(phone, "button.rhythm.l"))
    phone.press(words(phone, "button.rhythm.h"))
    phone.press(words(phone, "button.rhythm.t"))
    phone.press(words(phone, "button.rhythm.u"))
    assert standing(hilo) == [("started", None)]
    come_to(hilo, THURSDAY + WEEK)
    assert standing(hilo)[1:] == [("skipped", "less")]
    phone.press(words(phone, "button.rhythm.each"))
    weeks(hilo, 2, 5)
    assert words(phone, "listen.ask") in phone.told
    phone.press(words(phone, "button.listen.same"))
    for _ in range(2):
        hilo.order()
        hilo.tick()
        hilo.now += timedelta(hours=5)
    come_to(hilo, THURSDAY + 5 * WEEK)

    assert standing(hilo)[-1][1] in {None, "week"}
