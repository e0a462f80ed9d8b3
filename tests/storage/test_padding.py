"""Padding: a length tells in which step a value lies, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.padding import BadPadding, pad, rounded, strip


@given(st.binary(max_size=1500))
def test_what_is_padded_comes_back(plain: bytes) -> None:
    """Any bytes come back; names go up by 64 bytes, everything else by 256."""
    for (table, column), step in {
        ("answers", "value"): 256,
        ("people", "nickname"): 64,
        ("runs", "state"): 256,
    }.items():
        padded = pad(plain, table, column)

        assert strip(padded) == plain
        assert len(padded) % step == 0
        assert 4 <= len(padded) - len(plain) < step + 4


@given(st.integers(0, 1 << 26))
def test_a_file_goes_up_to_the_next_twentieth(size: int) -> None:
    """A file's length is one of twenty in each octave, and at most a twentieth more than it was."""
    whole = rounded(size)

    assert size <= whole <= max(256, size * 1.05)
    assert rounded(whole) == whole
    assert len({rounded((1 << 20) + each) for each in range(0, 1 << 20, 1 << 10)}) <= 22


@pytest.mark.parametrize("wrong", [b"", b"\0\0", b"\0\0\0\5four", b"\xff\xff\xff\xff" + bytes(60)])
def test_what_is_not_padded_is_not_taken(wrong: bytes) -> None:
    """What says that it is longer than it is, or says nothing, is no padded value."""
    with pytest.raises(BadPadding):
        strip(wrong)
