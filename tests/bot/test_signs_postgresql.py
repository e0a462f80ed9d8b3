"""Signs on PostgreSQL: one is written, judged by the group and the team, worded anew; answers lie beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.erasure import erase
from tests.bot.orders import say
from tests.bot.rig import Rig
from tests.bot.test_signs import SIGN, stored, switched_on, together, written
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported


@pytest.fixture
def hilo(tmp_path: Path, databases: Databases) -> Iterator[Rig]:  # noqa: F811  pytest's way of asking for it
    """One installation on PostgreSQL."""
    url = databases.take()
    it = Rig(tmp_path, url=url)
    yield it
    it.close()
    databases.give(url)


@pytest.mark.proof
def test_signs_on_postgresql(hilo: Rig) -> None:
    """Every statement of it runs there."""
    switched_on(hilo)
    luna = hilo.join(nickname="Luna")
    hilo.ask(luna)
    luna.say("4")
    luna.say("Habló mi hija.")
    luna.press("Listo")
    ana = hilo.facilitator()
    written(ana, SIGN)
    together(ana, "2")
    ana.press(say("button.sign_team"))
    ana.say("3")
    ana.say("En las listas van las mismas.")
    ana.say("/leer")
    ana.press(say("button.read_next"))
    ana.press(say("button.lay"))
    ana.press(SIGN)
    ana.press(say("button.lift"))
    ana.press(say("button.lay_again"))
    ana.press(say("button.sign"))
    ana.press(say("button.sign_reword"))
    ana.say("Las jóvenes deciden en la asamblea")
    ana.say("1")
    ana.press(say("button.sign_earlier"))

    assert "En las listas van las mismas." in (ana.last.text or "")
    assert [each.laid for each in stored(hilo)] == [1, 0]
    with hilo.unit() as unit:
        erase(unit, luna.person.id)
    assert hilo.count("evidence") == 0
