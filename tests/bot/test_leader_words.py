"""Plain words without a slash, words for the team, and words that may be an answer: none is lost."""

import pytest

from bot.rendering import commands
from tests.bot.actions import COMMANDS, SAID
from tests.bot.leader import check, follow, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts


def writing(hilo: Rig, language: str = "es") -> Phone:
    """Bring someone to an open question in words."""
    phone = hilo.join(language)
    hilo.ask(phone)
    phone.say("2")
    assert "2 de 4" in phone.told or "2 of 4" in phone.told
    return phone


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("menú", "home"),
        ("MENU", "home"),
        ("¡Ayuda!", "help"),
        ("help", "help"),
        ("pausa", "pause"),
        ("pause", "pause"),
        ("ya no", "rest"),
        ("alto", "rest"),
        ("no more", "rest"),
        ("borrar", "erase"),
        ("erase", "erase"),
        ("regresar", "back"),
        ("back", "back"),
        ("saltar", "skip"),
        ("skip", "skip"),
        ("apoyo", "support"),
        ("support", "support"),
        ("¿para qué?", "why"),
        ("quien lee", "who"),
        ("mis respuestas", "mine"),
        ("equipo", "team"),
        ("salir", "leave"),
        ("más tarde", "later"),
    ],
)
def test_plain_words_of_both_languages_are_known(said: str, action: str) -> None:
    """Accents, capitals and marks do not count; both languages always work."""
    assert commands.plain_word(said) == action


@pytest.mark.parametrize("said", ["no quiero pausa", "el menú de hoy", "sí", "no", "2", "gracias", ""])
def test_a_sentence_is_no_plain_word(said: str) -> None:
    """Only the whole word counts, never a part of what she says."""
    assert commands.plain_word(said) is None


def test_every_plain_word_has_a_button_that_says_what_it_means() -> None:
    """Whatever may be asked for by a word can be named when it is doubtful."""
    for action in set(SAID.values()):
        for language in ("es", "en"):
            assert texts().say(f"meant.{action}", language)


def test_every_command_of_leaders_is_there_in_both_languages() -> None:
    """The commands of the product's page, each in both languages, ask for the same."""
    pairs = (
        ("apoyo", "support"),
        ("ayuda", "help"),
        ("paraque", "why"),
        ("quien", "who"),
        ("misdatos", "mydata"),
        ("acuerdo", "agreement"),
        ("borrar", "erase"),
        ("pausa", "pause"),
        ("seguir", "resume"),
        ("salir", "leave"),
        ("idioma", "language"),
        ("horario", "hours"),
        ("voz", "voice"),
        ("regresar", "back"),
        ("saltar", "skip"),
        ("luego", "later"),
        ("cambiar", "change"),
        ("equipo", "team"),
    )

    assert [pair for pair in pairs if COMMANDS[pair[0]] != COMMANDS[pair[1]]] == []


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"start"}))
def test_every_command_leads_on(hilo: Rig, command: str) -> None:
    """Whatever she asks for by a command, idle or in the middle of a question, ends at a screen with a way on."""
    phone = hilo.join()
    phone.say(f"/{command}")
    check(phone)
    hilo.ask(phone)
    phone.say(f"/{command}")
    check(phone)


@pytest.mark.parametrize(("language", "said", "code"), [("es", "pausa", "pause"), ("en", "skip", "skip")])
def test_a_plain_word_in_an_open_text_is_asked_about(hilo: Rig, language: str, said: str, code: str) -> None:
    """Nothing is guessed: both readings are on buttons, and nothing is answered meanwhile."""
    phone = writing(hilo, language)
    phone.say(said)

    assert phone.told == words(phone, "leader.which")
    assert phone.last.labels == [words(phone, "button.is_answer"), words(phone, f"meant.{code}")]
    assert "week" not in phone.values
    assert phone.messages == [("held", said)]


def test_the_word_was_the_answer(hilo: Rig) -> None:
    """Then it is kept as the answer to the question it was said to, and nowhere else."""
    phone = writing(hilo)
    phone.say("Pausa")
    phone.press("Es mi respuesta")

    assert phone.values["week"] == ("Pausa",)
    assert phone.messages == []


def test_the_word_asked_for_something(hilo: Rig) -> None:
    """Then it is done, and the word is forgotten."""
    phone = writing(hilo)
    phone.say("saltar")
    phone.press("Quiero saltar la pregunta")

    assert "3 de 4" in phone.told
    assert phone.values["week"] is None
    assert phone.messages == []


def test_the_word_is_the_answer_even_after_the_question_has_moved(hilo: Rig) -> None:
    """The button keeps the question the word was said to."""
    phone = writing(hilo)
    phone.say("pausa")
    phone.say("Hubo junta.")
    phone.press("Listo")
    phone.press("Es mi respuesta")

    assert phone.values["week"] == ("Hubo junta.", "pausa")
    assert phone.run.state["position"] == "need"


def test_pressing_twice_decides_once(hilo: Rig) -> None:
    """A second press on either button changes nothing and says so."""
    phone = writing(hilo)
    phone.say("pausa")
    both = phone.button("Es mi respuesta")
    phone.press_id(*both)
    phone.press_id(*both)

    assert phone.values["week"] == ("pausa",)
    assert phone.told == words(phone, "home.decided")


def test_a_plain_word_at_a_question_with_choices_is_done_at_once(hilo: Rig) -> None:
    """Where no word is an answer there is no doubt."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("saltar")
    assert "2 de 4" in phone.told
    phone.say("Ya.")
    phone.press("Listo")
    phone.say("regresar")

    assert "2 de 4" in phone.told


def test_a_reply_is_never_a_plain_word(hilo: Rig) -> None:
    """What replies to a question is said to that question."""
    phone = writing(hilo)
    order = phone.last.order
    phone.say("pausa", reply_to=order)

    assert phone.values["week"] == ("pausa",)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_next_words_go_to_the_team(hilo: Rig, language: str) -> None:
    """Who asks to write to the team writes once, and it is there, with her group."""
    phone = hilo.join(language)
    phone.say("/team")
    phone.say("Se cayó el puente.")

    assert phone.told == words(phone, "home.passed_on")
    assert phone.messages == [("to_team", "Se cayó el puente.")]
    phone.say("Y otra cosa.")
    assert phone.messages[1] == ("held", "Y otra cosa.")


def test_a_plain_word_for_the_team_is_a_message(hilo: Rig) -> None:
    """What was asked for is taken as it is."""
    phone = hilo.join()
    phone.say("equipo")
    phone.say("Ayuda")

    assert phone.messages == [("to_team", "Ayuda")]


def test_what_stands_on_the_way_out_is_no_message(hilo: Rig) -> None:
    """Typed as it stands on the button, "mejor no" tells the team nothing; a bare "no" may be meant for them."""
    phone = hilo.join()
    phone.say("equipo")
    phone.say("Mejor no.")

    assert phone.told == words(phone, "leader.words.cancelled")
    assert phone.messages == []


def test_words_in_one_line_with_the_command_reach_the_team(hilo: Rig) -> None:
    """Words after the command for the team are passed on at once, in the middle of a question too."""
    phone = writing(hilo)
    phone.say("/equipo Se cayó el puente.")

    assert phone.told == words(phone, "home.passed_on")
    assert phone.messages == [("to_team", "Se cayó el puente.")]
    follow(phone, "button.go_on")
    assert "2 de 4" in phone.told


def test_in_the_middle_of_a_question_the_team_is_written_to_all_the_same(hilo: Rig) -> None:
    """The open question waits, gets no word of it, and is one press away."""
    phone = writing(hilo)
    phone.say("/equipo")
    phone.say("Se cayó el puente.")
    assert "week" not in phone.values
    assert phone.messages == [("to_team", "Se cayó el puente.")]
    phone.press("Seguir con las preguntas")

    assert "2 de 4" in phone.told


def test_whoever_thinks_better_of_it_sends_nothing(hilo: Rig) -> None:
    """[Mejor no], or any other button, ends the waiting."""
    phone = hilo.join()
    phone.say("/equipo")
    follow(phone, "button.rather_not")
    phone.say("Hola.")
    assert phone.messages == [("held", "Hola.")]
    phone.say("/equipo")
    phone.say("/menu")
    phone.say("Buenas.")

    assert phone.messages[-1] == ("held", "Buenas.")


def test_an_answer_after_the_waiting_is_an_answer(hilo: Rig) -> None:
    """When she went on with her questions instead, what she says next is theirs."""
    phone = writing(hilo)
    phone.say("/equipo")
    hilo.advance(minutes=1)
    phone.press("Saltar")
    phone.press("3 · Información")
    phone.say("Del agua.")

    assert phone.values["need_about"] == "Del agua."
    assert phone.messages == []


def test_after_an_hour_nobody_waits_any_more(hilo: Rig) -> None:
    """Words that come much later are asked about, as any others."""
    phone = hilo.join()
    phone.say("/equipo")
    hilo.advance(hours=2)
    phone.say("Hola.")

    assert phone.messages == [("held", "Hola.")]


@pytest.mark.parametrize("action", sorted(set(SAID.values())))
def test_every_word_that_was_no_answer_does_what_it_asks_for(hilo: Rig, action: str) -> None:
    """Whatever it leads to, by a tap: the rig refuses an action that leads to another and that to a third."""
    her = writing(hilo)
    her.say(next(word for word, meant in SAID.items() if meant == action))
    if (label := words(her, f"meant.{action}")) not in her.last.labels:
        return  # it names what stands on this screen, and is done at once
    her.look()
    her.press(label)

    assert her.news
