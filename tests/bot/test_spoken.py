"""What passed between a leader and the team, in her hands: read again, who has read it, erased."""

from bot import clock
from bot.messengers.port import Kind
from storage.erasure import erase_messages
from tests.bot.rig import Rig, texts
from tests.bot.test_mail import LONG, ROWS, SCREEN, answered, opened, wrote

SPOKEN = texts().say("button.spoken", "es")
WEB = "web-chat-of-hers"


def test_she_sees_what_was_said_both_ways_and_who_read_it(hilo: Rig) -> None:
    """Her words and the team's, in order, with the nickname of whoever opened them; nobody's before that."""
    leader = wrote(hilo)
    leader.say("/equipo")
    leader.press(SPOKEN)
    assert "Se cayó el puente." in leader.screen()
    assert "Ana" not in leader.screen()
    ana = hilo.facilitator()
    opened(ana)
    answered(hilo, ana)
    leader.say("/equipo")
    leader.press(SPOKEN)
    told = leader.last.text or ""

    assert told.index("Tú, 24 nov\n→ Se cayó el puente.") < told.index("El equipo, 24 nov\n→ Mañana vamos.")
    assert texts().say("spoken.read", "es", names="Ana") in told


def test_without_messages_there_is_no_way_to_none(hilo: Rig) -> None:
    """The button is there only for who has some."""
    leader = hilo.join()
    leader.say("/equipo")

    assert SPOKEN not in leader.last.labels


def test_a_note_in_her_name_is_in_her_language(hilo: Rig) -> None:
    """A tap before her yes left the team a note in the organisation's language; she reads it in her own."""
    hilo.facilitator()
    leader = hilo.phone()
    leader.say(f"/start {hilo.invite()}")
    leader.press("2 · English")
    leader.press(texts().say("button.doubts", "en"))
    leader.press(texts().say("button.agree", "en"))
    leader.press(texts().say("button.skip", "en"))
    leader.say("/team")
    leader.press(texts().say("button.spoken", "en"))
    leader.press(texts().say("button.answers_yes", "en"))

    assert texts().say("join.doubts.note", "en") in (leader.last.text or "")
    assert texts().say("join.doubts.note", "es") not in leader.screen()


def test_long_ones_are_paged(hilo: Rig) -> None:
    """However long, each page fits a phone, the newest first to be seen, and each can be reached."""
    leader = wrote(hilo, LONG)
    leader.say("/equipo")
    leader.press(SPOKEN)
    pages = [leader.last.text or ""]
    while texts().say("button.before", "es") in leader.last.labels:
        leader.press(texts().say("button.before", "es"))
        pages.append(leader.last.text or "")

    assert len(pages) > 1
    assert "Tú, " in pages[-1]
    assert all(len(page) <= SCREEN for page in pages)
    assert all(len(message.keyboard) <= ROWS for message in leader.heard)


def test_erased_in_two_taps_they_are_nowhere(hilo: Rig) -> None:
    """Both ways, with the notice of danger they raised; the team finds nothing, and she can write again."""
    leader = wrote(hilo)
    cohort_id = hilo.cohort()
    with hilo.unit() as unit:
        unit.alerts.add(clock.new_id(), leader.person.id, cohort_id, message_id=clock.new_id())
    ana = hilo.facilitator()
    ana.say("/mensajes")
    ana.press("Colibrí · hoy · sin tomar")
    answered(hilo, ana)
    leader.say("/equipo")
    leader.press(SPOKEN)
    leader.press(texts().say("button.erase_messages", "es"))
    assert hilo.count("messages") == 2
    leader.press(texts().say("button.erase_sure", "es"))

    assert texts().say("spoken.erased", "es") in (leader.last.text or "")
    assert (hilo.count("messages"), hilo.count("alerts")) == (0, 0)
    ana.say("/mensajes")
    assert ana.told == texts().say("attend.none", "es")
    leader.say("Otra cosa.")
    leader.press("Sí")
    assert hilo.count("messages") == 1


def test_on_the_web_they_leave_the_page(hilo: Rig) -> None:
    """What she wrote and what the team answered, however it was shown, is in no row of her mailbox."""
    leader = hilo.join()
    with hilo.unit() as unit:
        unit.addresses.link(leader.person, "web", WEB, clock.new_id())
        person = unit.people.at("web", WEB)
        assert person is not None
        speech = hilo.turns.speech(unit, person)
        speech.echo("Sí")
        hilo.messenger.give(WEB, Kind.TEXT)
        speech.send(texts().say("told.text", "es", text="Mañana vamos a verte."))
        speech.send("Tú, 24 nov\n→ Sí")
        speech.send("Sí, mañana te pregunto.")
        unit.messages.add(clock.new_id(), person, "to_team", "Sí", unit.now)
        unit.messages.add(clock.new_id(), person, "from_team", "Mañana vamos a verte.", unit.now)
    hilo.send()
    with hilo.unit() as unit:
        erase_messages(unit, person)
        said = [each.body["text"] for each in unit.outbox.latest("web", WEB, 9)]

    assert said == ["Sí, mañana te pregunto."]
