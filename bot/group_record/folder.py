"""Put the pages of a group's record into a folder, whole or not at all."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from bot.errors import Problem
from bot.export.atomic_write import AtomicFolder
from bot.group_record.gathered import Gathering
from bot.group_record.pages import SUMS, Pages
from bot.rendering.texts import Texts
from bot.services import group_record
from storage.unit import Storage


class NotARecord(Problem):
    """The folder holds other things, which are left alone."""


def check(out: Path) -> None:
    """Raise NotARecord where a folder holds something else than a record."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / SUMS).is_file())):
        raise NotARecord("cli.record.error.place", path=out)


def write(storage: Storage, now: datetime, cohort_id: UUID, out: Path, texts: Texts) -> list[str]:
    """Write the record of a group into a folder; pages of an older one that are no more are deleted.

    Returns:
        Where words stayed out that could tell who said something.

    Raises:
        NotARecord: the folder holds something else.
        CannotWrite: it cannot be written there.
    """
    check(out)
    before = _listed(out)
    with AtomicFolder(out) as folder:
        with storage.unit(now) as unit:
            cohort = unit.cohorts.get(cohort_id)
            assert cohort is not None
            gathering = Gathering(unit, cohort, texts, group_record.figures(unit, cohort))
            pages = Pages(folder.files, texts, str(unit.organisation.get().get("name") or ""), cohort.name)
            pages.write(gathering)
        written = {str(each.relative_to(folder.files)) for each in folder.files.rglob("*") if each.is_file()}
    for name in before - written:
        (out / name).unlink(missing_ok=True)
    return list(dict.fromkeys(gathering.kept.back))


def _listed(out: Path) -> set[str]:
    """Return which files an older record in a folder names as its own; nothing outside the folder is among them."""
    if not (out / SUMS).is_file():
        return set()
    names = (line[66:] for line in (out / SUMS).read_text("utf-8").splitlines())
    return {name for name in names if name and (out / name).resolve().is_relative_to(out.resolve())}
