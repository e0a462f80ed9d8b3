"""Find what may be wrong with an installation: every finding has its remedy, and no check changes anything."""

import asyncio
import shutil
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

from bot import app, clock
from bot.app import LOCK, present_key
from bot.cli import console
from bot.cli.operate import epochs_checked, lengths_check, trail_check
from bot.cli.operate.backup import PLACES, default_place
from bot.cli.operate.checks import address, files, installation, trials, webhook
from bot.cli.operate.checks import team as team_check
from bot.cli.operate.checks.finding import Finding, Level
from bot.cli.operate.exports_noted import noted
from bot.cli.operate.rotating import old_keys_files
from bot.config import Config, ConfigError
from bot.content import Content
from bot.media.store import MediaStore
from bot.messengers.port import CONFLICT, WEBHOOK, BadToken, HookState, MessengerError, Rejected
from bot.product_languages import of_organisation
from bot.services import care as care_card
from bot.services import promises, watch
from storage import rotation
from storage.damage import Damaged
from storage.damage_scan import check_key, scan
from storage.database import HEAD, REVISIONS, BadUrl, Database, DatabaseDown, file_of
from storage.inbox import FORGOTTEN, SetAside
from storage.key_ring import DamagedKey, RetiredKey, open_vault
from storage.marks import DatabaseMoved, MoveUnfinished
from storage.mending import erasable
from storage.reading_copy import reading_copy
from storage.seals import SEAL
from storage.unit import Storage, Unit
from storage.vault import DecryptionError

TELEGRAM: Final = "https://api.telegram.org"
LEAST_ROOM: Final = 500_000_000  # bytes
CLOCK_OFF: Final = timedelta(seconds=60)
PATIENCE: Final = 10  # seconds for one network check
CONFLICT_SINCE: Final = timedelta(hours=2)
FRESH: Final = timedelta(days=7)  # older failures are still reported, but no longer as wrong
MANY: Final = 20  # people's codes that a line names
TRAIL: Final = {"changed": "trail_changed", "cut": "trail_cut", "emptied": "trail_emptied"}
WRITTEN_ANEW: Final = frozenset({("organisation", "record"), ("cohorts", "name")})
LATE: Final = timedelta(days=7, hours=6)  # at this age a backup is reported as old, or at three times the usual gap


def awake(config: Config) -> bool:
    """Return whether a bot of this folder is running: it holds the folder's lock."""
    path = config.home / LOCK
    if not path.exists():
        return False
    with path.open("rb") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return True
    return False


def examine(config: Config) -> Iterator[Finding]:
    """Check everything, in the order in which it is best mended."""
    yield Finding("awake", "good") if awake(config) else Finding("asleep", "note")
    yield from _folder(config)
    yield from _key(config)
    yield from epochs_checked.folder(config)
    yield from _database(config)
    yield from _telegram(config)
    if not config.practice:
        yield from address.address(config, clock.now())
        yield from installation.installation(config, Path.cwd())
    yield from _dialogs(config)


def _folder(config: Config) -> Iterator[Finding]:
    dotenv = Path(".env")
    if dotenv.exists() and dotenv.stat().st_mode & 0o077:
        yield Finding("dotenv", "bad")
    if not config.home.is_dir():
        yield Finding("no_home", "bad", {"path": config.home})
        return
    yield from files.kept_aside(config, clock.now())
    yield from files.left_behind(config, clock.now())
    free = shutil.disk_usage(config.home).free
    level: Level = "good" if free >= LEAST_ROOM else "bad"
    yield Finding("room" if level == "good" else "no_room", level, {"free": f"{free / 1e9:.1f}", "path": config.home})


def _key(config: Config) -> Iterator[Finding]:
    if config.master_key:
        yield Finding("key_setting", "good")
        return
    path = config.key_file
    if not path.exists():
        yield Finding("no_key", "bad", {"path": path})
        return
    if path.stat().st_mode & 0o077:
        yield Finding("key_open", "bad", {"path": path})
    beside = path.resolve().is_relative_to(config.home.resolve())
    yield Finding("key_beside" if beside else "key", "note" if beside else "good", {"path": path})


def _database(config: Config) -> Iterator[Finding]:
    try:
        file = file_of(config.database_url)
    except BadUrl:
        yield Finding("database_url", "bad")
        return
    if file is not None and not file.exists():
        yield Finding("no_database", "note", {"path": file})
        return
    try:
        database = Database.open(config.database_url)
    except BadUrl:
        yield Finding("database_url", "bad")
        return
    except OSError as error:
        yield Finding("database_file", "bad", {"path": file, "problem": error})
        return
    try:
        stored = database.version()
        if stored != HEAD:
            newer = stored is not None and stored not in REVISIONS
            yield Finding("newer" if newer else "older", "bad", {"stored": stored or "-", "known": HEAD})
            return
        yield Finding("database", "good", {"version": stored})
        yield from _inside(Storage(database, open_vault(database, present_key(config), None, config.epochs)), config)
    except (DatabaseDown, DatabaseMoved, MoveUnfinished) as error:
        yield _shut(error, file)
    except PermissionError as error:
        yield Finding("unreadable", "bad", {"path": error.filename, "problem": error})
    except (FileNotFoundError, ConfigError):
        pass  # reported already, where the key is checked
    except DamagedKey:
        yield Finding("former_key", "bad")
    except RetiredKey as retired:
        yield Finding("retired_key", "bad", {"day": f"{retired.at:%Y-%m-%d}"})
    except DecryptionError:
        yield Finding("wrong_key", "bad")
    finally:
        database.dispose()


def _shut(error: DatabaseDown | DatabaseMoved | MoveUnfinished, file: Path | None) -> Finding:
    """Say why a database does not open, before any key is asked."""
    match error:
        case DatabaseMoved(mark=mark):
            return Finding("moved", "bad", {"place": mark.place, "day": f"{mark.at:%Y-%m-%d}"})
        case MoveUnfinished(mark=mark):
            return Finding("move_unfinished", "bad", {"place": mark.place})
    return Finding("database_file" if file else "database_down", "bad", {"path": file, "problem": error})


def _inside(storage: Storage, config: Config) -> Iterator[Finding]:
    with reading_copy(storage) as still, still.reading(clock.now()) as unit:
        check_key(unit)
        if (away := epochs_checked.away(unit, config)) is not None:
            yield away
            return
        care = unit.organisation.care()
        days = int(unit.organisation.get().get("backup_days") or 1)
        faulty = unit.audit.verify()
        missed = trail_check.missed(unit)
        conflict = unit.audit.done(CONFLICT, unit.now - CONFLICT_SINCE)
        taken = unit.audit.done(WEBHOOK, unit.now - CONFLICT_SINCE)
        old = min(LATE, timedelta(days=3 * days))
        late = care.backup_verified_at is not None and unit.now - care.backup_verified_at > old
        if care.backup_verified_at is None:
            yield Finding("no_backup", "bad")
        else:
            day = f"{care.backup_verified_at:%Y-%m-%d}"
            yield Finding("backup_late" if late else "backup", "bad" if late else "good", {"day": day})
        if care.key_confirmed_at is None:
            yield Finding("key_unkept", "bad")
        yield from trials.tried(unit)
        yield from _rotation(unit)
        yield from epochs_checked.epochs(unit, config)
        yield from _places(unit, config)
        yield from _lengths(unit, config)
        yield from team_check.team(unit)
        yield from _care_card(unit)
        yield from _watch(unit)
        yield from _promises(config, unit)
        yield from _set_aside(unit.inbox.set_aside(), unit.now)
        refused, unknown = unit.unsent.totals()
        if refused or unknown:
            yield Finding("unsent", "note", {"failed": refused, "unknown": unknown})
        yield from damage(unit, scan(unit, MediaStore(config.home).sealed))
    if faulty is not None:
        at = f"{faulty.at:%Y-%m-%d}" if faulty.at else "?"
        yield Finding(TRAIL[faulty.kind], "bad", {"row": faulty.row, "at": at})
    if missed is not None:
        yield Finding("trail_backup", "bad", {"path": missed})
    if conflict and config.token:
        yield Finding("conflict", "bad", {"at": f"{conflict[0][0]:%H:%M} UTC"})
    if taken and config.token:
        yield Finding("webhook_taken", "bad", {"at": f"{taken[0][0]:%H:%M} UTC"})


def _places(unit: Unit, config: Config) -> Iterator[Finding]:
    """Look at everything that lies where backups and exports were made."""
    known = [Path(each) for each in unit.organisation.get().get(PLACES) or ()]
    places = list(dict.fromkeys([default_place(config).absolute(), *known]))
    yield from files.open_to_others(config, places)
    yield from files.key_beside_backup(config, present_key(config), places)
    yield from files.exports_left(config, noted(unit))


def _rotation(unit: Unit) -> Iterator[Finding]:
    """Report a rotation that was cut off, and what its former words still open."""
    if begun := rotation.begun_at(unit):
        yield Finding("rotation", "bad", {"day": f"{begun:%Y-%m-%d}"})
    places = [Path(each) for each in unit.organisation.get().get(PLACES) or ()]
    for path in old_keys_files(unit, places):
        yield Finding("old_keys", "bad", {"path": path})


def _lengths(unit: Unit, config: Config) -> Iterator[Finding]:
    """Report what still tells by its length what somebody chose."""
    if found := lengths_check.left(unit, MediaStore(config.home)):
        facts: dict[str, object] = {"values": found.values, "files": found.files}
        yield Finding("lengths_compact" if found.compact else "lengths", "note", facts)
    places = [Path(each) for each in unit.organisation.get().get(PLACES) or ()]
    for path in lengths_check.telling(places):
        yield Finding("backup_telling", "note", {"path": path})


def _care_card(unit: Unit) -> Iterator[Finding]:
    """Tell in which languages the card is not written; ask who dialled it, half a year after the last time."""
    record = unit.organisation.get()
    if not (record.get(care_card.LINES) or record.get(care_card.WORDS)):
        return
    if lacks := dict.fromkeys(tag for _, tag in care_card.lacking(record, of_organisation(record))):
        named = ", ".join(console.TEXTS.language(tag, console.LANGUAGE) for tag in lacks)
        yield Finding("care_lacking", "note", {"languages": named})
    numbers = care_card.to_dial(record, unit.now.date())
    listed = ", ".join(number or console.words("cli.setup.care.card") for number in numbers)
    yield Finding("care_undialled", "note", {"numbers": listed}) if numbers else Finding("care", "good")


def _watch(unit: Unit) -> Iterator[Finding]:
    """Ask who is on watch, and whether their phones were tried."""
    record = unit.organisation.get()
    found = watch.watchers(record)
    if not watch.was_asked(record):
        yield Finding("watch_unasked", "note")
    elif not found:
        yield Finding("watch_nobody", "good")
    elif silent := watch.undrilled(unit, record):
        yield Finding("watch_undrilled", "note", {"names": ", ".join(each.name for each in silent)})
    else:
        yield Finding("watch", "good", {"names": ", ".join(each.name for each in found)})


def _promises(config: Config, unit: Unit) -> Iterator[Finding]:
    """Say what the organisation's own words promise that nobody can hold: record, and dialogs of its own."""
    found = [f"{key}: {said}" for key, said in promises.in_record(unit.organisation.get())]
    every = Content(config.dialogs).of(unit)
    for dialog in every.all():
        if not every.shipped(dialog.name):
            found += [f"{dialog.name}: {said}" for said in promises.in_dialog(dialog)]
    if found:
        yield Finding("promises", "note", {"what": "; ".join(found[:MANY])})


def _set_aside(found: list[SetAside], now: datetime) -> Iterator[Finding]:
    """Report updates that no turn could handle, and those not handled in time: never what they said."""
    for code, these in (
        ("set_aside", [each for each in found if each.error != FORGOTTEN]),
        ("unheard", [each for each in found if each.error == FORGOTTEN]),
    ):
        if these:
            since, until = min(each.since for each in these), max(each.until for each in these)
            facts = {
                "number": sum(each.number for each in these),
                "since": f"{since:%Y-%m-%d}",
                "until": f"{until:%Y-%m-%d}",
                "kinds": ", ".join(f"{each.error}: {each.number}" for each in these),
            }
            yield Finding(code, "bad" if now - until < FRESH else "note", facts)


def damage(unit: Unit, found: Sequence[Damaged]) -> Iterator[Finding]:
    """Report what is damaged by kind, each kind with its remedy; people are named by their codes only."""
    foreign = [each for each in found if each.column == SEAL]
    found = [each for each in found if each.column != SEAL]
    for code, these in (
        ("damaged_keys", [each for each in found if each.table == "person_keys"]),
        ("damaged_record", [each for each in found if (each.table, each.column) in WRITTEN_ANEW]),
        ("damaged_pins", [each for each in found if each.table == "web_pins"]),
        ("damaged_addresses", [each for each in found if each.table == "person_addresses"]),
        ("damaged", erasable(found)),
        ("foreign", foreign),
    ):
        if these:
            yield Finding(code, "bad", {"what": kinds(these), "codes": codes(unit, these)})


def kinds(found: Sequence[Damaged]) -> str:
    """Return how many of each kind are damaged: kinds are tables and columns, in every language."""
    counted = Counter(f"{each.table}.{each.column}" for each in found)
    return ", ".join(f"{kind}: {number}" for kind, number in sorted(counted.items()))


def codes(unit: Unit, found: Sequence[Damaged]) -> str:
    """Return the codes of the people whose data it is, as many as fit on a line."""
    whose = sorted({unit.vault.pseudonym(each.person_id) for each in found if each.person_id})
    return ", ".join(whose[:MANY] + (["…"] if len(whose) > MANY else [])) or "-"


def _telegram(config: Config) -> Iterator[Finding]:
    if config.token is None:
        yield Finding("no_token", "note")
        yield Finding("clock_unknown", "note")
        return
    try:
        username, state = asyncio.run(_asked(config))
    except BadToken:
        yield Finding("bad_token", "bad")
        return
    except Rejected as error:
        yield Finding("bad_api", "bad", {"problem": error})
        return
    except MessengerError as error:
        yield Finding("no_network", "bad", {"problem": error})
        return
    yield Finding("token", "good", {"username": username})
    if state is None:
        yield Finding("webhook_unknown", "note")
    else:
        yield from webhook.findings(config, state, clock.now())
    yield from _clock(config)


async def _asked(config: Config) -> tuple[str, HookState | None]:
    """Ask who the bot is, and where its updates are brought; None where Telegram does not tell the second."""
    client = app.telegram(config)
    try:
        async with asyncio.timeout(PATIENCE):
            username = (await client.identify()).username
        with suppress(MessengerError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                return username, await client.hook()
    except TimeoutError:
        raise MessengerError("no answer") from None
    finally:
        await client.close()
    return username, None


def _clock(config: Config) -> Iterator[Finding]:
    """Compare this machine's clock with that of the Bot API server."""
    try:
        address = config.api or TELEGRAM
        with closing(urllib.request.urlopen(address, timeout=PATIENCE)) as answer:  # noqa: S310  a checked http(s) URL
            date = answer.headers.get("Date")
    except urllib.error.HTTPError as error:
        date = error.headers.get("Date")
        error.close()
    except (OSError, ValueError):
        date = None
    if date is None:
        yield Finding("clock_unknown", "note")
        return
    off = abs(clock.now() - parsedate_to_datetime(date))
    bad = off > CLOCK_OFF
    yield Finding("clock_off" if bad else "clock", "bad" if bad else "good", {"seconds": int(off.total_seconds())})


def _dialogs(config: Config) -> Iterator[Finding]:
    dialogs = Content(config.dialogs).in_files()
    faulty = list(dialogs.with_errors())
    for each in faulty:
        yield Finding("dialog", "bad", {"path": each.path})
    if not faulty:
        yield Finding("dialogs", "good", {"number": len(list(dialogs.all()))})
