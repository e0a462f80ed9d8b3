"""When a comparison fails: where more was lost than may be, beyond what a busy machine makes of nothing."""

import random
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.verdict import LEAST, USUAL, Limit, decided, judge, limits, spared

TURNS, MEMORY = USUAL
taken = st.floats(0.01, 1_000)
pairs = st.lists(st.tuples(taken, taken), min_size=1, max_size=40)


def times(loss: float, noise: float, count: int, chance: random.Random) -> list[tuple[float, float]]:
    """Make pairs of a head that takes so many percent more, on a machine that is so much out of step."""
    return [(chance.gauss(1, noise), chance.gauss(1 + loss / 100, noise)) for _ in range(count)]


@given(pairs)
def test_nothing_lost_is_never_a_fault(measured: list[tuple[float, float]]) -> None:
    """A head that takes what the base takes, or less, is never blamed, however the pairs differ among themselves."""
    for limit in USUAL:
        assert not judge(limit, [(base, base) for base, _ in measured]).lost
        assert not judge(limit, [(max(pair), min(pair)) for pair in measured]).lost


@given(pairs, st.floats(0.0501, 9))
def test_what_each_pair_lost_is_lost(measured: list[tuple[float, float]], share: float) -> None:
    """Where every pair lost over the limit, it is lost; where every pair lost less, it is not."""
    whole = statistics.median(base for base, _ in measured)
    assert judge(TURNS, [(base, base + share * whole) for base, _ in measured]).lost
    assert not judge(TURNS, [(base, base + 0.0499 * whole) for base, _ in measured]).lost
    assert judge(MEMORY, [(base, base + 3.01) for base, _ in measured]).lost
    assert not judge(MEMORY, [(base, base + 2.99) for base, _ in measured]).lost


@given(pairs)
def test_a_few_pairs_alone_blame_nobody(measured: list[tuple[float, float]]) -> None:
    """What is lost was lost in most of the pairs, and in all of them where they are few."""
    for limit in USUAL:
        over = sum(judge(replace(limit, unit="MB"), [pair]).lost for pair in measured)
        if judge(replace(limit, unit="MB"), measured).lost:
            assert over > len(measured) / 2
            assert over == len(measured) or len(measured) > 7


def test_a_machine_too_busy_to_tell_blames_nobody() -> None:
    """Where the base comes out as less than nothing, nothing is known; one such pair among others does no harm."""
    assert not judge(TURNS, [(-0.1, 1.0)] * 12).lost
    assert not judge(TURNS, [(1.0, 1.0)] * 11 + [(-0.5, 1.0)]).lost
    assert judge(TURNS, [(1.0, 1.1)] * 11 + [(-0.5, 1.0)]).lost


def test_how_many_pairs_may_be_below() -> None:
    """As the tables of the sign test have it, one-sided at 5 %."""
    assert {count: spared(count) for count in (1, 4, 5, 7, 8, 12, 20, 24)} == {
        1: 0, 4: 0, 5: 0, 7: 0, 8: 1, 12: 2, 20: 5, 24: 7
    }  # fmt: skip  # a table


@given(pairs, st.floats(-5, 5))
def test_what_is_left_out_would_have_changed_nothing(measured: list[tuple[float, float]], shift: float) -> None:
    """Once it is decided that nothing is lost, no pair that comes makes it lost; and what is lost is never decided."""
    count = len(measured)
    alike = [(100.0, 100 + head / 100 + shift) for _, head in measured]  # a base that takes the same all the time
    for limit, whole in ((MEMORY, [(base, base + head / 100 + shift) for base, head in measured]), (TURNS, alike)):
        early = [place for place in range(1, count + 1) if decided(limit, whole[:place], count)]
        assert not (early and judge(limit, whole).lost)
        assert count < LEAST or bool(early) is not judge(limit, whole).lost
        assert not any(judge(limit, whole[:place]).lost for place in early)


def test_what_costs_nothing_is_decided_soon() -> None:
    """After three pairs, where all of them lost nothing; after some more, where some of them seem to have."""
    same, worse = (1.0, 1.0), (1.0, 1.2)
    assert [decided(TURNS, [same] * place, 12) for place in (2, 3)] == [False, True]
    assert [decided(TURNS, [worse, worse, *[same] * place], 12) for place in (2, 3)] == [False, True]
    assert [decided(MEMORY, [same] * place, 5) for place in (2, 3)] == [False, True]
    assert not decided(TURNS, [(-0.1, 1.0)] * 12, 12)


@given(pairs, st.randoms(), st.floats(1, 5))
def test_the_judgement_is_fair(measured: list[tuple[float, float]], chance: random.Random, factor: float) -> None:
    """The order of the pairs does not matter, nor, for a share, how fast the machine is; and worse is never better."""
    for limit in USUAL:
        lost = judge(limit, measured).lost
        assert judge(limit, chance.sample(measured, len(measured))).lost == lost
        assert not lost or judge(limit, [(base, head * factor) for base, head in measured]).lost
    doubled = [(base * 2, head * 2) for base, head in measured]
    assert judge(TURNS, doubled) == judge(TURNS, measured)


@pytest.mark.parametrize("count", [12, 24])
@pytest.mark.parametrize("noise", [0.01, 0.05, 0.15])
def test_noise_alone_is_no_fault(noise: float, count: int) -> None:
    """Whatever a machine is out of step, an unchanged tree is blamed once in a hundred looks at most."""
    chance = random.Random(1)
    wrong = sum(judge(TURNS, times(0, noise, count, chance)).lost for _ in range(1_000))

    assert wrong <= 10


@pytest.mark.parametrize(("loss", "noise", "found"), [(10, 0.02, 950), (15, 0.05, 900), (20, 0.1, 600)])
def test_a_loss_is_found(loss: float, noise: float, found: int) -> None:
    """A loss that is worth finding is found by both looks: ten percent on a quiet machine, twenty on a busy one."""
    chance = random.Random(1)
    looks = [all(judge(TURNS, times(loss, noise, count, chance)).lost for count in (12, 24)) for _ in range(1_000)]

    assert sum(looks) >= found


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """A base with one decision, which gave up much in its time, and a head with the same one."""
    for name in ("base", "head"):
        folder = tmp_path / name / "docs/adr"
        folder.mkdir(parents=True)
        (folder / "0001-before.md").write_text("# 0001: Before\n\nGives up: turns 50 %\n", "utf-8")
    return tmp_path / "base", tmp_path / "head"


def decide(head: Path, name: str, text: str) -> None:
    """Take a decision."""
    (head / "docs/adr" / name).write_text(f"# {name}\n\nStatus: holds\n\n{text}\n", "utf-8")


def test_what_was_given_up_before_is_not_given_up_again(trees: tuple[Path, Path]) -> None:
    """A decision that the base has, too, changes no limit."""
    assert limits(*trees) == list(USUAL)


def test_a_decision_gives_up_by_name(trees: tuple[Path, Path]) -> None:
    """New decisions raise the limit of what they name, to what they give together, and never lower one."""
    decide(trees[1], "0002-slower.md", "Gives up: turns 8 %")
    assert limits(*trees) == [Limit("turns", 8, "%", given=True), MEMORY]

    decide(trees[1], "0003-slower-still.md", "We weighed it.\n\nGives up: turns 4.5 %\nGives up: memory 1 MB")
    assert limits(*trees) == [Limit("turns", 12.5, "%", given=True), MEMORY]


@pytest.mark.parametrize("wrong", ["Gives up: turn 8 %", "Gives up: turns 8 MB", "Gives up: memory 8 %"])
def test_a_decision_that_gives_up_nothing_known_is_told(trees: tuple[Path, Path], wrong: str) -> None:
    """A slip in the line is a sentence that names the page, and not a limit that silently holds."""
    decide(trees[1], "0002-slip.md", wrong)

    with pytest.raises(ValueError, match=r"docs/adr/0002-slip.md gives up .* turns in %, memory in MB"):
        limits(*trees)
