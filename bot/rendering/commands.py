"""Commands with a slash, and plain words that ask for an action.

The words are in the catalogs (`commands.po`) and are understood in every language: `command.<code>.name` is how a
command is typed, `plain.<action>` lists the words that ask for an action without a slash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.rendering.texts import Texts, catalogs
from dialogs.replies import folded

DOMAIN = "commands"
UNKNOWN = "help"  # the code for an unknown command


class WordTaken(Exception):
    """A word has two meanings: the word, and the codes of both."""


@dataclass(frozen=True, slots=True)
class CommandWords:
    """The words of every language.

    Attributes:
        commands: what is typed after the slash -> the code of its command.
        plain: plain words, folded -> the action they ask for.
    """

    commands: Mapping[str, str]
    plain: Mapping[str, str]

    @classmethod
    def read(cls, texts: Texts) -> "CommandWords":
        """Read the words of every language; raises WordTaken."""
        commands: dict[str, str] = {}
        plain: dict[str, str] = {}
        for code, words in texts.domain(DOMAIN):
            name = code.split(".")[1]
            if code == f"command.{name}.name":
                _add(commands, words, name)
            elif code == f"plain.{name}":
                for word in words.split(","):
                    _add(plain, folded(word), name)
        return cls(commands, plain)


def _add(table: dict[str, str], word: str, code: str) -> None:
    if table.setdefault(word, code) != code:
        raise WordTaken(word, table[word], code)


@cache
def vocabulary() -> CommandWords:
    """Return the words of the shipped catalogs, read once."""
    return CommandWords.read(catalogs())


def parse(text: str) -> tuple[str, str] | None:
    """Split `/word@bot argument` into the code of the command and the argument; None if it is no command."""
    if not text.startswith("/"):
        return None
    word, _, argument = text[1:].partition(" ")
    name = word.partition("@")[0].lower()
    return vocabulary().commands.get(name, UNKNOWN), argument.strip()


def plain_word(text: str) -> str | None:
    """Return the action a text asks for, if it is only a plain word; accents, capitals and marks do not count."""
    return vocabulary().plain.get(folded(text))
