"""The processes of this Hilo, line by line, where several run on PostgreSQL: what each does, and did since it began."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import timedelta

from babel.dates import format_timedelta

from bot.cli import console
from dialogs import languages
from storage import leases
from storage.database import Database
from storage.leases import Process

# A lease's name, or its beginning, in the order in which it is told.
_WAITS = {"run": "cli.process.waits", "web": "cli.process.pages", "worker": "cli.process.waits"}
_DOES = ("poll", "courier", "tick")


def listed(database: Database) -> list[Process]:
    """List the processes of the last day."""
    with database.read() as connection:
        return leases.listed(connection)


def lines(processes: Sequence[Process]) -> Iterator[str]:
    """Yield a line for each process, and what is wrong with them together."""
    alive = [each for each in processes if each.is_alive]
    for each in processes:
        yield f"· {_line(each)}"
    if alive and (missing := [name for name in _DOES[1:] if not any(name in each.holds for each in alive)]):
        yield console.words("cli.process.missing", what=_does(missing))
    versions = sorted({each.version for each in alive})
    if len(versions) > 1:
        yield console.words("cli.process.versions", older=versions[0], newer=versions[-1])
    if len({each.folder for each in alive}) > 1:
        yield console.words("cli.process.folders")


def _line(process: Process) -> str:
    about = {"part": console.words(f"cli.process.{process.part}"), "version": process.version}
    if not process.is_alive:
        return console.words("cli.process.dead", **about, age=_long(process.silent))
    does = [name for name in _DOES if any(each.startswith(name) for each in process.holds)]
    said = console.words("cli.process.does", what=_does(does)) if does else console.words(_WAITS[process.part])
    kept, turns, sent, due = (console.TEXTS.number(each, console.LANGUAGE) for each in astuple(process.did))
    done = console.words("cli.process.did", kept=kept, turns=turns, sent=sent, due=due)
    did = done if any(astuple(process.did)) else console.words("cli.process.idle")
    sentences = [console.words("cli.process.alive", **about, age=_long(process.age)), said, did]
    if process.is_off:
        code = "cli.process.behind" if process.off > timedelta(0) else "cli.process.ahead"
        sentences.append(console.words(code, span=_long(abs(process.off))))
    return " ".join(sentences)


def _does(names: Sequence[str]) -> str:
    return console.TEXTS.all_of([console.words(f"cli.process.does.{each}") for each in names], console.LANGUAGE)


def _long(span: timedelta) -> str:
    return format_timedelta(span, locale=languages.formatting_locale(console.LANGUAGE))
