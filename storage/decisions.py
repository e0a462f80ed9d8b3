"""Decisions: what the team understood or decided because of answers, and what ties people to it.

Its words are the organisation's, in every language they were written in. A link is its person's and goes with them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, cast
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, insert, literal_column, select, update

from storage import quoted_words
from storage.database import written
from storage.sealed_statements import Change, Verified
from storage.store import Store, from_json, to_json
from storage.tables import broadcasts, decision_links, decisions, deliveries, memberships, outbox, people, runs

DecisionKind: TypeAlias = Literal["decision", "understood"]
LinkKind: TypeAlias = Literal["moved", "fine", "said"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the team understood (`understood`), or decided and tells (`decision`).

    Attributes:
        id: its id.
        kind: which of the two.
        cohort_id: whom it is told.
        broadcast_id: what had been asked.
        body: its words by language, and how it was said; empty where it is damaged.
        made_by: who wrote it; None at the console.
        made_at: when.
        state: `draft`, `told` or `dropped`.
        share_back_id: the broadcast that gives it back.
        told_at: when that was ordered.
        moved: how many people's answers moved it.
        written: its body as it is kept, in which quotes are only named.
    """

    id: UUID
    kind: DecisionKind
    cohort_id: UUID
    broadcast_id: UUID
    body: Mapping[str, Any]
    made_by: UUID | None
    made_at: datetime
    state: str
    share_back_id: UUID | None
    told_at: datetime | None
    moved: int
    written: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionLink:
    """What ties a person to a decision: their answers moved it, a yes to it, or a message that they said back."""

    id: UUID
    person_id: UUID
    kind: LinkKind
    run_id: UUID | None
    message_id: UUID | None


_COLUMNS: Final = (
    decisions.c.id,
    decisions.c.kind,
    decisions.c.cohort_id,
    decisions.c.broadcast_id,
    decisions.c.body,
    decisions.c.made_by,
    decisions.c.made_at,
    decisions.c.state,
    decisions.c.share_back_id,
    decisions.c.told_at,
    decisions.c.moved,
)
_ALL: Final = select(*_COLUMNS).order_by(decisions.c.seq.desc())
_ADD: Final = insert(decisions)
_GET: Final = Verified(_ALL.where(decisions.c.id == bindparam("decision")), decisions)
_OF_SHARE_BACK: Final = Verified(_ALL.where(decisions.c.share_back_id == bindparam("broadcast")), decisions)
_TOLD: Final = decisions.c.state == literal_column("'told'")
_TOLD_TO: Final = Verified(
    _ALL.where(decisions.c.cohort_id.in_(bindparam("cohorts", expanding=True)), _TOLD)
    .limit(bindparam("limit"))
    .offset(bindparam("offset")),
    decisions,
)
_OF_BROADCAST: Final = Verified(
    _ALL.where(decisions.c.broadcast_id == bindparam("broadcast"), decisions.c.state != "dropped"), decisions
)
_REWORD: Final = (
    update(decisions)
    .where(decisions.c.id == bindparam("decision"), decisions.c.state == literal_column("'draft'"))
    .values(body=bindparam("body"))
)
_SETTLE: Final = Change(
    decisions,
    decisions.c.id == bindparam("decision"),
    decisions.c.state == literal_column("'draft'"),
    state=bindparam("state"),
    share_back_id=bindparam("share_back"),
)
_NOTE_TOLD: Final = (
    update(decisions)
    .where(decisions.c.id == bindparam("decision"))
    .values(
        told_at=bindparam("at"),
        moved=select(func.count())
        .where(decision_links.c.decision_id == bindparam("decision"), decision_links.c.kind == "moved")
        .scalar_subquery(),
    )
)
_UNTELL: Final = Change(decisions, decisions.c.id == bindparam("decision"), _TOLD, state="draft", share_back_id=None)
_LINK: Final = insert(decision_links)
_LINKS: Final = Verified(
    select(
        decision_links.c.id,
        decision_links.c.person_id,
        decision_links.c.kind,
        decision_links.c.run_id,
        decision_links.c.message_id,
    )
    .where(decision_links.c.decision_id == bindparam("decision"))
    .order_by(decision_links.c.at, decision_links.c.id),
    decision_links,
)
_OF_MESSAGES: Final = Verified(
    select(decision_links.c.message_id, decision_links.c.decision_id).where(
        decision_links.c.message_id.in_(bindparam("messages", expanding=True))
    ),
    decision_links,
)
_UNLINK: Final = delete(decision_links).where(
    decision_links.c.decision_id == bindparam("decision"),
    decision_links.c.person_id == bindparam("person"),
    decision_links.c.kind == bindparam("kind"),
)
# Whom a broadcast asked and who still takes part.
_ASKED: Final = Verified(
    select(deliveries.c.person_id)
    .join(people, people.c.id == deliveries.c.person_id)
    .join(memberships, memberships.c.person_id == deliveries.c.person_id)
    .where(
        deliveries.c.broadcast_id == bindparam("broadcast"),
        deliveries.c.state == literal_column("'started'"),
        people.c.participation.in_(written("active", "paused")),
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
        memberships.c.waiting.is_(False),
    )
    .order_by(deliveries.c.id),
    deliveries,
    people,
    memberships,
)
_OPENED: Final = (
    update(runs)
    .where(
        runs.c.person_id == bindparam("person"),
        runs.c.status == literal_column("'offered'"),
        runs.c.delivery_id
        == select(deliveries.c.id)
        .where(deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.person_id == bindparam("person"))
        .scalar_subquery(),
    )
    .values(status="completed", active_at=bindparam("at"), ended_at=bindparam("at"))
)
_BEGUN: Final = select(runs.c.id).join(deliveries, deliveries.c.id == runs.c.delivery_id)
_OF_BACK: Final = deliveries.c.broadcast_id == bindparam("broadcast")
_UNSAY: Final = (
    update(outbox)
    .where(outbox.c.state == literal_column("'queued'"), outbox.c.run_id.in_(_BEGUN.where(_OF_BACK)))
    .values(state="dropped", reason="cancelled", body=None, due_at=outbox.c.created_at, sent_at=None)
)
_AHEAD: Final = (
    select(func.count())
    .select_from(deliveries.join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id))
    .where(
        deliveries.c.state == literal_column("'due'"),
        deliveries.c.person_id == bindparam("person"),
        deliveries.c.due_at <= bindparam("until"),
        broadcasts.c.cancelled_at.is_(None),
        exists().where(decisions.c.share_back_id == broadcasts.c.id),
    )
)


class Decisions(Store):
    """The decisions, and what ties people to them."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        kind: DecisionKind,
        cohort_id: UUID,
        broadcast_id: UUID,
        body: Mapping[str, Any],
        made_by: UUID | None,
    ) -> None:
        """Add a draft."""
        row = {"id": id, "kind": kind, "cohort_id": cohort_id, "broadcast_id": broadcast_id, "state": "draft"}
        self._execute(_ADD, {**row, "body": self._sealed(id, body), "made_by": made_by, "made_at": self._tx.now})

    def _sealed(self, decision_id: UUID, body: Mapping[str, Any]) -> bytes:
        return self._tx.vault.organisation_key.seal(to_json(dict(body)), "decisions", "body", decision_id.hex)

    def get(self, id: UUID) -> Decision | None:  # noqa: A002 -- the column's own name
        """Return a decision, or None."""
        return self._one(_GET, {"decision": id})

    def given_by(self, broadcast_id: UUID) -> Decision | None:
        """Return the decision that a broadcast gives back, or None."""
        return self._one(_OF_SHARE_BACK, {"broadcast": broadcast_id})

    def because_of(self, broadcast_id: UUID) -> list[Decision]:
        """List what was written because of a broadcast, drafts included, the newest first."""
        return [self._decision(row) for row in self._execute(_OF_BROADCAST, {"broadcast": broadcast_id})]

    def told_to(self, cohort_ids: Collection[UUID], limit: int, offset: int = 0) -> list[Decision]:
        """List what cohorts were told, the newest first."""
        wanted = {"cohorts": [*cohort_ids], "limit": limit, "offset": offset}
        return [self._decision(row) for row in self._tx.run.listed(_TOLD_TO, wanted)]

    def reword(self, id: UUID, body: Mapping[str, Any]) -> bool:  # noqa: A002 -- the column's own name
        """Change the words of a draft; return False if it is none any more."""
        return self._execute(_REWORD, {"decision": id, "body": self._sealed(id, body)}).rowcount > 0

    def drop(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Drop a draft; return False if it is none any more."""
        return self._execute(_SETTLE, {"decision": id, "state": "dropped", "share_back": None}).rowcount > 0

    def tell(self, id: UUID, broadcast_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Note that a broadcast gives a draft back from now on; return False if it is no draft any more."""
        if not self._execute(_SETTLE, {"decision": id, "state": "told", "share_back": broadcast_id}).rowcount:
            return False
        self._execute(_NOTE_TOLD, {"decision": id, "at": self._tx.now})
        return True

    def untell(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Make a draft again of what reached nobody; return False if it was not told."""
        return self._execute(_UNTELL, {"decision": id}).rowcount > 0

    # Whom it is for.

    def asked(self, broadcast_id: UUID, cohort_id: UUID) -> list[UUID]:
        """List whom a broadcast asked and who still takes part in its cohort."""
        found = self._execute(_ASKED, {"broadcast": broadcast_id, "cohort": cohort_id})
        return list(dict.fromkeys(row[0] for row in found))

    def opened(self, broadcast_id: UUID, person_id: UUID) -> None:
        """Note that somebody came to what was given back."""
        self._execute(_OPENED, {"broadcast": broadcast_id, "person": person_id, "at": self._tx.now})

    def withdraw(self, broadcast_id: UUID) -> None:
        """Take back what was begun but not sent, once the broadcast that gives back is cancelled."""
        self._execute(_UNSAY, {"broadcast": broadcast_id})

    def ahead(self, person_id: UUID, until: datetime) -> int:
        """Count what is to be given back to somebody until a moment."""
        return int(self._execute(_AHEAD, {"person": person_id, "until": until}).scalar() or 0)

    # What ties people to it.

    def link(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        decision_id: UUID,
        person_id: UUID,
        kind: LinkKind,
        run_id: UUID | None = None,
        message_id: UUID | None = None,
    ) -> None:
        """Tie a person to a decision."""
        row = {"id": id, "decision_id": decision_id, "person_id": person_id, "kind": kind, "at": self._tx.now}
        self._execute(_LINK, {**row, "run_id": run_id, "message_id": message_id})

    def unlink(self, decision_id: UUID, person_id: UUID, kind: LinkKind) -> bool:
        """Take such a tie back; return False if there is none."""
        facts = {"decision": decision_id, "person": person_id, "kind": kind}
        return self._execute(_UNLINK, facts).rowcount > 0

    def links(self, decision_id: UUID) -> list[DecisionLink]:
        """List who is tied to a decision."""
        return [DecisionLink(*row) for row in self._execute(_LINKS, {"decision": decision_id})]

    def said_to(self, messages: Collection[UUID]) -> dict[UUID, UUID]:
        """Return to which decision each of some messages was said back; others are left out."""
        if not messages:
            return {}
        return {row[0]: row[1] for row in self._tx.run.listed(_OF_MESSAGES, {"messages": [*messages]})}

    def _one(self, statement: Any, parameters: dict[str, Any]) -> Decision | None:
        row = self._execute(statement, parameters).first()
        return None if row is None else self._decision(row)

    def _decision(self, row: Sequence[Any]) -> Decision:
        id_, kind, cohort_id, broadcast_id, sealed, made_by, made_at, *rest = row
        opened = self._tx.opened(self._tx.vault.organisation_key, sealed, "decisions", "body", id_.hex)
        kept = {} if opened is None else from_json(opened)
        body = quoted_words.filled(self._tx, kept)
        state, share_back_id, told_at, moved = rest
        known = (made_by, made_at, state, share_back_id, told_at, moved)
        return Decision(id_, cast("DecisionKind", kind), cohort_id, broadcast_id, body, *known, kept)
