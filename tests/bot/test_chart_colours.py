"""The colours of charts, as seen by whoever sees no red or no green: apart from the paper and from each other."""

from itertools import pairwise
from typing import Final

import pytest

from bot.charts import draw

Colour = tuple[float, float, float]
Matrix = tuple[Colour, Colour, Colour]

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A Physiologically-based Model for Simulation of Color Vision
# Deficiency. IEEE Transactions on Visualization and Computer Graphics 15 (6), 2009; severity 1.0, of linear RGB.
SEEN: Final[dict[str, Matrix]] = {
    "whole": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
# IEC 61966-2-1 (sRGB) to XYZ, D65; the second row is the luminance of WCAG 2.2.
TO_XYZ: Final[Matrix] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE: Final[Colour] = (0.95047, 1.0, 1.08883)
MARKS: Final = 3.0
"""Contrast of what is no text against what is around it (WCAG 2.2, 1.4.11)."""
TEXT: Final = 4.5
"""Contrast of text (WCAG 2.2, 1.4.3)."""
APART: Final = 20.0
"""Distance in CIELAB (1976) of two threads: some 2.3 can just be told apart side by side."""


def linear(colour: str) -> Colour:
    """Return a colour's light, part by part."""
    parts = (int(colour[start:end], 16) / 255 for start, end in pairwise((1, 3, 5, 7)))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return red, green, blue


def by(matrix: Matrix, colour: Colour) -> Colour:
    """Return a colour by a matrix."""
    first, second, third = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return first, second, third


def seen(colour: str, how: str) -> Colour:
    """Return a colour's light as it is seen."""
    red, green, blue = (min(1.0, max(0.0, each)) for each in by(SEEN[how], linear(colour)))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, as WCAG defines it."""
    dark, light = sorted(by(TO_XYZ, each)[1] for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def distance(one: Colour, other: Colour) -> float:
    """Return how far apart two colours are seen."""
    first, second = lab(one), lab(other)
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5


def lab(colour: Colour) -> Colour:
    """Return a colour in CIELAB."""
    parts = (a / b for a, b in zip(by(TO_XYZ, colour), WHITE, strict=True))
    x, y, z = (each ** (1 / 3) if each > 216 / 24389 else (24389 / 27 * each + 16) / 116 for each in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_the_measures_are_those_of_the_standards() -> None:
    """Black on white is twenty-one to one; red is where CIELAB has it; red and green come near without green."""
    black, white, red = linear("#000000"), linear("#ffffff"), linear("#ff0000")
    assert contrast(black, white) == pytest.approx(21)
    assert lab(red) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    whole, none = (distance(seen("#c05050", how), seen("#7a7a30", how)) for how in ("whole", "deuteranopia"))
    assert none < whole / 2


@pytest.mark.parametrize("how", SEEN)
def test_threads_stand_out_from_the_paper_and_from_each_other(how: str) -> None:
    """This time's and last time's, whoever looks; words are read, and the pale edge alone is no mark."""
    paper, dye, before = (seen(each, how) for each in (draw.PAPER, draw.DYE, draw.BEFORE))
    assert contrast(dye, paper) >= MARKS
    assert contrast(before, paper) >= MARKS
    assert distance(dye, before) >= APART
    assert all(contrast(seen(each, how), paper) >= TEXT for each in (draw.INK, draw.SOFT, draw.DYE))
