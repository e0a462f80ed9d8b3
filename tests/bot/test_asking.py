"""Asking from a phone: what, whom, what for, when; a look, a test, the order, and taking it back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.media.store import FetchResult, MediaStore
from bot.messengers.port import Kind
from bot.rendering.ids import short_id
from tests.bot import samples
from tests.bot.asking import UNTIL, group, prepare, say_why, send
from tests.bot.leader import LANGUAGES, check, words
from tests.bot.orders import scheduled
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

TITLE = {"es": "¿Cómo vas?", "en": "How is it going?"}


def way_through(phone: Phone, language: str) -> None:
    """Go from the command to the last look, checking every screen."""
    phone.say({"es": "/preguntar", "en": "/ask"}[language])
    check(phone)
    phone.press(TITLE[language])
    check(phone)
    phone.say(PURPOSE)
    phone.say("A quienes preparamos los talleres")
    phone.say("Se platica el jueves")
    check(phone)
    phone.press(UNTIL[language])
    check(phone)


@pytest.mark.parametrize(
    ("language", "done"), [("es", "Ya va en camino a 2 personas"), ("en", "On its way to 2 people")]
)
def test_from_a_command_to_an_order(hilo: Rig, language: str, done: str) -> None:
    """What, what for, and a last look that says to how many, when and what it takes; whoever gets it can read why."""
    leaders = [hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")]
    ana = hilo.facilitator(language)
    way_through(ana, language)
    look = ana.last.text or ""
    assert all(each in look for each in (TITLE[language], "2", SIERRA, PURPOSE, words(ana, "ask.data.little")))
    ana.press(words(ana, "button.ask_send"))
    assert done in (ana.last.text or "")
    check(ana)
    hilo.tick()
    for leader in leaders:
        leader.press("¿Para qué es?")
        for line in (PURPOSE, "A quienes preparamos los talleres", "Se platica el jueves", "Hasta que se cumpla."):
            assert line in leader.told

    (entry,) = hilo.audited("broadcast.ordered")
    assert entry.actor == str(ana.person.id)


def test_it_can_be_left(hilo: Rig) -> None:
    """Not sending sends nothing, and says so."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("No enviar")

    assert ana.last.text == texts().say("ask.cancelled", "es")
    assert hilo.count("broadcasts") == 0


@pytest.mark.parametrize("short", ["saber", "a         b", "aprendizaje"])
def test_a_purpose_of_one_word_is_asked_again(hilo: Rig, short: str) -> None:
    """A purpose too short is answered with an example, and the question stays."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    ana.say(short)
    assert "Por ejemplo" in ana.told
    say_why(ana)

    assert "Enviar" in ana.last.labels


def test_a_purpose_is_written_once_and_not_for_each_order(hilo: Rig) -> None:
    """What a group was told before is a button the next time, and stays one card, until its time is over."""
    hilo.join()
    ana = hilo.facilitator()
    send(ana)
    hilo.advance(hours=2)
    ana.say("/preguntar")
    ana.press("Sobre este chat")
    assert PURPOSE in (ana.last.text or "")
    ana.press("1 · Para saber cómo va la…")
    ana.press("Enviar")

    assert hilo.count("broadcasts") == 2
    assert hilo.count("purposes") == 1


def test_a_purpose_for_once_is_not_offered_again(hilo: Rig) -> None:
    """Nor is one whose day has passed."""
    hilo.join()
    ana = hilo.facilitator()
    for until in ("1 · Nada más esta vez", "2 · Un mes"):
        ana.say("/preguntar")
        ana.press("¿Cómo vas?")
        assert "¿Para qué quieres preguntar esto?" in (ana.last.text or "")
        ana.say(PURPOSE)
        ana.press("Saltar")
        ana.press("Saltar")
        ana.press(until)
        ana.press("Enviar")
        hilo.advance(hours=2)
    hilo.advance(days=40)
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    assert "¿Para qué quieres preguntar esto?" in (ana.last.text or "")
    ana.say("/preguntar")
    ana.press("Como la vez pasada")

    assert ana.last.text == texts().say("ask.why.over", "es")


def test_the_last_order_is_made_again_in_one_tap(hilo: Rig) -> None:
    """Same dialog, same group, same purpose; it is confirmed before it goes."""
    hilo.join()
    ana = hilo.facilitator()
    send(ana)
    hilo.advance(days=7)
    ana.say("/preguntar")
    ana.press("Como la vez pasada")
    assert "¿Cómo vas?" in (ana.last.text or "")
    assert PURPOSE in (ana.last.text or "")
    assert hilo.count("broadcasts") == 1
    ana.press("Enviar")

    assert hilo.count("broadcasts") == 2
    assert hilo.count("purposes") == 1


def test_two_presses_order_once(hilo: Rig) -> None:
    """A confirmation that arrives twice is one order, and says the same."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    button, order = ana.button("Enviar")
    hilo.messenger.press_id(ana.chat, button, order)
    hilo.messenger.press_id(ana.chat, button, order)
    hilo.settle()

    assert hilo.count("broadcasts") == 1
    assert "Ya va en camino a una persona" in (ana.last.text or "")


def test_an_old_confirmation_sends_nothing(hilo: Rig) -> None:
    """The button of an order that was left for another one sends neither."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    old = ana.button("Enviar")
    prepare(ana, "Sobre este chat")
    ana.press_id(*old)

    assert hilo.count("broadcasts") == 0
    assert texts().say("ask.other_draft", "es") in ana.screen()


# To whom.


def test_a_group_without_anyone_is_said_so(hilo: Rig) -> None:
    """Nobody writes a purpose for nobody: an empty group ends in a sentence that leads on."""
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")

    assert ana.last.text == texts().say("order.nobody", "es", cohort=SIERRA)
    check(ana)


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_group_whose_people_are_on_the_way_leads_on(hilo: Rig, language: str) -> None:
    """Who is still joining and who rests is said, with the list and an invite; once one is in, the draft goes on."""
    coming, resting = hilo.phone(), hilo.join(nickname="Nopal")
    coming.say(f"/start {hilo.invite()}")
    with hilo.unit() as unit:
        unit.people.change(resting.person, participation="paused")
    ana = hilo.facilitator(language)
    ana.say({"es": "/preguntar", "en": "/ask"}[language])
    ana.press(TITLE[language])
    told = [words(ana, "ask.nobody", cohort=SIERRA)]
    told += [texts().count(code, language, 1) for code in ("ask.joining", "ask.resting")]
    assert ana.last.text == " ".join(told)
    assert ana.last.labels[1:3] == [words(ana, "menu.people"), words(ana, "menu.invite")]
    check(ana)
    ana.press(words(ana, "menu.invite"))
    assert words(ana, "button.invite_new") in ana.last.labels
    hilo.join(nickname="Ceiba")
    ana.say({"es": "/preguntar", "en": "/ask"}[language])
    ana.press(words(ana, "button.ask_left"))

    assert "¿Para qué" in ana.told or "Why do you want" in ana.told


def test_whoever_has_several_groups_chooses(hilo: Rig) -> None:
    """Each group stands with how many people it has; the empty one says so, and there is a way to another."""
    for name in ("Uno", "Dos"):
        hilo.join(nickname=name)
    hilo.cohort("Costa")
    ana = hilo.facilitator(cohort=None)
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    check(ana)
    assert {group(ana, SIERRA, 2), "Costa · todavía nadie"} <= set(ana.last.labels)
    ana.press("Costa · todavía nadie")
    ana.press("Otro grupo")
    ana.press(group(ana, SIERRA, 2))
    say_why(ana)

    assert "2 personas de Sierra Norte" in (ana.last.text or "")


def test_many_groups_stand_on_pages(hilo: Rig) -> None:
    """However many groups there are, a screen has eight rows and every group is on some page."""
    hilo.join()
    for number in range(12):
        hilo.cohort(f"Grupo {number}")
    ana = hilo.facilitator(cohort=None)
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    shown: set[str] = set()
    for _ in range(3):
        check(ana)
        shown.update(ana.last.labels)
        if words(ana, "button.next") in ana.last.labels:
            ana.press(words(ana, "button.next"))

    assert len([label for label in shown if "Grupo" in label]) == 12


def test_another_group_is_out_of_reach_even_by_a_good_button(hilo: Rig) -> None:
    """Neither choosing it, nor cancelling what goes to it, and both tries are on record."""
    hilo.join()
    broadcast_id = hilo.order()
    eva = hilo.facilitator(nickname="Eva", cohort="Costa")
    hilo.join(nickname="Mar", cohort="Costa")
    prepare(eva)
    with hilo.reading() as unit:
        buttons = hilo.turns.speech(unit, eva.person).buttons
        pressed = [
            buttons.plain("ask_group", f"g{short_id(hilo.cohort())}"),
            buttons.plain("ask_cancel", short_id(broadcast_id)),
        ]
    for button in pressed:
        eva.press_id(button, eva.last.order)
        assert eva.last.text == texts().say("staff.not_allowed", "es")
    assert len(hilo.audited("refused")) == 2
    eva.press("Enviar")

    assert hilo.rows("SELECT count(*) FROM broadcasts WHERE cancelled_at IS NOT NULL") == [(0,)]
    assert "de Costa" in (eva.last.text or "")


@pytest.mark.parametrize("how", ["paused", "left", "moved"])
def test_nothing_is_sent_to_who_left_meanwhile(hilo: Rig, how: str) -> None:
    """Between an order and its hour people pause, leave, or go to another group: they are passed over."""
    gone, stays = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Cambiar día u hora")
    ana.press("Hoy a las 6 de la tarde")
    ana.press("Enviar")
    person, cohort_id = gone.person, hilo.cohort()
    with hilo.unit() as unit:
        if how == "moved":
            unit.memberships.leave(person.id, cohort_id)
        else:
            unit.people.change(person, participation=how)
    gone.look()
    hilo.advance(hours=10)
    hilo.tick()

    assert gone.news == []
    assert "Sí, ahora" in stays.last.labels
    assert hilo.rows("SELECT reason FROM deliveries WHERE state = 'skipped'") == [("left" if how == "moved" else how,)]


# When.


@pytest.mark.parametrize(
    ("language", "day", "hour"), [("es", "6 de diciembre", "7 de la tarde"), ("en", "6 December", "7 pm")]
)
def test_a_typed_day_and_hour_are_those_of_the_group(hilo: Rig, language: str, day: str, hour: str) -> None:
    """An order for seven in the evening goes at seven where the group is, and not a minute before."""
    leader = hilo.join()
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE cohorts SET zone = 'America/Tijuana'")
    ana = hilo.facilitator(language)
    way_through(ana, language)
    ana.press(words(ana, "button.ask_when"))
    check(ana)
    ana.press(words(ana, "button.ask_moment"))
    ana.say(day)
    ana.say(hour)
    assert "7" in (ana.last.text or "")
    ana.press(words(ana, "button.ask_send"))
    check(ana)
    (at,) = [broadcast.due_at for broadcast in broadcasts(hilo)]
    assert at == datetime(2026, 12, 7, 3, 0, tzinfo=UTC)
    with hilo.reading() as unit:
        assert unit.broadcasts.due(at - timedelta(minutes=1), 9) == []
        assert [each.person_id for each in unit.broadcasts.due(at, 9)] == [leader.person.id]


def broadcasts(hilo: Rig) -> list[Any]:
    """List every order."""
    with hilo.reading() as unit:
        return unit.broadcasts.list()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("el viernes a las 5 de la tarde", "el viernes a las 5 de la tarde"),
        ("mañana 17:30", "mañana a las 5:30 de la tarde"),
        ("4 de diciembre 17:30", "el viernes 4 de diciembre a las 5:30 de la tarde"),
    ],
)
def test_a_moment_is_typed_as_people_say_it(hilo: Rig, said: str, told: str) -> None:
    """Day and hour together, where the moments stand; it is read back in words before anything is sent."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Cambiar día u hora")
    ana.say(said)

    assert f"{told}, hora del grupo" in (ana.last.text or "")


def test_what_may_be_several_moments_is_read_back(hilo: Rig) -> None:
    """Five in the afternoon or in the morning is asked, in words; one tap, and it is told where it is sent."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Cambiar día u hora")
    ana.say("el viernes a las 5")
    check(ana)
    assert ana.last.text == words(ana, "ask.when.which")
    labels = ana.last.labels
    assert labels[:2] == ["El viernes a las 5 de la tarde", "El viernes a las 5 de la madrugada"]
    ana.press(labels[0])
    assert "el viernes a las 5 de la tarde, hora del grupo" in (ana.last.text or "")
    ana.press("Cambiar día u hora")
    ana.say("el viernes")
    assert "viernes" in (ana.last.text or "")
    check(ana)
    ana.say("a las 6 de la tarde")
    assert "el viernes a las 6 de la tarde, hora del grupo" in (ana.last.text or "")
    ana.press("Cambiar día u hora")
    ana.say("cuando se pueda")

    assert ana.last.text == words(ana, "ask.when.unknown")


def test_an_hour_that_is_over_is_asked_again(hilo: Rig) -> None:
    """Today at eight, said at nine, is no moment to send at."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Cambiar día u hora")
    ana.press("Otro día u hora")
    ana.say("hoy")
    ana.say("8 de la mañana")
    assert ana.last.text == texts().say("ask.when.past", "es")
    ana.press("Ahora")

    assert "de Sierra Norte, ahora." in (ana.last.text or "")


def test_a_late_hour_is_pointed_out(hilo: Rig) -> None:
    """Whoever sends at night is told how late it is there."""
    hilo.join()
    ana = hilo.facilitator()
    hilo.advance(hours=14)
    prepare(ana)

    assert "Ojo: saldría hoy a las 11 de la noche, hora del grupo." in (ana.last.text or "")


def test_moments_fit_a_phone_at_any_hour(hilo: Rig) -> None:
    """Before dawn there are most hours still to come, and the screen has eight rows all the same."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    for _ in range(8):
        hilo.advance(hours=3)
        ana.press("Cambiar día u hora")
        check(ana)
        assert sum(label.startswith(("Hoy", "Mañana")) for label in ana.last.labels) >= 3
        ana.press("Volver al envío")


def test_who_was_asked_yesterday_is_counted(hilo: Rig) -> None:
    """Of three people one was asked yesterday and two today; nobody is asked twice without her knowing."""
    first = hilo.join(nickname="Uno")
    hilo.order()
    hilo.tick()
    hilo.advance(hours=24)
    hilo.join(nickname="Dos")
    with hilo.unit() as unit:
        unit.people.change(first.person, participation="active")
    ana = hilo.facilitator()
    prepare(ana, "Sobre este chat")
    assert "A una de estas personas ya se le preguntó algo ayer." in (ana.last.text or "")
    ana.press("Enviar")
    hilo.tick()
    ana.say("/preguntar")
    ana.press("Como la vez pasada")

    assert "A 2 ya se les preguntó algo hoy." in (ana.last.text or "")


# Twice, and taking it back.


def test_two_facilitators_at_the_same_order_are_told(hilo: Rig) -> None:
    """The same conversation to the same group within an hour is asked about first; later, or another, is not."""
    hilo.join()
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    send(ana)
    hilo.advance(minutes=10)
    prepare(eva)
    eva.press("Enviar")
    assert eva.last.text == texts().count("ask.twice", "es", 10, title="¿Cómo vas?", cohort=SIERRA)
    check(eva)
    assert hilo.count("broadcasts") == 1
    eva.press("Enviar otra vez")
    assert hilo.count("broadcasts") == 2
    prepare(eva, "Sobre este chat")
    eva.press("Enviar")
    hilo.advance(hours=1)
    send(ana)

    assert hilo.count("broadcasts") == 4


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_only_waits_is_not_said_to_be_sent(hilo: Rig, language: str) -> None:
    """One that is set for tomorrow is told with its time; once it went out, since when that is."""
    hilo.join()
    ana = hilo.facilitator(language)
    scheduled(hilo, hilo.now + timedelta(hours=23))
    prepare(ana, TITLE[language])
    ana.press(words(ana, "button.ask_send"))
    asked = ana.last.text or ""
    before, _, after = words(ana, "ask.twice.waits", title=TITLE[language], cohort=SIERRA, when="|").partition("|")
    assert asked.startswith(before)
    assert asked.endswith(after)
    assert "minut" not in asked
    hilo.advance(hours=23, minutes=5)
    prepare(ana, TITLE[language])
    ana.press(words(ana, "button.ask_send"))

    assert ana.last.text == texts().count("ask.twice.out", language, 5, title=TITLE[language], cohort=SIERRA)


def test_an_order_can_be_taken_back_before_it_is_sent(hilo: Rig) -> None:
    """Cancelled in time, nobody gets it; the trail knows who cancelled."""
    leader = hilo.join()
    ana = hilo.facilitator()
    send(ana)
    ana.press("Cancelar")
    assert ana.last.text == texts().say("ask.stopped.all", "es")
    check(ana)
    leader.look()
    hilo.tick()

    assert leader.news == []
    assert [entry.actor for entry in hilo.audited("broadcast.cancelled")] == [str(ana.person.id)]


def test_cancelling_late_says_how_many_had_it(hilo: Rig) -> None:
    """What was sent cannot be unsent, and is told; the others do not get it."""
    leaders = [hilo.join(nickname=name) for name in ("Uno", "Dos", "Tres")]
    ana = hilo.facilitator()
    send(ana)
    hilo.tick(rate=2)
    ana.press("Cancelar")
    assert ana.last.text == texts().count("ask.stopped", "es", 2)
    hilo.tick()

    assert sum("Sí, ahora" in leader.last.labels for leader in leaders) == 2


# A look, and a test.


@pytest.mark.parametrize(
    ("language", "one", "more"),
    [
        ("es", ("Le toma 2 minutos", "Ver cómo le llega"), ("Les toma 2 minutos", "Ver cómo les llega")),
        ("en", ("It takes 2 minutes", "See how it arrives"), ("It takes 2 minutes", "See how it arrives")),
    ],
)
def test_the_last_look_speaks_of_one_person_as_of_one(
    hilo: Rig, language: str, one: tuple[str, str], more: tuple[str, str]
) -> None:
    """What it takes, and the button that shows it, with one person in the group and with two."""
    hilo.join(language)
    ana = hilo.facilitator(language)
    for takes, look in (one, more):
        prepare(ana, {"es": "¿Cómo vas?", "en": "How is it going?"}[language])
        check(ana)
        assert takes in (ana.last.text or "")
        assert look in ana.last.labels
        hilo.join(language, "Nopal")


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_look_is_what_arrives(hilo: Rig, language: str) -> None:
    """Message for message, words and buttons are those that a leader of that language then gets."""
    leader = hilo.join(language)
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Ver cómo le llega")
    if language == "en":
        ana.press("English")
    looked: list[tuple[str, list[list[str]]]] = []
    while ana.last.keyboard[-1][0].label == "Volver al envío":
        check(ana)
        own = [[button.label for button in row] for row in ana.last.keyboard[:-1]]
        looked.append((ana.last.text or "", own))
        ana.press_id(ana.last.keyboard[0][0].id, ana.last.order)
    ana.press("Enviar")
    hilo.tick()
    arrived = [shown(leader)]
    leader.press(words(leader, "button.start"))
    arrived.append(shown(leader))
    leader.say("2")
    arrived.append(shown(leader))

    assert looked[:3] == arrived
    assert len(looked) == 7


def shown(phone: Phone) -> tuple[str, list[list[str]]]:
    """Return words and buttons of her newest message."""
    return phone.last.text or "", [[button.label for button in row] for row in phone.last.keyboard]


def test_the_look_tells_what_it_is_for(hilo: Rig) -> None:
    """The button that asks why shows the card as a leader will read it."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Ver cómo le llega")
    ana.press("¿Para qué es?")

    assert PURPOSE in (ana.last.text or "")
    assert "Hasta que se cumpla." in (ana.last.text or "")


KEPT = ("runs", "answers", "media", "deliveries", "broadcasts", "alerts", "readings", "messages")


@pytest.mark.parametrize("ending", ["whole", "later", "send"])
def test_a_test_to_oneself_leaves_no_trace(hilo: Rig, ending: str) -> None:
    """However a test ends, no table has a row more; while it is under way, no answer is kept and nothing counts it."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    before = {table: hilo.count(table) for table in KEPT}
    ana.press("Mandarme una prueba")
    ana.press("Sí, ahora")
    ana.say("2")
    ana.say("Una prueba con palabras.")
    assert hilo.count("answers") == before["answers"]
    with hilo.reading() as unit:
        row = unit.runs.open(ana.person)
        assert row is not None
        assert (
            unit.connection.exec_driver_sql(
                "SELECT v.kind FROM runs r JOIN dialog_versions v ON v.hash = r.dialog_hash ORDER BY r.started_at DESC"
            )
            .scalars()
            .all()[0]
            == "staff"
        )
    if ending == "whole":
        ana.press("Listo")
        ana.press("1 · Nada por ahora")
    elif ending == "send":
        ana.press("Enviar")
        ana.press("Cancelar")
    else:
        ana.press("Listo")
        ana.press("Más tarde")
    after = {table: hilo.count(table) for table in KEPT}
    if ending == "send":
        assert hilo.rows("SELECT count(*) FROM runs WHERE status != 'completed'") == [(0,)]
    else:
        assert ana.last.text == texts().say("ask.test.over", "es")
        assert after == before
        ana.press("Volver al envío")
        assert "Enviar" in ana.last.labels

    assert after["answers"] == before["answers"]
    assert after["runs"] == before["runs"]


def test_a_test_that_is_left_lying_goes_by_itself(hilo: Rig) -> None:
    """What she said in it is gone an hour later; the order it was for is still there."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    before = hilo.count("runs")
    ana.press("Mandarme una prueba")
    ana.press("Sí, ahora")
    ana.say("2")
    hilo.tick()
    assert hilo.count("runs") == before + 1
    hilo.advance(hours=2)
    hilo.tick()
    assert hilo.rows("SELECT count(*) FROM runs WHERE started_by = 'staff'") == [(before,)]
    ana.say("Ya no está.")
    ana.press(*["Volver al envío"] if "Volver al envío" in ana.last.labels else ["Menú"])

    assert hilo.count("answers") == 4


def test_a_voice_note_in_a_test_is_not_kept(hilo: Rig) -> None:
    """It is heard as an answer, and neither its row nor its file stays."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Mandarme una prueba")
    ana.press("Sí, ahora")
    ana.say("2")
    person = ana.person
    hilo.messenger.give_file(ana.chat, Kind.VOICE, samples.ogg(), seconds=3)
    hilo.keep()
    fetched = FetchResult("voice", shelved=MediaStore(hilo.folder).put(person.id, person.key, samples.ogg(), 3))
    with hilo.unit() as unit:
        (row,) = unit.inbox.pending(unit.now, 1)
        hilo.receive.step(unit, row, fetched)
    hilo.send()

    assert "Listo" in ana.last.labels
    assert not fetched.taken
    assert hilo.count("media") == 0


def test_a_test_says_what_it_is_for(hilo: Rig) -> None:
    """In a test the purpose can be read as whoever gets it will."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press("Mandarme una prueba")
    ana.press("¿Para qué es?")

    assert PURPOSE in ana.told


def test_a_test_of_the_first_dialog_changes_nothing_of_hers(hilo: Rig) -> None:
    """Who tries `welcome` keeps her language, her hours and her phone as they were."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press(words(ana, "button.next"))
    ana.press("Para acomodarme a ti")
    say_why(ana)
    before = dict(ana.person.preferences)
    ana.press("Mandarme una prueba")
    ana.press("Sí, ahora")
    for said in ("2", "2", "1", "2", "2", "1"):
        ana.say(said)
        if "Listo" in ana.last.labels:
            ana.press("Listo")
    ana.say("/parar")

    assert dict(ana.person.preferences) == before
    assert ana.person.language == "es"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_asking_can_be_said(language: str) -> None:
    """What is said in asking is there for whoever is addressed as tú or usted, and in English."""
    for code in ("ask.what", "ask.why", "own.ready", "lib.pick", "ask.test.over"):
        assert texts().say(code, language)


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_order_that_was_left_is_a_tap_away(hilo: Rig, language: str) -> None:
    """What only had to be sent is offered where asking begins, until it is sent or dropped."""
    hilo.join()
    ana = hilo.facilitator(language)
    way_through(ana, language)
    ana.say("/menu")
    ana.press(words(ana, "menu.ask"))
    check(ana)
    ana.press(words(ana, "button.ask_left"))
    assert TITLE[language] in (ana.last.text or "")
    ana.press(words(ana, "button.ask_send"))
    ana.say({"es": "/preguntar", "en": "/ask"}[language])
    check(ana)

    assert words(ana, "button.ask_left") not in ana.last.labels
    assert words(ana, "button.ask_last") in ana.last.labels
