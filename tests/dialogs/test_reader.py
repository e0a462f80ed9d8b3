"""From YAML to a dialog, or to all that is wrong with it, line by line."""

import time
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.issues import CODES
from dialogs.model import Dialog
from dialogs.reader import read
from dialogs.source import tag

GOOD = dedent("""\
    spec: 1
    name: water
    kind: reflection
    languages: [es, en]
    title: {es: El agua, en: Water}
    why: {es: Para la asamblea., en: For the assembly.}
    steps:
      - type: select_one
        name: days
        required: yes
        required_message: {es: Hace falta., en: It is needed.}
        label: {es: "¿Cuántos días?", en: "How many days?"}
        hint::es: De la semana.
        hint::English (en): Of the week.
        choices:
          - {name: no, label: {es: Ninguno, en: None}}
          - {name: 007, label::es: Algunos, label::en: Some}
      - type: range
        name: near
        label: {es: "¿Qué tan cerca?", en: "How near?"}
        parameters: {start: 1, end: 5}
      - type: text
        name: story
        appearance: multiline discreet
        relevant: ${days} = 'no'
        constraint: string-length(.) > 3
        constraint_message: {es: Un poco más., en: A little more.}
        label: {es: "¿Qué hicieron?", en: "What did you do?"}
    """)


def _dialog(text: str) -> Dialog:
    reading = read(text, "water")
    assert reading.dialog, reading.issues
    return reading.dialog


def test_a_dialog_is_read_as_it_was_written() -> None:
    """Every key comes through; words are taken as they stand, so that `no` is a name and `007` keeps its noughts."""
    reading = read(GOOD, "water")
    dialog = _dialog(GOOD)
    days, near, story = dialog.steps

    assert reading.issues == ()
    assert (dialog.name, dialog.kind, dialog.languages, dialog.minutes) == ("water", "reflection", ("es", "en"), 2)
    assert dialog.title == {"es": "El agua", "en": "Water"}
    assert [choice.name for choice in days.choices] == ["no", "007"]
    assert days.choices[1].label == {"es": "Algunos", "en": "Some"}
    assert (days.required, days.required_message["en"]) == (True, "It is needed.")
    assert days.hint == {"es": "De la semana.", "en": "Of the week."}
    assert near.parameters == {"start": 1, "end": 5, "step": 1}
    assert (story.appearance, story.relevant) == ({"multiline", "discreet"}, "${days} = 'no'")
    assert story.constraint == "string-length(.) > 3"
    assert [step.line for step in dialog.steps] == [8, 18, 22]


def test_plain_words_are_in_the_first_language() -> None:
    """An author with one language writes no language at all; parameters may be XLSForm's own line."""
    text = (
        "spec: 1\nkind: check_in\nlanguages: en\ntitle: Water\nwhy: To know.\n"
        "steps:\n- {type: range, name: a, label: 'How?', parameters: start=0 end=10 step=5}\n"
    )
    dialog = _dialog(text)

    assert dialog.name == "water"
    assert dialog.title == {"en": "Water"}
    assert dialog.steps[0].label == {"en": "How?"}
    assert dialog.steps[0].parameters == {"start": 0, "end": 10, "step": 5}
    assert dialog.minutes == 1


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty_file", 1),
        ("# only a comment\n", "empty_file", 1),
        ("''", "empty_file", 1),
        ("a: b\nc: {es: ¿Qué?, en: x}\n", "unquoted_question", 2),
        ("- a\n- b\n", "wrong_root", 1),
        ("\n\nhello", "wrong_root", 3),
        ("a: b\nc: [d\n", "not_yaml", 3),
        ("a: b\n c: d\n", "not_yaml", 2),
        ("a: *nobody", "not_yaml", 1),
        ("a: b\n---\nc: d\n", "not_yaml", 2),
        ("a: \x00", "not_yaml", 1),
        ("[" * 20_000, "not_yaml", 1),
        ("#" * 1_000_000, "empty_file", 1),
        ("#" * 1_000_001, "too_large", 1),
    ],
)
def test_what_is_no_dialog_at_all_is_one_issue(text: str, code: str, line: int) -> None:
    """A file that is empty, no YAML or something else is told in one issue, with its line."""
    reading = read(text, "water")

    assert reading.dialog is None
    assert [(each.code, each.line) for each in reading.issues] == [(code, line)]


def test_a_word_of_thousands_of_letters_is_read_once() -> None:
    """Found by fuzzing: a parameter without an end took twelve seconds of a processor."""
    begun = time.process_time()
    reading = read(GOOD.replace("{start: 1, end: 5}", f"start=1 end=5 {'p' * 30_000}{' ' * 30_000}."), "water")

    assert "bad_value" in [each.code for each in reading.issues]
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(("text", "found"), [("- a\n- b\n", "list"), ("hello", "text")])
def test_what_stands_in_place_of_a_dialog_is_named(text: str, found: str) -> None:
    """A list and plain words are told apart."""
    (told,) = read(text, "water").issues

    assert (told.code, told.facts) == ("wrong_root", {"found": found})


def test_a_character_that_no_file_may_hold_is_told() -> None:
    """What the format itself forbids is told in its own words."""
    (told,) = read("a: \x00", "water").issues

    assert told.facts == {"problem": "special characters are not allowed"}


def test_what_is_empty_is_not_there() -> None:
    """A language without words beside one with them is passed; a step of one is a step as any other."""
    text = GOOD.replace('{es: "¿Qué hicieron?", en:', "{es: , en:").replace("end: 5", "end: 5, step: 1")
    _, near, story = _dialog(text).steps

    assert story.label == {"en": "What did you do?"}
    assert near.parameters == {"start": 1, "end": 5, "step": 1}


def test_one_wrong_choice_hides_no_other() -> None:
    """Words in place of a choice are told, and so is what is wrong with the next one."""
    text = GOOD.replace("- {name: no, label: {es: Ninguno, en: None}}", "- Ninguno\n      - {name: a b, label: A}")

    assert _codes(text)[:3] == [
        ("bad_value", 16, "days.choices[1]"),
        ("missing_language", 17, "days.choices[2].label"),
        ("bad_choice_name", 17, "days.choices[2].name"),
    ]


def test_a_wrong_value_is_shown_from_its_beginning() -> None:
    """Forty characters of it are enough to find it by."""
    told = read(GOOD.replace("kind:", f"minutes: {'x' * 50}\nkind:"), "water").issues

    assert [each.facts["found"] for each in told if each.code == "bad_value"] == ["x" * 40]


def _codes(text: str) -> list[tuple[str, int, str]]:
    return [(each.code, each.line, each.place) for each in read(text, "water").issues]


def test_all_issues_come_at_once_with_their_lines() -> None:
    """One look finds every slip: none hides another, and each says where it is."""
    text = dedent("""\
        spec: 2
        name: agua
        kind: reflexion
        languages: [es, en]
        titel: El agua
        why: Para la asamblea.
        minutes: dos
        steps:
          - type: selectone
            name: Días de agua
            label: ¿Cuántos?
            requred: yes
          - tpye: text
            name: story
            required: maybe
            relevant: slected(${dias}, 'x') and (
          - just words
          - type: select_one
            label: {es: A, en: B}
            label::es: C
          - type: range
            name: story
            label: {es: A, en: B}
            parameters: start=1 end=x stp=2
        """)

    assert _codes(text) == [
        ("unknown_spec", 1, "spec"),
        ("missing_key", 1, "title"),
        ("name_differs", 2, "name"),
        ("unknown_kind", 3, "kind"),
        ("unknown_key", 5, "titel"),
        ("missing_language", 6, "why"),
        ("bad_value", 7, "minutes"),
        ("unknown_type", 9, "Días de agua.type"),
        ("bad_name", 10, "Días de agua.name"),
        ("missing_language", 11, "Días de agua.label"),
        ("unknown_key", 12, "Días de agua.requred"),
        ("unknown_key", 13, "story.tpye"),
        ("missing_key", 13, "story.type"),
        ("missing_label", 13, "story.label"),
        ("bad_value", 15, "story.required"),
        ("expression_unknown_function", 16, "story.relevant"),
        ("expression_unexpected_end", 16, "story.relevant"),
        ("unknown_reference", 16, "story.relevant"),
        ("bad_value", 17, "steps[3]"),
        ("missing_name", 18, "steps[4]"),
        ("missing_choices", 18, "steps[4].choices"),
        ("duplicate_key", 20, "steps[4].label"),
        ("duplicate_name", 22, "story.name"),
        ("bad_parameter", 24, "story.parameters"),
        ("unknown_parameter", 24, "story.parameters"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "facts"),
    [
        ("why:", "wy:", "unknown_key", {"key": "wy", "near": "why"}),
        ("    relevant:", "    relevance:", "unknown_key", {"key": "relevance", "near": "relevant"}),
        ("why:", "why::", "unknown_key", {"key": "why:", "near": "why"}),
        ("name: water", "name: water\nname: water", "duplicate_key", {"key": "name"}),
        ("kind: reflection", "kind: reflexion", "unknown_kind", {"found": "reflexion", "near": "reflection"}),
        ("[es, en]", "[es, en, sp!]", "bad_language", {"language": "sp!"}),
        ("[es, en]", "[]", "missing_key", {"key": "languages"}),
        ("type: text", "type: txt", "unknown_type", {"found": "txt", "near": "text"}),
        ("name: story", "name: Story", "bad_name", {"name": "Story", "suggestion": "story"}),
        ("name: story", "name: days", "duplicate_name", {"name": "days", "first": "9"}),
        ("name: story", "name: language", "reserved_name", {"name": "language"}),
        ("name: no,", "name: a b,", "bad_choice_name", {"choice": "a b", "suggestion": "a_b"}),
        ("name: 007", "name: no", "duplicate_choice", {"choice": "no"}),
        ("end: 5", "end: 1", "empty_range", {"start": "1", "end": "1"}),
        ("end: 5", "end: 6, step: 2", "uneven_range", {"start": "1", "end": "6", "step": "2"}),
        ("end: 5", "end: 5, step: 0", "bad_parameter", {"parameter": "step", "found": "0"}),
        ("end: 5", "end: many", "bad_parameter", {"parameter": "end", "found": "many"}),
        ("end: 5", "finish: 5", "missing_parameter", {"parameter": "end"}),
        ("end: 5", "end: 5, stop: 5", "unknown_parameter", {"parameter": "stop", "near": "step"}),
        (
            "{start: 1, end: 5}",
            "1 to 5",
            "bad_value",
            {"key": "parameters", "found": "1 to 5", "expected": "start=1 end=5 step=1"},
        ),
        ("${days} = 'no'", "${days} = ", "expression_unexpected_end", {"position": "10"}),
        ("${days} = 'no'", "${dais} = 'no'", "unknown_reference", {"name": "dais", "near": "days"}),
        ("${days} = 'no'", "${story} = 'no'", "forward_reference", {"name": "story"}),
        ("${days} = 'no'", ". = 'no'", "no_own_value", {}),
        ("steps:", "Steps:", "missing_key", {"key": "steps"}),
        ("multiline discreet", "multilin", "unknown_appearance", {"found": "multilin", "near": "multiline"}),
        ("name: water", "name: wine", "name_differs", {"name": "wine", "file": "water"}),
    ],
)
def test_each_slip_is_told_with_what_was_probably_meant(old: str, new: str, code: str, facts: dict[str, str]) -> None:
    """Each slip has its code, its facts, and the near miss where there is one; an error leaves no dialog."""
    reading = read(GOOD.replace(old, new, 1), "water")
    found = [each for each in reading.issues if each.code == code]

    assert facts in [each.facts for each in found], reading.issues
    assert (reading.dialog is None) == any(each.severity == "error" for each in reading.issues)


def test_spec_and_steps_must_be_there() -> None:
    """What is missing at the top is told, and nothing is made up for it."""
    assert {"spec", "kind", "languages", "title", "why", "steps"} <= {
        each.facts["key"] for each in read("name: water", "water").issues if each.code == "missing_key"
    }
    assert _codes(GOOD.partition("steps:")[0] + "steps: []\n") == [("no_steps", 7, "steps")]


@pytest.mark.parametrize(
    ("heading", "code"), [("es", "es"), (" ES ", "es"), ("Español (es)", "es"), ("es_MX", "es-mx")]
)
def test_a_language_is_named_as_in_a_workbook(heading: str, code: str) -> None:
    """A code alone, or a name with its code behind, in any letters."""
    assert tag(heading) == code


ODD = ["  - ", "label:\n", "? a\n", "<<: *x\n", "&x ", "choices: [[]]\n", "!!python/object:os.system x\n", "\t", "{"]
fragments = st.sampled_from([*GOOD.splitlines(keepends=True), *ODD])


@given(st.one_of(st.text(max_size=60), st.lists(fragments, max_size=30).map("".join)))
def test_any_text_is_read_or_told(text: str) -> None:
    """Whatever stands in a file, reading it gives a dialog or issues of the closed set, and never fails."""
    reading = read(text, "water")

    assert (reading.dialog is None) == any(each.severity == "error" for each in reading.issues)
    for each in reading.issues:
        assert (each.severity, each.facts.keys()) == CODES[each.code]
        assert each.line >= 1
