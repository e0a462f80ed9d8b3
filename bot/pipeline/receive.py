"""Turn one incoming update into one turn and one commit.

`accept` keeps what a messenger brought, before it is confirmed to the messenger. `step` handles one update in one
transaction: everything it leads to is written, and the update is marked as handled.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import clock
from bot.conversation.turns import Turns
from bot.media.store import FetchResult
from bot.messengers.port import Incoming, Kind
from bot.participant.care_card import SUPPORT, SupportIn
from bot.pipeline.gate import Gate
from bot.pipeline.router import Router
from bot.product_languages import LANGUAGES, language_of
from bot.rendering import commands
from bot.rendering.speech import STRANGERS, Speech, rows
from bot.services.own_time import arrived
from dialogs import languages
from dialogs.machine import move
from dialogs.value_class import value_class
from storage.damage import DAMAGED
from storage.database import transient_error
from storage.inbox import InboxRow
from storage.people import Person
from storage.unit import Unit

log = logging.getLogger(__name__)

WORDS_READ = 30  # words of a stranger's message that are searched for an invite code
ON_THE_TRAIL = timedelta(days=30)
TELL_EVERY = timedelta(hours=1)
# The scheduler looks a day back for what was closed; what had no turn for nearly so long waited for a bot that was off.
OVERSLEPT = timedelta(hours=12)
AROUND = ".,:;!?¡¿()[]«»\"'"
RETRIES = (1, 2, 4, 8, 16, 32, 57)  # seconds: a failing update holds back its person's later ones two minutes at most


@value_class
class AfterCommit:
    """What remains to be done after the commit: acknowledge a press, and wake open pages."""

    messenger: str
    chat: str
    callback: str | None


class Receiver:
    """Handles updates: everything between an update and the rows it leads to."""

    def __init__(self, turns: Turns, router: Router, gate: Gate | None = None) -> None:
        """Build the receiver.

        Args:
            turns: the engine's service for runs and dialogs.
            router: leads the updates of known people to their handlers.
            gate: leaves out what a chat sends beyond its allowance; without one everything is kept.
        """
        self._turns = turns
        self.gate = gate
        self.screens = router.screens
        self._joining = router.screens.joining
        self._router = router

    def sift(self, updates: Sequence[Incoming], now: datetime) -> Sequence[Incoming]:
        """Return the updates that have to be looked at in a transaction."""
        return updates if self.gate is None else self.gate.sift(updates, now)

    def accept(self, unit: Unit, updates: Sequence[Incoming], *, again: bool = False) -> int:
        """Keep a batch of updates in the inbox; return how many were new.

        Those that come `again` are left out before their chat's allowance is asked: nobody said them twice.
        """
        if again:
            updates = self._fresh(unit, updates)
        if self.gate is not None:
            updates = self.gate.let_in(unit, updates)
        return unit.inbox.accept(
            [
                (clock.new_id(), each.messenger, each.update, each.chat, each.to_bytes(), _own_number(each))
                for each in updates
            ]
        )

    def _fresh(self, unit: Unit, updates: Sequence[Incoming]) -> Sequence[Incoming]:
        """Return the updates that are not in the inbox yet, each once; count the others."""
        first = {(each.messenger, each.update): each for each in reversed(updates)}
        fresh = [each for key, each in reversed(first.items()) if not unit.inbox.came(*key)]
        if repeated := len(updates) - len(fresh):
            unit.webhooks.note_repeated(updates[0].messenger, repeated)
            log.info("%s: %d updates came again, and are left as they were", updates[0].messenger, repeated)
        return fresh

    def step(self, unit: Unit, row: InboxRow, fetched: FetchResult | None = None) -> AfterCommit:
        """Handle one update completely; an exception undoes all of it.

        `fetched` is the result of fetching the update's voice note or photo; the file stays only where an answer takes
        it.
        """
        if row.body is None:
            return self._damaged(unit, row)
        incoming = Incoming.from_bytes(row.body)
        unit.begin_turn(row.seq)
        self._handle(unit, incoming, fetched)
        if unit.now - row.next_at > OVERSLEPT:
            unit.following.end_again(row.next_at)  # what it answered may have been closed since it came
        unit.inbox.done(row.seq)
        unit.turn = None
        return AfterCommit(incoming.messenger, incoming.chat, incoming.callback)

    def failed(self, unit: Unit, row: InboxRow, error: str) -> bool:
        """Schedule another try of a failed update, or set it aside after two minutes; return True when set aside."""
        if not unit.inbox.waits(row.seq):  # another process was quicker
            return False
        if row.attempts < len(RETRIES):
            unit.inbox.retry(row.seq, unit.now + timedelta(seconds=RETRIES[row.attempts]), error)
            return False
        unit.inbox.poison(row.seq, error)
        unit.turn = row.seq
        person = unit.people.at_lookup(row.messenger, row.address_lookup)
        if person is not None and person.chat is not None:
            self._turns.speech(unit, person).say("sorry.poison")
            if row.body is not None:
                self._overheard(unit, person, row.seq, row.body)
        return True

    def _overheard(self, unit: Unit, person: Person, seq: int, body: bytes) -> None:
        """Hear a cry among words that nothing came of; what failed before may fail here, and is set aside all the same.

        Raises the errors that are transient for the database: then it is tried again.
        """
        try:
            with unit.connection.begin_nested():
                self.screens.danger.overheard(unit, person, Incoming.from_bytes(body))
        except Exception as error:
            if transient_error(error):
                raise
            # Only the kind of the error is logged: its text may hold what a person said.
            log.error("turn %d: not looked at, %s", seq, type(error).__name__)  # noqa: TRY400  a trace may hold words

    def _damaged(self, unit: Unit, row: InboxRow) -> AfterCommit:
        """Set aside an update that does not open, and ask its sender to send it again: once, even for several."""
        told = unit.inbox.lost_lately(row, row.next_at - TELL_EVERY)
        unit.inbox.poison(row.seq, DAMAGED)
        person = unit.people.at_lookup(row.messenger, row.address_lookup)
        chat = person.chat if person is not None else None
        if person is not None and chat is not None and not told:
            unit.lock(person.id)
            self._turns.speech(unit, person).say("sorry.poison")
        return AfterCommit(row.messenger, chat or "", None)

    def _handle(self, unit: Unit, incoming: Incoming, fetched: FetchResult | None) -> None:
        if incoming.robot or not incoming.chat or incoming.kind is Kind.NOTICE:
            return
        if not incoming.private:
            self._from_group_chat(unit, incoming)
            return
        person = unit.people.at(incoming.messenger, incoming.chat)
        if person is not None:
            unit.lock(person.id)
            if person.damaged:
                self._noted(unit, person)
        command = commands.parse(incoming.text or "") if incoming.kind is Kind.TEXT else None
        if incoming.kind in {Kind.BLOCKED, Kind.UNBLOCKED}:
            self._reachable(unit, person, incoming)
        elif incoming.kind is Kind.UNTAKEN:
            if person is not None:
                self.screens.danger.overheard(unit, person, incoming)
            else:
                self.screens.danger.stranger(unit, incoming)
        elif person is None:
            given = command[1] if command and command[0] == "start" else incoming.text or ""
            known = clock.read_code(given) or self._code_in(unit, given)
            lost = None if known else unit.people.lost_at(incoming.messenger, incoming.chat)
            if lost is not None and incoming.kind is not Kind.PRESS:
                self._lost(unit, incoming, lost)
                return
            if not known and self.screens.danger.stranger(unit, incoming):
                return
            self._joining.stranger(unit, incoming, known or (given if command and command[0] == "start" else None))
        else:
            person = arrived(unit, self._reached(unit, person))
            self._router.route(unit, person, incoming, command, fetched)

    def _noted(self, unit: Unit, person: Person) -> None:
        """Record in the audit trail, once a month, that data of this person is damaged: a reply may yet replace it."""
        since, what = unit.now - ON_THE_TRAIL, sorted(person.damaged)
        if not unit.audit.done("damage.found", since, [str(person.id)]):
            unit.audit.add("hilo", "damage.found", str(person.id), {"what": what})

    def _lost(self, unit: Unit, incoming: Incoming, person: Person) -> None:
        """Tell a person whose key is damaged that it is not their fault, and how they can go on."""
        tag = language_of(person)
        speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, tag)
        speech.say("sorry.lost", rows(speech.staying("button.support", SUPPORT, SupportIn(tag))))
        self.screens.danger.overheard(unit, person, incoming, answered=False)

    def _code_in(self, unit: Unit, said: str) -> str | None:
        """Return the first valid invite code among the words of a longer message, or None."""
        codes = (clock.read_code(word.strip(AROUND)) for word in said.split()[:WORDS_READ])
        return next((code for code in codes if code and unit.invites.find(code)), None)

    def _from_group_chat(self, unit: Unit, incoming: Incoming) -> None:
        """Say that a group chat is no place for the bot, only in reply to a command."""
        if incoming.kind is Kind.TEXT and (incoming.text or "").startswith("/"):
            speech = Speech(
                unit, self._turns.texts, None, incoming.messenger, incoming.chat, languages.DEFAULT, STRANGERS
            )
            speech.send("\n\n".join(self._turns.texts.say("group.private", tag) for tag in LANGUAGES))

    def _reachable(self, unit: Unit, person: Person | None, incoming: Incoming) -> None:
        if person is None or person.address_id is None:
            return
        blocked = incoming.kind is Kind.BLOCKED
        unit.addresses.unreachable(person.address_id, unit.now if blocked else None)
        if blocked and unit.addresses.reachable(person.id):
            return
        state = move(person.participation, "block" if blocked else "unblock")
        unit.people.change(person, participation=state)

    def _reached(self, unit: Unit, person: Person) -> Person:
        """Mark a person who writes as reachable again."""
        if person.participation != "unreachable":
            return person
        if person.address_id is not None:
            unit.addresses.unreachable(person.address_id, None)
        return unit.people.change(person, participation=move("unreachable", "unblock"))


def _own_number(each: Incoming) -> int | None:
    """Return the messenger's number of a message that somebody wrote: of a press it is that of the bot's own."""
    return None if each.kind in {Kind.PRESS, Kind.NOTICE, Kind.BLOCKED} else each.order
