"""The `hilo` command. Each command calls one function below and says, in the console's language, what came of it."""

import sys
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import typer

from bot import clock
from bot.cli import (
    administration,
    beforehand,
    console,
    group_record,
    inbox,
    move,
    paper,
    people,
    practice_hints,
    roster,
    schedules,
    trail,
    usage,
)
from bot.cli.console import failed, opened, say, words
from bot.cli.help import Program
from bot.cli.operate import exports_noted
from bot.cli.operate.commands import commands as operating
from bot.cli.options import Practice
from bot.cli.run import run as run_bot
from bot.config import Config
from bot.export.request import ExportRequest, Format, Labels
from bot.messengers import registry
from bot.product_languages import LANGUAGES
from bot.runtime import processes
from bot.services import risk_talk
from bot.services.cohorts import is_closed


class Only(StrEnum):
    """What a process may do alone, among several."""

    WEB = "web"


app = Program(
    help=words("cli.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cohort = Program(help=words("cli.cohort.help"), no_args_is_help=True)
dialog = Program(help=words("cli.dialog.help"), no_args_is_help=True)
app.add_typer(cohort, name="cohort")
people.add_to(app, cohort)
app.add_typer(dialog, name="dialog")
app.add_typer(schedules.schedule, name="schedule")
app.add_typer(inbox.inbox, name="inbox")
app.add_typer(trail.audit, name="audit")
app.command("record", help=words("cli.record.help"))(group_record.record)
app.add_typer(operating)
app.command("move", help=words("cli.move.help"))(move.move)
app.command("paper", help=words("cli.paper.help"))(paper.paper)


@app.command(help=words("cli.run.help"))
def run(
    only: Annotated[Only | None, typer.Option("--only", help=words("cli.run.only"))] = None, practice: Practice = False
) -> None:
    """Run the bot: messengers, scheduler and courier in one process; or one part, among several."""
    run_bot(practice=practice, part="web" if only is not None else "run")


@app.command(help=words("cli.worker.help"))
def worker() -> None:
    """Do everything but pages, beside other processes."""
    run_bot(practice=False, part="worker")


@app.command(help=words("cli.invite.help"))
def invite(
    cohort_name: Annotated[str | None, typer.Option("--cohort", help=words("cli.invite.cohort"))] = None,
    role: Annotated[str, typer.Option(help=words("cli.invite.role"))] = "leader",
    uses: Annotated[int, typer.Option(min=1, max=1000, help=words("cli.invite.uses"))] = 1,
    days: Annotated[int, typer.Option(min=1, max=365, help=words("cli.invite.days"))] = 14,
    qr: Annotated[Path | None, typer.Option(help=words("cli.invite.qr"))] = None,
    poster: Annotated[Path | None, typer.Option(help=words("cli.invite.poster"))] = None,
    practice: Practice = False,
) -> None:
    """Print a link and a code that let someone in, and draw a QR image of the link."""
    administration.drawable(qr, administration.QR, "cli.error.qr")  # before the invite, so that none is left over
    administration.drawable(poster, administration.POSTER, "cli.error.poster")
    config = Config.load(practice=practice)
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        code = administration.invite(unit, role, cohort_name, uses, unit.now + timedelta(days=days))
        links = administration.links(unit, config, code)
        drawn = roster.poster_of(unit, it.turns, code) if poster is not None and links else None
        untalked = role == "leader" and not practice and risk_talk.is_due(unit)
    for messenger, link in links.items():
        console.put(f"{messenger}: {link}")
    say("cli.invite.code", code=code)
    if untalked:
        say("cli.invite.risk_talk")
    for own in registry.MESSENGERS:
        if own.join_link and own.name not in links:
            console.put(console.TEXTS.own("cli.invite.without", own.own_words, console.LANGUAGE, where=own.title))
    if not links and (qr is not None or poster is not None):
        raise administration.AdministrationError("cli.invite.no_link")
    if poster is not None and drawn is not None:
        poster = console.placed(config, poster)
        roster.write_poster(drawn, poster)
        say("cli.invite.poster_done", path=poster)
    if qr is not None:
        qr = console.placed(config, qr)
        administration.draw_qr(next(iter(links.values())), qr)
        say("cli.invite.qr_done", path=qr)


@cohort.command("add", help=words("cli.cohort.add.help"))
def cohort_add(
    name: Annotated[str, typer.Argument(help=words("cli.cohort.name"))],
    language: Annotated[list[str] | None, typer.Option(help=words("cli.cohort.language"))] = None,
    zone: Annotated[str | None, typer.Option(help=words("cli.cohort.zone"))] = None,
    mark: Annotated[bool, typer.Option("--for-practice", help=words("cli.cohort.practice"))] = False,
    practice: Practice = False,
) -> None:
    """Add a cohort with its defaults."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        administration.add_cohort(unit, name, tuple(language or LANGUAGES), zone, practice=mark or practice)
    say("cli.cohort.added", name=name)


@cohort.command("list", help=words("cli.cohort.list.help"))
def cohort_list(practice: Practice = False) -> None:
    """List the cohorts and how many people each can reach."""
    with opened(practice=practice) as it, it.storage.reading(clock.now()) as unit:
        rows = [
            (
                each.name,
                ", ".join(each.languages),
                each.zone or "",
                str(len(unit.memberships.active(each.id))),
                words("cli.cohort.closed_mark") if is_closed(each) else "",
            )
            for each in unit.cohorts.list()
        ]
    console.table(
        tuple(f"cli.column.{column}" for column in ("name", "languages", "zone", "people", "standing")),
        rows,
        "cli.cohort.none",
    )


@app.command(help=words("cli.broadcast.help"))
def broadcast(
    name: Annotated[str, typer.Argument(metavar="DIALOG", help=words("cli.broadcast.dialog"))],
    to: Annotated[str, typer.Option(help=words("cli.broadcast.to"))],
    purpose: Annotated[str, typer.Option(help=words("cli.broadcast.purpose"))],
    at: Annotated[str | None, typer.Option(help=words("cli.broadcast.at"))] = None,
    key: Annotated[str | None, typer.Option(help=words("cli.broadcast.key"))] = None,
    every: Annotated[str | None, typer.Option(help=words("cli.broadcast.every"))] = None,
    times: Annotated[int | None, typer.Option(min=1, max=400, help=words("cli.broadcast.times"))] = None,
    until: Annotated[str | None, typer.Option(help=words("cli.broadcast.until"))] = None,
    after_joining: Annotated[str | None, typer.Option(help=words("cli.broadcast.after_joining"))] = None,
    then: Annotated[list[str] | None, typer.Option(help=words("cli.broadcast.then"))] = None,
    remind: Annotated[int | None, typer.Option(min=0, max=744, help=words("cli.broadcast.remind"))] = None,
    yes: Annotated[bool, typer.Option("--yes", help=words("cli.option.yes"))] = False,
    practice: Practice = False,
) -> None:
    """Order a broadcast: to whom, which dialog, for what purpose, and whether it comes back."""
    if after_joining is not None:
        if every is not None:
            raise administration.AdministrationError("cli.error.every_after")
        way = schedules.way_of(after_joining, at)
        with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
            begun = schedules.begin_way(it, unit, [name, *(then or [])], to, purpose, way, key, sure=yes)
        schedules.tell_begun(begun)
        return
    if every is not None:
        if at is not None:
            raise administration.AdministrationError("cli.error.every_at")
        with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
            rule = (every, times, until, key, remind)
            begun = schedules.begin(it, unit, [name, *(then or [])], to, purpose, *rule, sure=yes)
        schedules.tell_begun(begun)
        return
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        before = partial(beforehand.tell_order, it, unit, sure=yes)
        asked = (name, to, purpose, at, key)
        done, due = administration.broadcast(unit, it.content, it.turns.organisation, *asked, before=before)
    if done.again:
        say("cli.broadcast.again")
    else:
        console.count("cli.broadcast.done", done.people, to=to, when=due)


@app.command(help=words("cli.orders.help"))
def orders(
    stop: Annotated[str | None, typer.Option(metavar="ID", help=words("cli.orders.stop"))] = None,
    close: Annotated[str | None, typer.Option(metavar="ID", help=words("cli.orders.close"))] = None,
    practice: Practice = False,
) -> None:
    """List the newest broadcasts and their progress, or stop or close one."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit:
        if given := close or stop:
            done = administration.end_order(unit, given, close=close is not None)
            console.count("cli.orders.closed" if close else "cli.orders.stopped", done.cancelled, sent=done.sent)
            return
        rows = administration.orders(unit, it.turns, console.LANGUAGE)
    columns = ("id", "title", "cohort", "when", "sent", "finished", "state")
    told = [(*row[:-1], words(f"cli.orders.state.{row[-1]}")) for row in rows]
    console.table([f"cli.column.{column}" for column in columns], told, "cli.orders.none")


@app.command(help=words("cli.export.help"))
def export(
    out: Annotated[Path, typer.Option(help=words("cli.export.out"))],
    form: Annotated[str, typer.Option("--format", help=words("cli.export.format"))] = "xlsx",
    name: Annotated[str | None, typer.Option("--dialog", help=words("cli.export.dialog"))] = None,
    cohort_name: Annotated[str | None, typer.Option("--cohort", help=words("cli.export.cohort"))] = None,
    since: Annotated[str | None, typer.Option(help=words("cli.export.since"))] = None,
    language: Annotated[str | None, typer.Option(help=words("cli.export.language"))] = None,
    labels: Annotated[str | None, typer.Option(help=words("cli.export.labels"))] = None,
    long: Annotated[bool, typer.Option("--long", help=words("cli.export.long"))] = False,
    exact: Annotated[bool, typer.Option("--exact-times", help=words("cli.export.exact"))] = False,
    no_media: Annotated[bool, typer.Option("--no-media", help=words("cli.export.no_media"))] = False,
    practice: Practice = False,
) -> None:
    """Write answers to files, one per dialog, with a codebook beside each."""
    processes.give_way()
    asked = ExportRequest(
        cast("Format", form),
        (name,) if name else (),
        language=language,
        labels=cast("Labels | None", labels),
        long=long,
        exact=exact,
        media=not no_media,
        practice=practice,
    )
    with opened(practice=practice) as it, console.progress("cli.export.progress") as tell:
        out = console.placed(it.config, out)
        if name is not None:
            administration.exportable(it.storage, it.content, name)
        written = administration.export(it, out, asked, cohort_name, since, tell)
        if written:
            with it.storage.unit(clock.now()) as unit:
                exports_noted.note(unit, out)
    console.written(written, form, out)


@app.command(help=words("cli.migrate.help"))
def migrate(practice: Practice = False) -> None:
    """Migrate the database to this version's schema."""
    with opened(practice=practice) as it:
        say("cli.migrate.done", version=it.storage.database.head())


@dialog.command("list", help=words("cli.dialog.list.help"))
def dialog_list(practice: Practice = False) -> None:
    """List every dialog that can be sent."""
    console.dialogs(administration.dialogs(Config.load(practice=practice)))


@dialog.command("check", help=words("cli.dialog.check.help"))
def dialog_check(
    files: Annotated[list[Path] | None, typer.Argument(help=words("cli.dialog.check.files"))] = None,
    practice: Practice = False,
) -> None:
    """Check dialogs and print every problem at once, with its line and its remedy."""
    found = administration.check(Config.load(practice=practice), files or [])
    errors = sum(console.issues(each) for each in found)
    if errors:
        raise typer.Exit(1)
    say("cli.dialog.check.good")


@dialog.command("talk", help=words("cli.dialog.talk.help"))
def dialog_talk(
    name: Annotated[str, typer.Argument(metavar="DIALOG", help=words("cli.broadcast.dialog"))],
    language: Annotated[str | None, typer.Option(help=words("cli.dialog.talk.language"))] = None,
    practice: Practice = False,
) -> None:
    """Talk through a dialog in the terminal; nothing is kept."""
    from bot.cli.simulator import Simulator  # noqa: PLC0415  only this command needs it

    chosen = administration.dialog(Config.load(practice=practice), name)
    Simulator(chosen, administration.speakable(language or console.LANGUAGE), console.TEXTS, clock.now()).run(
        sys.stdin, sys.stdout
    )


@dialog.command("codebook", help=words("cli.dialog.codebook.help"))
def dialog_codebook(
    name: Annotated[str, typer.Argument(metavar="DIALOG", help=words("cli.broadcast.dialog"))],
    practice: Practice = False,
) -> None:
    """Print what every exported column of a dialog means, as CSV."""
    administration.write_codebook(administration.dialog(Config.load(practice=practice), name), sys.stdout)


def main() -> None:
    """Run the command line; an error that the person can mend is a sentence, not a traceback."""
    console.practise(typer.main.get_command(app) if practice_hints.PRACTICE in sys.argv else None)
    try:
        raise SystemExit(app(prog_name="hilo", standalone_mode=False))
    except typer.TyperException as error:
        raise SystemExit(usage.tell(error)) from None
    except console.FORESEEN as error:
        failed(error)
        raise SystemExit(1) from None
    finally:
        console.practise(None)
