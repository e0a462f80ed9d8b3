"""The registry of tables: how each is erased, kept, exported and backed up.

`storage.erasure`, `storage.retention` and `storage.copies` take their tables from here. A test fails for a table that
has no rule, and for an undeclared column that may hold something about a person.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Table

from storage import tables
from storage.rule_kinds import (
    BackupFile,
    ColumnContent,
    Deleted,
    DeletedByInvite,
    DeletedWhenOpened,
    Exported,
    KeptForEver,
    KeptWhile,
    NotExported,
    RetentionPeriod,
    StaysAfterErasure,
    TableRule,
    WhenUnused,
)
from storage.tables import metadata

_C = ColumnContent
_OWNED: Final = Deleted()
_WHILE_MEMBER: Final = KeptForEver("as long as its owner's row: it says where the person belongs")
_UNTIL_GONE: Final = KeptWhile("it is as long as its owner's row, which goes with `retention.gone`")
_ANSWERS: Final = Exported("the file of answers")
_CODEBOOK: Final = Exported("the codebook beside the file of answers")
_NAMES: Final = NotExported("an export names nobody but by a pseudonym")
_WORK: Final = NotExported("it is the installation's own working, and no answer")
_TEAM: Final = NotExported("it is about the team's work, and no answer")
_OF_A_GROUP: Final = StaysAfterErasure("it is about a group")
_OF_NOBODY: Final = StaysAfterErasure("it says when something was done here, and is about nobody")
_OF_ALERTS: Final = ("cohort_id", "run_id", "message_id", "added_to")

RULES: Final[Mapping[Table, TableRule]] = MappingProxyType(
    {
        tables.organisation: TableRule(
            StaysAfterErasure("it is about the organisation"),
            KeptForEver("it is the organisation's record"),
            NotExported("it gives an export its zone and language alone", read=True),
            {"record": _C.SEALED},
        ),
        # People, and their addresses.
        tables.people: TableRule(
            _OWNED,
            KeptWhile("the person takes part or works here; who said no, left or never answered goes with the months"),
            NotExported("an export makes a pseudonym of the id, and leaves out who practises", read=True),
            {"id": _C.OWNER, "nickname": _C.OWNER_SEALED, "preferences": _C.OWNER_SEALED},
        ),
        tables.person_keys: TableRule(
            _OWNED,
            _UNTIL_GONE,
            NotExported("a key opens answers and is none", read=True),
            {"person_id": _C.OWNER, "wrapped": _C.KEY},
            BackupFile.KEYS,
        ),
        tables.inbox_keys: TableRule(
            StaysAfterErasure("it opens nothing that is left once the updates of a chat are deleted"),
            KeptWhile("updates and words of its day are: two days"),
            _WORK,
            {"wrapped": _C.KEY},
            BackupFile.KEYS,
        ),
        tables.invite_keys: TableRule(
            DeletedByInvite(),
            KeptWhile("its invite can be used, or whoever came in by it is here"),
            _WORK,
            {"invite_id": _C.ROW, "wrapped": _C.KEY},
            BackupFile.KEYS,
        ),
        tables.former_keys: TableRule(
            StaysAfterErasure("it is the organisation's, and wraps nobody's key any more"),
            KeptForEver("hashes, pseudonyms and older rows of the trail are made with it"),
            _WORK,
            {"wrapped": _C.KEY},
            BackupFile.KEYS,
        ),
        tables.epoch: TableRule(
            StaysAfterErasure("it names a file, and says when"),
            KeptForEver("it says which epoch's key wraps all others"),
            _WORK,
        ),
        tables.erasures: TableRule(
            StaysAfterErasure("it is a keyed hash of an id that leads to nobody any more"),
            KeptForEver("an older backup must not bring back who was erased"),
            _WORK,
            {"lookup": _C.HASH},
            BackupFile.KEYS,
        ),
        tables.addresses: TableRule(
            WhenUnused(),
            KeptWhile("somebody is linked to it"),
            _NAMES,
            {"lookup": _C.CHAT},
        ),
        tables.person_addresses: TableRule(
            _OWNED,
            _UNTIL_GONE,
            _NAMES,
            {"person_id": _C.OWNER, "address_id": _C.ROW, "target": _C.OWNER_SEALED},
        ),
        tables.consents: TableRule(
            _OWNED,
            KeptForEver("as long as its owner's row: it is only ever added to"),
            NotExported("what somebody agreed to is between that person and the organisation"),
            {"person_id": _C.OWNER, "text": _C.OWNER_SEALED},
        ),
        # Cohorts, and who may do what.
        tables.cohorts: TableRule(
            StaysAfterErasure("a group's name and what it agreed are no one person's"),
            KeptForEver("answers and orders are of a group"),
            _ANSWERS,
            {"name": _C.SEALED, "lookup": _C.HASH, "context": _C.SEALED},
        ),
        tables.memberships: TableRule(
            _OWNED, _WHILE_MEMBER, _NAMES, {"person_id": _C.OWNER, "nickname_lookup": _C.HASH}
        ),
        tables.roles: TableRule(
            _OWNED,
            KeptForEver("as long as its owner's row: it says who could read what, and when"),
            _TEAM,
            {"person_id": _C.OWNER, "granted_by": _C.ACTOR},
        ),
        tables.role_rests: TableRule(
            _OWNED,
            KeptForEver("as long as its owner's row: it says when a role allowed nothing, and who asked for that"),
            _TEAM,
            {"person_id": _C.OWNER, "asked_by": _C.ACTOR, "decided_by": _C.ACTOR},
        ),
        tables.invites: TableRule(
            StaysAfterErasure("it is for whoever has its code, and its uses are deleted"),
            KeptForEver("it says by which way people came in"),
            _TEAM,
            {"lookup": _C.HASH, "created_by": _C.ACTOR, "nickname": _C.INVITE_SEALED},
        ),
        tables.invite_uses: TableRule(_OWNED, _WHILE_MEMBER, _NAMES, {"person_id": _C.OWNER, "invite_id": _C.ROW}),
        # What is asked.
        tables.dialog_versions: TableRule(
            StaysAfterErasure("it is what was asked, and nobody's answer"),
            KeptForEver("a run keeps the version that it began with"),
            _CODEBOOK,
            {"source": _C.DIALOG},
        ),
        tables.own_dialogs: TableRule(
            StaysAfterErasure("it is what was asked, and nobody's answer"),
            KeptForEver("it is the organisation's own dialog"),
            _TEAM,
            {"changed_by": _C.ACTOR},
        ),
        tables.purposes: TableRule(
            StaysAfterErasure("it says why a group was asked"),
            KeptForEver("whoever was asked can look up why"),
            _TEAM,
            {"card": _C.SEALED, "created_by": _C.ACTOR},
        ),
        tables.schedules: TableRule(_OF_A_GROUP, KeptForEver("it says what comes back"), _TEAM, {"made_by": _C.ACTOR}),
        tables.broadcasts: TableRule(
            _OF_A_GROUP, KeptForEver("it says what a group was asked, and when"), _TEAM, {"ordered_by": _C.ACTOR}
        ),
        tables.signs: TableRule(
            StaysAfterErasure("a group agreed on its words, and they name nobody"),
            KeptForEver("it says by what a group tells that something gets better"),
            _TEAM,
            {"words": _C.SEALED, "former_id": _C.ROW, "made_by": _C.ACTOR},
        ),
        tables.judgements: TableRule(
            StaysAfterErasure("a group said it as one, or the team did"),
            KeptForEver("it says how a group stood, and what the team thought"),
            _TEAM,
            {"body": _C.SEALED, "beside_id": _C.ROW, "written_by": _C.ACTOR},
        ),
        tables.evidence: TableRule(
            _OWNED,
            RetentionPeriod("laid_at"),
            _TEAM,
            {"person_id": _C.OWNER, "laid_by": _C.ACTOR},
        ),
        tables.sheets: TableRule(
            StaysAfterErasure("a circle said it as one; its code takes it back"),
            RetentionPeriod("made_at"),
            _TEAM,
            {"lookup": _C.HASH, "body": _C.SEALED, "made_by": _C.ACTOR},
        ),
        tables.quotes: TableRule(
            _OWNED,
            RetentionPeriod("asked_at"),
            _TEAM,
            {"person_id": _C.OWNER, "body": _C.OWNER_SEALED, "asked_by": _C.ACTOR},
        ),
        tables.deliveries: TableRule(
            _OWNED,
            KeptForEver("as long as its owner's row: it says how far an order came"),
            _TEAM,
            {"person_id": _C.OWNER},
        ),
        tables.decisions: TableRule(
            StaysAfterErasure("it says what the team decided for a group, in words that could expose nobody"),
            KeptForEver("a group can look up what came of its answers"),
            _TEAM,
            {"body": _C.SEALED, "made_by": _C.ACTOR},
        ),
        tables.frozen_totals: TableRule(
            StaysAfterErasure("it says in bands of five what left the team, and names nobody"),
            KeptForEver("whatever is told later has to fit what left before"),
            _TEAM,
            {"body": _C.SEALED, "frozen_by": _C.ACTOR},
        ),
        tables.decision_links: TableRule(
            _OWNED,
            RetentionPeriod("at"),
            _TEAM,
            {"person_id": _C.OWNER, "run_id": _C.ROW, "message_id": _C.ROW},
        ),
        tables.hand_notices: TableRule(
            _OWNED,
            RetentionPeriod("told_at"),
            _TEAM,
            {"person_id": _C.OWNER, "told_by": _C.ACTOR},
        ),
        # What was said.
        tables.runs: TableRule(
            _OWNED,
            KeptForEver("as long as its owner's row; what was gathered in one that was left open goes with the months"),
            _ANSWERS,
            {"person_id": _C.OWNER, "state": _C.OWNER_SEALED},
        ),
        tables.answers: TableRule(
            _OWNED,
            RetentionPeriod("answered_at"),
            _ANSWERS,
            {"person_id": _C.OWNER, "value": _C.OWNER_SEALED},
        ),
        tables.asides: TableRule(
            _OWNED,
            RetentionPeriod("said_at"),
            _ANSWERS,
            {"person_id": _C.OWNER, "value": _C.OWNER_SEALED},
        ),
        tables.media: TableRule(
            _OWNED,
            RetentionPeriod("received_at"),
            Exported("the folder `media`, where it was asked for"),
            {"person_id": _C.OWNER},
        ),
        tables.messages: TableRule(
            _OWNED,
            RetentionPeriod("at"),
            NotExported("it was said to the team, and no question asked for it"),
            {
                "person_id": _C.OWNER,
                "body": _C.OWNER_SEALED,
                "written_by": _C.ACTOR,
                "taken_by": _C.ACTOR,
                "media_id": _C.ROW,
                "reply_to": _C.ROW,
                "seal": _C.HASH,
            },
        ),
        tables.alerts: TableRule(
            DeletedWhenOpened(), RetentionPeriod("raised_at"), _TEAM, {"body": _C.SEALED, "place": _C.HASH}
        ),
        tables.alerts_before: TableRule(
            _OWNED,
            KeptWhile("nobody with the key has opened the database since the update: then each is sealed"),
            _TEAM,
            {"person_id": _C.OWNER, "seen_by": _C.ACTOR, **dict.fromkeys(_OF_ALERTS, _C.ROW)},
        ),
        tables.support_requests: TableRule(
            _OWNED,
            RetentionPeriod("asked_at"),
            _TEAM,
            {
                "person_id": _C.OWNER,
                "run_id": _C.ROW,
                "message_id": _C.ROW,
                "done_by": _C.ACTOR,
                "asked_for": _C.HASH,
                "seal": _C.HASH,
            },
        ),
        tables.reach_notes: TableRule(
            _OWNED,
            KeptWhile("something its owner asked for is open, and thirty days after"),
            NotExported("it is for whoever sees to what its owner asked for, and for nobody else"),
            {"person_id": _C.OWNER, "body": _C.OWNER_SEALED},
        ),
        tables.readings: TableRule(
            _OWNED, RetentionPeriod("read_at"), _TEAM, {"person_id": _C.OWNER, "reader_id": _C.ACTOR}
        ),
        tables.readings_begun: TableRule(
            _OWNED,
            KeptWhile("the answer that was read, or what was said beside it, is kept"),
            _TEAM,
            {"person_id": _C.OWNER, "reader_id": _C.ACTOR},
        ),
        tables.message_readings: TableRule(
            _OWNED,
            RetentionPeriod("read_at"),
            _TEAM,
            {"person_id": _C.OWNER, "reader_id": _C.ACTOR, "conversation_id": _C.ROW},
        ),
        # What comes in and goes out.
        tables.inbox: TableRule(
            Deleted(chats=True),
            KeptWhile("it waits, and a while after so that it is not taken twice; its words go with its turn"),
            _WORK,
            {"lookup": _C.CHAT, "body": _C.DAY_SEALED},
        ),
        tables.outbox: TableRule(
            Deleted(chats=True),
            KeptWhile("it waits, is on a page or is still needed; its words go after 90 days, or with the months"),
            _WORK,
            {"person_id": _C.OWNER, "lookup": _C.CHAT, "body": _C.OWNER_SEALED},
        ),
        tables.named_on_screens: TableRule(_OWNED, _UNTIL_GONE, _WORK, {"person_id": _C.OWNER}),
        tables.panels: TableRule(
            _OWNED,
            KeptWhile("its message changes or stands in a chat"),
            _WORK,
            {"person_id": _C.OWNER, "subject": _C.ROW, "shown": _C.HASH},
        ),
        # The web chat.
        tables.web_sessions: TableRule(
            StaysAfterErasure("48 hours, for the browser to say that everything is gone: the chat opens with it alone"),
            KeptWhile("the browser comes back within 400 days, and there is somebody in it"),
            _WORK,
            {"token": _C.HASH, "address": _C.CHAT, "chat": _C.BROWSER_SEALED, "former": _C.HASH},
        ),
        tables.web_links: TableRule(
            _OWNED,
            KeptForEver("as long as its owner's row: an old link says that it is old"),
            _WORK,
            {"person_id": _C.OWNER, "lookup": _C.HASH},
        ),
        tables.link_requests: TableRule(
            _OWNED, RetentionPeriod("asked_at"), _WORK, {"person_id": _C.OWNER, "closed_by": _C.ACTOR}
        ),
        tables.pin_tries: TableRule(_OWNED, _UNTIL_GONE, _WORK, {"person_id": _C.OWNER}),
        tables.message_notices: TableRule(
            _OWNED,
            RetentionPeriod("told_at"),
            _WORK,
            {"person_id": _C.OWNER, "message_id": _C.ROW, "told_by": _C.ACTOR},
        ),
        tables.recollections: TableRule(
            DeletedByInvite(),
            KeptWhile("the team has not seen to it, 30 days at most"),
            _WORK,
            {"words": _C.SEALED},
        ),
        tables.web_pins: TableRule(_OWNED, _UNTIL_GONE, _WORK, {"person_id": _C.OWNER, "pin": _C.OWNER_SEALED}),
        # The installation's own tables.
        tables.resealing: TableRule(_OF_NOBODY, KeptForEver("it is one row"), _WORK),
        **dict.fromkeys(
            (tables.fetches, tables.webhooks, tables.restores, tables.leases),
            TableRule(_OF_NOBODY, KeptForEver("few rows"), _WORK),
        ),
        tables.processes: TableRule(_OF_NOBODY, KeptWhile("the process was seen within the last day"), _WORK),
        tables.audit: TableRule(
            StaysAfterErasure("it knows ids only, and a row that went would break the chain of hashes"),
            KeptForEver("it proves what was done by whom"),
            NotExported("it tells whether somebody was erased while an export was written", read=True),
            {
                "actor": _C.ACTOR,
                "subject": _C.ACTOR,
                "detail": _C.SEALED,
                "previous": _C.HASH,
                "hash": _C.HASH,
            },
        ),
        tables.audit_head: TableRule(
            StaysAfterErasure("it knows which row of the trail is the newest, and nothing else"),
            KeptForEver("without it, rows could be cut off the trail's end"),
            _WORK,
            {"head": _C.SEALED},
        ),
    }
)

# What other modules take from the registry.

KEY_TABLES: Final = tuple(table for table in metadata.sorted_tables if RULES[table].backup is BackupFile.KEYS)
"""Tables of wrapped keys: a backup has them in a separate file."""

_owners = {
    table: table.c[column]
    # A row is deleted before the rows that it refers to.
    for table in reversed(metadata.sorted_tables)
    for column, content in RULES[table].columns.items()
    if content is ColumnContent.OWNER
}
# The keys go first: without them nothing of the person can be read, whatever happens next.
OWNERS: Final = {table: _owners[table] for table in sorted(_owners, key=lambda table: table not in KEY_TABLES)}
"""Tables from which a person's rows are deleted, in this order, each with its owner column."""

CHAT_TABLES: Final = tuple(
    table for table in metadata.sorted_tables if isinstance(erasing := RULES[table].erasing, Deleted) and erasing.chats
)
"""Tables from which rows of chats are deleted, too, where nobody else is."""

PERIODS: Final = {
    table: table.c[keeping.since]
    for table in reversed(metadata.sorted_tables)
    if isinstance(keeping := RULES[table].keeping, RetentionPeriod)
}
"""Tables whose rows are erased after the organisation's months, and the moment from which these count."""
