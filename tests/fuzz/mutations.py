"""Change bytes at random, in the ways that have broken parsers: numbers at their ends, blocks repeated and nested."""

import random
import zlib
from collections.abc import Callable, Sequence

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
NESTED = (b"moov", b"trak", b"moof", b"traf", b"mdia")
MANY = 20_000  # times that a stretch is repeated, or a block is put into itself

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def _stretch(data: bytes, rng: random.Random, most: int = 64) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randint(0, most))


def flip(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Change one byte."""
    if not data:
        return b"\0"
    place = rng.randrange(len(data))
    return data[:place] + bytes((rng.randrange(256),)) + data[place + 1 :]


def number(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Write a number over some bytes, at the end of what they can hold or near the file's length."""
    size = rng.choice((1, 2, 3, 4, 8))
    value = rng.choice((*NUMBERS, len(data), max(0, len(data) - rng.randrange(64)))) % (1 << 8 * size)
    start = rng.randrange(len(data) + 1)
    return data[:start] + value.to_bytes(size, rng.choice(("big", "little"))) + data[start + size :]


def leave_out(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Leave out a stretch."""
    start, end = _stretch(data, rng)
    return data[:start] + data[end:]


def cut(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Cut the end off."""
    return data[: rng.randrange(len(data) + 1)]


def splice(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """Put a stretch of another file in."""
    other = rng.choice(others)
    start, end = _stretch(other, rng, 4096)
    place = rng.randrange(len(data) + 1)
    return data[:place] + other[start:end] + data[place + rng.choice((0, end - start)) :]


def repeat(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Repeat a short stretch, a few times or very often."""
    start, end = _stretch(data, rng, 16)
    times = rng.choice((2, 30, 1000, MANY, 10 * MANY))
    return data[:end] + data[start:end] * times + data[end:]


def fill(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Put a row of one byte in, with or without a zero behind it."""
    place, byte = rng.randrange(len(data) + 1), rng.choice((0, 0xFF, rng.randrange(256)))
    row = bytes((byte,)) * rng.choice((9, 1000, MANY)) + bytes(rng.randrange(2))
    return data[:place] + row + data[place:]


def nest(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Put the end of a file into a block with a length and a name, that into another, and so on."""
    start = rng.choice((0, data.find(b"moov") - 4, rng.randrange(len(data) + 1)))
    start = max(start, 0)
    inside, name = data[start:], rng.choice(NESTED)
    heads = [
        (len(inside) + 8 * deep).to_bytes(8, "big")[-4:] + name for deep in range(rng.choice((2, 20, 2000)), 0, -1)
    ]
    return data[:start] + b"".join(heads) + inside


MUTATIONS: tuple[Mutation, ...] = (flip, flip, number, number, leave_out, cut, splice, repeat, fill, nest)


def mutate(data: bytes, rng: random.Random, others: Sequence[bytes], most: int) -> bytes:
    """Change a file in a few ways; the result has `most` bytes at most."""
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        data = rng.choice(MUTATIONS)(data, rng, others)[:most]
    return data


def checksums(data: bytes) -> bytes:
    """Write the right checksum into every chunk of a PNG, for else no change gets further than to that."""
    place, out = 8, bytearray(data)
    while place + 12 <= len(out):
        end = place + 8 + int.from_bytes(out[place : place + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(out)
