"""A question with more choices than a phone shows: they stand on pages, in the same message."""

import pytest

from bot.rendering.ids import short_id
from tests.bot.leader import check, words
from tests.bot.rig import Phone, Rig

GROUPS = 23


@pytest.fixture
def rosa(hilo: Rig) -> Phone:
    """An admin of many groups."""
    for place in range(GROUPS):
        hilo.cohort(f"Grupo {place:02d}")
    return hilo.facilitator(nickname="Rosa", cohort=None, role="admin")


def begins(rosa: Phone) -> list[str]:
    """Begin an invite; returns the groups on the first page."""
    rosa.say("/invitar")
    rosa.press(words(rosa, "button.invite_new"))
    check(rosa)
    return groups(rosa)


def groups(rosa: Phone) -> list[str]:
    """Return the groups on the present page."""
    return [label for label in rosa.last.labels if "Grupo" in label]


def test_every_choice_stands_on_one_page(rosa: Phone) -> None:
    """Forward and back over all of them: each is offered once, with its own number, in one message."""
    found, first = begins(rosa), begins(rosa)
    order = rosa.last.order
    while words(rosa, "button.next") in rosa.last.labels:
        rosa.press(words(rosa, "button.next"))
        check(rosa)
        found += groups(rosa)
    assert found == [f"{place + 1} · Grupo {place:02d}" for place in range(GROUPS)]
    while words(rosa, "button.before") in rosa.last.labels:
        rosa.press(words(rosa, "button.before"))

    assert groups(rosa) == first
    assert rosa.last.order == order


def test_a_choice_of_a_further_page_counts(rosa: Phone) -> None:
    """Pressed on the second page, or typed by its number from the first, it is the answer."""
    begins(rosa)
    rosa.press(words(rosa, "button.next"))
    rosa.press(groups(rosa)[0])
    chosen = rosa.values["group"]
    begins(rosa)
    rosa.say("23")

    assert chosen != rosa.values["group"]
    assert rosa.run.state["position"] == "uses"


def test_a_page_of_a_question_that_was_answered_changes_nothing(rosa: Phone) -> None:
    """An old button that turned pages leads on kindly."""
    begins(rosa)
    button, order = rosa.button(words(rosa, "button.next"))
    rosa.press(groups(rosa)[0])
    before = rosa.values
    rosa.press_id(button, order)

    assert rosa.values == before
    assert rosa.run.state["position"] == "uses"
    assert rosa.last.labels


def test_ticks_stay_on_their_page(hilo: Rig, rosa: Phone) -> None:
    """Of several choices on a further page each is ticked where it stands."""
    eva = hilo.facilitator(nickname="Eva", cohort="Grupo 00")
    with hilo.unit() as unit:
        button = hilo.turns.speech(unit, rosa.person).buttons.plain("grant", short_id(eva.person.id))
    rosa.press_id(button)
    rosa.press(rosa.last.labels[0])
    rosa.press(words(rosa, "button.next"))
    one, two, *_ = groups(rosa)
    rosa.press(one)
    rosa.press(two)
    check(rosa)

    assert {f"✓ {one}", f"✓ {two}"} <= set(rosa.last.labels)
