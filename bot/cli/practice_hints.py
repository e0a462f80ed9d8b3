"""Commands named in what a command says: where it was for practice, they are for practice, too."""

import re
from typing import Any, Final

NAMED: Final = re.compile(r"\bhilo((?: [a-z][a-z-]*)+)(?! --practice)")
PRACTICE: Final = "--practice"


def marked(text: str, root: Any) -> str:
    """Return a text in which each command of the program that has it is followed by `--practice`.

    Without it, a command that is copied from the screen would act on the real database.
    """
    return NAMED.sub(lambda found: _marked(found[1].split(), root), text)


def _marked(said: list[str], root: Any) -> str:
    """Return `hilo` and what stands after it, with the option after the last word that names a command."""
    command, place = root, 0
    while place < len(said) and (inner := getattr(command, "commands", {}).get(said[place])) is not None:
        command, place = inner, place + 1
    takes = place and any(PRACTICE in param.opts for param in command.params)
    return " ".join(("hilo", *said[:place], *([PRACTICE] if takes else []), *said[place:]))
