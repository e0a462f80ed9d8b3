"""What must hold of any history of what comes back, read from the network's ledger and from what is stored."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.services.week import TELLING_WAITS
from tests.bot.rig import texts
from tests.rhythm.leaders import Leader
from tests.rhythm.world import Sent
from tests.rhythm.year import DAY, HOUR, WAY_DAYS, WEEKLY_AT, Year

AGAIN = tuple(texts().say("prompt.repeat", tag) for tag in ("es", "es-usted"))
UNCOUNTED = tuple(texts().say(code, tag) for code in ("run.resumed", "prompt.repeat") for tag in ("es", "es-usted"))
NOTICES = tuple(texts().say("told.notice", tag) for tag in ("es", "es-usted"))
"""On a phone that others may see: what was put off comes back as this, which names no run."""
WEEK, A_MINUTE = timedelta(days=7), timedelta(minutes=1)
ASKINGS, MESSAGES = 2, 3  # of Hilo's own, that reach somebody in any seven days
SATURDAY = 5
PARTS = {"morning": (8, 12), "afternoon": (12, 18), "evening": (18, 21)}
REASONS = {
    "left", "unreachable", "invited", "naming", "consenting", "consent", "no_address",
    "paused", "resting", "declined", "today", "less", "away", "window", "next", "schedule", "week", "hours", "own",
}  # fmt: skip  # in the order in which they are asked


@dataclass(frozen=True, slots=True)
class Stood:
    """One delivery of an occurrence, as it is stored, with the first message of its run."""

    occurs_on: str
    schedule: UUID
    who: int
    state: str
    reason: str | None
    due_at: datetime
    closes_at: datetime
    run: UUID | None


class Ledger:
    """Everything that was sent to leaders, and how every delivery stands."""

    def __init__(self, year: Year) -> None:
        self.year, self.world = year, year.world
        self.by_chat: dict[str, list[Sent]] = defaultdict(list)
        for each in self.world.net.ledger:
            self.by_chat[each.chat].append(each)
        self.stood = [Stood(*row) for row in year.standing()]
        self.runs = {each.run for each in self.stood if each.run}

    def wrong(self) -> list[str]:
        """List everything that is not as it must be."""
        return [
            *self._twice(),
            *self._outside_hours(),
            *self._too_many(),
            *self._too_much(),
            *self._reasons(),
            *self._left_open(),
            *self._missing(),
            *self._missing_on_the_way(),
            *self._late(),
        ]

    def began(self, leader: Leader) -> list[Sent]:
        """List the messages to a leader that Hilo began."""
        return [each for each in self.by_chat[leader.phone.chat] if each.new and each.begun]

    def askings(self, leader: Leader) -> list[Sent]:
        """List the messages that asked a leader for the first time for one occurrence, each the first of its run."""
        found: dict[UUID, Sent] = {}
        for each in self.by_chat[leader.phone.chat]:
            if each.new and each.run is not None and each.run in self.runs:
                found.setdefault(each.run, each)
        return list(found.values())

    def _twice(self) -> Iterator[str]:
        """Nobody is asked twice for one occurrence: one delivery, one run, one message but for what says so."""
        seen: set[tuple[UUID, str, int]] = set()
        for each in self.stood:
            key = (each.schedule, each.occurs_on[:10], each.who)
            if key in seen:
                yield f"two deliveries for {each}"
            seen.add(key)
        for place, leader in enumerate(self.year.leaders):
            offered: dict[UUID, list[str]] = defaultdict(list)
            for each in self.began(leader):
                if each.run is not None and each.run in self.runs and not any(words in each.text for words in AGAIN):
                    offered[each.run].append(f"{each.at:%m-%d %H:%M} {each.text[:80]!r}")
            for run, times in offered.items():
                if len(times) > 1 + len(leader.postponed):
                    yield f"{place} was asked {len(times)} times by run {run}: {times}"

    def _outside_hours(self) -> Iterator[str]:
        """Nobody hears of Hilo by itself outside the hours that hold for them."""
        for place, leader in enumerate(self.year.leaders):
            for each in self.began(leader):
                _, zone, hours = leader.way_at(each.at)
                local = each.at.astimezone(ZoneInfo(zone))
                if not within(local, hours):
                    yield f"{place} heard at {local} ({hours}): {each.text[:60]!r}"

    def _heard(self, leader: Leader, since: datetime, until: datetime) -> list[str]:
        """List what a leader heard in a time, with what shows why, for whoever reads what is wrong."""
        return [
            f"{each.at:%m-%d %H:%M:%S}{'' if each.begun else ' (reply)'} {each.text[:60]!r}"
            for each in self.by_chat[leader.phone.chat]
            if since <= each.at <= until + A_MINUTE
        ] + [f"killed {at:%m-%d %H:%M:%S}" for at in self.year.killed_at if since <= at <= until]

    def _too_many(self) -> Iterator[str]:
        """In no seven days are there more askings than two."""
        for place, leader in enumerate(self.year.leaders):
            asked = sorted(each.at for each in self.askings(leader) if each.begun)
            for first, last in zip(asked, asked[ASKINGS:], strict=False):
                if last - first < WEEK - A_MINUTE:
                    told = self._heard(leader, first - DAY, last)
                    yield f"{place} was asked {ASKINGS + 1} times from {first} to {last}: {told}"

    def messages(self, leader: Leader) -> list[datetime]:
        """List when Hilo began to say something to a leader that counts: what came together once.

        What she put off herself, and what a gap may have swallowed, do not count.
        """
        told: list[Sent] = []
        heard: dict[UUID | None, datetime] = {}
        for each in self.began(leader):
            since = heard.get(each.run) if each.run is not None else None
            if since is None and any(words in each.text for words in NOTICES):
                since = each.at - 2 * DAY  # as long as anything is put off by the hour
            put_off = since is not None and any(since <= at <= each.at for at in leader.postponed)
            if not put_off and not any(words in each.text for words in UNCOUNTED):
                told.append(each)
            heard[each.run] = each.at
        found: list[datetime] = []
        for at in sorted({each.at.replace(second=0, microsecond=0) for each in told}):
            if not found or at - found[-1] > TELLING_WAITS + A_MINUTE:  # what tells of a question counts with it
                found.append(at)
        return found

    def _too_much(self) -> Iterator[str]:
        """In no seven days does Hilo begin to say more than three things, where nothing came late."""
        for place, leader in enumerate(self.year.leaders):
            told = self.messages(leader)
            for first, last in zip(told, told[MESSAGES:], strict=False):
                cut = any(each.begins < last and each.ends > first - DAY for each in self.year.cuts)
                if last - first < WEEK - A_MINUTE and not cut:
                    told = self._heard(leader, first - DAY, last)
                    yield f"{place} was told {MESSAGES + 1} things from {first} to {last}: {told}"

    def _reasons(self) -> Iterator[str]:
        """Every skip has its reason, and the reason is true."""
        for each in self.stood:
            if each.state == "skipped" and each.reason not in REASONS:
                yield f"no reason: {each}"
            elif each.state == "skipped" and not self._true(each, self.year.leaders[each.who]):
                yield f"not so: {each}"
            elif each.state == "started" and each.run is None:
                yield f"begun without a run: {each}"

    def _true(self, each: Stood, leader: Leader) -> bool:
        """Return whether a reason can be true of a leader, as far as this test knows."""
        begins, ends = each.due_at - DAY, max(each.closes_at, each.due_at) + DAY
        cut = any(cut.begins < ends and cut.ends > begins - WEEK for cut in self.year.cuts)
        match each.reason:
            case "left":
                return leader.left is not None and leader.left <= ends
            case "paused":
                return any(first <= ends and (last is None or last >= begins) for first, last in leader.paused)
            case "declined":
                return leader.refused is not None and leader.refused <= ends
            case "week":
                asked, told = [one.at for one in self.askings(leader)], self.messages(leader)
                full = sum(begins - WEEK <= at <= ends for at in asked) >= ASKINGS
                return full or sum(begins - WEEK <= at <= ends for at in told) >= MESSAGES
            case "window":
                return leader.own is not None or cut or bool(leader.postponed) or bool(leader.paused)
            case "next":
                return cut
            case "hours":
                return any(hours for _, _, hours in leader.ways)
        return True

    def _left_open(self) -> Iterator[str]:
        """Nothing waits past its window."""
        for each in self.stood:
            if each.state == "due" and each.closes_at + HOUR < self.world.now and self.year.well:
                yield f"still due: {each}"
        for row in self.world.rows(
            "SELECT b.occurs_on, r.status FROM runs r JOIN deliveries d ON d.id = r.delivery_id"
            " JOIN broadcasts b ON b.id = d.broadcast_id"
            " WHERE b.closed_at IS NOT NULL AND r.status IN ('offered', 'open', 'postponed')"
        ):
            yield f"still open: {row}"

    def _missing(self) -> Iterator[str]:
        """Whoever was in the group on each of its days has a delivery for it; each day is found by walking the year."""
        have = {(each.schedule, each.occurs_on[:10], each.who) for each in self.stood}
        missed = {(UUID(entry.subject), entry.detail["on"][:10]) for entry in self.world.audited("schedule.missed")}
        for schedule, at in self.year.schedules.items():
            if schedule == self.year.way:
                continue
            for day in _days(at == WEEKLY_AT, self.year.settled.date(), (self.world.now - 2 * DAY).date()):
                if (schedule, day.isoformat()) in missed:
                    continue
                for who, leader in enumerate(self.year.leaders):
                    there = leader.joined < datetime.combine(day, at, UTC) - 2 * DAY and not _away(leader, day)
                    if there and (schedule, day.isoformat(), who) not in have:
                        yield f"{who} has nothing for {day}"

    def _missing_on_the_way(self) -> Iterator[str]:
        """Whoever joined has each dialog of the way in, on its day where they live or lived, if it may be by now."""
        days: dict[int, set[date]] = defaultdict(set)
        for each in self.stood:
            if each.schedule == self.year.way:
                days[each.who].add(date.fromisoformat(each.occurs_on[:10]))
        for who, leader in enumerate(self.year.leaders):
            joined = leader.joined.astimezone(ZoneInfo("America/Mexico_City")).date()
            for after in WAY_DAYS:
                near = {joined + timedelta(days=after + each) for each in (-1, 0, 1)}
                if max(near) >= (self.world.now - 2 * DAY).date() or self._slept(max(near)):
                    continue
                if not any(_away(leader, day) for day in near) and not near & days[who]:
                    yield f"{who} joined on {joined}, and has nothing {after} days later"

    def _slept(self, day: date) -> bool:
        """Return whether the bot did not run around a day."""
        noon = datetime.combine(day, time(12), UTC)
        return any(
            not each.network and each.begins < noon + 2 * DAY and each.ends > noon - 2 * DAY for each in self.year.cuts
        )

    def _late(self) -> Iterator[str]:
        """Whoever has nothing that keeps it from them is asked in the very minute of the hour where they are."""
        asked = {each.run: each.at for leader in self.year.leaders for each in self.askings(leader)}
        on_time = 0
        for each in self.stood:
            if each.state != "started" or each.run not in asked:
                continue
            leader, at = self.year.leaders[each.who], asked[each.run]
            early, expected = self._expected(each, leader)
            if at < early or at > early + timedelta(days=4):
                yield f"{each.who} was asked at {at}, and was to be at {expected}: {each}"
            elif at - expected <= 3 * A_MINUTE:
                on_time += 1
            elif not self._kept_from(leader, each.run, expected, at):
                told = self._heard(leader, expected - WEEK - DAY, at)
                yield f"{each.who} was asked at {at}, late for {expected}, for no reason: {each}: {told}"
        if self.stood and on_time < len(self.stood) / 4:
            yield f"{on_time} of {len(self.stood)} were asked on time"

    def _expected(self, each: Stood, leader: Leader) -> tuple[datetime, datetime]:
        """Return the earliest and the expected moment of an occurrence for somebody, found by going on by the minute.

        The earliest is that of the easternmost place the leader was in.
        """
        local = datetime.combine(date.fromisoformat(each.occurs_on[:10]), self.year.schedules[each.schedule])
        moments = [local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for _, zone, _ in leader.ways]
        present = leader.way_at(max(moments))
        found = local.replace(tzinfo=ZoneInfo(present[1])).astimezone(UTC)
        while not within(found.astimezone(ZoneInfo(present[1])), present[2]):
            found += A_MINUTE
        return min(moments), found

    def _kept_from(self, leader: Leader, run: UUID | None, expected: datetime, at: datetime) -> bool:
        """Return whether something kept an asking from a leader: an outage, another conversation, the week, a move.

        What she was asked at the same hour comes first, and is left alone for four hours, of hers.
        """
        if leader.own is not None or any(cut.begins <= at and cut.ends >= expected for cut in self.year.cuts):
            return True
        if any(expected - 2 * DAY <= way[0] <= at for way in leader.ways):
            return True
        if any(timedelta(0) < at - each.at <= TELLING_WAITS + 3 * A_MINUTE for each in self.began(leader)):
            return True  # it was told of just before, or said again after a death
        if any(first <= at and (last is None or last >= expected - HOUR) for first, last in leader.paused):
            return True
        if any(expected - 5 * HOUR <= each.at <= at for each in self.by_chat[leader.phone.chat] if not each.begun):
            return True
        if any(expected - 5 * HOUR <= each.at < at for each in self.askings(leader) if each.run != run):
            return True
        if sum(expected - WEEK <= each.at < at for each in self.askings(leader)) >= ASKINGS:
            return True
        return sum(expected - WEEK <= each < at for each in self.messages(leader)) >= MESSAGES


def within(local: datetime, hours: Collection[str]) -> bool:
    """Return whether somebody may be written to, by their own clock and the hours they chose; else from 8 to 21."""
    parts = [PARTS[part] for part in hours if part in PARTS] or [(8, 21)]
    if "weekend" in hours and local.weekday() < SATURDAY:
        return False
    return any(first <= local.hour < last for first, last in parts)


def _away(leader: Leader, day: date) -> bool:
    """Return whether a leader was out of the group, or on a break, on a day or just around it."""
    begins, ends = (datetime.combine(day, time(), UTC) + each * DAY for each in (-3, 3))
    if leader.left is not None and leader.left < ends:
        return True
    return any(first < ends and (last is None or last > begins) for first, last in leader.paused)


def _days(weekly: bool, first: date, last: date) -> Iterator[date]:
    """Walk over every day, and give the Thursdays, or the first Monday of each month."""
    day = first + DAY
    while day < last:
        if (weekly and day.weekday() == 3) or (not weekly and day.weekday() == 0 and day.day <= 7):
            yield day
        day += DAY
