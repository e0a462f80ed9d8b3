"""What an organisation writes is looked at for promises when it is written: warned about kindly, never refused."""

import pytest

from bot.services import promises
from tests.bot.leader import words
from tests.bot.rig import Rig
from tests.bot.shell import Shell
from tests.bot.test_care_lines import admin, put
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
