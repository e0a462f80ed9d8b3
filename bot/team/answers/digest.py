"""The weekly digest of what waits, sent once at the chosen day and hour, even if the bot restarts meanwhile."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import Pager, Screen, in_place
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, Speech, pairs, rows
from bot.rendering.texts import shorten
from bot.services.circles import CircleWord
from bot.services.organisation import weekday
from bot.services.permissions import FACILITATORS, allowed
from bot.team.answers import circles, week_totals
from bot.team.home import today
from bot.team.kit.feature import Feature
from bot.team.kit.page import SCREEN_LENGTH
from bot.team.kit.reading_arguments import NextAnswers
from bot.team.messages.inbox import MAIL
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.unit import Unit

DIGEST = "digest"  # among preferences: the chosen `day` (Monday 0) and `hour`, `off`, and `sent`: until when
SENT = "summary.sent"
DEFAULT_HOUR = 9
HOURS = range(6, 22)
HOURS_A_ROW = 4
DAYS = 7
AGREED = 150  # characters of until when it is asked
LATE = timedelta(hours=24)  # an older digest is no longer sent: the next one covers it
WEEK_SHOWN = 3  # broadcasts to whose totals a page leads
SPOKEN_TO = frozenset({"active", "paused"})
READ = frozenset({"admin", "facilitator"})  # the roles that read what comes in


class Choosing(Argument):
    """What to choose: the day (`d`), the hour (`h`), whether it is sent (`o`); or show a page of it now (`n`)."""

    layout: ClassVar[str] = "[{what}[{value}]]"
    what: Literal["", "d", "h", "n", "o"] = ""
    value: str = ""


SUMMARY = Action("digest", FACILITATORS, (Choosing,), menu=MenuPlace("more", 5))


def chosen(turns: Turns, unit: Unit, person: Person) -> tuple[int, int]:
    """Return the weekday and hour of a person's digest: as they chose, else the first reading day at nine."""
    kept = person.preferences.get(DIGEST) or {}
    days = turns.organisation.record(unit).get("reading_days") or [0]
    return int(kept.get("day", min(days))), int(kept.get("hour", DEFAULT_HOUR))


def latest(day: int, hour: int, zone: str, now: datetime) -> datetime:
    """Return the newest moment not after `now` that is this hour of this weekday in a zone, in UTC."""
    where = ZoneInfo(zone)
    local = now.astimezone(where)
    date = local.date() - timedelta(days=(local.weekday() - day) % DAYS)
    moment = datetime.combine(date, time(hour), where).astimezone(UTC)
    if moment > now:
        moment = datetime.combine(date - timedelta(days=DAYS), time(hour), where).astimezone(UTC)
    return moment


def following(day: int, hour: int, zone: str, now: datetime) -> datetime:
    """Return the first moment after `now` that is this hour of this weekday in a zone, in UTC."""
    where = ZoneInfo(zone)
    before = latest(day, hour, zone, now).astimezone(where)
    return datetime.combine(before.date() + timedelta(days=DAYS), time(hour), where).astimezone(UTC)


def send_due(turns: Turns, unit: Unit, person_id: Any) -> bool:
    """Send a person of the team their digest if it is due; return whether it was sent.

    Raises:
        Uncounted: it is due, and what it tells has to be counted first; nothing is changed.
    """
    person = unit.people.get(person_id)
    if person is None or person.chat is None or person.participation not in SPOKEN_TO:
        return False
    kept = dict(person.preferences.get(DIGEST) or {})
    day, hour = chosen(turns, unit, person)
    moment = latest(day, hour, turns.organisation.zone(unit, person), unit.now)
    sent = datetime.fromisoformat(kept["sent"]) if kept.get("sent") else None
    if sent is not None and moment <= sent:
        return False
    # Someone who is new to the team, or chose another hour, begins with the next digest.
    due = sent is not None and not kept.get("off") and unit.now - moment < LATE and allowed(unit, person, FACILITATORS)
    if due:
        speech = turns.speech(unit, person)
        week_totals.ready(turns, speech, week_totals.of_the_week(speech, person))
    save(unit, person, sent=unit.now.isoformat())
    # The audit knows of a digest that was sent even if the preference was lost.
    if due and not unit.audit.done(SENT, moment, [str(person.id)]):
        unit.audit.add("tick", SENT, str(person.id), {})
        speech = turns.speech(unit, person, lane=BROADCAST)
        speech.send(*_page(turns, speech, person, 0))
        return True
    return False


def next_due(turns: Turns, unit: Unit, person: Person) -> datetime | None:
    """Return when a person's next digest is due; None if they have no role that reads, or are not active or paused."""
    reads = any(held.role in READ for held in unit.roles.of(person.id))
    if not reads or person.participation not in SPOKEN_TO:
        return None
    return following(*chosen(turns, unit, person), turns.organisation.zone(unit, person), unit.now)


def text(turns: Turns, speech: Speech, person: Person) -> str:
    """Return what a digest says first."""
    found = today.lines(turns, speech, person)
    if minutes := today.unheard(speech, person):
        found.insert(0, speech.texts.count("digest.unheard", speech.language, minutes))
    found += [circles.week_line(turns, speech, each, said) for each, said in _circles(speech, person)]
    greeting = today.hello(turns, speech, person)
    if found:
        told = "\n".join((speech.words("digest.week", hello=greeting), today.listed(speech, found)))
    else:
        told = speech.words("digest.nothing", hello=greeting)
    agreed = _agreed(turns, speech, person)
    return f"{told}\n\n{agreed}" if agreed and len(told) + len(agreed) < SCREEN_LENGTH else told


def _circles(speech: Speech, person: Person) -> list[tuple[Broadcast, list[CircleWord]]]:
    """Return what circles said in the week, each with what was asked."""
    said = circles.of_the_week(speech, person)
    asked = {broadcast_id: speech.unit.broadcasts.get(broadcast_id) for broadcast_id in said}
    return [(broadcast, said[broadcast_id]) for broadcast_id, broadcast in asked.items() if broadcast is not None]


def _agreed(turns: Turns, speech: Speech, person: Person) -> str:
    """Return until when the organisation wants to ask, in the first week of a month; it is kept to be remembered."""
    words = turns.organisation.stops_when(speech)
    today_there = speech.unit.now.astimezone(ZoneInfo(turns.organisation.zone(speech.unit, person)))
    if not words or today_there.day > DAYS:
        return ""
    return speech.words("digest.stop_when", words=shorten(words, AGREED))


def save(unit: Unit, person: Person, **values: Any) -> Person:
    """Store values of a person's digest in their preferences."""
    return unit.people.prefer(person, **{DIGEST: lambda kept: {**(kept or {}), **values}})


def _page(turns: Turns, speech: Speech, person: Person, number: int) -> tuple[str, Keyboard]:
    """Return a page of a digest: what waits, and then what the week's broadcasts came to, with the ways on."""
    told_of = week_totals.of_the_week(speech, person)
    week_totals.ready(turns, speech, told_of)
    leaves = week_totals.leaves(turns, speech, text(turns, speech, person), told_of)
    pager = Pager.of(len(leaves), 1, number)
    leaf = leaves[pager.page]
    shown = leaf.text
    if pager.page:
        numbered = speech.words("read.page", page=pager.page + 1, pages=len(leaves))
        shown = f"{speech.words('digest.further')} · {numbered}\n\n{shown}"
    asked = {each.id: each for each in leaf.told_of}
    if not pager.page:
        asked |= {each.id: each for each, _ in _circles(speech, person)}
    return shown, (
        *rows(speech.button("button.read_next", targets.READ, NextAnswers()), speech.button("button.alerts", MAIL)),
        *pager.turns(lambda code, page: speech.button(code, SUMMARY, in_place(Choosing("n", str(page))))),
        *rows(*(week_totals.button(turns, speech, each) for each in list(asked.values())[:WEEK_SHOWN])),
        *rows(speech.button("button.digest_change", SUMMARY), speech.button("button.menu", targets.HOME)),
    )


class Digest(Feature):
    """The screen on which a person of the team chooses when their digest is sent."""

    @handles(SUMMARY)
    def digest(self, screen: Screen, argument: Choosing) -> None:
        """Show the choice or the digest itself, or change the choice."""
        kind, value = argument.what, argument.value
        if kind == "d" and not value:
            self._days(screen)
        elif kind == "h" and not value:
            self._hours(screen)
        elif kind == "n":
            page = int(value) if value.isdecimal() else 0
            screen.show(*_page(self._turns, screen.speech, screen.person, page))
        else:
            self._chosen(self._choose(screen, kind, value))

    def _choose(self, screen: Screen, kind: str, value: str) -> Screen:
        """Store a choice; if its moment is already over this week, the next digest is sent a week later."""
        if kind == "d" and value in map(str, range(DAYS)):
            change: dict[str, Any] = {"day": int(value)}
        elif kind == "h" and value in map(str, HOURS):
            change = {"hour": int(value)}
        elif kind == "o":
            change = {"off": value == "1"}
        else:
            return screen
        person = save(screen.unit, screen.person, **change, sent=screen.unit.now.isoformat())
        return screen.with_speech(screen.speech, person)

    def _chosen(self, screen: Screen) -> None:
        off = (screen.person.preferences.get(DIGEST) or {}).get("off")
        toggle = (
            screen.button("button.digest_on", SUMMARY, Choosing("o", "0"))
            if off
            else screen.button("button.digest_off", SUMMARY, Choosing("o", "1"))
        )
        if off:
            screen.show(
                screen.words("digest.off"), rows(toggle, screen.button("button.return", targets.MORE), screen.menu())
            )
            return
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day, hour = chosen(self._turns, screen.unit, screen.person)
        when = self._turns.organisation.moment(screen.speech, zone, following(day, hour, zone, screen.unit.now))
        named = weekday(day, screen.speech.language, plural=True)
        keyboard = rows(
            screen.button("button.digest_day", SUMMARY, Choosing("d")),
            screen.button("button.digest_hour", SUMMARY, Choosing("h")),
            screen.button("button.digest_now", SUMMARY, Choosing("n")),
            toggle,
            screen.button("button.return", targets.MORE),
            screen.menu(),
        )
        screen.show(screen.words("digest.chosen", day=named, hour=f"{hour}:00", when=when), keyboard)

    def _days(self, screen: Screen) -> None:
        buttons: list[Button] = [
            screen.labelled(weekday(day, screen.speech.language).capitalize(), SUMMARY, Choosing("d", str(day)))
            for day in range(DAYS)
        ]
        screen.show(screen.words("digest.which_day"), pairs(buttons) + rows(screen.button("button.return", SUMMARY)))

    def _hours(self, screen: Screen) -> None:
        buttons = [screen.labelled(f"{hour}:00", SUMMARY, Choosing("h", str(hour))) for hour in HOURS]
        grid = tuple(tuple(buttons[start : start + HOURS_A_ROW]) for start in range(0, len(buttons), HOURS_A_ROW))
        screen.show(screen.words("digest.which_hour"), grid + rows(screen.button("button.return", SUMMARY)))
