"""Choose the language of a page, and give its sentences in that language."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.product_languages import own_first
from bot.rendering.texts import Texts
from dialogs import lang, languages

# What the page's script changes when a person chooses another language, and what it says itself.
CHROME = (
    "skip",
    "skip.newest",
    "before",
    "same",
    "typing",
    "what",
    "menu",
    "heading",
    "log",
    "write",
    "send",
    "you_said",
    "unsent",
    "again",
    "offline",
    "empty",
    "leave",
    "lock",
    "lock.choose",
    "hear",
    "hear.stop",
    "hear.ask",
    "hear.yes",
    "hear.no",
    "media.take",
    "media.record",
    "media.recording",
    "media.discard",
    "media.finish",
    "media.attach",
    "media.photo",
    "media.sending",
    "media.no_microphone",
    "media.too_large",
    "media.hidden",
)


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The pages' sentences in one language."""

    texts: Texts
    language: str

    def __call__(self, code: str, **facts: object) -> str:
        """Return the sentence of `web.<code>`."""
        return self.texts.say(f"web.{code}", self.language, **facts)

    def count(self, code: str, number: int) -> str:
        """Return the sentence of `web.<code>` in the plural form of a number."""
        return self.texts.count(f"web.{code}", self.language, number)

    def seconds(self, number: int | None) -> str:
        """Return the name of a voice note, by how long it lasts in seconds."""
        return self("media.voice") if number is None else self.count("media.voice.seconds", number)

    @property
    def week_begins(self) -> int:
        """The first day of the week, Monday 0."""
        return lang.rules_of(self.language).week_begins

    @property
    def tag(self) -> str:
        """The language in the form of a page's `lang` attribute."""
        return languages.base(self.language)


def chrome(words: PageTexts) -> str:
    """Return what the page's script needs to know of a language, as JSON."""
    return json.dumps(
        {"lang": words.tag, "language": words.language} | {code.replace(".", "_"): words(code) for code in CHROME},
        ensure_ascii=False,
    )


def both(texts: Texts, first: str) -> Sequence[PageTexts]:
    """Return the sentences of every language, the reader's own first."""
    return [PageTexts(texts, tag) for tag in own_first(first)]


def preferred(accepted: str, spoken: Sequence[str]) -> str:
    """Choose one of the spoken languages from an Accept-Language header: "en-GB,en;q=0.9" gives English."""
    best, weight = languages.DEFAULT, 0.0
    for part in accepted.split(","):
        tag, _, quality = part.partition(";")
        spoken_tag = tag.strip().lower().partition("-")[0]
        try:
            asked = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if spoken_tag in spoken and asked > weight:
            best, weight = spoken_tag, asked
    return best
