"""The commands about the audit trail: `hilo audit list` and `hilo audit verify`."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot import clock
from bot.cli import console
from bot.cli.console import opened, words
from bot.cli.help import Program
from bot.cli.options import Practice
from bot.errors import Problem
from bot.services import trail
from bot.services.organisation import local_zone

audit = Program(help=words("cli.audit.help"), no_args_is_help=True)


@audit.command("list", help=words("cli.audit.list.help"))
def audit_list(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=words("cli.audit.list.limit"))] = 50,
    practice: Practice = False,
) -> None:
    """List the newest rows of the trail."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        zone = ZoneInfo(local_zone(unit))
        rows = [
            (
                str(each.number),
                f"{each.at.astimezone(zone):%Y-%m-%d %H:%M}",
                each.by.display_name if each.by else words(f"trail.by.{each.own or 'gone'}"),
                trail.done(console.TEXTS, console.LANGUAGE, each),
                each.about,
            )
            for each in trail.read(unit, None, limit)
        ]
    columns = ("number", "moment", "who", "did", "about")
    console.table(tuple(f"cli.column.{column}" for column in columns), rows, "cli.audit.none")


@audit.command("verify", help=words("cli.audit.verify.help"))
def audit_verify(practice: Practice = False) -> None:
    """Check the whole trail, also against the newest backups; the exit code is 1 where something is wrong."""
    from bot.cli.operate import trail_check  # noqa: PLC0415  only this command opens backups

    with opened(practice=practice) as it, it.storage.reading(clock.now()) as unit:
        number, missed = unit.audit.count(), trail_check.missed(unit)
        fault = trail.fault(unit, console.TEXTS, console.LANGUAGE)
    if fault is not None:
        console.refuse(fault)
    if missed is not None:
        failed = Problem("trail.fault.backup", path=missed)
        console.failed(failed)
    if fault is not None or missed is not None:
        raise typer.Exit(1)
    console.count("trail.whole", number)
