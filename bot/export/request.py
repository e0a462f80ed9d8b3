"""What is asked of an export, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias
from uuid import UUID

Format: TypeAlias = Literal["csv", "xlsx", "jsonl", "sav"]
Labels: TypeAlias = Literal["values", "labels", "both"]

FORMATS: Final[tuple[Format, ...]] = ("csv", "xlsx", "jsonl", "sav")
LABELS: Final[tuple[Labels, ...]] = ("values", "labels", "both")

Tell: TypeAlias = Callable[[int, int], object]
"""Called with how many runs are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is to be written.

    Attributes:
        form: one of `FORMATS`.
        dialogs: names of dialogs; empty for all that have answers.
        cohort_id: one cohort only.
        since: runs begun on this day or after it, in the organisation's zone.
        language: of labels and of a sheet's names; None: the organisation's first.
        labels: how choices are written: names, words, or both; None: what suits format and language.
        long: one row for each answer instead of one for each run.
        exact: moments instead of days.
        media: voice notes and photos as files beside.
        book: a codebook as a file of its own.
        practice: also what was answered in practice.
    """

    form: Format = "csv"
    dialogs: tuple[str, ...] = ()
    cohort_id: UUID | None = None
    since: date | None = None
    language: str | None = None
    labels: Labels | None = None
    long: bool = False
    exact: bool = False
    media: bool = True
    book: bool = True
    practice: bool = False

    @property
    def shown(self) -> Labels:
        """How choices are written; in SPSS the words are labels of the values."""
        if self.labels is not None:
            return self.labels
        return "values" if self.language is None or self.form == "sav" else "both"

    def audit_facts(self) -> dict[str, Any]:
        """Return what the audit trail keeps of the request."""
        return {
            "format": self.form,
            "dialogs": list(self.dialogs),
            "cohort": str(self.cohort_id) if self.cohort_id else None,
            "since": self.since.isoformat() if self.since else None,
            "long": self.long,
            "exact": self.exact,
            "media": self.media,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the request as JSON data, in which form an order waits in the outbox."""
        return {
            **self.audit_facts(),
            "language": self.language,
            "labels": self.labels,
            "book": self.book,
            "practice": self.practice,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a request from what `to_dict` returned."""
        return cls(
            data["format"],
            tuple(data["dialogs"]),
            UUID(data["cohort"]) if data["cohort"] else None,
            date.fromisoformat(data["since"]) if data["since"] else None,
            data["language"],
            data["labels"],
            data["long"],
            data["exact"],
            data["media"],
            data["book"],
            data["practice"],
        )


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of answers that was written.

    Attributes:
        dialog: the dialog's name.
        path: where it is.
        rows: how many rows it has.
        media: how many voice notes and photos lie beside.
        cut: how many cells had more text than the format allows and were cut.
        damaged: how many answers, voice notes and photos do not open, and were left out.
    """

    dialog: str
    path: Path
    rows: int
    media: int = 0
    cut: int = 0
    damaged: int = 0
