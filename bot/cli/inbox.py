"""The commands about messages that nobody could handle: `hilo inbox`, `hilo inbox retry`, `hilo inbox drop`."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot import clock
from bot.cli import console
from bot.cli.administration import WRITTEN, AdministrationError
from bot.cli.console import opened, words
from bot.cli.help import Program
from bot.cli.operate.terminal import Terminal
from bot.cli.options import Practice
from bot.errors import Problem
from bot.services.organisation import local_zone
from storage.damage import DAMAGED
from storage.inbox import FORGOTTEN, SetAside
from storage.unit import Unit

inbox = Program(help=words("cli.inbox.help"), invoke_without_command=True)
Kind = Annotated[str, typer.Argument(metavar="KIND", help=words("cli.inbox.kind"))]
REASONS = {DAMAGED: "damaged", FORGOTTEN: "forgotten"}


@inbox.callback()
def inbox_alone(ctx: typer.Context, practice: Practice = False) -> None:
    """List what was set aside, where nothing else is asked for."""
    if ctx.invoked_subcommand is None:
        inbox_list(practice=practice)


@inbox.command("list", help=words("cli.inbox.list.help"))
def inbox_list(practice: Practice = False) -> None:
    """List what was set aside, by kind: how many, since when, and whether it can be tried again."""
    with opened(practice=practice) as it, it.storage.reading(clock.now()) as unit:
        zone = ZoneInfo(local_zone(unit))
        rows = [
            (
                each.error,
                words(f"cli.inbox.reason.{REASONS.get(each.error, 'other')}"),
                str(each.number),
                str(each.kept),
                f"{each.since.astimezone(zone):{WRITTEN}}",
                f"{each.until.astimezone(zone):{WRITTEN}}",
            )
            for each in unit.inbox.set_aside()
        ]
    columns = ("kind", "reason", "number", "kept", "since", "until")
    console.table([f"cli.column.aside.{column}" for column in columns], rows, "cli.inbox.none")
    if rows:
        console.say("cli.inbox.next")


@inbox.command("retry", help=words("cli.inbox.retry.help"))
def inbox_retry(kind: Kind, practice: Practice = False) -> None:
    """Give messages of a kind another turn."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        found = _of(unit, kind)
        if not found.kept:
            raise AdministrationError("cli.error.inbox_forgotten", kind=kind)
        number = unit.inbox.try_again(kind)
        unit.audit.add("console", "inbox.retried", kind, {"number": number})
    console.count("cli.inbox.retried", number)


@inbox.command("drop", help=words("cli.inbox.drop.help"))
def inbox_drop(
    kind: Kind,
    yes: Annotated[bool, typer.Option("--yes", help=words("cli.inbox.yes"))] = False,
    practice: Practice = False,
) -> None:
    """Drop messages of a kind, with their words."""
    with opened(practice=practice) as it:
        with it.storage.reading(clock.now()) as unit:
            found = _of(unit, kind)
        if (
            found.kept
            and not yes
            and not Terminal(console.LANGUAGE).yes("cli.inbox.sure", otherwise=False, n=found.kept)
        ):
            raise Problem("cli.nothing_done")
        with it.storage.unit(clock.now()) as unit:
            number = unit.inbox.drop(kind)
            unit.audit.add("console", "inbox.dropped", kind, {"number": number})
    console.count("cli.inbox.dropped", number)


def _of(unit: Unit, kind: str) -> SetAside:
    """Return what was set aside of a kind; raises AdministrationError naming the kinds there are."""
    found = unit.inbox.set_aside()
    chosen = next((each for each in found if each.error == kind), None)
    if chosen is None:
        if not found:
            raise AdministrationError("cli.inbox.none")
        known = ", ".join(each.error for each in found)
        raise AdministrationError("cli.error.inbox_kind", kind=kind, known=known)
    return chosen
