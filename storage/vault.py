"""Keys, sealing of fields and files, keyed hashes, pseudonyms.

A sealed blob is `0x01 | key id (4 bytes) | nonce (12) | ciphertext and tag`: AES-256-GCM, with `table|column|row` as
associated data, so a blob opens only in the place it was made for. The key id says which key sealed it, which lets keys
change without guessing. All subkeys are derived from one master key (HKDF-SHA256); data keys are random and are stored
wrapped.
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
_TAG_BYTES: Final = 16  # at the end of a sealed blob
_BLOCK: Final = 16
_PIECE: Final = 1 << 18
_TAG: Final = 8
MORE: Final = _SEALED + _TAG_BYTES
"""How many bytes a sealed blob is longer than its plain content."""
_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")


class DecryptionError(Exception):
    """A blob does not open: it was tampered with, moved to another place, or sealed with another key."""


class BadKey(ValueError):
    """This is not a master key."""


class DataKey:
    """One AES-256-GCM key. Sealing and opening are thread-safe."""

    __slots__ = ("_cipher", "_head", "_material")

    def __init__(self, material: bytes) -> None:
        """Use 32 bytes of key material; raise BadKey on any other length."""
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
            DecryptionError: it was changed, moved, or sealed with another key.
        """
        return self._opened(blob, f"{table}|{column}|{row}".encode())

    def open_pieces(self, file: Path, table: str, column: str, row: str) -> Generator[bytes]:
        """Decrypt a file that `seal` made, piece by piece, in constant memory.

        The file is read twice, so that nothing is yielded before the whole of it is verified.

        Raises:
            FileNotFoundError: there is no such file.
            DecryptionError: it was changed, moved, or sealed with another key.
        """
        place = f"{table}|{column}|{row}".encode()
        with file.open("rb", buffering=0) as source:
            for _ in self._through(source, place):
                pass
            source.seek(0)
            for piece in self._through(source, place):
                yield bytes(piece)

    def _through(self, source: FileIO, place: bytes) -> Iterator[memoryview]:
        """Yield each decrypted piece in the same buffer; only at the end it is known whether they are authentic."""
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
        """Return a function that opens blobs of one column by row; it raises DecryptionError."""
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
    """Takes the place of a person's damaged key: it opens nothing, and seals nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        """Do nothing: there is no key material."""

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:  # noqa: ARG002 -- the shape of a key
        """Raise DecryptionError, since nobody could open it again."""
        raise DecryptionError(f"{table}.{column}: the key is damaged")

    def _opened(self, blob: bytes, place: bytes) -> bytes:  # noqa: ARG002 -- the shape of a key
        raise DecryptionError(f"{_column(place)}: the key is damaged")


class Vault:
    """Everything that is derived from the organisation's master key."""

    __slots__ = ("_button", "_chain", "_latest", "_lookup", "_pseudonym", "_wrap", "organisation_key")

    def __init__(self, master: bytes) -> None:
        """Derive the subkeys from 32 bytes of master key; raise BadKey on any other length."""
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
        """Return a new master key (32 random bytes)."""
        return os.urandom(KEY_BYTES)

    def new_key(self) -> DataKey:
        """Return a random data key."""
        return DataKey(os.urandom(KEY_BYTES))

    def wrap(self, key: DataKey, owner: str) -> bytes:
        """Seal a data key for storage; it unwraps for the same owner only."""
        return self._wrap.seal(key._material, "key", "wrapped", owner)  # noqa: SLF001 -- the vault alone may

    def unwrap(self, blob: bytes, owner: str) -> DataKey:
        """Open a wrapped key; raise DecryptionError when it was changed or is another owner's."""
        return DataKey(self._wrap.open(blob, "key", "wrapped", owner))

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (32 bytes) of a value, by which rows are found without storing words."""
        hashed = f"{kind}\0{value}".encode()
        # A turn asks for its chat's hash again and again.
        latest = self._latest
        if latest[0] != hashed:
            latest = self._latest = (hashed, hmac.digest(self._lookup, hashed, "sha256"))
        return latest[1]

    def pseudonym(self, person_id: UUID) -> str:
        """Return a person's pseudonym: stable, made from a keyed hash, like `P-7KQ2M9XT` (Crockford's alphabet)."""
        digest = hmac.digest(self._pseudonym, person_id.bytes, "sha256")
        return "P-" + b32encode(digest[:5]).translate(_CROCKFORD).decode()

    def sign(self, data: bytes) -> bytes:
        """Return the signature (8 bytes) of what a button carries."""
        return hmac.digest(self._button, data, "sha256")[:_TAG]

    def verify(self, data: bytes, tag: bytes) -> bool:
        """Return whether `tag` is our signature of `data`, in constant time."""
        return hmac.compare_digest(self.sign(data), tag)

    def chain(self, data: bytes) -> bytes:
        """Return the keyed hash (32 bytes) of an audit row: writing rows is not enough to forge one."""
        return hmac.digest(self._chain, data, "sha256")

    def __repr__(self) -> str:
        return "Vault(…)"


def _column(place: bytes) -> str:
    return place.rpartition(b"|")[0].decode().replace("|", ".")


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, f"hilo/1/{purpose}".encode()).derive(master)


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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
