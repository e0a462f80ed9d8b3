"""What facilitators do in chat: ask, follow, read. And what nobody else can."""

from datetime import timedelta

import pytest

from bot import clock
from tests.bot.asking import prepare
from tests.bot.rig import Phone, Rig, texts

STORY = "Fuimos a la asamblea y se habló del agua otra vez, sin acuerdo. " * 12
SCREEN = 1000  # characters
NEXT = texts().say("button.next", "es")
MORE, FORE = texts().say("button.text_next", "es"), texts().say("button.text_before", "es")
ROWS = 8


def answered(phone: Phone, story: str) -> None:
    """Answer a whole check-in."""
    phone.say("2")
    phone.say(story)
    phone.press("Listo")
    phone.press("1 · Nada por ahora")


def reading(phone: Phone, title: str = "¿Cómo vas? · Sierra Norte · 24 nov") -> None:
    """Open the answers to the newest broadcast, person by person."""
    phone.say("/leer")
    phone.press("Por pregunta")
    phone.press(title)
    phone.press("Todo, persona por persona")


def test_a_facilitator_sees_her_own_groups_only(hilo: Rig) -> None:
    """Another group is neither offered to ask, nor listed to read, nor are its messages shown."""
    leader = hilo.join()
    hilo.ask(leader)
    answered(leader, "Lo del agua.")
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    for command, nothing in (("/leer", "read.nothing"), ("/avance", "progress.none"), ("/alto", "halt.nothing")):
        stranger.say(command)
        assert "Sierra" not in stranger.screen()
        assert "puente" not in stranger.screen()
        assert texts().say(nothing, "es") in stranger.told
    stranger.say("/preguntar")
    stranger.press("¿Cómo vas?")

    assert "Sierra" not in stranger.screen()


@pytest.mark.parametrize("action", ["read", "progress"])
def test_a_facilitator_of_another_group_cannot_read_by_a_good_button(hilo: Rig, action: str) -> None:
    """Even a button signed for her chat opens nothing of a group that is not hers, and the try is on record."""
    leader = hilo.join()
    broadcast_id = hilo.ask(leader)
    answered(leader, "Lo del agua.")
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    with hilo.reading() as unit:
        page = f"{broadcast_id.hex}.0" if action == "read" else broadcast_id.hex
        button = hilo.turns.speech(unit, stranger.person).buttons.plain(action, page)
    stranger.press_id(button, stranger.last.order)

    assert stranger.told == texts().say("staff.not_allowed", "es")
    assert "agua" not in stranger.screen()
    assert [entry.actor for entry in hilo.audited("refused")] == [str(stranger.person.id)]
    assert hilo.audited("answers.read") == []


@pytest.mark.parametrize("command", ["/leer", "/read", "/preguntar", "/avance"])
def test_a_leader_is_refused_and_it_is_on_record(hilo: Rig, command: str) -> None:
    """What belongs to the team is refused kindly to a leader, and the trail has it."""
    phone = hilo.join()
    phone.say(command)

    assert phone.told == texts().say("staff.not_allowed", "es")
    (entry,) = hilo.audited("refused")
    assert entry.actor == str(phone.person.id)


def test_a_role_that_was_taken_away_reads_and_sends_nothing(hilo: Rig) -> None:
    """Buttons already on her screen stop working with the role, a wizard half done included."""
    leader = hilo.join()
    hilo.ask(leader)
    answered(leader, "Lo del agua.")
    ana = hilo.facilitator()
    ana.say("/leer")
    title, order = ana.button("Leer lo que sigue")
    prepare(ana)
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
    ana.press("Enviar")
    ana.press_id(title, order)

    assert "agua" not in ana.screen()
    assert hilo.count("broadcasts") == 1


def test_a_role_that_ran_out_reads_nothing(hilo: Rig) -> None:
    """A role until a day is no role from then on."""
    ana, cohort_id = hilo.join(nickname="Ana"), hilo.cohort()
    with hilo.unit() as unit:
        unit.roles.grant(clock.new_id(), ana.person.id, "facilitator", cohort_id, hilo.now + timedelta(days=1))
    ana.say("/leer")
    assert texts().say("read.nothing", "es") in ana.told
    hilo.advance(days=2)
    ana.say("/leer")

    assert ana.told == texts().say("staff.not_allowed", "es")


def test_pages_fit_a_phone_and_can_be_turned(hilo: Rig) -> None:
    """Every page is at most a screen, the buttons take few rows, and turning shows every answer there is."""
    leaders = [hilo.join(nickname=f"Ceiba {number}") for number in range(12)]
    hilo.ask(*leaders)
    for number, leader in enumerate(leaders):
        answered(leader, f"Historia {number}. {STORY}")
    ana = hilo.facilitator()
    reading(ana)
    place = ana.last.order
    pages = [ana.last.text or ""]
    while turn := next((label for label in (MORE, NEXT) if label in ana.last.labels), None):
        ana.press(turn)
        assert ana.last.order == place
        pages.append(ana.last.text or "")
    told = "\n".join(pages)

    assert len(pages) >= 12
    assert all(len(page) <= SCREEN for page in pages)
    assert all(len(message.keyboard) <= ROWS for message in ana.heard)
    assert all(f"Historia {number}." in told and f"Ceiba {number}" in told for number in range(12))
    assert told.count("se habló del agua") == 12 * 12
    assert "🙁 Bajo" in told
    assert len(hilo.audited("answers.read")) == len(pages)
    ana.press(FORE)
    assert ana.last.text == pages[-2]


def test_what_is_read_cannot_be_forwarded_and_can_be_closed(hilo: Rig) -> None:
    """Pages are protected, and closing leaves no answer in the chat."""
    leader = hilo.join()
    hilo.ask(leader)
    answered(leader, "Lo del agua.")
    ana = hilo.facilitator()
    reading(ana)
    assert "Lo del agua." in ana.screen()
    assert all(message.protected for message in ana.heard if "agua" in (message.text or ""))
    ana.press("Cerrar")

    assert "agua" not in ana.screen()
    assert texts().say("read.closed", "es") in ana.screen()


def test_nothing_answered_yet_is_said_so(hilo: Rig) -> None:
    """A broadcast nobody has answered leads to how it goes."""
    hilo.ask(leader := hilo.join())
    answered(leader, "Lo del agua.")
    hilo.advance(days=7)
    hilo.order()
    hilo.tick()
    ana = hilo.facilitator()
    reading(ana, "¿Cómo vas? · Sierra Norte · 1 dic")

    assert texts().say("read.no_answers", "es") in ana.screen()
    assert "Ver cómo va" in ana.last.labels


def test_the_list_to_read_fits_a_phone_however_much_there_is(hilo: Rig) -> None:
    """Many broadcasts still make screens of a list, and none is left out."""
    hilo.ask(leader := hilo.join())
    answered(leader, "Lo del agua.")
    for number in range(11):
        hilo.advance(days=1)
        hilo.order(key=str(number))
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por pregunta")
    seen = [label for label in ana.last.labels if "Sierra" in label]
    while NEXT in ana.last.labels:
        assert len(ana.last.keyboard) <= ROWS
        ana.press(NEXT)
        seen += [label for label in ana.last.labels if "Sierra" in label]

    assert len(set(seen)) == len(seen) == 12


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_she_types_with_nothing_open_is_said_to_go_nowhere(hilo: Rig, language: str) -> None:
    """Above the menu, once: it was not kept nor sent to anybody, and where messages are written."""
    leader = hilo.join()
    ana = hilo.facilitator(language)
    before = hilo.count("messages")
    ana.say("Colibrí, ¿cómo sigues?")
    say = texts().say
    assert len(ana.news) == 1
    lead, _, rest = ana.told.partition("\n\n")
    assert lead == f"{say('home.not_kept', language)} {say('home.not_kept.team', language)}"
    assert say("today.nothing", language, hello=say("today.morning", language)) in rest
    for code in ("menu.alert", "menu.more", "menu.ask"):
        assert say(code, language) in ana.last.labels
        assert say(code, language) in lead
    assert hilo.count("messages") == before
    assert "sigues" not in leader.screen()
    ana.press(say("menu.more", language))
    ana.press(say("button.menu", language))
    assert say("home.not_kept", language) not in (ana.last.text or "")


def test_a_translator_is_not_sent_to_messages_she_has_not(hilo: Rig) -> None:
    """Whoever cannot write to people is told only that it went nowhere."""
    tere = hilo.facilitator(nickname="Tere", role="translator")
    tere.say("Ya quedó la palabra.")

    assert tere.told.startswith(texts().say("home.not_kept", "es"))
    assert texts().say("home.not_kept.team", "es") not in tere.told


def test_a_leader_out_of_every_group_hears_that_it_went_nowhere(hilo: Rig) -> None:
    """Nobody reads for her any more, so nothing of it is kept."""
    leader = hilo.join()
    person_id, cohort_id = leader.person.id, hilo.cohort()
    with hilo.unit() as unit:
        unit.memberships.leave(person_id, cohort_id)
    leader.say("¿Hay alguien?")

    assert leader.told.startswith(texts().say("home.not_kept", "es"))
    assert leader.messages == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_wizard_that_is_left_says_that_nothing_was_done(hilo: Rig, language: str) -> None:
    """Stopping or putting it off leads back into it, or to the menu."""
    hilo.join()
    say = texts().say
    ana = hilo.facilitator(language)
    ana.say("/preguntar")
    ana.press({"es": "¿Cómo vas?", "en": "How is it going?"}[language])
    ana.press(say("button.stop.wizard", language))
    assert ana.told == say("run.stopped.wizard", language)
    assert ana.last.labels == [say("button.resume", language), say("button.menu", language)]
    ana.press(say("button.resume", language))
    ana.say("/later")

    assert say("run.postponed.wizard", language).partition("{")[0] in ana.told
    assert ana.last.labels == [say("button.resume", language), say("button.menu", language)]


@pytest.mark.parametrize("language", ["es", "en"])
def test_having_practised_does_not_make_a_team_of_her_own(hilo: Rig, language: str) -> None:
    """A facilitator who tried it on her own phone is not offered to pass on to "the team" what she types later."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(texts().say("menu.more", language))
    ana.press(texts().say("menu.practise", language))
    ana.press(texts().say("button.later", language))
    ana.press(texts().say("button.stop", language))
    ana.say("Colibrí, ¿cómo sigues?")

    assert ana.told.startswith(texts().say("home.not_kept", language))
    assert hilo.count("messages") == 0


def test_a_facilitator_who_takes_part_in_a_group_passes_on_what_she_says(hilo: Rig) -> None:
    """Whoever is asked like everybody else has a team that reads her, practice or none."""
    ceiba = hilo.join(nickname="Ceiba")
    person_id, cohort_id = ceiba.person.id, hilo.cohort("Costa")
    with hilo.unit() as unit:
        unit.roles.grant(clock.new_id(), person_id, "facilitator", cohort_id, None, None)
    ceiba.say("Se cayó el puente.")

    assert ceiba.told == texts().say("home.pass_on", "es")


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_stands_behind_more_leaves_room_for_its_buttons(hilo: Rig, language: str) -> None:
    """An admin's ten lines say what each opens, each in one line, so that words and buttons are one screen."""
    root = hilo.facilitator(language, nickname="Rosa", cohort=None, role="admin")
    root.say("/menu")
    root.press(texts().say("menu.more", language))
    lines = (root.last.text or "").splitlines()

    assert len(lines) == 10
    assert max(map(len, lines)) <= 36, sorted(lines, key=len)[-3:]
    assert all(line.partition(": ")[2] for line in lines)
