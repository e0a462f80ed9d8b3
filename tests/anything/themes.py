"""What kind of life a history tells: of some of what may happen, there is far more in it than of the rest.

A history in which everything is as likely as everything else seldom comes to what needs several steps of one kind. So
it has a theme, and what goes wrong in it is of few kinds, as it is for a while in life.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.anything.world import Fate

__all__ = ["THEMES", "TROUBLES", "WEATHER", "Fates", "Theme", "Trouble", "often"]

Theme: TypeAlias = Literal["anything", "talking", "a bad night", "comings and goings", "orders"]
THEMES: Final[tuple[Theme, ...]] = ("anything", "talking", "a bad night", "comings and goings", "orders")
FATES: Final[tuple[Fate, ...]] = ("flood", "slow", "unreached", "lost", "cut", "cut", "dies", "ends")


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of the next sends, one after the other.

    Attributes:
        fates: of each of them.
        alike: whether each chat meets them all, else whichever is sent to next.
    """

    fates: tuple[Fate, ...]
    alike: bool = False


Trouble: TypeAlias = int | Fates | None
"""After how many steps the process dies; or what becomes of the next sends; or none."""
MIXED: Final = st.lists(st.sampled_from((*FATES, "well")), min_size=1, max_size=4).map(tuple)
STRETCH: Final = st.builds(lambda fate, times: (fate,) * times, st.sampled_from(FATES), st.integers(2, 6))
"""What goes wrong goes wrong for a while."""
TROUBLES: Final[st.SearchStrategy[Trouble]] = st.one_of(
    st.none(), st.integers(0, 6), st.builds(Fates, MIXED, st.booleans()), st.builds(Fates, STRETCH, st.booleans())
)
REFUSED: Final[st.SearchStrategy[Fates]] = st.builds(Fates, st.one_of(MIXED, STRETCH), st.booleans())
WEATHER: Final = st.lists(st.sampled_from(FATES), min_size=1, max_size=4).map(tuple)
"""What goes wrong in a history with a theme."""


def often(*themes: Theme, **drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Make a rule of something that happens often in histories of these themes, and now and then in the others."""

    def made(happens: Callable[..., None]) -> Any:
        return precondition(lambda self: self.fits(themes))(rule(**drawn)(happens))  # type: ignore[call-overload]  # none is its target

    return made
