"""The systemd service: Hilo outlives a closed console and a restart, and makes a backup each night."""

import os
import pwd
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli import accounts
from bot.cli.accounts import Account
from bot.config import Config
from bot.errors import Problem

USER: Final = "hilo"
UNITS: Final = Path("etc/systemd/system")
RUNNING: Final = Path("run/systemd/system")
SHORT: Final = Path("usr/local/bin/hilo")
WRAPPER: Final = """\
#!/bin/sh
# Hilo's commands, from any folder: they work in the folder with the code.
cd {folder} && exec {program} "$@"
"""
BOT, BACKUP, TIMER = "hilo.service", "hilo-backup.service", "hilo-backup.timer"
TEMPLATES: Final = {
    BOT: """\
[Unit]
Description=Hilo
After=network-online.target
Wants=network-online.target

[Service]
User={user}
WorkingDirectory={folder}
{given}ExecStart={program} run
Restart=always
RestartSec=5
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ReadWritePaths={home}

[Install]
WantedBy=multi-user.target
""",
    BACKUP: """\
[Unit]
Description=Hilo's backup

[Service]
Type=oneshot
User={user}
WorkingDirectory={folder}
{given}ExecStart={program} backup
UMask=0077
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ReadWritePaths={home}
""",
    TIMER: """\
[Unit]
Description=Hilo's backup, each night

[Timer]
OnCalendar=*-*-* 04:30:00
Persistent=true
RandomizedDelaySec=15min

[Install]
WantedBy=timers.target
""",
}


class ServiceError(Problem):
    """A service that cannot be installed."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did: the files it wrote, and whether the service runs now."""

    files: tuple[Path, ...]
    running: bool


def _run(*words: str) -> None:
    """Run a command of the system; raises ServiceError with its output."""
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603  our own words
    except FileNotFoundError:
        raise ServiceError("cli.service.failed", command=" ".join(words), problem="?") from None
    except subprocess.CalledProcessError as error:
        problem = (error.stderr or error.stdout or str(error.returncode)).strip().splitlines()[-1:]
        raise ServiceError("cli.service.failed", command=" ".join(words), problem="".join(problem)) from None


def possible(root: Path = Path("/")) -> bool:
    """Return whether a service can be installed and started here: as root, on a machine that runs systemd."""
    return os.geteuid() == 0 and (root / RUNNING).is_dir()


def installed(root: Path = Path("/")) -> bool:
    """Return whether the service is installed here."""
    return (root / UNITS / BOT).exists()


def units(config: Config, folder: Path) -> dict[str, str]:
    """Return the text of every unit, for a checkout in a folder."""
    home = (folder / config.home).resolve()
    given = f"Environment=HILO_HOME={home}\n" if "HILO_HOME" in os.environ else ""
    facts = {"user": USER, "folder": folder, "program": _program(), "home": home, "given": given}
    return {name: text.format(**facts) for name, text in TEMPLATES.items()}


def install(config: Config, folder: Path, root: Path | None = None, run: Callable[..., None] = _run) -> Installed:
    """Write the units; on a machine with systemd, as root, create the user, and enable and start them too.

    Args:
        config: the settings.
        folder: the checkout, absolute.
        root: write below this folder and start nothing, as for an image.
        run: runs a command of the system.

    Raises:
        ServiceError: not root, or a command that failed.
        CodeUnreachable: a checkout or a Python that another account cannot reach.
    """
    live = root is None
    base = root or Path("/")
    if live and not possible():
        raise ServiceError("cli.service.root" if os.geteuid() != 0 else "cli.service.no_systemd")
    if live:
        accounts.check(Account(USER, uid=-1, gid=-1), folder, given=folder)
    written = []
    try:
        (base / UNITS).mkdir(parents=True, exist_ok=True)
        for name, text in units(config, folder).items():
            path = base / UNITS / name
            path.write_text(text, "utf-8")
            written.append(path)
        written += _short(base / SHORT, folder)
    except OSError as error:
        raise ServiceError("cli.error.write", path=base / UNITS, problem=error) from error
    if live:
        _start(config, folder, run)
    return Installed(tuple(written), running=live)


def _short(path: Path, folder: Path) -> list[Path]:
    """Write the short command, unless another program has its name; return the files written."""
    text = WRAPPER.format(folder=shlex.quote(str(folder)), program=shlex.quote(str(_program())))
    if path.exists() and "Hilo's commands" not in path.read_text("utf-8", errors="replace"):
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return [path]


def _program() -> Path:
    return Path(sys.executable).parent / "hilo"


def _start(config: Config, folder: Path, run: Callable[..., None]) -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        run("useradd", "--system", "--home-dir", str(folder), "--shell", shutil.which("nologin") or "/bin/false", USER)
    (folder / config.home).mkdir(parents=True, exist_ok=True, mode=0o700)
    run("chown", "-R", f"{USER}:", str(folder))
    if not (folder / config.home).resolve().is_relative_to(folder):
        run("chown", "-R", f"{USER}:", str(config.home))
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "--now", BOT, TIMER)
