"""The table of languages."""

import pytest

from dialogs.languages import (
    LANGUAGES,
    TAG,
    base,
    chain,
    covers,
    formatting_locale,
    in_register,
    own_name,
    register_of,
    with_registers,
)


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("es", ("es", "en")),
        ("es-usted", ("es-usted", "es", "en")),
        ("en", ("en", "es")),
        ("nhe", ("nhe", "nah", "es", "en")),
        ("zoz", ("zoz", "es", "en")),
        ("fr-ca", ("fr-ca", "fr", "es", "en")),
    ],
)
def test_words_are_looked_for_along_the_chain(tag: str, found: tuple[str, ...]) -> None:
    """A chain goes from the language to its parents to Spanish and English; a tag nobody knows has one too."""
    assert chain(tag) == found


def test_every_language_of_the_table_is_complete() -> None:
    """Each has a well-formed code, a name of its own that fits a button, a known parent, and a chain that ends."""
    names = [row.own_name for row in LANGUAGES.values()]

    assert len(LANGUAGES) >= 50
    assert len(set(names)) == len(names)
    for code, row in LANGUAGES.items():
        assert TAG.fullmatch(code)
        assert row.code == code
        assert 0 < len(row.own_name) <= 30
        assert row.parent is None or row.parent in LANGUAGES
        assert {"es", "en"} <= set(chain(code))


def test_the_languages_that_the_design_names_are_there() -> None:
    """Spanish in both registers, English, and the languages of Mexico that people asked for."""
    asked = "es es-usted en nah nhe yua tzo tzh zap mix maz oto tsz toj ctu mam quc hus mto tlp tar yaq"

    assert set(asked.split()) <= LANGUAGES.keys()


def test_a_register_is_its_language() -> None:
    """Whoever is addressed as usted speaks Spanish; a language without a register is itself."""
    assert base("es-usted") == "es"
    assert base("nhe") == "nhe"


def test_registers_follow_their_language() -> None:
    """A language is offered with its registers, once; a register is chosen by its name, where the language has it."""
    assert with_registers(["nah", "es", "en"]) == ("nah", "es", "es-usted", "en")
    assert with_registers(["es-usted", "es"]) == ("es-usted", "es")
    assert [in_register(tag, "usted") for tag in ("es", "es-usted", "en", "nah", "ctu")] == [
        "es-usted", "es-usted", "en", "nah", "ctu",
    ]  # fmt: skip  # what is asked for above, what comes of it below
    assert [in_register(tag, "tu") for tag in ("es", "es-usted", "nah")] == ["es", "es", "nah"]
    assert [register_of(tag) for tag in ("es", "es-usted", "en", "nah")] == ["tu", "usted", None, None]


def test_every_language_formats_somewhere() -> None:
    """Dates and numbers have a locale for every tag, known or not, so that no tag reaches Babel itself."""
    assert formatting_locale("es-usted") == "es_MX"
    assert formatting_locale("nhe") == "es_MX"
    assert formatting_locale("en") == "en"
    assert formatting_locale("en-gb") == "en"
    assert formatting_locale("zoz") == "es_MX"


def test_a_language_is_called_as_its_speakers_call_it() -> None:
    """The table's own name; a tag that only its parent knows takes the parent's, one that nobody knows its own."""
    assert own_name("yua") == "Maaya t'aan"
    assert own_name("en-gb") == "English"
    assert own_name("zoz") == "zoz"


def test_a_last_resort_is_no_translation() -> None:
    """Words in Spanish serve usted as her own, not a speaker of Nahuatl; Nahuatl serves its variants."""
    assert covers("es-usted", frozenset({"es"}))
    assert covers("nhe", frozenset({"nah"}))
    assert not covers("nhe", frozenset({"es", "en"}))
