"""What she answered the last time may stand beside a question, and never on a phone that others see."""

import pytest

from bot.content import LIBRARY
from bot.services.members import WELCOME_AT
from tests.bot.phone import Phone
from tests.bot.rig import Rig

pytestmark = pytest.mark.usefixtures("at_once")

SHOWN = "La vez pasada: ${last-saved#mood}"


@pytest.fixture
def her(hilo: Rig) -> Phone:
    """A leader, and a check-in of the house's own whose first question shows what was said the last time."""
    text = (LIBRARY / "check_in.yaml").read_text("utf-8").replace("name: check_in", "name: ours")
    before, after = text.split("    name: mood\n", 1)
    hilo.own.mkdir()
    (hilo.own / "ours.yaml").write_text(f'{before}    name: mood\n    hint:\n      es: "{SHOWN}"\n{after}', "utf-8")
    hilo.again()
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    return phone


def ask(hilo: Rig, her: Phone) -> str:
    """Ask it, and begin; returns the first question."""
    hilo.ask(her, dialog="ours")
    return her.last.text or ""


def test_it_shows_the_last_answer_and_nothing_the_first_time(hilo: Rig, her: Phone) -> None:
    """The line is left out until there is one; an answer of now is not the last one."""
    assert "La vez pasada" not in ask(hilo, her)
    her.say("2")
    hilo.advance(days=4)
    assert "La vez pasada: 🙁 Bajo" in ask(hilo, her)
    her.say("4")
    hilo.advance(days=4)
    with hilo.unit() as unit:
        unit.people.prefer(her.person, phone="shared")

    assert "La vez pasada" not in ask(hilo, her)
