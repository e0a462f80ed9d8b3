"""What circles are told back: laid out, printed in large type, read aloud, and answered by the sheet's code."""

from typing import Any

import pytest

from bot.poster import sheet as drawing
from bot.services import aloud
from bot.services.refusals import AlreadyDone, NotAllowed
from tests.bot import test_quotes as quotes
from tests.bot.asking import prepare
from tests.bot.leader import check, words
from tests.bot.orders import finish, say
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_circles import AGAINST, WATER, circle, fits, prepared, take_back, who
from tests.bot.test_paper import CHECK_IN, SHOTS, at_sheets, code_of, drawn, kept_pages, printed, written_on
from tests.bot.test_share_backs import FOLLOWS, HEARD, TITLES, WAYS, WHO, over, seen, sent, write
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["drawn"]  # pytest finds the fixture by its name here

TOLD = {
    "es": (HEARD, FOLLOWS, WHO),
    "en": (
        "Most said that the meetings are too far away.",
        "Meetings will be held in each village in turn.",
        "The team, from 6 December.",
    ),
}
NO = {"es": "Que los domingos no se puede.", "en": "That Sundays are not possible."}


def written(phone: Phone, language: str = "es") -> None:
    """Write what was heard and what follows, up to its last look."""
    heard, follows, by = TOLD[language]
    write(phone, heard, follows, by, language)


def laid_out(hilo: Rig, drawn: list[dict[str, Any]], language: str = "es") -> Phone:
    """Let a circle in a group of nobody answer, and have what is told made ready to be read aloud."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, language=language)
    circle(ana, code_of(drawn), language=language)
    written(ana, language)
    check(ana)
    assert say("button.back.send", language) not in ana.last.labels
    ana.press(say("button.aloud.lay_out", language))
    fits(ana)
    return ana


def told_sheet(phone: Phone, drawn: list[dict[str, Any]], language: str = "es") -> str:
    """Print what is told, from the screen with the text; return the sheet's code."""
    phone.press(say("button.aloud.paper", language))
    phone.rig.send()
    return code_of(drawn)


def answer(phone: Phone, code: str, choice: int, present: int = 12, words: str = "", language: str = "es") -> None:
    """Type in what a circle answered to what it was told."""
    at_sheets(phone, language)
    phone.say(code.lower())
    check(phone)
    phone.press(say("button.paper_circle", language))
    phone.say(str(choice))
    if choice < 3:
        phone.say(str(present))
    if choice == 2:
        phone.say(words or NO[language])
    assert phone.last.text == say("paper.kept", language)


def come(phone: Phone, language: str = "es") -> str:
    """Open the newest thing that was told, from the menu; return its screen."""
    phone.say("/menu")
    phone.press(say("menu.told", language))
    phone.press(say("button.told_before", language))
    phone.press(phone.last.labels[0])
    fits(phone)
    return phone.last.text or ""


def owed(phone: Phone, language: str = "es") -> bool:
    """Return whether the menu says that people are still to be told."""
    phone.say("/menu")
    return say("today.owed", language, title=CHECK_IN[language]) in phone.told


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_group_without_phones_is_told_by_reading_aloud(
    hilo: Rig, drawn: list[dict[str, Any]], request: pytest.FixtureRequest, language: str
) -> None:
    """A text of a minute and a sheet in large type; it is owed until it was read, and what is answered stands there."""
    ana = laid_out(hilo, drawn, language)
    text = ana.last.text or ""
    assert text.startswith(say("aloud.minute", language))
    for each in (*TOLD[language], say("aloud.ask.decision", language)):
        assert each in text
    assert len(text.split()) <= aloud.MINUTE
    code = told_sheet(ana, drawn, language)
    paper = drawn[-1]
    told = written_on(paper)
    for each in (*TOLD[language], say("sheet.told.no", language), say("sheet.told.aloud", language)):
        assert each in told
    assert drawing.WORDS * 72 / drawing.DPI >= 17  # points
    if request.config.getoption("--screenshots"):
        kept_pages(drawing.pages(paper), SHOTS / f"told_sheet.{language}.png")
    assert owed(ana, language)  # it was made ready, and read to nobody so far
    ana.press(say("menu.told", language))
    ana.press(TITLES[language])
    check(ana)
    ana.press(say("button.aloud", language))
    ana.press(say("button.aloud.read", language))
    check(ana)
    assert owed(ana, language)  # that was only the question
    ana.press(say("button.aloud.yes", language))
    check(ana)
    assert not owed(ana, language)
    assert [each.action for each in hilo.audited("decision.read_aloud")] == ["decision.read_aloud"]
    answer(ana, code, 2, language=language)
    text = come(ana, language)
    assert say("circle.back", language, who=who(12, language), words=NO[language]) in text
    assert "👍" not in text
    at_sheets(ana, language)
    ana.say(code)
    fits(ana)
    assert NO[language] in (ana.last.text or "")
    take_back(ana, code, language)
    assert NO[language] not in come(ana, language)


def test_agreement_and_no_answer_are_answers_too(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """Each circle has its sheet: one says that it is fine, one did not want to answer; a sheet is typed in once."""
    ana = laid_out(hilo, drawn)
    first, second = told_sheet(ana, drawn), told_sheet(ana, drawn)
    assert first != second
    answer(ana, first, 1, 14)
    answer(ana, second, 3)
    text = come(ana)
    assert say("circle.back", who=who(14), words=say("circle.fine.decision")) in text
    assert texts().count("circle.refused", "es", 1) in text
    at_sheets(ana)
    ana.say(first)
    assert say("button.paper_circle") not in ana.last.labels
    eva = hilo.facilitator(nickname="Eva")
    with hilo.unit() as unit:
        found = unit.sheets.typed_in([each.id for each in unit.cohorts.list()])
        told = next(each for each in found if each.body.get("circle", {}).get("fine"))
        with pytest.raises(AlreadyDone):
            aloud.answer(unit, eva.person, told.id, "said", 9, "Otra cosa.")
    take_back(ana, second)
    assert texts().count("circle.refused", "es", 1) not in come(ana)


def test_what_was_laid_out_can_be_changed_and_read_can_be_undone(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """Its words are fixed as those that were sent; back to a draft, and what was read by mistake is owed again."""
    ana = laid_out(hilo, drawn)
    ana.press(say("button.aloud.change"))
    check(ana)
    assert say("button.aloud.lay_out") in ana.last.labels
    ana.press(say("button.aloud.lay_out"))
    ana.press(say("button.aloud.read"))
    ana.press(say("button.aloud.yes"))
    assert not owed(ana)
    come(ana)
    ana.press(say("button.aloud"))
    fits(ana)
    assert say("button.aloud.read") not in ana.last.labels
    with hilo.unit() as unit, pytest.raises(AlreadyDone):
        aloud.was_read(unit, unit.decisions.told_to([each.id for each in unit.cohorts.list()], 1)[0].id, ana.person)
    ana.press(say("button.menu"))
    assert not owed(ana)


def test_read_by_mistake_is_owed_again(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """The tap after it says that it was not read: it is a draft again, and owed."""
    ana = laid_out(hilo, drawn)
    ana.press(say("button.aloud.read"))
    ana.press(say("button.aloud.yes"))
    ana.press(say("button.aloud.not_read"))
    check(ana)
    assert say("button.aloud.lay_out") in ana.last.labels
    assert owed(ana)


def test_a_circles_words_in_a_row_keep_it_from_going(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """Six words of a circle's are as six of anybody's: they are marked, and nothing is laid out."""
    hilo.cohort()
    ana = hilo.facilitator()
    prepared(ana)
    circle(ana, code_of(drawn))
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.say(f"Oímos que {AGAINST['es'].lower()}")
    assert "casi nadie viene de noche" in ana.told
    ana.say(f"Oímos: {WATER['es'].lower()}")
    assert "dijeron todas en la junta" in ana.told
    ana.say(HEARD)
    ana.press(WAYS["es"])
    ana.say(FOLLOWS)
    ana.say(WHO)
    check(ana)
    assert say("button.aloud.lay_out") in ana.last.labels


def test_where_others_have_phones_it_is_sent_and_read_too(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """Sent as ever, which settles it; the circle's sheet is offered there, and its answer stands apart from the 👍."""
    people = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    ana = hilo.facilitator()
    prepared(ana)
    code = code_of(drawn)
    ana.press(say("button.ask_back"))
    ana.press(say("button.ask_send"))
    hilo.tick()
    for each in people:
        each.press("Sí, ahora")
        finish(each)
    circle(ana, code)
    over(hilo)
    written(ana)
    sent(hilo, ana)
    check(ana)
    assert not owed(ana)
    for each in people:
        each.press(say("button.back.fine.decision"))
    seen(ana)
    ana.press(say("button.aloud"))
    fits(ana)
    assert say("button.aloud.read") not in ana.last.labels  # it was told already
    answer(ana, told_sheet(ana, drawn), 1, 14)
    text = come(ana)
    assert "👍 A 5 personas les parece bien" in text
    assert say("circle.back", who=who(14), words=say("circle.fine.decision")) in text


def test_nobody_of_another_group_prints_or_answers_it(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """The acts refuse, and the code is of no sheet of theirs."""
    hilo.cohort("Costa")
    ana = laid_out(hilo, drawn)
    code = told_sheet(ana, drawn)
    sol = hilo.facilitator(nickname="Sol", cohort="Costa")
    at_sheets(sol)
    sol.say(code)
    assert (sol.last.text or "").startswith(say("paper.unknown"))
    with hilo.unit() as unit:
        decision = unit.decisions.told_to([each.id for each in unit.cohorts.list()], 1)[0]
        for act in (aloud.was_read, lambda *of: aloud.make_sheet(of[0], of[2], of[1], "es")):
            with pytest.raises(NotAllowed):
                act(unit, decision.id, sol.person)
    assert owed(ana)


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_longest_words_fit_a_phone_and_ring_nobody(hilo: Rig, drawn: list[dict[str, Any]], language: str) -> None:
    """The longest parts and what circles answer at length: each screen fits; words of danger are typed for others."""
    ana = laid_out(hilo, drawn, language)
    ana.press(say("button.aloud.change", language))
    ana.press(say("button.back.words", language))
    check(ana)
    long = {
        "es": "Lo que más pesa a casi todas es el agua del pozo de arriba ",
        "en": "What weighs most on nearly all is the well ",
    }
    ana.press(say("back.part.heard", language))
    ana.say((long[language] * 4)[:139].strip())
    ana.press(say("button.back.words", language))
    ana.press(say("back.part.follows", language))
    ana.say(("Se va a arreglar el pozo entre todas " * 5)[:139].strip())
    check(ana)
    ana.press(say("button.aloud.lay_out", language))
    while True:
        check(ana)
        if say("button.next", language) not in ana.last.labels:
            break
        ana.press(say("button.next", language))
    cry = "Auxilio, nos van a matar, me quiero morir. Help, they want to kill us. " * 4
    for _ in range(3):
        answer(ana, told_sheet(ana, drawn, language), 2, 9999, cry.strip(), language)
        come(ana, language)
        ana.press(say("button.aloud", language))
    assert hilo.count("alerts") == 0
    assert texts().count("circle.more", language, 1) in come(ana, language)


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_takes_more_than_a_minute_is_said_to_and_is_whole(
    hilo: Rig, drawn: list[dict[str, Any]], language: str
) -> None:
    """So many short words: their number is said, and none is left out."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    prepared(ana, language=language)
    circle(ana, code_of(drawn), language=language)
    short = {"es": "o no y sí o ya y va o se ve y ", "en": "a sun or a sea or a sky or a "}[language]
    heard, follows = (short * 5)[:138].strip(), (short * 5)[2:139].strip()
    write(ana, heard, follows, WHO, language)
    ana.press(say("button.aloud.lay_out", language))
    pages = [ana.last.text or ""]
    number = 0
    while say("button.next", language) in ana.last.labels:
        ana.press(say("button.next", language))
        pages.append(ana.last.text or "")
    for number in range(aloud.MINUTE + 1, 300):
        if texts().count("aloud.longer", language, number) in pages[0]:
            break
    assert aloud.MINUTE < number < 299
    whole = " ".join(" ".join(pages).split())
    for each in (heard, follows, WHO, say("aloud.ask.decision", language)):
        assert each in whole


def test_a_code_typed_by_two_of_the_team_is_kept_once(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """Both have begun to type the same circle's answer in: the first stands, and the second is told so."""
    ana = laid_out(hilo, drawn)
    code = told_sheet(ana, drawn)
    eva = hilo.facilitator(nickname="Eva")
    at_sheets(eva)
    eva.say(code)
    eva.press(say("button.paper_circle"))
    eva.say("2")
    eva.say("9")
    answer(ana, code, 1, 14)
    eva.say("Otra cosa.")
    assert eva.last.text == say("paper.twice")
    check(eva)
    text = come(ana)
    assert who(14) in text
    assert who(9) not in text
    assert "Otra cosa" not in text


@pytest.mark.parametrize("read", [False, True])
def test_a_quote_that_is_taken_back_holds_back_what_was_not_read(
    hilo: Rig, drawn: list[dict[str, Any]], *, read: bool
) -> None:
    """Laid out and not read, it is a draft again, and owed; what was read cannot be called back, and that is said."""
    her = quotes.told(hilo)[0]
    ana = hilo.facilitator()
    quotes.asks(hilo, ana)
    her.press(words(her, "button.quote.yes"))
    prepare(ana)
    printed(ana)
    circle(ana, code_of(drawn))
    write(ana, heard=quotes.HEARD)
    ana.press(say("button.aloud.lay_out"))
    assert quotes.QUOTE in (ana.last.text or "")
    if read:
        ana.press(say("button.aloud.read"))
        ana.press(say("button.aloud.yes"))
    her.press(words(her, "button.quote.back"))
    with hilo.reading() as unit:
        told = unit.decisions.told_to([each.id for each in unit.cohorts.list()], 9)
    assert len(told) == int(read)
    assert (her.last.text == words(her, "quote.taken_back")) is not read
