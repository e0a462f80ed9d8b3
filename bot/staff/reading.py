"""Reading: one message whose page changes in place. Every page of answers read is on record."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from bot.hers.screen import Screen
from bot.messenger import Button, Incoming, Keyboard
from bot.permissions import cohorts_of, may_reach
from bot.speech import Speech, media_of, rows
from bot.staff.part import Part
from bot.texts import pages, shorten
from dialogs import wording
from dialogs.model import Media
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.runs import RunRow

PAGE = 900  # characters of a page: a phone's screen
BROADCASTS_SHOWN = 6
MESSAGES_SHOWN = 3
MEDIA_SHOWN = 4
MESSAGE_SHOWN = 250  # characters of a message in the list


class Reading(Part):
    """Answers to the newest broadcasts, person by person."""

    actions: ClassVar = frozenset({"read", "play"})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:
        """Show the page a button or a command asks for, in place where a page's own button asks."""
        speech, person = screen.speech, screen.person
        place = self._place(speech, incoming) if argument else None
        if action == "play":
            self._play(speech, person, argument)
        elif argument == "close":
            self._show(speech, speech.words("read.closed"), rows(speech.button("button.menu", "home")), place)
        elif argument:
            broadcast, _, page = argument.partition(".")
            self._answers(speech, person, UUID(broadcast), int(page or 0), place)
        else:
            self._list(speech, person)

    def _place(self, speech: Speech, incoming: Incoming) -> int | None:
        return speech.unit.outbox.row_of(speech.messenger, speech.chat, incoming.order)

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
        messages = self._messages(speech, list(cohorts))
        if messages:
            speech.unit.audit.add(str(person.id), "messages.read", "team", {"messages": len(messages)})
        if not found:
            text = "\n\n".join((*messages, speech.words("read.nothing")))
            speech.send(text, rows(speech.button("button.ask", "ask"), menu), protect=True)
            return
        buttons = [
            Button(self._title(speech, each, cohorts[each.cohort_id]), speech.buttons.plain("read", each.id.hex))
            for each in found
        ]
        speech.send("\n\n".join((*messages, speech.words("read.which"))), rows(*buttons, menu), protect=True)

    def _messages(self, speech: Speech, cohorts: Sequence[UUID]) -> list[str]:
        told: list[str] = []
        for each in speech.unit.messages.list(cohorts, MESSAGES_SHOWN):
            author = speech.unit.people.known(each.person_id)
            name = author.nickname or author.pseudonym
            told.append(speech.words("read.message", name=name, text=shorten(each.body, MESSAGE_SHOWN)))
        return told

    def _title(self, speech: Speech, broadcast: Broadcast, cohort: str) -> str:
        dialog = self._turns.dialog(speech.unit, broadcast.dialog_hash)
        zone = str(self._turns.organisation.record(speech.unit).get("zone") or "UTC")
        day = speech.texts.short_day(broadcast.due_at, zone, speech.language)
        return f"{wording.choose(dialog.title, speech.language)} · {cohort} · {day}"

    def _reachable(self, speech: Speech, person: Person, broadcast_id: UUID) -> Broadcast | None:
        broadcast = speech.unit.broadcasts.get(broadcast_id)
        if broadcast is not None and may_reach(speech.unit, person, broadcast.cohort_id):
            return broadcast
        speech.unit.audit.add(str(person.id), "refused", "read", {})
        speech.say("staff.not_allowed", rows(speech.button("button.menu", "home")))
        return None

    def _answers(self, speech: Speech, person: Person, broadcast_id: UUID, page: int, place: int | None) -> None:
        broadcast = self._reachable(speech, person, broadcast_id)
        if broadcast is None:
            return
        found = [shown for row in speech.unit.runs.of_broadcast(broadcast_id) for shown in self._pages(speech, row)]
        menu = speech.button("button.menu", "home")
        if not found:
            keyboard = rows(speech.button("button.progress", "progress", broadcast_id.hex), menu)
            self._show(speech, speech.words("read.no_answers"), keyboard, place)
            return
        page = max(0, min(page, len(found) - 1))
        speech.unit.audit.add(str(person.id), "answers.read", str(broadcast_id), {"page": page})
        turn = []
        if page > 0:
            turn.append(speech.button("button.before", "read", f"{broadcast_id.hex}.{page - 1}"))
        if page < len(found) - 1:
            turn.append(speech.button("button.next", "read", f"{broadcast_id.hex}.{page + 1}"))
        heading = speech.words("read.page", page=page + 1, pages=len(found))
        last = (speech.button("button.close", "read", "close"),)
        keyboard = (tuple(turn), last) if turn else (last,)
        text, media = found[page]
        plays = [
            speech.button("button.play" if piece.kind == "voice" else "button.show", "play", piece.id)
            for piece in media[:MEDIA_SHOWN]
        ]
        self._show(speech, f"{heading}\n\n{text}", rows(*plays) + keyboard, place)

    def _play(self, speech: Speech, person: Person, media_id: str) -> None:
        """Play a voice note or show a photo to someone who may read it."""
        item = speech.unit.media.get(UUID(media_id))
        row = (
            speech.unit.runs.get(item.run_id, speech.unit.people.known(item.person_id))
            if item and item.run_id
            else None
        )
        if item is None or row is None or row.cohort_id is None or not may_reach(speech.unit, person, row.cohort_id):
            speech.say("staff.not_allowed", rows(speech.button("button.menu", "home")))
            return
        speech.unit.audit.add(str(person.id), "answers.played", media_id, {})
        speech.media(Media("voice" if item.kind == "voice" else "photo", media_id, item.seconds))

    def _pages(self, speech: Speech, row: RunRow) -> list[tuple[str, list[Media]]]:
        """Write one person's answers, in pages a phone can show, with the voice notes and photos among them."""
        author = speech.unit.people.known(row.person_id)
        given = self._turns.answers(speech.unit, author, row)
        if not given:
            return []
        dialog = self._turns.dialog(speech.unit, row.dialog_hash)
        lines = [author.nickname or author.pseudonym]
        media = [piece for answer in given.values() for piece in media_of(answer.value)]
        for step in dialog.questions:
            if step.name in given:
                label = speech.described(given[step.name].value, given[step.name].label)
                lines.append(f"{wording.choose(step.label, speech.language)}\n→ {label}")
        return [(text, media) for text in pages("\n\n".join(lines), PAGE)]
