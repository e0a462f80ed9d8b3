"""What waits for a person of the team, in a few lines: alerts, support, messages, answers, unsent, what is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.turns import Turns
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, NOTICE, Speech, rows
from bot.rendering.texts import shorten
from bot.services import hand_notices, links, recollections, shut_ways, support, watch
from bot.services.broadcasts import TOLD
from bot.services.organisation import DAYS_A_WEEK, PARTS_OF_DAY, recent, weekday
from bot.services.permissions import ADMINS_OF_ALL, allowed, may_see_alert
from bot.team.kit import answer_pages
from bot.team.kit.reading_queries import ReadingQueries
from bot.team.messages import unsent
from storage.alerts import RINGS
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.messages import Message
from storage.people import Person
from storage.readings import Waiting
from storage.unit import Unit

BEFORE = "told_of_before"
"""Preference of one of the team: whether they were told of what was asked for before requests rang."""
NAMED = 2  # people named in a line
COHORTS_NAMED = 4
OWED_NAMED = 2
MESSAGES_COUNTED = 50
NAME, TITLE = 18, 28  # characters of a name and of a title in a line
SCREEN = 440  # characters of all lines: with what stands above and below, one screen of a phone
SECONDS_A_MINUTE = 60
GREETINGS = {"time.morning": "today.morning", "time.noon": "today.afternoon", "time.afternoon": "today.afternoon"}


@dataclass(frozen=True, slots=True)
class UntoldBroadcast:
    """A broadcast that is over and whose participants were not told what came of it."""

    broadcast: Broadcast
    cohort: Cohort


def lines(turns: Turns, speech: Speech, person: Person) -> list[str]:
    """Return the lines that say what waits, the most urgent first."""
    shelves = ReadingQueries(speech.unit, person)
    messages = _waiting(speech, shelves)
    raised = alerts(shelves)
    found = [speech.texts.count("today.alerts", speech.language, raised)] if raised else []
    found += [*_support(speech, shelves, messages), *_messages(turns, speech, messages)]
    if knocking := sum(speech.unit.memberships.knocking(cohort.id) for cohort in shelves.cohorts()):
        found.append(speech.texts.count("today.knocking", speech.language, knocking))
    if allowed(speech.unit, person, ADMINS_OF_ALL) and speech.unit.role_rests.undecided():
        found.append(speech.words("today.rest"))
    if shut := shut_ways.shut_ways(speech.unit, person):
        found.append(speech.texts.count("today.pin_shut", speech.language, len(shut)))
    asked = len(links.link_requests(speech.unit, person)) + len(recollections.open_for(speech.unit, person))
    if asked:
        found.append(speech.texts.count("today.link_asked", speech.language, asked))
    waiting = [(cohort.name, of) for cohort, of in shelves.waiting() if of.runs]
    found += [answers_line(speech, name, of) for name, of in waiting[:COHORTS_NAMED]]
    if rest := sum(of.runs for _, of in waiting[COHORTS_NAMED:]):
        found.append(speech.texts.count("today.answers_elsewhere", speech.language, rest))
    if stuck := unsent.waiting(speech.unit, person):
        found.append(speech.texts.count("today.unsent", speech.language, stuck))
    found += _by_hand(turns, speech, shelves)
    left = owed(turns, speech, person)
    for each in left[:OWED_NAMED]:
        found.append(speech.words("today.owed", title=shorten(title(turns, speech, each.broadcast), TITLE)))
    if len(left) > OWED_NAMED:
        found.append(speech.texts.count("today.owed_more", speech.language, len(left) - OWED_NAMED))
    return found


def listed(speech: Speech, found: Sequence[str]) -> str:
    """Return lines as a list that fits one screen; how many more there are, where they are too many."""
    shown = [f"· {line}" for line in found]
    if len("\n".join(shown)) > SCREEN:
        while len("\n".join(shown)) > SCREEN:
            shown.pop()
        shown.append(f"· {speech.texts.count('today.more', speech.language, len(found) - len(shown))}")
    return "\n".join(shown)


def _by_hand(turns: Turns, speech: Speech, shelves: ReadingQueries) -> list[str]:
    """Return the lines that say of which messages and broadcasts somebody is still to be told by hand."""
    cohorts = [cohort.id for cohort in shelves.cohorts()]
    found = []
    if left := sum(each.way is None for each in hand_notices.silent_messages(speech.unit, shelves.person)):
        found.append(speech.texts.count("today.by_hand_message", speech.language, left))
    for each in speech.unit.broadcasts.list(cohorts) if cohorts else ():
        if left := hand_notices.left_to_tell(speech.unit, each):
            named = shorten(title(turns, speech, each), TITLE)
            found.append(speech.texts.count("today.by_hand", speech.language, left, title=named))
    return found


def alerts(shelves: ReadingQueries) -> int:
    """Return how many alerts in the reader's cohorts nobody sees to."""
    unit = shelves.unit
    return sum(may_see_alert(unit, shelves.person.id, each) for each in unit.alerts.open() if each.strength == RINGS)


def unheard(speech: Speech, person: Person) -> int:
    """Return how many minutes of voice notes a reader has not heard, among answers and messages."""
    shelves = ReadingQueries(speech.unit, person)
    said = map(speech.unit.media.get, (each.media_id for each in _waiting(speech, shelves) if each.media_id))
    seconds = sum(of.seconds for _, of in shelves.waiting())
    seconds += sum(item.seconds or 0 for item in said if item is not None and item.kind == "voice")
    return -(-seconds // SECONDS_A_MINUTE)


def hello(turns: Turns, speech: Speech, person: Person) -> str:
    """Return a greeting for the time of day in the person's zone."""
    hour = speech.unit.now.astimezone(ZoneInfo(turns.organisation.zone(speech.unit, person))).hour
    part = next(code for until, code in PARTS_OF_DAY if hour < until)
    return speech.words(GREETINGS.get(part, "today.evening"))


def answers_line(speech: Speech, cohort: str, waiting: Waiting) -> str:
    """Return the line that says how many answers of a cohort are new, and how many minutes of voice notes they have."""
    told = speech.texts.count("today.answers", speech.language, waiting.runs, cohort=shorten(cohort, TITLE))
    if not waiting.seconds:
        return told
    short = waiting.seconds < SECONDS_A_MINUTE
    code, number = ("today.audio_seconds", waiting.seconds) if short else ("today.audio", minutes_of(waiting.seconds))
    return f"{told} ({speech.texts.count(code, speech.language, number)})"


def minutes_of(seconds: int) -> int:
    """Return so many seconds in minutes, each that has begun."""
    return -(-seconds // SECONDS_A_MINUTE)


def title(turns: Turns, speech: Speech, broadcast: Broadcast) -> str:
    """Return the title of a broadcast's dialog."""
    return answer_pages.title(turns.dialog(speech.unit, broadcast.dialog_hash), speech)


def owed(turns: Turns, speech: Speech, person: Person) -> list[UntoldBroadcast]:
    """Return broadcasts with answers that are over (closed, or past the day on their card) and were not told about."""
    unit = speech.unit
    cohorts = {cohort.id: cohort for cohort in ReadingQueries(unit, person).cohorts()}
    today = unit.now.astimezone(ZoneInfo(turns.organisation.zone(unit, person))).date()
    found = []
    for broadcast in unit.broadcasts.list(list(cohorts)) if cohorts else ():
        cohort = cohorts[broadcast.cohort_id]
        told = cohort.context.get(TOLD) or ()
        if broadcast.id.hex not in told and _is_over(broadcast, today) and unit.readings.any_of(broadcast.id):
            found.append(UntoldBroadcast(broadcast, cohort))
    return found


def _is_over(broadcast: Broadcast, today: date) -> bool:
    if broadcast.closed_at is not None:
        return True
    day = broadcast.purpose.get("day")
    return day is not None and date.fromisoformat(str(day)) < today


def _support(speech: Speech, shelves: ReadingQueries, messages: list[Message]) -> list[str]:
    written, asked = _before(speech, shelves, messages)
    waiting = [each.person_id for each in support.open_for(speech.unit, shelves.person)]
    people = list(dict.fromkeys((*waiting, *written, *asked)))
    if not people:
        return []
    called = [speech.unit.people.known(each).display_name for each in people[:NAMED]]
    names = ", ".join(shorten(name, NAME) for name in called) + (" …" if len(people) > NAMED else "")
    return [speech.texts.count("today.support", speech.language, len(people), names=names)]


def tell_of_before(turns: Turns, unit: Unit, person: Person) -> bool:
    """Tell one of the team, once, of what was asked for before requests rang and is not read; return whether it was.

    An earlier version kept it as an answer like others, and told nobody. Within the person's day it has a sound.
    """
    if person.preferences.get(BEFORE) or person.chat is None or person.lost:
        return False
    unit.people.prefer(person, **{BEFORE: True})
    speech = turns.speech(unit, person, lane=BROADCAST)
    shelves = ReadingQueries(unit, person)
    if not any(_before(speech, shelves, _waiting(speech, shelves))):
        return False
    ways = (speech.button("menu.read", targets.READ), speech.button("button.alerts", targets.ALERT))
    quiet = not watch.ReaderDay.of(turns.organisation, unit, person).holds(unit.now)
    speech.send(speech.words("notice.before"), rows(*ways), quiet=quiet, what=NOTICE)
    return True


def _before(speech: Speech, shelves: ReadingQueries, messages: list[Message]) -> tuple[list[UUID], list[UUID]]:
    """Return who asked for something before there were requests, in messages and in answers that are not read."""
    unread = shelves.support()
    known = speech.unit.support_requests.in_runs([run_id for run_id, _ in unread])
    asks = [each for each in messages if each.asks_support]
    noted = speech.unit.support_requests.in_messages([each.id for each in asks])
    written = [each.person_id for each in asks if each.id not in noted]
    return written, [person_id for run_id, person_id in unread if run_id not in known]


def _waiting(speech: Speech, shelves: ReadingQueries) -> list[Message]:
    """Return messages that wait for an answer and that nobody else has taken, the longest waiting first."""
    cohorts = [cohort.id for cohort in shelves.cohorts()]
    listed = speech.unit.messages.list(cohorts, MESSAGES_COUNTED + 1) if cohorts else []
    return [each for each in listed if each.taken_by in {None, shelves.person.id}]


def _messages(turns: Turns, speech: Speech, messages: list[Message]) -> list[str]:
    """Return the line that says how many messages wait, and whose has waited longest."""
    mine = [each for each in messages if not each.asks_support]
    if not mine:
        return []
    name = shorten(speech.unit.people.known(mine[0].person_id).display_name, NAME)
    day = _day(turns, speech, mine[0].at)
    if len(mine) > MESSAGES_COUNTED:
        return [speech.words("today.messages_many", most=MESSAGES_COUNTED, name=name, day=day)]
    return [speech.texts.count("today.messages", speech.language, len(mine), name=name, day=day)]


def _day(turns: Turns, speech: Speech, moment: datetime) -> str:
    """Return from which day something is, in words: "de hoy", "de ayer", "del martes", "del 2 nov"."""
    zone = answer_pages.zone(turns, speech)
    if said := recent(speech, zone, moment):
        return speech.words("today.of.recent", day=said)
    local, today = (each.astimezone(ZoneInfo(zone)).date() for each in (moment, speech.unit.now))
    if (today - local).days < DAYS_A_WEEK:
        return speech.words("today.of", day=weekday(local.weekday(), speech.language))
    return speech.words("today.of", day=speech.texts.short_day(moment, zone, speech.language))
