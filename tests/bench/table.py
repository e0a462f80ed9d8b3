"""Figures with their targets, as a small table."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        name: what was measured.
        value: how much.
        unit: of what; empty for a ratio.
        target: the most it should be, or None for a figure that only informs.
        aim: what we would rather have.
        note: what stands behind it, for whoever asks how.
    """

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    aim: float | None = None
    note: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The line's cells; a mark tells a missed target."""
        sought = [] if self.target is None else [f"≤ {self.target:g}"]
        sought += [] if self.aim is None else [f"(aim {self.aim:g})"]
        mark = "" if self.target is None else " ✓" if self.value <= self.target else " ✗"
        return self.name, f"{shown(self.value)} {self.unit or 'x'}".strip(), f"{' '.join(sought)}{mark}", self.note


def shown(value: float) -> str:
    """Write a number with about three digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """Write the least and the most of some values."""
    return f"{shown(min(values))} to {shown(max(values))}" if len(values) > 1 else "once"


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def drawn(title: str, figures: Sequence[Figure]) -> str:
    """Draw a table."""
    lines = [("", "measured", "target", ""), *(figure.cells for figure in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(3)]
    body = "\n".join(
        f"  {name:<{widths[0]}}  {value:>{widths[1]}}  {target:<{widths[2]}}  {note}".rstrip()
        for name, value, target, note in lines
    )
    return f"\n{title}\n{body}"
