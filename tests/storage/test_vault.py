"""The vault: what is sealed opens in its own place with its own key, and nowhere else."""

import hashlib
import hmac
import os
import re
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from storage.keyed_hash import KeyedHash
from storage.padding import rounded
from storage.sealed_files import MORE
from storage.vault import BadKey, DataKey, DecryptionError, Vault, create_key, load_key, parse_key
from tests.storage.world import uid

PLACE = ("answers", "value", "0195")
KEY = DataKey(b"k" * 32)
VAULT = Vault(b"m" * 32)


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    """Any bytes come back as they were, in as many steps of 256 bytes as they take, for a cost of 33 bytes."""
    blob = KEY.seal(plain, *PLACE)

    assert KEY.open(blob, *PLACE) == plain
    assert len(blob) == 1 + 4 + 12 + (256 if len(plain) <= 252 else 512) + 16
    assert blob[0] == 2


def sealed_bare(plain: bytes, key: DataKey = KEY, place: tuple[str, str, str] = PLACE) -> bytes:
    """Seal as 0.1.0 did, with the library alone."""
    nonce, material = os.urandom(12), key._material
    id_ = hashlib.sha256(b"hilo key id" + material).digest()[:4]
    return b"\x01" + id_ + nonce + AESGCM(material).encrypt(nonce, plain, "|".join(place).encode())


@given(st.binary(max_size=300))
def test_what_an_earlier_version_sealed_opens(plain: bytes) -> None:
    """A value from before values were padded opens as it was."""
    blob = sealed_bare(plain)

    assert len(blob) == 33 + len(plain)
    assert KEY.open(blob, *PLACE) == plain


def test_neither_form_is_taken_for_the_other() -> None:
    """Whoever changes the first byte alone gets nothing: neither the padding as words, nor words as padding."""
    padded, bare = KEY.seal(b"una palabra", *PLACE), sealed_bare(b"\0\0\0\1una palabra")

    for blob in (b"\x01" + padded[1:], b"\x02" + bare[1:], b"\x03" + padded[1:]):
        with pytest.raises(DecryptionError):
            KEY.open(blob, *PLACE)


def test_a_flipped_bit_is_noticed() -> None:
    """Whichever single bit of a sealed value is flipped, it does not open."""
    blob = KEY.seal(b"Hoy hablamos con la asamblea", *PLACE)

    opened = 0
    for place in range(len(blob) * 8):
        broken = bytearray(blob)
        broken[place // 8] ^= 1 << place % 8
        with pytest.raises(DecryptionError):
            KEY.open(bytes(broken), *PLACE)
        opened += 1
    assert opened == len(blob) * 8


@pytest.mark.parametrize("length", [0, 1, 4, 5, 16, 17, 32, 33, 40])
def test_a_cut_value_is_noticed(length: int) -> None:
    """A value that lost its end does not open, however short it is."""
    blob = KEY.seal(b"una palabra", *PLACE)

    with pytest.raises(DecryptionError):
        KEY.open(blob[:length], *PLACE)


@pytest.mark.parametrize(
    "place", [("answers", "value", "0196"), ("answers", "text", "0195"), ("messages", "value", "0195")]
)
def test_a_moved_value_is_noticed(place: tuple[str, str, str]) -> None:
    """A value that was moved to another row, column or table does not open there."""
    blob = KEY.seal(b"una palabra", *PLACE)

    with pytest.raises(DecryptionError):
        KEY.open(blob, *place)


def test_another_key_does_not_open() -> None:
    """One person's key does not open another's row, not even at the same place."""
    with pytest.raises(DecryptionError):
        DataKey(b"o" * 32).open(KEY.seal(b"una palabra", *PLACE), *PLACE)


def test_the_same_words_never_look_the_same() -> None:
    """Sealing twice gives two different blobs."""
    assert KEY.seal(b"si", *PLACE) != KEY.seal(b"si", *PLACE)


def test_a_wrapped_key_is_its_owners() -> None:
    """A key unwraps for the owner it was wrapped for, under the same master key, and for nobody else."""
    key = VAULT.new_key()
    wrapped = VAULT.wrap(key, "person a")
    blob = key.seal(b"una palabra", *PLACE)

    assert VAULT.unwrap(wrapped, "person a").open(blob, *PLACE) == b"una palabra"
    with pytest.raises(DecryptionError):
        VAULT.unwrap(wrapped, "person b")
    with pytest.raises(DecryptionError):
        Vault(b"n" * 32).unwrap(wrapped, "person a")


def test_lookups_are_keyed_and_kept_apart() -> None:
    """The same value hashes alike under one kind and one master key only."""
    found = VAULT.lookup("invite", "abc")

    assert found == VAULT.lookup("invite", "abc")
    assert len(found) == 32
    others = [VAULT.lookup("cohort", "abc"), VAULT.lookup("invite", "abd"), Vault(b"n" * 32).lookup("invite", "abc")]
    assert len({found, *others}) == 4


def test_subkeys_differ() -> None:
    """No two uses share a key: a signature says nothing about a lookup, a chain or a pseudonym."""
    data = b"same"
    assert len({VAULT.sign(data), VAULT.lookup("", "same")[:8], VAULT.chain(data)[:8]}) == 3


def test_a_pseudonym_is_stable_and_readable() -> None:
    """A person is called the same every time, in letters that are hard to confuse."""
    ids = [uid() for _ in range(2000)]
    names = [VAULT.pseudonym(each) for each in ids]

    assert names == [VAULT.pseudonym(each) for each in ids]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"P-[0-9A-HJKMNP-TV-Z]{8}", name) for name in names)
    assert {letter for name in names for letter in name[2:]} == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@pytest.mark.parametrize("length", [0, 16, 32, 64])
def test_a_keyed_hash_is_hmac(length: int) -> None:
    """As the library makes it of the same key and data."""
    key = os.urandom(length)
    hashed = KeyedHash(key)

    assert all(hashed.digest(data) == hmac.digest(key, data, "sha256") for data in (b"", b"a", os.urandom(200)))


def test_a_signature_holds_for_its_data_alone() -> None:
    """A button's signature has 8 bytes, and verifies what was signed and nothing else."""
    tag = VAULT.sign(b"run path prompt")

    assert len(tag) == 8
    assert VAULT.verify(b"run path prompt", tag)
    assert not VAULT.verify(b"run path prompt.", tag)
    assert not VAULT.verify(b"run path prompt", bytes(8))
    assert not Vault(b"n" * 32).verify(b"run path prompt", tag)


def test_keys_do_not_print() -> None:
    """Neither a key nor the vault shows its secret where a traceback would print it."""
    shown = f"{KEY!r} {VAULT!r} {KEY} {VAULT}"

    assert "kkk" not in shown
    assert "mmm" not in shown


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """A key file has mode 0600 whatever the umask, reads back as the same key, and is never overwritten."""
    path = tmp_path / "hilo.key"
    before = os.umask(0)
    try:
        key = create_key(path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path) == key
    assert len(key) == 32
    with pytest.raises(FileExistsError):
        create_key(path)
    assert load_key(path) == key


def test_two_keys_differ(tmp_path: Path) -> None:
    """Every key made is another."""
    assert create_key(tmp_path / "a") != create_key(tmp_path / "b")
    assert Vault.generate() != Vault.generate()


@pytest.mark.parametrize("words", ["", "abc", "00" * 31, "00" * 33, "zz" * 32, "contraseña"])
def test_what_is_no_key_is_refused(tmp_path: Path, words: str) -> None:
    """Anything but 64 hexadecimal digits is refused, in a file and in the environment."""
    path = tmp_path / "hilo.key"
    path.write_text(words, "utf-8")

    with pytest.raises(BadKey):
        parse_key(words)
    with pytest.raises(BadKey):
        load_key(path)


def test_a_key_copied_from_paper_is_read() -> None:
    """Spaces, dashes, line ends and capitals do no harm to a key that was typed from paper."""
    assert parse_key("0A0B " * 8 + "\n" + "0c0d-" * 8) == bytes.fromhex("0a0b" * 8 + "0c0d" * 8)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_keys_have_thirty_two_bytes(length: int) -> None:
    """A key of another length is refused, for people and for the organisation."""
    with pytest.raises(BadKey):
        DataKey(bytes(length))
    with pytest.raises(BadKey):
        Vault(bytes(length))


@pytest.mark.parametrize("size", [0, 1, 1000, 1 << 18, (1 << 18) + 1, 700_000])
def test_a_file_opens_piece_by_piece(tmp_path: Path, size: int) -> None:
    """What comes in pieces is what was sealed, whatever its length; no piece is large."""
    key, plain, file = DataKey(Vault.generate()), bytes(place % 251 for place in range(size)), tmp_path / "file"
    file.write_bytes(key.seal(plain, "media", "file", "a"))
    told, given_pieces = key.open_pieces(file, "media", "file", "a")
    pieces = list(given_pieces)

    assert told == size
    assert b"".join(pieces) == plain
    assert file.stat().st_size == 4 + rounded(size) + MORE
    assert all(len(piece) <= 1 << 18 for piece in pieces)


@pytest.mark.parametrize("spoil", ["end", "cut", "place", "key", "empty"])
def test_not_a_piece_is_given_of_what_is_not_what_was_sealed(tmp_path: Path, spoil: str) -> None:
    """A change in the very last byte shows before the first piece is out; so do a cut, another place, another key."""
    key, file = DataKey(Vault.generate()), tmp_path / "file"
    sealed = bytearray(key.seal(bytes(700_000), "media", "file", "a"))
    if spoil == "end":
        sealed[-1] ^= 1
    file.write_bytes({"cut": sealed[:-20], "empty": b""}.get(spoil, sealed))
    opener = DataKey(Vault.generate()) if spoil == "key" else key

    with pytest.raises(DecryptionError):
        opener.open_pieces(file, "media", "file", "b" if spoil == "place" else "a")


@pytest.mark.parametrize("size", [0, 3, 1000, (1 << 18) + 1])
def test_a_file_of_an_earlier_version_opens_piece_by_piece(tmp_path: Path, size: int) -> None:
    """A file from before files were padded comes as it was, with its size."""
    plain, file = bytes(place % 251 for place in range(size)), tmp_path / "file"
    file.write_bytes(sealed_bare(plain, KEY, ("media", "file", "a")))
    told, pieces = KEY.open_pieces(file, "media", "file", "a")

    assert (told, b"".join(pieces)) == (size, plain)
