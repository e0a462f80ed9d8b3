"""Units of work: one transaction with all stores."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final
from uuid import UUID

from storage import epoch_change
from storage.addresses import Addresses
from storage.alerts import Alerts
from storage.answers import Answers
from storage.asides import Asides
from storage.audit import Audit
from storage.broadcasts import Broadcasts
from storage.cohorts import Cohorts
from storage.consents import Consents
from storage.damage import Damage
from storage.database import Database, lock_person
from storage.decisions import Decisions
from storage.fetches import Fetches
from storage.following import ProgressQueries
from storage.frozen_totals import FrozenTotals
from storage.hand_notices import HandNotices
from storage.inbox import Inbox
from storage.invites import Invites
from storage.left_out import LeftOut
from storage.link_requests import LinkRequests
from storage.media import MediaRows
from storage.memberships import Memberships
from storage.message_notices import MessageNotices
from storage.messages import Messages
from storage.organisation import Organisation
from storage.outbox import Outbox
from storage.own_dialogs import OwnDialogs
from storage.panels import Panels
from storage.people import People
from storage.purposes import Purposes
from storage.quotes import Quotes
from storage.reach_notes import ReachNotes
from storage.reached import Reached
from storage.readings import Readings
from storage.recollections import Recollections
from storage.restores import Restores
from storage.role_rests import RoleRests
from storage.roles import Roles
from storage.runs import Runs
from storage.schedules import Schedules
from storage.seals import Seals
from storage.sheets import Sheets
from storage.signs import Signs
from storage.store import Store, Transaction
from storage.support_requests import SupportRequests
from storage.unread_said import UnreadSaid
from storage.unsent import Unsent
from storage.vault import DataKey, Vault
from storage.versions import Versions
from storage.ways_in import WaysIn
from storage.web_links import WebLinks
from storage.web_pins import WebPins
from storage.web_sessions import WebSessions
from storage.webhooks import Webhooks


class Unit(Transaction):
    """A unit of work: the stores on one transaction that commits as a whole or not at all.

    Attributes:
        people: the people and their keys.
        addresses: where people can be reached.
        roles: who may do what, and until when.
        role_rests: whose roles rest, who asked for it, and what was decided.
        memberships: who belongs to which cohort.
        invites: invites and their uses.
        consents: what was agreed to, in which words.
        cohorts: the cohorts and their settings.
        organisation: the organisation's record.
        versions: every version of a dialog that was ever used.
        runs: runs of people through dialogs.
        answers: answers, revision by revision.
        asides: what was said to questions and is no answer, kept beside them.
        broadcasts: broadcasts and their deliveries.
        purposes: the cards that tell for what something is asked.
        schedules: what is asked again and again.
        quotes: words of answers that may be told, once whoever said them agrees.
        signs: by what groups tell that something gets better, and how it stands.
        sheets: dialogs on paper, and what was typed in from them.
        reached: what Hilo itself began to say to people.
        left_out: what people left out of what comes back to them.
        ways_in: who joined when, and what came to them since.
        decisions: what the team understood and decided, and what was said to that.
        frozen_totals: what left the team of a question, in bands of five.
        following: how far broadcasts have come, person by person.
        messages: messages between a leader and the team outside any dialog.
        media: voice notes and photos; the files themselves are in the media folder.
        inbox: updates that came in.
        outbox: messages to send, and sent ones.
        unsent: what was not sent, or may not have been, until the team decides about it.
        web_sessions: the web chat in browsers.
        web_links: personal links.
        link_requests: who asked on a page for their link.
        recollections: what somebody remembers who asks for the way back without a nickname.
        hand_notices: who was told by one of the team that something is there.
        message_notices: the same of one message from the team.
        web_pins: the PINs people chose for the web chat.
        own_dialogs: the organisation's own dialogs, written in chat.
        readings: who of the team has read which run.
        unread_said: what was said in runs that are new to a reader, and in a broadcast since it was counted.
        alerts: words of danger that were said.
        support_requests: what people asked of the team, until it is done.
        reach_notes: how people want to be reached.
        panels: messages in the team's chats that change in place or are removed.
        fetches: when updates were last fetched, and what may have been missed.
        webhooks: where messengers bring updates, and how that goes.
        restores: backups that were put in place.
        audit: who did what, and when.
    """

    people: People
    addresses: Addresses
    roles: Roles
    role_rests: RoleRests
    memberships: Memberships
    invites: Invites
    consents: Consents
    cohorts: Cohorts
    organisation: Organisation
    versions: Versions
    runs: Runs
    answers: Answers
    asides: Asides
    broadcasts: Broadcasts
    purposes: Purposes
    schedules: Schedules
    quotes: Quotes
    signs: Signs
    sheets: Sheets
    ways_in: WaysIn
    reached: Reached
    left_out: LeftOut
    decisions: Decisions
    frozen_totals: FrozenTotals
    following: ProgressQueries
    messages: Messages
    media: MediaRows
    inbox: Inbox
    outbox: Outbox
    unsent: Unsent
    web_sessions: WebSessions
    web_links: WebLinks
    link_requests: LinkRequests
    recollections: Recollections
    hand_notices: HandNotices
    message_notices: MessageNotices
    web_pins: WebPins
    own_dialogs: OwnDialogs
    readings: Readings
    unread_said: UnreadSaid
    alerts: Alerts
    support_requests: SupportRequests
    reach_notes: ReachNotes
    panels: Panels
    fetches: Fetches
    webhooks: Webhooks
    restores: Restores
    audit: Audit

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Store:
            """Create a store when it is first used: a turn needs a third of them."""
            if name not in _STORES:
                raise AttributeError(name)
            made = self.__dict__[name] = _STORES[name](self)
            return made

    def lock(self, person_id: UUID) -> None:
        """Lock this person until the transaction ends, so that their turns come one after the other."""
        lock_person(self.connection, person_id)


_STORES: Final[dict[str, type[Store]]] = {
    "people": People,
    "addresses": Addresses,
    "roles": Roles,
    "role_rests": RoleRests,
    "memberships": Memberships,
    "invites": Invites,
    "consents": Consents,
    "cohorts": Cohorts,
    "organisation": Organisation,
    "versions": Versions,
    "runs": Runs,
    "answers": Answers,
    "asides": Asides,
    "broadcasts": Broadcasts,
    "purposes": Purposes,
    "decisions": Decisions,
    "frozen_totals": FrozenTotals,
    "schedules": Schedules,
    "quotes": Quotes,
    "signs": Signs,
    "sheets": Sheets,
    "ways_in": WaysIn,
    "reached": Reached,
    "left_out": LeftOut,
    "following": ProgressQueries,
    "messages": Messages,
    "media": MediaRows,
    "inbox": Inbox,
    "outbox": Outbox,
    "unsent": Unsent,
    "web_sessions": WebSessions,
    "web_links": WebLinks,
    "link_requests": LinkRequests,
    "recollections": Recollections,
    "hand_notices": HandNotices,
    "message_notices": MessageNotices,
    "web_pins": WebPins,
    "own_dialogs": OwnDialogs,
    "readings": Readings,
    "unread_said": UnreadSaid,
    "alerts": Alerts,
    "support_requests": SupportRequests,
    "reach_notes": ReachNotes,
    "panels": Panels,
    "fetches": Fetches,
    "webhooks": Webhooks,
    "restores": Restores,
    "audit": Audit,
}


class Storage:
    """A database and the vault that opens it.

    `damage` is what did not open so far, and `seals` makes and checks the seals of rows. `delete_files` deletes sealed
    files by their names; the code that knows the media folder sets it. `unwiped` is True while SQLite's log still has
    what was erased, because somebody was reading; `unsettled` while an earlier epoch's file, or a keys file, may still
    open what was erased.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault
        self.day_keys: dict[date, DataKey] = {}
        self.damage = Damage()
        self.seals = Seals(vault, self.damage)
        self.delete_files: Callable[[Sequence[str]], object] | None = None
        self.unwiped = False
        self.unsettled = True

    def unit(self, now: datetime, *, at_once: bool = False) -> AbstractContextManager[Unit]:
        """Open a write transaction: committed when the block ends, rolled back when it raises.

        `at_once`: on SQLite, raise Busy where another connection writes, and do not wait for it.
        """
        return _Work(self, now, writing=True, at_once=at_once)

    def forget(self, done: Transaction) -> None:
        """Finish what a committed transaction erased: delete its files, and the bytes in SQLite's log."""
        if done.files and self.delete_files is not None:
            self.delete_files(done.files)
        if done.erasing:
            self.unwiped = not self.database.checkpoint() or self.unwiped

    def wipe(self) -> bool:
        """Empty SQLite's log of what was erased; False where a reader keeps it, and it has to be tried again."""
        self.unwiped = not self.database.checkpoint()
        return not self.unwiped

    def reading(self, now: datetime) -> AbstractContextManager[Unit]:
        """Open a read-only unit on one snapshot of the database; writing in it fails."""
        return _Work(self, now, writing=False)


class _Work(AbstractContextManager[Unit]):
    """A unit while its block runs."""

    __slots__ = ("_now", "_session", "_storage", "_unit", "_writing")

    def __init__(self, storage: Storage, now: datetime, *, writing: bool, at_once: bool = False) -> None:
        self._storage = storage
        self._now = now
        self._writing = writing
        self._session = storage.database.session(writing=writing, at_once=at_once)

    def __enter__(self) -> Unit:
        run = self._session.__enter__()
        storage = self._storage
        run.seals = storage.seals
        self._unit = Unit(run.connection, run, storage.vault, self._now, self._writing, storage.day_keys)
        self._unit.damage = storage.damage
        return self._unit

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writing and kind is None and self._unit.erased:
            try:
                epoch_change.conclude(self._unit)
            except BaseException as failed:
                self._session.__exit__(type(failed), failed, failed.__traceback__)
                raise
        self._session.__exit__(kind, error, trace)
        # Only now they are known to be committed.
        if self._writing and kind is None and self._unit.fresh_keys:
            self._storage.day_keys.update(self._unit.fresh_keys)
        if self._writing and kind is None:
            self._storage.unsettled |= self._unit.erased
            self._storage.forget(self._unit)
