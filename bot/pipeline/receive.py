"""One incoming update -> one turn -> one commit.

`accept` keeps what a messenger brought, before the messenger is told so. `step` handles the oldest update that may be
handled now: one transaction, in which everything it means is written and the update is marked as handled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from bot import clock
from bot.conversation.turns import Turns
from bot.conversation.writer import ENDED
from bot.media.store import Fetched
from bot.messengers import registry
from bot.messengers.port import Incoming, Kind
from bot.participant import aside_reuse as beside
from bot.participant.joining import Joining, Outcome
from bot.participant.seen_at import likely, spoken_to
from bot.pipeline.router import Home
from bot.product_languages import LANGUAGES, language_of
from bot.rendering import commands
from bot.rendering.buttons import Buttons, PlainButton, RunButton, named
from bot.rendering.speech import Speech, rows
from dialogs import languages
from dialogs.events import Answered, Collected, Event, Refused
from dialogs.machine import move
from dialogs.model import Media
from dialogs.replies import Edited, Pressed, Sent, Typed
from dialogs.run import Run
from storage.damage import DAMAGED
from storage.inbox import InboxRow
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

ON_THE_WAY_IN = frozenset({"invited", "consenting", "declined", "naming"})
WORDS_READ = 30  # of a stranger's message, in which a code may stand
ON_THE_TRAIL = timedelta(days=30)
TELL_EVERY = timedelta(hours=1)
AROUND = ".,:;!?¡¿()[]«»\"'"
RETRIES = (1, 2, 4, 8, 16, 32, 57)  # seconds: a failing update holds its person's later ones two minutes at most


@dataclass(frozen=True, slots=True)
class Handled:
    """What is owed to a messenger after the commit: a courtesy answer to a press, and waking of open pages."""

    messenger: str
    chat: str
    callback: str | None


class Receive:
    """Everything between an update and the rows it leaves."""

    def __init__(self, turns: Turns, joining: Joining, home: Home) -> None:
        """Take the parts that know what to say."""
        self._turns = turns
        self._joining = joining
        self._home = home

    def accept(self, unit: Unit, updates: Sequence[Incoming]) -> int:
        """Keep a batch of updates in the inbox; returns how many were new."""
        return unit.inbox.accept(
            [(clock.new_id(), each.messenger, each.update, each.chat, each.to_bytes()) for each in updates]
        )

    def step(self, unit: Unit, row: InboxRow, fetched: Fetched | None = None) -> Handled:
        """Handle one update whole; what it raises undoes all of it.

        `fetched` is what came of fetching the voice note or photo it brings; it stays only where an answer takes it.
        """
        if row.body is None:
            return self._damaged(unit, row)
        incoming = Incoming.from_bytes(row.body)
        unit.turn = row.seq
        self._handle(unit, incoming, fetched)
        unit.inbox.done(row.seq)
        unit.turn = None
        return Handled(incoming.messenger, incoming.chat, incoming.callback)

    def failed(self, unit: Unit, row: InboxRow, error: str) -> bool:
        """An update's handling raised: try again soon, or after two minutes set it aside; True when set aside."""
        if row.attempts < len(RETRIES):
            unit.inbox.retry(row.seq, unit.now + timedelta(seconds=RETRIES[row.attempts]), error)
            return False
        unit.inbox.poison(row.seq, error)
        unit.turn = row.seq
        person = unit.people.at_lookup(row.messenger, row.address_lookup)
        if person is not None and person.chat is not None:
            self._turns.speech(unit, person).say("sorry.poison")
        return True

    def _damaged(self, unit: Unit, row: InboxRow) -> Handled:
        """Set an update aside that does not open, and ask whoever sent it to send it again: once, for many of hers."""
        told = unit.inbox.lost_lately(row, row.next_at - TELL_EVERY)
        unit.inbox.poison(row.seq, DAMAGED)
        person = unit.people.at_lookup(row.messenger, row.address_lookup)
        chat = person.chat if person is not None else None
        if person is not None and chat is not None and not told:
            unit.lock(person.id)
            self._turns.speech(unit, person).say("sorry.poison")
        return Handled(row.messenger, chat or "", None)

    def _handle(self, unit: Unit, incoming: Incoming, fetched: Fetched | None) -> None:
        if incoming.robot or not incoming.chat or incoming.kind is Kind.NOTICE:
            return
        if not incoming.private:
            self._group(unit, incoming)
            return
        person = unit.people.at(incoming.messenger, incoming.chat)
        if person is not None:
            unit.lock(person.id)
            if person.damaged:
                self._noted(unit, person)
        command = commands.parse(incoming.text or "") if incoming.kind is Kind.TEXT else None
        if incoming.kind in {Kind.BLOCKED, Kind.UNBLOCKED}:
            self._reachable(unit, person, incoming)
        elif person is None:
            given = command[1] if command and command[0] == "start" else incoming.text or ""
            known = clock.read_code(given) or self._code_in(unit, given)
            lost = None if known else unit.people.lost_at(incoming.messenger, incoming.chat)
            if lost is not None and incoming.kind is not Kind.PRESS:
                self._lost(unit, incoming, lost)
                return
            self._joining.stranger(unit, incoming, known or (given if command and command[0] == "start" else None))
        else:
            person = self._reached(unit, person)
            self._person(unit, person, incoming, command, fetched)
            self._home.renew(unit, person)

    def _noted(self, unit: Unit, person: Person) -> None:
        """Put on the trail, once a month, that something of hers is damaged: what she says next may replace it."""
        since, what = unit.now - ON_THE_TRAIL, sorted(person.damaged)
        if not unit.audit.done("damage.found", since, [str(person.id)]):
            unit.audit.add("hilo", "damage.found", str(person.id), {"what": what})

    def _lost(self, unit: Unit, incoming: Incoming, person: Person) -> None:
        """Tell someone whose key is damaged that it is no fault of hers, and how she can go on."""
        tag = language_of(person)
        speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, tag)
        speech.say("sorry.lost", rows(speech.button("button.support", "support", tag)))

    def _code_in(self, unit: Unit, said: str) -> str | None:
        """Find the code of an invite among the words of someone who wrote more than that."""
        codes = (clock.read_code(word.strip(AROUND)) for word in said.split()[:WORDS_READ])
        return next((code for code in codes if code and unit.invites.find(code)), None)

    def _group(self, unit: Unit, incoming: Incoming) -> None:
        """Say once that a group is no place for this, only to whoever speaks to the bot by a command."""
        if incoming.kind is Kind.TEXT and (incoming.text or "").startswith("/"):
            speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, languages.DEFAULT)
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
        """Whoever writes can be reached again."""
        if person.participation != "unreachable":
            return person
        if person.address_id is not None:
            unit.addresses.unreachable(person.address_id, None)
        return unit.people.change(person, participation=move("unreachable", "unblock"))

    def _person(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        fetched: Fetched | None,
    ) -> None:
        speech = self._turns.speech(unit, person)
        if registry.of(incoming.messenger).kept_here and incoming.kind is Kind.TEXT and command is None:
            speech.echo(incoming.text or "")
        pressed = Buttons(unit.vault, incoming.chat).read(incoming.button or "") if incoming.button else None
        if command and command[0] == "start" and command[1]:
            self._invited_again(unit, person, incoming, command[1])
        elif person.participation in ON_THE_WAY_IN:
            self._on_the_way_in(unit, person, incoming, command, pressed)
        elif self._home.away(unit, person, incoming, command, pressed, fetched):
            pass
        elif incoming.kind is Kind.PRESS:
            self._pressed(unit, person, incoming, pressed)
        elif command:
            self._commanded(unit, person, command[0], incoming)
        elif incoming.kind is Kind.TEXT:
            if not self._home.heard(unit, person, incoming):
                self._said(unit, person, incoming)
        elif incoming.kind is Kind.EDITED:
            self._edited(unit, person, incoming)
        else:
            self._sent(unit, person, incoming, fetched)

    def _invited_again(self, unit: Unit, person: Person, incoming: Incoming, code: str) -> None:
        speech = self._turns.speech(unit, person)
        outcome = self._joining.again(unit, person, clock.read_code(code) or code)
        if outcome is Outcome.ASKED:
            return
        good = outcome is Outcome.TAKEN
        if person.participation in ON_THE_WAY_IN:
            self._joining.answer(unit, person, incoming, PlainButton("repeat", ""))
        elif outcome is Outcome.WAITING:
            speech.say("join.waiting", rows(speech.button("button.menu", "home")))
        elif good:
            speech.say("join.again", rows(speech.button("button.menu", "home")))
        else:
            self._home.show(unit, person)

    def _on_the_way_in(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        pressed: RunButton | PlainButton | None,
    ) -> None:
        if incoming.kind is Kind.PRESS and not isinstance(pressed, PlainButton):
            self._joining.answer(unit, person, incoming, PlainButton("repeat", ""))
        elif incoming.kind is Kind.PRESS and isinstance(pressed, PlainButton):
            self._joining.answer(unit, person, incoming, pressed)
        elif incoming.kind is Kind.TEXT and not command:
            self._joining.answer(unit, person, incoming, None)
        elif incoming.kind is not Kind.EDITED:
            self._joining.answer(unit, person, incoming, PlainButton(command[0] if command else "repeat", ""))

    def _pressed(self, unit: Unit, person: Person, incoming: Incoming, pressed: RunButton | PlainButton | None) -> None:
        if isinstance(pressed, PlainButton):
            if pressed.action == "member":
                self._joining.consented(unit, person, pressed.argument)
            elif pressed.action == "again":
                self._again(unit, person)
            else:
                self._home.do(unit, person, pressed, incoming)
            return
        row = unit.runs.get(pressed.run_id, person) if pressed else None
        if pressed is None or row is None:
            self._stale(unit, person)
            return
        dialog = self._turns.dialog(unit, row.dialog_hash)
        path = named(pressed.path, (step.name for step in dialog.steps)) or ""
        choice = None
        if path and pressed.action in {"choose", "page"}:
            choice = named(pressed.choice, self._turns.pressable(unit, person, row, path))
        reply = Pressed(pressed.action, path, pressed.prompt, choice)
        if pressed.action == "page":
            if not self._turns.turn(unit, person, row, reply):
                self._stale(unit, person)
            return
        self._home.happened(unit, person, row, self._turns.reply(unit, person, row, reply))

    def _commanded(self, unit: Unit, person: Person, action: str, incoming: Incoming) -> None:
        row = unit.runs.open(person)
        if row is None and action == "resume":
            row = unit.runs.latest(person)
        if row is not None and action in commands.RUN_ACTIONS:
            self._home.press(unit, person, row, action, incoming)
        elif row is not None and action == "start":
            self._turns.again(unit, person, row)
        else:
            self._home.do(unit, person, PlainButton(action, ""), incoming)

    def _asked(
        self, unit: Unit, person: Person, incoming: Incoming, reply: Typed | Sent
    ) -> tuple[RunRow, int | None] | None:
        """Find what something answers: the message it replies to, else the newest prompt older than itself.

        Where nobody knows whether a newer one had come before it, it answers the one of the two that it fits; what fits
        both the one she had probably read, and what fits neither the newer one.
        """
        found = spoken_to(unit, incoming, incoming.reply_to)
        if found.known is None and not incoming.order:  # nobody knows what she had seen
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
        """Find the run of a prompt, where what is said to that prompt can be its answer."""
        if asked is None or asked[1] is None:
            return None
        return self._takes(unit, unit.runs.get(asked[0], person), asked[1])

    def _takes(self, unit: Unit, row: RunRow | None, prompt: int | None) -> tuple[RunRow, int | None] | None:
        if row is None or row.status == "offered":
            return None
        if prompt is not None and Run.restore(row.state, {}).question_of(prompt) is None:
            return None  # the offer, and not a question yet
        if row.status in ENDED and not self._turns.takes_words(unit, row, prompt):
            return None
        return row, prompt

    def _fits(self, unit: Unit, person: Person, asked: tuple[RunRow, int | None], reply: Typed | Sent) -> bool:
        row, prompt = asked
        return self._turns.fits(unit, person, row, replace(reply, prompt=prompt))

    def _said(self, unit: Unit, person: Person, incoming: Incoming) -> None:
        reply = Typed(incoming.text or "", order=incoming.order)
        asked = self._asked(unit, person, incoming, reply)
        if asked is None:
            self._home.nothing_open(unit, person, reply.text)
            return
        row, prompt = asked
        self._home.happened(unit, person, row, self._turns.reply(unit, person, row, replace(reply, prompt=prompt)))

    def _edited(self, unit: Unit, person: Person, incoming: Incoming) -> None:
        """A message changed after it was sent corrects the answer it gave, while its run takes that."""
        for row in unit.runs.recent(person):
            run = Run.restore(row.state, {})
            if run.source(incoming.order):
                edited = Edited(incoming.order, incoming.text or "")
                happened = self._turns.reply(unit, person, row, edited)
                self._home.happened(unit, person, row, happened)
                # The same words mean that nothing changed, but another photo under them is not taken.
                if happened or incoming.file is None:
                    return
                break
        speech = self._turns.speech(unit, person)
        change = Edited(incoming.order, incoming.text or "")
        if incoming.order and (done := beside.edited(self._turns, unit, person, change)) is not None:
            self._home.happened(unit, person, *done)
            if not done[1]:
                speech.say("aside.edited", rows(speech.button("button.menu", "home")))
            return
        speech.say("sorry.edited", rows(speech.button("button.menu", "home")))

    def _sent(self, unit: Unit, person: Person, incoming: Incoming, fetched: Fetched | None) -> None:
        """A voice note or photo may be an answer; of anything else, say what can be read, and ask again."""
        speech = self._turns.speech(unit, person)
        row = unit.runs.open(person)
        if fetched is not None and fetched.refused:
            waits = bool(incoming.text) or (row is not None and row.status != "postponed")
            speech.say(f"media.{fetched.refused}", () if waits else rows(speech.button("button.menu", "home")))
            if incoming.text:
                self._said(unit, person, incoming)
            elif row is not None and row.status != "postponed":
                self._turns.again(unit, person, row)
            return
        words = incoming.text or ""
        if fetched is not None and fetched.media is not None:
            if self._home.handed(unit, person, words, fetched):
                return
            reply = Sent(fetched.kind, None, fetched.media, caption=words, order=incoming.order)
            asked = self._asked(unit, person, incoming, reply)
            if asked is not None:
                self._kept(unit, person, asked, incoming, fetched)
            else:
                self._home.nothing_open(unit, person, words, fetched)
        elif words:
            speech.say("sorry.file")
            self._said(unit, person, incoming)
        elif row is not None and row.status != "postponed":
            reply = Sent(incoming.kind.value, content=incoming.content)
            asked = self._asked(unit, person, incoming, reply) if reply.content else None
            row, prompt = asked or (row, None)
            reply = replace(reply, prompt=prompt, order=incoming.order if reply.content else None)
            self._home.happened(unit, person, row, self._turns.reply(unit, person, row, reply))
        else:
            speech.say("sorry.only_text", rows(speech.button("button.menu", "home")))

    def _kept(
        self, unit: Unit, person: Person, asked: tuple[RunRow, int | None], incoming: Incoming, fetched: Fetched
    ) -> None:
        row, prompt = asked
        media = fetched.media
        # Said before what answers it; where no answer takes it, nothing was said.
        here = registry.of(incoming.messenger).kept_here
        echo = self._turns.speech(unit, person).echo(incoming.text or "", media) if here else None
        reply = Sent(fetched.kind, prompt, media, caption=incoming.text or "", order=incoming.order)
        happened = self._turns.reply(unit, person, row, reply)
        keeps = self._turns.keeps_beside(unit, row)
        path = next((found for event in happened if (found := _place(event, media, beside=keeps))), None)
        if path is not None and not row.rehearsal:
            fetched.keep(unit, row.id, path)
        if echo is not None and not fetched.taken:
            unit.outbox.close(echo, "dropped", "refused")
        self._home.happened(unit, person, row, happened)

    def _again(self, unit: Unit, person: Person) -> None:
        row = unit.runs.open(person)
        if row is not None:
            self._turns.again(unit, person, row)
        else:
            self._home.show(unit, person)

    def _stale(self, unit: Unit, person: Person) -> None:
        row = unit.runs.open(person)
        speech = self._turns.speech(unit, person)
        if row is not None:
            speech.say("misplaced.stale")
            self._turns.again(unit, person, row)
        else:
            speech.say("misplaced.closed", rows(speech.button("button.menu", "home")))


def _place(event: Event, media: Media | None, *, beside: bool) -> str | None:
    """Return the question whose answer a voice note or photo became, or beside which it stays where it was refused."""
    match event:
        case Answered() | Collected():
            return event.path if isinstance(event.value, tuple) and media in event.value else None
        case Refused():
            return event.path if beside else None
    return None
