"""How words become an answer, or a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.model import Choice, Step, StepType, Value
from dialogs.replies import REFUSALS, Refusal, folded, read_words

NEED = (
    Choice("nothing", {"es": "Nada por ahora", "en": "Nothing for now"}),
    Choice("call", {"es": "Que me llamen", "en": "A call"}),
    Choice("info", {"es": "Información y más", "en": "Information"}),
    Choice("in_person", {"es": "😀 Verlo en persona", "en": "To talk in person"}),
)
FACES = tuple(Choice(str(number), {"es": f"🙂 Cara {number + 4}"}) for number in range(1, 6))


def _step(kind: StepType) -> Step:
    return Step(kind, "a", {"es": "¿?"}, parameters={"start": 1, "end": 5, "step": 1} if kind == "range" else {})


def _read(kind: StepType, words: str, choices: tuple[Choice, ...] = (), longest: int = 100) -> Value | Refusal:
    return read_words(_step(kind), choices, words, "es", longest)


@pytest.mark.parametrize(
    "words",
    ["2", " 2 ", "2 ·", "2.", "2)", "2:", "Que me llamen", "que me LLAMEN", "qué me llamén", "2 · Que me llamen",
     "call", "a call", "¡Que me llamen!", "que   me llamen"],
)  # fmt: skip  # a list of words reads better in lines
def test_a_choice_is_named_in_many_ways(words: str) -> None:
    """Its digit, its label with or without accents, capitals and signs, in any language, or its name choose it."""
    assert _read("select_one", words, NEED) == "call"


def test_pictures_need_not_be_typed() -> None:
    """A label is matched by its words, whatever picture stands before them."""
    assert _read("select_one", "verlo en persona", NEED) == "in_person"
    assert _read("select_one", "in person", NEED) == "in_person"


@pytest.mark.parametrize("words", ["0", "5", "hola", "2 3", "-1", "nada por", "…", "x" * 99])
def test_what_names_no_choice_is_refused(words: str) -> None:
    """Anything else is not a choice; how many there are is said."""
    refused = _read("select_one", words, NEED)

    assert isinstance(refused, Refusal)
    assert refused.code == "not_a_choice"
    assert refused.facts["max"] == "4"


def test_a_near_miss_is_offered() -> None:
    """A slip of a label is not corrected, but the label it is near to is there to be offered."""
    refused = _read("select_one", "informasion y mas", NEED)

    assert isinstance(refused, Refusal)
    assert refused.facts["near"] == "Información y más"


def test_words_that_two_choices_share_choose_neither() -> None:
    """What could mean two things is asked again."""
    twins = (Choice("a", {"es": "Sí"}), Choice("b", {"es": "si"}))

    assert isinstance(_read("select_one", "SI", twins), Refusal)
    assert _read("select_one", "Sí", twins) == "a"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("1 3", ("nothing", "info")),
        ("3,1", ("nothing", "info")),
        ("1 y 3", ("nothing", "info")),
        ("1, 2 y 4", ("nothing", "call", "in_person")),
        ("1 and 1", ("nothing",)),
        ("2.", ("call",)),
        ("información y más", ("info",)),
        ("que me llamen y nada por ahora", ("nothing", "call")),
        ("Información y más, call", ("call", "info")),
        ("1\n2", ("nothing", "call")),
        ("1, ", ("nothing",)),
    ],
)
def test_several_choices_are_listed(words: str, names: tuple[str, ...]) -> None:
    """Digits and labels, parted by blanks, commas or `y`, name several choices, kept in the dialog's order."""
    assert _read("select_multiple", words, NEED) == names


@pytest.mark.parametrize("words", ["1 9", "1 y hola", ",", "1-3", "1 " * 300])
def test_a_list_with_one_wrong_part_is_refused(words: str) -> None:
    """Half of what she meant is never taken for the whole."""
    assert isinstance(_read("select_multiple", words, NEED, 1000), Refusal)


@pytest.mark.parametrize(("words", "number"), [("30", 30), (" 30 ", 30), ("-3", -3), ("+3", 3), ("007", 7)])
def test_an_integer_is_exact(words: str, number: int) -> None:
    """Digits with blanks around are a number."""
    assert _read("integer", words) == number


@pytest.mark.parametrize("words", ["30 años", "3.5", "1,000", "treinta", "٣٠", "9" * 30])
def test_nothing_else_is_an_integer(words: str) -> None:
    """Nothing clever is done: what is not just a number is refused, with an example."""
    assert _read("integer", words) == Refusal("not_a_number", {"example": "30"})


@pytest.mark.parametrize(("words", "number"), [("2", 2), ("2 ·", 2), ("cara 5", 1), ("🙂 Cara 9", 5)])
def test_a_range_takes_its_number_or_its_words(words: str, number: int) -> None:
    """In a range the digit is the number itself; its words choose it too."""
    assert _read("range", words, FACES) == number


def test_a_range_has_bounds() -> None:
    """A number outside is refused with both ends, words with an example from within."""
    assert _read("range", "6", FACES) == Refusal("out_of_range", {"min": "1", "max": "5"})
    assert _read("range", "mucho", FACES) == Refusal("not_a_number", {"example": "3"})


def test_text_is_kept_as_it_was_written() -> None:
    """Open words lose the blanks around them and nothing else."""
    assert _read("text", "  Hubo junta.\nY faltó agua 💧 ") == "Hubo junta.\nY faltó agua 💧"


def test_nothing_and_too_much_are_refused() -> None:
    """Blanks alone are no answer, and an answer has a length."""
    assert _read("text", " \n ") == Refusal("empty")
    assert _read("text", "x" * 101) == Refusal("too_long", {"max": "100"})


@given(
    st.sampled_from(["text", "integer", "select_one", "select_multiple", "range"]),
    st.one_of(
        st.text(), st.lists(st.sampled_from(["1", "2", ",", "y", "·", ".", "que", "me", "llamen"])).map(" ".join)
    ),
)
def test_any_words_are_read_or_refused(kind: StepType, words: str) -> None:
    """Whatever is typed becomes a value of the right type, or a refusal of the closed set."""
    found = _read(kind, words, FACES if kind == "range" else NEED)

    if isinstance(found, Refusal):
        assert found.facts.keys() == REFUSALS[found.code]
    else:
        expected = {"integer": int, "range": int, "select_multiple": tuple}.get(kind, str)
        assert isinstance(found, expected)


def test_folding_forgives_what_a_telephone_leaves_out() -> None:
    """Accents, capitals, signs and the many apostrophes make no difference."""
    assert folded("  ¡Bats\u02bci  K\u2019OP, más!") == "batsi kop mas"
