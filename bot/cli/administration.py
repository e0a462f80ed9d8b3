"""What an admin does from the console: cohorts, invites, orders, exports, the organisation's record."""

import contextlib
import csv
import errno
import io
import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from bot import clock
from bot.app import App
from bot.cli import setup_file
from bot.config import Config
from bot.content import Content, DialogFile, Dialogs, find
from bot.conversation.turns import Turns
from bot.errors import Problem
from bot.export import build, columns, spssfile, table
from bot.export.atomic_write import write_private
from bot.export.request import FORMATS, LABELS, ExportedFile, ExportRequest, Tell
from bot.media.store import MediaStore
from bot.messengers import registry
from bot.product_languages import of_organisation
from bot.services import broadcasts as ordering
from bot.services import cohorts, exports, invites, readiness, share_backs
from bot.services.broadcasts import OrderResult
from bot.services.grants import OFFERED_ROLES
from bot.services.links import Site, invite_links
from bot.services.organisation import OrganisationFacts
from bot.services.refusals import AlreadyDone
from dialogs import languages, wording
from dialogs.model import Dialog
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort, CohortExists
from storage.following import Progress
from storage.unit import Storage, Unit

WEEK = timedelta(days=7)
ROLES = ("leader", *OFFERED_ROLES)
ORDERS_LISTED = 20
QR, POSTER = (".png", ".svg"), (".pdf", ".png")
SHORT_ID = 8  # characters: the end of an order's id
WRITTEN = "%Y-%m-%d %H:%M"
GRACE = timedelta(minutes=1)  # typing a command with the present minute takes a while
DAY = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])-(\d{2})\b")


class AdministrationError(Problem):
    """A request from the console that cannot be carried out."""


def cohort_named(unit: Unit, name: str) -> Cohort:
    """Return a cohort by its name; raises AdministrationError listing the names there are."""
    found = unit.cohorts.by_name(name)
    if found is None:
        known = ", ".join(sorted(each.name for each in unit.cohorts.list())) or "-"
        raise AdministrationError("cli.error.cohort", name=name, known=known)
    return found


def add_cohort(unit: Unit, name: str, tags: Sequence[str], zone: str | None, *, practice: bool) -> UUID:
    """Add a cohort; raises AdministrationError."""
    name = checked_name(name)
    for tag in tags:
        speakable(tag)
    if zone is not None and zone not in available_timezones():
        raise AdministrationError("cli.error.zone", zone=zone)
    try:
        return cohorts.add(unit, None, name, tags, zone, practice=practice).id
    except CohortExists as error:
        raise AdministrationError("cli.error.cohort_exists", name=name) from error


def checked_name(name: str) -> str:
    """Return a cohort's name on one line; raises AdministrationError for none, or one that fits on no button."""
    name = " ".join(name.split())
    if not name:
        raise AdministrationError("cli.error.cohort_name")
    if len(name) > cohorts.LONGEST_NAME:
        raise AdministrationError("cli.error.cohort_long", n=len(name))
    return name


def invite(unit: Unit, role: str, cohort_name: str | None, uses: int, expires_at: datetime) -> str:
    """Make an invite and return its code.

    Raises:
        AdministrationError: a role or cohort that does not exist, or a participant's invite without a cohort.
        NotReady: participants cannot be invited yet.
    """
    if role not in ROLES:
        raise AdministrationError("cli.error.role", role=role, known=", ".join(ROLES))
    if cohort_name is None and role in {"leader", "facilitator"}:
        raise AdministrationError("cli.error.needs_cohort", role=role)
    cohort = cohort_named(unit, cohort_name) if cohort_name else None
    return invites.make(unit, None, role, cohort, uses, expires_at).code


def links(unit: Unit, config: Config, code: str) -> dict[str, str]:
    """Return the links that open an invite, by messenger, where there is one."""
    return invite_links(unit, Site(config.public_url, frozenset(registry.MESSENGERS.wanted(config))), code)


def drawable(path: Path | None, kinds: Sequence[str], code: str) -> None:
    """Make sure that a picture can be written to the path, if one is wanted; raises AdministrationError."""
    if path is not None and path.suffix.lower() not in kinds:
        raise AdministrationError(code, path=path)
    if path is not None and not path.parent.is_dir():
        raise AdministrationError("cli.error.write", path=path, problem=FileNotFoundError(errno.ENOENT, ""))


def draw_qr(link: str, path: Path) -> None:
    """Draw a link as a QR image (PNG or SVG, by the file's ending)."""
    import segno  # noqa: PLC0415  only this needs it

    drawn = io.BytesIO()
    segno.make(link, error="m").save(drawn, kind=path.suffix.lower().removeprefix("."), scale=8, border=4)
    try:
        write_private(path, drawn.getvalue())
    except OSError as error:
        raise AdministrationError("cli.error.write", path=path, problem=error) from error


def broadcast(
    unit: Unit,
    content: Content,
    organisation: OrganisationFacts,
    name: str,
    cohort_name: str,
    purpose: str,
    at: str | None,
    key: str | None,
    *,
    before: Callable[[Cohort, datetime], None],
) -> tuple[OrderResult, str]:
    """Order a broadcast; return it and its moment in words. `before` tells, and may refuse, what speaks against it.

    Raises:
        AdministrationError: no such cohort, a time that cannot be read, or one that has passed.
        OrderError: an empty cohort, or an invalid purpose.
    """
    cohort = cohort_named(unit, cohort_name)
    zone = ZoneInfo(organisation.zone(unit, cohort=cohort))
    due = _moment(at, unit.now, zone) if at else unit.now
    if due < unit.now - GRACE:
        ahead = (unit.now + timedelta(hours=1)).astimezone(zone)
        raise AdministrationError(
            "cli.error.past",
            given=at,
            now=f"{unit.now.astimezone(zone):{WRITTEN}}",
            zone=zone.key,
            example=f"{ahead:{WRITTEN}}",
        )
    due = organisation.sends_from(unit, cohort, due)
    before(cohort, due)
    done = ordering.order(
        unit,
        content.of(unit).dialog(name),
        cohort,
        purpose,
        key=f"console:{key or clock.new_id().hex}",
        ordered_by=None,
        due_at=due,
    )
    return done, f"{due.astimezone(zone):{WRITTEN}} {zone.key}"


def orders(unit: Unit, turns: Turns, language: str) -> list[tuple[str, ...]]:
    """List the newest orders: short id, title, cohort, moment, how many it was sent to, how many finished, state."""
    known = {each.id: each for each in unit.cohorts.list()}
    rows: list[tuple[str, ...]] = []
    for each in unit.broadcasts.list()[:ORDERS_LISTED]:
        cohort, counts = known[each.cohort_id], unit.following.progress(each.id)
        zone = ZoneInfo(turns.organisation.zone(unit, cohort=cohort))
        state = (
            "closed" if each.closed_at else "stopped" if each.cancelled_at else "sending" if counts.queued else "sent"
        )
        rows.append(
            (
                each.id.hex[-SHORT_ID:],
                wording.choose(turns.dialog(unit, each.dialog_hash).title, language),
                cohort.name,
                f"{each.due_at.astimezone(zone):{WRITTEN}}",
                f"{counts.sent}/{counts.people}",
                str(counts.finished),
                state,
            )
        )
    return rows


def _stopped(unit: Unit, order: Broadcast) -> bool:
    """Stop an order, whether it asks or gives back; return False if it was stopped before."""
    try:
        share_backs.stop(unit, order.id, None)
    except AlreadyDone:
        return False
    return True


def end_order(unit: Unit, short: str, *, close: bool) -> Progress:
    """Stop an order, or with `close` close it, too; return its progress then. Raises AdministrationError."""
    found = [each for each in unit.broadcasts.list() if len(short) >= SHORT_ID and each.id.hex.endswith(short)]
    if len(found) != 1:
        raise AdministrationError("cli.error.order", id=short)
    order = found[0]
    done = ordering.close(unit, order.id, None) if close else _stopped(unit, order)
    if not done:
        raise AdministrationError("cli.error.order_over", id=short)
    return unit.following.progress(order.id)


def _moment(given: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read `HH:MM` (the next time the clock shows it) or `YYYY-MM-DD HH:MM`, as wall time in the zone."""
    try:
        if len(given) <= len("HH:MM"):
            local = now.astimezone(zone)
            moment = datetime.combine(local.date(), time.fromisoformat(given.zfill(5)), zone)
            return moment if moment > now - GRACE else moment + timedelta(days=1)
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise unreadable(given, "cli.error.time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def unreadable(given: str, code: str) -> AdministrationError:
    """Return what is said of a day or time that cannot be read, or that no calendar has, as a 31 of February."""
    found = DAY.match(given)
    if found and int(found[3]) > (days := monthrange(int(found[1]), int(found[2]))[1]):
        return AdministrationError("cli.error.no_such_day", given=found[0], days=days)
    return AdministrationError(code, given=given)


def export(
    app: App,
    out: Path,
    asked: ExportRequest,
    cohort_name: str | None = None,
    since: str | None = None,
    tell: Tell = build.nobody,
) -> list[ExportedFile]:
    """Write answers to files; the export is recorded in the audit trail before.

    Args:
        app: the bot's storage and content.
        out: the folder.
        asked: what to export, without cohort and day.
        cohort_name: one cohort only, by its name.
        since: the first day, as `2026-12-06`.
        tell: called with the progress.
    """
    for value, known, code in (
        (asked.form, FORMATS, "cli.error.format"),
        (asked.labels or LABELS[0], LABELS, "cli.export.error.labels"),
    ):
        if value not in known:
            raise AdministrationError(code, form=value, known=", ".join(known))
    if asked.language is not None:
        speakable(asked.language)
    if asked.form == "sav":
        spssfile.check()
    try:
        first = date.fromisoformat(since) if since else None
    except ValueError as error:
        raise unreadable(since or "", "cli.error.date") from error
    with app.storage.unit(clock.now()) as unit:
        cohort = cohort_named(unit, cohort_name) if cohort_name else None
        order = replace(asked, cohort_id=cohort.id if cohort else None, since=first)
        exports.begin(unit, None, order.cohort_id, order.dialogs, order.audit_facts())
    return build.write(app.storage, clock.now(), order, out, app.texts, MediaStore(app.config.home), tell)


def exportable(storage: Storage, known: Content, name: str) -> str:
    """Return the name if there is, or ever was, such a dialog; raises UnknownDialog."""
    with storage.reading(clock.now()) as unit:
        return name if unit.versions.latest(name) else known.of(unit).dialog(name).name


def dialogs(config: Config) -> Dialogs:
    """Return every dialog, including those written in chat where there is an installation."""
    if not (config.master_key or config.key_file.exists()):
        return Content(config.dialogs).in_files()
    from bot.app import App  # noqa: PLC0415  a folder of dialogs is read without any bot

    app = App.open(config)
    with contextlib.closing(app), app.storage.reading(clock.now()) as unit:
        return app.content.of(unit)


def dialog(config: Config, name: str) -> Dialog:
    """Return a dialog by name, or from a file when the name is a path."""
    if name.endswith((".yaml", ".yml")) and Path(name).is_file():
        found = find(Path(name))
        if found.dialog is None:
            raise AdministrationError("cli.error.broken_dialog", path=name)
        return found.dialog
    return dialogs(config).dialog(name)


def speakable(tag: str) -> str:
    """Return a tag if it is a language's; raises AdministrationError."""
    if tag not in languages.LANGUAGES:
        raise AdministrationError("cli.error.language", tag=tag)
    return tag


def check(config: Config, files: Sequence[Path]) -> list[DialogFile]:
    """Read the given files, or every dialog there is."""
    return [find(path) for path in files] or list(dialogs(config).files.values())


def write_codebook(of: Dialog, to: TextIO) -> None:
    """Write a dialog's codebook as CSV."""
    lines = columns.questions(columns.union([of]))
    table.write_book(csv.writer(to), lines, columns.languages_of([of]))


def read_setup(path: Path) -> dict[str, Any]:
    """Read a file of answers; raises SetupError or AdministrationError."""
    try:
        return setup_file.read(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise AdministrationError("cli.error.not_utf8", path=path) from error


def fill(unit: Unit, answers: dict[str, Any]) -> list[str]:
    """Write answers into the organisation's record and make its cohorts; return what is still missing."""
    kept = {key: value for key, value in answers.items() if key not in {"cohorts", "token", "public_url", "key_kept"}}
    unit.organisation.set({**unit.organisation.get(), **kept})
    if answers.get("key_kept"):
        unit.organisation.confirm_key()
    tags = tuple(of_organisation(answers))
    for each in answers.get("cohorts", []):
        if unit.cohorts.by_name(each["name"]) is None:
            add_cohort(unit, each["name"], each.get("languages", tags), each.get("zone"), practice=False)
    unit.audit.add("console", "organisation.changed", "organisation", {"keys": sorted(kept)})
    return readiness.unfilled(unit)
