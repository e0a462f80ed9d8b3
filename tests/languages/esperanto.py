"""The rules of a language that the product does not speak: a test puts them into a copy of it."""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import ClockWords, DateWords, LanguageRules, NumberWords, counted, phrases, words

_DIGITS: Final = "unu du tri kvar kvin ses sep ok nau"
RULES: Final = LanguageRules(
    tag="eo",
    own_name="Esperanto",
    locale="eo",
    date_pattern="EEEE, 'la' d'-a de' MMMM y",
    day_pattern="EEEE, 'la' d'-a de' MMMM",
    week_begins=0,
    habit_ending="j",
    yes=phrases("jes, certe, guste"),
    no=words("ne alia"),
    conjunctions=words("kaj"),
    none_of_these=words("neniu alia"),
    numbers=NumberWords(
        small=counted(f"nul {_DIGITS}"),
        tens={"dek": 10, **{f"{word}dek": 10 * place for place, word in enumerate(_DIGITS.split()[1:], 2)}},
        hundreds={"cent": 100, **{f"{word}cent": 100 * place for place, word in enumerate(_DIGITS.split()[1:], 2)}},
        after_tens=frozenset(),
        after_hundreds=frozenset(),
        hundred="",
        thousand="mil",
        and_half=phrases("kaj duono"),
        halves=words("duono"),
        point=words("komo"),
        articles=frozenset(),
        zero=words("neniu nenio"),
        not_a_number=words("ne"),
    ),
    dates=DateWords(
        month_first=False,
        months=counted("januaro februaro marto aprilo majo junio julio augusto septembro oktobro novembro decembro", 1),
        weekdays=counted("lundo mardo merkredo jaudo vendredo sabato dimanco", 1),
        days={"hodiau": 0, "hierau": -1, "morgau": 1},
        units={"tago": 1, "tagoj": 1, "semajno": 7, "semajnoj": 7},
        years=words("jaro jaroj"),
        fillers=words("la de"),
        habits=words("la"),
        ago=words("antau"),
        ahead=words("post"),
        former=words("pasinta"),
        coming=words("venonta"),
        first=words("unua"),
        ordinal_endings=words("a an"),
    ),
    clock=ClockWords(
        parts={"matene": "morning", "posttagmeze": "afternoon", "vespere": "night"},
        minutes={"duono": 30, "kvarono": 15},
        to=words("antau"),
        minus=frozenset(),
        joins=words("kaj"),
        fillers=words("je la horo horoj h"),
        units=words("h"),
        noon=words("tagmezo"),
        midnight=words("noktomezo"),
    ),
)
