"""What explains the exported columns."""

from collections.abc import Callable

from dialogs.codebook import beside, rows
from dialogs.model import Dialog


def test_every_question_is_explained_in_each_language(library: Callable[[str], Dialog]) -> None:
    """One row a question in the dialog's order, with words, choices and conditions; notes have no column."""
    found = rows(library("check_in"), ["es", "en"])
    need = found[2]

    assert [entry.column for entry in found] == ["mood", "week", "need", "need_about"]
    assert need.label == {"es": "¿Necesitas algo del equipo?", "en": "Do you need anything from the team?"}
    assert need.choices["en"][1] == ("call", "A call")
    assert found[0].choices["es"][0] == ("1", "😞 Muy bajo")
    assert found[1].choices == {}
    assert found[3].relevant == "${need} = 'call' or ${need} = 'information'"
    assert not need.required


def test_a_language_without_words_is_explained_in_the_nearest(library: Callable[[str], Dialog]) -> None:
    """The codebook falls back string by string, as the conversation does."""
    found = rows(library("check_in"), ["es-usted", "nhe"])

    assert found[0].label == {
        "es-usted": "¿Cómo anda de ánimo esta semana?",
        "nhe": "¿Cómo andas de ánimo esta semana?",
    }


def test_calculations_have_a_column_and_values_a_form(make: Callable[[str], Dialog]) -> None:
    """What is worked out is exported with its expression; how days, hours and recordings are written is told."""
    found = rows(
        make(
            "- {type: integer, name: a, label: A}\n- {type: calculate, name: b, calculation: '${a} * 2'}\n"
            "- {type: date, name: c, label: C}\n- {type: time, name: d, label: D}\n- {type: audio, name: e, label: E}\n"
        ),
        ["es"],
    )

    assert [(entry.column, entry.calculation, entry.values) for entry in found] == [
        ("a", "", ""), ("b", "${a} * 2", ""), ("c", "", "YYYY-MM-DD"), ("d", "", "HH:MM"), ("e", "", "voice:id"),
    ]  # fmt: skip  # one list, one line


def test_a_part_is_asked_as_its_question_is(make: Callable[[str], Dialog]) -> None:
    """Its column has the condition of the whole, and stands there only where the answer is split."""
    dialog = make(
        "- {type: text, name: a, label: A}\n- {type: select_multiple, name: b, label: B, required: yes, "
        "relevant: \"${a} = 'x'\", choices: [{name: c, label: C}]}\n"
    )

    assert [(each.column, each.relevant, each.required) for each in rows(dialog, ["es"], split=True)[1:]] == [
        ("b", "${a} = 'x'", True), ("b/c", "${a} = 'x'", True),
    ]  # fmt: skip  # one list, one line
    assert [each.column for each in rows(dialog, ["es"])] == ["a", "b"]


def test_nobody_has_to_say_anything_beside_a_question() -> None:
    """A column of asides holds words of its step, and is required of no one."""
    found = beside("a_asides", "a", {"es": "También mandó"})

    assert (found.step, found.type, found.required) == ("a", "text", False)


def test_several_choices_may_have_a_column_each(library: Callable[[str], Dialog]) -> None:
    """Split, a select_multiple has a column of its own and one for each of its choices."""
    found = [entry for entry in rows(library("welcome"), ["en"], split=True) if entry.step == "hours"]

    assert [entry.column for entry in found] == [
        "hours", "hours/morning", "hours/afternoon", "hours/evening", "hours/weekend",
    ]  # fmt: skip  # one list, one line
    assert (found[1].label, found[1].values) == ({"en": "Morning"}, "1 / 0")
