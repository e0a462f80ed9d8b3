"""Signs, by which a group tells that something gets better or does harm; how they stand; what was told beside them.

Words and reasons are sealed with the organisation's key, and with them whether a sign tells of harm and how it stands:
by their columns all rows look alike. What is laid beside a sign is only named, by its run and the hash of its question:
it is read where it stands, and goes with whoever said it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update

from storage.database import insert_new
from storage.sealed_statements import Change, Verified
from storage.store import Store, from_json, to_json
from storage.tables import evidence, judgements, signs

ALIKE: Final = "better"
"""What the column says of every sign; of which kind it is, is sealed with its words."""
Kind: TypeAlias = Literal["better", "harm"]
SaidBy: TypeAlias = Literal["group", "team"]


@dataclass(frozen=True, slots=True)
class Sign:
    """By what a group can tell that something gets better, or does harm.

    Attributes:
        id: its id.
        cohort_id: whose it is.
        kind: whether it tells of something better, or of harm.
        words: the group's own; empty where they are damaged.
        former_id: the sign of which it is another wording.
        made_by: who wrote it down.
        made_at: when.
        ended_at: when it was worded anew or given up.
        look_on: the day on which a sign of harm is looked at again.
        look_every: after how many days once more.
        laid: how many answers were laid beside it, those that are not there any more included.
    """

    id: UUID
    cohort_id: UUID
    kind: Kind
    words: str
    former_id: UUID | None
    made_by: UUID | None
    made_at: datetime
    ended_at: datetime | None
    look_on: date | None
    look_every: int | None
    laid: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a sign stands.

    Attributes:
        id: its id.
        sign_id: of which wording it was said.
        said_by: the group, or the team.
        value: how it stands, as a code.
        words: what was said, or the reasons.
        against: what was said against it.
        present: how many were there when the group said it.
        said_on: the day on which it was said.
        beside_id: the group's own word beside which the team put it: a judgement or a broadcast.
        written_by: who wrote it down.
        written_at: when.
        taken_back_at: when it was taken back as a slip.
    """

    id: UUID
    sign_id: UUID
    said_by: SaidBy
    value: str
    words: str
    against: str
    present: int | None
    said_on: date
    beside_id: UUID | None
    written_by: UUID | None
    written_at: datetime
    taken_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Laid:
    """One answer laid beside a sign: whose, of which run, and the hash of its question's path."""

    id: UUID
    sign_id: UUID
    person_id: UUID
    run_id: UUID
    path: str
    laid_by: UUID | None


_SIGN: Final = (
    *("id", "cohort_id", "kind", "words", "former_id", "made_by", "made_at", "ended_at", "look_on", "look_every"),
    "laid",
)
_ALL: Final = select(*(signs.c[name] for name in _SIGN)).order_by(signs.c.made_at, signs.c.id)
_ADD: Final = insert_new(signs)
_GET: Final = Verified(_ALL.where(signs.c.id == bindparam("id")), signs)
_OF_COHORTS: Final = Verified(_ALL.where(signs.c.cohort_id.in_(bindparam("cohorts", expanding=True))), signs)
_END: Final = Change(signs, signs.c.id == bindparam("sign"), ended_at=bindparam("at"))
_LOOK: Final = update(signs).where(signs.c.id == bindparam("sign")).values(words=bindparam("sealed"))
_COUNT: Final = update(signs).where(signs.c.id == bindparam("sign")).values(laid=signs.c.laid + bindparam("more"))

_JUDGEMENT: Final = (
    *("id", "sign_id", "said_by", "value", "body", "present", "said_on", "beside_id"),
    *("written_by", "written_at", "taken_back_at"),
)
_JUDGED: Final = select(*(judgements.c[name] for name in _JUDGEMENT)).order_by(
    judgements.c.said_on.desc(), judgements.c.written_at.desc(), judgements.c.id
)
_JUDGE: Final = insert_new(judgements)
_ONE_JUDGED: Final = Verified(_JUDGED.where(judgements.c.id == bindparam("id")), judgements)
_JUDGED_OF: Final = Verified(_JUDGED.where(judgements.c.sign_id.in_(bindparam("signs", expanding=True))), judgements)
_TAKE_BACK: Final = Change(
    judgements,
    judgements.c.id == bindparam("judgement"),
    judgements.c.taken_back_at.is_(None),
    taken_back_at=bindparam("at"),
)

_LAID: Final = tuple(evidence.c[name] for name in ("id", "sign_id", "person_id", "run_id", "path", "laid_by"))
_LAY: Final = insert_new(evidence)
_BESIDE: Final = Verified(
    select(*_LAID).where(evidence.c.sign_id == bindparam("sign")).order_by(evidence.c.seq.desc()), evidence
)
_NUMBER: Final = select(func.count()).select_from(evidence).where(evidence.c.sign_id == bindparam("sign"))
_LIFT: Final = delete(evidence).where(
    evidence.c.sign_id == bindparam("of_sign"),
    evidence.c.run_id == bindparam("of_run"),
    evidence.c.path == bindparam("of_path"),
)


class Signs(Store):
    """The signs, what was judged by them, and what lies beside them."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        cohort_id: UUID,
        kind: Kind,
        words: str,
        made_by: UUID | None,
        former_id: UUID | None = None,
    ) -> None:
        """Add a sign of a cohort; `former_id` is the one of which it is another wording."""
        sealed = self._sealed(id, {"words": words, "kind": kind})
        row = {"id": id, "cohort_id": cohort_id, "kind": ALIKE, "words": sealed, "former_id": former_id}
        self._execute(_ADD, {**row, "made_by": made_by, "made_at": self._tx.now, "laid": 0})

    def _sealed(self, sign_id: UUID, said: Mapping[str, Any]) -> bytes:
        return self._tx.vault.organisation_key.seal(to_json(dict(said)), "signs", "words", sign_id.hex)

    def get(self, id: UUID) -> Sign | None:  # noqa: A002 -- the column's own name
        """Return a sign, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._sign(row)

    def of(self, cohort_ids: Collection[UUID]) -> list[Sign]:
        """List the signs of some cohorts, those that ended included, in the order they were written."""
        return [self._sign(row) for row in self._tx.run.listed(_OF_COHORTS, {"cohorts": [*cohort_ids]})]

    def end(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Let a sign be used no more: what was said by it stays."""
        self._execute(_END, {"sign": id, "at": self._tx.now})

    def revive(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Let a sign that ended be used again."""
        self._execute(_END, {"sign": id, "at": None})

    def look(self, id: UUID, day: date | None, days: int | None) -> None:  # noqa: A002 -- the column's own name
        """Set the day on which a sign is looked at again, and after how many days once more."""
        sign = self.get(id)
        if sign is None or not sign.words:
            return  # what is damaged is not written over
        said = {"words": sign.words, "kind": sign.kind, "look_on": day and day.isoformat(), "look_every": days}
        self._execute(_LOOK, {"sign": id, "sealed": self._sealed(id, said)})

    def judge(self, judged: Judgement) -> None:
        """Add how a sign stands."""
        body = to_json({"value": judged.value, "words": judged.words, "against": judged.against})
        sealed = self._tx.vault.organisation_key.seal(body, "judgements", "body", judged.id.hex)
        row = {name: getattr(judged, name) for name in _JUDGEMENT if name != "body"}
        self._execute(_JUDGE, {**row, "value": "", "body": sealed, "said_on": judged.said_on.isoformat()})

    def judgement(self, id: UUID) -> Judgement | None:  # noqa: A002 -- the column's own name
        """Return what was judged, also what was taken back; None if there is none, or it is damaged."""
        row = self._execute(_ONE_JUDGED, {"id": id}).first()
        found = row and self._judgement(row)
        return found if found and found.value else None

    def judgements(self, sign_ids: Collection[UUID]) -> list[Judgement]:
        """List how some signs stood, the newest first; what was taken back, or is damaged, is left out."""
        found = map(self._judgement, self._tx.run.listed(_JUDGED_OF, {"signs": [*sign_ids]}))
        return [each for each in found if each.taken_back_at is None and each.value]

    def take_back(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Take back what was judged; return False when it was taken back before."""
        return self._execute(_TAKE_BACK, {"judgement": id, "at": self._tx.now}).rowcount > 0

    def lay(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        sign_id: UUID,
        person_id: UUID,
        run_id: UUID,
        path: str,
        laid_by: UUID | None,
    ) -> bool:
        """Lay somebody's answer beside a sign; return False when it lies there."""
        row: dict[str, Any] = {"id": id, "sign_id": sign_id, "person_id": person_id, "run_id": run_id}
        row |= {"path": self._tx.vault.path_hash(run_id, path), "laid_by": laid_by, "laid_at": self._tx.now}
        if not self._execute(_LAY, row).rowcount:
            return False
        self._execute(_COUNT, {"sign": sign_id, "more": 1})
        return True

    def lift(self, sign_id: UUID, run_id: UUID, path: str) -> bool:
        """Lift an answer from beside a sign; return False when it does not lie there."""
        wanted = {"of_sign": sign_id, "of_run": run_id, "of_path": self._tx.vault.path_hash(run_id, path)}
        if not self._execute(_LIFT, wanted).rowcount:
            return False
        self._execute(_COUNT, {"sign": sign_id, "more": -1})
        return True

    def beside(self, sign_id: UUID) -> list[Laid]:
        """List what lies beside a sign, the newest first."""
        return [Laid(*row) for row in self._execute(_BESIDE, {"sign": sign_id})]

    def number(self, sign_id: UUID) -> int:
        """Count what lies beside a sign."""
        return int(self._execute(_NUMBER, {"sign": sign_id}).scalar() or 0)

    def path_of(self, run_id: UUID, path: str) -> str:
        """Return the hash by which a question of a run is named."""
        return self._tx.vault.path_hash(run_id, path)

    def _sign(self, row: Sequence[Any]) -> Sign:
        given = dict(zip(_SIGN, row, strict=False))
        key = self._tx.vault.organisation_key
        opened = self._tx.opened(key, given["words"], "signs", "words", given["id"].hex)
        if opened is None:
            given["words"] = ""
        else:  # words alone were sealed at first
            given |= from_json(opened) if opened.startswith(b'{"') else {"words": opened.decode()}
        day = given["look_on"]
        return Sign(**{**given, "look_on": date.fromisoformat(day) if day else None})

    def _judgement(self, row: Sequence[Any]) -> Judgement:
        given = dict(zip(_JUDGEMENT, row, strict=False))
        key = self._tx.vault.organisation_key
        opened = self._tx.opened(key, given.pop("body"), "judgements", "body", given["id"].hex)
        said = {"value": "", "words": "", "against": ""} if opened is None else from_json(opened)
        return Judgement(**{**given, **said, "said_on": date.fromisoformat(given["said_on"])})
