"""Draw dialogs on paper with Pillow: large type, boxes to tick, lines to write on, and a code below each page.

What is drawn is a plain mapping, like a poster's (`bot.poster.draw`), under the key `sheet`:

    codes: of each sheet of paper; all of them say the same
    foot: the words before the code
    title: above everything
    before: paragraphs before the questions, read aloud first
    blocks: in order; each has `text`, and may have `number`, `under` (smaller words), `options`, `lines` to write on
    after: paragraphs below the questions
"""

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from bot.poster.draw import drawable, font_of, lines

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

DPI: Final = 200
PAGE: Final = (1654, 2339)  # A4 at that resolution
MARGIN: Final = 150
ROOM: Final = PAGE[0] - 2 * MARGIN
LOWEST: Final = PAGE[1] - 230  # the code stands below
FOOT: Final = PAGE[1] - 170
BOX: Final = 52
TITLE, QUESTION, WORDS, UNDER, CODE = 68, 54, 48, 42, 46  # of type; 48 pixels are 17 points
LEAD: Final = 1.32
WRITING: Final = 100  # between two lines to write on
WHITE, BLACK = 1, 0


def pdf(drawn: Mapping[str, Any]) -> bytes:
    """Draw every sheet as pages of one PDF, black on white, which print well and weigh little."""
    first, *others = pages(drawn)
    out = io.BytesIO()
    first.save(out, "PDF", resolution=DPI, save_all=True, append_images=others)
    return out.getvalue()


def pages(drawn: Mapping[str, Any]) -> "list[Image]":
    """Draw every page of every sheet."""
    paper = _Paper()
    paper.paragraph(drawn["title"], TITLE, weight="bold", after=24)
    for words in drawn["before"]:
        paper.paragraph(words, WORDS, after=20)
    paper.rule()
    for block in drawn["blocks"]:
        paper.block(block)
    if drawn["after"]:
        paper.rule()
    for words in drawn["after"]:
        paper.paragraph(words, WORDS, after=20)
    return [_signed(page, drawn["foot"], code, paper.numbered(at)) for code in drawn["codes"] for at, page in paper]


class _Paper:
    """Writes from the top down, and goes on on another page where there is no room."""

    def __init__(self) -> None:
        self.pages: list[Image] = []
        self._pen: ImageDraw
        self._down = 0
        self._turn()

    def __iter__(self) -> Iterator[tuple[int, "Image"]]:
        return enumerate(self.pages)

    def numbered(self, at: int) -> str:
        """Return which page it is, and of how many."""
        return f"{at + 1} / {len(self.pages)}"

    def paragraph(self, words: str, size: int, *, weight: str = "regular", after: int = 0, indent: int = 0) -> None:
        """Write a paragraph."""
        font = font_of(weight, size)
        for line in lines(drawable(words), font, ROOM - indent):
            self._room(size * LEAD)
            self._pen.text((MARGIN + indent, self._down), line, BLACK, font)
            self._down += round(size * LEAD)
        self._down += after

    def rule(self) -> None:
        """Draw a line across the page."""
        self._down += 10
        self._pen.line((MARGIN, self._down, PAGE[0] - MARGIN, self._down), BLACK, 3)
        self._down += 44

    def block(self, block: Mapping[str, Any]) -> None:
        """Draw a question with what it offers, on one page where it fits on one."""
        high = self._high(block)
        if self._down + high > LOWEST and high <= LOWEST - MARGIN:
            self._turn()
        number = f"{block['number']}. " if block.get("number") else ""
        self.paragraph(number + block["text"], QUESTION, weight="bold" if number else "regular", after=8)
        for words in block.get("under", ()):
            self.paragraph(words, UNDER, after=8)
        for option in block.get("options", ()):
            self._option(option)
        for _ in range(block.get("lines", 0)):
            self._room(WRITING)
            self._down += WRITING
            self._pen.line((MARGIN, self._down, PAGE[0] - MARGIN, self._down), BLACK, 2)
        self._down += 56

    def _option(self, words: str) -> None:
        """Draw a box and the words of an option."""
        font = font_of("regular", WORDS)
        indent = BOX + 32
        told = lines(drawable(words), font, ROOM - indent)
        self._room(max(BOX, len(told) * WORDS * LEAD) + 20)
        self._down += 12
        self._pen.rectangle((MARGIN, self._down, MARGIN + BOX, self._down + BOX), outline=BLACK, width=4)
        top = self._down
        for line in told:
            self._pen.text((MARGIN + indent, top), line, BLACK, font)
            top += round(WORDS * LEAD)
        self._down = max(top, self._down + BOX) + 12

    def _high(self, block: Mapping[str, Any]) -> int:
        """Return about how high a question is."""
        bold, regular, under = font_of("bold", QUESTION), font_of("regular", WORDS), font_of("regular", UNDER)
        high = len(lines(block["text"], bold, ROOM)) * QUESTION * LEAD + 64
        high += sum(len(lines(each, under, ROOM)) * UNDER * LEAD + 8 for each in block.get("under", ()))
        high += sum(
            max(BOX, len(lines(each, regular, ROOM - BOX - 32)) * WORDS * LEAD) + 24
            for each in block.get("options", ())
        )
        return round(high) + WRITING * int(block.get("lines", 0))

    def _room(self, high: float) -> None:
        if self._down + high > LOWEST:
            self._turn()

    def _turn(self) -> None:
        from PIL import Image, ImageDraw  # noqa: PLC0415  imported only where something is drawn

        self.pages.append(Image.new("1", PAGE, WHITE))
        self._pen = ImageDraw.Draw(self.pages[-1])
        self._down = MARGIN


def _signed(page: "Image", foot: str, code: str, numbered: str) -> "Image":
    """Return a page with the code of its sheet below it."""
    from PIL import ImageDraw  # noqa: PLC0415  the same

    signed = page.copy()
    pen = ImageDraw.Draw(signed)
    pen.line((MARGIN, FOOT - 24, PAGE[0] - MARGIN, FOOT - 24), BLACK, 2)
    pen.text((MARGIN, FOOT), foot, BLACK, font_of("regular", CODE))
    after = MARGIN + font_of("regular", CODE).getlength(f"{foot} ")
    pen.text((after, FOOT), code, BLACK, font_of("bold", CODE))
    pen.text((PAGE[0] - MARGIN, FOOT), numbered, BLACK, font_of("regular", UNDER), anchor="ra")
    return signed
