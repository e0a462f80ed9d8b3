"""Show things in the terminal: the key's words, the first admin's link, the state of Hilo, a receipt."""

import shutil
import sys
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from babel.lists import format_list

from bot import clock
from bot.app import App, present_key
from bot.cli import console
from bot.cli.operate import dotenv, interview, keys, processes_shown, service, words
from bot.cli.operate.answers import language_names
from bot.cli.operate.checks import webhook
from bot.cli.operate.doctor import awake
from bot.cli.operate.rotating import Rotated
from bot.cli.operate.service import ServiceError
from bot.cli.operate.terminal import Terminal
from bot.cli.operate.trust import UpdateOffer
from bot.cli.operate.update import UpdateError
from bot.config import Config
from bot.errors import Problem
from bot.product_languages import LANGUAGES
from bot.services.due_words import DueWords
from bot.services.erasure import Receipt
from dialogs import languages
from dialogs.replies import folded
from storage.unit import Storage

ROW = 4  # words in a line, where it is wide enough
SOON = 2  # seconds for an answer from this machine


def language() -> Terminal:
    """Ask in every language which one to continue in, and keep it for later commands."""
    first = Terminal(console.LANGUAGE)
    places = {tag: str(place) for place, tag in enumerate(LANGUAGES, 1)}
    for tag, place in places.items():
        console.put(f"{place} · {languages.own_name(tag)}")
    question = " · ".join(_which(tag, list(places.values())) for tag in LANGUAGES)
    begins = {name[:2]: tag for tag in reversed(LANGUAGES) for name in (*language_names(tag), tag, places[tag])}
    chosen = None
    while chosen is None:
        chosen = begins.get(folded(first.ask(question, places[console.LANGUAGE]))[:2])
    console.speak(chosen)
    dotenv.write(Path(dotenv.NAME), {"HILO_LANGUAGE": chosen})
    return Terminal(chosen)


def _which(tag: str, places: list[str]) -> str:
    either = format_list(places, style="or", locale=languages.formatting_locale(tag))
    return console.sentence("cli.setup.language", tag, {"places": either})


def keep_key(opened: App, terminal: Terminal, *, again: bool = False) -> None:
    """Show the key as words, once, and ask for two of them; then, if wanted, for a second holder."""
    with opened.storage.reading(clock.now()) as unit:
        if unit.organisation.care().key_confirmed_at is not None and not again:
            return
    terminal.say("cli.key.what")
    say_needed(opened, terminal)
    if not terminal.yes("cli.key.alone", otherwise=True):
        terminal.say("cli.key.later")
        return
    key = present_key(opened.config)
    written_by_one(terminal, key)
    _kept(opened, terminal, 1)
    if written_by_second(terminal, key):
        _kept(opened, terminal, 2)


def say_needed(opened: App, terminal: Terminal) -> None:
    """Say what the words need beside them, where epochs wrap the keys: it belongs on the paper."""
    if opened.storage.vault.epochs is not None:
        terminal.say("cli.key.needs")


def written_by_one(terminal: Terminal, key: bytes) -> None:
    """Show a key's words until they are on paper."""
    _show(terminal, words.of_key(key, terminal.language), keys.ASKED)


def written_by_second(terminal: Terminal, key: bytes) -> bool:
    """Show a key's words to a second holder, if there is one here; return whether there is."""
    if not terminal.yes("cli.key.second", otherwise=False):
        return False
    _show(terminal, words.of_key(key, terminal.language), keys.ASKED_SECOND)
    return True


def rotated(done: Rotated) -> None:
    """Say what a finished rotation left, and what is to be done by hand."""
    console.say("cli.rotate.done", path=done.backups[-1])
    if done.deleted:
        console.count("cli.rotate.deleted", done.deleted)
    for place in (*done.away, *done.aside):
        console.say("cli.rotate.away", path=place)
    console.say("cli.rotate.limit")


def _kept(opened: App, terminal: Terminal, holders: int) -> None:
    with opened.storage.unit(clock.now()) as unit:
        keys.confirm(unit, holders)
    terminal.say("cli.key.kept")


def _show(terminal: Terminal, of_key: list[str], asked: tuple[int, int]) -> None:
    """Show the words until those that are asked for are right."""
    while True:
        numbered = [f"{place:>2} {word:<12}" for place, word in enumerate(of_key, 1)]
        row = max(1, min(ROW, (shutil.get_terminal_size().columns + 2) // (len(numbered[0]) + 2)))
        for start in range(0, len(numbered), row):
            console.put("  ".join(numbered[start : start + row]).rstrip())
        terminal.say("cli.key.write")
        try:
            terminal.ask(terminal.words("cli.key.written"))
        finally:
            terminal.wipe()
        if all(words.same(terminal.ask(terminal.words("cli.key.ask", n=n)), of_key[n - 1]) for n in asked):
            return
        terminal.trouble(Problem("cli.key.wrong"))


def typed_words(terminal: Terminal) -> str:
    """Read words, over as many lines as they take, until there are enough or a line is empty."""
    typed: list[str] = []
    while sum(not word.strip(".:").isdecimal() for word in typed) < words.WORDS:
        line = terminal.ask(terminal.words("cli.key.words"))
        if not line:
            break
        typed += line.split()
    return " ".join(typed)


def stay_awake(config: Config, terminal: Terminal) -> None:
    """Install the service where possible; elsewhere say how Hilo is started."""
    if config.practice or service.installed():
        program(terminal)
        return
    if not service.possible():
        program(terminal)
        terminal.say("cli.setup.run")
        return
    if terminal.yes("cli.setup.service", otherwise=True):
        try:
            service.install(config, Path.cwd())
            terminal.say("cli.service.running")
        except ServiceError as problem:
            terminal.trouble(problem)
    program(terminal)


def program(terminal: Terminal) -> None:
    """Say what is typed for `hilo` where it is no command, before any line that names one."""
    if shutil.which("hilo") is None:
        terminal.say("cli.setup.long", program=Path(sys.executable).parent / "hilo")


def agreed(offer: UpdateOffer, terminal: Terminal, *, sure: bool) -> bool:
    """Say what an update is about to trust, and ask whether to go on; a signed one goes on where nobody can be asked.

    Raises:
        UpdateError: nobody signed it, and there is nobody to ask.
    """
    after = offer.tag or offer.after[:8]
    terminal.say("cli.update.from", before=offer.before[:8], after=after, commit=offer.after[:8], address=offer.address)
    if offer.signer:
        terminal.say("cli.update.signed", who=offer.signer, key=offer.key)
    else:
        terminal.say("cli.update.nobody_signed", address=offer.address)
    who = ", ".join(offer.authors)
    console.count("cli.update.changes", offer.commits, who=who, files=offer.files)
    for what in offer.touches:
        terminal.say(f"cli.update.touches.{what}")
    if sure:
        return True
    if sys.stdin.isatty():
        return terminal.yes("cli.update.sure", otherwise=offer.signer is not None)
    if offer.signer is None:
        raise UpdateError("cli.update.say_yes")
    return True


def first_admin(made: tuple[str, dict[str, str]] | None, terminal: Terminal) -> None:
    """Show the first admin's links, each with its QR; nothing where there is no invite to show."""
    if made is None:
        return
    code, links = made
    terminal.say("cli.setup.admin")
    for messenger, link in links.items():
        console.put(f"{messenger}: {link}")
        draw(link)
    if not links:
        terminal.say("cli.setup.admin.code", code=code)


def draw(link: str) -> None:
    """Draw a link as a QR code in the terminal."""
    import segno  # noqa: PLC0415  only this needs it

    blocks = (sys.stdout.encoding or "").lower().startswith("utf")
    segno.make(link, error="l").terminal(out=sys.stdout, compact=blocks, border=2)


def next_step(lacking: Sequence[str], terminal: Terminal) -> None:
    """Say what is still to do before participants may be invited."""
    terminal.say("cli.setup.todo" if lacking else "cli.setup.ready")
    for code in lacking:
        console.put(f"  ☐ {terminal.words(f'ready.{code}')}: {terminal.words(f'ready.{code}.remedy')}")


def answers(config: Config) -> bool:
    """Return whether the bot of this folder runs and its web side answers."""
    if not awake(config):
        return False
    host = f"[{config.host}]" if ":" in config.host else config.host
    host = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  where it listens, seen from here
    try:
        with closing(urllib.request.urlopen(f"http://{host}:{config.port}/health", timeout=SOON)) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004  HTTP's own number
    except OSError:
        return False


def state(config: Config, *, awake: bool = True) -> None:
    """Say who the bot is, how many people it can ask, what is due and late, how old the backup is, what is missing."""
    if not (config.home / "hilo.db").exists() and config.database_url.startswith("sqlite"):
        console.say("cli.status.nothing")
        return
    with console.opened(practice=config.practice) as it:
        _state(it.storage, it, awake=awake)


def _state(storage: Storage, it: App, *, awake: bool) -> None:
    with storage.reading(clock.now()) as unit:
        record, care = unit.organisation.get(), unit.organisation.care()
        unsent = sum(unit.unsent.totals())
        aside = sum(each.number for each in unit.inbox.set_aside())
        asked = [each for each in unit.cohorts.list() if it.config.practice or not each.practice]
        people = sum(len(unit.memberships.active(cohort.id)) for cohort in asked)
        organisation = it.turns.organisation
        words = DueWords(
            *(unit, console.TEXTS, it.content, organisation, console.LANGUAGE), organisation.zone(unit), None
        )
        coming = words.lines(awake=awake)
        brought = list(webhook.lines(unit, it.config))
    if storage.database.is_shared:
        for line in processes_shown.lines(processes_shown.listed(storage.database)):
            console.put(line)
    if it.config.token and record.get("username"):
        console.say("cli.run.telegram", username=record["username"])
    for line in brought:
        console.put(line)
    if people:
        console.count("cli.status.people", people)
    else:
        console.say("cli.status.nobody")
    for line in coming:
        console.put(f"· {line}")
    if care.backup_verified_at:
        console.say("cli.status.backup", day=_day(care.backup_verified_at))
    if unsent:
        console.count("cli.status.unsent", unsent)
    if aside:
        console.count("cli.status.set_aside", aside)
    if not it.config.practice and (lacking := interview.missing(it)):  # of what is for real
        console.say("cli.setup.todo")
        for line in console.missing_lines(lacking):
            console.put(line)


def _day(moment: datetime) -> str:
    return console.TEXTS.day(moment, "UTC", console.LANGUAGE)


def receipt(it: Receipt) -> None:
    """Say what was erased, and what is out of our reach until when."""
    console.count("cli.erase.done", it.rows, code=it.pseudonym)
    if it.elsewhere:
        console.say("cli.erase.phones", where=console.TEXTS.all_of(list(it.elsewhere), console.LANGUAGE))
    if it.exported_at:
        console.say("cli.erase.exports", day=_day(it.exported_at))
    if it.final and it.backups_until:
        console.say("cli.erase.backups_final")
    elif it.backups_until:
        console.say("cli.erase.backups", day=_day(it.backups_until))
    if it.away:
        console.say("cli.erase.backups_away", places=", ".join(it.away))
    if it.named:
        console.say("cli.erase.named")
    if not it.final:
        console.say("cli.erase.no_epochs")
