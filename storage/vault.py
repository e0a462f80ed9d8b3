"""Keys, sealing of fields and files, keyed hashes, pseudonyms.

A sealed blob is `0x01 | key id (4 bytes) | nonce (12) | ciphertext and tag`: AES-256-GCM, with
`table|column|row` as associated data, so a blob opens only in the place it was made for. The key id says which
key sealed it, which lets keys change without guessing. One master key derives every subkey (HKDF-SHA256); data
keys are random and are kept wrapped.
"""

import hashlib
import hmac
import os
from base64 import b32encode
from collections.abc import Callable, Generator, Iterator
from io import FileIO
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
_FORMAT: Final = b"\x01"
_HEAD: Final = 5
_NONCE: Final = 12
_SEALED: Final = _HEAD + _NONCE
_TAG_BYTES: Final = 16  # at the end of what is sealed
_BLOCK: Final = 16
_PIECE: Final = 1 << 18
_TAG: Final = 8
MORE: Final = _SEALED + _TAG_BYTES
"""Bytes by which something sealed is longer than it was."""
_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")


class DecryptionError(Exception):
    """A blob that does not open: tampered with, moved to another place, or sealed with another key."""


class BadKey(ValueError):
    """What should be a master key is not one."""


class DataKey:
    """One AES-256-GCM key. Sealing and opening are thread-safe."""

    __slots__ = ("_cipher", "_head", "_material")

    def __init__(self, material: bytes) -> None:
        """Take 32 bytes of key material."""
        if len(material) != KEY_BYTES:
            raise BadKey(f"a key has {KEY_BYTES} bytes")
        self._material = material
        self._cipher = AESGCM(material)
        self._head = _FORMAT + hashlib.sha256(b"hilo key id" + material).digest()[:4]

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:
        """Encrypt for one place (`row` is the row's id in hex; a file has table `media`, column `file`)."""
        nonce = os.urandom(_NONCE)
        return self._head + nonce + self._cipher.encrypt(nonce, plain, f"{table}|{column}|{row}".encode())

    def open(self, blob: bytes, table: str, column: str, row: str) -> bytes:
        """Decrypt what `seal` made for the same place.

        Raises:
            Sealed: it was changed, moved, or sealed with another key.
        """
        return self._opened(blob, f"{table}|{column}|{row}".encode())

    def open_pieces(self, file: Path, table: str, column: str, row: str) -> Generator[bytes]:
        """Decrypt a file that `seal` made, piece by piece: in the same memory however large it is.

        It is gone through twice, so that nothing is given out before all of it is known to be what was sealed.

        Raises:
            FileNotFoundError: there is no such file.
            Sealed: it was changed, moved, or sealed with another key.
        """
        place = f"{table}|{column}|{row}".encode()
        with file.open("rb", buffering=0) as source:
            for _ in self._through(source, place):
                pass
            source.seek(0)
            for piece in self._through(source, place):
                yield bytes(piece)

    def _through(self, source: FileIO, place: bytes) -> Iterator[memoryview]:
        """Give each decrypted piece in the same place of memory; whether it was what was sealed shows at the end."""
        size = os.fstat(source.fileno()).st_size
        head = source.read(_SEALED)
        if head[:_HEAD] != self._head or size < MORE:
            raise DecryptionError(f"{_column(place)}: another key or format")
        opening = Cipher(AES(self._material), GCM(head[_HEAD:])).decryptor()
        opening.authenticate_additional_data(place)
        taken, given = memoryview(bytearray(_PIECE)), memoryview(bytearray(_PIECE + _BLOCK))
        left = size - MORE
        while left:
            got = source.readinto(taken[: min(left, _PIECE)])
            if not got:
                raise DecryptionError(f"{_column(place)}: it ends too early")
            left -= got
            yield given[: opening.update_into(taken[:got], given)]
        try:
            opening.finalize_with_tag(source.read(_TAG_BYTES))
        except (InvalidTag, ValueError):
            raise DecryptionError(f"{_column(place)}: not what was sealed here") from None

    def opener(self, table: str, column: str) -> Callable[[bytes, str], bytes]:
        """Give what opens many blobs of one column, each with its row; raises Sealed as `open` does."""
        opened, place = self._opened, f"{table}|{column}|".encode()
        return lambda blob, row: opened(blob, place + row.encode())

    def _opened(self, blob: bytes, place: bytes) -> bytes:
        if blob[:_HEAD] != self._head:
            raise DecryptionError(f"{_column(place)}: another key or format")
        try:
            return self._cipher.decrypt(blob[_HEAD:_SEALED], blob[_SEALED:], place)
        except (InvalidTag, ValueError):
            # ValueError: too short to hold even a nonce.
            raise DecryptionError(f"{_column(place)}: not what was sealed here") from None

    def __repr__(self) -> str:
        return "DataKey(…)"


class LostKey(DataKey):
    """Stands where a person's key is damaged: it opens nothing, and seals nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        """There is nothing to take."""

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:  # noqa: ARG002 -- the shape of a key
        """Raise Sealed: nobody could open it again."""
        raise DecryptionError(f"{table}.{column}: the key is damaged")

    def _opened(self, blob: bytes, place: bytes) -> bytes:  # noqa: ARG002 -- the shape of a key
        raise DecryptionError(f"{_column(place)}: the key is damaged")


class Vault:
    """Everything that is derived from the organisation's master key."""

    __slots__ = ("_button", "_chain", "_latest", "_lookup", "_pseudonym", "_wrap", "organisation_key")

    def __init__(self, master: bytes) -> None:
        """Derive the subkeys from 32 bytes of master key; raises BadKey on any other length."""
        if len(master) != KEY_BYTES:
            raise BadKey(f"a master key has {KEY_BYTES} bytes")
        self._wrap = DataKey(_derive(master, "wrap"))
        self._lookup = _derive(master, "lookup")
        self._latest = (b"", b"")
        self._pseudonym = _derive(master, "pseudonym")
        self._button = _derive(master, "button")
        self._chain = _derive(master, "audit")
        self.organisation_key = DataKey(_derive(master, "organisation"))

    @staticmethod
    def generate() -> bytes:
        """Make a new master key (32 random bytes)."""
        return os.urandom(KEY_BYTES)

    def new_key(self) -> DataKey:
        """Make a random data key."""
        return DataKey(os.urandom(KEY_BYTES))

    def wrap(self, key: DataKey, owner: str) -> bytes:
        """Seal a data key for storage; it unwraps for the same owner only."""
        return self._wrap.seal(key._material, "key", "wrapped", owner)  # noqa: SLF001 -- the vault alone may

    def unwrap(self, blob: bytes, owner: str) -> DataKey:
        """Open a wrapped key; raises Sealed when it was changed or is another owner's."""
        return DataKey(self._wrap.open(blob, "key", "wrapped", owner))

    def lookup(self, kind: str, value: str) -> bytes:
        """Hash a value under the organisation's key, so that rows are found without words (32 bytes)."""
        hashed = f"{kind}\0{value}".encode()
        # A turn asks for its chat's hash over and over.
        latest = self._latest
        if latest[0] != hashed:
            latest = self._latest = (hashed, hmac.digest(self._lookup, hashed, "sha256"))
        return latest[1]

    def pseudonym(self, person_id: UUID) -> str:
        """Name a person without naming her: stable, keyed, like `P-7KQ2M9XT` (Crockford's alphabet)."""
        digest = hmac.digest(self._pseudonym, person_id.bytes, "sha256")
        return "P-" + b32encode(digest[:5]).translate(_CROCKFORD).decode()

    def sign(self, data: bytes) -> bytes:
        """Sign what a button carries (8 bytes)."""
        return hmac.digest(self._button, data, "sha256")[:_TAG]

    def verify(self, data: bytes, tag: bytes) -> bool:
        """Tell whether `tag` is our signature of `data`, in constant time."""
        return hmac.compare_digest(self.sign(data), tag)

    def chain(self, data: bytes) -> bytes:
        """Hash a row of the audit trail (32 bytes), keyed: whoever can only write rows cannot forge one."""
        return hmac.digest(self._chain, data, "sha256")

    def __repr__(self) -> str:
        return "Vault(…)"


def _column(place: bytes) -> str:
    return place.rpartition(b"|")[0].decode().replace("|", ".")


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, f"hilo/1/{purpose}".encode()).derive(master)


def parse_key(text: str) -> bytes:
    """Read a master key written as 64 hexadecimal digits (spaces and dashes between them do no harm).

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


def load_key(path: Path) -> bytes:
    """Read the master key from its file; raises FileNotFoundError, or BadKey when it holds something else."""
    return parse_key(path.read_text(encoding="ascii", errors="replace"))


def create_key(path: Path) -> bytes:
    """Make a master key and write it to a new file that only its owner can read (0600).

    It is on the disk, folder entry included, before this returns. Raises FileExistsError: a key is never
    overwritten.
    """
    key = Vault.generate()
    write_key(path, key)
    return key


def write_key(path: Path, key: bytes) -> None:
    """Write a master key to a new file, as `create_key` does; raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
