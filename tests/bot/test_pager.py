"""The one pager: which page is shown, and the row of buttons that turns it."""

import pytest

from bot.conversation.screen import Pager
from bot.messengers.port import Button


def button(code: str, page: int) -> Button:
    """Make a button that tells what it was made of."""
    return Button(f"{code} {page}", "id")


@pytest.mark.parametrize(
    ("items", "page", "shown", "turns"),
    [
        (0, 0, [], []),
        (0, 7, [], []),
        (3, 0, [0, 1, 2], []),
        (4, 0, [0, 1, 2], ["button.next 1"]),
        (4, 1, [3], ["button.before 0"]),
        (4, 9, [3], ["button.before 0"]),
        (4, -9, [0, 1, 2], ["button.next 1"]),
        (9, 1, [3, 4, 5], ["button.before 0", "button.next 2"]),
    ],
)
def test_the_nearest_page_is_shown(items: int, page: int, shown: list[int], turns: list[str]) -> None:
    """A page that is not there is the nearest that is; there is a way back and a way on where there are pages."""
    pager = Pager.of(items, 3, page)

    assert list(pager.cut(range(items))) == shown
    assert [each.label for row in pager.turns(button) for each in row] == turns


@pytest.mark.parametrize(("items", "page", "shown"), [(4, 0, 4), (4, 1, 4), (3, 0, 3), (5, 0, 3), (7, 1, 3), (7, 2, 1)])
def test_one_too_many_for_the_first_page_stands_there(items: int, page: int, shown: int) -> None:
    """Nobody turns a page for one item alone, where it takes the place of the buttons that turn."""
    pager = Pager.of(items, 3, page, joined=True)

    assert len(pager.cut(range(items))) == shown
    assert bool(pager.turns(button)) is (items > 4)


def test_ways_may_be_called_otherwise() -> None:
    """Who turns within what is turned says so in words of its own."""
    assert Pager(1, before=True, after=True).turns(button, "back", "on") == (
        (Button("back 0", "id"), Button("on 2", "id")),
    )
