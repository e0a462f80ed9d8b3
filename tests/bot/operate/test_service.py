"""The service: written where it belongs, started where it can be, and a sentence where it cannot."""

import configparser
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import accounts
from bot.cli.accounts import CodeUnreachable
from bot.cli.operate import service
from bot.cli.operate.service import ServiceError
from bot.config import Config
from tests.bot.shell import Shell


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string(text)
    return parser


def test_units_are_written_below_a_root(console: Shell) -> None:
    """Three files: the bot, its backup, and the timer; each says where, as whom, and what it may write."""
    told = console.good("service", "install", "--root", "image")
    folder = console.folder / "image/etc/systemd/system"

    assert sorted(path.name for path in folder.iterdir()) == [
        "hilo-backup.service",
        "hilo-backup.timer",
        "hilo.service",
    ]
    assert console.says("cli.service.written") in told
    bot, backup, timer = (unit((folder / name).read_text("utf-8")) for name in service.TEMPLATES)
    assert bot["Service"]["User"] == backup["Service"]["User"] == "hilo"
    assert bot["Service"]["WorkingDirectory"] == str(console.folder)
    assert bot["Service"]["ExecStart"].endswith("/bin/hilo run")
    assert backup["Service"]["ExecStart"].endswith("/bin/hilo backup")
    assert bot["Service"]["Restart"] == "always"
    assert bot["Service"]["Environment"] == f"HILO_HOME={console.folder}"
    assert bot["Service"]["ReadWritePaths"] == str(console.folder)
    assert "OnCalendar" in timer["Timer"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(shell: Shell) -> None:
    """Systemd itself finds nothing to object to."""
    shell.good("service", "install", "--root", "image")
    folder = shell.folder / "image/etc/systemd/system"
    for path in folder.iterdir():
        path.write_text(path.read_text("utf-8").replace("User=hilo\n", "User=root\n"), "utf-8")
    verify = ["systemd-analyze", "verify", *(str(folder / name) for name in service.TEMPLATES)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if str(folder) in line] == []


def test_without_systemd_the_files_are_shown(console: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be installed, each file's place and text is printed, with what to do."""
    monkeypatch.setattr(service, "RUNNING", Path("nowhere/at/all"))
    told = console.good("service", "install")

    assert "# /etc/systemd/system/hilo.service" in told
    assert told.rstrip().endswith(console.says("cli.service.by_hand"))


def test_the_short_command_works_from_any_folder(shell: Shell, tmp_path: Path) -> None:
    """It goes to the folder with the code first, where settings and data are; another program of its name stays."""
    shell.good("service", "install", "--root", "image")
    short = shell.folder / "image/usr/local/bin/hilo"
    text = short.read_text("utf-8")
    assert os.access(short, os.X_OK)
    short.write_text(text.replace(str(service._program()), "pwd"), "utf-8")
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    done = subprocess.run([short], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert done.stdout == f"{shell.folder}\n"
    short.write_text("#!/bin/sh\n# somebody's own\n", "utf-8")
    shell.good("service", "install", "--root", "image")

    assert "somebody's own" in short.read_text("utf-8")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path], list[tuple[str, ...]]]:
    """Install for real, but into a folder, with the system's commands written down instead of run."""
    monkeypatch.setattr(service, "possible", lambda *_: True)
    monkeypatch.setattr(service, "UNITS", tmp_path / "system")
    monkeypatch.setattr(service, "SHORT", tmp_path / "bin/hilo")

    def install(folder: Path) -> list[tuple[str, ...]]:
        called: list[tuple[str, ...]] = []
        done = service.install(Config.load({}, folder=folder), folder, run=lambda *words: called.append(words))
        assert done.running
        return called

    return install


def test_installed_it_has_a_user_of_its_own_and_starts(
    live: Callable[[Path], list[tuple[str, ...]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user is made, everything is given to her, and both service and timer are enabled and started."""
    checkout = tmp_path / "hilo"
    checkout.mkdir(mode=0o755)
    monkeypatch.setattr(accounts, "check", lambda *_, **__: None)
    called = live(checkout)

    assert called[0][0] == "useradd"
    assert ("chown", "-R", "hilo:", str(checkout)) in called
    assert called[-2:] == [
        ("systemctl", "daemon-reload"),
        ("systemctl", "enable", "--now", "hilo.service", "hilo-backup.timer"),
    ]


def test_a_checkout_in_a_shut_folder_is_refused(live: Callable[[Path], list[tuple[str, ...]]], tmp_path: Path) -> None:
    """Below a folder that only root may enter, no other user could run it: the way out is said, nothing is written."""
    shut = tmp_path / "shut"
    (shut / "hilo").mkdir(parents=True)
    shut.chmod(0o700)
    with pytest.raises(CodeUnreachable) as error:
        live(shut / "hilo")

    assert error.value.code == "cli.account.code"
    assert not (tmp_path / "system").exists()


def test_a_command_of_the_system_that_fails_is_said() -> None:
    """What was run, and what it answered."""
    with pytest.raises(ServiceError) as error:
        service._run("sh", "-c", "echo 'no such thing' >&2; exit 3")

    assert error.value.facts["problem"] == "no such thing"
