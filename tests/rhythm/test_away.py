"""Falling out and coming back, through Telegram's strict double with both clients: a gap in fetching, an old backup."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.ready import ready
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.double.fixture import double  # noqa: F401  a fixture is known where it is imported
from tests.journeys.bot import UNFINISHED
from tests.rhythm.test_killed_week import ASKED, MEXICO, Rehearsal, welcomed
from tests.thread.conftest import client  # noqa: F401  the same
from tests.thread.test_kills import AGAIN, NOTHING
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, alone, join

HOUR, A_MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
PATIENT = 200.0  # seconds for a reply on a busy machine
ES = WORDS["es"]
MISSED = "SELECT count(*) FROM fetches WHERE missed_until IS NOT NULL"
MOOD = "1 de 4"
ASKS_ADMINS = "Se puso una copia"
TOLD = "Tú decides cómo."


@pytest.fixture
def hilo(tmp_path: Path, double: Double, client: str) -> Iterator[Rehearsal]:  # noqa: F811  pytest's way of asking
    """An installation with a group, at ten in the morning of the next day."""
    double.allow("message is not modified")
    made = Rehearsal(tmp_path / "home", double, client)
    ready(made.home, url=made.url)
    local = (made.now + DAY).astimezone(MEXICO).replace(hour=10, minute=0, second=0, microsecond=0)
    made.go_to(local.astimezone(UTC))
    made.command("cohort", "add", COHORT)
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def leaders(hilo: Rehearsal, *names: str) -> list[User]:
    """Let some come in who were welcomed before, each with a phone of her own."""
    users = [hilo.double.user(name, "es") for name in names]
    for user in users:
        join(user, hilo.invite(COHORT), ES)
        alone(user, "es")
    hilo.stop()
    welcomed(hilo)
    hilo.start()
    return users


def out(hilo: Rehearsal, time: timedelta) -> None:
    """Let nothing be fetched for a time, and then let the bot begin again and find its rest."""
    hilo.stop()
    hilo.go_to(hilo.now + time)
    hilo.start()
    rests(hilo)


def rests(hilo: Rehearsal) -> None:
    """Wait until what came is handled, what a gap asks for is done, and all is sent.

    A stranger writes, for as long as nobody does a fetch waits, and only when it is over is a gap noted: a clock that
    went on before would be ahead of it.
    """
    hilo.double.user("Nadie", "es").say("¿Hola?")
    settled(hilo)

    def seen_to() -> bool:
        """Let a little of a minute pass: in one minute people are asked, in the next nobody is left to be."""
        hilo.go_to(hilo.now + A_MINUTE / 4)
        return not hilo.counted(MISSED)

    hilo.until(seen_to, "the gap was not seen to")
    settled(hilo)


def settled(hilo: Rehearsal) -> None:
    """Wait until everything that was said is fetched, handled and answered."""
    hilo.until(lambda: not hilo.double.pending and not hilo.counted(UNFINISHED), "not settled")


def told(user: User, since: int) -> list[str]:
    """Return what somebody was told from a place on, as it first was."""
    return [each.versions[0][0] if each.versions else each.words for each in user.said[since:]]


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(900)
def test_an_open_question_comes_once_more_after_a_gap(hilo: Rehearsal) -> None:
    """A press was forgotten meanwhile: she is asked again, once; whose words had waited is not, and they are kept."""
    presses, writes, answers = leaders(hilo, "Flor", "Nopal", "Ceiba")
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    for user in (presses, writes, answers):
        user.sees(ES["start"], PATIENT)
        user.press(ES["start"])
        user.sees(MOOD, PATIENT)
    place = {user: len(user.said) for user in (presses, writes, answers)}
    out(hilo, timedelta(minutes=10))  # whoever had it within the hour is not asked
    assert not any(AGAIN in words for user, since in place.items() for words in told(user, since))

    hilo.stop()
    presses.press(ES["low"])  # Telegram forgets it
    writes.say("2")
    hilo.go_to(hilo.now + 2 * HOUR)
    hilo.start()
    rests(hilo)
    hilo.kill()
    hilo.start()
    out(hilo, 2 * HOUR)  # and a gap once more

    for user in (presses, answers):
        again = [words for words in told(user, place[user]) if AGAIN in words]
        assert len(again) == 1, user.screen()
        assert MOOD in again[0]
    assert not any(AGAIN in words and MOOD in words for words in told(writes, place[writes])), writes.screen()
    presses.press(ES["low"])
    presses.sees("2 de 4", PATIENT)
    settled(hilo)
    assert hilo.counted("SELECT count(*) FROM answers") == 2
    assert hilo.counted("SELECT max(revision) FROM answers") == 1


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(900)
def test_last_weeks_backup_asks_nobody_twice(hilo: Rehearsal, tmp_path: Path) -> None:
    """What was due since it was made waits until an admin says that it had been sent; the next week's comes, once."""
    (leader,) = leaders(hilo, "Flor")
    admin = hilo.double.user("Ana", "es")
    printed = hilo.command("invite", "--role", "admin")
    admin.start(next(line.removeprefix("code: ") for line in printed.splitlines() if line.startswith("code: ")))
    admin.sees(ES["language"], PATIENT)
    admin.press(ES["language"])
    admin.sees("¿Cómo te digo?", PATIENT)
    admin.say("Ana")
    admin.sees("Listo", PATIENT)
    first = (hilo.now + 6 * DAY).astimezone(MEXICO).replace(hour=11)
    day = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")[first.weekday()]
    order = ("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    hilo.command(*order, "--every", f"cada {day} a las 11:00", "--times", "3")
    printed = hilo.command("backup", "--to", str(tmp_path / "usb"))
    data, keys = (Path(line) for line in printed.splitlines() if line.endswith((".data", ".keys")))

    goes_out(hilo, first, leader)
    answer(leader)
    hilo.stop()
    hilo.go_to(hilo.now + 2 * DAY)  # its window is still open
    place, seen = len(leader.said), len(admin.said)
    hilo.command("restore", str(data), "--keys", str(keys), "--yes")
    hilo.start()
    rests(hilo)
    hilo.until(lambda: any("copia" in words for words in told(admin, seen)), "no admin was asked")
    assert not any(ASKED in words or TOLD in words for words in told(leader, place)), leader.screen()

    for begins in ("Ver qué espera", "¿Cómo vas?", "Ya había salido"):
        hilo.until(lambda begins=begins: offered(admin, seen, begins), begins)  # type: ignore[misc]  # bound at once
        admin.press(offered(admin, seen, begins)[-1])
    rests(hilo)
    assert not any(ASKED in words for words in told(leader, place)), leader.screen()
    goes_out(hilo, first + 7 * DAY, leader)

    assert sum(ASKED in words for words in told(leader, place)) == 1
    shutil.rmtree(tmp_path / "usb")


def offered(user: User, since: int, begins: str) -> list[str]:
    """Return the labels that begin so, of buttons that somebody got from a place on."""
    return [label for message in user.said[since:] for label in message.labels if label.startswith(begins)]


def goes_out(hilo: Rehearsal, local: datetime, leader: User) -> None:
    """Let an occurrence be made a day ahead and asked; what is told of it first is let pass."""
    since, at = len(leader.said), local.astimezone(UTC)
    made = hilo.counted("SELECT count(*) FROM broadcasts")
    hilo.go_to(at - 22 * HOUR)
    hilo.until(lambda: hilo.counted("SELECT count(*) FROM broadcasts") > made, "not made")
    hilo.go_to(at + A_MINUTE)
    hilo.until(lambda: len(leader.said) > since, "not told")
    hilo.go_to(at + 15 * A_MINUTE)
    hilo.until(lambda: any(ASKED in words for words in told(leader, since)), "not asked")


def answer(leader: User) -> None:
    """Answer all of it."""
    leader.press(ES["start"])
    leader.sees(MOOD, PATIENT)
    leader.press(ES["low"])
    leader.sees("2 de 4", PATIENT)
    leader.say("Hubo junta.")
    leader.sees(ES["all"], PATIENT)
    leader.press(ES["all"])
    leader.sees(NOTHING, PATIENT)
    leader.press(NOTHING)
    leader.sees("Por hoy es todo", PATIENT)
