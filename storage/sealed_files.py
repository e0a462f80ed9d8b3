"""The shape of what is sealed, and opening a sealed file piece by piece, in constant memory."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from storage import padding

HEAD: Final = 5  # the format, and the key's id
NONCE: Final = 12
SEALED: Final = HEAD + NONCE  # bytes before the ciphertext
_TAG_BYTES: Final = 16  # at the end
_BLOCK: Final = 16
_PIECE: Final = 1 << 18
MORE: Final = SEALED + _TAG_BYTES
"""How many bytes a sealed blob is longer than what was sealed, with its padding."""

Refused = Callable[[str], Exception]
"""Makes the error to raise, given what is wrong."""


def open_pieces(
    file: Path, material: bytes, places: Mapping[bytes, bytes], refused: Refused
) -> tuple[int, Generator[bytes, None, None]]:
    """Decrypt a file; return its plain size and its pieces.

    The file is read twice, so that nothing is yielded before the whole of it is verified.

    Args:
        file: the file.
        material: the key.
        places: the associated data by the first bytes; the last one is padded.
        refused: makes the error to raise.

    Raises:
        FileNotFoundError: there is no such file.
    """
    source = file.open("rb", buffering=0)
    try:
        size = sum(len(piece) for piece in _plain(source, material, places, refused))
    except BaseException:
        source.close()
        raise
    return size, _again(source, material, places, refused)


def _again(
    source: FileIO, material: bytes, places: Mapping[bytes, bytes], refused: Refused
) -> Generator[bytes, None, None]:
    with source:
        source.seek(0)
        for piece in _plain(source, material, places, refused):
            yield bytes(piece)


def _plain(source: FileIO, material: bytes, places: Mapping[bytes, bytes], refused: Refused) -> Iterator[memoryview]:
    """Yield each decrypted piece without its padding; only at the end it is known whether they are authentic."""
    head = source.read(SEALED)
    place = places.get(head[:HEAD])
    if place is None or os.fstat(source.fileno()).st_size < MORE:
        raise refused("another key or format")
    pieces = _through(source, Cipher(AES(material), GCM(head[HEAD:])), place, refused)
    if head[:HEAD] != list(places)[-1]:
        yield from pieces
        return
    start, left = bytearray(), -1
    for each in pieces:
        piece = each
        if left < 0:
            start += piece
            if len(start) < padding.LENGTH:
                continue
            left, piece = padding.length(start), memoryview(start)[padding.LENGTH :]
        given = piece[:left]
        left -= len(given)
        if given:
            yield given
    if left:
        raise refused("no padded value")


def _through(source: FileIO, cipher: Cipher[GCM], place: bytes, refused: Refused) -> Iterator[memoryview]:
    """Yield each decrypted piece in the same buffer."""
    opening = cipher.decryptor()
    opening.authenticate_additional_data(place)
    taken, given = memoryview(bytearray(_PIECE)), memoryview(bytearray(_PIECE + _BLOCK))
    left = os.fstat(source.fileno()).st_size - MORE
    while left:
        got = source.readinto(taken[: min(left, _PIECE)])
        if not got:
            raise refused("it ends too early")
        left -= got
        yield given[: opening.update_into(taken[:got], given)]
    try:
        opening.finalize_with_tag(source.read(_TAG_BYTES))
    except (InvalidTag, ValueError):
        raise refused("not what was sealed here") from None
