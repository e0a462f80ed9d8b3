"""What waits for a person of the team, in a few lines: alerts, support, messages, answers, unsent, what is owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.turns import Turns
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, NOTICE, Speech, rows
from bot.rendering.texts import shorten
from bot.services import alerts as alert_acts
from bot.services import circles, hand_notices, links, recollections, schedule_reviews, shut_ways, signs, support, watch
from bot.services.broadcasts import TOLD
from bot.services.organisation import DAYS_A_WEEK, PARTS_OF_DAY, recent, weekday
from bot.services.permissions import ADMINS_OF_ALL, allowed
from bot.team.kit import answer_pages
from bot.team.kit.reading_queries import ReadingQueries
from bot.team.messages import inbox, unsent
from storage.alerts import RINGS
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.meant import MeantKind
from storage.messages import Message
from storage.people import Person
from storage.readings import Waiting
from storage.support_requests import SupportRequest
from storage.unit import Unit

BEFORE = "told_of_before"
"""Preference of one of the team: whether they were told of what was asked for before requests rang."""
NAMED = 2  # people named in a line
ASKED = (support.SUPPORT, support.CALL, "in_person", "information")  # in the order in which they are read
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
    requests = support.open_for(speech.unit, person)
    alerts = alert_acts.unasked(speech.unit, person, requests)
    above = inbox.said_above(speech.unit, requests, alerts)
    messages = [each for each in _waiting(speech, shelves) if each.conversation not in above]
    raised = sum(each.strength == RINGS for each in alerts)
    found = [speech.texts.count("today.alerts", speech.language, raised)] if raised else []
    if marked := len(alerts) - raised:
        found.append(speech.texts.count("today.marked", speech.language, marked))
    found += [
        *_support(speech, shelves, messages, requests),
        *_meant(speech, messages),
        *_messages(turns, speech, messages),
    ]
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
    found += _looked_at_again(speech, shelves)
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


def _looked_at_again(speech: Speech, shelves: ReadingQueries) -> list[str]:
    """Return the lines that say which signs of harm are to be looked at again."""
    cohorts = {cohort.id: cohort.name for cohort in shelves.cohorts() if signs.is_on(cohort)}
    if not cohorts:
        return []
    return [
        speech.words("today.sign_due", group=shorten(cohorts[each.cohort_id], NAME), words=shorten(each.words, TITLE))
        for each in signs.to_look_at(speech.unit, [cohort for cohort in shelves.cohorts() if cohort.id in cohorts])
    ][:OWED_NAMED]


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
    found = (each for each, over in _untold(turns, speech, person) if over)
    return [each for each in found if _answered(speech.unit, each.broadcast)]


def _answered(unit: Unit, broadcast: Broadcast) -> bool:
    """Return whether somebody answered a broadcast, or a circle did."""
    return unit.readings.any_of(broadcast.id) or circles.any_asked(unit, broadcast)


def still_open(turns: Turns, speech: Speech, person: Person) -> int:
    """Return of how many broadcasts that went out and ask something nothing can be told yet, as they are not over."""
    going = (each.broadcast for each, over in _untold(turns, speech, person) if not over)
    now = speech.unit.now
    return sum(each.due_at <= now and each.cancelled_at is None and not each.shares_back for each in going)


def _untold(turns: Turns, speech: Speech, person: Person) -> Iterator[tuple[UntoldBroadcast, bool]]:
    """Yield the broadcasts that a reader reaches and that nobody was told about, and whether each is over."""
    unit = speech.unit
    cohorts = {cohort.id: cohort for cohort in ReadingQueries(unit, person).cohorts()}
    today = unit.now.astimezone(ZoneInfo(turns.organisation.zone(unit, person))).date()
    for broadcast in unit.broadcasts.list(list(cohorts)) if cohorts else ():
        cohort = cohorts[broadcast.cohort_id]
        told = cohort.context.get(TOLD) or ()
        if broadcast.id.hex not in told and not schedule_reviews.excused(cohort.context, broadcast.id):
            yield UntoldBroadcast(broadcast, cohort), _is_over(broadcast, today)


def _mentioned(speech: Speech, person_id: UUID) -> str:
    """Return a long nickname cut; that there is none is said whole."""
    person = speech.unit.people.known(person_id)
    return shorten(person.nickname, NAME) if person.nickname else speech.mentioned(person)


def _is_over(broadcast: Broadcast, today: date) -> bool:
    if broadcast.closed_at is not None:
        return True
    day = broadcast.purpose.get("day")
    return day is not None and date.fromisoformat(str(day)) < today


def _support(
    speech: Speech, shelves: ReadingQueries, messages: list[Message], requests: Sequence[SupportRequest]
) -> list[str]:
    """Return a line for each thing that was asked of the team, and by whom; support is what was asked for before."""
    written, asked = _before(speech, shelves, messages)
    wants: dict[UUID, str] = {}
    for each in requests:
        wants.setdefault(each.person_id, each.kind)
    for person_id in (*written, *asked):
        wants.setdefault(person_id, support.SUPPORT)
    found = []
    for kind in ASKED:
        people = [person_id for person_id, wanted in wants.items() if wanted == kind]
        if people:
            names = _named(speech, people)
            found.append(speech.texts.count(f"today.{kind}", speech.language, len(people), names=names))
    return found


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
    unread = shelves.unnoted_support()
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


def _meant(speech: Speech, messages: list[Message]) -> list[str]:
    """Return the lines that say who thinks that something should not be asked, and who proposes a question."""
    found = []
    for kind in get_args(MeantKind):
        people = list(dict.fromkeys(each.person_id for each in messages if each.meant and each.meant.kind == kind))
        if people:
            names = _named(speech, people)
            found.append(speech.texts.count(f"today.{kind}", speech.language, len(people), names=names))
    return found


def _named(speech: Speech, people: Sequence[UUID]) -> str:
    """Return the names of the first people of a line."""
    return ", ".join(_mentioned(speech, each) for each in people[:NAMED]) + (" …" if len(people) > NAMED else "")


def _messages(turns: Turns, speech: Speech, messages: list[Message]) -> list[str]:
    """Return the line that says how many messages wait, and whose has waited longest."""
    mine = [each for each in messages if not (each.asks_support or each.meant)]
    if not mine:
        return []
    name = _mentioned(speech, mine[0].person_id)
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
