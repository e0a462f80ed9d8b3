"""What buttons carry: every argument is read as it was written, within a button's room, and by one layout alone."""

from datetime import date
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.participant.answers import AnswerMedia, OneAnswer
from bot.pipeline.screens import registry
from bot.rendering.arguments import Argument, decoded

KINDS = sorted(
    {kind for action in registry().actions.values() for kind in action.arguments}, key=lambda kind: kind.__name__
)
WORD = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return what a field of a type may be."""
    if hint is UUID:
        return st.uuids()
    if hint == tuple[UUID, ...]:
        return st.lists(st.uuids(), min_size=1, max_size=3).map(tuple)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    number = st.integers(0, 999)
    return {int: number, int | None: st.none() | number, bool: st.booleans(), str: WORD, date: st.dates()}[hint]


def test_there_are_arguments_to_try() -> None:
    """Each class of arguments is found."""
    assert len(KINDS) >= 40


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_an_argument_is_read_as_it_was_written(kind: Any, data: st.DataObject) -> None:
    """Whatever a button is made to carry comes back the same."""
    hints = get_type_hints(kind)
    made = kind(**{name: data.draw(values(hints[name])) for name in kind.__match_args__})
    read = kind.decoded(made.encoded())

    assert read is not None
    assert read.encoded() == made.encoded()


@pytest.mark.parametrize("written", ["", "x", ".", "..", "q", "9" * 40, "A" * 22 + "~~", "ñ.1", "T20260231"])
def test_what_fits_no_layout_is_none(written: str) -> None:
    """Nothing that was not written by a layout raises; it is read, or it is not."""
    for action in registry().actions.values():
        if action.arguments:
            found = decoded(action.arguments, written)
            assert found is None or isinstance(found, Argument)


def test_a_layout_that_does_not_fit_its_fields_is_a_mistake() -> None:
    """A field that the layout forgets, a tail that may lack without a default, and a type that no button carries."""

    class Forgets(Argument):
        layout: ClassVar[str] = "{one}"
        one: int
        two: int = 0

    class Lacks(Argument):
        layout: ClassVar[str] = "{one}[.{two}]"
        one: int
        two: int

    class Heavy(Argument):
        layout: ClassVar[str] = "{one}"
        one: float

    for kind in (Forgets, Lacks, Heavy):
        with pytest.raises(TypeError):
            kind.decoded("1")


def test_an_argument_is_a_frozen_value() -> None:
    """It is made by place or by name, equals its like, and never changes; a field too many or too few is a mistake."""
    run = UUID(int=1)
    assert OneAnswer(run, 2) == OneAnswer(run=run, place=2, page=0)
    assert len({OneAnswer(run, 2), OneAnswer(run, 2, 0), OneAnswer(run, 3)}) == 2
    assert OneAnswer(run, 2) != AnswerMedia(run, 2)
    for values, named in (((run,), {}), ((run, 1, 2, 3), {}), ((run, 1), {"place": 2}), ((run, 1), {"way": 2})):
        with pytest.raises(TypeError):
            OneAnswer(*values, **named)
    with pytest.raises(AttributeError):
        OneAnswer(run, 2).page = 3  # type: ignore[misc]  # that is the mistake
