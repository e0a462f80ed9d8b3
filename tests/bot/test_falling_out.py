"""Falling out and coming back: a gap in fetching, a day without it, a restored backup, a clock that jumps."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from bot import clock
from bot.cli.operate import backup, restore
from bot.config import Config
from bot.services.members import WELCOME_AT
from storage.database import Database
from storage.unit import Storage
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.ready import vault_of
from tests.bot.rig import PURPOSE, SIERRA, Rig
from tests.bot.shell import Shell

pytestmark = pytest.mark.usefixtures("at_once")

ASKED = "¿Tienes 2 minutos?"
EVERY = "cada jueves a las 19:00"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
MINUTE = timedelta(minutes=1)


@pytest.fixture
def terminal(hilo: Rig, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A terminal of the same house, whose clock shows the same time."""
    monkeypatch.setattr(clock, "now", lambda: hilo.now)
    shell.language = "es"
    return shell


@pytest.fixture
def asked(hilo: Rig) -> Phone:
    """A leader who was welcomed before, and has an open question since two hours; fetching is noted."""
    phone = joined(hilo)
    hilo.ask(phone)
    phone.look()
    hilo.notes_gaps = True
    hilo.loops()
    hilo.keep()
    awake(hilo, timedelta(hours=2))
    return phone


def joined(hilo: Rig, seen_by: str | None = "mine", nickname: str = "Colibrí") -> Phone:
    """Let a leader come in who has been welcomed before."""
    phone = hilo.join(seen_by=seen_by, nickname=nickname)
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    return phone


def awake(hilo: Rig, time: timedelta) -> None:
    """Let time pass in which fetching works."""
    until = hilo.now + time
    while hilo.now < until:
        hilo.now = min(hilo.now + MINUTE, until)
        hilo.keep()
    hilo.tick()


def away(hilo: Rig, time: timedelta) -> None:
    """Let nothing be fetched for a time, and then let it work again for two minutes."""
    hilo.now += time
    hilo.keep()
    hilo.handle()
    hilo.tick()
    awake(hilo, 2 * MINUTE)


def test_an_open_question_is_said_once_more_after_a_gap(hilo: Rig, asked: Phone) -> None:
    """Not after a pause in which nothing is forgotten; and not a third time, however often it happens again."""
    away(hilo, timedelta(seconds=140))
    assert asked.news == []
    away(hilo, timedelta(seconds=160))
    assert [each.splitlines()[0] for each in asked.news] == [words(asked, "prompt.repeat")]
    asked.look()
    awake(hilo, timedelta(hours=2))
    away(hilo, timedelta(seconds=160))

    assert asked.news == []
    asked.press("2 · 🙁 Bajo")
    assert len(asked.answers) == 1


def test_it_is_noted_by_a_bot_that_was_not_running(hilo: Rig, asked: Phone) -> None:
    """The process was gone meanwhile; and is gone again before it asks: it is said, once."""
    hilo.again()
    hilo.now += timedelta(hours=1)
    hilo.keep()
    hilo.again()
    hilo.now += 2 * MINUTE
    hilo.tick()
    hilo.again()
    hilo.now += 2 * MINUTE
    hilo.tick()

    assert len(asked.news) == 1


def test_who_answered_or_was_asked_just_now_is_left_alone(hilo: Rig, asked: Phone) -> None:
    """An answer that waited at the messenger comes first; who had the question within the hour is not asked."""
    fresh = joined(hilo, nickname="Ceiba")
    awake(hilo, timedelta(minutes=10))
    hilo.ask(fresh, cohort=SIERRA)
    fresh.look()
    hilo.messenger.say(asked.chat, "2")
    away(hilo, timedelta(minutes=20))

    assert len(asked.answers) == 1
    assert not any(each.startswith(words(asked, "prompt.repeat")) for each in asked.news + fresh.news)


def test_nobody_is_asked_at_night_nor_whose_question_is_a_day_old(hilo: Rig, asked: Phone) -> None:
    """The gap ends at ten at night: at eight it comes; a day after it was asked it does not."""
    awake(hilo, datetime(2026, 11, 25, 3, 50, tzinfo=UTC) - hilo.now)
    away(hilo, timedelta(minutes=10))
    assert asked.news == []
    hilo.now = datetime(2026, 11, 25, 14, 1, tzinfo=UTC)
    hilo.tick()
    assert len(asked.news) == 1
    asked.look()
    later = joined(hilo, nickname="Ceiba")
    hilo.ask(later)
    later.look()
    hilo.keep()
    away(hilo, timedelta(hours=30))

    assert later.news == []


def test_on_a_phone_others_see_it_is_said_that_something_is_there(hilo: Rig) -> None:
    """Once, however often it happens again; and not what."""
    watched = joined(hilo, seen_by="shared")
    hilo.ask(watched)
    watched.look()
    hilo.notes_gaps = True
    hilo.loops()
    hilo.keep()
    awake(hilo, timedelta(hours=2))
    for _ in range(2):
        away(hilo, timedelta(minutes=5))
        awake(hilo, timedelta(minutes=70))

    assert watched.news == [words(watched, "leader.notice")]
    watched.press(words(watched, "button.resume"))
    watched.say("2")
    assert len(watched.answers) == 1


def test_who_comes_by_herself_is_not_rung(hilo: Rig, terminal: Shell) -> None:
    """Two have it open since she came in; the one who is told as it comes gets it once more, the other nothing."""
    own, rung = joined(hilo, nickname="Nopal"), joined(hilo, nickname="Ceiba")
    begin(terminal)
    pass_until(hilo, THURSDAY)
    rung.press("Sí, ahora")
    own.press("No me avises: yo entro")
    pass_until(hilo, THURSDAY + timedelta(days=7, hours=1))
    own.say("hola")
    hilo.tick()
    own.press("Sí, ahora")
    rung.press("Sí, ahora")
    own.look()
    rung.look()
    hilo.notes_gaps = True
    hilo.loops()
    hilo.keep()
    awake(hilo, timedelta(hours=12, minutes=30))
    away(hilo, timedelta(minutes=10))

    assert len(rung.news) == 1
    assert own.news == []


def test_beyond_a_day_the_admins_are_told_from_when_to_when(hilo: Rig, asked: Phone) -> None:
    """Telegram keeps no update longer; the trail has it, and nobody else is told."""
    admin = hilo.facilitator(role="admin", cohort=None)
    admin.look()
    away(hilo, timedelta(hours=23))
    assert admin.news == []
    away(hilo, timedelta(hours=25))

    told = admin.news[0]
    assert "no recibí nada de" in told
    assert "martes 24 de noviembre" not in told
    assert len(hilo.audited("fetch.missed")) == 1
    del asked


# A backup that was put back.


def begin(terminal: Shell, every: str = EVERY) -> str:
    """Begin something that comes back; returns its short id."""
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", every)
    return terminal.good(*order).split()[-1]


def pass_until(hilo: Rig, moment: datetime, step: timedelta = timedelta(hours=6)) -> None:
    """Let time pass with the bot awake."""
    while hilo.now < moment:
        hilo.now = min(hilo.now + step, moment)
        hilo.tick()


def put_back(hilo: Rig, made: backup.Backup) -> None:
    """Put a backup in place, and wake a bot on it that knows nothing else."""
    hilo.storage.database.dispose()
    restore.restore(Config.load({"HILO_HOME": str(hilo.folder)}, folder=hilo.folder), made.data, made.keys, _quiet)
    hilo.storage = Storage(Database.open(f"sqlite:///{hilo.folder / 'hilo.db'}"), vault_of(hilo.folder))
    hilo.workers.storage = hilo.storage
    hilo.again()


def _quiet(_step: str, _done: float) -> None:
    """Tell nobody how far it is."""


def saved(hilo: Rig, to: Path) -> backup.Backup:
    """Make a backup."""
    return backup.make(Config.load({"HILO_HOME": str(hilo.folder)}, folder=hilo.folder), hilo.storage, to, _quiet)


def test_a_restored_backup_asks_nobody_twice_and_asks_an_admin(hilo: Rig, terminal: Shell, tmp_path: Path) -> None:
    """Of last Tuesday, put back on Friday: what was due in between waits for an admin, who says what had come.

    Whoever administers one group alone may not say so, and gets no button that refuses.
    """
    admin = hilo.facilitator(role="admin", cohort=None)
    of_one_group = hilo.facilitator(nickname="Berta", role="admin")
    leader = joined(hilo)
    begin(terminal)
    hilo.order()  # by hand, made and not sent yet
    made = saved(hilo, tmp_path / "usb")
    hilo.tick()
    pass_until(hilo, THURSDAY)
    assert leader.told.count(ASKED) == 2
    pass_until(hilo, THURSDAY + timedelta(hours=10))
    leader.look()
    put_back(hilo, made)
    pass_until(hilo, hilo.now + timedelta(hours=12))

    assert ASKED not in leader.told
    assert words(admin, "button.restored") in admin.last.labels
    assert of_one_group.last.labels == [words(of_one_group, "menu.checklist"), words(of_one_group, "button.menu")]
    assert len(hilo.audited("restore.held")) == 1
    admin.press(words(admin, "button.restored"))
    day = "26 nov"
    admin.press(f"¿Cómo vas? · {SIERRA} · {day}")
    admin.press(words(admin, "button.restored_kept"))
    admin.press(f"¿Cómo vas? · {SIERRA} · 24 nov")
    admin.press(words(admin, "button.restored_send"))
    hilo.tick()
    assert leader.told.count(ASKED) == 1
    admin.say("/estado")
    assert words(admin, "checklist.restored") not in admin.screen()
    leader.look()
    pass_until(hilo, THURSDAY + timedelta(days=7, hours=1))

    assert ASKED in leader.told
    assert [len(hilo.audited(f"restore.{each}")) for each in ("kept", "sent")] == [1, 1]


def test_nothing_is_asked_of_an_admin_where_nothing_was_due(hilo: Rig, terminal: Shell, tmp_path: Path) -> None:
    """A backup of an hour ago."""
    admin = hilo.facilitator(role="admin", cohort=None)
    joined(hilo)
    begin(terminal)
    made = saved(hilo, tmp_path / "usb")
    hilo.advance(hours=1)
    admin.look()
    put_back(hilo, made)
    hilo.tick()

    assert admin.news == []
    admin.say("/estado")
    assert words(admin, "checklist.restored") not in admin.screen()


# A clock that jumps.


def test_a_clock_put_back_or_forward_asks_nothing_twice(hilo: Rig, terminal: Shell) -> None:
    """Three days back after it was asked; and a month forward by mistake, and back: what is to come still comes."""
    phone = joined(hilo)
    begin(terminal)
    pass_until(hilo, THURSDAY)
    assert phone.told.count(ASKED) == 1
    phone.look()
    hilo.now -= timedelta(days=3)
    pass_until(hilo, THURSDAY + timedelta(hours=2))
    assert ASKED not in phone.told
    hilo.now += timedelta(days=30)
    hilo.tick()
    phone.look()
    hilo.now -= timedelta(days=30)
    hilo.again()
    pass_until(hilo, THURSDAY + timedelta(days=7, hours=1))

    counts = hilo.rows("SELECT occurs_on, count(*) FROM broadcasts WHERE schedule_id IS NOT NULL GROUP BY occurs_on")
    assert {number for _, number in counts} == {1}
    assert "2026-12-03T19:00" in dict(counts)
    assert phone.told.count(ASKED) == 1


@contextmanager
def other_rules(folder: Path, zone: str, as_in: str) -> Iterator[None]:
    """Let a zone have another's rules, as after an update of the system's zone database."""
    before = zoneinfo.TZPATH
    shipped = [Path(each) for each in before] or [Path(str(resources.files("tzdata") / "zoneinfo"))]
    rules = next(each / as_in for each in shipped if (each / as_in).exists()).read_bytes()
    (folder / zone).parent.mkdir(parents=True)
    (folder / zone).write_bytes(rules)
    zoneinfo.reset_tzpath([str(folder), *before])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(before)
        zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.proof
@pytest.mark.parametrize("as_in", ["America/Tijuana", "America/Cancun"], ids=["later", "earlier"])
@pytest.mark.parametrize("asked_before", [True, False], ids=["asked", "made ahead"])
def test_a_changed_zone_database_asks_nothing_twice(
    hilo: Rig, terminal: Shell, tmp_path: Path, as_in: str, *, asked_before: bool
) -> None:
    """The country puts its clocks on or back for good, and the machine learns of it: once this week, once the next."""
    phone = joined(hilo)
    begin(terminal)
    pass_until(hilo, THURSDAY if asked_before else THURSDAY - timedelta(hours=12))
    assert phone.told.count(ASKED) == asked_before
    with other_rules(tmp_path / "zones", "America/Mexico_City", as_in):
        hilo.again()
        pass_until(hilo, THURSDAY + timedelta(hours=3), timedelta(minutes=20))
        assert phone.told.count(ASKED) == 1
        phone.look()
        pass_until(hilo, THURSDAY + timedelta(days=7, hours=3), timedelta(hours=1))

    assert phone.told.count(ASKED) == 1
    counts = hilo.rows("SELECT occurs_on, count(*) FROM broadcasts WHERE schedule_id IS NOT NULL GROUP BY occurs_on")
    assert {number for _, number in counts} == {1}
