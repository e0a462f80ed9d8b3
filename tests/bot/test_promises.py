"""What an organisation writes is looked at for promises when it is written: warned about kindly, never refused."""

import pytest

from bot.services import promises
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.rig import Rig
from tests.bot.shell import Shell
from tests.bot.test_care_lines import admin, put
from tests.bot.test_mail import answered, opened, wrote
from tests.bot.test_questions import write

SAID = {"es": "Aquí es seguro y te vamos a llamar pronto.", "en": "It is safe here. We will call you soon."}


@pytest.mark.parametrize("language", ["es", "en"])
def test_each_promise_is_named_by_its_words(language: str) -> None:
    """And what is said not to be so is none."""
    assert (
        promises.words(SAID[language], language)
        == {
            "es": ["pronto", "te vamos a llamar", "seguro"],
            "en": ["soon", "will call you", "safe"],
        }[language]
    )
    assert promises.words("Telegram no es secreto." if language == "es" else "Telegram is not secret.", language) == []
    assert promises.words("Ma tlen seguro", "nah") == []


def test_a_question_of_ones_own_is_kept_with_a_warning(hilo: Rig) -> None:
    """In chat the author reads which words promise something, below the question as it is kept; another is not."""
    hilo.join()
    ana = hilo.facilitator()
    write(ana, "open", "Cuéntanos, es confidencial. ¿Qué pasó?")
    assert words(ana, "promise.warning", words="«confidencial»") in ana.told
    assert hilo.count("own_dialogs") == 1
    write(ana, "open", "¿Qué les pareció la asamblea?")

    assert "promete algo" not in ana.told


def test_a_care_line_is_kept_with_a_warning(hilo: Rig) -> None:
    """The line stands on the card, and the admin reads what it promises."""
    sol = admin(hilo)
    put(hilo, sol, whom="Rosa te va a ayudar")

    assert words(sol, "promise.warning", words="«te va a ayudar»") in sol.told
    assert sol.told.startswith(words(sol, "care.line.added"))


def test_a_file_and_doctor_say_what_is_promised(console: Shell) -> None:
    """Setup keeps the words, and says which they are; doctor says it again until they are changed."""
    language = console.language
    text = SAID[language]
    (console.folder / "a.yaml").write_text(f"name: Casa\nwhy: {text}\ncare_card: {{{language}: {text}}}\n", "utf-8")
    told = console.good("setup", "--from", "a.yaml")
    for said in promises.words(text, language):
        assert console.says("cli.setup.promise", words=said) in told
    found = "; ".join(f"{key}: {said}" for key in ("why", "care_card") for said in promises.words(text, language))
    assert console.says("cli.doctor.promises", what=found) in console("doctor").out
    (console.folder / "a.yaml").write_text(f"why: Para oír\ncare_card: {{{language}: Rosa}}\n", "utf-8")
    console.good("setup", "--from", "a.yaml")

    assert "why: " not in console("doctor").out


def test_a_purpose_that_promises_is_named_before_it_is_sent(hilo: Rig) -> None:
    """The confirmation says which words, and the button that it goes like that; changed, it is sent as ever."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana, purpose="Para saber quién quiere que le llamemos pronto a su casa.")
    warning = words(ana, "promise.before", words="«pronto»")
    assert warning in (ana.last.text or "")
    assert words(ana, "button.ask_send") not in ana.last.labels
    sent = ana.button(words(ana, "button.ask_send_anyway"))
    ana.press(words(ana, "button.ask_why"))
    for said in ("Para saber qué le falta a cada comunidad este mes.", "Las que preparamos talleres", "El jueves"):
        ana.say(said)
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))
    assert warning not in (ana.last.text or "")
    assert words(ana, "button.ask_send") in ana.last.labels
    ana.press_id(*sent)

    assert hilo.count("broadcasts") == 1


def test_a_reply_that_promises_is_asked_about_before_it_goes(hilo: Rig) -> None:
    """It goes all the same, is written anew, or is dropped; one that promises nothing goes at once."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    leader.look()
    answered(hilo, ana, "Te vamos a llamar pronto.")
    assert "«pronto», «Te vamos a llamar»" in ana.told
    assert leader.news == []
    ana.press("2 · Cambiarlo")
    ana.say("El jueves lo vemos en la asamblea.")
    ana.press("1 · Mandar a nombre del equipo")
    assert "El jueves lo vemos en la asamblea." in leader.told
    assert "pronto" not in leader.told
    opened(ana)
    answered(hilo, ana, "Ya viene la ayuda, es seguro.")
    ana.press("1 · Mandarlo así")
    assert "es seguro" in leader.told
    opened(ana)
    leader.look()
    answered(hilo, ana, "Te van a llamar.")
    ana.press("3 · No mandar")

    assert leader.news == []
    assert ana.told == words(ana, "mail.not_sent")
    assert "words" not in ana.answers


def test_the_check_of_a_file_names_the_line(console: Shell) -> None:
    """A dialog of one's own is good, and each promise is said with its line and its words."""
    console.good("migrate")
    folder = console.folder / "dialogs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.yaml").write_text(OWN, "utf-8")
    told = console.good("dialog", "check")
    where = f"{folder / 'own.yaml'}:{{line}}: {console.says('issue.warning')}: "

    assert f"{where.format(line=9)}what.label: {console.says('issue.promise', words='confidencial')}" in told
    assert f"{where.format(line=13)}how.choices[2].label: {console.says('issue.promise', words='pronto')}" in told
    assert "issue.promise" not in told
    assert told.count(console.says("issue.promise", words="confidencial")) == 1


OWN = """spec: 1
name: own
kind: check_in
languages: [es]
title: {es: Prueba}
why: {es: Para probar.}
steps:
  - {type: text, name: what, label: {es: "¿Qué pasó?
      Es confidencial."}}
  - type: select_one
    name: how
    label: {es: "¿Cómo?"}
    choices: [{name: a, label: {es: Bien}}, {name: b, label: {es: Que me llamen pronto}}]
"""
