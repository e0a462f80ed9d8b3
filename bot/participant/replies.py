"""Finds which question words, voice notes, photos and edits answer, if any is open."""

from dataclasses import replace
from uuid import UUID

from bot.conversation.actions import Next, Played, Then
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.conversation.writer import ENDED
from bot.media.store import FetchResult
from bot.messengers import registry
from bot.messengers.port import Incoming
from bot.participant import aside_reuse as beside
from bot.participant.plain_text import PlainText
from bot.participant.seen_at import likely, spoken_to
from bot.rendering import targets
from bot.rendering.buttons import RunButton, digest_owner
from bot.rendering.speech import rows
from bot.services.permissions import FACILITATORS, allowed
from dialogs.events import Answered, Collected, Event, Passed, Refused
from dialogs.model import Media
from dialogs.replies import Edited, Pressed, Sent, Typed
from dialogs.run import Run
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit


class Replies:
    """Gives a reply to the run it answers; what answers no run is held for the team."""

    def __init__(self, turns: Turns, talking: PlainText) -> None:
        self._turns = turns
        self._talking = talking

    def _asked(
        self, unit: Unit, person: Person, incoming: Incoming, reply: Typed | Sent
    ) -> tuple[RunRow, int | None] | None:
        """Find what a reply answers: the message it replies to, else the newest prompt older than itself.

        Where it is unknown whether a newer prompt had already arrived, it answers the one of the two that it fits. If
        it fits both, it answers the one that was probably read; if it fits neither, the newer one.
        """
        found = spoken_to(unit, incoming, incoming.reply_to)
        if found.known is None and not incoming.order:  # it is unknown what had been seen
            return self._takes(unit, unit.runs.open(person), None)
        known, doubtful = self._prompted(unit, person, found.known), self._prompted(unit, person, found.doubtful)
        if doubtful is None:
            return known
        if known is None:
            return doubtful if likely(found, incoming) else None
        if not self._fits(unit, person, known, reply):
            return doubtful
        return doubtful if likely(found, incoming) and self._fits(unit, person, doubtful, reply) else known

    def _prompted(
        self, unit: Unit, person: Person, asked: tuple[UUID, int | None] | None
    ) -> tuple[RunRow, int | None] | None:
        """Find the run of a prompt, if a reply to that prompt can be its answer."""
        if asked is None or asked[1] is None:
            return None
        return self._takes(unit, unit.runs.get(asked[0], person), asked[1])

    def _takes(self, unit: Unit, row: RunRow | None, prompt: int | None) -> tuple[RunRow, int | None] | None:
        if row is None or row.status == "offered":
            return None
        if prompt is not None and Run.restore(row.state, {}).question_of(prompt) is None:
            return None  # a prompt that was the offer, and no question yet
        if row.status in ENDED and not self._turns.takes_words(unit, row, prompt):
            return None
        return row, prompt

    def _fits(self, unit: Unit, person: Person, asked: tuple[RunRow, int | None], reply: Typed | Sent) -> bool:
        row, prompt = asked
        return self._turns.fits(unit, person, row, replace(reply, prompt=prompt))

    def answers(self, unit: Unit, person: Person, incoming: Incoming) -> bool:
        """Return whether grave words answer something that was asked; nothing is written."""
        reply = Typed(incoming.text or "", order=incoming.order, telling=True)
        asked = self._asked(unit, person, incoming, reply)
        return asked is not None and self._fits(unit, person, asked, reply)

    def pressed(self, unit: Unit, person: Person, pressed: RunButton | None) -> Next:
        """Play a press in its run; a button that is not ours, or whose run is gone, is answered as old."""
        row = unit.runs.get(pressed.run_id, person) if pressed else None
        if pressed is None or row is None:
            self.old(unit, person)
            return None
        dialog = self._turns.dialog(unit, row.dialog_hash)
        path = digest_owner(pressed.path, (step.name for step in dialog.steps)) or ""
        choice = loaded = None
        if path and pressed.action in {"choose", "page"}:
            loaded = self._turns.load(unit, person, row)
            choice = digest_owner(pressed.choice, self._turns.pressable(loaded, path))
        reply = Pressed(pressed.action, path, pressed.prompt, choice)
        if pressed.action == "page":
            if not self._turns.turn(unit, person, row, reply):
                self.old(unit, person)
            return None
        return Played(row, self._turns.reply(unit, person, row, reply, loaded))

    def old(self, unit: Unit, person: Person, code: str = "misplaced.closed") -> None:
        """Say kindly that a button is old, and ask the open question again or offer the menu."""
        row = unit.runs.open(person)
        speech = self._turns.speech(unit, person)
        if row is not None:
            speech.say("misplaced.stale")
            self._turns.ask_again(unit, person, row)
        else:
            speech.say(code, rows(speech.button("button.menu", targets.HOME)))

    def said(self, unit: Unit, person: Person, incoming: Incoming) -> Next:
        """Take words as an answer, else as said when nothing was open."""
        reply = Typed(incoming.text or "", order=incoming.order, telling=unit.alert is not None)
        asked = self._asked(unit, person, incoming, reply)
        if asked is None:
            return self.nothing_open(unit, person, reply.text)
        row, prompt = asked
        return Played(row, self._turns.reply(unit, person, row, replace(reply, prompt=prompt)))

    def nothing_open(self, unit: Unit, person: Person, text: str, fetched: FetchResult | None = None) -> Next:
        """Hold what was said when nothing is open; it goes to the team only if the participant says so.

        A person without a team to send it to is told that it went nowhere: silence would suggest that it was sent.
        """
        if _takes_part(unit, person):
            self._talking.hold(unit, person, text, fetched)
            return None
        speech = self._turns.speech(unit, person)
        told = [speech.words("home.not_kept")]
        if allowed(unit, person, FACILITATORS):
            told.append(speech.words("home.not_kept.team"))
        return Then(targets.HOME, screen=Screen(speech, person, lead=" ".join(told)))

    def held(self, unit: Unit, person: Person, incoming: Incoming, fetched: FetchResult) -> Next:
        """Take a voice note or photo outside any question: for the team, if that was asked for, or held."""
        if self._talking.take(unit, person, incoming.text or "", unit.runs.open(person), fetched):
            return None
        return self.nothing_open(unit, person, incoming.text or "", fetched)

    def edited(self, unit: Unit, person: Person, incoming: Incoming) -> Next:
        """Correct the answer that an edited message gave, if its run still allows it; else the aside it is."""
        for row in unit.runs.recent(person):
            run = Run.restore(row.state, {})
            if run.source(incoming.order):
                edited = Edited(incoming.order, incoming.text or "")
                happened = self._turns.reply(unit, person, row, edited)
                # The same words mean that nothing changed, but a new photo with them is not taken.
                if happened or incoming.file is None:
                    return Played(row, happened)
                break
        speech = self._turns.speech(unit, person)
        change = Edited(incoming.order, incoming.text or "")
        if incoming.order and (done := beside.edited(self._turns, unit, person, change)) is not None:
            if not done[1]:
                speech.say("aside.edited", rows(speech.button("button.menu", targets.HOME)))
            return Played(*done)
        speech.say("sorry.edited", rows(speech.button("button.menu", targets.HOME)))
        return None

    def sent(self, unit: Unit, person: Person, incoming: Incoming, fetched: FetchResult | None) -> Next:
        """Take a voice note or photo as an answer; of any other file, say what can be read, and ask again."""
        speech = self._turns.speech(unit, person)
        row = unit.runs.open(person)
        waits = row is not None and row.status != "postponed"
        if fetched is not None and fetched.refused:
            still = bool(incoming.text) or waits
            speech.say(f"media.{fetched.refused}", () if still else rows(speech.button("button.menu", targets.HOME)))
            if incoming.text:
                return self.said(unit, person, incoming)
            if row is not None and waits:
                self._turns.ask_again(unit, person, row)
            return None
        words = incoming.text or ""
        if fetched is not None and fetched.media is not None:
            return self._media(unit, person, incoming, fetched)
        if words:
            speech.say("sorry.file")
            return self.said(unit, person, incoming)
        if row is not None and waits:
            reply = Sent(incoming.kind.value, content=incoming.content)
            asked = self._asked(unit, person, incoming, reply) if reply.content else None
            row, prompt = asked or (row, None)
            reply = replace(reply, prompt=prompt, order=incoming.order if reply.content else None)
            return Played(row, self._turns.reply(unit, person, row, reply))
        speech.say("sorry.only_text", rows(speech.button("button.menu", targets.HOME)))
        return None

    def _media(self, unit: Unit, person: Person, incoming: Incoming, fetched: FetchResult) -> Next:
        words = incoming.text or ""
        if self._talking.take(unit, person, words, unit.runs.open(person), fetched):
            return None
        reply = Sent(fetched.kind, None, fetched.media, caption=words, order=incoming.order)
        asked = self._asked(unit, person, incoming, reply)
        if asked is None:
            return self.nothing_open(unit, person, words, fetched)
        return self._kept(unit, person, asked, incoming, fetched)

    def _kept(
        self, unit: Unit, person: Person, asked: tuple[RunRow, int | None], incoming: Incoming, fetched: FetchResult
    ) -> Next:
        row, prompt = asked
        media = fetched.media
        if row.typed_in:  # no picture of faces or signatures is ever taken in
            speech = self._turns.speech(unit, person)
            speech.say("paper.no_pictures", rows(speech.button("button.menu", targets.HOME)))
            return None
        # The echo goes before the prompt that follows; it is dropped below if no answer takes the file.
        here = registry.of(incoming.messenger).kept_here
        echo = self._turns.speech(unit, person).echo(incoming.text or "", media) if here else None
        reply = Sent(fetched.kind, prompt, media, caption=incoming.text or "", order=incoming.order)
        happened = self._turns.reply(unit, person, row, reply)
        keeps = self._turns.keeps_beside(unit, row)
        path = next((found for event in happened if (found := _place(event, media, beside=keeps))), None)
        if path is not None and not row.rehearsal:
            fetched.save(unit, row.id, path)
        if echo is not None and not fetched.taken:
            unit.outbox.close(echo, "dropped", "refused")
        return Played(row, happened)


def _takes_part(unit: Unit, person: Person) -> bool:
    """Return whether a team would read what is said; one of the team who is only in a practice cohort has none."""
    works_here = bool(unit.roles.of(person.id))
    cohorts = map(unit.cohorts.get, unit.memberships.of(person.id))
    return any(cohort is not None and not (works_here and cohort.practice) for cohort in cohorts)


def _place(event: Event, media: Media | None, *, beside: bool) -> str | None:
    """Return the question that a voice note or photo answered, or beside which it is kept after a refusal."""
    match event:
        case Answered() | Collected():
            return event.path if isinstance(event.value, tuple) and media in event.value else None
        case Refused() | Passed():
            return event.path if beside else None
    return None
