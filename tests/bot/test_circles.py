"""What circles say is seen beside people's words, apart, and gone with the sheet's code; they hear back, and answer."""

from datetime import timedelta
from typing import Any

import pytest

from bot.services import circles
from bot.services.refusals import NotAllowed
from tests.bot.asking import say_why
from tests.bot.leader import check
from tests.bot.orders import finish, say
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_paper import CHECK_IN, at_sheets, code_of, drawn, printed
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["drawn"]  # pytest finds the fixture by its name here

WATER = {"es": "Lo del agua, dijeron todas en la junta de ayer.", "en": "The water, all of them said at the meeting."}
AGAINST = {"es": "Que casi nadie viene de noche.", "en": "That hardly anybody comes at night."}
OPEN = {"es": "¿Qué pasó esta semana", "en": "What happened this week"}
CLOSED = {"es": "¿Cómo andas de ánimo", "en": "How are you feeling"}


def circle(phone: Phone, code: str, present: int = 14, language: str = "es", words: str = "") -> None:
    """Type in what a circle said on a check-in, from the menu on."""
    at_sheets(phone, language)
    phone.say(code)
    phone.press(say("button.paper_circle", language))
    phone.say("1")
    phone.say("3")
    phone.say("Ana, del equipo")
    phone.say(str(present))
    phone.say(AGAINST[language])
    phone.say("2")
    phone.say(words or WATER[language])
    phone.press(say("button.done", language))
    phone.say("1")
    assert phone.last.text == say("paper.kept", language)


def refusal(phone: Phone, code: str, language: str = "es") -> None:
    """Type in that a circle did not want to answer."""
    at_sheets(phone, language)
    phone.say(code)
    phone.press(say("button.paper_circle", language))
    phone.say("2")


def prepared(phone: Phone, sheets: int = 1, language: str = "es") -> None:
    """Prepare a check-in and have sheets of it printed."""
    phone.say(f"/{say('command.ask.name', language)}")
    phone.press(CHECK_IN[language])
    if say("button.ask_paper", language) in phone.last.labels:  # a group of nobody
        phone.press(say("button.ask_paper", language))
    say_why(phone)
    printed(phone, sheets, language)


def take_back(phone: Phone, code: str, language: str = "es") -> None:
    """Take back what was typed in, by the code."""
    at_sheets(phone, language)
    phone.say(code.lower())
    phone.press(say("button.paper_remove", language))
    phone.press(say("button.paper_take_back", language))


def by_question(phone: Phone, question: str, language: str = "es") -> str:
    """Open a question of the newest broadcast from the menu; return its page."""
    phone.say(f"/{say('command.read.name', language)}")
    phone.press(say("button.by_question", language))
    phone.press(phone.last.labels[0])
    phone.press(next(each for each in phone.last.labels if each.startswith(question)))
    return phone.last.text or ""


def fits(phone: Phone) -> None:
    """A page that quotes fits a phone, and leads on."""
    assert len(phone.last.text or "") <= 1000, phone.last.text
    assert len(phone.last.keyboard) <= 8
    assert phone.last.labels


def who(people: int, language: str = "es") -> str:
    """Return how a circle of so many is called."""
    return texts().count("circle.who", language, people)


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_in_a_group_of_nobody_with_a_phone_a_circle_is_read_by_question(
    hilo: Rig, drawn: list[dict[str, Any]], language: str
) -> None:
    """Nobody else answered, and what a circle said is there by question, whole, until its code takes it back."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, language=language)
    code = code_of(drawn)
    ana.say(f"/{say('command.read.name', language)}")
    assert ana.last.text == say("read.nothing", language)  # what was printed only is not asked yet
    circle(ana, code, language=language)
    text = by_question(ana, OPEN[language], language)
    fits(ana)
    assert say("circle.apart", language) in text
    assert f"{who(14, language)}: {WATER[language]}" in text
    ana.press(texts().count("button.circles", language, 1))
    fits(ana)
    text = ana.last.text or ""
    for words in (who(14, language), WATER[language], AGAINST[language]):
        assert words in text
    ana.press(say("button.other_question", language))
    ana.press(
        next(each for each in ana.last.labels if each.startswith(CLOSED[language]))
    )  # the closed one: no number of anybody's, and the circle apart
    fits(ana)
    text = ana.last.text or ""
    assert say("totals.nobody", language) in text
    assert who(14, language) in text
    ana.press(say("button.close", language))
    take_back(ana, code, language)
    ana.say(f"/{say('command.read.name', language)}")
    assert ana.last.text == say("read.nothing", language)


def test_it_stands_beside_what_people_answered_and_changes_no_count(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """The sheet of an order that went to phones is of that order: totals are the same, and the circle stands apart."""
    people = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    ana = hilo.facilitator()
    prepared(ana, 5)
    first, second, third, *_ = drawn[0]["codes"]
    ana.press(say("button.ask_back"))
    ana.press(say("button.ask_send"))
    hilo.tick()
    for each in people:
        each.press("Sí, ahora")
        finish(each)
    before = by_question(ana, CLOSED["es"])
    circle(ana, first)
    circle(ana, second, present=9)
    refusal(ana, third)
    text = by_question(ana, CLOSED["es"])
    fits(ana)
    assert text.startswith(before.removesuffix(say("totals.here")))  # no number of people has changed
    assert f"{who(14)}: " in text
    assert f"{who(9)}: " in text
    assert texts().count("circle.refused", "es", 1) in text
    text = by_question(ana, OPEN["es"])
    fits(ana)
    assert "Lo del agua." in text
    assert WATER["es"] in text
    ana.press(texts().count("button.circles", "es", 2))
    fits(ana)
    ana.say("/menu")
    with hilo.reading() as unit:
        [order] = unit.broadcasts.list()  # no other one was made
        assert not order.on_paper
    take_back(ana, third)
    assert texts().count("circle.refused", "es", 1) not in by_question(ana, CLOSED["es"])


def test_who_does_not_read_the_group_sees_nothing(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """A facilitator of another group has nothing to read, and a button of this one's does not open."""
    hilo.cohort()
    hilo.cohort("Costa")
    ana = hilo.facilitator(cohort=SIERRA)
    sol = hilo.facilitator(nickname="Sol", cohort="Costa")
    prepared(ana)
    circle(ana, code_of(drawn))
    by_question(ana, OPEN["es"])
    sol.say("/leer")
    assert sol.last.text == say("read.nothing")
    with hilo.unit() as unit:
        [order] = unit.broadcasts.list()
        assert len(circles.look(unit, ana.person, order, "circles")) == 1
        with pytest.raises(NotAllowed):
            circles.look(unit, sol.person, order, "circles")
    for code in ("menu.more", "menu.digest", "button.digest_now"):
        if code == "menu.more":
            sol.say("/menu")
        sol.press(say(code))
    assert WATER["es"] not in sol.screen()
    assert "círculo" not in sol.told


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_weekly_summary_says_that_circles_answered(hilo: Rig, drawn: list[dict[str, Any]], language: str) -> None:
    """It says of how many, and leads to the totals; its words stay where taking them back reaches them."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, language=language)
    code = code_of(drawn)
    circle(ana, code, language=language)
    line = texts().count("digest.circle", language, 14, title=CHECK_IN[language])
    summary(ana, language)
    check(ana)
    assert line in (ana.last.text or "")
    assert WATER[language] not in (ana.last.text or "")
    ana.press(say("button.totals_of", language, title=CHECK_IN[language]))
    fits(ana)
    assert WATER[language] in (ana.last.text or "")
    take_back(ana, code, language)
    summary(ana, language)
    assert line not in (ana.last.text or "")
    hilo.now += timedelta(days=8)
    summary(ana, language)
    assert line not in (ana.last.text or "")


def summary(phone: Phone, language: str = "es") -> None:
    """Look at the weekly summary, from the menu."""
    for code in ("menu.more", "menu.digest", "button.digest_now"):
        if code == "menu.more":
            phone.say("/menu")
        phone.press(say(code, language))


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_was_asked_on_paper_is_among_what_was_sent(hilo: Rig, drawn: list[dict[str, Any]], language: str) -> None:
    """Its panel says that it went to nobody's phone, and leads to reading, to the totals and to telling back."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, language=language)
    circle(ana, code_of(drawn), language=language)
    ana.say(f"/{say('command.progress.name', language)}")
    ana.press(next(each for each in ana.last.labels if each.startswith(CHECK_IN[language])))
    check(ana)
    assert say("progress.on_paper", language) in (ana.last.text or "")
    assert say("button.order_end", language) not in ana.last.labels
    assert say("menu.told", language) in ana.last.labels
    ana.press(say("button.totals", language))
    fits(ana)
    assert who(14, language) in (ana.last.text or "")
    ana.say("/menu")
    assert say("today.owed", language, title=CHECK_IN[language]) in ana.told


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_many_circles_with_many_words_fit_a_phone(hilo: Rig, drawn: list[dict[str, Any]], language: str) -> None:
    """Two stand beside the question and the others are counted; all of them are there, page by page."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, 5, language)
    long = {"es": "Se habló mucho y de muchas cosas, y no se acabó. " * 12, "en": "We talked and talked of it. " * 20}
    for number, code in enumerate(drawn[0]["codes"]):
        circle(ana, code, 9990 + number, language, long[language].strip())
    text = by_question(ana, OPEN[language], language)
    fits(ana)
    assert texts().count("circle.more", language, 3) in text
    ana.press(texts().count("button.circles", language, 5))
    seen = [ana.last.text or ""]
    while say("button.next", language) in ana.last.labels:
        fits(ana)
        ana.press(say("button.next", language))
        seen.append(ana.last.text or "")
    for number in range(5):
        assert any(who(9990 + number, language) in each for each in seen)
    by_question(ana, CLOSED[language], language)
    fits(ana)


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_summary_counts_circles_and_says_who_did_not_want_to(
    hilo: Rig, drawn: list[dict[str, Any]], language: str
) -> None:
    """More than one is counted; where they only refused, that is what it says, and the code takes it back."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, 5, language)
    first, second, third, *_ = drawn[0]["codes"]
    refusal(ana, first, language)
    summary(ana, language)
    assert texts().count("digest.circles_refused", language, 1, title=CHECK_IN[language]) in (ana.last.text or "")
    ana.say("/menu")
    assert say("today.owed", language, title=CHECK_IN[language]) not in ana.told  # nothing was heard
    circle(ana, second, language=language)
    circle(ana, third, language=language)
    summary(ana, language)
    assert texts().count("digest.circles", language, 2, title=CHECK_IN[language]) in (ana.last.text or "")
    for code in (first, second, third):
        take_back(ana, code, language)
    summary(ana, language)
    assert CHECK_IN[language] not in (ana.last.text or "")
