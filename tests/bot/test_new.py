"""What is new to whoever reads: told by what she was shown, never by a clock; walked through by pressing."""

import re

import pytest

from tests.bot.leader import words
from tests.bot.rig import Phone, Rig, texts
from tests.memory import Message

LANGUAGES = ("es", "en")
STORY = "Fuimos a la asamblea y se habló del agua otra vez, sin acuerdo. "


def told(hilo: Rig, story: str, nickname: str = "Ceiba") -> tuple[Phone, int]:
    """Bring in a leader who answers a check-in; returns which message of hers answered its first question."""
    phone = hilo.join(nickname=nickname)
    hilo.ask(phone)
    mood = phone.say("2")
    phone.say(story)
    phone.press("Listo")
    phone.press("1 · Nada por ahora")
    return phone, mood


def reads(ana: Phone) -> str:
    """Read what is next; returns the page."""
    ana.say("/leer")
    ana.press(words(ana, "button.read_next"))
    return ana.last.text or ""


def nothing_new(ana: Phone) -> bool:
    """Tell whether she is told that all is read."""
    ana.say("/leer")
    assert (words(ana, "read.all_read") in (ana.last.text or "")) is (
        words(ana, "button.read_next") not in ana.last.labels
    )
    return words(ana, "button.read_next") not in ana.last.labels


def standing(ana: Phone, order: int) -> Message:
    """Return a message of her chat as it stands now."""
    return next(message for message in ana.heard if message.order == order)


def following(page: Message) -> list[str]:
    """Return the buttons of a page that lead to what else is new."""
    return [label for label in page.labels if re.match(r"Lo que sigue|Next \(", label)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hours", [0, -1])
def test_an_answer_is_new_at_the_moment_of_the_reading_and_after_the_clock_was_put_back(
    hilo: Rig, language: str, hours: int
) -> None:
    """In the list, the menu and the weekly summary, and it is what the button leads to; once read, it is read."""
    leader, mood = told(hilo, "Hubo junta.")
    ana = hilo.facilitator(language)
    assert "Hubo junta." in reads(ana)
    assert nothing_new(ana)
    hilo.advance(hours=hours)
    leader.edit(mood, "5")
    line = texts().count("today.answers", language, 1, cohort="Sierra Norte")
    ana.say("/menu")
    assert line in (ana.last.text or "")
    ana.press(words(ana, "menu.more"))
    ana.press(words(ana, "menu.digest"))
    ana.press(words(ana, "button.digest_now"))
    assert line in (ana.last.text or "")
    assert "😀" in reads(ana)

    assert nothing_new(ana)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_came_to_an_earlier_page_while_she_read_on_is_new(hilo: Rig, language: str) -> None:
    """She is on the first page of three, and the answer on it changes: she is led back to it at the end."""
    leader, mood = told(hilo, STORY * 26)
    ana = hilo.facilitator(language)
    assert "🙁" in reads(ana)
    leader.edit(mood, "5")
    pages = 1
    while words(ana, "button.text_next") in ana.last.labels:
        assert following(ana.last) == []
        ana.press(words(ana, "button.text_next"))
        pages += 1
    assert pages >= 3
    (onward,) = following(ana.last)
    ana.press(onward)
    assert "😀" in (ana.last.text or "")
    assert following(ana.last) == []

    assert nothing_new(ana)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_came_to_a_page_she_had_not_turned_to_is_read_with_it(hilo: Rig, language: str) -> None:
    """She is on the first page, and an answer on the last one changes: she is shown it there, once."""
    leader, _ = told(hilo, STORY * 26)
    ana = hilo.facilitator(language)
    reads(ana)
    place = ana.last.order
    leader.press("Cambiar")
    leader.press("2 · Que me llamen")
    # What asks for a call rings: the notice stands below the page, which she reads on in its place.
    assert ana.news == [words(ana, "notice.danger", cohort="Sierra Norte")]
    ana.look()
    while words(ana, "button.text_next") in (page := standing(ana, place)).labels:
        ana.press(words(ana, "button.text_next"))
    assert ana.news == []
    assert {"es": "→ Que me llamen", "en": "→ A call"}[language] in (page.text or "")
    assert following(page) == []

    assert nothing_new(ana)


def test_a_page_that_was_not_turned_to_is_still_to_be_read(hilo: Rig) -> None:
    """Whoever closes on the first page of three has not read the others, and is told so."""
    told(hilo, STORY * 26)
    ana = hilo.facilitator()
    reads(ana)
    ana.press("Cerrar")
    ana.say("/menu")
    assert "1 respuesta nueva" in (ana.last.text or "")
    text = reads(ana)
    while words(ana, "button.text_next") in ana.last.labels:
        ana.press(words(ana, "button.text_next"))
        text += ana.last.text or ""
    assert "🙁" not in text

    assert nothing_new(ana)


def test_all_of_a_run_may_be_read_question_by_question(hilo: Rig) -> None:
    """Each question's answers count as read once they were shown, and a run once all its answers were."""
    told(hilo, "Hubo junta.")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por pregunta")
    ana.press(ana.last.labels[0])
    for number in range(3):
        assert not nothing_new(ana)
        ana.press("Por pregunta")
        ana.press(ana.last.labels[0])
        ana.press(ana.last.labels[number])
        if "Quién dijo qué" in ana.last.labels:  # its totals come first
            ana.press("Quién dijo qué")

    assert nothing_new(ana)
