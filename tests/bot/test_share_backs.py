"""What we heard, what follows: written, tried, held back where it could expose, told to who was asked, answered."""

from uuid import UUID

import pytest

from bot.cli.administration import SHORT_ID, end_order
from bot.messengers.port import Kind
from bot.services import listening, share_backs, week
from bot.services.broadcasts import close
from storage.erasure import erase
from tests.bot import samples
from tests.bot.leader import check
from tests.bot.orders import say
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_totals import week as answers_of_a_week

HEARD = "La mayoría dijo que las reuniones quedan lejos."
FOLLOWS = "Las reuniones van a ser en cada comunidad, por turnos."
WHO = "El equipo, desde el 6 de diciembre."
STORY = "Me quedan lejos las juntas del comité del agua."
TITLES = {"es": "¿Cómo vas? · Sierra Norte", "en": "How is it going? · Sierra Norte"}
WAYS = {"es": "1 · Por eso…", "en": "1 · So we will…"}


def asked(hilo: Rig, people: int = 5, watched: tuple[int, ...] = (), language: str = "es") -> list[Phone]:
    """Let people come in and answer a check-in, which then is closed."""
    phones = [
        hilo.join(language, f"Ceiba {number}", seen_by="shared" if number in watched else "mine")
        for number in range(people)
    ]
    if language == "es":
        answers_of_a_week(hilo, phones, "4" * people, STORY)
    else:
        hilo.ask(*phones)
        for phone in phones:
            phone.say("4")
    over(hilo)
    return phones


def over(hilo: Rig) -> None:
    """Close the newest broadcast, and end what is open of it."""
    with hilo.unit() as unit:
        close(unit, unit.broadcasts.list()[0].id, None)
    hilo.tick()


def write(ana: Phone, heard: str = HEARD, follows: str = FOLLOWS, who: str = WHO, language: str = "es") -> None:
    """Write what was heard and what follows, from the menu to the last look."""
    ana.say("/menu")
    ana.press(say("menu.told", language))
    ana.press(TITLES[language])  # where two are owed, the newest
    ana.say(heard)  # typed where it is asked: it is what was heard
    ana.press(WAYS[language])
    ana.say(follows)
    ana.say(who)


def sent(hilo: Rig, ana: Phone, language: str = "es") -> UUID:
    """Send what stands on the last look; return the decision."""
    ana.press(say("button.back.send", language))
    hilo.tick()
    with hilo.reading() as unit:
        return unit.decisions.told_to([each.id for each in unit.cohorts.list()], 1)[0].id


def mail(ana: Phone) -> str:
    """Open what was said to the newest decision, and return it."""
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(say("button.told_before"))
    ana.press(ana.last.labels[0])
    ana.press(say("button.back.message", name="Ceiba 0"))
    return ana.last.text or ""


def seen(ana: Phone) -> str:
    """Open the newest decision and return its screen."""
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(say("button.told_before"))
    ana.press(ana.last.labels[0])
    check(ana)
    return ana.last.text or ""


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=pytest.mark.proof)])
def test_who_was_asked_is_told_and_answers(hilo: Rig, language: str) -> None:
    """Four taps and its words; a yes is counted from five on, what is said back is answered from the messages."""
    phones = asked(hilo, 6, language=language)
    later = hilo.join(nickname="Nopal")  # came later: was not asked
    ana = hilo.facilitator(language)
    ana.say("/menu")
    owed = say("today.owed", language, title=TITLES[language].partition(" · ")[0])
    assert owed in ana.told
    write(ana, language=language)
    check(ana)
    assert say("back.follows", language, words=FOLLOWS) in (ana.last.text or "")
    sent(hilo, ana, language)

    parts = (("heard", HEARD), ("follows", FOLLOWS), ("who", WHO))
    told = "\n\n".join(say(f"back.{part}", language, words=each) for part, each in parts)
    for phone in phones:
        assert told in phone.told
    assert HEARD not in later.screen()
    for phone in phones[:5]:
        phone.press(say("button.back.fine.decision", language))
    phones[5].press(say("button.back.say", language))
    assert phones[5].last.text == say("back.say", language)
    phones[5].say("A mí me queda peor así.")
    ana.say("/menu")
    assert owed not in ana.told
    ana.press(say("menu.told", language))
    ana.press(say("button.told_before", language))
    ana.press(ana.last.labels[0])
    check(ana)
    text = ana.last.text or ""
    assert "👍 A 5 personas les parece bien" in text or "👍 Fine with 5 people" in text
    assert "Ceiba 1" not in text
    ana.press(say("button.back.message", language, name="Ceiba 5"))
    assert "A mí me queda peor así." in (ana.last.text or "")


EXPOSING = (
    "Solo una dijo que no puede ir de noche.",
    "3 de 8 prefieren el sábado.",
    "Lo dijo Ceiba 4 en la junta.",
    "Alguien escribió: me quedan lejos las juntas del comité.",
    "Algunas dijeron que no les queda bien el horario.",  # fewer than eight answered
)


def test_what_could_expose_does_not_go(hilo: Rig) -> None:
    """A small count, a nickname, six words in a row, a minority: refused even by an old button, then reworded."""
    asked(hilo)
    ana = hilo.facilitator()
    write(ana)
    ana.press(say("button.back.words"))
    ana.press(say("back.part.heard"))
    ana.say(EXPOSING[0])
    for words in (*EXPOSING[1:], HEARD):
        assert "Así no puede salir" in (ana.last.text or "")
        assert say("button.back.send") not in ana.last.labels
        check(ana)
        with hilo.unit() as unit:
            draft = unit.decisions.because_of(unit.broadcasts.list()[0].id)[0]
            with pytest.raises(share_backs.ShareBackError):
                share_backs.send(unit, hilo.turns.organisation, draft.id, ana.person)
        ana.press(say("button.back.words"))
        ana.press(say("back.part.heard"))
        ana.say(words)
    assert say("button.back.send") in ana.last.labels


def test_each_part_is_looked_at_as_it_is_written(hilo: Rig) -> None:
    """What could expose is asked for again at once, at each question; one who was named since is found in her part."""
    asked(hilo)
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.say(EXPOSING[0])
    assert "«Solo una dijo»" in ana.screen()
    assert WAYS["es"] not in ana.last.labels
    ana.say(HEARD)
    ana.press(WAYS["es"])
    ana.say("A Ceiba 4 la va a traer la camioneta.")
    assert "«Ceiba 4»" in ana.screen()
    ana.say("La va a traer Nopal.")
    ana.say(WHO)
    assert say("button.back.send") in ana.last.labels
    hilo.join(nickname="Nopal")
    ana.press(say("button.back.words"))
    ana.press(say("button.back.look"))
    assert f"· {say('back.part.follows')}: «Nopal»" in (ana.last.text or "")
    check(ana)


def test_words_typed_where_a_part_is_chosen_are_taken(hilo: Rig) -> None:
    """For the one part that is marked at once, or else for the part that is tapped then."""
    asked(hilo)
    ana = hilo.facilitator()
    write(ana, follows="La va a traer Nopal.")
    ana.press(say("button.back.words"))
    ana.say("La mayoría dijo que cuesta llegar.")
    assert ana.last.text == say("back.which_for")
    ana.press(say("back.part.heard"))
    assert say("back.heard", words="La mayoría dijo que cuesta llegar.") in (ana.last.text or "")
    hilo.join(nickname="Nopal")
    ana.press(say("button.back.words"))
    ana.say(FOLLOWS)  # only what follows is marked
    assert say("back.follows", words=FOLLOWS) in (ana.last.text or "")
    assert say("button.back.send") in ana.last.labels


def test_a_draft_that_was_left_is_offered_again(hilo: Rig) -> None:
    """On the screen of what was asked, until it is sent or dropped."""
    asked(hilo)
    ana = hilo.facilitator()
    write(ana)
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    check(ana)
    ana.press(say("button.told_draft"))
    assert say("back.heard", words=HEARD) in (ana.last.text or "")
    ana.press(say("button.back.drop"))
    ana.press(say("button.return"))
    ana.press(TITLES["es"])
    assert say("button.told_draft") not in ana.last.labels


def test_few_answered_and_it_is_said_before_it_goes(hilo: Rig) -> None:
    """Below five, whatever the words are; and how many have only the page, who are told by hand."""
    asked(hilo, 3)
    ana = hilo.facilitator()
    write(ana)
    assert texts().count("back.few", "es", 3) in (ana.last.text or "")
    assert "Se va a enviar a 3 personas" in (ana.last.text or "")
    check(ana)


def test_the_team_is_shown_what_it_told(hilo: Rig) -> None:
    """The leaders' command, sent by one of the team, leads to what was told already."""
    asked(hilo)
    ana = hilo.facilitator()
    ana.say("/decisiones")
    assert ana.last.text == say("back.none.team")
    write(ana)
    sent(hilo, ana)
    ana.say("/decisiones")
    assert ana.last.text == say("back.which")


def test_a_watched_phone_gets_a_notice_and_opens_it(hilo: Rig) -> None:
    """Neutral words, nothing of what it is; her tap shows it, and her list names days alone."""
    phones = asked(hilo, watched=(0,))
    ana = hilo.facilitator()
    write(ana)
    sent(hilo, ana)
    her = phones[0]
    assert her.last.text == say("told.notice")
    her.press(say("button.told_open"))
    assert HEARD in (her.last.text or "")
    her.say("/decisiones")
    assert her.last.labels[0] == "24 nov"
    phones[1].say("/decisiones")
    assert phones[1].last.labels[0] == "24 nov · ¿Cómo vas?"
    phones[1].press("24 nov · ¿Cómo vas?")
    assert HEARD in (phones[1].last.text or "")


@pytest.mark.proof
def test_fewer_than_five_are_not_counted_and_a_yes_is_taken_back(hilo: Rig) -> None:
    """Pressed twice counts once; taken back, four are left, and no number is said."""
    phones = asked(hilo)
    ana = hilo.facilitator()
    write(ana)
    decision = sent(hilo, ana)
    for phone in phones[:5]:
        phone.press("👍 Me parece bien")
    phones[0].press("👍 Me parece bien")
    assert "👍 A 5 personas" in seen(ana)
    phones[4].press("Quitar mi 👍")
    assert "menos de cinco" in seen(ana)
    with hilo.unit() as unit:
        erase(unit, phones[0].person.id)
    with hilo.reading() as unit:
        assert sum(each.kind == "fine" for each in unit.decisions.links(decision)) == 3


def test_it_is_stopped_before_it_reaches_anybody(hilo: Rig) -> None:
    """Taken back before it was sent, it is a draft again, and still owed."""
    phones = asked(hilo)
    ana = hilo.facilitator()
    write(ana)
    ana.press(say("button.back.send"))
    ana.press(say("button.back.stop"))
    hilo.tick()
    assert say("back.stopped.all") in (ana.last.text or "")
    ana.press(say("button.back.send"))  # as it was; this time it is stopped at the terminal
    with hilo.unit() as unit:
        order = unit.broadcasts.list()[0].id
        assert end_order(unit, order.hex[-SHORT_ID:], close=False).cancelled == len(phones)
        assert unit.decisions.because_of(unit.broadcasts.list()[-1].id)[0].state == "draft"
    hilo.tick()
    assert all(HEARD not in phone.told for phone in phones)
    ana.say("/menu")
    assert "Falta contarles" in ana.told


def test_it_says_why_not(hilo: Rig) -> None:
    """Whoever writes why people are not told owes nothing; it can be taken back."""
    asked(hilo)
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.press(say("button.untold.why"))
    ana.say("no")
    assert say("back.why_not.words") in (ana.last.text or "")
    ana.say("La junta se pasó a enero.")
    assert say("told.why_not.done") in (ana.last.text or "")
    ana.press(say("button.not_told"))
    ana.say("/menu")
    assert "Falta contarles" in ana.told


def test_understood_comes_before_a_decision(hilo: Rig) -> None:
    """Two taps and its words; corrected in words; the decision is owed all the same."""
    phones = asked(hilo)
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.press(say("button.told_ask"))
    ana.say("Entendimos que ir de noche es lo que más cuesta.")
    sent(hilo, ana)
    assert "¿Entendimos bien?" in phones[0].told
    assert "👍 Sí, es así" in phones[0].last.labels
    phones[0].press("Tengo algo que decir")
    phones[0].say("Es el camino, no la noche.")
    ana.say("/menu")
    assert "Falta contarles" in ana.told
    with hilo.reading() as unit:
        broadcast = unit.broadcasts.list()[-1]
        cohort = unit.cohorts.get(broadcast.cohort_id)
        assert cohort is not None
        assert share_backs.settled(cohort.context, broadcast.id)  # it counts for what comes back


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_was_understood_is_marked_before_it_goes(hilo: Rig, language: str) -> None:
    """A nickname, and six words in a row of an answer: said another way, it goes; what was marked, to nobody."""
    phones = asked(hilo, language=language)
    copied = STORY if language == "es" else "I understood that Ceiba 2 cannot come."
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(say("menu.told", language))
    ana.press(TITLES[language])
    ana.press(say("button.told_ask", language))
    ana.say(copied)
    assert say("back.marked", language, words="").strip(" .") in ana.told
    assert say("button.back.send", language) not in ana.last.labels
    hilo.tick()
    assert all(copied not in phone.told for phone in phones)
    ana.say(HEARD)
    sent(hilo, ana, language)
    assert all(HEARD in phone.told and copied not in phone.told for phone in phones)


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_was_understood_is_corrected_by_voice(hilo: Rig, language: str) -> None:
    """A voice note to it goes to the team alone, stands beside what was understood, and is heard from the messages."""
    phones = asked(hilo, language=language)
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(say("menu.told", language))
    ana.press(TITLES[language])
    ana.press(say("button.told_ask", language))
    ana.say(HEARD)
    sent(hilo, ana, language)
    phones[0].press(say("button.back.say", language))
    hilo.messenger.give_file(phones[0].chat, Kind.VOICE, samples.ogg(), seconds=24)
    hilo.settle()
    ana.say("/menu")
    ana.press(say("menu.told", language))
    ana.press(say("button.told_before", language))
    ana.press(ana.last.labels[0])
    assert texts().count("back.said.count", language, 1) in (ana.last.text or "")
    ana.press(say("button.back.message", language, name="Ceiba 0"))
    check(ana)
    before = len(ana.heard)
    ana.press(next(label for label in ana.last.labels if label.startswith("🔊")))
    assert any(each.attachment for each in ana.heard[before:]), ana.screen()
    assert all("0:24" not in phone.screen() for phone in phones[1:])


@pytest.mark.proof
def test_answers_that_moved_it_go_with_who_is_erased(hilo: Rig) -> None:
    """Two decisions on one answer: each says that it is there no more, and nothing that was hers is."""
    phones = asked(hilo)
    ana = hilo.facilitator()
    for _ in range(2):
        with hilo.unit() as unit:
            broadcast = unit.broadcasts.list()[-1]
            draft = share_backs.draft(
                unit, broadcast.id, "decision", {"heard": HEARD, "follows": FOLLOWS, "who": WHO}, "es", ana.person
            )
        ana.say("/menu")
        with hilo.unit() as unit:
            answered = [each.person_id for each in unit.readings.of_broadcast(broadcast.id)]
            place = answered.index(phones[2].person.id)
            share_backs.toggle_moved(unit, draft.id, place, "", ana.person)
            share_backs.send(unit, hilo.turns.organisation, draft.id, ana.person)
        hilo.tick()
    assert "Llevaron a esto las respuestas de una persona." in seen(ana)
    with hilo.unit() as unit:
        erase(unit, phones[2].person.id)
        decisions = unit.decisions.because_of(broadcast.id)
    assert len(decisions) == 2
    text = seen(ana)
    assert "Una más que llevó a esto ya no está." in text
    assert "Ceiba 2" not in text


@pytest.mark.proof
def test_who_left_is_not_told_and_nobody_left_is_said(hilo: Rig) -> None:
    """A giving back to people who left: a clear sentence, and it stays a draft that is found again, word for word."""
    phones = asked(hilo, 5)
    ana = hilo.facilitator()
    for phone in phones:
        phone.say("/salir")
        phone.press(say("button.leave_sure"))
    write(ana)
    assert "ya nadie participa" in (ana.last.text or "")
    ana.press(say("button.back.send"))
    assert "ya nadie participa" in (ana.last.text or "")
    check(ana)
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.press(say("button.told_draft"))
    for part, words in (("heard", HEARD), ("follows", FOLLOWS), ("who", WHO)):
        assert say(f"back.{part}", words=words) in (ana.last.text or "")
    phones[0].press(say("button.come_back"))  # one comes back, and nothing has to be written again
    phones[0].press(say("button.agree"))
    sent(hilo, ana)
    assert HEARD in phones[0].told
    assert all(HEARD not in phone.screen() for phone in phones[1:])


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=pytest.mark.proof)])
def test_in_a_group_of_four_words_go_and_no_number_does(hilo: Rig, language: str) -> None:
    """It says that anybody guesses; no figure is offered, a count is held back, and a yes of all four is no number."""
    phones = asked(hilo, 4, language=language)
    ana = hilo.facilitator(language)
    write(ana, language=language)
    look = ana.last.text or ""
    assert texts().count("back.few", language, 4) in look
    assert texts().count("back.look", language, 4, cohort=SIERRA, when=say("ask.at.now", language)) in look
    check(ana)
    ana.press(say("button.back.figures", language))
    assert say("back.figures.none", language) in (ana.last.text or "")
    assert not any(label[:1].isdigit() for label in ana.last.labels)
    ana.press(say("button.back.look", language))
    ana.press(say("button.back.words", language))
    ana.press(say("back.part.heard", language))
    ana.say({"es": "Los cuatro dijeron que quedan lejos.", "en": "All four said it is too far."}[language])
    assert say("button.back.send", language) not in ana.last.labels
    ana.say(HEARD)
    sent(hilo, ana, language)
    for phone in phones:
        assert HEARD in phone.told
        phone.press(say("button.back.fine.decision", language))
    ana.say("/menu")
    ana.press(say("menu.told", language))
    ana.press(say("button.told_before", language))
    ana.press(ana.last.labels[0])
    assert say("back.fine.few", language) in (ana.last.text or "")


def test_in_a_language_that_nobody_of_the_team_speaks(hilo: Rig) -> None:
    """It is said before it goes, can go as it is, and reaches them in words that are there; nothing else is lost."""
    hilo.cohort(tags=("es", "en"))
    phones = asked(hilo, 5, language="en")
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.say(HEARD)
    ana.press(WAYS["es"])
    ana.say(FOLLOWS)
    ana.say(WHO)
    assert say("back.lacking", languages="inglés") in (ana.last.text or "")
    check(ana)
    sent(hilo, ana)
    for phone in phones:
        assert say("back.heard", "en", words=HEARD) in phone.told
        phone.press(say("button.back.say", "en"))
    phones[0].say("I could not read this.")
    assert "I could not read this." in mail(ana)


@pytest.mark.proof
def test_it_is_said_in_every_language_of_the_group(hilo: Rig) -> None:
    """A language that lacks is told; said part by part, it reaches whoever speaks it."""
    asked(hilo, 5)
    bea = hilo.join("en", "Bluebird")
    hilo.ask(bea)
    bea.say("2")
    over(hilo)
    ana = hilo.facilitator()
    write(ana)
    assert "Falta decirlo en inglés" in (ana.last.text or "")
    check(ana)
    ana.press("Decirlo en inglés")
    for each in (
        "Most said the meetings are too far.",
        "They will be held in each village.",
        "The team, from 6 December.",
    ):
        assert "inglés" in (ana.last.text or "")
        ana.say(each)
    assert "Falta decirlo" not in (ana.last.text or "")
    ana.press(say("button.ask_test"))
    assert HEARD in ana.screen()
    ana.press(say("button.back.look"))
    sent(hilo, ana)
    assert "We heard: Most said the meetings are too far." in bea.told


@pytest.mark.proof
def test_it_is_said_aloud_and_heard(hilo: Rig) -> None:
    """In somebody's voice beside the words: heard by whoever taps; other words are without the old voice."""
    phones = asked(hilo, 5)
    ana = hilo.facilitator()
    write(ana)
    ana.press(say("button.back.voice"))
    hilo.messenger.give_file(ana.chat, Kind.VOICE, samples.ogg(), seconds=3)
    hilo.settle()
    assert "La voz no la reviso" in (ana.last.text or "")
    check(ana)
    sent(hilo, ana)
    before = len(phones[0].heard)
    phones[0].press(say("button.hear_it"))
    assert [each.attachment for each in phones[0].heard[before:]], phones[0].screen()


@pytest.mark.proof
def test_other_words_are_without_the_old_voice(hilo: Rig) -> None:
    """A recording says certain words, and goes with them."""
    asked(hilo, 5)
    ana = hilo.facilitator()
    write(ana)
    with hilo.unit() as unit:
        draft = unit.decisions.because_of(unit.broadcasts.list()[0].id)[0]
        kept = share_backs.record(unit, draft.id, "es", f"{'a' * 32}.ogg", ana.person)
        assert kept.body["voice"]
        assert not share_backs.reword(unit, draft.id, "es", "who", "El equipo.", ana.person).body["voice"]


@pytest.mark.proof
def test_it_goes_before_anything_else_that_week(hilo: Rig) -> None:
    """Two were begun this week: a reminder leaves the third to what is given back, which counts as no asking."""
    phones = asked(hilo)
    ana = hilo.facilitator()
    her = phones[0].person
    hilo.advance(days=1)
    hilo.ask(phones[0])
    over(hilo)
    write(ana)
    hilo.advance(days=1)
    ana.press(say("button.back.send"))
    with hilo.reading() as unit:
        person = unit.people.get(her.id)
        assert person is not None
        assert week.next_message(unit, hilo.turns.organisation, person) is not None
        assert week.next_message(unit, hilo.turns.organisation, person, first=True) is None
    hilo.tick()
    assert HEARD in phones[0].told
    with hilo.reading() as unit:
        begun = week.begun(unit, hilo.turns.organisation, her)
    assert (len(begun.moments), len(begun.askings)) == (3, 2)


@pytest.mark.proof
def test_it_waits_for_who_rests_and_is_skipped_in_a_break(hilo: Rig) -> None:
    """Who rests finds it once they write; a break gets none, and the list shows it afterwards."""
    phones = asked(hilo)
    with hilo.unit() as unit:
        listening.asked(unit, phones[0].person)
    phones[1].say("/pausa")
    phones[1].press(say("button.pause_open"))
    ana = hilo.facilitator()
    write(ana)
    sent(hilo, ana)
    assert HEARD not in phones[0].told
    phones[0].say("/menu")
    hilo.advance(hours=2)
    hilo.tick()
    assert HEARD in phones[0].screen()
    assert HEARD not in phones[1].screen()
    phones[1].press(say("button.unpause"))
    phones[1].say("/decisiones")
    phones[1].press(phones[1].last.labels[0])
    assert HEARD in (phones[1].last.text or "")
