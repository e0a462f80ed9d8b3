"""Words of somebody's answer leave the team only with a yes to exactly these, which is taken back at any time."""

from dataclasses import replace

import pytest

from bot.services import share_backs
from bot.services.erasure import erase_person
from storage import quoted_words
from storage.erasure import erase_answer
from tests.bot.leader import check, words
from tests.bot.orders import panel
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_share_backs import FOLLOWS, asked, over, say, seen, sent, write
from tests.bot.test_totals import week as answers_of_a_week

STORY = "Ya nadie baja a la junta cuando llueve en la loma."
QUOTE = "Ya nadie baja a la junta cuando llueve en la loma"
HEARD = f"Con estas palabras: «{QUOTE}»."
OWED = {"es": "¿Cómo vas? · Sierra Norte", "en": "How is it going? · Sierra Norte"}


def told(hilo: Rig, language: str = "es", seen_by: str = "mine", people: int = 6) -> list[Phone]:
    """Let people come in and answer; the first one says what is to be quoted."""
    phones = [
        hilo.join(language, f"Ceiba {number}", seen_by=seen_by if number == 0 else "mine") for number in range(people)
    ]
    hilo.ask(*phones)
    for phone in phones:
        phone.say("4")
        phone.say(STORY if phone is phones[0] else "Todo bien por acá.")
        phone.press(words(phone, "button.all"))
        phone.say("1")
    over(hilo)
    return phones


def to_read(ana: Phone, name: str = "Ceiba 0", language: str = "es") -> None:
    """Open what somebody answered last."""
    ana.say("/leer" if language == "es" else "/read")
    ana.press(say("button.by_person", language))
    ana.press(name)


def asks(hilo: Rig, ana: Phone, said: str = QUOTE, language: str = "es") -> None:
    """Ask for words of the first one, from where they are read."""
    to_read(ana, language=language)
    ana.press(say("button.quote", language))
    ana.say(said)
    check(ana)
    assert say("quote.look", language, name="Ceiba 0", words=said) in (ana.last.text or "")
    ana.press(say("button.quote.ask", language))
    check(ana)
    hilo.tick()


def question(phone: Phone, said: str = QUOTE) -> str:
    """Return what the one who said it is asked."""
    return words(phone, "quote.ask", words=said, group="Sierra Norte")


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=pytest.mark.proof)])
def test_a_quote_goes_with_a_yes_to_exactly_these_words(hilo: Rig, language: str) -> None:
    """Marked where it is read, asked for, agreed to; without a yes the gate refuses, with it these words go."""
    phones = told(hilo, language)
    ana = hilo.facilitator(language)
    write(ana, heard="La mayoría dijo que las juntas quedan lejos.", language=language)
    ana.press(say("button.back.words", language))
    ana.press(say("back.part.heard", language))
    ana.say(HEARD)
    assert "Ya nadie baja a la junta" in (ana.last.text or "")
    assert say("button.back.send", language) not in ana.last.labels

    asks(hilo, ana, language=language)
    her = phones[0]
    assert question(her) in her.told
    assert words(her, "quote.ask.known") in her.told
    assert all(question(her) not in each.screen() for each in phones[1:])
    decides(ana, language)
    assert say("back.held.asked", language, words=QUOTE) in (ana.last.text or "")
    assert say("button.back.send", language) not in ana.last.labels
    check(ana)

    her.press(words(her, "button.quote.yes"))
    check(her)
    decides(ana, language)
    check(ana)
    sent(hilo, ana, language)
    for phone in phones:
        assert HEARD in phone.told
    with hilo.reading() as unit:
        decision = unit.decisions.told_to([each.id for each in unit.cohorts.list()], 1)[0]
        assert QUOTE not in str(decision.written)  # it is only named there
        assert QUOTE in str(decision.body)


def decides(ana: Phone, language: str = "es") -> None:
    """Open the draft once more."""
    ana.say("/menu")
    ana.press(say("menu.told", language))
    ana.press(OWED[language])
    ana.press(say("button.told_draft", language))


def hears(ana: Phone, heard: str) -> str:
    """Begin to write what was heard; return what comes back."""
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(OWED["es"])
    ana.say(heard)
    return ana.told


def agreed(hilo: Rig, people: int = 6) -> tuple[Phone, Phone, list[Phone]]:
    """Let the first of them agree to be quoted; return the facilitator, her, and the others."""
    her, *others = told(hilo, people=people)
    ana = hilo.facilitator()
    asks(hilo, ana)
    her.press(words(her, "button.quote.yes"))
    return ana, her, others


def test_more_than_what_was_agreed_to_does_not_go(hilo: Rig) -> None:
    """Words of the same answer before, after or in place of the quote are somebody's words without a yes."""
    her, *_ = told(hilo)
    ana = hilo.facilitator()
    asks(hilo, ana, "cuando llueve en la loma")
    her.press(words(her, "button.quote.yes"))
    assert "nadie baja a la junta cuando" in hears(ana, "Se dijo: nadie baja a la junta cuando llueve en la loma.")
    assert "Así no puede salir" in ana.told
    ana.say("Cuesta venir cuando llueve en la loma.")
    assert "Así no puede salir" not in ana.told


def test_what_is_taken_back_before_it_goes_holds_it_back(hilo: Rig) -> None:
    """Between the yes and the sending: a clear sentence, and no button that sends it."""
    ana, her, _ = agreed(hilo)
    write(ana, heard=HEARD)
    assert say("button.back.send") in ana.last.labels
    her.press(words(her, "button.quote.back"))
    assert her.last.text == words(her, "quote.taken_back")
    ana.press(say("button.back.send"))
    assert say("back.held.back", words=QUOTE) in (ana.last.text or "")
    assert say("button.back.send") not in ana.last.labels
    check(ana)
    with hilo.unit() as unit:
        draft = unit.decisions.because_of(unit.broadcasts.list()[-1].id)[0]
        with pytest.raises(share_backs.ShareBackError):
            share_backs.send(unit, hilo.turns.organisation, draft.id, ana.person)


def test_what_is_taken_back_on_its_way_is_owed_again(hilo: Rig) -> None:
    """Ordered for the morning and taken back in the night: nobody gets it, and it is a draft again."""
    ana, her, others = agreed(hilo)
    with hilo.unit() as unit:
        cohort = unit.cohorts.list()[0]
        unit.cohorts.change(replace(cohort, context={**cohort.context, "hours": ["evening"]}))
    hilo.now = hilo.now.replace(hour=16)
    write(ana, heard=HEARD)
    ana.press(say("button.back.send"))
    hilo.tick()
    assert all(HEARD not in each.screen() for each in others)
    her.press(words(her, "button.quote.back"))
    hilo.advance(days=1)
    hilo.tick()
    assert all(HEARD not in each.screen() for each in others)
    decides(ana)
    assert say("back.held.back", words=QUOTE) in (ana.last.text or "")


def test_what_was_sent_already_is_said(hilo: Rig) -> None:
    """Taken back after it was sent: she is told what cannot be called back; the words stand nowhere any more."""
    ana, her, others = agreed(hilo)
    write(ana, heard=HEARD)
    sent(hilo, ana)
    her.say("/who")
    her.say("/menu")
    her.press(words(her, "button.know"))
    her.press(words(her, "button.quotes"))
    her.press(her.last.labels[0])
    assert her.last.text == words(her, "quote.shown.yes", words=QUOTE)
    her.press(words(her, "button.quote.back"))
    assert her.last.text == words(her, "quote.taken_back.told", day="24 nov")
    others[0].say("/decisiones")
    others[0].press(others[0].last.labels[0])
    assert FOLLOWS in (others[0].last.text or "")
    assert no_mark(others[0])
    text = seen(ana)
    assert QUOTE not in text
    assert "Con estas palabras: «…»." in text
    assert say("back.quote.gone") in text


@pytest.mark.parametrize("what", ["person", "answer"])
def test_an_erasure_takes_the_quote(hilo: Rig, what: str) -> None:
    """Nothing that is kept says it any more, and two decisions on one answer that is gone say so, each for itself."""
    ana, her, others = agreed(hilo)
    write(ana, heard=HEARD)
    ana.press(say("button.back.moved"))
    ana.press("Ceiba 0")
    ana.press(say("button.back.look"))
    sent(hilo, ana)
    again_for_the_second(ana)
    with hilo.unit() as unit:
        person = unit.people.known(her.person.id)
        if what == "person":
            erase_person(unit, texts(), person, person)
        else:
            run = unit.quotes.of(person.id)[0].run_id
            erase_answer(unit, person, run, "week")
    with hilo.reading() as unit:
        assert unit.quotes.of_cohorts([each.id for each in unit.cohorts.list()]) == []
        found = unit.decisions.told_to([each.id for each in unit.cohorts.list()], 5)
        assert QUOTE not in str([each.body for each in found])
        assert quoted_words.named(found[0].written)
    others[0].say("/decisiones")
    others[0].press(others[0].last.labels[0])
    assert no_mark(others[0])
    decides(ana)  # the other decision quoted it too, and was not sent
    assert say("back.held.gone") in (ana.last.text or "")
    assert say("button.back.send") not in ana.last.labels
    check(ana)
    seen(ana)
    if what == "person":
        assert "ya no está" in (ana.last.text or "")


def no_mark(phone: Phone) -> bool:
    """Return whether nothing on a screen says that words were there, whatever stands around them."""
    shown = phone.last.text or ""
    return not any(words in shown for words in ("palabras", "…", QUOTE, "ya no está"))


def test_what_was_nothing_but_the_quote_is_not_listed(hilo: Rig) -> None:
    """Asked whether it was understood, in these words alone: once they are taken back, there is nothing to open."""
    ana, her, others = agreed(hilo)
    with hilo.unit() as unit:
        asked_in = next(each for each in unit.broadcasts.list() if not each.asks_quote)
        draft = share_backs.draft(unit, asked_in.id, "understood", {"heard": HEARD}, "es", ana.person)
        share_backs.send(unit, hilo.turns.organisation, draft.id, ana.person)
    hilo.tick()
    assert QUOTE in others[0].told
    her.press(words(her, "button.quote.back"))
    others[0].say("/decisiones")
    assert others[0].last.text == say("back.none")
    others[0].press(say("button.back.say"))  # under what was sent
    assert others[0].last.text == say("back.gone")


def again_for_the_second(ana: Phone) -> None:
    """Write another decision that quotes the same answer, and leave it as a draft."""
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(say("button.told_before"))
    with ana.rig.unit() as unit:
        decision = unit.decisions.told_to([each.id for each in unit.cohorts.list()], 1)[0]
        parts = {"heard": HEARD, "follows": "Vamos a verlo con el comité.", "who": "El equipo, en enero."}
        share_backs.draft(unit, decision.broadcast_id, "decision", parts, "es", ana.person, cannot=False)
        share_backs.note(unit, decision.cohort_id, share_backs.TOLD, decision.broadcast_id)


def test_she_says_it_in_other_words(hilo: Rig) -> None:
    """[Change it] asks for hers; they are shown once more, and the yes is to those; the first ones stay withheld."""
    her, *_ = told(hilo)
    ana = hilo.facilitator()
    asks(hilo, ana)
    her.press(words(her, "button.quote.change"))
    her.say("dos palabras")
    assert her.last.text == words(her, "quote.words.few", least=3)
    her.say("Cuando llueve casi nadie llega")
    assert question(her, "Cuando llueve casi nadie llega") in (her.last.text or "")
    her.press(words(her, "button.quote.yes"))
    to_read(ana)
    ana.press(say("button.quote"))
    assert "Cuando llueve casi nadie llega" in (ana.last.text or "")
    assert "dijo que sí a estas palabras" in (ana.last.text or "")
    check(ana)
    ana.press(say("button.close"))
    assert "Así no puede salir" in hears(ana, HEARD)


def test_a_no_costs_nothing_and_is_kept(hilo: Rig) -> None:
    """She is thanked for nothing and asked nothing more; the gate holds the words, the team reads that she said no."""
    her, *_ = told(hilo)
    ana = hilo.facilitator()
    asks(hilo, ana)
    her.press(words(her, "button.quote.no"))
    assert her.last.text == words(her, "quote.refused")
    to_read(ana)
    ana.press(say("button.quote"))
    assert "dijo que no" in (ana.last.text or "")
    assert "Así no puede salir" in hears(ana, HEARD)


def test_on_a_watched_phone_it_says_nothing_of_what(hilo: Rig) -> None:
    """A notice that something is there; the words open by her tap and a yes of their own, and then are answered."""
    her, *_ = told(hilo, seen_by="shared")
    ana = hilo.facilitator()
    asks(hilo, ana)
    assert say("told.notice") in her.told
    assert QUOTE not in her.told
    her.press(words(her, "button.told_open"))
    assert her.last.text == words(her, "shown.ask")
    her.press(words(her, "button.answers_yes"))
    assert question(her) in (her.last.text or "")
    her.press(words(her, "button.quote.yes"))
    assert QUOTE not in (her.last.text or "")
    her.say("/menu")
    her.press(words(her, "button.know"))
    her.press(words(her, "button.quotes"))
    assert "nadie" not in " ".join(her.last.labels)


def test_nothing_of_a_minor_leaves_the_team(hilo: Rig) -> None:
    """No button, and the act refuses; whoever says it later is not quoted any more."""
    ana, her, _ = agreed(hilo)
    write(ana, heard=HEARD)
    with hilo.unit() as unit:
        unit.people.prefer(her.person, age="minor")
    ana.press(say("button.back.send"))
    assert say("back.held.minor", words=QUOTE) in (ana.last.text or "")
    to_read(ana)
    assert say("button.quote") not in ana.last.labels
    her.press(words(her, "button.quote.back"))
    her.press(words(her, "button.quote.look"))
    her.press(words(her, "button.quote.again"))
    assert her.last.text == words(her, "quote.minor.own")


def test_who_takes_a_break_is_not_asked(hilo: Rig) -> None:
    """A clear sentence, and nothing is sent."""
    her, *_ = told(hilo)
    ana = hilo.facilitator()
    her.say("/pausa")
    her.press(her.last.labels[0])
    to_read(ana)
    ana.press(say("button.quote"))
    assert ana.last.text == say("quote.away")


def test_a_quote_counts_as_a_message_of_her_week(hilo: Rig) -> None:
    """After three messages within seven days it waits for the next."""
    her, *others = told(hilo)
    hilo.advance(hours=1)
    answers_of_a_week(hilo, [her, *others], "4" * 6)
    over(hilo)
    hilo.advance(hours=1)
    ana = hilo.facilitator()
    write(ana, heard="La mayoría dijo que las juntas quedan lejos.")
    sent(hilo, ana)
    hilo.advance(hours=1)
    to_read(ana)
    ana.press(say("button.quote"))
    ana.say("Lo del agua no")
    ana.press(say("button.quote.ask"))
    hilo.tick()
    assert question(her, "Lo del agua no") not in her.screen()
    hilo.advance(days=8)
    hilo.tick()
    assert question(her, "Lo del agua no") in her.screen()


def test_the_panel_says_that_she_was_asked(hilo: Rig) -> None:
    """It stands among what was sent by its own name, with no button that leads nowhere."""
    asked(hilo)
    ana = hilo.facilitator()
    asks(hilo, ana, "quedan lejos las juntas del comité")
    ana.say("/avance")
    panel(ana, ana.last.labels[0])
    check(ana)
    assert "Pedir permiso" in (ana.last.text or "")
