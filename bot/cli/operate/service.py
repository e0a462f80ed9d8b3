"""The systemd service: Hilo outlives a closed console and a restart, and makes a backup each night."""

import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli import accounts
from bot.cli.accounts import Account
from bot.cli.operate import units
from bot.cli.operate.units import BOT, TIMER, USER
from bot.config import Config
from bot.errors import Problem
from storage.settling import lock_of

UNITS: Final = Path("etc/systemd/system")
RUNNING: Final = Path("run/systemd/system")
SHORT: Final = Path("usr/local/bin/hilo")
WRAPPER: Final = """\
#!/bin/sh
# Hilo's commands, from any folder: they work in the folder with the code.
cd {folder} && exec {program} "$@"
"""
CODE: Final = ("bot", "dialogs", "locales", "storage", "pyproject.toml", ".venv")
"""What the service reads and runs, in a checkout."""
DOTENV: Final = ".env"


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


def differing(config: Config, folder: Path, root: Path = Path("/")) -> list[Path]:
    """Return the installed units that are not as this version writes them: each is missing a change, or has one."""
    found = []
    for name, text in units.units(config, folder).items():
        path = root / UNITS / name
        try:
            if path.read_text("utf-8") != text:
                found.append(path)
        except OSError:
            found.append(path)
    return found


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
        for name, text in units.units(config, folder).items():
            path = base / UNITS / name
            path.write_text(text, "utf-8")
            written.append(path)
        written += _short(base / SHORT, folder)
    except OSError as error:
        raise ServiceError("cli.error.write", path=base / UNITS, problem=error) from error
    if live:
        _start(config, folder, run)
    return Installed(tuple(written), running=live)


def owns_code(folder: Path, home: Path) -> Path | None:
    """Return the first of the code's files that whoever owns the data could change, in a checkout of a service."""
    keeper = home.stat().st_uid
    if keeper == 0:
        return None
    for path in (folder, *(folder / name for name in CODE)):
        if path.exists() and (path.stat().st_uid == keeper or path.stat().st_mode & 0o022):
            return path
    return None


def _short(path: Path, folder: Path) -> list[Path]:
    """Write the short command, unless another program has its name; return the files written."""
    text = WRAPPER.format(folder=shlex.quote(str(folder)), program=shlex.quote(str(units.program())))
    if path.exists() and "Hilo's commands" not in path.read_text("utf-8", errors="replace"):
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return [path]


def _start(config: Config, folder: Path, run: Callable[..., None]) -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        run("useradd", "--system", "--home-dir", str(folder), "--shell", shutil.which("nologin") or "/bin/false", USER)
    home = (folder / config.home).resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _hand_over(config, folder, run)
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", BOT, TIMER)
    run("systemctl", "restart", BOT)
    run("systemctl", "start", TIMER)


def _hand_over(config: Config, folder: Path, run: Callable[..., None]) -> None:
    """Give the code to root, for everybody to read and nobody else to change, and to the service what it writes.

    Whoever takes over the service could otherwise change what root runs with the next command.
    """
    data = units.data_folders(config, folder)
    if any(folder.is_relative_to(place) for place in data):  # nothing can be told apart; `hilo doctor` says so
        run("chown", "-R", f"{USER}:", str(folder))
        return
    own = _own(config, folder)
    kept = ["("]
    for path in (*data, *own):
        kept += [*(["-o"] if len(kept) > 1 else []), "-path", str(path)]
    kept += [")", "-prune"]
    run("find", str(folder), *kept, "-o", "-exec", "chown", "-h", "root:root", "{}", "+")
    run("find", str(folder), *kept, "-o", "!", "-type", "l", "-exec", "chmod", "go-w", "{}", "+")
    run("chmod", "go+rx", str(folder))
    for path in (folder / name for name in CODE):
        if path.exists() and not any(place.is_relative_to(path) for place in data):
            run("chmod", "-R", "go+rX", str(path))
    inside = [place for place in data if place == data[0] or place.is_relative_to(folder)]
    run("chown", "-R", f"{USER}:", *map(str, (*inside, *own)))
    run("chmod", "go=", str(folder / DOTENV))


def _own(config: Config, folder: Path) -> list[Path]:
    """Return what is the service's outside of its data: `.env`, the key, the epochs; what is not there yet is made.

    In a folder that is root's, nobody else could make it later.
    """
    dotenv, home = folder / DOTENV, units.data_folders(config, folder)[0]
    places = [path for path in units.key_places(config, folder) if not path.is_relative_to(home)]
    epochs = None if config.epochs is None else (folder / config.epochs).resolve()
    for path in (dotenv, *places):
        if path == epochs:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif path == dotenv or (epochs is not None and path == lock_of(epochs)):
            path.touch(mode=0o600)
    return [dotenv, *(path for path in places if path.exists())]
