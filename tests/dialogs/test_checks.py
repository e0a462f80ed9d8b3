"""What can be wrong with a dialog that reads well."""

from collections.abc import Callable

import pytest

from dialogs.checks import check
from dialogs.issues import CODES, Issue
from dialogs.model import Choice, Dialog, Step
from dialogs.reader import read

from .conftest import HEAD

ASK = "- {type: select_one, name: need, label: '¿Qué?', choices: [{name: call, label: A}, {name: none, label: B}]}\n"


def _issues(
    steps: str, *, languages: str = "es", kind: str = "reflection", facts: str = ""
) -> list[tuple[str, str, dict[str, str]]]:
    named = f"kind: {kind}\nfacts: [{facts}]" if facts else f"kind: {kind}"
    head = HEAD.replace("[es]", f"[{languages}]").replace("kind: reflection", named)
    found = read(head + steps, "sample").issues
    return [(each.code, each.place, dict(each.facts)) for each in found]


def test_labels_have_a_length() -> None:
    """Over 300 characters is a warning; what no phone shows whole is an error."""
    long, endless = "x" * 301, "x" * 2001

    assert _issues(f"- {{type: note, name: a, label: {long}}}\n{ASK}") == [
        ("label_long", "a.label", {"language": "es", "length": "301", "max": "300"})
    ]
    assert _issues(f"- {{type: text, name: a, label: x, hint: {endless}}}") == [
        ("label_too_long", "a.hint", {"language": "es", "length": "2001", "max": "2000"})
    ]


@pytest.mark.parametrize(
    ("length", "code"), [(30, None), (31, "button_long"), (60, "button_long"), (61, "button_too_long")]
)
def test_buttons_are_short(length: int, code: str | None) -> None:
    """Over 30 characters is a warning, over 60 an error."""
    found = _issues(ASK.replace("label: B", f"label: {'x' * length}"))

    assert [each[0] for each in found] == ([code] if code else [])
    assert CODES["button_long"][0] == "warning"
    assert CODES["button_too_long"][0] == "error"


def test_more_than_five_choices_are_many() -> None:
    """Six choices draw a warning, five do not; neither does a range with faces for each of its numbers."""
    five = ", ".join(f"{{name: c{number}, label: L{number}}}" for number in range(5))
    six = ", ".join(f"{{name: c{number}, label: L{number}}}" for number in range(6))
    range_of_ten = ", ".join(f"{{name: {number}, label: L{number}}}" for number in range(11))

    assert _issues(f"- {{type: select_one, name: a, label: x, choices: [{five}]}}") == []
    assert _issues(f"- {{type: select_one, name: a, label: x, choices: [{six}]}}") == [
        ("many_choices", "a.choices", {"count": "6", "max": "5"})
    ]
    assert _issues(f"- {{type: range, name: a, label: x, parameters: start=0 end=10, choices: [{range_of_ten}]}}") == []
    twelve = range_of_ten + ", {name: 11, label: L11}"
    assert _issues(f"- {{type: range, name: a, label: x, parameters: start=0 end=11, choices: [{twelve}]}}") == [
        ("many_choices", "a.choices", {"count": "12", "max": "11"})
    ]


def test_languages_are_complete_or_told() -> None:
    """A missing language is a warning, for it falls back; a register needs only what differs; a slip is found."""
    steps = "- {type: text, name: a, label: {es: x, eng: y}}"
    assert ("bad_language", "languages", {"language": "sp!"}) in _issues(steps, languages="es, sp!")

    found = [each for each in _issues(steps, languages="es, en, es-usted, nhe") if each[1] == "a.label"]
    assert found == [
        ("undeclared_language", "a.label", {"language": "eng", "near": "en"}),
        ("missing_language", "a.label", {"language": "en"}),
        ("missing_language", "a.label", {"language": "nhe"}),
    ]


def test_choices_stand_where_they_belong() -> None:
    """A question needs one list of choices, a text none; numbers of a range name its choices."""
    assert _issues("- {type: select_one, name: a, label: x}") == [
        ("missing_choices", "a.choices", {"type": "select_one"})
    ]
    assert _issues("- {type: text, name: a, label: x, choices: [{name: b, label: y}]}") == [
        ("unwanted_choices", "a.choices", {"type": "text"})
    ]
    assert _issues("- {type: integer, name: a, label: x, choices_from: people}") == [
        ("unwanted_choices", "a.choices_from", {"type": "integer"})
    ]
    assert _issues("- {type: select_one, name: a, label: x, choices_from: people, choices: [{name: b, label: y}]}") == [
        ("two_lists", "a.choices", {})
    ]
    assert _issues("- {type: range, name: a, label: x, parameters: start=1 end=3, choices: [{name: 4, label: y}]}") == [
        ("choice_outside_range", "a.choices[1].name", {"choice": "4", "min": "1", "max": "3"})
    ]
    assert _issues(ASK.replace("label: B", "label: A")) == [
        ("same_choice_label", "need.choices[2].label", {"label": "A", "language": "es"})
    ]
    assert _issues(ASK.replace(", label: B", "")) == [("missing_label", "need.choices[2].label", {})]
    assert _issues(ASK.replace("name: call, ", "").replace("none", "no one")) == [
        ("missing_name", "need.choices[1]", {}),
        ("bad_choice_name", "need.choices[2].name", {"choice": "no one", "suggestion": "no_one"}),
    ]


def test_what_does_nothing_is_told() -> None:
    """A key that its type does not use, and a constraint that says nothing when it refuses, draw a warning."""
    assert _issues("- {type: note, name: a, label: x, hint: y, required: yes}\n" + ASK) == [
        ("useless_key", "a.hint", {"key": "hint", "type": "note"}),
        ("useless_key", "a.required", {"key": "required", "type": "note"}),
    ]
    assert _issues("- {type: integer, name: a, label: x, appearance: multiline, constraint: . > 1}") == [
        ("useless_key", "a.appearance", {"key": "multiline", "type": "integer"}),
        ("missing_constraint_message", "a.constraint", {}),
    ]
    assert _issues("- {type: text, name: a, label: x, parameters: rows=3}") == [
        ("useless_key", "a.parameters", {"key": "parameters", "type": "text"})
    ]


def test_calculations_are_whole() -> None:
    """A calculation needs its expression and no words, reads what came before it, and is read by what comes after."""
    calculated = "- {type: calculate, name: b, calculation: '${need}'}\n- {type: text, name: a, label: '${b}'}\n"

    assert _issues(ASK + calculated) == []
    assert _issues(calculated + ASK) == [("forward_reference", "b.calculation", {"name": "need"})]
    assert _issues(ASK + "- {type: calculate, name: b}") == [("missing_calculation", "b.calculation", {})]
    assert _issues(ASK + "- {type: calculate, name: b, calculation: . + 1, hint: x, audio: x.ogg}") == [
        ("useless_key", "b.hint", {"key": "hint", "type": "calculate"}),
        ("useless_key", "b.audio", {"key": "audio", "type": "calculate"}),
        ("no_own_value", "b.calculation", {}),
    ]
    assert _issues("- {type: text, name: a, label: x, calculation: 1 + 1}") == [
        ("useless_key", "a.calculation", {"key": "calculation", "type": "text"})
    ]


@pytest.mark.parametrize(
    ("step", "found", "near"),
    [
        ("type: select_one, choices: [{name: call, label: A}]", "cal", "call"),
        ("type: select_multiple, choices: [{name: call, label: A}, {name: none, label: B}]", "call nobody", ""),
        ("type: integer", "thirty", ""),
        ("type: range, parameters: start=1 end=5", "9", ""),
        ("type: date", "2026-02-30", ""),
        ("type: time", "7 pm", ""),
    ],
)
def test_a_default_is_an_answer(step: str, found: str, near: str) -> None:
    """A default that is no answer to its question draws a warning, with what was probably meant."""
    kind = step.partition(",")[0].removeprefix("type: ")
    told = _issues(f"- {{name: a, label: x, default: '{found}', {step}}}")

    assert told[0] == ("bad_default", "a.default", {"found": found, "type": kind, "near": near})


def test_a_default_may_be_an_expression() -> None:
    """It reads what came before, like any other; one that fits, and one for a list, are fine."""
    assert _issues("- {type: date, name: a, label: x, default: today()}") == []
    assert _issues("- {type: integer, name: a, label: x, default: 3}") == []
    assert _issues("- {type: text, name: a, label: x, appearance: multiline, default: Igual}") == []
    assert (
        _issues(ASK.replace("select_one", "select_multiple").replace("label: '", "default: call none, label: '")) == []
    )
    assert _issues("- {type: acknowledge, name: a, label: x, default: OK}") == []
    assert _issues("- {type: select_one, name: a, label: x, choices_from: people, default: her}") == []
    assert _issues("- {type: text, name: a, label: x, default: '${b}'}") == [
        ("unknown_reference", "a.default", {"name": "b", "near": ""})
    ]
    assert _issues("- {type: audio, name: a, label: x, default: y}") == [
        ("useless_key", "a.default", {"key": "default", "type": "audio"})
    ]


@pytest.mark.parametrize("file", ["../secret.ogg", "a..ogg", "a.exe", ".ogg", "a b.ogg", "/a.ogg"])
def test_a_recording_is_a_plain_file(file: str) -> None:
    """What could lead to another folder, or is no sound, is an error."""
    assert _issues(f"- {{type: text, name: a, label: x, audio: '{file}'}}") == [
        ("bad_audio", "a.audio", {"file": file})
    ]
    assert _issues("- {type: text, name: a, label: x, audio: hola.es.ogg}") == []


def test_a_dialog_that_asks_nothing_is_told() -> None:
    """Notes alone are a warning."""
    assert _issues("- {type: note, name: a, label: x}") == [("no_questions", "steps", {})]


def test_blanks_refer_to_what_came_before() -> None:
    """Texts and expressions may read facts and earlier questions; a note and the step itself are neither."""
    note = "- {type: note, name: hello, label: Hola}\n"

    assert _issues(ASK + "- {type: text, name: a, label: '${need} ${name} ${reading_day} ${organisation}'}") == []
    assert _issues("- {type: text, name: a, label: '¿${need}?'}\n" + ASK) == [
        ("forward_reference", "a.label", {"name": "need"})
    ]
    assert _issues(note + "- {type: text, name: a, label: x, relevant: '${hello} = 1'}") == [
        ("unknown_reference", "a.relevant", {"name": "hello", "near": ""})
    ]
    assert _issues(ASK.replace("label: A", "label: '${nobody}'")) == [
        ("unknown_reference", "need.choices[1].label", {"name": "nobody", "near": ""})
    ]
    assert _issues("- {type: text, name: a, label: '${a}'}") == [("forward_reference", "a.label", {"name": "a"})]
    assert _issues("- {type: text, name: a, label: x, constraint: '${a} != 1', constraint_message: '¿${a}?'}") == []
    assert _issues(ASK + "- {type: text, name: a, label: A, hint: '${last-saved#a} ${last-saved#b}'}") == [
        ("unknown_reference", "a.hint", {"name": "last-saved#b", "near": ""})
    ]
    assert _issues(ASK + "- {type: note, name: a, label: '${last-saved#need} ${}'}") == [
        ("last_saved_place", "a.label", {"name": "last-saved#need"}),
        ("unknown_reference", "a.label", {"name": "", "near": ""}),
    ]


def test_blanks_of_the_title_are_facts() -> None:
    """What is said before the first question can read no answer."""
    found = read(HEAD.replace("Muestra", "Hola ${name} ${need}") + ASK, "sample").issues

    assert [(each.code, each.place, dict(each.facts)) for each in found] == [
        ("forward_reference", "title", {"name": "need"})
    ]


def test_wizards_know_more_facts() -> None:
    """The team's own wizards name what the bot fills in for them, and only they may; what none names is unknown."""
    steps = "- {type: text, name: a, label: '${people} ${cohort_label} ${dialog_label}'}"
    named = "people, cohort_label, dialog_label"

    assert _issues(steps, kind="staff", facts=named) == []
    assert [each[0] for each in _issues(steps, kind="staff")] == ["unknown_reference"] * 3
    assert [each[0] for each in _issues(steps)] == ["unknown_reference"] * 3
    assert sorted(each[0] for each in _issues(steps, facts=named)) == ["unknown_reference"] * 3 + ["useless_key"]


def test_an_answer_that_cannot_be_is_told() -> None:
    """Holding an answer against a choice that is not there, or a condition that never holds, draws a warning."""
    assert _issues(ASK + "- {type: text, name: a, label: x, relevant: \"${need} = 'cal'\"}") == [
        ("unknown_value", "a.relevant", {"name": "need", "value": "cal", "near": "call"})
    ]
    assert _issues(
        ASK + "- {type: text, name: a, label: x}\n"
        "- {type: text, name: b, label: y, relevant: \"${a} = 'cal' or ${need} = 'cal'\"}"
    ) == [("unknown_value", "b.relevant", {"name": "need", "value": "cal", "near": "call"})]
    last = "- {type: text, name: z, label: z}"
    assert _issues(ASK.replace("choices:", "constraint: . != 'non', constraint_message: m, choices:") + last) == [
        ("unknown_value", "need.constraint", {"name": "need", "value": "non", "near": "none"})
    ]
    assert _issues("- {type: text, name: a, label: x, relevant: 1 = 2}") == [("never_relevant", "a.relevant", {})]
    assert _issues(ASK + "- {type: calculate, name: b, calculation: 1 = 2}") == []


def test_a_dialog_has_an_end() -> None:
    """More steps than a turn may pass are an error."""
    steps = tuple(Step("text", f"s{number}", {"es": "x"}) for number in range(201))
    dialog = Dialog("d", "reflection", {"es": "d"}, {"es": "d"}, 1, ("es",), steps)

    assert [(each.code, each.place, dict(each.facts)) for each in check(dialog)] == [
        ("too_many_steps", "steps", {"count": "201", "max": "200"})
    ]


def test_a_dialog_without_a_source_is_checked_too() -> None:
    """An imported dialog's issues carry the lines of its steps; without any, the first."""
    step = Step("select_one", "a", {"es": "x"}, choices=(Choice("b b", {"es": "y"}),), line=12)
    unknown = Step("text", "B", {"es": "x"})
    found = check(Dialog("d", "reflection", {"fr": "d"}, {"es": "d"}, 1, ("es",), (step, unknown)))

    assert [(each.code, each.line) for each in found] == [
        ("bad_name", 0),
        ("undeclared_language", 1),
        ("missing_language", 1),
        ("bad_choice_name", 12),
    ]


def test_the_shipped_dialogs_are_without_a_flaw(library: Callable[[str], Dialog]) -> None:
    """Not one warning stands against what we ship ourselves."""
    for name in ("check_in", "welcome", "staff/ask_purpose"):
        found: tuple[Issue, ...] = check(library(name))

        assert found == ()
