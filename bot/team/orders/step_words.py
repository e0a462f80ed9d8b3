"""The words of one step of a dialog, and of what is wrong with a dialog, as an author reads them."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.conversation.screen import Screen
from dialogs import wording
from dialogs.issues import Issue
from dialogs.model import Step

ISSUES_SHOWN: Final = 3
UNKNOWN: Final = "…"  # stands for the value of a blank that is not known yet


def shown_words(words: str, known: Mapping[str, str]) -> str:
    """Return a text with its blanks filled, so that nobody reads their names; unknown ones become `…`."""
    return wording.fill(words, {name: known.get(name) or UNKNOWN for name in wording.blanks(words)})


def written_step(step: Step, language: str, known: Mapping[str, str], number: int | None = None) -> str:
    """Return a step's words, hint and choices as text."""
    words = shown_words(wording.choose(step.label, language), known)
    lines = [f"{number} · {words}" if number else words]
    if step.hint:
        lines.append(shown_words(wording.choose(step.hint, language), known))
    lines += [f"   {place} · {wording.choose(each.label, language)}" for place, each in enumerate(step.choices, 1)]
    return "\n".join(lines)


def told_issues(screen: Screen, found: Sequence[Issue]) -> list[str]:
    """Return a sentence for each issue of a dialog, at most `ISSUES_SHOWN`."""
    told = []
    for issue in found[:ISSUES_SHOWN]:
        facts = dict(issue.facts)
        if "language" in facts:
            facts["language"] = screen.language(facts["language"])
        near = facts.get("near")
        hint = screen.words("issue.near", near=near) if near else ""
        words = screen.words(f"issue.{issue.code}", **facts, hint=hint)
        told.append(screen.words("lib.issue", words=words[:1].upper() + words[1:].rstrip(".")))
    return told
