"""Draw posters and QR codes with Pillow and segno, which are imported only when something is drawn.

The bot has this done by a process of its own (`python -m bot.poster`), which frees their 17 MB when it ends.

What is drawn is a plain mapping, so that it can wait in the outbox and be drawn when it is sent:

    links: pairs of an address and the words under its QR code, one or two
    texts: per language a mapping of `title`, `how`, `never`, `until`; empty: the QR codes alone

A dialog on paper is drawn by `bot.poster.sheet`.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FOLDER = Path(__file__).parent
DPI = 150
PAGE = (1240, 1754)  # A4 at that resolution
MARGIN = 100
QUIET = 4  # modules of white that a reader needs around a QR code
MOST_LANGUAGES = 3  # languages whose words fit on one page
WHITE, BLACK = 255, 0
_PICTOGRAPHS: Final = frozenset({"So", "Sk", "Cs", "Co", "Cn"})
_JOINS: Final = frozenset("\u200d\ufe0e\ufe0f\u20e3")


def png(drawn: Mapping[str, Any]) -> bytes:
    """Draw a poster, or the QR codes alone, as PNG."""
    picture = _page(drawn) if drawn.get("texts") else _codes(drawn["links"])
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True, dpi=(DPI, DPI))
    return out.getvalue()


def file(drawn: Mapping[str, Any]) -> bytes:
    """Draw what is asked for: a dialog on paper (`sheet`), or a poster, by its `form` a PDF to print or a picture."""
    if "sheet" in drawn:
        from bot.poster import sheet  # noqa: PLC0415  it draws with what is here

        return sheet.pdf(drawn["sheet"])
    return pdf(drawn) if drawn.get("form") == "pdf" else png(drawn)


def pdf(drawn: Mapping[str, Any]) -> bytes:
    """Draw a poster as a PDF of one A4 page."""
    out = io.BytesIO()
    _page(drawn).save(out, "PDF", resolution=DPI)
    return out.getvalue()


def _page(drawn: Mapping[str, Any]) -> "Image":
    from PIL import Image, ImageDraw  # noqa: PLC0415  imported only where something is drawn

    # Words are set a little smaller until all of them fit.
    for scale in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        page = Image.new("L", PAGE, WHITE)
        if _fill(page, ImageDraw.Draw(page), drawn, scale) <= PAGE[1] - MARGIN:
            break
    return page


def _fill(page: "Image", pen: "ImageDraw", drawn: Mapping[str, Any], scale: float) -> int:
    """Draw everything from the top down; return how far down it reached."""
    texts: Sequence[Mapping[str, str]] = list(drawn["texts"])[:MOST_LANGUAGES]
    down = MARGIN
    for text in texts:
        down = _write(pen, text["title"], font_of("bold", 60 * scale), down) + round(8 * scale)
    links = drawn["links"]
    side = 560 if len(links) == 1 else (PAGE[0] - 3 * MARGIN) // 2
    down += round(24 * scale)
    lowest = down
    for place, (address, words) in enumerate(links):
        middle = PAGE[0] * (2 * place + 1) // (2 * len(links))
        code = _code(address, side)
        page.paste(code, (middle - code.width // 2, down))
        under = down + code.height + 12
        lowest = max(lowest, _write(pen, words, font_of("bold", 34 * scale), under, middle, PAGE[0] // len(links) - 40))
    down = lowest + round(40 * scale)
    for text in texts:
        down = _write(pen, text["how"], font_of("regular", 36 * scale), down) + round(14 * scale)
        down = _write(pen, text["never"], font_of("bold", 42 * scale), down) + round(10 * scale)
        if text.get("until"):
            down = _write(pen, text["until"], font_of("regular", 28 * scale), down)
        down += round(40 * scale)
    return down


def _write(
    pen: "ImageDraw", text: str, font: "FreeTypeFont", down: int, middle: int = PAGE[0] // 2, wide: int | None = None
) -> int:
    """Write a centred paragraph; return where the next one may begin."""
    for line in lines(text, font, wide or PAGE[0] - 2 * MARGIN):
        pen.text((middle, down), line, BLACK, font, anchor="ma")
        down += round(font.size * 1.35)
    return down


def lines(text: str, font: "FreeTypeFont", wide: int) -> list[str]:
    """Break words into lines; a word wider than the page is broken where it must be."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if font.getlength(longer) <= wide:
            found[-1] = longer
            continue
        found.append("")
        for letter in word:
            if font.getlength(found[-1] + letter) > wide:
                found.append("")
            found[-1] += letter
    return [line for line in found if line]


def drawable(words: str) -> str:
    """Return words without the pictures in them, which the font cannot draw, and without stray spaces."""
    kept = "".join(sign for sign in words if category(sign) not in _PICTOGRAPHS and sign not in _JOINS)
    return " ".join(kept.split())


def font_of(weight: str, size: float) -> "FreeTypeFont":
    """Return one of the two fonts that come along, `regular` or `bold`."""
    from PIL import ImageFont  # noqa: PLC0415  imported only where something is drawn

    return ImageFont.truetype(FOLDER / f"{weight}.ttf", round(size))


def _code(address: str, side: int) -> "Image":
    """Draw a QR code of about `side` pixels, in whole pixels a module."""
    import segno  # noqa: PLC0415  only what draws pays for it
    from PIL import Image  # noqa: PLC0415  the same

    matrix = segno.make(address, error="m").matrix
    modules = len(matrix) + 2 * QUIET
    small = Image.new("1", (modules, modules), 1)
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            if dark:
                small.putpixel((across + QUIET, down + QUIET), 0)
    pixels = max(1, side // modules)
    return small.resize((modules * pixels, modules * pixels), Image.Resampling.NEAREST).convert("L")


def _codes(links: Sequence[Sequence[str]]) -> "Image":
    """Draw the first address's QR code alone."""
    return _code(links[0][0], 720)
