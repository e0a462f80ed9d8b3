"""What could give somebody away to the group is named at the last look, before it is sent."""

import pytest

from tests.bot.asking import prepare, say_why
from tests.bot.leader import words
from tests.bot.orders import finish
from tests.bot.rig import Rig


@pytest.mark.parametrize(
    ("purpose", "named"),
    [
        ("Para entender mejor lo que nos contó Ceiba del pozo en su comunidad.", "«Ceiba»"),
        (
            "Para ver si quieren hablar de que la bomba lleva rota desde el martes, y qué hacer.",
            "«la bomba lleva rota desde el martes, y»",
        ),
        ("Para saber qué piensan de lo que propuso la tesorera del comité del agua.", "«la tesorera»"),
        ("Para saber qué hacer, ya que solo tres compañeras pudieron ir a la junta.", "«tres compañeras»"),
    ],
)
def test_a_purpose_that_exposes_is_named_before_it_is_sent(hilo: Rig, purpose: str, named: str) -> None:
    """A nickname, somebody's own words, a post, a count of few; written anew, it is sent as ever."""
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    finish(leader, "La bomba lleva rota desde el martes y no han venido.")
    ana = hilo.facilitator()
    prepare(ana, purpose=purpose)
    assert words(ana, "expose.before", words=named) in (ana.last.text or "")
    assert words(ana, "button.ask_send_anyway") in ana.last.labels
    ana.press(words(ana, "button.ask_why"))
    for said in ("Para saber qué le falta a cada comunidad este mes.", "Las que preparamos talleres", "El jueves"):
        ana.say(said)
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))

    assert "dar a conocer" not in (ana.last.text or "")
    assert words(ana, "button.ask_send") in ana.last.labels


def test_a_question_that_exposes_is_written_anew_from_the_last_look(hilo: Rig) -> None:
    """What changes its words stands first; written anew, the last look comes back with the reason as it was."""
    hilo.join(nickname="Ceiba")
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press(words(ana, "button.ask_own"))
    ana.say("¿Qué opinan de lo que dijo Ceiba?")
    ana.press("1 · Con sus palabras o su voz")
    ana.press(words(ana, "button.own_done"))
    say_why(ana)
    assert words(ana, "expose.before", words="«Ceiba»") in (ana.last.text or "")
    change = words(ana, "button.ask_words")
    assert ana.last.labels.index(change) == ana.last.labels.index(words(ana, "button.ask_why")) - 1
    ana.press(change)
    ana.say("¿Qué opinan de la asamblea?")
    ana.press("1 · Con sus palabras o su voz")
    ana.press(words(ana, "button.own_done"))

    assert words(ana, "button.ask_send") in ana.last.labels
    assert change not in ana.last.labels
