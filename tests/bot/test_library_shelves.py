"""Whose an own dialog is, and the library's shelves: to be used again, sent once, sent to nobody."""

import pytest

from tests.bot.leader import check, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig

COAST = "Costa"
ASKED = {"es": "¿Qué les pareció la asamblea?", "en": "What did you think of the assembly?"}


def write(phone: Phone, language: str = "es", *, send: bool) -> None:
    """Write a question of one's own, and send it to the group or leave it."""
    phone.say("/preguntar" if language == "es" else "/ask")
    phone.press(words(phone, "button.ask_own"))
    phone.say(ASKED[language])
    phone.press(next(label for label in phone.last.labels if label.startswith("1 · ")))
    phone.press(words(phone, "button.own_done"))
    if not send:
        return
    phone.say({"es": "Para saber qué sigue.", "en": "To know what comes next."}[language])
    for _ in range(2):
        phone.press(words(phone, "button.skip"))
    phone.press(next(label for label in phone.last.labels if label.startswith("1 · ")))
    phone.press(words(phone, "button.ask_send"))


def shelf(phone: Phone, code: str = "") -> list[str]:
    """Open the library, or one of its shelves; returns its labels."""
    phone.say("/conversaciones")
    if code:
        phone.press(next(label for label in phone.last.labels if label.startswith(words(phone, code, n="※")[:9])))
    check(phone)
    return phone.last.labels


def offered(phone: Phone) -> str:
    """Return what there is to choose from when asking, page by page."""
    phone.say("/preguntar")
    found = list(phone.last.labels)
    while words(phone, "button.next") in phone.last.labels:
        phone.press(words(phone, "button.next"))
        found += phone.last.labels
    return " ".join(found)


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_question_sent_once_stands_apart_until_it_is_kept(hilo: Rig, language: str) -> None:
    """Neither among what is chosen from nor in the library's list; one tap brings it there, and it can be renamed."""
    hilo.join()
    ana = hilo.facilitator(language)
    write(ana, language, send=True)
    title = ASKED[language][:12]
    assert title not in offered(ana)
    assert not any(title in label for label in shelf(ana))
    shelf(ana, "button.lib_once")
    ana.press(next(label for label in ana.last.labels if title in label))
    ana.press(words(ana, "button.lib_keep"))
    check(ana)
    assert (ana.last.text or "").startswith(words(ana, "lib.kept"))
    assert title in offered(ana)
    shelf(ana)
    ana.press(next(label for label in ana.last.labels if title in label))
    ana.press(words(ana, "button.lib_rename"))
    ana.say({"es": "La asamblea", "en": "The assembly"}[language])
    shelf(ana)

    assert any({"es": "La asamblea", "en": "The assembly"}[language] in label for label in ana.last.labels)


def test_what_was_left_unsent_stands_apart(hilo: Rig) -> None:
    """A draft is found on its own shelf, and is off it once it is sent."""
    hilo.join()
    ana = hilo.facilitator()
    write(ana, send=False)
    assert ASKED["es"][:12] not in offered(ana)
    assert any(ASKED["es"][:12] in label for label in shelf(ana, "button.lib_unsent"))
    ana.press(next(label for label in ana.last.labels if ASKED["es"][:12] in label))
    ana.press(words(ana, "button.lib_retire"))

    assert words(ana, "button.lib_unsent", n="1") not in shelf(ana)


@pytest.mark.parametrize("language", ["es", "en"])
def test_own_ones_stand_in_any_order(hilo: Rig, language: str) -> None:
    """Of four copies each goes where it is moved: up, down, to the top, to the bottom; the others keep their order."""
    ana = hilo.facilitator(language)
    for title in shelf(ana)[:4]:
        shelf(ana)
        if title not in ana.last.labels:
            ana.press(words(ana, "button.next"))
        ana.press(title)
        ana.press(words(ana, "button.lib_copy"))
        hilo.advance(minutes=1)

    def order() -> list[str]:
        return [label for label in shelf(ana) if label.startswith("✎")]

    def moved(label: str, *ways: str) -> list[str]:
        order()
        ana.press(label)
        ana.press(words(ana, "button.lib_move"))
        for way in ways:
            check(ana)
            ana.press(words(ana, f"button.lib_move.{way}"))
        return order()

    a, b, c, d = order()
    assert moved(d, "u") == [a, b, d, c]
    assert moved(a, "d", "d") == [b, d, a, c]
    assert moved(c, "f") == [c, b, d, a]
    assert moved(c, "l") == [b, d, a, c]
    ana.press(c)
    ana.press(words(ana, "button.lib_move"))
    assert not {words(ana, "button.lib_move.d"), words(ana, "button.lib_move.l")} & set(ana.last.labels)
    assert f"4 · {c.removeprefix('✎ ')[:12]}" in (ana.last.text or "")


def test_another_groups_is_neither_seen_nor_changed(hilo: Rig) -> None:
    """A button of hers that somebody else has opens nothing; the house's is seen, and changed by an admin alone."""
    hilo.join()
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva", cohort=COAST)
    root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    shelf(ana)
    ana.press("¿Cómo vas?")
    ana.press(words(ana, "button.lib_copy"))
    mine = next(label for label in shelf(ana) if label.startswith("✎"))
    assert mine in shelf(root)
    assert mine not in shelf(eva)
    assert mine.removeprefix("✎ ") not in offered(eva)
    ana.press(mine)
    with hilo.reading() as unit:
        (name,) = [each.name for each in unit.own_dialogs.list()]
        button = hilo.turns.speech(unit, eva.person).buttons.plain("lib_retire", name[-4:])
    before = hilo.rows("SELECT retired_at FROM own_dialogs")
    eva.press_id(button)
    assert hilo.rows("SELECT retired_at FROM own_dialogs") == before
    shelf(root)
    root.press("Sobre este chat")
    root.press(words(root, "button.lib_copy"))
    house = next(label for label in shelf(eva) if label.startswith("✎"))
    eva.press(house)

    assert words(eva, "button.lib_words") not in eva.last.labels
    assert words(eva, "button.lib_copy") in eva.last.labels
