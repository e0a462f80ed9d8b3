"""Draw figures as threads on paper: one drawing, as SVG for pages and the record, and as PNG for a chat.

The bot has this done by a process of its own (`python -m bot.charts`), which frees what drawing takes when it ends.

What is drawn is a plain mapping, so that it can wait in the outbox and be drawn when it is sent. Whatever it says in
words is in the reader's language already, and nothing in it is finer than what the reader may see:

    form: `svg` or `png`
    title, note: what was asked, and how many answered
    alt: the whole picture in words
    bars: of a question with options, each a mapping of `words`, `share` (thousandths of the whole thread, 0: nobody)
        and `said` (the number beside the thread), and of last time's `share_before` and `said_before`, if it has them
    points: of a scale over time, each a mapping of `day`, `people` and, unless too few answered, `value` and `said`
    low, high: the scale's ends, each a pair of the number and its words
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from bot.poster import draw as poster

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.ImageFont import FreeTypeFont

WIDE: Final = 1080  # pixels: a phone's screen
MARGIN: Final = 64
ROOM: Final = WIDE - 2 * MARGIN
# The product's own colours (web/static/hilo.css). Last time's stands out from the paper, and from the thread beside it,
# for whoever sees no red or no green, too (tests/bot/test_chart_colours.py).
PAPER, INK, SOFT, DYE, EDGE = "#faf3e6", "#2b211b", "#675648", "#a2174f", "#e4d6bd"
BEFORE: Final = "#998866"
TITLE, NOTE, WORDS, NUMBER = 44, 32, 36, 40  # sizes of type, read at arm's length
SMALL: Final = 28
LINE: Final = 1.3
LONGEST: Final = 640  # of a thread, so that its number stands beside it, in words too
THICK, THIN = 26, 12
ABOVE, BELOW = 28, 58  # between a point and its number
PLOT: Final = 420  # height of a scale over time
FONT: Final = "DejaVu Sans"


def file(drawn: Mapping[str, Any]) -> bytes:
    """Draw a picture in the form it is asked for."""
    picture = svg(drawn)
    return picture.encode() if drawn["form"] == "svg" else png(picture)


def png(picture: str) -> bytes:
    """Return an SVG as PNG, drawn with the fonts of the poster."""
    import resvg_py  # noqa: PLC0415  imported only where something is drawn

    return resvg_py.svg_to_bytes(
        svg_string=picture,
        skip_system_fonts=True,
        font_files=[str(_face(bold=False)), str(_face(bold=True))],
        font_family=FONT,
    )


def svg(drawn: Mapping[str, Any]) -> str:
    """Draw a picture as SVG; the same figures give the same letters."""
    pen = _Pen()
    pen.paragraph(drawn["title"], TITLE, bold=True)
    pen.down += 8
    pen.paragraph(drawn["note"], NOTE, colour=SOFT)
    pen.down += 28
    if drawn.get("points"):
        _scale(pen, drawn)
    for bar in drawn.get("bars", ()):
        _bar(pen, bar)
    tall = round(pen.down + MARGIN)
    told, faces = quoteattr(drawn["alt"]), f'font-family="{FONT}, Verdana, sans-serif"'
    size = f'width="{WIDE}" height="{tall}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDE} {tall}" role="img" {faces}'
    return f'{head} aria-label={told}><rect {size} fill="{PAPER}"/>{"".join(pen.marks)}</svg>\n'


class _Pen:
    """Writes and draws from the top down."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.down: float = MARGIN

    def paragraph(self, words: str, size: int, *, bold: bool = False, colour: str = INK) -> None:
        for line in _lines(poster.drawable(words), size, ROOM, bold=bold):
            self.down += size * LINE
            self.write(line, MARGIN, self.down, size, bold=bold, colour=colour)

    def write(
        self,
        words: str,
        across: float,
        down: float,
        size: int,
        *,
        bold: bool = False,
        colour: str = INK,
        at: str = "",
        halo: bool = False,
    ) -> None:
        around = f' stroke="{PAPER}" stroke-width="10" paint-order="stroke"' if halo else ""
        weight = ' font-weight="bold"' if bold else ""
        anchor = f' text-anchor="{at}"' if at else ""
        place = f'x="{across:g}" y="{down:g}" font-size="{size}" fill="{colour}"{weight}{anchor}{around}'
        self.marks.append(f"<text {place}>{escape(words)}</text>")

    def thread(self, places: Sequence[tuple[float, float]], thick: int, colour: str) -> None:
        points = " ".join(f"{across:g},{down:g}" for across, down in places)
        how = f'stroke="{colour}" stroke-width="{thick}" stroke-linecap="round" stroke-linejoin="round" fill="none"'
        self.marks.append(f'<polyline points="{points}" {how}/>')

    def knot(self, across: float, down: float, round_: int, colour: str, *, hollow: bool = False) -> None:
        how = f'fill="{PAPER}" stroke="{colour}" stroke-width="4"' if hollow else f'fill="{colour}"'
        self.marks.append(f'<circle cx="{across:g}" cy="{down:g}" r="{round_}" {how}/>')


def _bar(pen: _Pen, bar: Mapping[str, Any]) -> None:
    """Draw an option: its words, its thread with the number, and last time's below it."""
    pen.paragraph(bar["words"], WORDS)
    _thread(pen, bar["share"], bar["said"], THICK, DYE, NUMBER, INK)
    if "said_before" in bar:
        _thread(pen, bar["share_before"], bar["said_before"], THIN, BEFORE, SMALL, SOFT)
    pen.down += 26


def _thread(pen: _Pen, share: int, said: str, thick: int, colour: str, size: int, ink: str) -> None:
    pen.down += size * LINE
    middle = pen.down - size * 0.36
    begin = MARGIN + thick / 2
    end = begin + max(0.0, LONGEST * share / 1000 - thick)  # with its round ends it is as long as its share
    if share:
        pen.thread(((begin, middle), (end, middle)), thick, colour)
    else:
        pen.knot(begin, middle, thick // 2 - 2, colour, hollow=True)
    pen.write(said, end + thick / 2 + 18, pen.down, size, bold=size == NUMBER, colour=ink)


def _scale(pen: _Pen, drawn: Mapping[str, Any]) -> None:
    """Draw a scale over time: a line, its numbers beside it, the day and the number of people under each point."""
    (low, low_words), (high, high_words) = drawn["low"], drawn["high"]
    points = drawn["points"]
    top = pen.down + 2 * SMALL * LINE
    foot = top + PLOT
    pen.write(_first(f"{high:g} · {high_words}"), MARGIN, top - 14, SMALL, colour=SOFT)
    for at in (top, (top + foot) / 2, foot):
        pen.marks.append(f'<path d="M{MARGIN} {at:g}H{WIDE - MARGIN}" stroke="{EDGE}" stroke-width="2"/>')
    pen.write(_first(f"{low:g} · {low_words}"), MARGIN, foot + 14 + SMALL, SMALL, colour=SOFT)
    each = ROOM / len(points)
    places = [MARGIN + each * (number + 0.5) for number in range(len(points))]
    under = foot + 14 + SMALL * 2 * LINE

    def height(value: float) -> float:
        return round(foot - PLOT * (value - float(low)) / (float(high) - float(low)), 1)

    for stretch in _stretches(points):
        pen.thread([(places[number], height(points[number]["value"])) for number in stretch], 8, DYE)
    lowest = under
    before = None
    for across, point in zip(places, points, strict=True):
        value = point.get("value")
        if value is not None:
            at = height(value)
            pen.knot(across, at, 15, DYE)
            # Above its point, but below it where the thread comes down to it, or the number would leave the plot.
            falls = before is not None and before > value and at + BELOW < foot
            down = at + BELOW if falls or at - ABOVE - NUMBER < top - ABOVE else at - ABOVE
            pen.write(point["said"], across, down, NUMBER, bold=True, at="middle", halo=True)
        else:
            pen.knot(across, foot, 13, BEFORE, hollow=True)
        before = value
        pen.write(point["day"], across, under + SMALL, SMALL, bold=True, at="middle")
        for line_number, line in enumerate(_lines(point["people"], SMALL - 4, round(each) - 8)):
            down = under + SMALL + (line_number + 1) * SMALL * LINE
            pen.write(line, across, down, SMALL - 4, colour=SOFT, at="middle")
            lowest = max(lowest, down)
    pen.down = lowest


def _stretches(points: Sequence[Mapping[str, Any]]) -> Iterator[list[int]]:
    """Yield the runs of neighbouring points that have a number: where too few answered the thread is cut."""
    stretch: list[int] = []
    for number, point in enumerate(points):
        if point.get("value") is not None:
            stretch.append(number)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _first(words: str) -> str:
    return next(iter(_lines(poster.drawable(words), SMALL, ROOM)), "")


def _lines(text: str, size: int, wide: int, *, bold: bool = False) -> list[str]:
    return poster.lines(text, _font(size, bold=bold), wide)


@cache
def _font(size: int, *, bold: bool) -> FreeTypeFont:
    return poster.font_of("bold" if bold else "regular", size)


def _face(*, bold: bool) -> Path:
    return poster.FOLDER / ("bold.ttf" if bold else "regular.ttf")
