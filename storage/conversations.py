"""Queries for conversations between leaders and the team: what waits for an answer, since when, in which order."""

from typing import Final

from sqlalchemy import and_, bindparam, case, func, or_, select, true

from storage.sealed_statements import Verified
from storage.tables import messages

_first = messages.alias("first")
_said = messages.alias("said")
_then = messages.alias("then")
TOP: Final = func.coalesce(messages.c.reply_to, messages.c.id)
"""The id of the first message of the conversation that a message belongs to."""
# Where the team has not replied yet, everything the leader said waits.
_ENDS: Final = (
    select(
        TOP.label("top"),
        func.max(case((messages.c.direction == "to_team", messages.c.seq))).label("said"),
        func.max(case((messages.c.direction == "from_team", messages.c.seq))).label("told"),
        func.coalesce(func.max(messages.c.answers_seq), 0).label("answered"),
    )
    .where(messages.c.direction != "held")
    .group_by(TOP)
    .subquery("ends")
)
_WAITS: Final = and_(_ENDS.c.said.is_not(None), _ENDS.c.answered < _ENDS.c.said)
_SEQ: Final = func.coalesce(
    select(func.min(_said.c.seq))
    .where(
        _said.c.person_id == _first.c.person_id,
        func.coalesce(_said.c.reply_to, _said.c.id) == _first.c.id,
        _said.c.direction == "to_team",
        _said.c.seq > _ENDS.c.answered,
    )
    .scalar_subquery(),
    _ENDS.c.told,
    _first.c.seq,
)
_SINCE: Final = select(_then.c.at).where(_then.c.seq == _SEQ).scalar_subquery()
_STATE: Final = case(
    (_first.c.closed_at.is_not(None), "closed"),
    (~_WAITS, "answered"),
    (_first.c.taken_by.is_not(None), "taken"),
    else_="new",
)
_RANK: Final = case((~_WAITS, 2), (_first.c.taken_by.is_not(None), 1), else_=0)
_CONVERSATIONS: Final = select(
    _first.c.id,
    _first.c.person_id,
    _first.c.cohort_id,
    _STATE.label("state"),
    _first.c.taken_by,
    _SINCE.label("since"),
    _SEQ.label("seq"),
).join(_ENDS, _ENDS.c.top == _first.c.id)
CONVERSATION: Final = Verified(_CONVERSATIONS.where(_first.c.id == bindparam("id")), _first)
_REACHED: Final = _CONVERSATIONS.where(
    or_(
        _first.c.cohort_id.in_(bindparam("cohorts", expanding=True)),
        bindparam("nowhere", type_=true().type) & _first.c.cohort_id.is_(None),
    )
)
OPEN: Final = Verified(
    _REACHED.where(_first.c.closed_at.is_(None))
    .order_by(_RANK, _SEQ)
    .limit(bindparam("limit"))
    .offset(bindparam("skip")),
    _first,
)
CLOSED: Final = Verified(
    _REACHED.where(_first.c.closed_at.is_not(None))
    .order_by(_first.c.closed_at.desc(), _first.c.id)
    .limit(bindparam("limit"))
    .offset(bindparam("skip")),
    _first,
)
