"""What neither Hilo nor whoever writes for it should promise, in any language; looked for when something is typed.

Nobody has seen, will call, comes or watches because a program says so; nothing is soon, and nothing is safe, secret or
confidential. That Telegram is *not* secret is said. An organisation is warned and never refused: its words are its own.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from dialogs import lang, languages
from dialogs.model import Dialog

RECORD: Final = ("why", "care_card", "care_lines", "after_alert", "minors")
"""Keys of the record whose words people read."""


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
