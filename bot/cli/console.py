"""Print what the command line says: sentences from the catalogs, short, with the next useful step."""

import os
import shutil
import sqlite3
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy.exc import DatabaseError

from bot import config as configuration
from bot.app import App
from bot.cli import accounts, practice_hints
from bot.config import Config
from bot.content import DialogFile, Dialogs, UnknownDialog
from bot.errors import Problem
from bot.export.build import nobody
from bot.export.media_folder import FOLDER
from bot.export.request import ExportedFile, Tell
from bot.messengers.port import BadToken, MessengerError, Rejected
from bot.rendering.texts import catalogs
from bot.runtime.os_errors import reason
from bot.runtime.parts import Part
from bot.services import promises
from bot.services.readiness import NotReady
from bot.services.refusals import LastAdmin
from dialogs import wording
from dialogs.issues import Issue
from storage.database import BadUrl, DanglingReferences, DatabaseDown, DatabaseNewer
from storage.key_ring import DamagedKey, RetiredKey
from storage.marks import DatabaseMoved, MoveUnfinished
from storage.vault import DecryptionError

TEXTS = catalogs()
LANGUAGE = configuration.console_language()
PRACTICE_PROGRAM: Any = None
CODE = Path(__file__).resolve().parents[2]
WIDEST, NARROWEST = 100, 40
MARKED = ("✗ ", "☐ ", "✓ ", "· ")  # begin a line that goes on below its words
PATIENCE = 1.0  # seconds that may pass without output
FORESEEN = (
    BadToken,
    BadUrl,
    DanglingReferences,
    DatabaseDown,
    DatabaseError,
    DatabaseMoved,
    DatabaseNewer,
    MoveUnfinished,
    MessengerError,
    OSError,
    Problem,
    LastAdmin,
    DecryptionError,
    UnknownDialog,
    sqlite3.Error,
)


@contextmanager
def opened(*, practice: bool) -> Iterator[App]:
    """Open the bot's storage and content for one command."""
    config = Config.load(practice=practice)
    step_down(config)
    opened_app = App.open(config)
    try:
        yield opened_app
    finally:
        opened_app.close()


def step_down(config: Config) -> None:
    """Continue as the owner of the bot's folder, when root asks: a file owned by root there would stop the bot.

    Raises:
        CodeUnreachable: the owner cannot reach Hilo's code or Python.
    """
    if account := accounts.owner(config.home):
        accounts.check(account, CODE)
        accounts.become(account)


def placed(config: Config, path: Path) -> Path:
    """Return where a command writes a file: beside the data, where this account may not write into the folder it is in.

    In an installed service the folder with the code is root's, and commands go on as the account that owns the data.
    """
    there = next((folder for folder in path.absolute().parents if folder.is_dir()), path.absolute())
    return path if path.is_absolute() or os.access(there, os.W_OK) else config.home / path


def practise(program: Any) -> None:
    """Name commands as they are for practice, those of a program; None: as they are."""
    global PRACTICE_PROGRAM  # noqa: PLW0603  a command is for practice, or is not
    PRACTICE_PROGRAM = program


def _hinted(text: str) -> str:
    return text if PRACTICE_PROGRAM is None else practice_hints.marked(text, PRACTICE_PROGRAM)


def put(text: str) -> None:
    """Print one line, or several; on a terminal, broken at blanks where they are longer than it is wide."""
    sys.stdout.write(fitted(_hinted(text), sys.stdout) + "\n")


def exactly(line: str) -> None:
    """Print one line as it is: of a table, or of a file."""
    sys.stdout.write(line + "\n")


def width() -> int:
    """Return how many columns a line may take."""
    return max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))


def wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Return a text in lines that fit, broken at blanks alone, so that addresses and commands stay whole."""
    begins = indent if first is None else first
    found = textwrap.wrap(
        text,
        width(),
        initial_indent=begins,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return found or [begins.rstrip()]


def fitted(text: str, stream: TextIO) -> str:
    """Return a text as it fits the terminal that a stream is; unchanged where it is none."""
    if not stream.isatty():
        return text
    lines = []
    for line in text.split("\n"):
        bare = line.lstrip()
        indent = line[: len(line) - len(bare)]
        hanging = "  " if bare[:2] in MARKED else ""
        lines += wrapped(bare, indent + hanging, indent) if len(line) > width() else [line]
    return "\n".join(lines)


def words(code: str, /, **facts: object) -> str:
    """Return a sentence in the console's language."""
    return sentence(code, LANGUAGE, facts)


def sentence(code: str, language: str, facts: Mapping[str, object]) -> str:
    """Return a sentence; an error among its facts is replaced by the reason why it happened."""
    plain = {name: _why(fact, language) if isinstance(fact, Exception) else fact for name, fact in facts.items()}
    return TEXTS.say(code, language, **plain)


def _why(error: Exception, language: str) -> str:
    code = reason(error)
    said = error.strerror if isinstance(error, OSError) else None
    return TEXTS.say(code, language) if code else said or str(error).partition("\n")[0]


def speak(language: str) -> None:
    """Continue in the language chosen during setup."""
    global LANGUAGE  # noqa: PLW0603  the console has one language at a time
    LANGUAGE = language


def say(code: str, /, **facts: object) -> None:
    """Print a sentence."""
    put(words(code, **facts))


def count(code: str, number: int, /, **facts: object) -> None:
    """Print a sentence in the plural form of a number."""
    put(TEXTS.count(code, LANGUAGE, number, **facts))


def failed(error: Exception) -> None:
    """Print what went wrong and what to do about it, to standard error."""
    match error:
        case NotReady():
            sentence = "\n".join((words(error.code), *missing_lines(error.missing)))
        case Problem():
            sentence = words(error.code, **error.facts)
        case LastAdmin():
            sentence = words("role.last_admin")
        case UnknownDialog(args=(name, known)):
            sentence = words("cli.error.dialog", name=name, known=", ".join(known))
        case BadToken():
            sentence = words("cli.error.token")
        case Rejected():
            sentence = words("cli.error.api", problem=error)
        case MessengerError():
            sentence = words("cli.error.network")
        case DamagedKey():
            sentence = words("cli.error.former_key")
        case RetiredKey():
            sentence = words("cli.key.retired", day=f"{error.at:%Y-%m-%d}")
        case DecryptionError():
            sentence = words("cli.error.key")
        case OSError():
            sentence = words("cli.error.system", path=error.filename or "?", problem=error)
        case _:
            sentence = _of_database(error)
    refuse(sentence)


def _of_database(error: Exception) -> str:
    match error:
        case BadUrl():
            return words("config.database")
        case DatabaseNewer():
            return words("cli.error.newer", stored=error.stored, known=error.known)
        case DatabaseMoved():
            return words("cli.error.moved", place=error.mark.place, day=f"{error.mark.at:%Y-%m-%d}")
        case MoveUnfinished():
            return words("cli.error.move_unfinished", place=error.mark.place)
        case DatabaseDown(file=None):
            return words("config.database_down", problem=error)
        case DatabaseDown():
            return words("config.database_file", path=error.file, problem=error)
        case DatabaseError() | sqlite3.Error():
            return words("cli.error.unsaved", problem=error)
    return words("cli.error.other", problem=error)


def refuse(*lines: str) -> None:
    """Print lines to standard error, the first with a mark."""
    mark = "\033[31m✗\033[0m " if sys.stderr.isatty() and "NO_COLOR" not in os.environ else "✗ "
    told = fitted("✗ " + _hinted("\n".join(lines)), sys.stderr).removeprefix("✗ ")
    sys.stderr.write(f"{mark}{told}\n")


def missing_lines(codes: Sequence[str]) -> list[str]:
    """Return a line for each thing missing before participants may be invited: what it is, and what to do."""
    return [f"  ☐ {words(f'ready.{code}')}: {words(f'ready.{code}.remedy')}" for code in codes]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """Print rows under their headings, or the sentence for an empty table."""
    if not rows:
        say(empty)
        return
    lines = [tuple(words(code) for code in columns), *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        exactly("  ".join(cell.ljust(most) for cell, most in zip(line, widths, strict=True)).rstrip())


def ready(config: Config, usernames: Mapping[str, str], part: Part = "run") -> None:
    """Say that the bot runs, and where."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    if config.practice:
        say("cli.run.practice", url=f"http://{host}:{config.port}")
        if connection := os.environ.get("SSH_CONNECTION"):
            server = connection.split()[2]
            say("cli.run.ssh", command=f"ssh -L {config.port}:127.0.0.1:{config.port} {server}")
    elif part == "worker":
        say("cli.worker.ready")
    else:
        say("cli.run.ready", url=config.public_url or f"http://{host}:{config.port}")
        for name, username in usernames.items():
            say(f"cli.run.{name}", username=username)
        if not config.token:
            say("cli.run.no_telegram")
        elif not usernames:
            say("cli.run.unreachable", api=config.api or "Telegram")
    sys.stdout.flush()


def issues(found: DialogFile) -> int:
    """Print every issue of a dialog file; return how many of them are errors."""
    for issue in found.issues:
        where = f"{found.path}:{issue.line}: {words(f'issue.{issue.severity}')}:"
        put(" ".join(filter(None, (where, issue.place and f"{issue.place}:", issue_words(issue)))))
    if found.dialog is not None:
        for line, place, said in promises.in_source(found.dialog, found.path.read_text("utf-8")):
            where = f"{found.path}:{line}: {words('issue.warning')}:"
            put(f"{where} {place}: {words('issue.promise', words=said)}")
    return sum(issue.severity == "error" for issue in found.issues)


def issue_words(issue: Issue) -> str:
    """Return what is wrong with a dialog, and the remedy."""
    near = issue.facts.get("near")
    hint = words("issue.near", near=near) if near else ""
    return words(f"issue.{issue.code}", **issue.facts, hint=hint)


@contextmanager
def progress(code: str) -> Iterator[Tell]:
    """Show progress, on a terminal, once it takes longer than a second."""
    if not sys.stderr.isatty():
        yield nobody
        return
    from rich.console import Console  # noqa: PLC0415  only what takes long needs it
    from rich.progress import Progress  # noqa: PLC0415  the same

    began = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, disable=False, auto_refresh=False) as bar:
        task = bar.add_task(words(code), total=None, visible=False)

        def tell(done: int, total: int) -> None:
            if time.monotonic() - began >= PATIENCE:
                bar.update(task, completed=done, total=total, visible=True, refresh=True)

        yield tell


def written(files: Sequence[ExportedFile], form: str, out: Path) -> None:
    """Say what an export wrote, what to know about it, and what to do next."""
    if not files:
        say("cli.export.nothing")
    for each in files:
        count("cli.export.done", each.rows, path=each.path)
        if each.media:
            count("cli.export.media", each.media, path=out / FOLDER)
        if each.cut:
            count("cli.export.cut", each.cut, form=form)
        if each.damaged:
            count("cli.export.damaged", each.damaged)
    if files:
        say("cli.export.care")


def dialogs(found: Dialogs) -> None:
    """Print the dialogs there are."""
    rows = [
        (dialog.name, wording.choose(dialog.title, LANGUAGE), str(len(dialog.questions)), ", ".join(dialog.languages))
        for dialog in found.all()
    ]
    table(
        ("cli.column.name", "cli.column.title", "cli.column.questions", "cli.column.languages"), rows, "cli.dialog.none"
    )
    for faulty in found.with_errors():
        issues(faulty)
