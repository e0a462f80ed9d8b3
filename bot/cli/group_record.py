"""The command that writes out the record of a group: `hilo record`."""

from pathlib import Path
from typing import Annotated, Final

import typer

from bot import clock
from bot.cli import console
from bot.cli.administration import AdministrationError, cohort_named
from bot.cli.console import opened, say, words
from bot.cli.options import Practice
from bot.runtime import processes
from bot.services import group_record
from storage.cohorts import Cohort
from storage.unit import Unit

SHOWN: Final = 12


def record(
    out: Annotated[Path, typer.Option(help=words("cli.record.out"))],
    cohort_name: Annotated[str | None, typer.Option("--cohort", help=words("cli.record.cohort"))] = None,
    practice: Practice = False,
) -> None:
    """Write out the record of a group."""
    from bot.group_record import folder  # noqa: PLC0415  only this command writes pages

    processes.give_way()
    with opened(practice=practice) as it:
        out = console.placed(it.config, out)
        folder.check(out)
        with it.storage.unit(clock.now()) as unit:
            cohort = _cohort(unit, cohort_name)
            group_record.begin(unit, None, cohort)
            ended = group_record.ended(unit, cohort)
        for broadcast_id in ended:  # a transaction each: nobody's turn waits while all of them are counted
            with it.storage.unit(clock.now()) as unit:
                group_record.freeze(unit, None, broadcast_id)
        kept_back = folder.write(it.storage, clock.now(), cohort.id, out, it.texts)
    say("cli.record.done", group=cohort.name, path=out)
    if kept_back:
        more = ["…"] if len(kept_back) > SHOWN else []
        say("cli.record.back", places=", ".join([*kept_back[:SHOWN], *more]))


def _cohort(unit: Unit, name: str | None) -> Cohort:
    """Return the group whose record is wanted; raises AdministrationError."""
    found = group_record.those_on(unit)
    known = ", ".join(each.name for each in found)
    if not found:
        if name is not None:
            cohort_named(unit, name)  # a name of no group is told first
        raise AdministrationError("cli.record.error.none")
    if name is None:
        if len(found) == 1:
            return found[0]
        raise AdministrationError("cli.record.error.which", known=known)
    cohort = cohort_named(unit, name)
    if not group_record.is_on(cohort):
        raise AdministrationError("cli.record.error.off", group=cohort.name, known=known)
    return cohort
