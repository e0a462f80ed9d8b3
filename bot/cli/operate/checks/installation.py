"""How Hilo is installed: the service's files, who owns the code, and the libraries it runs on."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from bot.cli.operate import service
from bot.cli.operate.checks.finding import Finding
from bot.cli.operate.checks.known_faults import FAULTS
from bot.config import Config

LOCKED: Final = Path(__file__).parents[4] / "requirements.txt"
_PIN: Final = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^\s;]+)", re.MULTILINE | re.IGNORECASE)
Version = tuple[int, ...]


def installation(config: Config, folder: Path) -> Iterator[Finding]:
    """Find service files of another version, code that the service could change, and faulty libraries."""
    if service.installed():
        yield from service_files(config, folder)
    yield from libraries()


def service_files(config: Config, folder: Path) -> Iterator[Finding]:
    """Find service files of another version, and code that the service could change."""
    if differing := service.differing(config, folder):
        yield Finding("service_other", "note", {"paths": ", ".join(map(str, differing))})
    if owned := service.owns_code(folder, config.home):
        yield Finding("code_owned", "bad", {"path": owned})


def libraries() -> Iterator[Finding]:
    """Find libraries with a fault that was known when this version was made, and those that are not as locked."""
    for name, since, until, fault in FAULTS:
        found = _installed(name)
        if found is not None and numbered(since) <= numbered(found) < numbered(until):
            yield Finding("library_fault", "bad", {"name": name, "version": found, "fault": fault, "until": until})
    if not LOCKED.exists():
        yield Finding("libraries_unlocked", "note", {"path": LOCKED})
        return
    pins = {pin["name"]: pin["version"] for pin in _PIN.finditer(LOCKED.read_text("utf-8"))}
    other = [f"{name} {found}" for name, pin in pins.items() if (found := _installed(name)) not in {None, pin}]
    if other:
        yield Finding("libraries_other", "note", {"names": ", ".join(other)})


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def numbered(said: str) -> Version:
    """Return a version's numbers: `1.2.post1` is (1, 2, 1)."""
    return tuple(int(number) for number in re.findall(r"\d+", said))
