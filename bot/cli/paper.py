"""`hilo paper`: write a dialog for a group to a file to print."""

from pathlib import Path
from typing import Annotated, Final

import typer

from bot import clock
from bot.cli import administration, console
from bot.cli.console import opened, words
from bot.cli.options import Practice
from bot.conversation import on_paper
from bot.export.atomic_write import write_private
from bot.rendering.speech import Speech
from bot.services import sheets

KINDS: Final = (".pdf",)


def paper(
    name: Annotated[str, typer.Argument(metavar="DIALOG", help=words("cli.broadcast.dialog"))],
    to: Annotated[str, typer.Option(help=words("cli.broadcast.to"))],
    purpose: Annotated[str, typer.Option(help=words("cli.broadcast.purpose"))],
    out: Annotated[Path, typer.Option(help=words("cli.paper.out"))],
    number: Annotated[int, typer.Option("--sheets", min=1, max=sheets.MOST, help=words("cli.paper.sheets"))] = 1,
    language: Annotated[str | None, typer.Option(help=words("cli.paper.language"))] = None,
    practice: Practice = False,
) -> None:
    """Write a dialog for a group to a file to print: large type, boxes, what for, and a code on each sheet."""
    administration.drawable(out, KINDS, "cli.error.paper")
    if language is not None:
        administration.speakable(language)
    with opened(practice=practice) as it:
        out = console.placed(it.config, out)
        with it.storage.unit(clock.now()) as unit:
            cohort = administration.cohort_named(unit, to)
            dialog = it.content.of(unit).dialog(name)
            codes = sheets.make(unit, None, cohort, dialog, purpose, number)
            tag = language or next(iter(cohort.languages), console.LANGUAGE)
            speech = Speech(unit, it.texts, None, "", "", console.LANGUAGE)
            card = {"why": " ".join(purpose.split())}
            drawn = on_paper.drawn(it.turns.organisation, speech, cohort, dialog, card, tag, codes)
            write(drawn, out)
    console.count("cli.paper.done", len(codes), path=out)


def write(drawn: object, out: Path) -> None:
    """Draw sheets into a file; raises AdministrationError."""
    from bot.poster import draw  # noqa: PLC0415  only this needs it

    try:
        write_private(out, draw.file({"sheet": drawn}))
    except OSError as error:
        raise administration.AdministrationError("cli.error.write", path=out, problem=error) from error
