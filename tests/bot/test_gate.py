"""Telegram cannot be told to wait: what one chat sends beyond its allowance is not kept, and the chat is told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.config import Config
from bot.messengers.port import Incoming, Kind
from bot.pipeline import disk_watch
from bot.pipeline.gate import Gate
from bot.pipeline.loops import Handler
from bot.running import kept_in
from bot.services import allowances
from bot.services.allowances import KNOWN, Allowances, Disk, Rate
from dialogs import danger
from tests.bot import samples
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig, texts
from tests.bot.test_cry import team

SLOW = texts().say("sorry.slow", "es")
SAID = "Mi marido me pegó anoche."


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """A bot whose chats have an allowance, with phrases that ring, a facilitator and an admin."""
    rig = Rig(tmp_path, record={**RECORD, "danger_words": {"es": [*danger.proposed("es")]}})
    rig.facilitator()
    rig.facilitator(nickname="Sol", cohort=None, role="admin")
    rig.receive.gate = Gate(rig.turns, Allowances(Disk(tmp_path)))
    yield rig
    rig.close()


def flood(phone: Phone, number: int, text: str = "hola {}") -> None:
    """Send so many texts at once, as a program does."""
    for each in range(number):
        phone.write(text.format(each))
    phone.rig.settle()


def test_a_stranger_leaves_few_rows(hilo: Rig) -> None:
    """Whoever has no invite gets a few answers, one sentence, and then nothing; nothing more is kept."""
    phone, before = hilo.phone(), hilo.count("inbox")
    for _ in range(10):
        flood(phone, 50)

    assert hilo.count("inbox") == before + 20
    assert len(phone.heard) == 21
    assert sum(SLOW in (message.text or "") for message in phone.heard) == 1


def test_nobody_who_takes_part_is_slowed_by_hand(hilo: Rig) -> None:
    """Sixty texts within a minute all get their turn; so does what was written in ten hours while the bot was away."""
    phone = hilo.join()
    flood(phone, 60)
    assert SLOW not in phone.told
    for minute in range(0, 600, 2):
        said = hilo.now + timedelta(minutes=minute)
        hilo.messenger.give(phone.chat, Kind.TEXT, text=f"Van {minute} minutos", at=int(said.timestamp()))
    hilo.advance(hours=10)
    phone.look()
    for _ in range(3):
        hilo.settle()

    assert SLOW not in phone.told
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]


def test_whoever_floods_is_told_once_and_goes_on(hilo: Rig) -> None:
    """A program that plays a person is told once; what it sends a little later is kept again."""
    phone = hilo.join()
    before = hilo.count("inbox")
    for _ in range(4):
        flood(phone, 100)
    assert hilo.count("inbox") <= before + 20 + KNOWN.texts.at_once
    assert sum(SLOW in (message.text or "") for message in phone.heard) == 1
    hilo.advance(minutes=1)
    phone.say("Ya estoy aquí otra vez")

    assert SLOW not in phone.told
    assert phone.news


def test_a_cry_is_heard_before_any_limit(hilo: Rig) -> None:
    """Among words that are not kept, a cry rings with the team all the same."""
    facilitator, _ = team(hilo)
    phone = hilo.join()
    for _ in range(4):
        flood(phone, 100)
    facilitator.look()
    phone.say("lo que sea")
    assert not facilitator.news
    phone.say(SAID)

    assert facilitator.news
    assert hilo.count("alerts") == 1


def test_a_flood_of_cries_has_an_end(hilo: Rig) -> None:
    """Words that ring are no way around the limit."""
    phone = hilo.join()
    for _ in range(4):
        flood(phone, 100, SAID + " {}")

    assert hilo.count("alerts") <= 20 + KNOWN.texts.at_once + allowances.CRIES.at_once


def test_presses_that_are_not_kept_are_answered(hilo: Rig) -> None:
    """No button seems to work on for ever, whoever presses it by program."""
    phone = hilo.join()
    done = len(hilo.messenger.acknowledged)
    for number in range(500):
        hilo.messenger.press_id(phone.chat, f"{number}", 1)
    for _ in range(6):
        hilo.settle()

    assert len(hilo.messenger.acknowledged) - done == 500


def test_files_have_their_number(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a day's files one more is not fetched, and she reads why."""
    small = allowances.Rates(KNOWN.texts, KNOWN.letters, KNOWN.presses, Rate(2, 2), Rate(1e6, 1e6), 20_000, 200)
    monkeypatch.setattr(allowances, "KNOWN", small)
    hilo.handler = Handler(hilo.workers, hilo.receive, {"memory": hilo.messenger}, hilo.media_store, Allowances())
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    for _ in range(3):
        hilo.messenger.give_file(phone.chat, Kind.PHOTO, samples.png())
        hilo.settle()

    assert texts().say("media.enough", "es") in phone.told
    assert len(list(hilo.folder.glob("media/*"))) == 2


def test_admins_are_told_of_a_full_disk_once_a_day(hilo: Rig) -> None:
    """Below the reserve strangers are not kept and people are; every admin hears of it, once a day."""
    facilitator, admin = team(hilo)
    phone = hilo.join()
    disk = Disk(hilo.folder)
    disk.free, disk._looked = 12_345_678, float("inf")
    hilo.receive.gate = Gate(hilo.turns, Allowances(disk))
    told = [hilo.run(disk_watch.look(hilo.workers, disk)) for _ in range(2)]
    hilo.send()
    before = hilo.count("inbox")
    stranger = hilo.phone()
    stranger.say("hola")
    phone.say("Sigo contando")

    assert told == [True, False]
    assert any("12 MB" in text for text in admin.news)
    assert not facilitator.news
    assert hilo.count("inbox") == before + 1
    assert [entry.detail for entry in hilo.audited("disk.low")] == [{"megabytes": 12}]
    hilo.advance(hours=25)
    assert hilo.run(disk_watch.look(hilo.workers, disk))


def test_many_accounts_leave_room_for_newcomers(hilo: Rig) -> None:
    """A thousand accounts that write once are not all answered; whoever comes with a good code is."""
    leader, before = hilo.join(), hilo.count("inbox")
    for _ in range(1000):
        hilo.phone().write("hola")
    newcomer = hilo.phone()
    newcomer.write(f"Me dieron este código: {hilo.invite()}")
    leader.write("Aquí sigo")
    for _ in range(12):
        hilo.settle()

    assert hilo.count("inbox") <= before + 122
    assert newcomer.person.participation == "invited"
    assert leader.news


def test_a_strangers_flood_costs_no_transaction(hilo: Rig) -> None:
    """Whoever is nobody and goes on is left out before the database; a cry is heard, and all again a minute later."""
    gate, phone = hilo.receive.gate, hilo.phone()
    assert gate is not None
    flood(phone, 30)

    def sifted(text: str = "", button: str = "", ahead: int = 0) -> int:
        kind = Kind.PRESS if button else Kind.TEXT
        said = Incoming(hilo.messenger.name, "9", phone.chat, kind, text=text or None, button=button or None)
        return len(gate.sift([said], hilo.now + timedelta(seconds=ahead)))

    assert [sifted("hola"), sifted("/start ABCDEFGHJK"), sifted("agua " * 800)] == [0, 0, 0]
    assert sifted(SAID) == 1
    assert sifted(button="x") == 1  # within what a stranger may press
    for number in range(60):
        phone.press_id(f"{number}")
    hilo.settle()
    assert sifted(button="x") == 0
    assert sifted("hola", ahead=61) == 1
    known = hilo.join()
    flood(known, 30)
    assert gate.sift([Incoming(hilo.messenger.name, "10", known.chat, Kind.TEXT, text="hola")], hilo.now)


def test_whoever_joins_is_nobody_no_longer(hilo: Rig) -> None:
    """A chat that flooded and then comes in with a good code is listened to from then on."""
    phone, code = hilo.phone(), hilo.invite()
    flood(phone, 30)
    hilo.advance(minutes=30)
    phone.say(f"/start {code}")

    assert SLOW not in phone.told
    assert phone.news


def test_the_fullest_disk_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Backups, media and the database may lie on other disks than home; one that is full keeps strangers out."""
    room = {tmp_path / "home": 10**12, tmp_path / "elsewhere": 10**12}
    for folder in room:
        folder.mkdir()
    monkeypatch.setattr(allowances.shutil, "disk_usage", lambda path: SimpleNamespace(free=room[path]))
    (tmp_path / "home/media").symlink_to(tmp_path / "elsewhere")
    settings = {"HILO_HOME": str(tmp_path / "home"), "HILO_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere/hilo.db'}"}
    moment = iter(range(0, 1000, 10))
    folders = kept_in(Config.load(settings))
    disk = Disk(*folders, seconds=lambda: next(moment))

    assert {folder.name for folder in folders} == {"home", "media", "backups", "elsewhere"}
    room[tmp_path / "home/media"] = 10**12
    assert not disk.low
    room[tmp_path / "elsewhere"] = 1000
    assert disk.low
    assert disk.free == 1000


def test_half_an_hour_of_voice_an_hour_slows_nobody(hilo: Rig, tmp_path: Path) -> None:
    """Sixty notes of half a minute within an hour, or six of five minutes at a phone's best quality, are all kept."""
    counted = Allowances()
    for number in range(60):
        at = hilo.now + timedelta(seconds=60 * number)
        assert counted.text("her", at, 0, known=True)
        assert counted.file("her", at, 30 * 16_000)
    for number in range(6):
        at = hilo.now + timedelta(seconds=30 * number)
        assert counted.text("another", at, 0, known=True)
        assert counted.file("another", at, 300 * 32_000)
    phone = hilo.join()
    hilo.ask(phone)
    for _ in range(30):
        hilo.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg())
        hilo.advance(minutes=1)

    assert texts().say("media.enough", "es") not in phone.told
    assert SLOW not in phone.told
