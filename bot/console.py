"""What the command line says: sentences from the catalogs, quiet, with the next useful step."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from bot import config as configuration
from bot.app import App
from bot.config import Config
from bot.content import Content, Found, UnknownDialog
from bot.messenger import BadToken, Rejected
from bot.problem import Problem
from bot.readiness import NotReady
from bot.texts import Texts
from dialogs import wording
from dialogs.issues import Issue
from storage.database import BrokenReferences, DatabaseDown, DatabaseNewer
from storage.vault import Sealed

TEXTS = Texts()
LANGUAGE = configuration.console_language()
FORESEEN = (
    BadToken,
    BrokenReferences,
    DatabaseDown,
    DatabaseNewer,
    Problem,
    Rejected,
    Sealed,
    UnknownDialog,
)


def put(line: str) -> None:
    """Print one line."""
    sys.stdout.write(line + "\n")


def words(code: str, /, **facts: object) -> str:
    """Return a sentence in the console's language."""
    return TEXTS.say(code, LANGUAGE, **facts)


def say(code: str, /, **facts: object) -> None:
    """Print a sentence."""
    put(words(code, **facts))


def count(code: str, number: int, /, **facts: object) -> None:
    """Print a sentence in the plural form of a number."""
    put(TEXTS.count(code, LANGUAGE, number, **facts))


Practice = Annotated[bool, typer.Option("--practice", help=words("cli.option.practice"))]


@contextmanager
def opened(*, practice: bool) -> Iterator[App]:
    """Open the bot's storage and content for one command."""
    opened_app = App.open(Config.load(practice=practice))
    try:
        yield opened_app
    finally:
        opened_app.close()


def failed(error: Exception) -> None:
    """Print what went wrong and what to do about it, to standard error."""
    match error:
        case NotReady():
            sentence = "\n".join((words(error.code), *lacking(error.missing)))
        case Problem():
            sentence = words(error.code, **error.facts)
        case UnknownDialog(args=(name, known)):
            sentence = words("cli.error.dialog", name=name, known=", ".join(known))
        case BadToken():
            sentence = words("cli.error.token")
        case Rejected():
            sentence = words("cli.error.api", problem=error)
        case DatabaseNewer():
            sentence = words("cli.error.newer", stored=error.stored, known=error.known)
        case DatabaseDown():
            sentence = words("config.database_down", problem=error)
        case Sealed():
            sentence = words("cli.error.key")
        case _:
            sentence = words("cli.error.other", problem=error)
    mark = "\033[31m✗\033[0m " if sys.stderr.isatty() and "NO_COLOR" not in os.environ else "✗ "
    sys.stderr.write(f"{mark}{sentence}\n")


def lacking(codes: Sequence[str]) -> list[str]:
    """Return a line for each thing that lacks before leaders may be invited: what it is, and what to do about it."""
    return [f"  ☐ {words(f'ready.{code}')}: {words(f'ready.{code}.remedy')}" for code in codes]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """Print rows under their headings, or the sentence for none."""
    if not rows:
        say(empty)
        return
    lines = [tuple(words(code) for code in columns), *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        put("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def ready(config: Config, username: str) -> None:
    """Say that the bot is awake, and where."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    if config.practice:
        say("cli.run.practice", url=f"http://{host}:{config.port}")
        if connection := os.environ.get("SSH_CONNECTION"):
            server = connection.split()[2]
            say("cli.run.ssh", command=f"ssh -L {config.port}:127.0.0.1:{config.port} {server}")
    else:
        say("cli.run.ready", url=config.public_url or f"http://{host}:{config.port}")
        if username:
            say("cli.run.telegram", username=username)
        elif config.token:
            say("cli.run.unreachable", api=config.api or "Telegram")
        else:
            say("cli.run.no_telegram")
    sys.stdout.flush()


def issues(found: Found) -> int:
    """Print every issue of a dialog file; returns how many of them are errors."""
    for issue in found.issues:
        where = f"{found.path}:{issue.line}: {words(f'issue.{issue.severity}')}:"
        put(" ".join(filter(None, (where, issue.place and f"{issue.place}:", issue_words(issue)))))
    return sum(issue.severity == "error" for issue in found.issues)


def issue_words(issue: Issue) -> str:
    """Return what is wrong with a dialog, and the remedy."""
    near = issue.facts.get("near")
    hint = words("issue.near", near=near) if near else ""
    return words(f"issue.{issue.code}", **issue.facts, hint=hint)


def dialogs(content: Content) -> None:
    """Print the dialogs there are."""
    rows = [
        (dialog.name, wording.choose(dialog.title, LANGUAGE), str(len(dialog.questions)), ", ".join(dialog.languages))
        for dialog in content.all()
    ]
    table(
        ("cli.column.name", "cli.column.title", "cli.column.questions", "cli.column.languages"), rows, "cli.dialog.none"
    )
    for broken in content.broken():
        issues(broken)
