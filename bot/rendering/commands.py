"""What is asked for in writing: commands with a slash, and plain words where they are nothing else.

The words stand in the catalogs (`commands.po`), whatever the language of whoever writes them: `command.<code>.name` is
how a command is typed, `plain.<action>` lists what asks for an action without a slash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.rendering.texts import Texts, catalogs
from dialogs.replies import folded

DOMAIN = "commands"
UNKNOWN = "help"  # the code of what a command that nobody knows asks for


class WordTaken(Exception):
    """A word asks for two things: the word, and the codes of both."""


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
    """Return what plain words ask for, where they are nothing else: no accent, capital or mark counts."""
    return vocabulary().plain.get(folded(text))
