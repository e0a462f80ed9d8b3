"""`hilo doctor` and `hilo status`: what is wrong, each with its remedy, and nothing changed by looking."""

import contextlib
import fcntl
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from bot import clock
from bot.app import open_storage
from bot.cli.operate import doctor
from bot.config import Config
from bot.messengers.port import CONFLICT
from storage.vault import Vault
from tests.bot.ready import ready
from tests.bot.rig import Rig, texts
from tests.bot.shell import Shell
from tests.double import TOKEN, Double


def installed(shell: Shell, *, conflict: bool = False, backup_age: int = 0) -> None:
    """A ready installation, as of some days ago."""
    with contextlib.closing(Rig(shell.folder, now=clock.now() - timedelta(days=backup_age))) as hilo:
        if conflict:
            with hilo.storage.unit(clock.now()) as unit:
                unit.audit.add("hilo", CONFLICT, "telegram", {})


def findings(shell: Shell) -> tuple[int, list[str]]:
    ended = shell("doctor")
    assert ended.err == ""
    return ended.code, ended.out.splitlines()


def test_a_healthy_installation_is_said_to_be_well(console: Shell, double: Double) -> None:
    """Key, database, backup, Telegram, clock and dialogs are looked at, and the exit code is 0."""
    console.settings |= {"HILO_TELEGRAM_API": double.url, "HILO_TELEGRAM_TOKEN": TOKEN}
    installed(console)
    code, lines = findings(console)

    assert code == 0, lines
    assert not [line for line in lines if line.startswith("✗")]
    assert lines[-1] == console.says("cli.doctor.well")
    assert f"✓ {console.says('cli.doctor.token', username='hilo_double_bot')}" in lines


def test_each_trouble_has_its_line(console: Shell, double: Double) -> None:
    """Open files, a late backup, a second bot, an own dialog that is broken: all in one look."""
    console.settings |= {"HILO_TELEGRAM_API": double.url, "HILO_TELEGRAM_TOKEN": TOKEN}
    installed(console, conflict=True, backup_age=9)
    (console.folder / "hilo.key").chmod(0o644)
    (console.folder / ".env").write_text("PORT=8080\n", "utf-8")
    (console.folder / "dialogs").mkdir()
    broken = console.folder / "dialogs/own.yaml"
    broken.write_text("name: own\n", "utf-8")
    code, lines = findings(console)

    assert code == 1
    bad = [line for line in lines if line.startswith("✗")]
    assert f"✗ {console.says('cli.doctor.dotenv')}" in bad
    assert f"✗ {console.says('cli.doctor.key_open', path=console.folder / 'hilo.key')}" in bad
    assert f"✗ {console.says('cli.doctor.dialog', path=broken)}" in bad
    assert sum("/revoke" in line for line in bad) == 1
    assert sum("hilo service install" in line for line in bad) == 1
    assert len(bad) == 5


def test_a_wrong_or_lost_key_is_found(console: Shell) -> None:
    """A lost key leads to its words; another one in its place is told apart from it."""
    installed(console)
    key = console.folder / "hilo.key"
    key.write_text(Vault.generate().hex(), "ascii")
    assert f"✗ {console.says('cli.doctor.wrong_key')}" in findings(console)[1]
    key.unlink()
    code, lines = findings(console)

    assert code == 1
    assert f"✗ {console.says('cli.doctor.no_key', path=key)}" in lines


def set_aside(shell: Shell, said: str, error: str, days: int) -> None:
    """Something somebody said some days ago, that no turn could handle."""
    storage = open_storage(Config.load(shell.settings, folder=shell.folder))
    with storage.unit(clock.now() - timedelta(days=days)) as unit:
        unit.inbox.accept([(clock.new_id(), "telegram", f"u{days}", "7", said.encode())])
        unit.inbox.poison(unit.inbox.pending(unit.now, 1)[0].seq, error)
    storage.database.dispose()


def test_what_was_set_aside_is_told_without_a_word_of_it(console: Shell) -> None:
    """How many, since when, by kind of error, with the remedy; `hilo status` leads there; after a week it is a note."""
    installed(console)
    assert "hilo update" not in console("doctor").out
    set_aside(console, "el agua", "KeyError", 9)
    set_aside(console, "la lluvia", "forgotten", 8)
    day = {days: f"{clock.now() - timedelta(days=days):%Y-%m-%d}" for days in (3, 8, 9)}
    unheard = {"number": 1, "since": day[8], "until": day[8]}
    old = {"number": 1, "since": day[9], "until": day[9], "kinds": "KeyError: 1"}
    _, lines = findings(console)
    assert f"· {console.says('cli.doctor.set_aside', **old)}" in lines
    assert f"· {console.says('cli.doctor.unheard', **unheard)}" in lines
    set_aside(console, "el camino", "KeyError", 3)
    code, lines = findings(console)
    both = {"number": 2, "since": day[9], "until": day[3], "kinds": "KeyError: 2"}

    assert code == 1
    assert f"✗ {console.says('cli.doctor.set_aside', **both)}" in lines
    assert texts().count("cli.status.set_aside", console.language, 3) in console("status").out
    assert not {"agua", "lluvia", "camino"} & set(" ".join(lines).split())


def test_a_token_nobody_knows_is_found(shell: Shell, double: Double) -> None:
    """It is said where a token comes from."""
    double.allow("Unauthorized", "Not Found")
    shell.settings |= {"HILO_TELEGRAM_API": double.url, "HILO_TELEGRAM_TOKEN": TOKEN[:-1] + "1"}
    installed(shell)

    assert f"✗ {shell.says('cli.doctor.bad_token')}" in findings(shell)[1]


def test_a_webhook_that_somebody_set_is_found(shell: Shell, double: Double) -> None:
    """Updates that go elsewhere are said, with where to."""
    shell.settings |= {"HILO_TELEGRAM_API": double.url, "HILO_TELEGRAM_TOKEN": TOKEN}
    installed(shell)
    elsewhere = "https://thief.example.org/hook"
    assert httpx.post(f"{double.url}/bot{TOKEN}/setWebhook", json={"url": elsewhere}, trust_env=False).is_success

    assert f"✗ {shell.says('cli.doctor.webhook', url=elsewhere)}" in findings(shell)[1]


def test_a_full_disk_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """How little is left."""
    installed(shell)
    monkeypatch.setattr(doctor, "LEAST_ROOM", 10**18)

    assert any(line.startswith("✗") and "HILO_HOME" in line for line in findings(shell)[1])


@pytest.mark.parametrize(("off", "code"), [(0, "clock"), (300, "clock_off"), (-300, "clock_off")])
def test_a_clock_that_is_off_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch, off: int, code: str) -> None:
    """Compared with whoever answers for Telegram, by any answer's date."""
    moment = clock.now() + timedelta(seconds=off)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        config = Config.load({"HILO_TELEGRAM_API": f"http://127.0.0.1:{server.server_port}"}, folder=shell.folder)
        monkeypatch.setattr(clock, "now", lambda: moment)
        (finding,) = doctor._clock(config)

    assert finding.code == code
    assert abs(int(str(finding.facts["seconds"])) - abs(off)) <= 5


def test_nothing_is_made_by_looking(shell: Shell) -> None:
    """In an empty folder neither a key nor a database appears."""
    shell("doctor")
    shell("status")

    assert [path.name for path in shell.folder.iterdir()] == []


def test_status_says_asleep_and_what_is_to_do(console: Shell) -> None:
    """Asleep is exit code 1; what lacks before people can be invited is listed."""
    console.good("cohort", "add", "Sierra Norte")
    ended = console("status")

    assert ended.code == 1
    assert ended.out.splitlines()[0] == console.says("cli.status.asleep")
    assert console.says("ready.key.remedy") in ended.out
    ready(console.folder)
    assert console.says("ready.key.remedy") not in console("status").out


def test_status_says_that_it_starts(console: Shell) -> None:
    """A bot that holds the folder and does not answer yet is not called asleep: nobody is to start a second one."""
    console.good("cohort", "add", "Sierra Norte")
    console.settings["PORT"] = "1"  # where nobody answers
    with (console.folder / doctor.LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = console("status")
    assert ended.code == 1
    assert ended.out.splitlines()[0] == console.says("cli.status.starting")


def test_what_was_not_sent_is_counted(console: Shell) -> None:
    """How many were refused, of how many nobody knows, and where the team decides; `hilo status` says so too."""
    installed(console)
    assert not [line for line in findings(console)[1] if "/nosalio" in line or "/unsent" in line]
    storage = open_storage(Config.load(console.settings, folder=console.folder))
    with storage.unit(clock.now()) as unit:
        for place, state in enumerate(("failed", "failed", "unknown", "gone")):
            seq = unit.outbox.put(clock.new_id(), None, "telegram", str(place), "message", 0, {"text": "el agua"})
            unit.outbox.close(seq, state, "rejected", keep=True)
    storage.database.dispose()

    lines = findings(console)[1]
    assert f"· {console.says('cli.doctor.unsent', failed=2, unknown=1)}" in lines
    assert texts().count("cli.status.unsent", console.language, 3) in console("status").out
