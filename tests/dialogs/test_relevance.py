"""What of a dialog concerns a person now."""

from collections.abc import Callable
from dataclasses import replace

from dialogs.context import Context
from dialogs.model import Dialog
from dialogs.relevance import plan_of, relevance_of
from dialogs.run import Answer

STEPS = """
- {type: select_one, name: need, label: "¿Qué?", choices: [{name: call, label: A}, {name: none, label: B}]}
- {type: text, name: about, label: "¿De qué?", relevant: "${need} = 'call'"}
- {type: text, name: more, label: "¿Y?", relevant: "${about} != ''"}
- {type: note, name: bye, label: Gracias, relevant: "${need} = 'none'"}
- {type: text, name: hope, label: "¿Qué más?", relevant: "${language} = 'es'"}
"""


def _expected(dialog: Dialog, context: Context, **answers: str | None) -> tuple[str, ...]:
    given = {path: Answer(value, value or "") for path, value in answers.items()}
    return relevance_of(plan_of(dialog), given, context).expected


def test_the_promised_number_counts_what_may_still_come(make: Callable[[str], Dialog], context: Context) -> None:
    """Questions that hang on an answer to come are counted, until that answer rules them out; notes never are."""
    dialog = make(STEPS)

    assert _expected(dialog, context) == ("need", "about", "more", "hope")
    assert _expected(dialog, context, need="call") == ("need", "about", "more", "hope")
    assert _expected(dialog, context, need="none") == ("need", "hope")
    assert _expected(dialog, context, need=None) == ("need", "hope")
    assert _expected(dialog, context, need="call", about=None) == ("need", "about", "hope")


def test_an_answer_that_concerns_her_no_more_reads_as_none(make: Callable[[str], Dialog], context: Context) -> None:
    """What she said before she changed her mind decides nothing."""
    given = {"need": Answer("none", "B"), "about": Answer("agua", "agua")}
    found = relevance_of(plan_of(make(STEPS)), given, context)

    assert found.relevant == {"need", "bye", "hope"}
    assert "about" not in found.scope.values


def test_facts_decide_too(make: Callable[[str], Dialog], context: Context) -> None:
    """`${language}` is the base language: usted is Spanish."""
    dialog = make(STEPS)

    assert "hope" in _expected(dialog, replace(context, language="es-usted"))
    assert "hope" not in _expected(dialog, replace(context, language="en"))


def test_a_dialog_is_made_ready_once(library: Callable[[str], Dialog]) -> None:
    """Two readings of one version share one plan."""
    assert plan_of(library("check_in")) is plan_of(library("check_in"))


def test_a_long_range_is_typed(make: Callable[[str], Dialog]) -> None:
    """Up to eleven numbers are offered as buttons, labelled where the author gave words; more are typed."""
    short = make("- {type: range, name: a, label: x, parameters: start=0 end=10, choices: [{name: 0, label: Nada}]}")
    long = make("- {type: range, name: a, label: x, parameters: start=1 end=12}")

    assert [choice.name for choice in plan_of(short).choices[0]] == [str(number) for number in range(11)]
    assert plan_of(short).choices[0][0].label == {"es": "Nada"}
    assert plan_of(long).choices[0] == ()
