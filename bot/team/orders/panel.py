"""A broadcast's panel: one message in a facilitator's chat with its counts of people, edited in place.

It contains no participant's words and no participant's name. The tick edits a panel when its counts changed, at most
once in `PACE`, and no longer once its broadcast is closed.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.conversation.screen import in_place, short_id
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, PANEL, Speech, rows
from bot.rendering.texts import shorten
from bot.services import hand_notices
from bot.services.broadcasts import TOLD
from bot.services.organisation import DAYS_A_WEEK, recent, weekday
from bot.services.permissions import may_reach
from bot.team.kit.arguments import PageOf
from bot.team.kit.reading_arguments import PanelAnswers, TotalsOf
from dialogs import wording
from storage.broadcasts import Broadcast
from storage.database import transient_error
from storage.following import Progress
from storage.panels import PlacedPanel
from storage.people import Person
from storage.unit import Unit

log = logging.getLogger(__name__)

KIND = "progress"
PACE = timedelta(seconds=30)  # Telegram takes about twenty edits a minute in one chat
LASTS = timedelta(days=30)
NEVER = datetime.min.replace(tzinfo=UTC)
TITLE, GROUP = 48, 32  # characters of a dialog's title and of a cohort's name
PARTS = (  # in the order in which they are shown
    "finished",
    "halfway",
    "waiting",
    "declined",
    "unfinished",
    "unreachable",
    "skipped",
    "cancelled",
    "queued",
)


class OfOrder(Argument):
    """A broadcast, and whether the act is confirmed (`!`); `!!` also closes it."""

    layout: ClassVar[str] = "{order}[{mark}]"
    order: UUID
    mark: Literal["", "!", "!!"] = ""


class BroadcastPanels:
    """Writes panels, puts them into chats, and keeps them up to date."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._looked: dict[UUID, datetime] = {}
        self._actors: dict[tuple[UUID, str], str] = {}

    # What a panel says.

    def title(self, speech: Speech, broadcast: Broadcast, most: int = TITLE) -> str:
        """Return the name of a broadcast: dialog title (at most `most` characters), cohort and day."""
        dialog = self._turns.dialog(speech.unit, broadcast.dialog_hash)
        cohort = speech.unit.cohorts.get(broadcast.cohort_id)
        day = speech.texts.short_day(broadcast.due_at, self.zone(speech), speech.language)
        name = shorten(wording.choose(dialog.title, speech.language), most)
        return f"{name} · {shorten(cohort.name if cohort else '', GROUP)} · {day}"

    def zone(self, speech: Speech) -> str:
        """Return the zone in which days and hours are shown to the reader."""
        return self._turns.organisation.zone(speech.unit, speech.person)

    def when(self, speech: Speech, moment: datetime) -> str:
        """Return a future moment in words."""
        return self._turns.organisation.moment(speech, self.zone(speech), moment)

    def day(self, speech: Speech, moment: datetime) -> str:
        """Return a past day in words: "hoy", "ayer", "el martes", "el lunes 2 de noviembre"."""
        where = ZoneInfo(self.zone(speech))
        if said := recent(speech, where.key, moment):
            return said
        local = moment.astimezone(where).date()
        if (speech.unit.now.astimezone(where).date() - local).days < DAYS_A_WEEK:
            return speech.words("progress.day", day=weekday(local.weekday(), speech.language))
        return speech.words("progress.day", day=speech.texts.day(moment, where.key, speech.language))

    def summary(self, speech: Speech, broadcast: Broadcast, counts: Progress) -> str:
        """Return a broadcast's counts of people in words."""
        number, language = speech.texts.number, speech.language
        if not counts.people:
            return speech.words(
                "progress.on_paper"
                if broadcast.on_paper
                else "progress.aloud"
                if broadcast.aloud
                else "progress.nobody"
            )
        if broadcast.due_at > speech.unit.now and not counts.sent and broadcast.cancelled_at is None:
            when = self.when(speech, broadcast.due_at)
            return speech.texts.count("progress.scheduled", language, counts.people, when=when)
        sent, people = number(counts.sent, language), number(counts.people, language)
        amounts = ((part, getattr(counts, part)) for part in PARTS)
        own = (
            {"finished": "progress.back.finished", "waiting": "progress.back.waiting"} if broadcast.shares_back else {}
        )
        named = ((own.get(part, f"progress.{part}"), amount) for part, amount in amounts if amount)
        parts = [speech.texts.count(code, language, amount) for code, amount in named]
        return " · ".join((speech.words("progress.sent", sent=sent, people=people), *parts))

    def done_by(self, speech: Speech, broadcast: Broadcast, verb: str) -> str | None:
        """Return what was done to a broadcast, on which day and by whom, in words; None if it was not done.

        `verb` is `reminded`, `cancelled` or `closed`.
        """
        moment: datetime | None = getattr(broadcast, f"{verb}_at")
        if moment is None:
            return None
        told = speech.words(f"progress.done.{verb}", day=self.day(speech, moment))
        actor = self._who(speech.unit, broadcast.id, verb, moment)
        if actor is None or (speech.person and actor == str(speech.person.id)):
            return told
        if actor == "console":
            return f"{told} {speech.words('progress.by_console')}"
        someone = speech.unit.people.get(UUID(actor))
        if someone is None:
            return told
        return f"{told} {speech.words('progress.by', name=someone.display_name)}"

    def _who(self, unit: Unit, broadcast_id: UUID, verb: str, moment: datetime) -> str | None:
        """Return who did something to a broadcast, from the audit; cached once found, since the search is slow."""
        known = self._actors.get((broadcast_id, verb))
        if known is None:
            done = unit.audit.done(f"broadcast.{verb}", moment)
            known = next((actor for _, actor, subject in done if subject == str(broadcast_id)), None)
            if known is not None:
                self._actors[broadcast_id, verb] = known
        return known

    def text(self, speech: Speech, broadcast: Broadcast, counts: Progress) -> str:
        """Return a panel's text."""
        lines = [self.title(speech, broadcast), self.summary(speech, broadcast, counts)]
        # Nobody closes what was asked on paper: nothing of it is still to be sent.
        verbs = ("reminded", "cancelled") if broadcast.on_paper else ("reminded", "cancelled", "closed")
        lines += [told for verb in verbs if (told := self.done_by(speech, broadcast, verb))]
        return "\n".join(lines)

    def keyboard(self, speech: Speech, broadcast: Broadcast, counts: Progress) -> Keyboard:
        """Return a panel's buttons."""
        this, as_plain_button = in_place(OfOrder(broadcast.id)), speech.button
        if broadcast.shares_back:
            return self._share_back(speech, broadcast, counts)
        missing = counts.people - counts.finished
        first: list[Button] = []
        if missing:
            first.append(as_plain_button("button.order_who", targets.ORDER_WHO, in_place(PageOf(broadcast.id))))
        open_ = broadcast.closed_at is None
        if open_ and broadcast.reminded_at is None and counts.halfway + counts.waiting:
            first.append(as_plain_button("button.order_nudge", targets.ORDER_REMIND, this))
        second: list[Button] = []
        if counts.sent or broadcast.on_paper:
            second += [
                as_plain_button("button.read", targets.READ, PanelAnswers(broadcast.id, 0)),
                as_plain_button("button.totals", targets.TOTALS, TotalsOf(broadcast.id)),
            ]
        end = [as_plain_button("button.order_end", targets.ORDER_END, this)] if open_ else []
        # What nothing rings for is told by a person.
        silent = len(hand_notices.silent(speech.unit, broadcast).left) if counts.waiting + counts.queued else 0
        hand = [speech.button("button.hand", targets.BY_HAND, f"a{short_id(broadcast.id)}", n=silent)] if silent else []
        stop = [as_plain_button("button.order_halt", targets.HALT, this)] if counts.queued else []
        back = [] if open_ else self._to_tell(speech, broadcast, answered=bool(counts.finished or broadcast.on_paper))
        last = [as_plain_button("button.refresh", targets.PROGRESS, this)] if open_ else []
        last.append(as_plain_button("button.menu", targets.HOME))
        return tuple(tuple(row) for row in (first, second, end, hand, *([each] for each in back), stop, last) if row)

    def _share_back(self, speech: Speech, broadcast: Broadcast, counts: Progress) -> Keyboard:
        """Return the buttons of one that gives back: it asks nothing, so nobody is reminded and nothing is read."""
        this = in_place(OfOrder(broadcast.id))
        decision = speech.unit.decisions.given_by(broadcast.id)
        see = [speech.button("button.back.see", targets.DECIDE, f"o{short_id(decision.id)}")] if decision else []
        silent = len(hand_notices.silent(speech.unit, broadcast).left) if counts.waiting + counts.queued else 0
        hand = [speech.button("button.hand", targets.BY_HAND, f"a{short_id(broadcast.id)}", n=silent)] if silent else []
        stop = [speech.button("button.order_halt", targets.HALT, this)] if counts.queued else []
        again = speech.button("button.refresh", targets.PROGRESS, this)
        return (*rows(*see, *hand, *stop), (again, speech.button("button.menu", targets.HOME)))

    def _to_tell(self, speech: Speech, broadcast: Broadcast, *, answered: bool) -> list[Button]:
        """Return the ways to ask whether it was understood and to tell what came of it, until that is noted."""
        cohort = speech.unit.cohorts.get(broadcast.cohort_id)
        if cohort is None or broadcast.id.hex in (cohort.context.get(TOLD) or ()):
            return []
        if not answered and not speech.unit.readings.any_of(broadcast.id):  # of a few questions, by who did not finish
            return []
        return [
            speech.button("button.told_ask", targets.TOLD, f"u{short_id(broadcast.id)}"),
            speech.button("menu.told", targets.TOLD, in_place(f"o{short_id(broadcast.id)}")),
        ]

    # Where panels stand.

    def show(self, speech: Speech, person: Person, broadcast: Broadcast, place: int | None, lead: str = "") -> None:
        """Show a broadcast's panel in the message at `place`, else in a new one; an earlier panel elsewhere ends."""
        unit = speech.unit
        counts = unit.following.progress(broadcast.id)
        text, keyboard = self.text(speech, broadcast, counts), self.keyboard(speech, broadcast, counts)
        shown = f"{lead}\n\n{text}" if lead else text
        if place is None:
            seq = speech.send(shown, keyboard, protect=True, what=PANEL)
        else:
            speech.edit(place, keyboard, shown, anew=True, protect=True)
            seq = place
        for standing in unit.panels.placed(KIND):
            panel = standing.panel
            if panel.person_id == person.id and (panel.outbox_seq == seq or panel.subject == broadcast.id):
                unit.panels.drop(panel.id)
                if panel.outbox_seq != seq and standing.there and standing.messenger == speech.messenger:
                    moved = f"{self.title(speech, broadcast)}\n{speech.words('progress.moved')}"
                    speech.edit(panel.outbox_seq, (), moved)
        if broadcast.closed_at is None:
            unit.panels.add(clock.new_id(), person.id, KIND, seq, subject=broadcast.id, text=text)

    def leave(self, unit: Unit, person: Person, place: int | None) -> None:
        """Forget the panel at `place`: another screen is shown there now."""
        for panel in unit.panels.of(person.id, KIND):
            if panel.outbox_seq == place:
                unit.panels.drop(panel.id)

    def stands_at(self, unit: Unit, person: Person, place: int | None) -> bool:
        """Return whether a message is one of the person's panels."""
        return place is not None and any(panel.outbox_seq == place for panel in unit.panels.of(person.id, KIND))

    def renew(self, unit: Unit, broadcast_id: UUID, but: UUID | None = None) -> None:
        """Update every panel of a broadcast at once, except those of one person."""
        for standing in unit.panels.placed(KIND):
            if standing.panel.subject == broadcast_id and standing.panel.person_id != but:
                try:
                    with unit.connection.begin_nested():
                        self.update(unit, standing)
                except Exception as error:
                    if transient_error(error):
                        raise
                    # One person's damaged record must not stop the others; the error's kind is logged, never its words.
                    log.error("panel: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words

    def undone(self) -> None:
        """Forget which broadcasts were checked: what was noted may come from a step that was rolled back."""
        self._looked.clear()

    def due(self, unit: Unit) -> list[PlacedPanel]:
        """Return the panels that may be edited again, of the broadcast that was not checked for the longest time."""
        standing = unit.panels.placed(KIND)
        looked = {each.panel.subject: self._looked.get(each.panel.subject) for each in standing if each.panel.subject}
        self._looked = {subject: at for subject, at in looked.items() if at}
        due = [subject for subject, at in looked.items() if at is None or not _lately(unit, at)]
        if not due:
            return []
        chosen = min(due, key=lambda subject: looked[subject] or NEVER)
        self._looked[chosen] = unit.now
        return [each for each in standing if each.panel.subject == chosen and not _lately(unit, each.panel.changed_at)]

    def update(self, unit: Unit, standing: PlacedPanel) -> bool:
        """Update one panel, or forget it; return whether its message changes."""
        panel = standing.panel
        person = unit.people.get(panel.person_id)
        broadcast = unit.broadcasts.get(panel.subject) if panel.subject else None
        if (
            person is None
            or broadcast is None
            or not standing.there
            or person.participation == "unreachable"
            or unit.now - broadcast.due_at > LASTS
            or not may_reach(unit, person, broadcast.cohort_id)
        ):
            unit.panels.drop(panel.id)
            return False
        speech = self._speech(unit, person, standing.messenger)
        if speech is None or unit.outbox.on_its_way(speech.messenger, speech.chat):
            return False
        counts = unit.following.progress(broadcast.id)
        text = self.text(speech, broadcast, counts)
        changes = not unit.panels.says(panel, text)
        if changes:
            speech.edit(panel.outbox_seq, self.keyboard(speech, broadcast, counts), text)
            unit.panels.shows(panel.id, text)
        if broadcast.closed_at is not None:
            unit.panels.drop(panel.id)
        return changes

    def _speech(self, unit: Unit, person: Person, messenger: str) -> Speech | None:
        """Return the speech for a person in the messenger where their panel stands; None without an address there."""
        chat = person.chat if person.messenger == messenger else unit.addresses.chat_in(person, messenger)
        if chat is None:
            return None
        return Speech(unit, self._turns.texts, person, messenger, chat, language_of(person), BROADCAST)


def _lately(unit: Unit, moment: datetime) -> bool:
    """Return whether a moment was within `PACE`; one in the future (the clock was put back) was not."""
    return timedelta(0) <= unit.now - moment < PACE


def back(speech: Speech, broadcast: Broadcast, code: str = "button.order_back") -> Keyboard:
    """Return the buttons back to a broadcast's panel and to the menu."""
    return rows(
        speech.button(code, targets.PROGRESS, in_place(OfOrder(broadcast.id))),
        speech.button("button.menu", targets.HOME),
    )
