"""Keys, sealing of fields and files, keyed hashes, pseudonyms.

A sealed blob is `0x02 | key id (4 bytes) | nonce (12) | ciphertext and tag`: AES-256-GCM over the padded value
(`storage.padding`), with `0x02`, table, column and row as associated data, so a blob opens only in the place it was
made for. The key id says which key sealed it, which lets keys change without guessing. In `0x01` the value is not
padded: keys, which all have one length, and whatever a version before 0.2.0 sealed. All subkeys are derived from one
master key (HKDF-SHA256); data keys are random and are stored wrapped.

After a rotation there is a newest master key and former ones: the newest seals, each opens what it sealed. Hashes and
pseudonyms stay those of the first, or nobody would be found any more.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage import padding, sealed_files
from storage.keyed_hash import KeyedHash
from storage.seal_key import SealKey, SealKeys
from storage.sealed_files import HEAD, NONCE, SEALED

if TYPE_CHECKING:
    from storage.epochs import Epochs

KEY_BYTES: Final = 32
BARE: Final = b"\x01"
"""Begins what is sealed as it is: keys, and values from before they were padded."""
PADDED: Final = b"\x02"  # begins what is padded before it is sealed
_TAG: Final = 8
_PATH_BYTES: Final = 12  # of a hash that only the rows of one run are compared by
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TWO: Final = tuple(first + second for first in _CROCKFORD for second in _CROCKFORD)  # ten bits each


class DecryptionError(Exception):
    """A blob does not open: it was tampered with, moved to another place, or sealed with another key."""


class BadKey(ValueError):
    """This is not a master key."""


class DataKey:
    """One AES-256-GCM key. Sealing and opening are thread-safe.

    Attributes:
        heads: the first bytes of whatever it seals: of a key or an older value, and of any other value.
    """

    __slots__ = ("_cipher", "_material", "heads")

    heads: tuple[bytes, bytes]

    def __init__(self, material: bytes) -> None:
        """Use 32 bytes of key material; raise BadKey on any other length."""
        if len(material) != KEY_BYTES:
            raise BadKey(f"a key has {KEY_BYTES} bytes")
        self._material = material
        self._cipher = AESGCM(material)
        id_ = hashlib.sha256(b"hilo key id" + material).digest()[:4]
        self.heads = BARE + id_, PADDED + id_

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:
        """Pad and encrypt for one place (`row` is the row's id in hex; a file has table `media`, column `file`)."""
        nonce = os.urandom(NONCE)
        place = f"\x02{table}|{column}|{row}".encode()
        return self.heads[1] + nonce + self._cipher.encrypt(nonce, padding.pad(plain, table, column), place)

    def seal_key(self, material: bytes, owner: str) -> bytes:
        """Encrypt a key for its owner. It is not padded: every key has the same length."""
        nonce = os.urandom(NONCE)
        return self.heads[0] + nonce + self._cipher.encrypt(nonce, material, f"key|wrapped|{owner}".encode())

    def open(self, blob: bytes, table: str, column: str, row: str) -> bytes:
        """Decrypt what `seal` made for the same place.

        Raises:
            DecryptionError: it was changed, moved, or sealed with another key.
        """
        return self._opened(blob, f"{table}|{column}|{row}".encode())

    def open_pieces(self, file: Path, table: str, column: str, row: str) -> tuple[int, Generator[bytes, None, None]]:
        """Decrypt a file that `seal` made; return its plain size and its pieces, in constant memory.

        The file is read twice, so that nothing is yielded before the whole of it is verified.

        Raises:
            FileNotFoundError: there is no such file.
            DecryptionError: it was changed, moved, or sealed with another key.
        """
        place = f"{table}|{column}|{row}".encode()
        return sealed_files.open_pieces(
            file, self._material, {self.heads[0]: place, self.heads[1]: PADDED + place}, _refused(place)
        )

    @property
    def mark(self) -> bytes:
        """The four bytes by which whatever this key seals is known."""
        return self.heads[0][1:]

    def opener(self, table: str, column: str) -> Callable[[bytes, str], bytes]:
        """Return a function that opens blobs of one column by row; it raises DecryptionError."""
        opened, place = self._opened, f"{table}|{column}|".encode()
        return lambda blob, row: opened(blob, place + row.encode())

    def _opened(self, blob: bytes, place: bytes) -> bytes:
        head, (bare, padded) = blob[:HEAD], self.heads
        try:
            if head == padded:
                return padding.strip(self._cipher.decrypt(blob[HEAD:SEALED], blob[SEALED:], PADDED + place))
            if head == bare:
                return self._cipher.decrypt(blob[HEAD:SEALED], blob[SEALED:], place)
        except (InvalidTag, ValueError):
            # ValueError: too short to hold even a nonce.
            raise DecryptionError(f"{_column(place)}: not what was sealed here") from None
        raise DecryptionError(f"{_column(place)}: another key or format")

    def __repr__(self) -> str:
        return "DataKey(…)"


class LostKey(DataKey):
    """Takes the place of a person's damaged key: it opens nothing, and seals nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        """Do nothing: there is no key material."""

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:  # noqa: ARG002 -- the shape of a key
        """Raise DecryptionError, since nobody could open it again."""
        raise DecryptionError(f"{table}.{column}: the key is damaged")

    def seal_key(self, material: bytes, owner: str) -> bytes:  # noqa: ARG002 -- the shape of a key
        """Raise DecryptionError, since nobody could open it again."""
        raise DecryptionError("the key is damaged")

    def _opened(self, blob: bytes, place: bytes) -> bytes:  # noqa: ARG002 -- the shape of a key
        raise DecryptionError(f"{_column(place)}: the key is damaged")


class RingKey(DataKey):
    """One subkey over all master keys: the newest seals, and each opens what it sealed."""

    __slots__ = ("_keys", "_look")

    def __init__(self, keys: Sequence[DataKey], look: Callable[[], None]) -> None:
        """Use the subkeys, the newest first; `look` looks for a newer master key, and adds its subkey here."""
        self._keys = tuple(keys)
        self._look = look
        self.heads = keys[0].heads

    def add(self, newest: DataKey) -> None:
        """Seal with this key from now on."""
        self._keys = (newest, *self._keys)
        self.heads = newest.heads

    @property
    def former_heads(self) -> list[bytes]:
        """The first bytes of whatever was sealed with each former key."""
        return [head for key in self._keys[1:] for head in key.heads]

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:
        """Encrypt for one place with the newest key there is, even if another process has changed it just now."""
        self._look()
        return self._keys[0].seal(plain, table, column, row)

    def seal_key(self, material: bytes, owner: str) -> bytes:
        """Encrypt a key for its owner with the newest key there is, as `seal` does."""
        self._look()
        return self._keys[0].seal_key(material, owner)

    def open_pieces(self, file: Path, table: str, column: str, row: str) -> tuple[int, Generator[bytes, None, None]]:
        """Decrypt a file as `DataKey.open_pieces` does, with the key that sealed it."""
        with file.open("rb", buffering=0) as source:
            head = source.read(HEAD)
        return (self._of(head) or self._keys[0]).open_pieces(file, table, column, row)

    def _opened(self, blob: bytes, place: bytes) -> bytes:
        newest = self._keys[0]
        head = blob[:HEAD]
        key = newest if head in newest.heads else self._of(head)
        return (key or newest)._opened(blob, place)  # noqa: SLF001 -- its own class's

    def _of(self, head: bytes) -> DataKey | None:
        """Return the key with which something was sealed, looking for a newer one where none fits."""
        for look in (self._look, None):
            for key in self._keys:
                if head in key.heads:
                    return key
            if look is not None:
                look()
        return None


class Vault:
    """Everything that is derived from the organisation's master keys: the newest one, and those before it."""

    __slots__ = (
        "_buttons",
        "_chains",
        "_latest",
        "_lookup",
        "_marks",
        "_masters",
        "_newer",
        "_paths",
        "_pseudonym",
        "_turn",
        "_wrap",
        "epochs",
        "organisation_key",
        "seals",
    )

    epochs: "Epochs | None"

    def __init__(
        self, master: bytes, former: Sequence[bytes] = (), newer: Callable[[], Sequence[bytes]] = tuple
    ) -> None:
        """Derive the subkeys.

        Args:
            master: the newest master key, 32 bytes.
            former: those before it, the oldest first.
            newer: returns every master key, the oldest first, if another has taken the newest one's place since; else
                nothing.

        Raises:
            BadKey: one of another length.
        """
        masters = (master, *reversed(former))
        if any(len(each) != KEY_BYTES for each in masters):
            raise BadKey(f"a master key has {KEY_BYTES} bytes")
        self._masters = masters
        self._newer = newer
        self.epochs = None
        self._turn = Lock()
        self._lookup = KeyedHash(derive(masters[-1], "lookup"))
        self._latest = (b"", b"")
        self._pseudonym = KeyedHash(derive(masters[-1], "pseudonym"))
        self._paths = KeyedHash(derive(masters[-1], "path"))
        self.seals = SealKeys([SealKey(derive(each, "row seal")) for each in masters], self.look)
        self._marks, self._buttons, self._chains = (
            tuple(KeyedHash(derive(each, purpose)) for each in masters) for purpose in ("lookup", "button", "audit")
        )
        self._wrap, self.organisation_key = (
            RingKey([DataKey(derive(each, purpose)) for each in masters], self.look)
            for purpose in ("wrap", "organisation")
        )

    @staticmethod
    def generate() -> bytes:
        """Return a new master key (32 random bytes)."""
        return os.urandom(KEY_BYTES)

    @property
    def master(self) -> bytes:
        """The newest master key."""
        return self._masters[0]

    @property
    def former(self) -> tuple[bytes, ...]:
        """The master keys before it, the oldest first."""
        return self._masters[:0:-1]

    @property
    def wrapping_key(self) -> RingKey:
        """The key that wraps data keys."""
        return self._wrap

    def new_key(self) -> DataKey:
        """Return a random data key."""
        return DataKey(os.urandom(KEY_BYTES))

    def wrap(self, key: DataKey, owner: str) -> bytes:
        """Seal a data key for storage; it unwraps for the same owner only."""
        return self._wrap.seal_key(key._material, owner)  # noqa: SLF001 -- the vault alone may

    def unwrap(self, blob: bytes, owner: str) -> DataKey:
        """Open a wrapped key; raise DecryptionError when it was changed, is another owner's, or of an unknown epoch."""
        return DataKey(self.unwrap_material(blob, owner))

    def day_key(self, key: DataKey) -> DataKey:
        """Return the key that seals with a day's key and with the newest epoch's, if there are epochs."""
        return key if self.epochs is None else self.epochs.day_key(key._material)  # noqa: SLF001 -- the vault alone may

    def unwrap_material(self, blob: bytes, owner: str) -> bytes:
        """Open a wrapped key, and return what it is made of; raise DecryptionError as `unwrap` does."""
        epochs = self.epochs
        key = epochs.key_of(blob) if epochs is not None else None
        return (key or self._wrap).open(blob, "key", "wrapped", owner)

    def wrap_with(self, wrapping: DataKey, key: DataKey, owner: str) -> bytes:
        """Seal a data key with a wrapping key of its own: an epoch's, or a keys file's."""
        return wrapping.seal_key(key._material, owner)  # noqa: SLF001 -- the vault alone may

    def joint_key(self, keys: Iterable[DataKey]) -> DataKey:
        """Return the key that only all of these keys together give, in this order."""
        material = b"".join(key._material for key in keys)  # noqa: SLF001 -- the vault alone may
        return DataKey(derive(material, "joint"))

    def rewrap(self, blob: bytes, owner: str) -> bytes:
        """Wrap a wrapped key again, with the newest master key; raise DecryptionError as `unwrap` does."""
        return self.wrap(self.unwrap(blob, owner), owner)

    def wrap_former(self, master: bytes, owner: str) -> bytes:
        """Seal a former master key for storage."""
        return self._wrap.seal_key(master, owner)

    def unwrap_former(self, blob: bytes, owner: str) -> bytes:
        """Open a former master key; raise DecryptionError as `unwrap` does."""
        return self._wrap.open(blob, "key", "wrapped", owner)

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (32 bytes) of a value, by which rows are found without storing words."""
        hashed = f"{kind}\0{value}".encode()
        # A turn asks for its chat's hash again and again.
        latest = self._latest
        if latest[0] != hashed:
            latest = self._latest = (hashed, self._lookup.digest(hashed))
        return latest[1]

    def path_hash(self, run_id: UUID, path: str) -> str:
        """Return the keyed hash by which the rows of a run know one of its questions: another one in every run.

        It begins with `=`, which no path does; given a hash, this returns it.
        """
        if path.startswith("="):
            return path
        digest = self._paths.digest(run_id.bytes + path.encode())
        return "=" + urlsafe_b64encode(digest[:_PATH_BYTES]).decode()

    def pseudonym(self, person_id: UUID) -> str:
        """Return a person's pseudonym: stable, made from a keyed hash, like `P-7KQ2M9XT` (Crockford's alphabet)."""
        # Of everybody who is listed: it is made as quickly as can be.
        bits = int.from_bytes(self._pseudonym.digest(person_id.bytes)[:5])
        return f"P-{_TWO[bits >> 30]}{_TWO[bits >> 20 & 1023]}{_TWO[bits >> 10 & 1023]}{_TWO[bits & 1023]}"

    def sign(self, data: bytes) -> bytes:
        """Return the signature (8 bytes) of what a button carries."""
        return self._buttons[0].digest(data)[:_TAG]

    def verify(self, data: bytes, tag: bytes) -> bool:
        """Return whether `tag` is our signature of `data`, in constant time; a former key's counts too."""
        if self._signed(data, tag):
            return True
        self.look()  # another process may have signed it with a newer one
        return self._signed(data, tag)

    def _signed(self, data: bytes, tag: bytes) -> bool:
        return any(hmac.compare_digest(key.digest(data)[:_TAG], tag) for key in self._buttons)

    def chain(self, data: bytes) -> bytes:
        """Return the keyed hash (32 bytes) of an audit row: writing rows is not enough to forge one."""
        return self._chains[0].digest(data)

    def chained_by(self, data: bytes, found: bytes) -> int | None:
        """Return which master key made the hash of an audit row, 0 for the newest; None: none of them did."""
        for age, key in enumerate(self._chains):
            if hmac.compare_digest(key.digest(data), found):
                return age
        return None

    def marks(self, value: str) -> list[bytes]:
        """Return the keyed hash by which a backup's files know their key, for each master key, the newest first."""
        # As it was before keys could change, when one key's `lookup` made it: older backups are still known by it.
        return [key.digest(f"backup\0{value}".encode()) for key in self._marks]

    def look(self) -> None:
        """Go over to a newer master key, if another process has put one in the newest one's place."""
        with self._turn:
            for master in self._newer():
                if master not in self._masters:
                    self._add(master)

    def _add(self, master: bytes) -> None:
        self._masters = (master, *self._masters)
        self.seals.add(SealKey(derive(master, "row seal")))
        self._marks = (KeyedHash(derive(master, "lookup")), *self._marks)
        self._buttons = (KeyedHash(derive(master, "button")), *self._buttons)
        self._chains = (KeyedHash(derive(master, "audit")), *self._chains)
        self._wrap.add(DataKey(derive(master, "wrap")))
        self.organisation_key.add(DataKey(derive(master, "organisation")))

    def __repr__(self) -> str:
        return "Vault(…)"


def _refused(place: bytes) -> Callable[[str], DecryptionError]:
    return lambda why: DecryptionError(f"{_column(place)}: {why}")


def _column(place: bytes) -> str:
    return place.rpartition(b"|")[0].decode().replace("|", ".")


def derive(material: bytes, purpose: str, salt: bytes | None = None) -> bytes:
    """Make a key for one purpose of another key, and of a second one (`salt`) where it takes both."""
    return HKDF(SHA256(), KEY_BYTES, salt, f"hilo/1/{purpose}".encode()).derive(material)


def parse_key(text: str) -> bytes:
    """Parse a master key written as 64 hexadecimal digits, with or without spaces and dashes.

    Raises:
        BadKey: it is anything else.
    """
    try:
        key = bytes.fromhex("".join(text.split()).replace("-", ""))
    except ValueError:
        raise BadKey("a master key is 64 hexadecimal digits") from None
    if len(key) != KEY_BYTES:
        raise BadKey("a master key is 64 hexadecimal digits")
    return key


class KeyFile:
    """The file in which the organisation's key lies, read again whenever another file has taken its place."""

    def __init__(self, path: Path) -> None:
        """Note which file is there now; read the key after that."""
        self.path = path.resolve()  # a link stays one, and leads to the new key
        self._seen = self._found()

    @property
    def proposed(self) -> Path:
        """Where a new key lies until it takes this file's place."""
        return self.path.with_name(f"{self.path.name}.new")

    def newer(self) -> bytes | None:
        """Return the key in a file that has taken the place of the one last seen; None if it is the same, or no key."""
        found = self._found()
        if found is None or found == self._seen:
            return None
        try:
            key = load_key(self.path)
        except (OSError, BadKey):
            return None  # it is looked at again next time
        self._seen = found
        return key

    def _found(self) -> tuple[int, int, int] | None:
        try:
            there = os.stat(self.path)  # noqa: PTH116  before every seal: a Path costs as much again
        except OSError:
            return None
        return there.st_dev, there.st_ino, there.st_mtime_ns


def load_key(path: Path) -> bytes:
    """Read the master key from its file; raise FileNotFoundError, or BadKey when it holds something else."""
    return parse_key(path.read_text(encoding="ascii", errors="replace"))


def create_key(path: Path) -> bytes:
    """Create a master key and write it to a new file that only its owner can read (0600).

    It is on the disk, folder entry included, before this returns. Raises FileExistsError: a key is never overwritten.
    """
    key = Vault.generate()
    write_key(path, key)
    return key


def write_key(path: Path, key: bytes) -> None:
    """Write a master key to a new file, as `create_key` does; raise FileExistsError if there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    settle(path.parent)


def settle(path: Path) -> None:
    """Bring what a file holds, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
