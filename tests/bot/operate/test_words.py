"""The key as 24 words: read back exactly, forgiving what a keyboard lacks, and finding what was mistyped."""

import pytest

from bot.cli.operate import words
from bot.cli.operate.words import WordsError
from storage.vault import Vault

KEY = bytes(range(7, 39))


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_key_comes_back_from_its_words(language: str) -> None:
    """24 words in either language are the key, whatever language the console speaks."""
    for key in (KEY, bytes(32), b"\xff" * 32, Vault.generate()):
        written = words.of_key(key, language)
        assert len(written) == 24
        assert words.key_of(" ".join(written)) == key


def test_the_words_are_those_of_the_standard() -> None:
    """BIP-39's own test vector: other programs read the same paper."""
    assert words.of_key(bytes(32), "en") == [*["abandon"] * 23, "art"]


def test_accents_capitals_and_numbers_do_no_harm() -> None:
    """They may be typed on any keyboard, numbered as on the paper, over several lines."""
    written = words.of_key(KEY, "es")
    typed = "\n".join(f"{place}. {words.folded_word(word).upper()}" for place, word in enumerate(written, 1))

    assert any(words.folded_word(word) != word for word in written)
    assert words.key_of(typed) == KEY


def refusal(typed: str) -> WordsError:
    with pytest.raises(WordsError) as error:
        words.key_of(typed)
    return error.value


def test_a_mistyped_word_is_named_with_its_place() -> None:
    """A slip is found, and the word that was probably meant is offered."""
    written = words.of_key(KEY, "es")
    slip = [*written]
    slip[16] = written[16][:-1] + "zz"
    error = refusal(" ".join(slip))
    assert error.facts["place"] == 17
    assert error.code in {"cli.words.unknown", "cli.words.unknown.near"}
    nonsense = refusal(" ".join([*written[:3], "qqqq", *written[4:]]))

    assert (nonsense.code, nonsense.facts["place"]) == ("cli.words.unknown", 4)


def test_a_word_in_another_s_place_is_found_by_the_checksum() -> None:
    """Two words exchanged are words of the list, and no key."""
    written = words.of_key(KEY, "en")
    exchanged = [written[1], written[0], *written[2:]]

    assert refusal(" ".join(exchanged)).code == "cli.words.checksum"


@pytest.mark.parametrize("number", [0, 1, 23, 25])
def test_another_number_of_words_is_said(number: int) -> None:
    """How many came, and how many there should be."""
    error = refusal(" ".join((words.of_key(KEY, "es") * 2)[:number]))

    assert (error.code, error.facts) == ("cli.words.number", {"found": number, "needed": 24})


def test_asked_back_a_word_may_be_begun() -> None:
    """Four letters tell every word of the list from every other; fewer, or another word, do not do."""
    assert words.same("Ábaco", "ábaco")
    assert words.same("abac", "ábaco")
    assert not words.same("aba", "ábaco")
    assert not words.same("abdomen", "ábaco")
    assert not words.same("", "ábaco")
