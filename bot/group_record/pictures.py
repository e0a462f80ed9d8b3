"""Pictures of what people chose, in the bands in which it left the team: SVG files beside the pages of a record."""

from typing import TYPE_CHECKING, Final

from bot.charts import draw
from bot.group_record.gathered import BAND, QuestionTold
from bot.poster import draw as poster

if TYPE_CHECKING:
    from bot.group_record.pages import Said

WHOLE: Final = 1000
"""The share of the longest thread: that of the question's largest number."""


def place(number: int, question: int) -> str:
    """Return where the picture of a broadcast's question is, counted from one."""
    return f"pictures/{number:03}-{question}.svg"


def drawn(asked: QuestionTold) -> bool:
    """Return whether a question has a picture: some option's number left the team."""
    return any(option.lowest for option in asked.options)


def alt(say: "Said", asked: QuestionTold) -> str:
    """Return the whole picture in words."""
    told = [f"{say.text(each.words)}: {say.band(each.lowest)}" for each in asked.options if each.lowest]
    note = say("group_record.answered", people=say.band(asked.answered)) if asked.answered else ""
    return " ".join(filter(None, (say.text(asked.words), note, "; ".join(told) + ".")))


def svg(say: "Said", asked: QuestionTold) -> bytes:
    """Draw a question: an option without a number has no thread, as a thread of nothing would be one.

    What was asked stands above it on the page. An option of faces alone, which the font has not, is told by its place.
    A picture is taken out of its page, so that it says itself that another group may have meant something else.
    """
    bands = [(number, each, each.lowest) for number, each in enumerate(asked.options, 1) if each.lowest]
    largest = max(asked.answered or 0, *(lowest for _, _, lowest in bands))
    bars = [
        {
            "words": poster.drawable(say.text(each.words)).strip() or f"{number}.",
            "share": WHOLE * lowest // largest,
            "said": say("group_record.band.short", least=lowest, most=lowest + BAND - 1),
        }
        for number, each, lowest in bands
    ]
    return draw.svg({"title": "", "note": say("totals.here"), "alt": alt(say, asked), "bars": bars}).encode()
