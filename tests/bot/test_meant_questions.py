"""A question that should not be asked, and one that might be: said in chat, a line of its own, seen to by the team."""

import pytest

from storage.erasure import erase
from storage.meant import QuestionMeant, packed, unpacked
from tests.bot.leader import check, words
from tests.bot.orders import say
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

WHY = {"es": "Nos pueden reconocer por lo del pozo.", "en": "They could tell who we are by the well."}
PROPOSED = {"es": "¿Qué harían con el dinero del comité?", "en": "What would you do with the committee money?"}
TITLE = {"es": "¿Cómo vas?", "en": "How is it going?"}
MENU = {"es": "/menu", "en": "/menu"}
LANGUAGES = ["es", "en"]


def attend(ana: Phone) -> list[str]:
    """Return the lines of what waits that are about somebody."""
    ana.say("/mensajes")
    return [label for label in ana.last.labels if label.startswith("Colibrí")]


def refuse(leader: Phone, *more: str) -> None:
    """Put the open question off, and say that it should not be asked."""
    leader.press(words(leader, "button.later"))
    leader.press(words(leader, "button.meant_refuse"))
    assert words(leader, "meant.refuse") in (leader.last.text or "")
    check(leader)
    for each in more:
        leader.say(each)


def open_line(ana: Phone, kind: str, language: str) -> str:
    """Open the one line of its kind, from what waits; return its screen."""
    label = f"Colibrí · {say(f'meant.short.{kind}', language)} · {say('mail.state.new', language)}"
    assert attend(ana) == [label]
    ana.press(label)
    check(ana)
    return ana.last.text or ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_refused_with_the_reason_and_seen_to(hilo: Rig, language: str) -> None:
    """From where ways out stand; the team sees which question and why, and goes to the broadcast to end it."""
    ana, leader = hilo.facilitator(language), hilo.join(language)
    hilo.ask(leader)
    asked = (leader.last.text or "").partition(" · ")[2].partition("\n")[0]
    refuse(leader, WHY[language])
    assert say("home.passed_on", language) in (leader.last.text or "")
    ana.say("/menu")
    assert texts().count("today.refused", language, 1, names="Colibrí") in ana.told
    assert texts().count("today.messages", language, 1, name="Colibrí", day="").strip() not in ana.told
    text = open_line(ana, "refused", language)
    assert say("meant.refused", language, asked=asked) in text
    assert WHY[language] in text

    ana.press(say("button.meant_order", language))
    assert TITLE[language] in (ana.last.text or "")
    ana.press(say("button.order_end", language))
    attend(ana)
    ana.press(f"Colibrí · {say('meant.short.refused', language)} · {say('mail.state.new', language)}")
    ana.press(say("button.mail_close", language))
    assert attend(ana) == []
    leader.say("/team")
    leader.press(words(leader, "button.spoken"))
    assert say("meant.refused", language, asked=asked) in (leader.last.text or "")
    assert WHY[language] in (leader.last.text or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_it_is_refused_before_it_begins_without_a_reason(hilo: Rig, language: str) -> None:
    """Beside what it is for; twice says it once, it asks for no support, and the offer can still be taken up."""
    ana, leader = hilo.facilitator(language), hilo.join(language)
    hilo.ask()
    leader.press(words(leader, "button.why"))
    check(leader)
    leader.press(words(leader, "button.meant_refuse"))
    plain = leader.button(words(leader, "button.meant_plain"))
    leader.press_id(*plain)
    leader.press_id(*plain)
    assert hilo.count("messages") == 1
    assert hilo.count("support_requests") == 0
    assert say("meant.refused.all", language, asked=TITLE[language]) in open_line(ana, "refused", language)
    assert say("mail.support", language) not in ana.screen()
    leader.say("/apoyo" if language == "es" else "/support")
    leader.press(words(leader, "button.look_for_me"))
    assert hilo.count("support_requests") == 1

    leader.press(words(leader, "button.menu"))
    leader.press(words(leader, "button.go_on"))
    assert leader.run.status == "open"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_proposed_and_asked_in_those_words(hilo: Rig, language: str) -> None:
    """From the menu; the team goes on to ask it, with its words filled in, and answers whoever proposed it."""
    ana, leader = hilo.facilitator(language), hilo.join(language)
    leader.say("/menu")
    leader.press(words(leader, "button.team"))
    leader.press(words(leader, "button.meant_propose"))
    check(leader)
    leader.say(PROPOSED[language])
    ana.say("/menu")
    assert texts().count("today.proposed", language, 1, names="Colibrí") in ana.told
    text = open_line(ana, "proposed", language)
    assert say("meant.proposed", language) in text
    assert PROPOSED[language] in text
    ana.press(say("button.mail_reply", language))
    ana.say("Gracias." if language == "es" else "Thank you.")
    ana.press(ana.last.labels[0])
    assert attend(ana) == [] or say("meant.short.proposed", language) not in attend(ana)[0]

    ana.press(attend(ana)[0])
    ana.press(say("button.meant_ask", language))
    with hilo.reading() as unit:
        row = unit.runs.open(ana.person)
        assert row is not None
        assert hilo.turns.answers(unit, ana.person, row)["words"].label == PROPOSED[language]
    check(ana)


def test_nobody_else_refuses_what_was_asked(hilo: Rig) -> None:
    """A button of one chat says nothing in another."""
    leader = hilo.join()
    hilo.ask(leader)
    leader.press(words(leader, "button.later"))
    other = hilo.join(nickname="Nopal")
    button = leader.button(words(leader, "button.meant_refuse"))
    other.press_id(*button)
    assert hilo.count("messages") == 0


def test_what_was_said_goes_with_the_erasure(hilo: Rig) -> None:
    """Its line, its words and which question it was: nothing of it is left."""
    ana, leader = hilo.facilitator(), hilo.join()
    hilo.ask(leader)
    refuse(leader, WHY["es"])
    assert len(attend(ana)) == 1
    leader.say("/team")
    leader.press(words(leader, "button.spoken"))
    leader.press(words(leader, "button.erase_messages"))
    leader.press(words(leader, "button.erase_sure"))
    assert attend(ana) == []
    assert hilo.count("messages") == 0
    with hilo.unit() as unit:
        erase(unit, leader.person.id)
    assert attend(ana) == []


def test_words_of_danger_in_it_ring(hilo: Rig) -> None:
    """They are looked for as in all that is typed."""
    with hilo.unit() as unit:
        unit.organisation.note(danger_words={"es": ["me quiero morir"]})
    hilo.facilitator()
    leader = hilo.join()
    hilo.ask(leader)
    refuse(leader, "Me quiero morir.")
    assert hilo.count("alerts") == 1


@pytest.mark.parametrize(
    "meant",
    [None, QuestionMeant("proposed"), QuestionMeant("refused", None, "story")],
)
def test_words_come_back_as_they_were(meant: QuestionMeant | None) -> None:
    """What they mean of a question lies before them, and not within them."""
    said = b"Uno:\ndos"

    assert unpacked(packed(meant, said)) == (meant, said)
