"""The registry of seals: for every table, which of its columns one is over, or why none is.

A seal keeps whoever can write rows, and has no key, from giving anybody anything to see or do. Its columns are a
numbered list: a later list gets the next number, so that seals made over an earlier one are known as such. What is
encrypted needs no seal, since it opens in the row it was made for and in no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Table

from storage import tables


@dataclass(frozen=True, slots=True)
class SealedColumns:
    """A seal is over these columns of a row, in this order; `number` is the list's own."""

    number: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotSealed:
    """No seal is over the rows of a table; `why` says why that gives nobody anything."""

    why: str


SealRule: TypeAlias = SealedColumns | NotSealed


def _over(number: int, *names: str) -> SealedColumns:
    return SealedColumns(number, names)


_WORK: Final = NotSealed("it is the installation's own working: whoever changes it stops or repeats that")
_CHAIN: Final = NotSealed("each row's keyed hash covers it and the row before, and the head is encrypted")
_ENCRYPTED: Final = NotSealed("whatever leads it to a reader is encrypted in the row, and opens in no other")
_SHOWN: Final = NotSealed("it says what is new to one of the team, who may read it anyway")
_KEYS: Final = NotSealed("a wrapped key opens for its owner alone")
_NOTED: Final = NotSealed("it is a note of what was done, and nothing is allowed because of it")

SEALS: Final[Mapping[Table, SealRule]] = MappingProxyType(
    {
        tables.organisation: _over(1, "id", "key_confirmed_at", "backup_verified_at"),
        tables.people: _over(1, "id", "participation", "practice", "locked"),
        tables.person_keys: _KEYS,
        tables.inbox_keys: _KEYS,
        tables.invite_keys: _KEYS,
        tables.former_keys: _KEYS,
        tables.epoch: _WORK,
        tables.erasures: _NOTED,
        tables.addresses: _over(1, "id", "messenger", "lookup"),
        tables.person_addresses: _over(1, "person_id", "address_id", "current", "linked_at"),
        tables.cohorts: _over(1, "id", "lookup", "practice"),
        tables.consents: _over(1, "id", "person_id", "action", "text_version", "language", "at", "seq"),
        tables.memberships: _over(1, "id", "person_id", "cohort_id", "joined_at", "left_at", "waiting"),
        tables.roles: _over(
            1,
            "id",
            "person_id",
            "role",
            "cohort_id",
            "granted_by",
            "granted_at",
            "expires_at",
            "revoked_at",
            "rested_at",
        ),
        tables.invites: _over(
            1,
            "id",
            "lookup",
            "role",
            "cohort_id",
            "uses",
            "used",
            "created_by",
            "created_at",
            "expires_at",
            "revoked_at",
        ),
        tables.invite_uses: _over(1, "invite_id", "person_id", "used_at"),
        tables.web_links: _over(1, "id", "person_id", "lookup", "made_at", "expires_at", "opened_at", "revoked_at"),
        # What is asked, and of whom.
        tables.dialog_versions: _over(1, "hash", "name", "kind", "source"),
        tables.own_dialogs: _over(
            1,
            *("name", "hash", "base", "changed_by", "changed_at", "retired_at"),
            *("cohort_id", "kept_at", "first_at"),
        ),
        tables.purposes: _ENCRYPTED,
        tables.schedules: _over(
            1,
            *("id", "key", "cohort_id", "purpose_id", "dialogs", "rule", "window_minutes"),
            *("made_by", "made_at", "state"),
        ),
        # Of which schedule and day one is an occurrence, its key says as well.
        tables.broadcasts: _over(
            1, "id", "key", "dialog_hash", "cohort_id", "purpose_id", "ordered_by", "ordered_at", "cancelled_at"
        ),
        tables.signs: _over(1, "id", "cohort_id", "kind", "former_id", "made_by", "made_at", "ended_at"),
        tables.judgements: _over(
            1,
            *("id", "sign_id", "said_by", "value", "present", "said_on"),
            *("beside_id", "written_by", "written_at", "taken_back_at"),
        ),
        tables.evidence: _over(1, "id", "sign_id", "person_id", "run_id", "path"),
        tables.sheets: _over(1, "id", "lookup", "cohort_id", "dialog_hash", "made_by", "made_at", "state"),
        tables.quotes: _over(
            1,
            *("id", "person_id", "cohort_id", "run_id", "path"),
            *("state", "asked_by", "asked_at", "answered_at", "broadcast_id"),
            "body",  # a yes is to exactly these words, and to none that stood there before
        ),
        tables.deliveries: _over(1, "id", "broadcast_id", "person_id"),
        tables.decisions: _over(
            1, "id", "kind", "cohort_id", "broadcast_id", "made_by", "made_at", "state", "share_back_id"
        ),
        tables.frozen_totals: _over(1, "id", "cohort_id", "broadcast_id", "frozen_by", "frozen_at"),
        tables.decision_links: _over(1, "id", "decision_id", "person_id", "kind", "at", "run_id", "message_id"),
        tables.hand_notices: _NOTED,
        # What was said.
        tables.runs: _over(
            1, "id", "person_id", "dialog_hash", "cohort_id", "broadcast_id", "delivery_id", "started_by", "started_at"
        ),
        tables.answers: _over(1, "id", "run_id", "path", "person_id", "answered_at"),
        tables.asides: _over(1, "id", "run_id", "path", "person_id", "said_at"),
        tables.media: _over(1, "id", "person_id", "kind"),
        tables.messages: _over(
            1, "id", "person_id", "cohort_id", "direction", "at", "written_by", "media_id", "reply_to"
        ),
        tables.alerts: _ENCRYPTED,
        tables.alerts_before: NotSealed("it is emptied before anything is sealed, and never read again"),
        tables.support_requests: _over(
            1, "id", "person_id", "cohort_id", "run_id", "message_id", "asked_at", "asked_for", "done_at", "done_by"
        ),
        tables.reach_notes: _ENCRYPTED,
        tables.readings: _SHOWN,
        tables.readings_begun: _SHOWN,
        tables.message_readings: _SHOWN,
        # What comes in and goes out.
        tables.inbox: NotSealed("the chat is encrypted with the words, and what was said counts for no other"),
        tables.outbox: NotSealed("the chat is encrypted with the words, and they are said in no other"),
        tables.named_on_screens: _NOTED,
        tables.panels: _over(1, "id", "person_id", "kind", "subject"),
        # The web chat.
        tables.web_sessions: _over(
            1, "id", "token", "address", "opened_at", "open_until", "revoked_at", "prefixed", "former", "former_until"
        ),
        tables.link_requests: _NOTED,
        tables.pin_tries: NotSealed("it counts tries: whoever sets it back has more of them, as by deleting the row"),
        tables.message_notices: _NOTED,
        tables.recollections: _over(1, "id", "invite_id", "asked_at"),
        tables.web_pins: NotSealed("a PIN is encrypted, and its person's row says that there is one"),
        tables.role_rests: NotSealed("it says what is asked of the admins: the role's own row says whether it rests"),
        tables.audit: _CHAIN,
        tables.audit_head: _CHAIN,
        tables.resealing: _WORK,
        tables.leases: _WORK,
        tables.processes: _WORK,
        tables.fetches: _WORK,
        tables.webhooks: _WORK,
        tables.restores: _WORK,
    }
)


def rule_of(table: Any) -> SealedColumns | None:
    """Return over which columns of a table, or of an alias of one, a seal is; None if there is none."""
    rule = SEALS.get(getattr(table, "element", table))
    return rule if isinstance(rule, SealedColumns) else None


def sealed_columns(table: Any) -> tuple[Column[Any], ...]:
    """Return the columns of a table, or of an alias of one, that its seals are over."""
    rule = rule_of(table)
    return () if rule is None else tuple(table.c[name] for name in rule.names)


def identity(table: Any) -> tuple[Column[Any], ...]:
    """Return by which of its sealed columns a row is known: its primary key, else its id."""
    key = tuple(table.primary_key.columns)
    names = {column.name for column in sealed_columns(table)}
    return key if names.issuperset(column.name for column in key) else (table.c.id,)


SEALED_TABLES: Final = tuple(table for table in SEALS if rule_of(table) is not None)
"""The tables whose rows have seals."""
