"""A program of its own that opens every byte of a disk with every key that is left on it, and looks for words.

It knows the formats and nothing of where anything lies: in each file, and in each run of hexadecimal digits, it looks
for the marks of the keys it has, opens what is a key in any place it may have been made for, and begins anew with what
it found. Values are decrypted without asking whether they are whole: half a row tells as much as it can.

`python -m tests.opener --key hilo.key --id ID --word WORD FOLDER …` prints what it could open, and ends with 1 if it
could open anything.
"""

import argparse
import re
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from storage.vault import DataKey, DecryptionError, derive, load_key

WRAPPED = 5 + 12 + 32 + 16
LOOKED_AT = 1 << 13  # bytes of a value, from its beginning
HEX = re.compile(rb"[0-9a-f]{%d,}" % (2 * WRAPPED))
DAY = re.compile(rb"20\d\d-\d\d-\d\d")
ENCLOSED = re.compile(rb"((?:[0-9a-f]{32},)*[0-9a-f]{32}):([A-Za-z0-9+/]{80,}=*)")
EPOCH = re.compile(rb"\d{8}-[0-9a-f]{8}")


@dataclass
class Opened:
    """What was opened: for whom or what the keys were made, and the words that were found, with their place."""

    owners: set[str] = field(default_factory=set)
    words: set[tuple[str, str]] = field(default_factory=set)


class Disk:
    """Everything that lies in some folders."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.content: list[tuple[str, bytes]] = []
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    try:
                        raw = path.read_bytes()
                    except FileNotFoundError:
                        continue  # gone since it was listed
                    self.content.append((str(path), raw))
                    for run in HEX.findall(raw):
                        self.content.append((f"{path} (hex)", bytes.fromhex(run[: len(run) // 2 * 2].decode())))

    def places(self, head: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield where a head stands, and what follows it."""
        for name, raw in self.content:
            at = raw.find(head)
            while at >= 0:
                yield name, raw[at : at + LOOKED_AT]
                at = raw.find(head, at + 1)

    def owners(self, known: Iterable[str]) -> set[str]:
        """List everything that a wrapped key may have been made for."""
        found = {*known, "keys file"}
        for _, raw in self.content:
            found |= {f"inbox {day.decode()}" for day in DAY.findall(raw)}
            found |= {f"epoch {name.decode()}" for name in EPOCH.findall(raw)}
        for name, _ in self.content:
            found |= {f"epoch {each.decode()}" for each in EPOCH.findall(name.encode())}
        return found


def everything(masters: Iterable[bytes], folders: Iterable[Path], known: Iterable[str], words: Iterable[str]) -> Opened:
    """Open all that opens with the organisation's keys and whatever they lead to.

    Args:
        masters: the organisation's keys.
        folders: what is left of the disk.
        known: for whom or what keys may have been made, as "person ID"; what stands on the disk itself is found there.
        words: what must not be found.
    """
    disk, opened = Disk(folders), Opened()
    owners = disk.owners(known)
    wrapping = [DataKey(derive(master, purpose)) for master in masters for purpose in ("wrap", "organisation")]
    data = {each._material for each in wrapping}
    found: dict[str, set[bytes]] = {"inbox": set(), "epoch": set()}
    people: dict[bytes, set[bytes]] = {}
    seen: set[bytes] = set()
    while wrapping:
        for owner, material in _keys(disk, wrapping.pop(), owners, seen):
            opened.owners.add(owner)
            data.add(material)
            kind = owner.partition(" ")[0]
            found.setdefault(kind, set()).add(material)
            if kind in {"person", "invite"}:
                people.setdefault(owner.partition(" ")[2].encode(), set()).add(material)
            if kind == "epoch":
                wrapping.append(DataKey(derive(material, "epoch")))
            elif owner == "keys file":
                wrapping.append(DataKey(material))
    data |= {derive(epoch, "day", day) for day in found["inbox"] for epoch in found["epoch"]}
    for material in data:
        mark = DataKey(material).mark
        for head in (b"\x01" + mark, b"\x02" + mark):
            for place, blob in disk.places(head):
                plain = _decrypted(material, blob)
                opened.words |= {(word, place) for word in words if word.encode() in plain}
                for inner in _disclosed(plain, people):
                    opened.words |= {(word, f"{place} (enclosed)") for word in words if word.encode() in inner}
    return opened


def _disclosed(plain: bytes, people: dict[bytes, set[bytes]]) -> Iterator[bytes]:
    """Yield what is sealed within something that was opened, where every key is there that it takes."""
    for names, text in ENCLOSED.findall(plain):
        for keys in product(*(people.get(name, ()) for name in names.split(b","))):
            # A value is opened only so far: what is left of the text may end anywhere.
            yield _decrypted(derive(b"".join(keys), "joint"), b64decode(text[: len(text) // 4 * 4]))


def _keys(disk: Disk, key: DataKey, owners: Iterable[str], seen: set[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield for whom a key wrapped others, and what these are made of; `seen` keeps what was opened."""
    for _, blob in disk.places(b"\x01" + key.mark):
        wrapped = blob[:WRAPPED]
        for owner in () if wrapped in seen else owners:
            try:
                material = key.open(wrapped, "key", "wrapped", owner)
            except DecryptionError:
                continue
            seen.add(wrapped)
            yield owner, material
            break


def _decrypted(material: bytes, blob: bytes) -> bytes:
    """Decrypt a value as far as it goes, whether it is whole or not."""
    counter = blob[5:17] + (2).to_bytes(4)
    return Cipher(AES(material), CTR(counter)).decryptor().update(blob[17:])


def main() -> None:
    """Open a disk from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", type=Path, action="append", required=True)
    parser.add_argument("--id", action="append", required=True)
    parser.add_argument("--invite", action="append", default=[])
    parser.add_argument("--word", action="append", default=[])
    parser.add_argument("folder", type=Path, nargs="+")
    given = parser.parse_args()
    owners = [*(f"person {each}" for each in given.id), *(f"invite {each}" for each in given.invite)]
    found = everything([load_key(path) for path in given.key], given.folder, owners, given.word)
    hers = found.owners & set(owners)
    for line in (*sorted(hers), *sorted(f"{word} in {place}" for word, place in found.words)):
        print(line)
    sys.exit(bool(hers or found.words))


if __name__ == "__main__":
    main()
