"""The commands for operating Hilo; each calls one function of this package and says what came of it."""

import time
from pathlib import Path
from typing import Annotated

import typer

from bot import clock
from bot.app import present_key
from bot.cli import accounts, administration, console
from bot.cli.console import opened, say, words
from bot.cli.help import Program
from bot.cli.operate import backup as backups
from bot.cli.operate import doctor as examining
from bot.cli.operate import (
    erasing,
    handing_over,
    interview,
    keys,
    putting_keys,
    rotating,
    service,
    showing,
    units,
    update,
)
from bot.cli.operate import restore as restoring
from bot.cli.operate import words as secret_words
from bot.cli.operate.checks import token
from bot.cli.operate.terminal import InputClosed, ProgressLine, Terminal
from bot.cli.operate.trial import try_backup
from bot.cli.options import Practice
from bot.config import Config
from bot.errors import Problem
from bot.media.store import MediaStore
from bot.runtime import processes
from bot.services import way_back
from bot.services.erasure import erase_person
from storage.damage_scan import scan
from storage.mending import erasable, mend
from storage.reading_copy import reading_copy

WAIT = 60  # seconds to wait for a bot that is starting
YES = typer.Option("--yes", help=words("cli.option.yes"))

commands = Program()
key = Program(help=words("cli.key.help"), no_args_is_help=True)
installing = Program(help=words("cli.service.help"), no_args_is_help=True)
commands.add_typer(key, name="key")
commands.add_typer(installing, name="service")


@commands.command(help=words("cli.setup.help"))
def setup(
    source: Annotated[Path | None, typer.Option("--from", help=words("cli.setup.from"))] = None,
    practice: Practice = False,
) -> None:
    """Ask for everything an organisation needs, or take the same answers from a file."""
    if source is not None:
        given = administration.read_setup(source)
        with opened(practice=practice) as it:
            missing = interview.fill(it, given)
            linked = it.config.token or it.config.public_url
            invite = interview.first_admin(it) if linked else None
        terminal = Terminal(console.LANGUAGE)
        showing.program(terminal)
        say("cli.setup.done")
        interview.warn(terminal, given)
        if missing:
            say("cli.setup.missing", missing=", ".join(missing))
        showing.first_admin(invite, terminal)
        return
    try:
        _ask(practice=practice)
    except InputClosed:
        raise Problem("cli.setup.stopped", command=interview.resume_command()) from None


def _ask(*, practice: bool) -> None:
    terminal = showing.language()
    with opened(practice=practice) as it:
        interview.Interview(it, terminal).run()
        showing.keep_key(it, terminal)
        invite, lacking = interview.first_admin(it), interview.missing(it)
    # Only now that the database is closed: the service gives the folder to a user of its own.
    showing.stay_awake(it.config, terminal)
    showing.first_admin(invite, terminal)
    showing.next_step(lacking, terminal)


@key.command("show", help=words("cli.key.show.help"))
def key_show(practice: Practice = False) -> None:
    """Show the key as 24 words, and ask for two of them."""
    with opened(practice=practice) as it:
        showing.keep_key(it, Terminal(console.LANGUAGE), again=True)


@key.command("rotate", help=words("cli.key.rotate.help"))
def key_rotate(practice: Practice = False) -> None:
    """Give the key new words, or go on with what was begun."""
    terminal = Terminal(console.LANGUAGE)
    with opened(practice=practice) as it, rotating.alone(it.config):
        if begun := rotating.begun_at(it.storage):
            say("cli.rotate.again", day=f"{begun:%Y-%m-%d}")
        else:
            say("cli.rotate.what")
            if not terminal.yes("cli.rotate.sure", otherwise=False):
                raise Problem("cli.nothing_done")
            showing.say_needed(it, terminal)
            proposed = rotating.propose(it.config)
            showing.written_by_one(terminal, proposed)
            holders = 2 if showing.written_by_second(terminal, proposed) else 1
            rotating.begin(it, proposed, holders)
            say("cli.rotate.begun")
        showing.rotated(rotating.complete(it, ProgressLine("rotate")))


@commands.command("handover", help=words("cli.handover.help"))
def handover_(
    leaving: Annotated[str | None, typer.Option("--leaving", metavar="WHO", help=words("cli.handover.leaving"))] = None,
    show: Annotated[bool, typer.Option("--show", help=words("cli.handover.show"))] = False,
    yes: Annotated[bool, YES] = False,
    practice: Practice = False,
) -> None:
    """Write down who holds what, so that Hilo goes on when somebody is missing; or let somebody leave the team."""
    terminal = Terminal(console.LANGUAGE)
    with opened(practice=practice) as it:
        if leaving is not None:
            name, done = handing_over.leave(it, terminal, leaving, sure=yes)
            say("team_leave.done", name=name)
            if done.watched:
                say("team_leave.watched")
            if done.owed:
                say("handover.owed")
            for line in handing_over.owed_lines(done.owed):
                console.put(line)
            return
        if not show:
            try:
                handing_over.ask(it, terminal)
            except InputClosed:
                raise Problem("cli.setup.stopped", command="hilo handover") from None
        with it.storage.reading(clock.now()) as unit:
            for line in handing_over.told(unit):
                console.put(line)


@commands.command("inherited", help=words("cli.inherited.help"))
def inherited(practice: Practice = False) -> None:
    """Say what is here, and what to do first, to whoever has found it without an owner."""
    config = Config.load(practice=practice)
    console.step_down(config)
    for line in handing_over.found(config):
        say(f"cli.inherited.{line.code}", **line.facts)


@key.command("restore", help=words("cli.key.restore.help"))
def key_restore(practice: Practice = False) -> None:
    """Write the key's file again from its 24 words."""
    config = Config.load(practice=practice)
    console.step_down(config)
    say("cli.key.type")
    typed = showing.typed_words(Terminal(console.LANGUAGE))
    say("cli.key.restored", path=keys.restore(config, typed))


@key.command("put", help=words("cli.key.put.help"))
def key_put(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=words("cli.key.put.file"))],
    yes: Annotated[bool, YES] = False,
    practice: Practice = False,
) -> None:
    """Bring people's keys back from a keys file."""
    config = Config.load(practice=practice)
    console.step_down(config)

    def sure(lost: int) -> bool:
        console.count("cli.key.put.lost", lost)
        return yes or Terminal(console.LANGUAGE).yes("cli.key.put.sure", otherwise=False)

    done = putting_keys.put(config, file, sure)
    if done is None:
        raise Problem("cli.nothing_done")
    console.count("cli.key.put.done", done.people)


@installing.command("install", help=words("cli.service.install.help"))
def service_install(
    root: Annotated[Path | None, typer.Option(help=words("cli.service.root_option"))] = None,
) -> None:
    """Install the systemd service, or print it where there is no systemd."""
    config = Config.load()
    folder = Path.cwd()
    if root is None and not service.possible():
        for name, text in units.units(config, folder).items():
            console.exactly(f"# /{service.UNITS / name}\n{text}")
        say("cli.service.by_hand")
        return
    done = service.install(config, folder, root)
    for path in done.files:
        console.put(str(path))
    say("cli.service.running" if done.running else "cli.service.written")


@commands.command(help=words("cli.backup.help"))
def backup(
    to: Annotated[Path | None, typer.Option("--to", help=words("cli.backup.to"))] = None,
    before_update: Annotated[Path | None, typer.Option("--before-update", hidden=True)] = None,
    practice: Practice = False,
) -> None:
    """Make a backup and verify it."""
    processes.give_way()
    if before_update is not None:
        with opened(practice=practice) as it:
            console.put(str(backups.make_aside(it.config, it.storage, before_update, ProgressLine("backup"))))
        return
    with opened(practice=practice) as it:
        done = backups.make(it.config, it.storage, to, ProgressLine("backup"))
    console.put(str(done.data))
    console.put(str(done.keys))
    console.count("cli.backup.done", done.people, size=f"{done.size / 1e6:.1f}")
    if done.damaged:
        console.count("cli.backup.damaged_keys", done.damaged)


@commands.command(help=words("cli.restore.help"))
def restore(
    data: Annotated[Path, typer.Argument(metavar="FILE", help=words("cli.restore.file"))],
    keys_file: Annotated[Path | None, typer.Option("--keys", help=words("cli.restore.keys"))] = None,
    trial: Annotated[bool, typer.Option("--try", help=words("cli.restore.try"))] = False,
    on_paper: Annotated[bool, typer.Option("--words", help=words("cli.restore.words"))] = False,
    yes: Annotated[bool, YES] = False,
    practice: Practice = False,
) -> None:
    """Restore a backup, or only try whether it could be."""
    if trial or on_paper:
        _try(data, keys_file, on_paper=on_paper, practice=practice)
        return
    config = Config.load(practice=practice)
    console.step_down(config)
    for path in filter(None, (data, keys_file)):
        if not path.is_file():
            raise backups.BackupError("cli.restore.no_file", path=path)
    sure = yes or not restoring.holds_anything(config)
    if not sure and not Terminal(console.LANGUAGE).yes("cli.restore.sure", otherwise=False, home=config.home):
        raise Problem("cli.nothing_done")
    done = restoring.restore(config, data, keys_file, ProgressLine("restore"))
    console.count("cli.restore.done", done.people, at=f"{done.made_at:%Y-%m-%d %H:%M} UTC")
    if done.erased_again:
        console.count("cli.restore.erased", done.erased_again)
    if done.unsealed:
        console.count("cli.restore.unsealed", done.unsealed)
    say("cli.restore.since")
    if done.aside is not None:
        say("cli.restore.aside", path=done.aside)


def _try(data: Path, keys_file: Path | None, *, on_paper: bool, practice: bool) -> None:
    """Bring a backup back beside what is here, with the key here or with the words on paper."""
    with opened(practice=practice) as it:
        master = present_key(it.config)
        if on_paper:
            say("cli.key.type")
            master = secret_words.key_of(showing.typed_words(Terminal(console.LANGUAGE)))
        done = try_backup(it, master, data, keys_file, ProgressLine("restore"))
    console.count("cli.restore.tried", done.people, at=f"{done.made_at:%Y-%m-%d %H:%M} UTC")
    if done.damaged:
        console.count("cli.restore.tried_damaged", done.damaged)


@commands.command("update", help=words("cli.update.help"))
def update_(
    folder: Annotated[Path, typer.Option("--folder", hidden=True)] = Path(),
    yes: Annotated[bool, typer.Option("--yes", help=words("cli.update.yes"))] = False,
    well: Annotated[bool, typer.Option("--all-is-well", help=words("cli.update.well"))] = False,
) -> None:
    """Update to a new version, and go back if it does not start; or say that the one that runs is well."""
    if well:
        with opened(practice=False) as it:
            with it.storage.unit(clock.now()) as unit:
                way_back.all_is_well(unit, None)
            with it.storage.reading(clock.now()) as unit:
                gone = way_back.expire(unit, it.config.home)
        console.count("cli.update.well.done", len(gone))
        return
    config = Config.load()
    aside = (config.home / f"{way_back.PREFIX}{clock.now():{way_back.STAMP}}").absolute()
    for account in filter(None, (accounts.owner(folder), accounts.owner(config.home))):
        accounts.check(account, folder.absolute())
    running = service.installed()
    if running and not service.possible():
        raise service.ServiceError("cli.service.root")
    done = update.Update(
        folder.absolute(),
        aside,
        ProgressLine("update"),
        service=running,
        agreed=lambda offer: showing.agreed(offer, Terminal(console.LANGUAGE), sure=yes),
    )()
    if done is None:
        raise Problem("cli.nothing_done")
    if done.before == done.after:
        say("cli.update.newest", version=done.after)
        return
    say("cli.update.done", before=done.before, after=done.after)
    say("cli.update.kept", days=way_back.KEPT.days)


@commands.command(help=words("cli.status.help"))
def status(
    wait: Annotated[bool, typer.Option("--wait", help=words("cli.status.wait"))] = False,
    asleep: Annotated[bool, typer.Option("--asleep", hidden=True)] = False,
    practice: Practice = False,
) -> None:
    """Say whether Hilo runs, and what is still to do."""
    config = Config.load(practice=practice)
    console.step_down(config)
    end = time.monotonic() + (WAIT if wait else 0)
    while not (awake := showing.answers(config)) and time.monotonic() < end:
        time.sleep(1)
    # Whoever reads that it is asleep while it starts would start a second one.
    say("cli.status.awake" if awake else "cli.status.starting" if examining.awake(config) else "cli.status.asleep")
    showing.state(config, awake=awake)
    if not awake and not asleep:
        raise typer.Exit(1)


@commands.command(help=words("cli.doctor.help"))
def doctor(practice: Practice = False) -> None:
    """Look for what may be wrong, and say what to do about it."""
    processes.give_way()
    config = Config.load(practice=practice)
    # Before another account goes on, which may not look into everybody's folders.
    traces = list(token.traces(config))
    console.step_down(config)
    bad = 0
    for finding in (*examining.examine(config), *traces):
        bad += finding.level == "bad"
        mark = {"good": "✓", "note": "·", "bad": "✗"}[finding.level]
        console.put(f"{mark} {words(f'cli.doctor.{finding.code}', **finding.facts)}")
    if bad:
        raise typer.Exit(1)
    say("cli.doctor.well")


@commands.command(help=words("cli.erase.help"))
def erase(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help=words("cli.erase.name"))] = None,
    damaged: Annotated[bool, typer.Option("--damaged", help=words("cli.erase.damaged"))] = False,
    yes: Annotated[bool, YES] = False,
    practice: Practice = False,
) -> None:
    """Erase everything of a person, and give the receipt; or only what is damaged, of everybody.

    A name not given is asked for, which keeps it out of the shell's history.
    """
    if damaged:
        _erase_damaged(yes=yes, practice=practice)
        return
    name = name or Terminal(console.LANGUAGE).ask(words("cli.erase.who"))
    with opened(practice=practice) as it:
        it.storage.delete_files = MediaStore(it.config.home).delete
        with it.storage.reading(clock.now()) as unit:
            person = erasing.find(unit, name)
            groups = ", ".join(erasing.groups(unit, person.id)) or "-"
        facts = {"name": person.nickname or "-", "code": person.pseudonym, "groups": groups}
        if not yes and not Terminal(console.LANGUAGE).yes("cli.erase.sure", otherwise=False, **facts):
            raise Problem("cli.nothing_done")
        with it.storage.unit(clock.now()) as unit:
            receipt = erase_person(unit, it.texts, None, unit.people.known(person.id))
        with it.storage.reading(clock.now()) as unit:
            way_back.expire(unit, it.config.home)
        if not erasing.settle(it):
            say("cli.erase.unsettled")
    showing.receipt(receipt)


def _erase_damaged(*, yes: bool, practice: bool) -> None:
    """Erase what does not open, and nothing else, after saying what that is."""
    with opened(practice=practice) as it:
        media_store = MediaStore(it.config.home)
        it.storage.delete_files = media_store.delete
        with reading_copy(it.storage) as still, still.reading(clock.now()) as unit:
            found = erasable(scan(unit, media_store.sealed))
            facts = {"what": examining.kinds(found), "codes": examining.codes(unit, found)}
        if not found:
            say("cli.erase.damaged.none")
            return
        if not yes and not Terminal(console.LANGUAGE).yes("cli.erase.damaged.sure", otherwise=False, **facts):
            raise Problem("cli.nothing_done")
        with it.storage.unit(clock.now()) as unit:
            done = mend(unit, found)
            unit.audit.add("console", "damage.erased", "organisation", {"what": facts["what"]})
    console.count("cli.erase.damaged.done", done)
