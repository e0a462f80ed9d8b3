"""What one of the team types on a screen that asks is taken as its answer, and a draft that was left is found.

Each begins with a command or a press and goes by pressing and typing alone.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage.tables import runs
from tests.bot.asking import prepare, say_why, send
from tests.bot.leader import check, words
from tests.bot.orders import TITLES, finish, panel
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

ASKED = {"es": "¿Qué día les queda bien?", "en": "Which day suits you?"}
OPTIONS = {"es": "4 · Con opciones que tú pones", "en": "4 · With options you give"}
CHOICES = {"es": "Lunes\nMartes", "en": "Monday\nTuesday"}
OTHER_PURPOSE = "Para escoger el día de la próxima asamblea"
ADDED = "Ya lo agregué a tu respuesta."


def taps(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the presses of this phone: a list that grows with each."""
    made: list[str] = []
    press = phone.press

    def counted(label: str) -> None:
        made.append(label)
        press(label)

    monkeypatch.setattr(phone, "press", counted)
    return made


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_own_question_with_options_takes_eight_taps(
    hilo: Rig, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the menu to sent: everything that can be typed is typed where it is asked for."""
    leader = hilo.join(language)
    ana = hilo.facilitator(language)
    ana.say("/menu")
    made = taps(ana, monkeypatch)
    ana.press(words(ana, "menu.ask"))
    ana.say(ASKED[language])
    ana.press(OPTIONS[language])
    ana.say(CHOICES[language])
    if words(ana, "button.own_done") in ana.last.labels:
        ana.press(words(ana, "button.own_done"))
    say_why(ana)
    ana.press(words(ana, "button.ask_send"))
    hilo.tick()
    leader.press(words(leader, "button.start"))

    assert len(made) <= 8, made
    assert ASKED[language] in leader.told


def test_a_question_is_typed_where_one_chooses_also_with_several_groups(hilo: Rig) -> None:
    """It is kept while the group is chosen, which can be typed too; a name that fits none is said so."""
    hilo.join()
    hilo.cohort("Costa")
    ana = hilo.facilitator(cohort=None)
    ana.say("/preguntar")
    ana.say(ASKED["es"])
    ana.say("Los de allá")
    assert words(ana, "ask.whom.unknown") in ana.told
    check(ana)
    ana.say("sierra")

    assert "¿Cómo se va a contestar?" in ana.told


def test_a_purpose_is_typed_below_the_earlier_ones(hilo: Rig) -> None:
    """Nothing is pressed: what she types is what for, and whoever gets it reads it."""
    leader = hilo.join(nickname="Ceiba")
    ana = hilo.facilitator()
    send(ana)
    hilo.tick()
    leader.press("Sí, ahora")
    finish(leader)
    hilo.advance(hours=2)
    ana.say("/preguntar")
    ana.press("Sobre este chat")
    assert PURPOSE in (ana.last.text or "")
    say_why(ana, OTHER_PURPOSE)
    assert OTHER_PURPOSE in (ana.last.text or "")
    ana.press("Enviar")
    hilo.tick()
    leader.press("¿Para qué es?")

    assert OTHER_PURPOSE in leader.told


def test_a_purpose_too_short_is_asked_again_and_not_lost(hilo: Rig) -> None:
    """The wizard says what is needed, as it does where it asked itself."""
    hilo.join()
    ana = hilo.facilitator()
    send(ana)
    hilo.advance(hours=2)
    ana.say("/preguntar")
    ana.press("Sobre este chat")
    ana.say("saber")

    assert "Por ejemplo" in ana.told
    assert ADDED not in ana.told


def own(phone: Phone, form: str = OPTIONS["es"], options: str = CHOICES["es"]) -> None:
    """Write a question of her own up to where it is shown."""
    phone.say("/preguntar")
    phone.say(ASKED["es"])
    phone.press(form)
    if options:
        phone.say(options)


@pytest.mark.parametrize("said", ["agrega: no sé", "Agrégale no sé", "otra opción: No sé"])
def test_an_option_is_added_below_the_question(hilo: Rig, said: str) -> None:
    """The question is shown with it; nothing is said of an answer, as there is none."""
    hilo.join("en")
    ana = hilo.facilitator()
    own(ana)
    assert "Tu pregunta: «¿Qué día les queda bien?»\n1 · Lunes\n2 · Martes" in ana.told
    ana.say(said)

    assert "3 · No sé" in ana.told
    assert ADDED not in ana.screen()
    check(ana)


def test_words_that_may_be_either_are_asked_about(hilo: Rig) -> None:
    """The question in other words, one more option, or neither: it is asked, and each does what it says."""
    hilo.join("en")
    ana = hilo.facilitator()
    own(ana)
    ana.say("El domingo")
    check(ana)
    ana.press("Ninguna de las dos")
    assert "1 · Lunes\n2 · Martes" in (ana.last.text or "")
    assert "domingo" not in (ana.last.text or "")
    ana.say("El domingo")
    ana.press("Una opción más")
    assert "3 · El domingo" in (ana.last.text or "")
    ana.say("¿Y qué día no?")
    ana.press("La pregunta")

    assert "Tu pregunta: «¿Y qué día no?»\n1 · Lunes\n2 · Martes\n3 · El domingo" in (ana.last.text or "")
    assert len(hilo.content.written) == 1


def test_a_sixth_option_does_not_fit(hilo: Rig) -> None:
    """It is said, and the question stays as it was."""
    hilo.join("en")
    ana = hilo.facilitator()
    own(ana, options="a\nb\nc\nd\ne")
    ana.say("agrega: f")

    assert words(ana, "own.option.not") in ana.told
    assert "5 · E" in ana.told
    assert "6 · F" not in ana.told


def test_a_question_without_options_is_said_anew(hilo: Rig) -> None:
    """Its form stays; the words are the ones typed last."""
    hilo.join("en")
    ana = hilo.facilitator()
    own(ana, "2 · Sí o no", "")
    ana.say("¿Fuiste a la asamblea?")

    assert "Tu pregunta: «¿Fuiste a la asamblea?»" in ana.told
    assert [dialog.title["es"] for dialog in hilo.content.written.values()] == ["¿Fuiste a la asamblea?"]


def test_new_words_are_typed_where_a_step_is_shown(hilo: Rig) -> None:
    """In the library: on a step they are what it says; before that they wait until it is said what they are for."""
    ana = hilo.facilitator()
    ana.say("/conversaciones")
    ana.press("¿Cómo vas?")
    ana.press("Hacer una copia")
    ana.press("Cambiar palabras")
    ana.say("1")
    assert words(ana, "lib.part") in ana.told
    ana.say("¿Cómo andas hoy?")
    assert words(ana, "lib.changed") in ana.told
    ana.press("Cambiar palabras")
    ana.say("¿Cómo te fue?")
    assert words(ana, "lib.pick.first") in ana.told
    check(ana)
    ana.press("El título")

    (copy,) = hilo.content.written.values()
    assert copy.title["es"] == "¿Cómo te fue?"
    assert copy.steps[0].label["es"] == "¿Cómo andas hoy?"


def test_after_a_wizard_words_are_no_more_of_its_answer(hilo: Rig) -> None:
    """A wizard that is done takes nothing more: what is said then is said to nobody, and Hilo says so."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.say("Y otra cosa que se me olvidó")

    assert ADDED not in ana.screen()
    assert words(ana, "home.not_kept") in ana.told


def test_a_cry_on_a_list_is_heard_and_a_purpose_is_for_others(hilo: Rig) -> None:
    """Where one only chooses, words of danger are hers; where she writes what others read, they are not."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "danger_words": {"es": ["me pega"]}})
    hilo.join()
    ana = hilo.facilitator()
    send(ana)
    hilo.advance(hours=2)
    ana.say("/preguntar")
    ana.press("Sobre este chat")
    say_why(ana, "Para saber a quién le dicen «me pega mi marido»")
    assert hilo.count("alerts") == 0
    ana.say("/preguntar")
    ana.say("me pega mi marido")

    assert hilo.count("alerts") == 1


def test_commands_in_words_stay_commands(hilo: Rig) -> None:
    """No question is called "menú"."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.say("menú")

    assert words(ana, "menu.ask") in ana.last.labels
    assert hilo.count("own_dialogs") == 0


def test_after_an_hour_words_are_no_longer_for_the_screen(hilo: Rig) -> None:
    """Whoever comes back to the chat much later writes to nobody, and is told so."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    hilo.advance(hours=1, minutes=1)
    ana.say(ASKED["es"])

    assert words(ana, "home.not_kept") in ana.told


# A draft that was left.


def left(phone: Phone) -> None:
    """Leave for the menu, and come back to the draft."""
    phone.say("/menu")
    phone.press(words(phone, "menu.ask"))
    phone.press("Seguir con mi borrador")


def test_a_draft_left_at_the_purpose_is_found(hilo: Rig) -> None:
    """It goes on at the question that was open, and ends in an order."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    ana.say(PURPOSE)
    left(ana)
    assert "¿A quién le va a servir" in ana.told
    ana.press("Saltar")
    ana.press("Saltar")
    ana.press("5 · Hasta que se cumpla")
    ana.press("Enviar")

    assert hilo.count("broadcasts") == 1


def test_a_question_left_half_written_is_found(hilo: Rig) -> None:
    """Also after another wizard: the words she wrote are not asked again."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.say(ASKED["es"])
    ana.say("/invitar")
    ana.press(words(ana, "button.invite_new"))
    left(ana)
    assert "¿Cómo se va a contestar?" in ana.told
    ana.press("2 · Sí o no")

    assert [dialog.title["es"] for dialog in hilo.content.written.values()] == [ASKED["es"]]


def test_a_draft_left_at_the_group_is_found(hilo: Rig) -> None:
    """The group is asked again, and the question is still there."""
    hilo.join()
    hilo.cohort("Costa")
    ana = hilo.facilitator(cohort=None)
    ana.say("/preguntar")
    ana.say(ASKED["es"])
    left(ana)
    assert words(ana, "ask.whom") == ana.last.text
    ana.say(SIERRA)
    ana.press("2 · Sí o no")

    assert [dialog.title["es"] for dialog in hilo.content.written.values()] == [ASKED["es"]]


def test_a_draft_that_is_ready_or_sent_is_not_begun_again(hilo: Rig) -> None:
    """A ready one shows its confirmation; after sending there is nothing to go on with."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    left(ana)
    assert "Enviar" in ana.last.labels
    ana.press("Enviar")
    ana.say("/preguntar")

    assert texts().say("button.ask_left", "es") not in ana.last.labels


def test_a_question_that_comes_back_within_the_minute_is_answered(hilo: Rig) -> None:
    """Words are taken for what asked last, though rows tell no seconds."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.press("Más tarde")
    with hilo.reading() as unit:
        back = unit.connection.execute(select(runs.c.resume_at)).scalar_one()
    hilo.now = back + timedelta(seconds=20)
    phone.say("/equipo")
    hilo.advance(seconds=20)
    hilo.tick()
    assert "ánimo" in phone.told
    phone.say("2")

    assert "valga la pena contar" in phone.told
    assert hilo.count("messages") == 0


@pytest.mark.parametrize("language", ["es", "en"])
def test_two_options_that_say_the_same_are_asked_back(hilo: Rig, language: str) -> None:
    """Nobody could tell them apart: what one of them should say is asked, and typed or taken off, before going on."""
    hilo.join(language)
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(words(ana, "menu.ask"))
    ana.say(ASKED[language])
    ana.press(OPTIONS[language])
    ana.say("A, b, B, a")
    assert words(ana, "own.same", n=3, label="B") in ana.told
    assert words(ana, "button.own_done") not in ana.last.labels
    ana.say("C")
    assert "3 · C" in ana.told
    assert words(ana, "own.same", n=4, label="A") in ana.told
    check(ana)
    ana.press(words(ana, "button.own_same", n=4))

    assert "4 · A" not in (ana.last.text or "")
    assert words(ana, "button.own_done") in ana.last.labels
    ana.say({"es": "agrega: c", "en": "add: c"}[language])
    assert words(ana, "own.same", n=4, label="C") in ana.told


def test_two_equal_options_alone_get_other_words(hilo: Rig) -> None:
    """Where only two are left none can be taken off, and what is too long for an option is asked again."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(words(ana, "menu.ask"))
    ana.say(ASKED["es"])
    ana.press(OPTIONS["es"])
    ana.say("Sí, sí")
    assert words(ana, "button.own_same", n=2) not in ana.last.labels
    ana.say("x" * 61)
    assert words(ana, "own.option.not") in (ana.last.text or "")
    ana.say("No")

    assert "2 · No" in ana.told


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_typed_where_it_is_told_is_what_was_heard(hilo: Rig, language: str) -> None:
    """On the list, and on the screen of one: the next question asks what follows."""
    leader = hilo.join(language)
    ana = hilo.facilitator(language)
    send(ana, TITLES[language].split(" · ")[0])
    hilo.tick()
    leader.press(words(leader, "button.start"))
    leader.say("2")
    panel(ana, TITLES[language])
    ana.press(words(ana, "button.order_end"))
    ana.press(words(ana, "button.order_end_yes"))
    ana.say("/menu")
    ana.press(words(ana, "menu.told"))
    ana.say(OTHER_PURPOSE)
    assert ana.told == {"es": "¿Y qué sigue?", "en": "And what follows?"}[language]

    ana.say("/menu")
    ana.press(words(ana, "menu.told"))
    ana.press(f"{TITLES[language].split(' · ')[0]} · Sierra Norte")
    ana.say(OTHER_PURPOSE)
    assert ana.told == {"es": "¿Y qué sigue?", "en": "And what follows?"}[language]


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_wizard_never_offers_a_later_it_has_not(hilo: Rig, language: str) -> None:
    """Whatever is missed in a row, no sentence is the one before, and each names a button that is there."""
    hilo.join(language)
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(words(ana, "menu.ask"))
    ana.say(ASKED[language])
    told = []
    for each in ("zzz", "qqq", "www"):
        ana.say(each)
        told.append((ana.last.text or "").partition("\n\n")[0])
        assert words(ana, "button.stop.wizard") in ana.last.labels

    assert told[1:] == [words(ana, "refused.again.staff"), words(ana, "refused.still.staff")]
