"""The messenger in memory has a person's side that is as easy to use as a phone."""

import asyncio

import pytest

from bot.messengers.port import Button, Outgoing, Unreachable
from tests.memory import MemoryMessenger


def test_labels_are_pressed_on_the_newest_keyboard_that_has_them() -> None:
    """Of two keyboards with the same label the newer one is pressed, and an older one can be by id."""
    memory = MemoryMessenger()
    memory.say("7", "hola")
    for question in ("1", "2"):
        asyncio.run(memory.send(Outgoing("7", f"¿{question}?", ((Button("Sí", f"yes-{question}"),),))))
    memory.press("7", "Sí")
    memory.press_id("7", "yes-1", 2)
    presses = asyncio.run(memory.fetch(None, 0)).updates[1:]
    assert [press.button for press in presses] == ["yes-2", "yes-1"]
    with pytest.raises(LookupError, match="no button says 'No'"):
        memory.press("7", "No")


def test_the_screen_is_what_a_person_sees() -> None:
    """Both sides' words and the buttons as they are now; a message without words shows that it is one."""
    memory = MemoryMessenger()
    memory.say("7", "hola")
    asyncio.run(memory.send(Outgoing("7", "¿Seguimos?", ((Button("Sí", "1"), Button("No", "2")),))))
    memory.edit("7", 1, "buenas")
    assert memory.screen("7") == "> buenas\n¿Seguimos?\n[ Sí ] [ No ]"
    assert memory.screen("8") == ""
    with pytest.raises(LookupError):
        memory.edit("7", 2, "no mío")


def test_scripted_failures_end() -> None:
    """A failure hits the chat it is for, as often as it was ordered."""
    memory = MemoryMessenger()
    memory.say("7", "hola")
    memory.say("8", "hola")
    memory.fail(Unreachable("scripted"), times=2, chat="7")
    asyncio.run(memory.send(Outgoing("8", "hola")))
    for _ in range(2):
        with pytest.raises(Unreachable):
            asyncio.run(memory.send(Outgoing("7", "hola")))
    asyncio.run(memory.send(Outgoing("7", "hola")))
    assert [outgoing.chat for outgoing in memory.sent] == ["8", "7"]
