"""How words become an answer, or a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.context import Context, Limits
from dialogs.model import Choice, Step, StepType
from dialogs.replies import Guess, Read, Refusal, folded
from dialogs.types import REFUSALS, TYPES, agrees, guessed, proposed, read_words, refusal_of_sent

from .conftest import NOW

NEED = (
    Choice("nothing", {"es": "Nada por ahora", "en": "Nothing for now"}),
    Choice("call", {"es": "Que me llamen", "en": "A call"}),
    Choice("info", {"es": "Información y más", "en": "Information"}),
    Choice("in_person", {"es": "😀 Verlo en persona", "en": "To talk in person"}),
)
FACES = tuple(Choice(str(number), {"es": f"🙂 Cara {number + 4}"}) for number in range(1, 6))

SCRAPS = (
    *("1", "2", "30", ",", "y", "·", ".", ":", "/", "-", "que", "me", "llamen", "treinta", "mil", "hundred", "and"),
    *("a", "de", "diciembre", "pasado", "jueves", "ayer", "pm", "media"),
)


def _step(kind: StepType) -> Step:
    return Step(kind, "a", {"es": "¿?"}, parameters={"start": 1, "end": 5, "step": 1} if kind == "range" else {})


def _read(
    kind: StepType, words: str, choices: tuple[Choice, ...] = (), longest: int = 100, language: str = "es"
) -> Read:
    context = Context(NOW, "America/Mexico_City", language, limits=Limits(text_length=longest))
    return read_words(_step(kind), choices, words, context)


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


@pytest.mark.parametrize("words", ["0", "5", "hola", "2 3", "-1", "no", "…", "x" * 99])
def test_what_names_no_choice_is_refused(words: str) -> None:
    """Anything else is not a choice; how many there are is said."""
    refused = _read("select_one", words, NEED)

    assert isinstance(refused, Refusal)
    assert refused.code == "not_a_choice"
    assert refused.facts["max"] == "4"


def test_a_near_miss_is_offered() -> None:
    """A slip of a label is not corrected, but guessed: she is asked whether she meant it."""
    assert _read("select_one", "informasion y mas", NEED) == Guess("info")
    assert _read("select_multiple", "que me yamen", NEED) == Guess("call")
    assert _read("range", "cara sinco", (Choice("2", {"es": "🙂 Cara cinco"}),)) == Guess("2")


def test_a_part_of_a_label_is_asked_back() -> None:
    """Only a picture chooses by itself; other words that stand in one label alone are a guess at it."""
    assert _read("select_one", "en persona", NEED) == Guess("in_person")
    assert _read("select_one", "😀", NEED) == "in_person"


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
        (", 1", ("nothing",)),
    ],
)
def test_several_choices_are_listed(words: str, names: tuple[str, ...]) -> None:
    """Digits and labels, parted by blanks, commas or `y`, name several choices, kept in the dialog's order."""
    assert _read("select_multiple", words, NEED) == names


def test_a_list_has_a_length() -> None:
    """Whoever writes more than five hundred characters is not choosing."""
    assert _read("select_multiple", "1," * 250, NEED, 1000) == ("nothing",)
    assert isinstance(_read("select_multiple", "1," * 250 + "1", NEED, 1000), Refusal)


@pytest.mark.parametrize("words", ["1 9", "1 y hola", ",", "1-3", "1 " * 300])
def test_a_list_with_one_wrong_part_is_refused(words: str) -> None:
    """Half of what she meant is never taken for the whole."""
    assert isinstance(_read("select_multiple", words, NEED, 1000), Refusal)


@pytest.mark.parametrize(("words", "number"), [("30", 30), (" 30 ", 30), ("-3", -3), ("+3", 3), ("007", 7)])
def test_an_integer_is_exact(words: str, number: int) -> None:
    """Digits with blanks around are a number."""
    assert _read("integer", words) == number


@pytest.mark.parametrize("words", ["3.5", "٣٠", "9" * 30, "muchos", "entre 30 y 40", "no tengo 30"])
def test_nothing_else_is_an_integer(words: str) -> None:
    """What holds no whole number, or more than one, is refused, with an example."""
    assert _read("integer", words) == Refusal("not_a_number", {"example": "30"})


@pytest.mark.parametrize("words", ["30 años", "como 30", "30 más o menos", "unos treinta", "thirty"])
def test_a_number_with_words_around_is_asked_back(words: str) -> None:
    """Hilo guesses the number in what she said, and never takes it unasked."""
    assert _read("integer", words) == Guess("30")


def test_a_number_in_words_is_a_number() -> None:
    """Number words of her own language need no asking."""
    assert _read("integer", "Treinta y cinco") == 35
    assert _read("integer", "thirty-five", language="en") == 35
    assert _read("range", "tres", FACES) == 3
    assert _read("range", "como tres", FACES) == Guess("3")


@pytest.mark.parametrize(
    ("words", "value"),
    [("2.5", "2.5"), ("2,50", "2.5"), (".5", "0.5"), ("3", "3"), ("-0", "0"), ("dos y medio", "2.5")],
)
def test_a_decimal_is_kept_in_digits(words: str, value: str) -> None:
    """Comma and point alike; no noughts at the end, so that the same number is always written the same."""
    assert _read("decimal", words) == value


def test_a_day_and_an_hour_are_kept_as_everyone_sorts_them() -> None:
    """Days and hours are read as they are said where she is, guesses are asked back, the rest is refused."""
    assert _read("date", "6 de diciembre") == "2026-12-06"
    assert _read("date", "hoy") == "2026-03-05"
    assert _read("date", "el jueves") == Guess("2026-03-12")
    assert _read("date", "quién sabe") == Refusal("not_a_date")
    assert _read("time", "7 de la tarde") == "19:00"
    assert _read("time", "a las 7") == Guess("07:00")
    assert _read("time", "al rato") == Refusal("not_a_time")


def test_an_acknowledge_takes_a_yes() -> None:
    """OK, sí and the button's digit are its one answer."""
    for words in ("OK", "Sí", "1", "claro"):
        assert _read("acknowledge", words) == "OK"
    assert _read("acknowledge", "no") == Refusal("not_a_choice", {"max": "1", "near": ""})


def test_what_a_question_needs_instead_of_a_file_is_known() -> None:
    """A number or one of the choices can be asked for; of a question for words there is nothing more to say."""
    listed = Step("select_one", "a", {}, choices=NEED)

    assert refusal_of_sent(_step("integer")) == Refusal("not_a_number", {"example": "3"})
    assert refusal_of_sent(listed) == Refusal("not_a_choice", {"max": "4", "near": ""})
    assert refusal_of_sent(_step("text")) is None


def test_words_are_no_photo_and_no_voice() -> None:
    """A question for a voice note or a photo says which it needs."""
    assert _read("image", "una foto") == Refusal("not_photo")
    assert _read("audio", "hola") == Refusal("not_voice")


def test_a_yes_is_told_from_a_no() -> None:
    """Yes and no are known in both languages; digits stand for them, unless a number was asked for."""
    one = _step("select_one")
    assert [agrees(one, words) for words in ("¡Sí!", "yes", "1", "No", "otra", "2", "tal vez")] == [
        True, True, True, False, False, False, None,
    ]  # fmt: skip  # one list, one line
    for number in (_step("integer"), _step("decimal"), _step("range")):
        assert [agrees(number, words) for words in ("sí", "1", "2", "30")] == [True, None, None, None]


def test_a_default_is_an_answer_or_nothing() -> None:
    """What an author proposes counts only if it is an answer to the question."""
    assert proposed(_step("select_one"), NEED, "call") == "call"
    assert proposed(_step("select_one"), NEED, "nobody") is None
    assert proposed(_step("select_multiple"), NEED, "call info") == ("call", "info")
    assert proposed(_step("integer"), (), "30") == 30
    assert proposed(_step("integer"), (), "thirty") is None
    assert proposed(_step("range"), FACES, "9") is None
    assert proposed(_step("date"), (), "2026-02-30") is None
    assert proposed(_step("time"), (), "19:30") == "19:30"
    assert proposed(_step("image"), (), "x") is None


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
    st.sampled_from([kind for kind in TYPES if kind not in {"note", "calculate"}]),
    st.sampled_from(["es", "en", "es-usted", "nah"]),
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(SCRAPS)).map(" ".join),
    ),
)
def test_any_words_are_read_or_refused(kind: StepType, language: str, words: str) -> None:
    """Whatever is typed becomes a value of the right type, or a guess at one, or a refusal of the closed set."""
    choices = FACES if kind == "range" else NEED
    found = _read(kind, words, choices, language=language)

    if isinstance(found, Refusal):
        assert found.facts.keys() == REFUSALS[found.code]
        return
    value = guessed(_step(kind), found.name) if isinstance(found, Guess) else found
    assert isinstance(value, {"integer": int, "range": int, "select_multiple": tuple}.get(kind, str))
    if kind in {"decimal", "date", "time"}:
        assert proposed(_step(kind), choices, str(value)) == value


def test_folding_forgives_what_a_telephone_leaves_out() -> None:
    """Accents, capitals, signs and the many apostrophes make no difference."""
    assert folded("  ¡Bats\u02bci  K\u2019OP, más!") == "batsi kop mas"
