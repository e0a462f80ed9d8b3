"""How far an order has come: one message that is refreshed in place."""

from typing import ClassVar
from uuid import UUID

from bot.hers.screen import Screen
from bot.messenger import Button, Incoming, Keyboard
from bot.permissions import cohorts_of, may_reach
from bot.speech import Speech, rows
from bot.staff.part import Part
from dialogs import wording
from storage.broadcasts import Broadcast
from storage.people import Person

BROADCASTS_SHOWN = 6


class Progress(Part):
    """Progress of the newest broadcasts."""

    actions: ClassVar = frozenset({"progress"})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  one action, nothing to tell apart
        """Show the page a button or a command asks for, in place where a page's own button asks."""
        speech = screen.speech
        if argument:
            place = speech.unit.outbox.row_of(speech.messenger, speech.chat, incoming.order)
            self._progress(speech, screen.person, argument, place)
        else:
            self._list(speech, screen.person)

    def _show(self, speech: Speech, text: str, keyboard: Keyboard, place: int | None) -> None:
        if place is None:
            speech.send(text, keyboard, protect=True)
        else:
            speech.edit(place, keyboard, text)

    def _list(self, speech: Speech, person: Person) -> None:
        """List the newest broadcasts of the cohorts this person may read."""
        cohorts = {cohort.id: cohort.name for cohort in cohorts_of(speech.unit, person)}
        found = speech.unit.broadcasts.list(list(cohorts))[:BROADCASTS_SHOWN]
        menu = speech.button("button.menu", "home")
        if not found:
            speech.send(speech.words("read.nothing"), rows(speech.button("button.ask", "ask"), menu), protect=True)
            return
        buttons = [
            Button(self._title(speech, each, cohorts[each.cohort_id]), speech.buttons.plain("progress", each.id.hex))
            for each in found
        ]
        speech.send(speech.words("progress.which"), rows(*buttons, menu), protect=True)

    def _title(self, speech: Speech, broadcast: Broadcast, cohort: str) -> str:
        dialog = self._turns.dialog(speech.unit, broadcast.dialog_hash)
        zone = str(self._turns.organisation.record(speech.unit).get("zone") or "UTC")
        day = speech.texts.short_day(broadcast.due_at, zone, speech.language)
        return f"{wording.choose(dialog.title, speech.language)} · {cohort} · {day}"

    def _progress(self, speech: Speech, person: Person, argument: str, place: int | None) -> None:
        broadcast = self._reachable(speech, person, UUID(argument))
        if broadcast is None:
            return
        counts = speech.unit.broadcasts.progress(broadcast.id)
        number, count, language = speech.texts.number, speech.texts.count, speech.language
        lines = [
            speech.words("progress.sent", sent=number(counts.sent, language), people=number(counts.people, language))
        ]
        for code, amount in (
            ("progress.finished", counts.finished),
            ("progress.halfway", counts.halfway),
            ("progress.waiting", counts.sent - counts.started),
            ("progress.unreachable", counts.unreachable),
            ("progress.skipped", counts.skipped),
        ):
            if amount > 0:
                lines.append(count(code, language, amount))
        keyboard = rows(
            speech.button("button.read", "read", f"{argument}.0"),
            speech.button("button.refresh", "progress", argument),
            speech.button("button.menu", "home"),
        )
        cohort = speech.unit.cohorts.get(broadcast.cohort_id)
        title = self._title(speech, broadcast, cohort.name if cohort else "")
        self._show(speech, "\n".join((title, " · ".join(lines))), keyboard, place)

    def _reachable(self, speech: Speech, person: Person, broadcast_id: UUID) -> Broadcast | None:
        broadcast = speech.unit.broadcasts.get(broadcast_id)
        if broadcast is not None and may_reach(speech.unit, person, broadcast.cohort_id):
            return broadcast
        speech.unit.audit.add(str(person.id), "refused", "progress", {})
        speech.say("staff.not_allowed", rows(speech.button("button.menu", "home")))
        return None
