"""The kinds of questions beyond words and choices, and what an answer begins from."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from dialogs import engine, types
from dialogs.context import Context
from dialogs.events import Answered, Noted, Prompted, Refused, Skipped, Suggested, Toggled
from dialogs.model import Dialog, StepType

from .conftest import Talk

Start = Callable[[str], Talk]

LAST = "- {type: text, name: last, label: Más}\n"


def _written(kind: StepType, value: str) -> str:
    return f"<{kind} {value}>"


def test_a_day_is_offered_and_typed(talk: Start) -> None:
    """Yesterday, today and tomorrow have buttons; any other day is typed."""
    said = talk("- {type: date, name: when, label: Cuándo}\n" + LAST)
    assert [each.name for each in said.event(Prompted).options] == ["2026-03-04", "2026-03-05", "2026-03-06"]

    assert said.choose("2026-03-04").event(Answered).value == "2026-03-04"
    assert said.press("change", path="when").type("6 de diciembre").event(Answered).value == "2026-12-06"
    assert said.press("change", path="when").type("el jueves").event(Suggested).value_name == "2026-03-12"


def test_only_days_that_fit_are_offered(make: Callable[[str], Dialog], context: Context) -> None:
    """The constraint holds for the buttons as well; today is today where she is, in the evening too."""
    dialog = make("- {type: date, name: when, label: C, constraint: . <= today(), constraint_message: x}\n" + LAST)
    for hours in (0, 11):
        said = Talk(dialog, replace(context, now=context.now + timedelta(hours=hours))).begin()

        assert [each.name for each in said.event(Prompted).options] == ["2026-03-04", "2026-03-05"]
        assert said.type("mañana").event(Refused).code == "constraint"


def test_a_day_that_was_offered_counts_after_midnight(talk: Start) -> None:
    """A button says a day, and still says it tomorrow; what is no day is no button of ours."""
    said = talk("- {type: date, name: when, label: Cuándo}\n" + LAST)

    assert said.choose("2026-02-30").kinds == ["Misplaced", "Prompted"]
    assert said.choose("2026-02-27").event(Answered).value == "2026-02-27"


def test_what_buttons_may_carry_is_named(make: Callable[[str], Dialog], context: Context) -> None:
    """Whoever reads a button's short digest asks which names it may stand for: those offered days ago as well."""
    dialog = make(
        "- {type: date, name: d, label: D}\n- {type: acknowledge, name: a, label: A}\n"
        "- {type: range, name: r, label: R, parameters: start=1 end=30}\n- {type: text, name: t, label: T}\n"
    )
    run = engine.begin(dialog, context, offer=False).run
    named = {path: engine.pressable(dialog, run, path, context) for path in "dart"}

    assert (named["d"][0], named["d"][-1], len(named["d"])) == ("2026-02-25", "2026-03-13", 17)
    assert named["a"] == ("OK",)
    assert len(named["r"]) == 30
    assert named["t"] == ()


def test_an_answer_from_when_one_could_be_chosen_has_its_part() -> None:
    """A stored name that stands alone counts in the column of its choice, and in no other."""
    kind = types.get("select_multiple")

    assert [kind.part(json.loads('"luz"'), name) for name in ("luz", "agua")] == [1, 0]
    assert [kind.part(json.loads('["luz"]'), name) for name in ("luz", "agua")] == [1, 0]


def test_values_are_written_for_her_to_read(make: Callable[[str], Dialog], context: Context) -> None:
    """Days, hours and decimals are kept as everyone sorts them, and said as the context writes them."""
    steps = "- {type: date, name: d, label: D}\n- {type: time, name: t, label: '${d}'}\n"
    steps += "- {type: decimal, name: n, label: N}\n"
    said = Talk(make(steps), replace(context, written=_written)).begin()
    assert said.event(Prompted).options[1].label == "<date 2026-03-05>"
    assert said.type("hoy").event(Answered).label == "<date 2026-03-05>"
    assert said.event(Prompted).text == "<date 2026-03-05>"

    assert said.type("7 pm").event(Answered) == Answered("t", 2, "19:00", "<time 19:00>")
    assert said.type("2,5").event(Answered) == Answered("n", 3, "2.5", "<decimal 2.5>")


def test_dates_and_numbers_can_be_compared(talk: Start) -> None:
    """Expressions read days in order and decimals as numbers."""
    said = talk(
        "- {type: date, name: d, label: D}\n- {type: decimal, name: n, label: N}\n"
        "- {type: text, name: soon, label: S, relevant: \"${d} <= '2026-12-31' and ${n} > 2.4\"}\n" + LAST
    )

    assert said.type("6 de diciembre").type("2,5").event(Prompted).path == "soon"


def test_an_acknowledge_is_one_button(talk: Start) -> None:
    """OK by its button, its digit or a yes."""
    for answer in (lambda said: said.choose("OK"), lambda said: said.type("1"), lambda said: said.type("ok")):
        said = talk("- {type: acknowledge, name: seen, label: Avisamos}\n" + LAST)
        assert [each.name for each in said.event(Prompted).options] == ["OK"]
        assert answer(said).event(Answered).value == "OK"


CALCULATED = """
- {type: integer, name: hours, label: Horas}
- {type: calculate, name: week, calculation: "${hours} * 7"}
- {type: calculate, name: heavy, calculation: "if(${week} > 20, 'yes', 'no')"}
- {type: text, name: why, label: "¿Por qué ${week}?", relevant: "${heavy} = 'yes'"}
- {type: text, name: last, label: Más}
"""


def test_a_calculation_is_worked_out_silently(talk: Start) -> None:
    """It is written when what it reads is answered, under the number 0, and read like any answer."""
    said = talk(CALCULATED)
    assert said.event(Prompted).total == 3
    assert said.run.answers["week"].value == ""

    said.type("4")
    assert said.events[:3] == (
        Answered("hours", 1, 4, "4"),
        Answered("week", 0, "28", "28", changed=True),
        Answered("heavy", 0, "yes", "yes", changed=True),
    )
    assert said.event(Prompted).text == "¿Por qué 28?"
    assert said.type("x").type("y").kinds == ["Answered", "Completed"]


def test_a_calculation_follows_what_it_reads(talk: Start) -> None:
    """A changed answer works it out anew; an answer that it does not read leaves it alone."""
    said = talk(CALCULATED).type("4").type("x")
    assert said.kinds == ["Answered", "Prompted"]

    said.press("change", path="hours").type("1")
    assert [(each.path, each.value) for each in said.events if isinstance(each, Answered)] == [
        ("hours", 1), ("week", "7"), ("heavy", "no"),
    ]  # fmt: skip  # one list, one line
    assert said.event(Prompted).total == 2


def test_a_calculation_that_reads_the_clock_is_worked_out_once(talk: Start, context: Context) -> None:
    """The day a run began stays that day."""
    said = talk("- {type: calculate, name: began, calculation: today()}\n- {type: text, name: a, label: A}\n" + LAST)
    assert said.event(Answered) == Answered("began", 0, "2026-03-05", "2026-03-05")
    said.context = replace(context, now=context.now.replace(day=9))

    assert said.type("x").event(Answered).path == "a"
    assert said.run.answers["began"].value == "2026-03-05"


def test_a_default_is_proposed_and_never_taken_unasked(talk: Start) -> None:
    """What the author proposes is told beside the question, and is an answer once she presses done."""
    said = talk("- {type: integer, name: age, label: Edad, default: 30}\n" + LAST)
    prompted = said.event(Prompted)
    assert (prompted.proposed, prompted.previous, prompted.actions[0]) == ("30", None, "done")
    assert not said.run.answers

    assert said.press("done").event(Answered).value == 30
    assert talk("- {type: integer, name: age, label: Edad, default: 30}\n" + LAST).press("skip").event(Skipped)


def test_a_default_may_be_worked_out(talk: Start) -> None:
    """A default may be an expression: an earlier answer, today."""
    said = talk(
        "- {type: text, name: a, label: A}\n- {type: text, name: b, label: B, default: '${a}'}\n"
        "- {type: date, name: c, label: C, default: today()}\n" + LAST
    ).type("hola")
    assert said.event(Prompted).proposed == "hola"
    assert said.press("done").event(Answered).value == "hola"

    assert [each.name for each in said.event(Prompted).options if each.chosen] == ["2026-03-05"]
    assert said.press("done").event(Answered).value == "2026-03-05"


def test_defaults_of_choices_are_marked(talk: Start) -> None:
    """A choice proposed is marked; several are picked already, and can be dropped."""
    choices = "choices: [{name: a, label: A}, {name: b, label: B}]"
    said = talk(
        f"- {{type: select_one, name: one, label: x, default: b, {choices}}}\n"
        f"- {{type: select_multiple, name: many, label: y, default: a b, {choices}}}\n" + LAST
    )
    assert [each.name for each in said.event(Prompted).options if each.chosen] == ["b"]
    said.press("done")
    assert [each.name for each in said.event(Prompted).options if each.chosen] == ["a", "b"]

    assert [each.name for each in said.choose("a").event(Toggled).options if each.chosen] == ["b"]
    assert said.press("done").event(Answered).value == ("b",)


def test_pieces_can_begin_from_a_default(talk: Start) -> None:
    """An open answer that is left as proposed has it as its one piece."""
    said = talk("- {type: text, name: a, label: A, appearance: multiline, default: Igual}\n" + LAST)

    assert said.press("done").event(Answered).value == ("Igual",)


def test_recordings_are_named_in_the_language_of_the_words(make: Callable[[str], Dialog], context: Context) -> None:
    """Who reads Spanish hears Spanish; no one hears another language than the words stand in."""
    steps = (
        "- {type: note, name: hi, label: {es: Hola, en: Hi}, audio: {es: hi-es.ogg}}\n"
        "- {type: text, name: a, label: {es: Qué, es-usted: Qué dice, en: What}, audio::es: a-es.ogg}\n"
    )
    heard = {}
    for language in ("es", "es-usted", "nah", "en"):
        said = Talk(make(steps), replace(context, language=language)).begin()
        heard[language] = (said.event(Noted).audio, said.event(Prompted).audio)

    assert heard == {
        "es": ("hi-es.ogg", "a-es.ogg"),
        "es-usted": ("hi-es.ogg", "a-es.ogg"),
        "nah": ("hi-es.ogg", "a-es.ogg"),
        "en": ("", ""),
    }
