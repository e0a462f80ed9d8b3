"""The commands that rename a cohort, close it, open it again, and delete it: `hilo cohort`."""

from typing import Annotated

import typer

from bot import clock
from bot.cli import console
from bot.cli.administration import AdministrationError, checked_name, cohort_named
from bot.cli.console import opened, say, words
from bot.cli.operate.terminal import Terminal
from bot.cli.options import Practice
from bot.errors import Problem
from bot.services import cohorts
from bot.services.refusals import AlreadyDone, GroupInUse
from storage.cohorts import CohortExists

Name = Annotated[str, typer.Argument(metavar="NAME", help=words("cli.cohort.name"))]
Yes = Annotated[bool, typer.Option("--yes", help=words("cli.option.yes"))]


def add_to(cohort: typer.Typer) -> None:
    """Add these commands to `hilo cohort`."""
    cohort.command("rename", help=words("cli.cohort.rename.help"))(rename)
    cohort.command("close", help=words("cli.cohort.close.help"))(close)
    cohort.command("open", help=words("cli.cohort.open.help"))(reopen)
    cohort.command("delete", help=words("cli.cohort.delete.help"))(delete)


def rename(
    name: Name,
    to: Annotated[str, typer.Argument(metavar="NEW", help=words("cli.cohort.new_name"))],
    practice: Practice = False,
) -> None:
    """Give a cohort another name."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        try:
            renamed = cohorts.rename(unit, None, cohort_named(unit, name), checked_name(to))
        except CohortExists as error:
            raise AdministrationError("cli.error.cohort_exists", name=to.strip()) from error
    say("cli.cohort.renamed", before=name, name=renamed.name)


def close(name: Name, yes: Yes = False, practice: Practice = False) -> None:
    """Close a cohort, after saying what that does."""
    with opened(practice=practice) as it:
        with it.storage.reading(clock.now()) as unit:
            cohort = cohort_named(unit, name)
            does = cohorts.closing(unit, cohort)
        if cohorts.is_closed(cohort):
            raise AdministrationError("cli.error.cohort_closed", name=cohort.name)
        say("group.close", group=cohort.name)
        for code, number in does.counted():
            if number:
                console.count(f"group.close.{code}", number)
        say("group.close.stays")
        _confirm(sure=yes)
        with it.storage.unit(clock.now()) as unit:
            try:
                cohorts.close(unit, it.turns, None, cohort_named(unit, name))
            except AlreadyDone:
                raise AdministrationError("cli.error.cohort_closed", name=cohort.name) from None
    say("group.closed", group=cohort.name)


def reopen(name: Name, yes: Yes = False, practice: Practice = False) -> None:
    """Open a closed cohort again, after saying what that does."""
    with opened(practice=practice) as it:
        with it.storage.reading(clock.now()) as unit:
            cohort = cohort_named(unit, name)
        if not cohorts.is_closed(cohort):
            raise AdministrationError("cli.error.cohort_open", name=cohort.name)
        say("group.reopen", group=cohort.name)
        _confirm(sure=yes)
        with it.storage.unit(clock.now()) as unit:
            try:
                cohorts.reopen(unit, it.turns, None, cohort_named(unit, name))
            except AlreadyDone:
                raise AdministrationError("cli.error.cohort_open", name=cohort.name) from None
    say("group.reopened", group=cohort.name)


def delete(name: Name, yes: Yes = False, practice: Practice = False) -> None:
    """Delete an empty cohort, after saying that it cannot be undone."""
    with opened(practice=practice) as it:
        with it.storage.reading(clock.now()) as unit:
            cohort = cohort_named(unit, name)
            empty = cohorts.deletable(unit, cohort)
        if not empty:
            raise AdministrationError("group.in_use", group=cohort.name)
        say("group.delete", group=cohort.name)
        _confirm(sure=yes)
        with it.storage.unit(clock.now()) as unit:
            try:
                cohorts.delete(unit, None, cohort_named(unit, name))
            except GroupInUse:
                raise AdministrationError("group.in_use", group=cohort.name) from None
    say("group.deleted", group=cohort.name)


def _confirm(*, sure: bool) -> None:
    """Ask whether to go on; raises Problem for a no."""
    if not sure and not Terminal(console.LANGUAGE).yes("cli.cohort.ask", otherwise=False):
        raise Problem("cli.nothing_done")
