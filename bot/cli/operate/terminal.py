"""A conversation in the terminal: questions, hidden answers, and progress."""

import getpass
import sys
from functools import cache
from typing import Final

from bot.cli import console
from bot.errors import Problem
from bot.product_languages import LANGUAGES
from dialogs.replies import folded

WHOLE: Final = 100


@cache
def _said(code: str) -> frozenset[str]:
    """Return what may be typed for a yes or a no, in any language: people are used to one of them."""
    return frozenset(folded(word) for tag in LANGUAGES for word in console.sentence(code, tag, {}).split(","))


class InputClosed(Problem):
    """The person closed the terminal or pressed Ctrl-C."""


class Terminal:
    """Asks and tells in one language, which may change on the way."""

    def __init__(self, language: str) -> None:
        """Begin in a language: `es` or `en`."""
        self.language = language

    def words(self, code: str, /, **facts: object) -> str:
        """Return a sentence."""
        return console.sentence(code, self.language, facts)

    def language_name(self, tag: str) -> str:
        """Return what the terminal's language calls another."""
        return console.TEXTS.language(tag, self.language)

    def say(self, code: str, /, **facts: object) -> None:
        """Print a sentence."""
        console.put(self.words(code, **facts))

    def trouble(self, problem: Problem) -> None:
        """Print what was wrong with an answer, before the question is repeated."""
        console.put(f"  ✗ {self.words(problem.code, **problem.facts)}")

    def ask(self, label: str, default: str = "", *, hidden: bool = False) -> str:
        """Ask for a line; an empty one is the default. Raises InputClosed at the end of the input."""
        asked = f"{label} [{default}]" if default else label
        shown = console.fitted(asked, sys.stdout) + (" " if asked.endswith("?") else ": ")
        try:
            if hidden and sys.stdin.isatty():
                answer = getpass.getpass(shown)
            else:
                sys.stdout.write(shown)
                sys.stdout.flush()
                answer = sys.stdin.readline() or self._ended()
        except (KeyboardInterrupt, EOFError):
            console.put("")
            raise InputClosed("cli.stopped") from None
        if not sys.stdin.isatty():
            console.put("")
        return " ".join(answer.split()) or default

    @staticmethod
    def _ended() -> str:
        raise EOFError

    def yes(self, code: str, /, *, otherwise: bool, **facts: object) -> bool:
        """Ask for yes or no, until it is one of them."""
        default = self.words("cli.yes" if otherwise else "cli.no")
        while True:
            answer = folded(self.ask(self.words(code, **facts), default))
            if answer in _said("cli.yes.said"):
                return True
            if answer in _said("cli.no.said"):
                return False
            self.trouble(Problem("cli.yes_or_no"))

    @staticmethod
    def said(answer: str) -> bool | None:
        """Return whether something typed means yes or no; None: neither."""
        words = folded(answer)
        return True if words in _said("cli.yes.said") else False if words in _said("cli.no.said") else None

    @staticmethod
    def nobody(answer: str) -> bool:
        """Return whether something typed where a name is asked for means that there is nobody."""
        return folded(answer) in _said("cli.no.said") | _said("cli.nobody.said")

    def wipe(self) -> None:
        """Clear the screen, where there is one."""
        if sys.stdout.isatty():
            sys.stdout.write("\033[2J\033[3J\033[H")
            sys.stdout.flush()  # at once, so that later output is not cleared


class ProgressLine:
    """Shows progress: on a screen, a percentage in a line for each step; elsewhere a line once a step is done."""

    def __init__(self, name: str) -> None:
        """Show the sentences `cli.NAME.STEP`."""
        self._name = name
        self._done: set[str] = set()

    def __call__(self, step: str, done: float) -> None:
        """Show how much of a step is done, 0 to 1."""
        if step in self._done:
            return
        label = console.words(f"cli.{self._name}.{step}")
        if done >= 1:
            self._done.add(step)
            sys.stdout.write(f"\r✓ {label}      \n" if sys.stdout.isatty() else f"✓ {label}\n")
        elif sys.stdout.isatty():
            sys.stdout.write(f"\r… {label} {done * WHOLE:3.0f} %")
            sys.stdout.flush()
