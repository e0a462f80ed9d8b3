"""The week's totals in a digest: each question of what was asked, as a broadcast's totals show it, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Final

from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.rendering.speech import Speech
from bot.rendering.texts import pages, shorten
from bot.services import tallies
from bot.services.permissions import cohorts_of
from bot.services.totals import previous
from bot.team.answers import totals
from bot.team.home import today
from bot.team.kit.page import SCREEN_LENGTH
from bot.team.orders.panel import BroadcastPanels
from storage.broadcasts import Broadcast
from storage.people import Person

WEEK: Final = timedelta(days=7)
TOLD_OF: Final = 6  # broadcasts of the week
NUMBERED: Final = 60  # characters of what stands above a page after the first
ROOM: Final = 330  # characters of a question: with what stands above, a page
TITLE: Final = 28


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A page of a digest, and the broadcasts of which it tells."""

    text: str
    told_of: tuple[Broadcast, ...] = ()


def of_the_week(speech: Speech, person: Person) -> list[Broadcast]:
    """Return the newest broadcasts of the last seven days that somebody answered, in the reader's cohorts."""
    cohorts = [cohort.id for cohort in cohorts_of(speech.unit, person)]
    asked = speech.unit.broadcasts.list(cohorts) if cohorts else []
    since = speech.unit.now - WEEK
    found = (each for each in asked if since <= each.due_at <= speech.unit.now)
    return list(islice((each for each in found if speech.unit.readings.any_of(each.id)), TOLD_OF))


def ready(turns: Turns, speech: Speech, told_of: Sequence[Broadcast]) -> None:
    """Raise Uncounted where what a digest tells of, or what stands beside it, has to be counted first."""
    unit = speech.unit
    earlier = (previous(unit, each, partial(turns.dialog, unit)) for each in told_of)
    tallies.ready(unit, [each.id for each in (*told_of, *earlier) if each is not None])


def leaves(turns: Turns, speech: Speech, first: str, told_of: Sequence[Broadcast]) -> list[WeekPage]:
    """Return the pages of a digest: below `first`, as far as there is room, and then by themselves.

    Where they tell of more than one group, the last of them says that the same may mean something else in another.

    Raises:
        Uncounted: something has to be counted first.
    """
    several = len({each.cohort_id for each in told_of}) > 1
    here = f"\n\n{speech.words('totals.here')}" if several else ""
    found = [WeekPage(first)]
    for broadcast in told_of:
        title = BroadcastPanels(turns).title(speech, broadcast, TITLE)
        for part in _parts(turns, speech, broadcast):
            last, room = found[-1], SCREEN_LENGTH - len(here) - (NUMBERED if len(found) > 1 else 0)
            there = broadcast in last.told_of
            added = part if there else f"{title}\n{part}"
            if last.text and len(last.text) + 2 + len(added) <= room:
                told = last.told_of if there else (*last.told_of, broadcast)
                found[-1] = WeekPage(f"{last.text}\n\n{added}", told)
            else:
                found.append(WeekPage(f"{title}\n{part}", (broadcast,)))
    found[-1] = replace(found[-1], text=f"{found[-1].text}{here}")
    return found


def _parts(turns: Turns, speech: Speech, broadcast: Broadcast) -> Iterator[str]:
    for block in totals.blocks(turns, speech, broadcast):
        yield from pages(block, ROOM)


def button(turns: Turns, speech: Speech, broadcast: Broadcast) -> Button:
    """Return the button to all totals of a broadcast."""
    return totals.leads(speech, broadcast, shorten(today.title(turns, speech, broadcast), TITLE))
