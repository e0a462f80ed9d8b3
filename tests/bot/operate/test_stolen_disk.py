"""A disk that was carried off without the key: of what people said, and of who they are, no byte can be read on it."""

import contextlib
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import clock
from bot.cli.operate import backup
from bot.config import Config
from bot.messengers.port import Kind
from tests.amounts import STOLEN
from tests.bot import samples
from tests.bot.rig import Rig, texts
from tests.thread.test_privacy import disguises

ANSWERS_EACH = 4
LEADERS = max(2, STOLEN.value // ANSWERS_EACH)
PACKED = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield what was deflated in some bytes."""
    for head in PACKED:
        at = content.find(head)
        while at >= 0:
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj().decompress(content[at : at + 1_000_000])
            at = content.find(head, at + 1)


def found(secrets: list[str], content: bytes) -> set[str]:
    """Tell which secrets stand in some bytes, in whatever form."""
    whole = content + b"\0".join(unpacked(content))
    numbers = {
        secret: (int(secret).to_bytes(8, "little"), int(secret).to_bytes(8, "big"))
        for secret in secrets
        if secret.isdecimal()
    }
    return {
        secret for secret in secrets if any(each in whole for each in (*disguises(secret), *numbers.get(secret, ())))
    }


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_no_byte_of_a_carried_off_disk_tells_anything(tmp_path: Path) -> None:
    """Database and log while it is awake, backups, a file of answers that waits, voice notes and photos."""
    home, taken = tmp_path / "home", tmp_path / "taken"
    home.mkdir()
    hilo = Rig(home, now=clock.now())
    secrets, group = [secret.decode("latin-1") for secret in samples.SECRETS], "Yohualichantlan"
    ana = hilo.facilitator(nickname="Quiahuitlana", cohort=group)
    rosa = hilo.facilitator(nickname="Tlaltecuina", cohort=None, role="admin")
    secrets += [group, "Quiahuitlana", "Tlaltecuina", ana.chat, rosa.chat]
    for number in range(LEADERS):
        name, told, said, asked = (f"{word}{number:04d}q" for word in ("Nahuali", "Mizquitla", "Atlacomul", "Tepoztla"))
        phone = hilo.join(nickname=name, cohort=group)
        secrets += [name, told, said, asked, phone.chat]
        hilo.ask(phone, cohort=group)
        phone.say("2")
        phone.say(f"Fue lo de {told}.")
        phone.press("Listo")
        phone.press("2 · Que me llamen")
        phone.say(asked)
        hilo.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=3)
        hilo.messenger.give_file(phone.chat, Kind.PHOTO, samples.jpeg(), text=said)
        hilo.settle()
    ana.say("/mensajes")
    ana.press(ana.last.labels[0])
    ana.write("/personas")
    hilo.keep()
    hilo.handle()  # a screen that is not sent yet
    rosa.say(texts().say("button.export", "es"))
    config = Config.load({"HILO_HOME": str(home)}, folder=home)
    backup.make(config, hilo.storage, None, lambda *_: None)
    subprocess.run(["cp", "-r", home, taken], check=True)
    assert hilo.count("answers") >= LEADERS * 3
    assert hilo.count("media") >= LEADERS
    hilo.close()
    assert (taken / "hilo.db-wal").stat().st_size > 0
    (taken / "hilo.key").unlink()  # the passphrase

    assert found(["Mizquitla0000q"], b"..." + zlib.compress(b"lo de Mizquitla0000q")) == {"Mizquitla0000q"}
    for path in sorted(taken.rglob("*")):
        if path.is_file():
            assert not found(secrets, path.read_bytes()), path.name
