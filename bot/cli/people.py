"""The commands about people: `hilo people`, `hilo role`, and what a cohort agreed (`hilo cohort`)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot import clock
from bot.cli import cohorts, console, roster
from bot.cli.administration import cohort_named
from bot.cli.console import opened, say, words
from bot.cli.help import Program
from bot.cli.options import Practice
from bot.config import Config
from bot.services import trail
from bot.services.cohorts import is_closed
from bot.services.minors import Whose
from bot.services.organisation import local_zone
from storage.cohorts import Cohort
from storage.unit import Unit


class AdultWhose(StrEnum):
    """Whose yes there is for somebody under eighteen."""

    family = "family"
    school = "school"


Who = Annotated[str, typer.Argument(metavar="WHO", help=words("cli.people.who"))]
InCohort = Annotated[str | None, typer.Option("--cohort", help=words("cli.people.cohort"))]

people = Program(help=words("cli.people.help"), no_args_is_help=True)
role = Program(help=words("cli.role.help"), no_args_is_help=True)


def add_to(app: typer.Typer, cohort: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(people, name="people")
    app.add_typer(role, name="role")
    cohort.command("show", help=words("cli.cohort.show.help"))(cohort_show)
    cohort.command("change", help=words("cli.cohort.change.help"))(cohort_change)
    cohorts.add_to(cohort)


@people.command("list", help=words("cli.people.list.help"))
def people_list(cohort_name: InCohort = None, practice: Practice = False) -> None:
    """List members, with the status of each and since when."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        cohort = cohort_named(unit, cohort_name) if cohort_name else None
        trail.note(unit, None, trail.LISTED, str(cohort.id) if cohort else "*")
        rows = [
            (
                row.member.person.display_name,
                row.member.person.pseudonym,
                row.cohort.name,
                words(f"cli.state.{row.status.short}"),
                words(f"people.state.{row.status.code}"),
                _day(unit, row.status.since),
            )
            for row in roster.everyone(unit, cohort_name)
        ]
    columns = ("name", "code", "in_group", "standing", "why", "since")
    console.table(tuple(f"cli.column.{column}" for column in columns), rows, "cli.people.none")


@people.command("show", help=words("cli.people.show.help"))
def people_show(who: Who, practice: Practice = False) -> None:
    """Show one person: their cohorts, their status in each, their roles."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        person = roster.somebody(unit, who)
        trail.note(unit, None, trail.LOOKED_AT, str(person.id))
        console.put(f"{person.display_name} · {person.pseudonym}")
        for row in roster.everyone(unit, None):
            if row.member.person.id == person.id:
                since = _day(unit, row.status.since)
                console.put(f"{row.cohort.name}: {words(f'people.state.{row.status.code}')} {since}".rstrip())
        for owner, grant, cohort in roster.grants(unit):
            if owner.id == person.id:
                console.put(" · ".join(filter(None, (words(f"role.{grant.role}"), cohort.name if cohort else ""))))


@people.command("move", help=words("cli.people.move.help"))
def people_move(
    who: Who,
    to: Annotated[str, typer.Option(help=words("cli.people.to"))],
    cohort_name: InCohort = None,
    practice: Practice = False,
) -> None:
    """Move a person to another cohort."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        name, group = roster.rehome(unit, it.turns, who, to, cohort_name)
    say("cli.people.moved", name=name, cohort=group)


@people.command("remove", help=words("cli.people.remove.help"))
def people_remove(who: Who, cohort_name: InCohort = None, practice: Practice = False) -> None:
    """Remove a person from a cohort."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        name, group = roster.remove(unit, it.turns, who, cohort_name)
    say("cli.people.removed", name=name, cohort=group)


@people.command("restore", help=words("cli.people.restore.help"))
def people_restore(
    who: Who,
    cohort_name: Annotated[str, typer.Option("--cohort", help=words("cli.people.cohort"))],
    practice: Practice = False,
) -> None:
    """Take a former member into a cohort again."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        name, group = roster.restore(unit, it.turns, who, cohort_name)
    say("cli.people.restored", name=name, cohort=group)


@people.command("approve", help=words("cli.people.approve.help"))
def people_approve(
    who: Who,
    cohort_name: InCohort = None,
    no: Annotated[bool, typer.Option("--no", help=words("cli.people.no"))] = False,
    adult: Annotated[AdultWhose | None, typer.Option("--adult", help=words("cli.people.adult"))] = None,
    practice: Practice = False,
) -> None:
    """Approve a person who waits for it, or decline."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        whose: Whose | None = None if adult is None else "family" if adult is AdultWhose.family else "school"
        name, group = roster.decide(unit, it.turns, who, cohort_name, yes=not no, adult=whose)
    say("cli.people.turned_away" if no else "cli.people.approved", name=name, cohort=group)


@people.command("link", help=words("cli.people.link.help"))
def people_link(
    who: Who,
    forget_pin: Annotated[bool, typer.Option("--forget-pin", help=words("cli.people.forget_pin"))] = False,
    practice: Practice = False,
) -> None:
    """Print a link that opens a person's conversation in a browser, once."""
    base = Config.load(practice=practice).public_url
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        made = roster.link(unit, who, base, forget_pin=forget_pin)
    console.put(made)


@role.command("list", help=words("cli.role.list.help"))
def role_list(practice: Practice = False) -> None:
    """List who has which role, for which cohort, until when."""
    with opened(practice=practice) as it, it.storage.reading(clock.now()) as unit:
        rows = [
            (
                person.display_name,
                person.pseudonym,
                each.role,
                cohort.name if cohort else "",
                _day(unit, each.expires_at),
                words("rest.mark") if each.rested_at else "",
            )
            for person, each, cohort in roster.grants(unit)
        ]
    columns = ("name", "code", "role", "in_group", "until", "standing")
    console.table(tuple(f"cli.column.{column}" for column in columns), rows, "cli.role.none")


@role.command("grant", help=words("cli.role.grant.help"))
def role_grant(
    who: Who,
    name: Annotated[str, typer.Argument(metavar="ROLE", help=words("cli.role.role"))],
    cohort_names: Annotated[list[str] | None, typer.Option("--cohort", help=words("cli.role.cohort"))] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help=words("cli.role.days"))] = None,
    practice: Practice = False,
) -> None:
    """Give a person a role."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        person = roster.grant(unit, who, name, cohort_names or (), days)
    say("cli.role.granted", name=person, role=words(f"role.{name}"))


@role.command("revoke", help=words("cli.role.revoke.help"))
def role_revoke(
    who: Who,
    name: Annotated[str, typer.Argument(metavar="ROLE", help=words("cli.role.role"))],
    cohort_name: InCohort = None,
    practice: Practice = False,
) -> None:
    """Take a role back."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        person = roster.revoke(unit, it.turns, who, name, cohort_name)
    say("cli.role.revoked", name=person, role=name)


@role.command("rest", help=words("cli.role.rest.help"))
def role_rest(who: Who, practice: Practice = False) -> None:
    """Let a person's roles rest, until it is decided."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        name = roster.rest(unit, it.turns, who)
    say("cli.role.rested", name=name)


@role.command("keep", help=words("cli.role.keep.help"))
def role_keep(who: Who, practice: Practice = False) -> None:
    """Decide that a person's roles go on resting."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        name = roster.decide_rest(unit, it.turns, who, over=False)
    say("rest.kept", name=name)


@role.command("resume", help=words("cli.role.resume.help"))
def role_resume(who: Who, practice: Practice = False) -> None:
    """Give a person back the roles that rest."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        name = roster.decide_rest(unit, it.turns, who, over=True)
    say("rest.ended", name=name)


def cohort_show(
    name: Annotated[str, typer.Argument(help=words("cli.cohort.name"))], practice: Practice = False
) -> None:
    """Show what was agreed for a cohort."""
    with opened(practice=practice) as it, it.storage.reading(clock.now()) as unit:
        _tell(cohort_named(unit, name))


def cohort_change(
    name: Annotated[str, typer.Argument(help=words("cli.cohort.name"))],
    language: Annotated[list[str] | None, typer.Option(help=words("cli.cohort.language"))] = None,
    zone: Annotated[str | None, typer.Option(help=words("cli.cohort.zone"))] = None,
    form: Annotated[str | None, typer.Option(help=words("cli.cohort.form"))] = None,
    hours: Annotated[list[str] | None, typer.Option(help=words("cli.cohort.hours"))] = None,
    data: Annotated[str | None, typer.Option(help=words("cli.cohort.data"))] = None,
    approval: Annotated[
        bool | None, typer.Option("--approval/--no-approval", help=words("cli.cohort.approval"))
    ] = None,
    practice: Practice = False,
) -> None:
    """Change what was agreed for a cohort; options left out stay as they are."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        changed = roster.change_cohort(unit, name, language or (), zone, form, hours or (), data, approval=approval)
    _tell(changed)


def _tell(cohort: Cohort) -> None:
    """Print what was agreed for a cohort, in the words of the options."""
    context = cohort.context
    facts = (
        ("languages", ", ".join(cohort.languages)),
        ("zone", cohort.zone or "-"),
        ("form", context.get("form") or "-"),
        ("hours", ", ".join(context.get("hours") or ()) or "-"),
        ("data", context.get("data") or "-"),
        ("approval", words("cli.approval.yes" if context.get("approval") else "cli.approval.no")),
    )
    console.put(f"{cohort.name} ({words('cli.cohort.closed_mark')})" if is_closed(cohort) else cohort.name)
    for key, value in facts:
        console.put(f"  {words(f'group.{key}')}: {value}")


def _day(unit: Unit, moment: datetime | None) -> str:
    """Return a day in the organisation's zone, in words."""
    zone = ZoneInfo(local_zone(unit))
    return f"{moment.astimezone(zone):%Y-%m-%d}" if moment else ""
