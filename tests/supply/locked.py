"""Read what the lock files pin, and what was found out about licences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
RUN: Final = "requirements.txt"
ALL: Final = (RUN, "requirements-scale.txt", "requirements-dev.txt", "requirements-fuzz.txt")
LICENCES: Final = Path(__file__).with_name("licences.txt")
_PIN: Final = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$"
)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A library in the version that is installed, the hashes of its files, and where it is installed alone."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str | None

    @property
    def purl(self) -> str:
        """Its name for other programs."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(file: str) -> Iterator[Pin]:
    """Yield what a lock file pins."""
    entries = re.split(r"^(?=[\w])", (ROOT / file).read_text("utf-8"), flags=re.MULTILINE)
    for entry in entries:
        found = _PIN.match(entry.partition("\n")[0])
        if found is not None:
            yield Pin(found["name"].lower(), found["version"], tuple(_HASH.findall(entry)), found["marker"])


def licences() -> dict[str, str]:
    """Return the licence of each library, as an SPDX expression."""
    lines = (line.partition("#")[0].split(None, 1) for line in LICENCES.read_text("utf-8").splitlines())
    return {line[0]: line[1].strip() for line in lines if line}
