"""How the buttons of a question stand."""

import pytest

from bot.messengers.port import Button
from bot.rendering.keyboards import A_ROW, prompt
from dialogs.types.range import MOST_BUTTONS


@pytest.mark.parametrize("count", range(1, MOST_BUTTONS + 1))
def test_a_scale_stands_in_as_few_even_rows_as_a_messenger_takes(count: int) -> None:
    """Telegram puts eight side by side: a scale of up to that many is one row, from 0 to 10 it is six and five."""
    scale = [Button(str(number), str(number)) for number in range(count)]
    rows = prompt(scale, [], [])

    assert [button for row in rows for button in row] == scale
    assert len(rows) == (1 if count <= A_ROW else 2)
    assert max(map(len, rows)) - min(map(len, rows)) <= 1
    assert max(map(len, rows)) <= A_ROW
