"""What a picture of totals shows, in words and shares, as `bot.charts.draw` takes it."""

from collections.abc import Sequence
from typing import Any, Final

from bot.rendering.speech import Speech
from bot.rendering.texts import shorten
from bot.services import totals
from bot.services.totals import OptionTotal, QuestionTotal
from dialogs import wording

ASKED: Final = 160  # characters of a question
OPTION: Final = 80  # characters of an option
FORM: Final = "png"

Drawn = dict[str, Any]
"""What is drawn; its `alt` is the same picture in words."""


def of_question(speech: Speech, total: QuestionTotal, before: tuple[str, QuestionTotal] | None) -> Drawn:
    """Return the picture of what people chose; `before` is last time's total with its day in words."""
    note = speech.texts.count("totals.drawn.answered", speech.language, total.people)
    if before is not None:
        note = f"{note} {speech.words('totals.drawn.thin', day=before[0])}"
    bars = [_bar(speech, total, place, before) for place in range(len(total.options))]
    told = ", ".join(
        f"{bar['said']} {bar['words']}" for bar, option in zip(bars, total.options, strict=True) if option.people
    )
    return _picture(speech, total, note, told) | {"bars": bars}


def over_time(speech: Speech, found: Sequence[tuple[str, QuestionTotal]]) -> Drawn:
    """Return the picture of a scale's average, time after time, each with its day in words; the newest comes last."""
    _, newest = found[-1]
    ends = [(int(each.name), _label(speech, each)) for each in (newest.options[0], newest.options[-1])]
    points = [_point(speech, day, total) for day, total in found]
    told = "; ".join(
        speech.words("totals.time.point", day=point["day"], said=point.get("said", "—"), people=point["people"])
        for point in points
    )
    picture = _picture(speech, newest, speech.words("totals.time.note"), told)
    return picture | {"points": points, "low": ends[0], "high": ends[1]}


def _picture(speech: Speech, total: QuestionTotal, note: str, told: str) -> Drawn:
    title = shorten(wording.choose(total.step.label, speech.language), ASKED)
    here = speech.words("totals.here")
    return {"form": FORM, "title": title, "note": f"{note} {here}", "alt": f"{title} {note} {told}. {here}"}


def _bar(speech: Speech, total: QuestionTotal, place: int, before: tuple[str, QuestionTotal] | None) -> Drawn:
    option = total.options[place]
    bar = {"words": _label(speech, option), "share": total.share(option), "said": _number(speech, option)}
    if before is None:
        return bar
    day, earlier = before
    then = next((each for each in earlier.options if each.name == option.name), None)
    if then is None:
        return bar
    return bar | {"share_before": earlier.share(then), "said_before": f"{day}: {_number(speech, then)}"}


def _point(speech: Speech, day: str, total: QuestionTotal) -> Drawn:
    average = total.average
    if average is None:
        return {"day": day, "people": speech.words("totals.fewer")}
    value = round(average, 1)
    people = speech.texts.count("totals.time.people", speech.language, total.people)
    return {"day": day, "people": people, "value": value, "said": speech.texts.number(value, speech.language)}


def _number(speech: Speech, option: OptionTotal) -> str:
    if not option.people:
        return speech.words("totals.drawn.nobody")
    if option.people < totals.LEAST:
        return speech.words("totals.fewer")
    return speech.texts.number(option.people, speech.language)


def _label(speech: Speech, option: OptionTotal) -> str:
    return shorten(wording.choose(option.label, speech.language) or option.name, OPTION)
