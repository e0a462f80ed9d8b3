"""The text of the systemd units: what each runs, and what it may do there. ADR 0037 says why each line stands."""

import os
import sys
from pathlib import Path
from typing import Final

from bot.config import Config
from storage.database import BadUrl, file_of
from storage.settling import lock_of

USER: Final = "hilo"
BOT, BACKUP, TIMER = "hilo.service", "hilo-backup.service", "hilo-backup.timer"
SHUT_HOMES: Final = ("/home", "/root", "/run/user")
"""What `ProtectHome=` shuts: it can only be read where Hilo itself lies below one of them."""

_FENCE: Final = """\
UMask=0077
LimitNOFILE=65536
LimitCORE=0
MemorySwapMax=0
NoNewPrivileges=true
CapabilityBoundingSet=
AmbientCapabilities=
PrivateTmp=true
PrivateDevices=true
DevicePolicy=closed
PrivateUsers=true
PrivateIPC=true
PrivateMounts=true
ProtectSystem=strict
ProtectHome={homes}
ProtectProc=invisible
ProcSubset=pid
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectKernelLogs=true
ProtectControlGroups=true
ProtectClock=true
ProtectHostname=true
KeyringMode=private
LockPersonality=true
MemoryDenyWriteExecute=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
RemoveIPC=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
{writable}
"""
TEMPLATES: Final = {
    BOT: f"""\
[Unit]
Description=Hilo
After=network-online.target
Wants=network-online.target

[Service]
User={{user}}
WorkingDirectory={{folder}}
{{given}}ExecStart={{program}} run
Restart=always
RestartSec=5
{_FENCE}
[Install]
WantedBy=multi-user.target
""",
    BACKUP: f"""\
[Unit]
Description=Hilo's backup

[Service]
Type=oneshot
User={{user}}
WorkingDirectory={{folder}}
{{given}}ExecStart={{program}} backup
{_FENCE}""",
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


def program() -> Path:
    """Return the `hilo` command of this installation."""
    return Path(sys.executable).parent / "hilo"


def units(config: Config, folder: Path) -> dict[str, str]:
    """Return the text of every unit, for a checkout in a folder."""
    home = (folder / config.home).resolve()
    facts = {
        "user": USER,
        "folder": _plain(folder),
        "program": _word(program()),
        "given": f"Environment={_word(f'HILO_HOME={home}')}\n" if "HILO_HOME" in os.environ else "",
        "homes": "read-only" if _below_a_home(config, folder) else "true",
        "writable": "\n".join(f"ReadWritePaths={_word(f'-{each}')}" for each in written(config, folder)),
    }
    return {name: text.format(**facts) for name, text in TEMPLATES.items()}


def written(config: Config, folder: Path) -> list[Path]:
    """Return the folders that Hilo writes to: its home, that of a database elsewhere, the key's and the epochs'."""
    places = data_folders(config, folder)
    for path in key_places(config, folder):
        if not any(path.is_relative_to(place) for place in places):
            places.append(path.parent)
    return places


def data_folders(config: Config, folder: Path) -> list[Path]:
    """Return the folders that are the service's with everything in them: its home, and that of a database elsewhere."""
    home = (folder / config.home).resolve()
    try:
        file = file_of(config.database_url)
    except BadUrl:  # reported by whatever opens it
        file = None
    beside = home if file is None else (folder / file).resolve().parent
    return [home] if beside.is_relative_to(home) else [home, beside]


def key_places(config: Config, folder: Path) -> list[Path]:
    """Return where the key lies, and the folder of the epochs' keys with the lock beside it."""
    key = [] if config.master_key else [config.key_file]
    epochs = [] if config.epochs is None else [config.epochs, lock_of(config.epochs)]
    return [(folder / path).resolve() for path in (*key, *epochs)]


def _below_a_home(config: Config, folder: Path) -> bool:
    places = (folder, Path(sys.executable), Path(sys.executable).resolve(), *written(config, folder))
    return any(place.is_relative_to(home) for place in places for home in SHUT_HOMES)


def _plain(text: Path) -> str:
    """Return a path for a setting that takes the whole line."""
    return str(text).replace("%", "%%")


def _word(text: Path | str) -> str:
    """Return a path as one word of a unit: in quotes where systemd would part it, its specifiers written out."""
    said = str(text).replace("%", "%%")
    if not any(character in said for character in " \t\"'\\$"):
        return said
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'
