"""Whoever prefers usted is never addressed with tú: every sentence that would has a form of its own."""

import re

from tests.bot.tongues import familiar, messages, openings, orders, words, written

# Said before anyone can have preferred anything, or to whoever opens a page; "said." is what people say to Hilo.
BEFORE = (
    *("said.", "plain.", "command.", "intro.", "join.stranger", "practice."),
    *("web.join.", "web.link.", "web.front.", "web.nowhere.", "web.onward.", "web.missing.", "web.refused."),
    *("web.broken.", "web.too_large."),
)
ASKED = "De tú"  # one of the two to choose from
# Not said to whoever reads it, but of someone or something else: "Usa la página, así que su teléfono no le avisa."
OF_OTHERS = {
    *("lib.copied", "progress.moved", "mail.sent.page", "ready.key.remedy", "role.end", "button.text_next"),
    *(
        "web.practice.facilitator.hint",
        "missing.hours",
        "progress.queued",
        "people.state.approval",
        "asked.open",
        "danger.still",
        "watch.silent",
    ),
}


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


def test_whoever_prefers_usted_is_told_what_to_do_so() -> None:
    """No clause begins with an imperative of tú, such as "Toca uno", in a sentence without its form for usted."""
    missing = {
        (place, text): found
        for place, text, form in written()
        if form is None
        and place not in OF_OTHERS
        and not place.startswith(BEFORE)
        and (found := [each for each in openings(text) if each in orders()])
    }

    assert {"toca", "escoge", "pregunta"} <= orders()
    assert missing == {}


def test_no_form_for_usted_says_tu() -> None:
    """And none of those forms slips back."""
    assert [form for _, _, form in written() if form and {"tú", "tu", "tus", "te", "ti"} & words(form)] == []


def test_a_button_is_named_as_it_says_itself() -> None:
    """A sentence for usted never sends anybody to a button by the words that it has for tú."""
    plain, formal = messages("es"), messages("es-usted")
    said = {text for code, text in (plain | formal).items() if code.startswith("button.")}
    familiar_only = {text for code, text in plain.items() if code.startswith("button.")} - said

    assert "Escoge uno por mí" in familiar_only
    named = {(code, name) for code, text in formal.items() for name in re.findall("«(.*?)»", text)}
    assert [each for each in named if each[1] in familiar_only] == []
