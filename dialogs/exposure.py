"""What in a text for a whole group could tell who said something: it is marked, to be reworded before it goes.

Marked are a count of people that is below five or finer than a band of five, six words in a row of somebody's answer, a
nickname, a place or post that one person holds and, where few answered, what a minority said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias
from unicodedata import combining, normalize

from dialogs import lang
from dialogs.numerals import count

_Window: TypeAlias = tuple[str, ...]
Kind: TypeAlias = Literal["count", "quote", "nickname", "post", "minority"]

BAND: Final = 5
"""Counts of people that leave the team are in bands of so many, and none is below it."""
FEW: Final = 8
"""Where fewer answered, no minority is told."""
IN_A_ROW: Final = 6
"""So many words in a row of an answer are a quote."""
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_BEGINS: Final = re.compile(r"(?:^|[.!?:\n])[\s¡¿\"“«(]*\Z")
_CAPITAL: Final = re.compile(r" (?:[Ll]os? |[Ll]as? |[Ee]l |[Tt]he )?[^\W\d_a-záéíóúñü]")


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a text that could expose somebody: what they tell, where they stand."""

    kind: Kind
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What the marking needs to know of a group.

    Attributes:
        answered: how many answered; None: not known.
        nicknames: of its people.
        answers: what they said in words.
        agreed: words that may be told, as whoever said them agreed to exactly these.
        withheld: words that may not, as whoever said them was asked and did not agree.
        frozen: counts leave as figures that are frozen, so that one in words is marked even in bands of five.
    """

    answered: int | None = None
    nicknames: Collection[str] = ()
    answers: Iterable[str] = ()
    agreed: Collection[str] = ()
    withheld: Collection[str] = ()
    frozen: bool = False


def marks(text: str, language: str, facts: GroupFacts) -> list[Mark]:
    """Return what could expose somebody in a text, in order, without what stands inside another mark."""
    (found,) = marks_in([(language, text)], facts)
    return found


def marks_in(texts: Sequence[tuple[str, str]], facts: GroupFacts) -> list[list[Mark]]:
    """Return the same of each of some texts, given behind their languages: what a group said is gone through once."""
    plains = [_plain(text) for _, text in texts]
    heard = _heard(plains, facts)
    nicknames = [(each.strip(), _plain(each).strip()) for each in facts.nicknames]
    return [
        list(_outermost(text, _found(text, plain, language, facts, heard, nicknames)))
        for (language, text), plain in zip(texts, plains, strict=True)
    ]


def _found(
    text: str,
    plain: str,
    language: str,
    facts: GroupFacts,
    heard: Collection[_Window],
    nicknames: Iterable[tuple[str, str]],
) -> Iterator[tuple[str, int, int]]:
    """Yield what could expose somebody in a text, whatever it is."""
    rules = _rules(lang.rules_of(language).tag)
    yield from (("count", *span) for span in rules.counts(plain, language, banded=not facts.frozen))
    yield from (("post", *match.span()) for pattern in rules.posts for match in pattern.finditer(_small(text)))
    yield from (("post", *span) for span in rules.places(plain, text))
    yield from (("nickname", *span) for span in _nicknames(text, plain, nicknames, rules))
    yield from (("quote", *span) for span in _quotes(plain, facts, heard))
    yield from (("quote", *span) for words in facts.withheld for span in where(text, words))
    if facts.answered is not None and facts.answered < FEW:
        yield from (("minority", *match.span()) for match in rules.minority.finditer(plain))


def _outermost(text: str, found: Iterable[tuple[str, int, int]]) -> Iterator[Mark]:
    """Yield marks by place; one that lies inside another one is told by that."""
    end = -1
    for kind, start, stop in sorted(found, key=lambda each: (each[1], -each[2])):
        if stop > end:
            end = stop
            yield Mark(kind, start, stop, text[start:stop].strip())  # type: ignore[arg-type]  # one of the kinds above


def _small(text: str) -> str:
    """Return a text in small letters, each sign in its place."""
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def _plain(text: str) -> str:
    """Return a text in small letters and without accents, each sign in its place."""
    return text.lower() if text.isascii() else "".join(map(_letter, text))


@lru_cache(maxsize=4096)
def _letter(sign: str) -> str:
    """Return a sign small and without its accent: one sign, whatever it is made of."""
    bare = [each for each in normalize("NFD", sign.casefold()) if not combining(each)]
    return bare[0] if bare else sign


def _nicknames(text: str, plain: str, nicknames: Iterable[tuple[str, str]], rules: _Rules) -> Iterator[tuple[int, int]]:
    """Yield where a nickname stands; each is given with how it reads small and without accents.

    One of a single word that is written in small letters there is the common word. A sentence may begin with some such
    words ("Rain has closed the road"): they are nicknames there where what follows is what people do.
    """
    for nickname, folded in nicknames:
        if not folded or folded not in plain:  # an expression for each of thousands would take a second
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(folded)}(?!\w)", plain):
            written = text[match.start() : match.end()]
            if _WORD.fullmatch(folded) and nickname[0].isupper():
                begins = folded in rules.words and _BEGINS.search(text[: match.start()]) is not None
                if written[0].islower() or (begins and not rules.acts.match(text, match.end())):
                    continue
            yield match.span()


def where(text: str, words: str) -> list[tuple[int, int]]:
    """Return where words stand whole in a text, one after the other; capitals, accents and signs aside."""
    said = list(_WORD.finditer(_plain(text)))
    sought = [_bare(each) for each in _WORD.findall(_plain(words))]
    spoken = [_bare(each[0]) for each in said]
    found, place = [], 0
    while sought and place + len(sought) <= len(spoken):
        if spoken[place : place + len(sought)] == sought:
            found.append((said[place].start(), said[place + len(sought) - 1].end()))
            place += len(sought)
        else:
            place += 1
    return found


def can_be_quoted(answer: str) -> bool:
    """Return whether an answer has so many words that some of them in a row are a quote."""
    return next(_windows(_plain(answer)), None) is not None


def quoting(texts: Sequence[str], answers: Iterable[str]) -> list[bool]:
    """Return of each of some texts whether it has so many words in a row of any answer, in whatever language."""
    plains = [_plain(text) for text in texts]
    heard = _heard(plains, GroupFacts(answers=answers))
    return [any(window in heard for window in _windows(plain)) for plain in plains]


def _heard(plains: Iterable[str], facts: GroupFacts) -> set[_Window]:
    """Return those stretches of `IN_A_ROW` words of some texts that stand so in an answer."""
    told = {window for plain in plains for window in _windows(plain)}
    if not told:
        return told
    said = (*facts.answers, *facts.withheld)
    return {window for answer in said for window in _windows(_plain(answer)) if window in told}


def _windows(plain: str) -> Iterator[_Window]:
    """Yield each `IN_A_ROW` words that follow each other, from place to place."""
    words = [_bare(each) for each in _WORD.findall(plain)]
    return (tuple(words[at : at + IN_A_ROW]) for at in range(len(words) - IN_A_ROW + 1))


def _quotes(plain: str, facts: GroupFacts, heard: Collection[_Window]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of at least `IN_A_ROW` words that stand so in an answer, and are not agreed to."""
    said = list(_WORD.finditer(plain))
    agreed = [span for each in facts.agreed for span in where(plain, each)]
    begun: int | None = None
    heard_at = [at for at, window in enumerate(_windows(plain)) if window in heard]
    places = {each for each in heard_at if not _inside((said[each].start(), said[each + IN_A_ROW - 1].end()), agreed)}
    for place in sorted(places):
        if begun is None:
            begun = place
        if place + 1 not in places:
            yield said[begun].start(), said[place + IN_A_ROW - 1].end()
            begun = None


def _inside(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _bare(word: str) -> str:
    return word.replace("'", "").replace("\u2019", "")


@dataclass(frozen=True, slots=True)
class _Rules:
    """The patterns of one language."""

    banded: tuple[tuple[re.Pattern[str], int], ...]
    counted: tuple[re.Pattern[str], ...]
    ones: tuple[re.Pattern[str], ...]
    posts: tuple[re.Pattern[str], ...]
    minority: re.Pattern[str]
    of_place: re.Pattern[str]
    words: frozenset[str]
    acts: re.Pattern[str]

    def counts(self, plain: str, language: str, *, banded: bool) -> Iterator[tuple[int, int]]:
        """Yield where people are counted; where bands of five may stand, those apart."""
        rest = plain
        for pattern, least in self.banded if banded else ():
            for match in pattern.finditer(rest):
                numbers = [_value(said, language) for said in match.groups() if said]
                if all(number is not None and number >= least and number % BAND == 0 for number in numbers):
                    rest = rest[: match.start()] + "\0" * len(match[0]) + rest[match.end() :]
        for pattern in (*self.counted, *self.ones):
            for match in pattern.finditer(rest):
                yield match.span()

    def places(self, plain: str, text: str) -> Iterator[tuple[int, int]]:
        """Yield where somebody is named by the place that they are from."""
        for match in self.of_place.finditer(plain):
            if _CAPITAL.match(text, match.end()):
                named = _WORD.search(text, match.end())
                yield match.start(), named.end() if named else match.end()


def _value(said: str, language: str) -> int | None:
    found = count(said, language)
    return int(found.number) if found is not None else None


@cache
def _rules(tag: str) -> _Rules:
    """Compile a language's patterns, when they are first needed."""
    rules = lang.rules_of(tag)
    table, numbers = rules.exposure, rules.numbers
    spelled = "|".join(sorted({*numbers.small, *numbers.tens}, key=len, reverse=True))
    joins = "|".join(sorted(numbers.after_tens)) or "-"
    n = rf"(?<![\w.,-])(\d{{1,3}}|(?:{spelled})(?:(?: (?:{joins}) |[ -])(?:{spelled}))?)(?![\w-]|[.,]\d)"
    people = rf"(?:{table.people})(?!\w)"

    def compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in patterns)

    return _Rules(
        banded=(
            *((pattern, BAND) for pattern in compiled(*(each.replace("{n}", n) for each in table.ranges))),
            (re.compile(rf"(?<!\w){table.bands} {n}"), BAND),
            (re.compile(rf"(?<!\w){table.below} {n}"), 2 * BAND),
        ),
        counted=compiled(
            rf"{n} {table.between}{people}",
            rf"{n} {table.of}{n}",
            rf"(?<!\w)\d+(?:[.,]\d+)? ?(?:{table.percent})",
            rf"{n} (?:{table.saying})(?!\w)",
            rf"(?<!\w){table.only} {n} (?:{table.saying})(?!\w)",
            rf"(?<!\w){table.shares}(?!\w)",
            rf"(?<!\w){table.before} {n}(?=[,.;:!?]|$)",
            rf"(?<!\w){table.but} {n}",
        ),
        ones=compiled(rf"(?<!\w)(?:{table.ones})(?!\w)"),
        posts=compiled(*(rf"(?<!\w)(?:{pattern})" for pattern in table.posts)),
        minority=re.compile(rf"(?<!\w)(?:{table.minority})(?!\w)"),
        of_place=re.compile(rf"(?<!\w){table.of_place}(?!\w)"),
        words=table.words,
        acts=re.compile(rf" ?{table.acts}"),
    )
