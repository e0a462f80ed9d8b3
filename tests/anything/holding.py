"""A model of what an installation has to know, and what has to hold of it after each step."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, not_, select

from storage.tables import answers, broadcasts, deliveries, inbox, memberships, messages, outbox, people, runs
from tests.anything.world import Arrival, Place, Tap
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, texts
from tests.rhythm.ledger import within

__all__ = ["AGAIN", "Broken", "Holding", "Someone"]

AGAIN = tuple(texts().say("prompt.repeat", tag) for tag in ("es", "en"))
MEXICO = ZoneInfo("America/Mexico_City")
A_MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
IN_USE = ("offered", "open", "postponed")
STATUSES = {*IN_USE, "stopped", "completed", "expired"}
NOTICE = texts().say("notice.danger", "es", cohort=SIERRA)
STILL = texts().say("notice.danger.again", "es", cohort=SIERRA)
KEPT = {texts().say("run.collected", tag) for tag in ("es", "en")}  # said after each line of an answer
REMEMBERED = HOUR  # for which each update is surely known
A_SECOND_TIME = 2
HALF_AN_HOUR = timedelta(minutes=30)
STAYS_OPEN = 6 * HOUR  # a question that was put off as its order was closed, and a little
RINGS_AGAIN = 2 * HOUR  # by then whoever missed the first notice of a cry was told once more


def moment(kept: datetime) -> datetime:
    """Return a stored moment as one in UTC."""
    return kept.replace(tzinfo=UTC)


class Broken(AssertionError):
    """Something does not hold that was promised."""


@dataclass
class Someone:
    """What the model knows of one leader.

    Attributes:
        phone: theirs.
        id: theirs.
        answers: what has to be stored, by run and question.
        given: how often they answered, by run.
        shown: every button that there was under a question as they answered it.
        cries: when they cried for help.
        read_at: when all that they cried so far was seen to.
        hindered: whether they ever rested, or blocked the bot.
        quiet: how much had arrived, and how much they had said, when they wanted nothing more.
    """

    phone: Phone
    id: UUID
    answers: dict[UUID, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    given: Counter[UUID] = field(default_factory=Counter)
    shown: list[Tap] = field(default_factory=list)
    cries: list[datetime] = field(default_factory=list)
    read_at: datetime | None = None
    paused: bool = False
    left: bool = False
    erased: bool = False
    blocked: bool = False
    hindered: bool = False
    quiet: tuple[int, int] | None = None

    @property
    def there(self) -> bool:
        """Whether they take part."""
        return not self.left and not self.erased

    def acted(self, taps: list[Tap]) -> None:
        """Note what they could press."""
        self.shown += taps


class Holding:
    """The model, and what is compared with it."""

    ana: Phone
    """Of whoever is told of cries."""

    def __init__(self, world: Place, someone: list[Someone], errors: list[str]) -> None:
        self.world, self.someone, self.errors = world, someone, errors
        self.ended: dict[UUID, tuple[str, datetime]] = {}
        self.ordered = 0
        self.scheduled = False
        self.reminders = 0
        self.by_hand: dict[UUID, datetime] = {}  # when a run that was ordered by hand was due
        self.pressed: set[tuple[UUID, int]] = set()
        self.shown: set[UUID] = set()
        self.seqs: dict[str, int] = {}  # of each update, its row
        self.asked: Counter[str] = Counter()  # how often a question may have come to somebody as they asked for it
        self.reached_at = self.back_at = world.now

    # What the model notes.

    def tapped(self, someone: Someone, tap: Tap, *, typed: bool = False) -> None:
        """Note an answer by a button, or by its number.

        Of what is pressed before the bot has heard of any, the first counts; what is typed then changes it.
        """
        pressed = tap.run, tap.prompt
        if pressed in self.pressed and not typed:
            return
        if tap.action == "choose" and tap.path is not None and tap.choice is not None:
            choice = int(tap.choice) if tap.choice.isdecimal() else tap.choice
            if pressed in self.pressed and someone.answers[tap.run].get(tap.path) == choice:
                return
            self.pressed.add(pressed)
            someone.answers[tap.run][tap.path] = choice
            someone.given[tap.run] += 1

    def told(self, someone: Someone, run: UUID, path: str, said: str) -> None:
        """Note an answer in words; what follows before the next question is asked adds to it."""
        before = someone.answers[run].get(path)
        someone.given[run] += 1
        if path == "week":
            someone.answers[run][path] = (*(before or ()), said)
        else:
            someone.answers[run][path] = f"{before}\n{said}" if before else said

    def cried(self, someone: Someone) -> None:
        """Note a cry."""
        someone.cries.append(self.world.now)

    def read(self) -> None:
        """Note of whom the team has seen to all that was rung."""
        with self.world.reading() as unit:
            ringing = {each.person_id for each in unit.alerts.ringing()}
        for each in self.someone:
            if each.cries and each.id not in ringing:
                each.read_at = self.world.now

    # What it asks.

    def live(self, someone: Someone, tap: Tap) -> bool:
        """Return whether a button is the one that the bot waits for."""
        if not someone.there:
            return False
        query = select(runs.c.status, runs.c.prompt).where(runs.c.id == tap.run)
        with self.world.reading() as unit:
            found = unit.connection.execute(query).first()
        return found is not None and found[0] in IN_USE and found[1] == tap.prompt

    def open(self, someone: Someone) -> bool:
        """Return whether a question is open."""
        query = select(runs.c.id).where(runs.c.person_id == someone.id, runs.c.status == "open")
        return bool(self.rows(query))

    def order_of(self, someone: Someone) -> UUID | None:
        """Return of which order the question is that stands on somebody's screen."""
        run = next((each.run for each in self.world.taps(someone.phone)), None)
        found = self.rows(select(runs.c.broadcast_id).where(runs.c.id == run))
        return found[0][0] if found else None

    def over(self, someone: Someone, tap: Tap) -> bool:
        """Return whether a button was answered before, or is of a run that is over."""
        return not self.live(someone, tap)

    def doubtful(self, someone: Someone) -> bool:
        """Return whether something is under way to somebody, or nobody knows whether they have seen the newest."""
        with self.world.reading() as unit:
            waiting = select(func.count()).where(
                outbox.c.person_id == someone.id, outbox.c.state.in_(("queued", "sending"))
            )
            if unit.connection.execute(waiting).scalar():
                return True
            newest = select(outbox.c.state).where(outbox.c.person_id == someone.id, outbox.c.kind == "message")
            newest = newest.order_by(outbox.c.seq.desc()).limit(1)
            return unit.connection.execute(newest).scalar() not in {"sent", None}

    def unsure(self, someone: Someone) -> bool:
        """Return whether nobody knows if they saw their questions end: what they say then may add to the last one."""
        query = select(outbox.c.state).join(runs, runs.c.id == outbox.c.run_id)
        query = query.where(outbox.c.person_id == someone.id, outbox.c.kind == "message", runs.c.status == "completed")
        last = self.rows(query.order_by(outbox.c.seq.desc()).limit(1))
        return bool(last) and last[0][0] == "unknown"

    # What has to hold.

    def settle(self) -> None:
        """Note from where on whoever wants nothing more hears nothing more."""
        for each in self.someone:
            silent = each.left or each.erased or each.paused
            spoken = self.world.telegram.spoken[each.phone.chat]
            if not silent:
                each.quiet = None
            elif each.quiet is None or each.quiet[1] != spoken:
                each.quiet = len(self.world.telegram.arrived), spoken

    def check(self) -> None:
        """See that everything holds."""
        wrong = [*self.wrong()]
        if wrong:
            raise Broken("\n".join(wrong[:20]))
        self.settle()

    def wrong(self) -> Iterator[str]:
        """List what does not hold."""
        yield from self.errors
        yield from (f"a turn failed: {each!r}" for each in self.world.receive.errors)
        yield from self.of_updates()
        yield from self.of_arrivals()
        yield from self.of_silence()
        yield from self.of_runs()
        yield from self.of_orders()
        yield from self.of_cries()
        for each in self.someone:
            yield from self.gone(each) if each.erased else self.of_answers(each)
        with self.world.reading() as unit:
            if unit.audit.verify() is not None:
                yield "the trail is broken"

    def rows(self, query: Any) -> Sequence[Any]:
        """Ask the database."""
        with self.world.reading() as unit:
            return unit.connection.execute(query).all()

    def doubted(self) -> list[tuple[UUID | None, UUID | None, datetime]]:
        """List what was said twice, and may have come neither time: of which run, to whom, and when it was to go."""
        query = select(outbox.c.run_id, outbox.c.person_id, outbox.c.created_at)
        query = query.where(outbox.c.state == "unknown", outbox.c.repeatable, outbox.c.attempts >= A_SECOND_TIME)
        return [(run, person, moment(at)) for run, person, at in self.rows(query)]

    def of_updates(self) -> Iterator[str]:
        """Each update has one row, and its turn; nothing failed."""
        since = self.world.now - REMEMBERED
        telegram = self.world.telegram
        brought = {each.update for each, at in telegram.brought if at > since and each.chat not in telegram.forgotten}
        rows = self.rows(select(inbox.c.update_key, inbox.c.state, inbox.c.attempts, inbox.c.seq))
        kept = Counter(row[0] for row in rows)
        # What was fetched and not kept is fetched again, unless Telegram has forgotten it meanwhile.
        kept.update(telegram.lost - kept.keys())
        yield from (f"update {each} has {kept[each]} rows" for each in brought if kept[each] != 1)
        yield from (f"update {key} is {state} after {n} tries" for key, state, n, _ in rows if state != "done" or n)
        yield from (
            f"update {key} came in as {self.seqs[key]} and {seq}"
            for key, _, _, seq in rows
            if self.seqs.setdefault(key, seq) != seq
        )
        unfinished = select(outbox.c.lookup, outbox.c.seq, outbox.c.state, outbox.c.reason, outbox.c.due_at).where(
            outbox.c.state.in_(("queued", "sending"))
        )
        first = {each[0]: each[1:] for each in reversed(self.rows(unfinished.order_by(outbox.c.seq)))}
        for row, state, reason, due in first.values():  # what is behind it waits for it
            if due.replace(tzinfo=UTC) < self.world.now - HALF_AN_HOUR:
                yield f"row {row} is {state} ({reason}), and was to go at {due}"
        failing = select(outbox.c.seq, outbox.c.reason).where(outbox.c.state == "failed")
        taken = and_(outbox.c.kind == "edit", outbox.c.reason == "rejected")  # what was to be blanked is not there
        failed = self.rows(failing.where(not_(taken)))
        yield from (f"row {row} failed: {reason}" for row, reason in failed)

    def of_arrivals(self) -> Iterator[str]:
        """Nothing came twice but what may, saying so; all in order; what Hilo began came by day."""
        by_hand = (
            select(runs.c.id, deliveries.c.due_at)
            .join(deliveries, deliveries.c.id == runs.c.delivery_id)
            .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
            .where(broadcasts.c.schedule_id.is_(None))
        )
        self.by_hand.update((run, due) for run, due in self.rows(by_hand))  # what is erased by now was by hand, too
        kinds = {row[0]: row[1:] for row in self.rows(select(outbox.c.seq, outbox.c.kind, outbox.c.repeatable))}
        by_row, by_prompt, last = defaultdict(list), Counter[tuple[str, UUID, int, str]](), Counter[str]()
        for each in self.world.telegram.arrived:
            kind, repeatable = kinds.get(each.row, ("message", True))
            again = any(words in each.text for words in AGAIN)
            if kind == "message":
                if by_row[each.row] and not (repeatable and again and len(by_row[each.row]) < A_SECOND_TIME):
                    yield f"{each.chat} got row {each.row} {len(by_row[each.row]) + 1} times: {each.text[:60]}"
                by_row[each.row].append(each)
                if each.row < last[each.chat]:
                    yield f"{each.chat} got row {each.row} after row {last[each.chat]}"
                last[each.chat] = max(last[each.chat], each.row)
                if each.run is not None and each.prompt is not None and not again and each.text not in KEPT:
                    by_prompt[each.chat, each.run, each.prompt, each.text] += 1
            if each.over:
                yield f"{each.chat} was asked what was over at {each.at}: {each.text[:60]}"
            yield from self.of_hours(each, self.by_hand.get(each.run) if each.run else None)
        for (chat, run, prompt, _), number in by_prompt.items():
            if number > 1 + self.reminders + self.asked[chat]:
                yield f"prompt {prompt} of {run} came {number} times"

    def of_hours(self, each: Arrival, by_hand: datetime | None) -> Iterator[str]:
        """What Hilo began came by day; an order by hand comes when it is due, and later by day as well."""
        local = each.at.astimezone(MEXICO)
        at_once = by_hand is not None and each.at - by_hand.replace(tzinfo=UTC) < HALF_AN_HOUR
        if each.begun and not at_once and each.chat != self.ana.chat and not within(local, ()):
            yield f"{each.chat} heard at {local}: {each.text[:60]}"

    def of_silence(self) -> Iterator[str]:
        """Whoever left, erased or rests hears nothing that they did not ask for."""
        telegram = self.world.telegram
        for someone in self.someone:
            if someone.quiet is None or telegram.spoken[someone.phone.chat] != someone.quiet[1]:
                continue
            for each in telegram.arrived[someone.quiet[0] :]:
                if each.chat == someone.phone.chat and (each.run is not None or each.begun):
                    yield f"{each.chat} wants nothing more, and heard at {each.at}: {each.text[:60]}"

    def of_runs(self) -> Iterator[str]:
        """Each run is in a state that exists, and ended if it is over; none goes on of whoever left."""
        query = select(runs.c.id, runs.c.person_id, runs.c.status, runs.c.ended_at)
        going = Counter[UUID]()
        for run, person, status, ended in self.rows(query):
            going[person] += status in IN_USE
            if status not in STATUSES or (ended is None) != (status in IN_USE):
                yield f"run {run} is {status}, ended {ended}"
        for someone in self.someone:
            if going[someone.id] and not someone.there:
                yield f"{someone.phone.chat} is gone, and {going[someone.id]} runs go on"

    def of_orders(self) -> Iterator[str]:
        """One order for each that was given; nobody begins one that was ended; it reaches whoever is there, once."""
        given = self.rows(select(broadcasts.c.id).where(broadcasts.c.schedule_id.is_(None)))
        if len(given) != self.ordered:
            yield f"{self.ordered} orders were given, and {len(given)} are there"
        query = select(
            *(deliveries.c.broadcast_id, deliveries.c.person_id, deliveries.c.state, deliveries.c.reason),
            *(runs.c.id, runs.c.status, runs.c.started_at, runs.c.active_at),
            *(broadcasts.c.ordered_at, broadcasts.c.schedule_id),
        )
        query = query.join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
        query = query.outerjoin(runs, runs.c.delivery_id == deliveries.c.id)
        known = {each.id: each for each in self.someone}
        came = {each.run for each in self.world.telegram.arrived}
        doubted = {run for run, _, _ in self.doubted()}  # they may have it, and go on with it
        asked = self.rows(query)
        begun = {row[1]: moment(row[6]) for row in sorted((row for row in asked if row[6]), key=itemgetter(6))}
        for row in asked:
            broadcast, person, state, reason, run, status, started, active, ordered, schedule = row
            how, at = self.ended.get(broadcast, ("", self.world.now))
            if how and started is not None and started > at + A_MINUTE:
                yield f"{broadcast} was {how} at {at}, and begun at {started}"
            shown = next((each.at for each in self.world.telegram.arrived if run is not None and each.run == run), None)
            if how and shown is not None and shown > at + A_MINUTE and run not in self.shown | doubted:
                yield f"{broadcast} was {how} at {at}, and came at {shown}"
            if shown is not None:
                self.shown.add(run)
            if how == "closed" and status in IN_USE and max(at, moment(active)) < self.world.now - STAYS_OPEN:
                yield f"{broadcast} was closed at {at}, and {run} goes on"
            someone = known.get(person)
            # One at a time, for four hours where nobody answers: what is ordered in a heap takes its turn.
            since = max(moment(ordered), self.back_at, begun.get(person, self.back_at))
            waits = schedule is None and not how and state == "due" and since < self.world.now - 2 * DAY
            if waits and someone is not None and someone.there and not someone.blocked and not someone.paused:
                yield f"{someone.phone.chat} waits for {broadcast} since {ordered}"
            passed = schedule is None and not how and state == "skipped" and reason != "resting"
            if passed and someone is not None and someone.there and not someone.hindered:
                yield f"{someone.phone.chat} was passed over by {broadcast}: {reason}"
            hindered = someone is None or someone.hindered or self.world.telegram.missed[someone.phone.chat]
            stands = status in {"offered", "open"} and not how and not hindered and run not in came | doubted
            if stands and max(started, self.reached_at, self.back_at) < self.world.now - DAY:
                yield f"{known[person].phone.chat} was never shown {run}, begun at {started}"

    def of_cries(self) -> Iterator[str]:
        """Each cry is kept as an alert, and the team was told."""
        heard = [each for each in self.world.telegram.arrived if each.chat == self.ana.chat]
        told = [each.at for each in heard if NOTICE in each.text]
        still = [each.at for each in heard if STILL in each.text]
        doubted = [at for _, person, at in self.doubted() if person == self.ana.person.id]
        for someone in (each for each in self.someone if not each.erased):
            with self.world.reading() as unit:
                kept = [
                    each for each in unit.alerts.of(someone.id, self.world.now - 300 * DAY) if each.source == "words"
                ]
            if len(kept) != len(someone.cries):
                yield f"{someone.phone.chat} cried {len(someone.cries)} times, and {len(kept)} are known"
            for at in someone.cries:
                read_at = someone.read_at if someone.read_at and someone.read_at < at else at - HOUR
                since, by = max(at - HOUR, read_at), max(at, self.reached_at) + RINGS_AGAIN
                known = told
                if any(each >= since for each in doubted):
                    known, by = told + still, by + DAY  # the second time is in doubt as well: by day it is said again
                if by < self.world.now and not any(each >= since for each in known):
                    yield f"{someone.phone.chat} cried at {at}, and nobody was told since {since}"

    def of_answers(self, someone: Someone) -> Iterator[str]:
        """What is stored is what was answered."""
        with self.world.reading() as unit:
            person = unit.people.get(someone.id)
            if person is None:
                yield f"{someone.phone.chat} is not there any more"
                return
            for row in unit.runs.of(person):
                found = self.world.turns.answers(unit, person, row)
                written = unit.connection.execute(
                    select(func.count()).select_from(answers).where(answers.c.run_id == row.id)
                ).scalar()
                if written != someone.given[row.id]:
                    yield f"{someone.phone.chat} answered {someone.given[row.id]} times in {row.id}, not {written}"
                stored = {path: answer.value for path, answer in found.items()}
                if stored != someone.answers.get(row.id, {}):
                    yield f"{someone.phone.chat} answered {someone.answers.get(row.id)} to {row.id}: {stored} is there"

    def gone(self, someone: Someone) -> Iterator[str]:
        """Nothing is left of whoever erased everything."""
        own = ((people, "id"), *((each, "person_id") for each in (runs, answers, messages, deliveries, memberships)))
        for table, column in own:
            number = self.rows(select(func.count()).select_from(table).where(table.c[column] == someone.id))[0][0]
            if number:
                yield f"{someone.phone.chat} erased everything, and {number} of {table.name} are there"
        waiting = select(func.count()).where(outbox.c.person_id == someone.id, outbox.c.body.is_not(None))
        if self.rows(waiting)[0][0]:
            yield f"{someone.phone.chat} erased everything, and words to them are there"
