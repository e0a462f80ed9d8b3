"""Whoever prefers usted is never addressed with tú: every sentence that would has a form of its own."""

from tests.bot.tongues import familiar, words, written

# Said before anyone can have preferred anything, or to whoever opens a page.
BEFORE = (
    *("command.", "intro.", "join.stranger", "join.unknown", "practice."),
    *("web.join.", "web.link.", "web.front.", "web.nowhere.", "web.onward.", "web.missing.", "web.refused."),
    *("web.broken.", "web.too_large."),
)
ASKED = "De tú"  # one of the two to choose from


def test_the_familiar_is_known() -> None:
    """The words of tú are those one would name."""
    assert {"tú", "tu", "te", "quieres", "contestaste", "puedes", "dime"} <= familiar()
    assert not {"usted", "su", "quiere", "el", "que", "no", "equipo"} & familiar()


def test_whoever_prefers_usted_is_spoken_to_so() -> None:
    """No sentence or question with a word of tú in it is without its form for usted."""
    missing = {
        (place, text): found
        for place, text, form in written()
        if form is None
        and text != ASKED
        and not place.startswith(BEFORE)
        and (found := sorted(words(text) & familiar()))
    }

    assert missing == {}


def test_no_form_for_usted_says_tu() -> None:
    """And none of those forms slips back."""
    assert [form for _, _, form in written() if form and {"tú", "tu", "tus", "te", "ti"} & words(form)] == []
