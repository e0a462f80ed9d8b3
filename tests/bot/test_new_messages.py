"""What waits for an answer: told by what was shown, never by a clock; walked through by pressing."""

import pytest

from tests.bot.leader import words
from tests.bot.rig import Rig
from tests.bot.test_mail import conversations, opened, states, wrote

LANGUAGES = ("es", "en")
SENDS = {"es": "1 · Mandar a nombre del equipo", "en": "1 · Send in the team's name"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_said_at_the_moment_of_the_reply_waits(hilo: Rig, language: str) -> None:
    """Also after the clock was put back: it stands last, the list shows it first, and it is what she reads."""
    leader = wrote(hilo)
    ana = hilo.facilitator(language)
    opened(ana)
    ana.press(words(ana, "button.mail_reply"))
    ana.say("Mañana vamos.")
    ana.press(SENDS[language])
    assert states(hilo) == ["answered"]
    hilo.advance(hours=-1)
    leader.say("/equipo")
    leader.say("Y la luz.")
    assert states(hilo) == ["taken"]
    opened(ana)
    shown = ana.last.text or ""

    assert shown.index("Se cayó el puente.") < shown.index("Mañana vamos.") < shown.index("Y la luz.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conversation_is_closed_as_she_was_shown_it(hilo: Rig, language: str) -> None:
    """What came while she turned back to an earlier page was not shown: it is, before anything is closed."""
    leader = wrote(hilo, "Se cayó el puente y nadie ha venido a verlo. " * 40)
    ana = hilo.facilitator(language)
    opened(ana)
    leader.say("Ya pasó el agua.")
    leader.press("Sí")
    ana.press(words(ana, "button.before"))
    ana.press(words(ana, "button.mail_close"))
    assert f"{words(ana, 'mail.more')}\n\nColibrí" in ana.screen()
    assert "Ya pasó el agua." in ana.screen()
    assert states(hilo) == ["new"]
    ana.press(words(ana, "button.mail_close"))

    assert [each.state for each in conversations(hilo, closed=True)] == ["closed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_leaves_waiting_what_came_while_it_was_written(hilo: Rig, language: str) -> None:
    """It is answered by nobody: whoever looks later finds it in the list, and not among what is answered."""
    leader = wrote(hilo)
    ana = hilo.facilitator(language)
    opened(ana)
    ana.press(words(ana, "button.mail_reply"))
    leader.say("Y la luz.")
    leader.press("Sí")
    ana.say("Mañana vamos.")
    ana.press(SENDS[language])
    assert words(ana, "mail.more") in ana.told
    assert states(hilo) == ["taken"]
    eva = hilo.facilitator(language, "Eva")
    opened(eva)
    assert "Y la luz." in (eva.last.text or "")
    opened(ana)
    ana.press(words(ana, "button.mail_reply"))
    ana.say("También la luz.")
    ana.press(SENDS[language])

    assert states(hilo) == ["answered"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_writes_without_having_looked_is_told_what_waits_and_only_that(hilo: Rig, language: str) -> None:
    """To her, from her sheet: what nobody answered goes on waiting; what another answered does not come up again."""
    wrote(hilo)
    eva = hilo.facilitator(language, "Eva")
    for waits, state in ((True, "taken"), (False, "answered")):
        eva.say("/personas" if language == "es" else "/people")
        eva.press(next(label for label in eva.last.labels if label.startswith("Colibrí")))
        eva.press(words(eva, "button.write_to"))
        eva.say("¿Cómo vas?")
        eva.press(SENDS[language])
        assert (words(eva, "mail.more") in eva.told) is waits
        assert states(hilo) == [state]
        opened(eva)
        eva.press(words(eva, "button.mail_reply"))
        eva.say("Ya vi lo del puente.")
        eva.press(SENDS[language])
        assert states(hilo) == ["answered"]
