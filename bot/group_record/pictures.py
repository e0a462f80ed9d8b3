"""Pictures of what people chose, in the bands in which it left the team: SVG files beside the pages of a record."""

from typing import TYPE_CHECKING, Final

from bot.charts import draw
from bot.group_record.gathered import QuestionTold

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
    return " ".join(filter(None, (say.text(asked.words), _note(say, asked), "; ".join(told) + ".")))


def svg(say: "Said", asked: QuestionTold) -> bytes:
    """Draw a question: an option without a number has no thread, as a thread of nothing would be one."""
    bands = [(each, each.lowest) for each in asked.options if each.lowest]
    largest = max(asked.answered or 0, *(lowest for _, lowest in bands))
    bars = [
        {"words": say.text(each.words), "share": WHOLE * lowest // largest, "said": say.band(lowest)}
        for each, lowest in bands
    ]
    picture = {"title": say.text(asked.words), "note": _note(say, asked), "alt": alt(say, asked), "bars": bars}
    return draw.svg(picture).encode()


def _note(say: "Said", asked: QuestionTold) -> str:
    return say("group_record.answered", people=say.band(asked.answered)) if asked.answered else ""
