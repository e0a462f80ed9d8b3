"""The HTML that Telegram understands: taken out of a text, or refused."""

import html
import re

from tests.double.refusal import bad

TAGS = frozenset(
    {
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "tg-spoiler",
        "span",
        "a",
        "tg-emoji",
        "code",
        "pre",
        "blockquote",
    }
)
PIECE = re.compile(r"<(/?)([^>]*)>|<")


def plain(text: str) -> str:
    """The words without their tags. Refuses a tag unknown, unclosed, or closed out of order."""
    words: list[str] = []
    opened: list[str] = []
    end = 0
    for piece in PIECE.finditer(text):
        words.append(text[end : piece.start()])
        end = piece.end()
        offset = len(text[: piece.start()].encode())
        if piece[2] is None:
            raise bad(f"can't parse entities: Unclosed start tag at byte offset {offset}")
        _follow(opened, closing=piece[1] == "/", inside=piece[2], offset=offset)
    words.append(text[end:])
    if opened:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag {opened[-1]}")
    return html.unescape("".join(words))


def _follow(opened: list[str], *, closing: bool, inside: str, offset: int) -> None:
    name = inside.split(maxsplit=1)[0].lower() if inside.strip() else ""
    if not closing:
        if name not in TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
        opened.append(name)
    elif not opened:
        raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
    elif (last := opened.pop()) != name:
        raise bad(
            f'can\'t parse entities: Unmatched end tag at byte offset {offset}, expected "</{last}>", found "</{name}>"'
        )
