"""The team: whether somebody else could take over, and whether somebody reads."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.cli.operate.checks.finding import Finding
from bot.services.organisation import OrganisationFacts
from bot.services.reading_days import Away
from storage.unit import Unit

MISSED: Final = 3  # reading days
WEEK: Final = 7


def team(unit: Unit) -> Iterator[Finding]:
    """Find an admin who is alone, groups that nobody reads, and reading days that passed without anybody reading."""
    asked = [cohort for cohort in unit.cohorts.list() if not cohort.practice and unit.memberships.active(cohort.id)]
    admins = {grant.person_id for grant in unit.roles.grants() if grant.role == "admin"}
    if len(admins) < 2:  # noqa: PLR2004  one of two may be missing
        code = "one_admin" if admins else "no_admin"
        yield Finding(code, "bad" if asked else "note")
    unread = [cohort.name or "-" for cohort in asked if not unit.roles.readers(cohort.id)]
    if unread:
        yield Finding("no_reader", "bad", {"names": ", ".join(unread)})
    if (since := _missed(unit)) is not None:
        waiting = unit.readings.unread_by_all(since)
        if waiting:
            facts = {"number": waiting, "day": f"{since.astimezone(ZoneInfo(OrganisationFacts().zone(unit))):%Y-%m-%d}"}
            yield Finding("reading_missed", "bad", facts)


def _missed(unit: Unit) -> datetime | None:
    """Return when the third last reading day that is over began; None where no days are named."""
    record = unit.organisation.get()
    days, away = {int(day) for day in record.get("reading_days") or ()}, Away.of(record)
    if not days:
        return None
    zone = ZoneInfo(OrganisationFacts().zone(unit))
    today = unit.now.astimezone(zone).date()
    if away is not None and away.covers(today):
        return None
    most = MISSED * WEEK + (away.back - away.since).days if away is not None else MISSED * WEEK
    past = [today - timedelta(days=back) for back in range(1, most + 1)]
    read = [day for day in past if day.weekday() in days and not (away is not None and away.covers(day))]
    return _begins(read[MISSED - 1], zone)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
