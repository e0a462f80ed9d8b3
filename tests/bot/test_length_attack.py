"""Whoever has the database without the key, and knows every dialog, tells no choice by the length of what is sealed."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache

import pytest

from bot.content import LIBRARY, find
from dialogs import types
from dialogs.model import Dialog, Step, Value
from dialogs.run import Answer
from dialogs.wording import to_store, told
from storage.answers import sealed_with
from storage.vault import DataKey
from tests.amounts import LENGTHS
from tests.bot.lengths import Chosen, Survey, is_choice
from tests.bot.rig import Rig

KEY = DataKey(b"k" * 32)


@lru_cache(maxsize=1)
def library() -> tuple[Dialog, ...]:
    """Return every dialog that comes with Hilo, the team's wizards too."""
    return tuple(each for file in sorted(LIBRARY.rglob("*.yaml")) if (each := find(file).dialog) is not None)


def values(step: Step) -> Iterator[Value | None]:
    """Yield what a question with buttons may be answered with: skipped, each choice, and of several all."""
    yield None
    kind, names = types.of(step), [choice.name for choice in types.of(step).options(step)]
    if kind.multiple:
        yield tuple(names)
        yield from ((name,) for name in names)
    else:
        yield from (kind.value(name) for name in names)


QUESTIONS = [
    pytest.param(dialog, step, id=f"{dialog.name}.{step.name}")
    for dialog in library()
    for step in dialog.steps
    if step.choices and not step.choices_from and types.of(step).choice_source.value in {"list", "numbers"}
]


@pytest.mark.parametrize(("dialog", "step"), QUESTIONS)
def test_all_choices_of_a_question_have_one_length(dialog: Dialog, step: Step) -> None:
    """In every language, skipped too: one length. Before, no question was like that."""
    after, before = set(), set()
    for language in dialog.languages:
        for value in values(step):
            answer = Answer(value, told(step, value, language) or "")
            body = json.dumps(to_store(step, answer, language), ensure_ascii=False)
            after.add(len(KEY.seal(sealed_with(step.name, body), "answers", "value", "0195")))
            before.add(len(json.dumps(answer.to_dict(), ensure_ascii=False).encode()))

    assert after == {289}
    assert len(before) > 1


@pytest.mark.proof
def test_nothing_that_is_said_with_a_choice_tells_it(hilo: Rig) -> None:
    """Each choice of each question, chosen on a page, where everything stays: question, keyboards, press and answer."""
    survey, compared = Survey(hilo), 0
    for dialog in library():
        if dialog.kind == "staff":
            continue
        for language in dialog.languages:
            found: defaultdict[str, set[Hashable]] = defaultdict(set)
            for step in dialog.steps:
                if is_choice(step):
                    for choice in types.of(step).options(step):
                        for chosen in survey.run(dialog, language, {step.name: choice.name}):
                            found[chosen.path].add((chosen.answer, chosen.said))
                            compared += chosen.path == step.name
            assert {path: len(lengths) for path, lengths in found.items()} == dict.fromkeys(found, 1), language
    assert compared > 60


def scored(chosen: Sequence[Chosen], features: Callable[[Chosen], Hashable]) -> tuple[float, float]:
    """Learn from half of the choices what lengths go with them; return how many of the others are told right.

    And how many are, where the commonest choice of the question is always guessed.
    """
    learnt: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    common: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    half = len(chosen) // 2
    for each in chosen[:half]:
        learnt[each.path, each.language, features(each)][each.value] += 1
        common[each.path, each.language][each.value] += 1
    right, commonest = 0, 0
    for each in chosen[half:]:
        guess = common[each.path, each.language].most_common(1)[0][0]
        known = learnt.get((each.path, each.language, features(each)))
        right += each.value == (known.most_common(1)[0][0] if known else guess)
        commonest += each.value == guess
    return right / (len(chosen) - half), commonest / (len(chosen) - half)


@pytest.mark.proof
@pytest.mark.timeout(60 + LENGTHS.value)
def test_a_classifier_of_lengths_tells_no_choice(hilo: Rig) -> None:
    """It learns from half of the runs of a check-in, and does no better than the commonest; with 0.1.0 it knows all."""
    survey = Survey(hilo)
    dialog = hilo.turns.content.in_files().dialog("check_in")
    chosen = [each for place in range(LENGTHS.value) for each in survey.run(dialog, dialog.languages[place % 2])]
    told_now, commonest = scored(chosen, lambda each: (each.answer, each.said))
    told_before, _ = scored(chosen, lambda each: each.before)
    moods = [each for each in chosen if each.path == "mood"]
    by_state, common_mood = scored(moods, lambda each: (each.answer, each.said, each.state))

    assert told_now <= commonest
    assert by_state <= common_mood
    assert told_before >= 0.95
    assert commonest < 0.7
