"""What facilitators do in chat: ask, follow, read. And what nobody else can."""

from datetime import timedelta

import pytest

from bot import clock
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

STORY = "Fuimos a la asamblea y se habló del agua otra vez, sin acuerdo. " * 12
SCREEN = 1000  # characters
NEXT = texts().say("button.next", "es")
MORE, FORE = texts().say("button.text_next", "es"), texts().say("button.text_before", "es")
ROWS = 8


def wizard(phone: Phone, purpose: str = PURPOSE, group: str = SIERRA) -> None:
    """Go through the wizard up to its last question."""
    phone.say("/preguntar")
    phone.press("1 · ¿Cómo vas?")
    phone.press(f"1 · {group}")
    phone.say(purpose)


def answered(phone: Phone, story: str) -> None:
    """Answer a whole check-in."""
    phone.say("2")
    phone.say(story)
    phone.press("Es todo")
    phone.press("1 · Nada por ahora")


def reading(phone: Phone, title: str = "¿Cómo vas? · Sierra Norte · 24 nov") -> None:
    """Open the answers to the newest broadcast, person by person."""
    phone.say("/leer")
    phone.press("Por pregunta")
    phone.press(title)
    phone.press("Todo, persona por persona")


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("es", ("/preguntar", "1 · ¿Cómo vas?", "1 · Sierra Norte", "1 · Enviar", "Ya va en camino a 2 personas")),
        ("en", ("/ask", "1 · How is it going?", "1 · Sierra Norte", "1 · Send", "On its way to 2 people")),
    ],
)
def test_the_wizard_from_question_to_order(hilo: Rig, language: str, labels: tuple[str, ...]) -> None:
    """What, whom, what for, and a last look: then it is on its way, and whoever gets it can read why."""
    command, dialog, group, send, done = labels
    phones = [hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")]
    ana = hilo.facilitator(language)
    ana.say(command)
    ana.press(dialog)
    ana.press(group)
    ana.say(PURPOSE)
    assert PURPOSE in ana.told
    assert "2" in ana.told
    assert SIERRA in ana.told
    ana.press(send)
    assert done in ana.told
    hilo.tick()
    for phone in phones:
        phone.press("¿Para qué es?")
        assert PURPOSE in phone.told

    (entry,) = hilo.audited("broadcast.ordered")
    assert entry.actor == str(ana.person.id)


def test_the_wizard_can_be_left(hilo: Rig) -> None:
    """Cancel sends nothing and says so."""
    hilo.join()
    ana = hilo.facilitator()
    wizard(ana)
    ana.press("2 · Cancelar")

    assert ana.told == texts().say("ask.cancelled", "es")
    assert hilo.count("broadcasts") == 0


def test_the_wizard_takes_no_purpose_of_one_word(hilo: Rig) -> None:
    """A purpose too short is answered with an example, and the question stays."""
    hilo.join()
    ana = hilo.facilitator()
    wizard(ana, purpose="saber")
    assert "Por ejemplo" in ana.told
    ana.say(PURPOSE)

    assert "1 · Enviar" in ana.last.labels


def test_a_purpose_of_blanks_is_refused_before_it_is_confirmed(hilo: Rig) -> None:
    """What the order would refuse, the wizard refuses already: nobody confirms what cannot be sent."""
    hilo.join()
    ana = hilo.facilitator()
    wizard(ana, purpose="a         b")

    assert "1 · Enviar" not in ana.last.labels


def test_a_confirmation_pressed_twice_orders_once(hilo: Rig) -> None:
    """Two quick presses on send are one order."""
    hilo.join()
    ana = hilo.facilitator()
    wizard(ana)
    button, order = ana.button("1 · Enviar")
    hilo.messenger.press_id(ana.chat, button, order)
    hilo.messenger.press_id(ana.chat, button, order)
    hilo.settle()

    assert hilo.count("broadcasts") == 1


def test_a_group_without_anyone_is_said_so(hilo: Rig) -> None:
    """An order to an empty group ends in a sentence that leads on."""
    ana = hilo.facilitator()
    wizard(ana)
    ana.press("1 · Enviar")

    assert ana.told == texts().say("order.nobody", "es", cohort=SIERRA)


def test_asking_again_in_the_middle_leaves_no_wizard_behind(hilo: Rig) -> None:
    """Whoever begins anew has one wizard: when it is done, nothing is left open."""
    hilo.join()
    ana = hilo.facilitator()
    wizard(ana)
    wizard(ana)
    ana.press("1 · Enviar")
    assert hilo.count("broadcasts") == 1
    with hilo.reading() as unit:
        assert unit.runs.open(ana.person) is None
    ana.say("/menu")

    assert "Seguir con las preguntas" not in ana.last.labels


def test_a_facilitator_sees_her_own_groups_only(hilo: Rig) -> None:
    """Another group is neither offered to ask, nor listed to read, nor are its messages shown."""
    leader = hilo.join()
    hilo.ask(leader)
    answered(leader, "Lo del agua.")
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    for command in ("/leer", "/avance"):
        stranger.say(command)
        assert "Sierra" not in stranger.screen()
        assert "puente" not in stranger.screen()
        assert texts().say("read.nothing", "es") in stranger.told
    stranger.say("/preguntar")
    stranger.press("1 · ¿Cómo vas?")

    assert not [label for label in stranger.last.labels if "Sierra" in label]


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
    wizard(ana)
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
    ana.press("1 · Enviar")
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


def test_progress_counts_people(hilo: Rig) -> None:
    """One who finished, one halfway, one who has not begun, one who blocked, one who paused: five people."""
    done, half, idle, gone, paused = (hilo.join(nickname=name) for name in ("Uno", "Dos", "Tres", "Cuatro", "Cinco"))
    hilo.order()
    with hilo.unit() as unit:
        unit.people.change(paused.person, participation="paused")
    hilo.messenger._blocked.add(gone.chat)
    hilo.tick()
    for phone in (done, half):
        phone.press("Sí, ahora")
    answered(done, "Lo del agua.")
    half.say("2")
    ana = hilo.facilitator()
    ana.say("/avance")
    ana.press("¿Cómo vas? · Sierra Norte · 24 nov")

    told = ana.screen()
    assert "Se envió a 3 de 5" in told
    for line in ("1 terminó", "1 va a la mitad", "1 no ha empezado", "a 1 no se le pudo enviar", "a 1 ya no se le"):
        assert line in told, told
    assert idle.run.status == "offered"


def test_progress_is_refreshed_in_place(hilo: Rig) -> None:
    """Refreshing changes the same message."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    ana.say("/avance")
    ana.press("¿Cómo vas? · Sierra Norte · 24 nov")
    order = ana.last.order
    answered(leader, "Lo del agua.")
    ana.press("Actualizar")

    assert ana.last.order == order
    assert "1 terminó" in (ana.last.text or "")


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
