"""How the buttons of a question stand."""

import pytest

from bot.messengers.port import Button
from bot.rendering.keyboards import A_ROW, prompt
from dialogs.types.range import MOST_BUTTONS
from tests.bot.rig import Rig, texts


@pytest.mark.parametrize("count", range(1, MOST_BUTTONS + 1))
def test_a_scale_stands_in_as_few_even_rows_as_a_messenger_takes(count: int) -> None:
    """Telegram puts eight side by side: a scale of up to that many is one row, from 0 to 10 it is six and five."""
    scale = [Button(str(number), str(number)) for number in range(count)]
    rows = prompt(scale, [], [])

    assert [button for row in rows for button in row] == scale
    assert len(rows) == (1 if count <= A_ROW else 2)
    assert max(map(len, rows)) - min(map(len, rows)) <= 1
    assert max(map(len, rows)) <= A_ROW


def test_where_presses_tell_their_keyboard_it_shrinks_to_what_was_chosen(hilo: Rig) -> None:
    """What was pressed and what leads to help stay below a message that led on; a screen in place keeps all."""
    phone = hilo.join()
    hilo.messenger.tells_keyboards = True
    phone.say("Se cayó el puente.")
    asked = phone.last
    phone.press("Sí")

    assert asked.labels == ["Sí", "Necesito apoyo"]
    assert phone.last.order != asked.order
    phone.say("/menu")
    menu = phone.last
    before = menu.labels
    phone.press(texts().say("button.know", "es"))
    assert menu.order == phone.last.order  # it has changed in place
    phone.press("Menú")
    assert menu.labels == before


def test_a_page_of_the_team_keeps_its_buttons(hilo: Rig) -> None:
    """What is opened from a notice comes below; the notice shrinks, and the page stays whole while a voice is heard."""
    phone = hilo.join()
    ana = hilo.facilitator()
    hilo.messenger.tells_keyboards = True
    phone.say("Se cayó el puente.")
    phone.press("Sí")
    notice = ana.last
    ana.press("Por atender")
    listed = ana.last.labels

    assert notice.labels == ["Por atender"]
    assert listed == ana.last.labels
    ana.say("/menu")
    menu = ana.last
    ana.press("Leer")
    assert menu.labels == ["Leer", "Necesito apoyo"]
