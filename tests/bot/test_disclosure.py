"""What may leave the team is decided by one function: attacked by a program that knows nothing of it, and by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bot.services import freezing
from bot.services.disclosure import ANSWERED, BAND, QuestionCounts, lowest, related, tellable
from bot.services.freezing import RECORDED
from tests.amounts import LIVES, SEQUENCES
from tests.bot.attacker import Told, small_counts
from tests.bot.lives import HAPPENS, lives

LETTERS = "abcdef"
SILENT, LEAVES, CHANGES = 0.1, 0.06, 0.02
TOLD_AT_ONCE, RECORDS, ERASES = 0.4, 0.4, 0.2
PART = 1_000  # sequences of one test
Decides = Callable[[QuestionCounts, list[QuestionCounts]], Mapping[str, int]]


def as_it_is(counted: QuestionCounts, told: list[QuestionCounts]) -> Mapping[str, int]:
    """Let every figure leave as it was counted."""
    del told
    return counted.figures


def in_bands(counted: QuestionCounts, told: list[QuestionCounts]) -> Mapping[str, int]:
    """Let every figure leave from five on, in bands of five, whatever left before."""
    del told
    return {name: lowest(people) for name, people in counted.figures.items() if people >= BAND}


def sequence(number: int, decides: Decides, width: int) -> tuple[list[Told], str, bool]:
    """Let groups be asked one question some times, while people come, go, move and are erased, and tell what it allows.

    Returns:
        What left, the question's options, and whether any count of one to four was among what was counted.
    """
    chance = Random(number)
    options = LETTERS[: chance.randrange(2, 7)]
    likely = [chance.choice((1, 1, 2, 6)) for _ in options]
    minds = {person: None if chance.random() < SILENT else chance.choices(options, likely)[0] for person in range(400)}
    groups = [set(range(chance.randrange(5, 40)))]
    groups.append({*chance.sample(sorted(groups[0]), len(groups[0]) // 2), *range(300, 300 + chance.randrange(1, 12))})
    told: list[QuestionCounts] = []
    left: list[Told] = []
    small, erased, newest = False, set[int](), 100
    for _ in range(chance.randrange(1, 7)):
        at = chance.choice((0, 0, 0, 1))
        asked = groups[at]
        figures = {option: sum(minds[person] == option for person in asked) for option in options}
        figures[ANSWERED] = sum(figures.values())
        small = small or any(0 < people < BAND for people in figures.values())
        found = decides(QuestionCounts(frozenset(asked), len(asked), figures, group=at), told)
        if found:
            told.append(QuestionCounts(frozenset(asked), len(asked), found, group=at))
            counts = {tuple(options) if name == ANSWERED else (name,): (n, n + width) for name, n in found.items()}
            left.append(Told(frozenset(asked), counts))
        for person in sorted(asked):
            if chance.random() < LEAVES:
                asked.discard(person)
                if chance.random() < CHANGES * 10:
                    erased.add(person)
                elif chance.random() < SILENT:
                    groups[1 - at].add(person)
        for _ in range(chance.randrange(4)):
            asked.add(newest)
            newest += 1
        groups = [group - erased for group in groups]
        told = [QuestionCounts(each.people - erased, each.asked, each.figures, group=each.group) for each in told]
    return left, options, small


def counts_of(people: frozenset[int], minds: Mapping[int, str | None], options: str) -> dict[str, int]:
    """Count what some people said."""
    figures = {option: sum(minds[person] == option for person in people) for option in options}
    return {**figures, ANSWERED: sum(figures.values())}


def with_records(number: int, width: int) -> tuple[list[Told], str]:
    """Let one group be asked a question some times; some of it is told at once, the rest when a record is written.

    A record takes what is not told yet, the newest first, and only where little of the same people left before.
    """
    chance = Random(number)
    options = LETTERS[: chance.randrange(2, 7)]
    likely = [chance.choice((1, 1, 2, 6)) for _ in options]
    minds = {person: None if chance.random() < SILENT else chance.choices(options, likely)[0] for person in range(400)}
    group, newest = set(range(chance.randrange(5, 40))), 100
    times: list[frozenset[int]] = []
    told: dict[int, QuestionCounts] = {}
    left: list[Told] = []

    def tells(at: int) -> None:
        counted = QuestionCounts(times[at], len(times[at]), counts_of(times[at], minds, options))
        found = tellable(counted, list(told.values()))
        if found:
            told[at] = replace(counted, figures=found)
            counts = {tuple(options) if name == ANSWERED else (name,): (n, n + width) for name, n in found.items()}
            left.append(Told(times[at], counts))

    for at in range(chance.randrange(1, 7)):
        times.append(frozenset(group))
        if chance.random() < TOLD_AT_ONCE:
            tells(at)
        group = {person for person in group if chance.random() > LEAVES}
        if chance.random() < ERASES and group:
            erased = chance.choice(sorted(group))
            group.discard(erased)
            times = [each - {erased} if place not in told else each for place, each in enumerate(times)]
            told = {place: replace(each, people=each.people - {erased}) for place, each in told.items()}
        group |= set(range(newest, newest + (more := chance.randrange(4))))
        newest += more
        if chance.random() < RECORDS:
            for place in sorted(set(range(len(times))) - told.keys(), reverse=True):
                near = related(QuestionCounts(times[place], len(times[place]), {}), list(told.values()))
                if near is not None and len(near) < RECORDED:
                    tells(place)
    return left, options


def is_found(left: list[Told], options: Sequence[str]) -> bool:
    """Return whether the attacker works out any count of one to four."""
    return bool(left) and next(small_counts(left, options), None) is not None


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(-(-SEQUENCES.value // PART)))
def test_nobody_works_out_a_small_count(part: int) -> None:
    """Whatever left, in whichever order: a solver of the whole system finds no count of one to four."""
    last = min(SEQUENCES.value, (part + 1) * PART)
    told = 0
    for number in range(part * PART, last):
        left, options, _ = sequence(number, tellable, BAND - 1)
        told += sum(len(each.counts) for each in left)
        assert not is_found(left, options), (number, left)
    assert told > last - part * PART  # and much may be told


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_with_nothing_held_back_it_is_worked_out() -> None:
    """The same program finds small counts in 95 of 100 sequences that have any; in bands, many still."""
    found, whole, banded = 0, 0, 0
    for number in range(SEQUENCES.value):
        left, options, small = sequence(number, as_it_is, 0)
        if small:
            whole += 1
            found += is_found(left, options)
        left, options, _ = sequence(number, in_bands, BAND - 1)
        banded += is_found(left, options)
    print(f"found {found} of {whole} as it is, {banded} of {SEQUENCES.value} in bands")
    assert found >= whole * 95 // 100
    assert banded > SEQUENCES.value // 10


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(-(-SEQUENCES.value // PART)))
def test_nobody_works_out_a_small_count_from_records(part: int) -> None:
    """Records bring what was told to nobody, later and out of order: the solver finds no count of one to four."""
    last = min(SEQUENCES.value, (part + 1) * PART)
    told = 0
    for number in range(part * PART, last):
        left, options = with_records(number, BAND - 1)
        told += sum(len(each.counts) for each in left)
        assert not is_found(left, options), (number, left)
    assert told > last - part * PART


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(-(-LIVES.value // PART)))
def test_nobody_works_out_a_small_count_from_all_that_left(part: int, tmp_path: Path) -> None:
    """By real acts on a database: from all that was sent to people, and all files of records, the solver finds none."""
    last = min(LIVES.value, (part + 1) * PART)
    told, happened = 0, set[str]()
    for life in lives(tmp_path, range(part * PART, last)):
        told += sum(len(each.counts) for each in life.told)
        happened |= life.happened
        assert not is_found(life.told, life.options), (life.number, life.told)
    print(f"{told} counts left in {last - part * PART} lives")
    assert told > last - part * PART  # and much may be told
    assert happened == HAPPENS


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_what_acts_let_out_with_nothing_held_back_is_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same reader and solver find small counts in 95 of 100 such lives that have any."""
    monkeypatch.setattr(freezing, "tellable", as_it_is)
    found, whole = 0, 0
    for life in lives(tmp_path, range(min(LIVES.value, PART))):
        whole += life.small
        found += life.small and is_found(life.told, life.options)
    print(f"found {found} of {whole} as it is")
    assert found >= whole * 95 // 100
    assert whole > min(LIVES.value, PART) // 2


def table(people: range, *, several: bool = False, **figures: int) -> QuestionCounts:
    """Return a question that some people were asked."""
    answered = figures.pop("answered", sum(figures.values()))
    return QuestionCounts(frozenset(people), len(people), {**figures, ANSWERED: answered}, several)


def test_bands_of_five_from_five_on() -> None:
    """Five to nine are one band; four are none; of fewer than eight answers no more than half is told."""
    assert tellable(table(range(20), a=9, b=5, c=4)) == {"a": 5, "b": 5, ANSWERED: 15}
    assert tellable(table(range(40), a=27, b=10)) == {"a": 25, "b": 10, ANSWERED: 35}
    assert tellable(table(range(12), a=5, b=1)) == {"a": 5, ANSWERED: 5}
    assert tellable(table(range(4), a=4)) == {}


def test_what_everybody_said_is_no_figure() -> None:
    """Where the lowest number of a band is everybody who was asked, it would tell of each of them."""
    assert "a" not in tellable(table(range(10), a=10, b=0))
    assert "a" in tellable(table(range(11), a=10, b=1))


def test_who_came_is_not_told_by_the_difference() -> None:
    """Three more were asked, and one option went up by a band: it stays; what did not change goes."""
    before = table(range(20), a=9, b=8)
    told = QuestionCounts(before.people, 20, tellable(before))
    assert told.figures == {"a": 5, "b": 5, ANSWERED: 15}
    found = tellable(table(range(23), a=11, b=8), [told])
    assert "a" not in found
    assert found["b"] == BAND


def test_others_are_compared_only_where_somebody_was_asked_twice() -> None:
    """A group of other people is told as if nothing had left; who was erased may have been among them."""
    before = table(range(20), a=9, b=8)
    told = QuestionCounts(before.people, 20, tellable(before))
    others = table(range(50, 73), a=11, b=8)
    assert tellable(others, [told]) == tellable(others)
    lost = [
        QuestionCounts(frozenset(range(19)), 20, told.figures),
        QuestionCounts(frozenset(range(5, 20)), 16, told.figures),
    ]
    assert tellable(table(range(20), a=9, b=8), lost) == {}


def test_of_several_choices_each_stands_alone() -> None:
    """How many answered is not told beside them: with it more could be worked out."""
    assert tellable(table(range(30), several=True, a=20, b=18, c=2, answered=25)) == {"a": 20, "b": 15}
