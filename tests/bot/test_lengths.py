"""Long texts are split where people pause, and nothing of them is lost."""

from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.lengths import split, units

SENTENCE = "En octubre les preguntamos por el comité del agua."


def squeezed(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def test_what_fits_is_one_message() -> None:
    """A text within the limit is not touched, and no text is no message."""
    assert split(SENTENCE, units(SENTENCE)) == [SENTENCE]
    assert split("  \n ", 10) == []


def test_sentences_stay_whole() -> None:
    """Every part ends where a sentence does."""
    parts = split(f"{SENTENCE} ¿Qué sigue? ¡Mucho! " * 30, 200)
    assert len(parts) > 10
    assert all(part.endswith((".", "?", "!")) for part in parts)


def test_a_paragraph_is_a_better_place_than_a_sentence() -> None:
    """Where an empty line is near, the cut is there."""
    assert split(f"{SENTENCE}\n\n{SENTENCE} {SENTENCE}", 130) == [SENTENCE, f"{SENTENCE} {SENTENCE}"]


def test_without_sentences_a_word_stays_whole() -> None:
    """A text without marks is cut between words, and a word longer than a message within it."""
    assert split("uno dos tres cuatro", 9) == ["uno dos", "tres", "cuatro"]
    assert split("a" * 10, 4) == ["aaaa", "aaaa", "aa"]


def test_the_first_part_may_be_shorter() -> None:
    """Beside a recording fewer words fit than in the messages after it."""
    parts = split(SENTENCE * 3, 100, first=20)
    assert units(parts[0]) <= 20
    assert all(units(part) <= 100 for part in parts)


def test_an_emoji_is_never_cut() -> None:
    """What is one sign to the eye stays one: families, flags, skin tones, digits in a box, accents."""
    for sign in ("👩‍👩‍👧", "🇲🇽", "👍🏽", "4️⃣", "e\u0301", "🏴\U000e0067\U000e0062\U000e007f"):
        for most in range(units(sign), units(sign) + 6):
            for part in split(sign * 12, most):
                assert part == sign * (len(part) // len(sign))


@given(st.text(), st.integers(1, 40), st.none() | st.integers(1, 20))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, most: int, first: int | None) -> None:
    """Whatever the text, its parts fit and hold every letter in order."""
    parts = split(text, most, first)
    assert squeezed("".join(parts)) == squeezed(text)
    for place, part in enumerate(parts):
        limit = first if place == 0 and first is not None else most
        assert units(part) <= max(limit, 2)  # an emoji takes two and cannot be halved
