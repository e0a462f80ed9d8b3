"""What neither Hilo nor whoever writes for it should promise, in any language; looked for when something is typed.

Nobody has seen, will call, comes or watches because a program says so; nothing is soon, and nothing is safe, secret or
confidential. That Telegram is *not* secret is said. An organisation is warned and never refused: its words are its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from bot.rendering.texts import Texts, shorten
from dialogs import lang, languages
from dialogs.model import Dialog, Text

RECORD: Final = ("why", "care_card", "care_lines", "after_alert", "minors")
"""Keys of the record whose words people read."""
NAMED: Final = 3  # promises that are named where there are more
QUOTED: Final = 40
"""Characters of each of them: a whole answer may be marked."""
CARD: Final = ("why", "whom", "use")
"""Keys of a purpose card that are its writer's own words."""


def made(text: str, language: str) -> dict[str, str]:
    """Return which kinds of promise a text makes, each with the words that make it."""
    allowed, kinds = _patterns(languages.base(language))
    bare = allowed.sub(" ", text)
    return {kind: found[0] for kind, pattern in kinds.items() if (found := pattern.search(bare))}


def words(text: str, language: str | None = None) -> list[str]:
    """Return the words of a text that promise something; in the languages there is a list for, without one in both."""
    tags = [each.tag for each in lang.RULES if language is None or each.tag == languages.base(language)]
    return list(dict.fromkeys(said for tag in tags for said in made(text, tag).values()))


def in_record(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the record promises: the key, and the words."""
    for key in RECORD:
        for text, language in _texts(record.get(key), None):
            yield from ((key, said) for said in words(text, language))


def in_dialog(dialog: Dialog) -> list[str]:
    """Return what a dialog promises."""
    texts = [dialog.title, dialog.why]
    for step in dialog.steps:
        texts += [step.label, step.hint, *(choice.label for choice in step.choices)]
    found = [said for text in texts for language, each in text.items() for said in words(each, language)]
    return list(dict.fromkeys(found))


def quoted(texts: Texts, language: str, found: Sequence[str]) -> str:
    """Return the first of the words that promise something, in the reader's marks of quotation; '' for none."""
    return ", ".join(texts.say("promise.quoted", language, words=shorten(each, QUOTED)) for each in found[:NAMED])


def in_card(card: Mapping[str, Any]) -> list[str]:
    """Return what a purpose card promises, in whichever language it is written."""
    written = [(card, card.get("language")), *((said, tag) for tag, said in (card.get("in") or {}).items())]
    found = [said for part, tag in written for key in CARD for said in words(str(part.get(key) or ""), tag)]
    return list(dict.fromkeys(found))


def in_source(dialog: Dialog, source: str) -> Iterator[tuple[int, str, str]]:
    """Yield what a dialog promises where it stands in its file: the line, the place, and the words."""
    texts: list[tuple[int, str, Text]] = [(1, "title", dialog.title), (1, "why", dialog.why)]
    for number, step in enumerate(dialog.steps, start=1):
        name = step.name or f"steps[{number}]"
        texts += [(step.line, f"{name}.label", step.label), (step.line, f"{name}.hint", step.hint)]
        texts += [(step.line, f"{name}.choices[{at}].label", each.label) for at, each in enumerate(step.choices, 1)]
    written = [line.casefold() for line in source.splitlines()]
    for begins, place, text in texts:
        for language, said in text.items():
            for each in words(said, language):
                after = range(max(begins, 1), len(written) + 1)
                yield next((at for at in after if each.casefold() in written[at - 1]), begins), place, each


def _texts(value: Any, language: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield every text of a value of the record, with its language where that is said."""
    match value:
        case str():
            yield value, language
        case list():
            for each in value:
                yield from _texts(each, language)
        case dict():
            for key, each in value.items():
                yield from _texts(each, key if key in languages.LANGUAGES else language)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], Mapping[str, re.Pattern[str]]]:
    """Compile a language's patterns, when they are first needed."""
    table = lang.rules_of(language).promises
    return re.compile(table.allowed, re.IGNORECASE), {
        kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) for kind, pattern in table.kinds.items()
    }
