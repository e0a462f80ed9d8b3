"""Thirty-odd ways in which somebody is erased, each a real run; `test_thirty_ways` looks at what they leave.

A way is a function of an installation with somebody in it who is to go. What is beside it (a reader, a backup, a bot
that is awake) is a process of its own; the clock of the installation is the machine's.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx

from bot import clock
from bot.app import open_storage
from bot.cli.operate import backup
from bot.config import Config
from bot.messengers.port import Kind
from bot.services import erasure_places, signs
from dialogs import languages
from storage import settling
from storage.erasure import erase
from tests.bot import samples
from tests.bot.rig import Phone, Rig, texts
from tests.floor.contents import contents
from tests.storage.given_back import came_of
from tests.thread.bot import ROOT, free_port

HER, OTHERS = "Xilonenca", ("Amapola", "Ceiba")
TOLD, SAID, REACH = "Hubo junta del agua.", "Se quemó la milpa de arriba.", "Con mi tía Chalchihuitl"
REMEMBERED = "la del puesto de tlacoyos"
WORDS: Final = (HER, TOLD, SAID, REACH, REMEMBERED)
NOISE: Final = 60_000_000  # bytes, so that copying the database takes a while
PATIENCE: Final = 90.0


class Home:
    """An installation with three leaders and a facilitator, of whom one leader told much and is going to be erased."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "HILO_HOME": str(folder), "PYTHONPATH": str(ROOT), "HILO_LANGUAGE": "en"}
        self.more: list[Path] = []  # folders beside it that are at hand
        self.stack = ExitStack()
        self.hilo = Rig(folder, now=clock.now())
        self.stack.callback(self.hilo.close)
        self.storage = self.hilo.storage
        self.ana = self.hilo.facilitator(nickname="Ana")
        self.others = [self._leader(name, f"Todo bien, dice {name}.") for name in OTHERS]
        self.her = self._leader(HER, TOLD)
        for label in ("Listo", "1 · Nada por ahora"):
            self.her.press(label)
        self.her.say(f"Para el equipo: {SAID}")
        self.her.press("Sí")
        self.sends(self.her, Kind.VOICE, samples.ogg())
        with self.hilo.unit() as unit:  # as a page does where she writes what she remembers instead of her nickname
            hers = next(each.id for each in unit.invites.list() if self.her.person.id in unit.invites.used_by(each.id))
            unit.recollections.add(clock.new_id(), hers, REMEMBERED)
        self.ids = {phone.person.id.hex: phone for phone in (self.ana, *self.others, self.her)}
        self.hers = self.her.person.id.hex
        self.gone = {f"person {self.hers}"}  # whose keys nothing may open in the end
        self.theirs = [phone.person.id for phone in self.others]
        self.ana.say("/mensajes")
        self.ana.press(next(each for each in self.ana.last.labels if HER in each))
        self.before = self.read()

    def _leader(self, name: str, told: str) -> Phone:
        phone = self.hilo.join(nickname=name)
        self.hilo.ask(phone)
        phone.say("2")
        phone.say(told)
        return phone

    @property
    def config(self) -> Config:
        """How a process of its own is set up."""
        given = {name: value for name, value in self.environment.items() if name.startswith("HILO_")}
        return Config.load(given, folder=self.folder)

    # What can be done.

    def sends(self, phone: Phone, kind: Kind, data: bytes) -> None:
        """Let somebody send a voice note or a photo."""
        self.hilo.messenger.give_file(phone.chat, kind, data, seconds=3)
        self.hilo.settle()

    def press(self, phone: Phone | None = None) -> None:
        """Let somebody erase everything in the own chat."""
        self.hilo.now = clock.now()
        phone = phone or self.her
        phone.say("/borrar")
        for code in ("button.erase_all", "button.erase_all_sure"):
            phone.press(texts().say(code, "es"))

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def command(self, *words: str, fails: bool = False) -> str:
        """Run a command to its end."""
        done = self.begin(*words)
        said, _ = done.communicate(timeout=PATIENCE)
        assert (done.returncode != 0) is fails, said
        return said

    def erase(self, name: str = HER) -> None:
        """Let somebody be erased at the terminal."""
        self.command("erase", name, "--yes")

    def back_up(self, place: Path | None = None) -> backup.Backup:
        """Make a backup."""
        storage = open_storage(self.config)
        try:
            return backup.make(self.config, storage, place, lambda *_: None)
        finally:
            storage.database.dispose()

    @contextmanager
    def stopped(self, there: str, *words: str) -> Iterator[None]:
        """Let a command come so far that a file lies in the folder, stop it while the block runs, and let it end."""
        with closing(sqlite3.connect(self.folder / "hilo.db", isolation_level=None)) as file:
            file.execute("CREATE TABLE noise (words BLOB)")
            file.execute("INSERT INTO noise VALUES (randomblob(?))", (NOISE,))
        process = self.begin(*words)
        end = time.monotonic() + PATIENCE
        while not list(self.folder.glob(there)):
            assert time.monotonic() < end
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        process.send_signal(signal.SIGSTOP)
        assert process.poll() is None
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)
            said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0 or words == ("doctor",), said

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Let another process read on a snapshot of now while the block runs."""
        script = (
            "import sqlite3, sys\nfile = sqlite3.connect(sys.argv[1], isolation_level=None)\nfile.execute('BEGIN')\n"
            "file.execute('SELECT count(*) FROM person_keys').fetchone()\nprint('reads', flush=True)\nsys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(self.folder / "hilo.db")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "reads\n"
        try:
            yield
        finally:
            process.communicate()

    @contextmanager
    def awake(self) -> Iterator[subprocess.Popen[str]]:
        """Let a bot be awake, on the web alone, while the block runs."""
        self.environment["PORT"] = str(free_port())
        process = self.begin("run")
        end = time.monotonic() + PATIENCE
        while not self._serves():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.05)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=PATIENCE)

    def _serves(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.environment['PORT']}/health").status_code == 200
        except httpx.TransportError:
            return False

    def copied(self, name: str = "copied") -> Path:
        """Copy the database and its log as they lie on the disk."""
        into = self.folder / name
        into.mkdir()
        subprocess.run(["cp", *self.folder.glob("hilo.db*"), into], check=True)
        return into

    # What is found.

    def read(self) -> dict[str, object]:
        """Return everything that is there of everybody else."""
        with self.storage.reading(clock.now()) as unit:
            found = contents(unit, self.hilo.media_store)["people"]
        return {str(each): found[str(each)] for each in self.theirs if str(each) in found}

    def two_minutes_later(self) -> None:
        """Do what the keeper of an awake bot does until then."""
        if self.storage is self.hilo.storage:
            self.hilo.tick()
        later = clock.now() + timedelta(minutes=2)
        with self.storage.reading(later) as unit:
            places = erasure_places.places(unit, self.folder)
        for _ in range(2):
            settling.settle(self.storage, lambda: later, places)

    def restore(self, *words: str) -> None:
        """Restore a backup; from then on another file is the database."""
        self.hilo.storage.database.dispose()
        self.command("restore", *words, "--yes")
        self.storage = open_storage(self.config)
        self.stack.callback(self.storage.database.dispose)

    def opened(self, words: tuple[str, ...] = WORDS) -> set[str]:
        """Open every byte with every key that is left; return whose keys opened, and the words with their places."""
        ids = [f"--id={each}" for each in self.ids]
        told = [f"--word={each}" for each in words]
        with self.storage.reading(clock.now()) as unit:
            told += [f"--invite={each.id.hex}" for each in unit.invites.list()]
        key = f"--key={self.folder / 'hilo.key'}"
        # A process of its own: in this one, closing the database's file would let go of SQLite's locks on it.
        found = subprocess.run(
            [sys.executable, "-m", "tests.opener", key, *ids, *told, self.folder, *self.more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not found.stderr, found.stderr
        return set(found.stdout.splitlines())


# The chat, the terminal, and who reads meanwhile.


def in_the_chat(home: Home) -> None:
    """Two presses."""
    home.press()


def at_the_terminal(home: Home) -> None:
    """By whoever runs it, on the person's word."""
    home.erase()


def beside_a_reader(home: Home) -> None:
    """Another process reads on an older snapshot all the while."""
    home.stack.enter_context(home.reader())
    home.press()


def beside_readers_of_several_moments(home: Home) -> None:
    """Three of them, each with another snapshot; the disk was copied twice."""
    for number in range(3):
        home.stack.enter_context(home.reader())
        home.others[0].say(f"Otra cosa {number}")
        if number:
            home.copied(f"copied-{number}")
    home.before = home.read()
    home.erase()


def with_words_that_wait(home: Home) -> None:
    """The bot was off: what she wrote has no turn yet."""
    home.her.write(SAID)
    home.hilo.keep()
    home.copied()
    home.erase()


def with_a_screen_that_waits(home: Home) -> None:
    """What names her to the team is not sent yet; it was copied."""
    home.hilo.messenger.press(home.ana.chat, next(each for each in home.ana.last.labels if each))
    home.ana.write("/personas")
    home.hilo.keep()
    home.hilo.handle()
    home.copied()
    home.erase()


def with_her_nickname_on_an_invite(home: Home) -> None:
    """The team wrote it there, among others; a pair and a copy of the disk are from before anybody came in by it."""
    home.press()
    ana, names = home.ana, f"{HER}\nCopal"
    ana.say("/invitar")
    ana.press(texts().say("button.invite_list", "es"))
    ana.say(names)
    for label in ("Listo", "2 · Dos semanas", "1 · Sí, hazlas"):
        if label in ana.last.labels:
            ana.press(label)
    told = "\n\n".join(each.text or "" for each in ana.heard)
    code = re.findall(rf"{HER}\n[^\n]*?([A-Z0-9]{{10}})\b", told)[-1]
    ana.say("/invitar")
    with home.hilo.reading() as unit:
        invite = unit.invites.find(code)
        assert invite is not None
        assert invite.nickname == HER
    home.back_up()
    home.copied()
    assert f"invite {invite.id.hex}" in home.opened()
    her = home.hilo.phone()
    her.say(f"/start {code}")
    her.say("Español")
    her.press("Sí, quiero participar")
    her.press(HER)
    home.ids[her.person.id.hex] = her
    home.gone |= {f"person {her.person.id.hex}", f"invite {invite.id.hex}"}
    home.press(her)


def with_her_name_in_the_record(home: Home) -> None:
    """As one of the team she was on watch, and somebody had typed her name; a pair and a copy are from before."""
    home.press()
    her = home.hilo.facilitator(nickname=HER)
    home.ids[her.person.id.hex] = her
    sol = home.hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    sol.say("/guardia")
    sol.press(texts().say("button.watch_add", "es"))
    sol.press(next(label for label in sol.last.labels if label.endswith(HER)))
    sol.say("1")
    sol.say("1")
    minors = {"anybody": True, "person": f"la maestra {HER}", "reported_to": {"es": "el DIF"}}
    handover = {"server": {"people": [], "words": f"el primo de {HER}"}}
    with home.hilo.unit() as unit:
        unit.organisation.note(minors=minors, handover=handover)
        assert [each["name"] for each in unit.organisation.get()["watch"]] == [HER]
    home.back_up()
    home.copied()
    assert any(each.startswith(HER) for each in home.opened())
    home.gone |= {f"person {her.person.id.hex}"}
    home.press(her)


def with_a_call_for_help(home: Home) -> None:
    """An alert, a request, and how to be reached."""
    home.her.say("/ayuda")
    home.her.say("me quiero morir")
    home.copied()
    home.press()


def with_what_came_of_her_answers(home: Home) -> None:
    """They led to a decision and lie beside a sign, on a screen too; she is asked again; a pair and a copy are kept."""
    with home.hilo.unit() as unit:
        (cohort,) = unit.cohorts.list()
        unit.cohorts.change(replace(cohort, context={**cohort.context, signs.ON: True}))
        (run, *_) = unit.runs.answered(home.her.person)
        answers = unit.answers.of(run.id, home.her.person)
        path = next(path for path, answer in answers.items() if TOLD in str(answer))
        came_of(unit, cohort.id, home.her.person, run.id, path, home.ana.person.id)
    home.ana.say("/senales")
    home.ana.press(next(each for each in home.ana.last.labels if home.her.person.id.hex[:6] in each))
    home.ana.press(texts().say("button.sign_told", "es", n=2))
    assert TOLD in (home.ana.last.text or "")
    home.back_up()
    home.copied()
    home.before = home.read()
    home.press()
    with home.hilo.reading() as unit:
        owned = {name: home.hilo.count(name) for name in ("evidence", "quotes", "decision_links", "hand_notices")}
        assert set(owned.values()) == {0}, owned
        assert [each.laid for each in unit.signs.of([cohort.id]) if not each.ended_at] == [1]
        assert [each.moved for each in unit.decisions.told_to([cohort.id], 9)] == [1]


# Backups.


def with_backups_at_hand(home: Home) -> None:
    """Two, in the folder they are in by default."""
    home.back_up()
    home.back_up()
    home.erase()


def with_a_backup_elsewhere(home: Home) -> None:
    """In a folder that is at hand."""
    place = home.folder.parent / "drawer"
    home.more.append(place)
    home.back_up(place)
    home.erase()


def with_a_backup_that_was_away(home: Home) -> None:
    """A stick that was taken out is brought back, and the next backup is made."""
    stick, drawer = home.folder / "usb", home.folder.parent / "out"
    home.back_up(stick)
    stick.rename(drawer)
    home.erase()
    drawer.rename(stick)
    home.command("backup")


def while_a_backup_copies(home: Home) -> None:
    """It stands still in the middle of the copy, as one that takes minutes would."""
    with home.stopped("backups/.hilo-*/hilo.db", "backup"):
        home.press()


def while_a_backup_is_verified(home: Home) -> None:
    """It stands still for a while when the copy is whole and is being brought back."""
    with home.stopped("backups/.hilo-*/verify", "backup"):
        erasing = home.begin("erase", HER, "--yes")
        time.sleep(3)
    said, _ = erasing.communicate(timeout=PATIENCE)
    assert erasing.returncode == 0, said


def after_a_backup_was_killed(home: Home) -> None:
    """What it had copied lies there still."""
    stuck = home.folder / "backups" / ".hilo-left"
    stuck.mkdir(parents=True)
    subprocess.run(["cp", home.folder / "hilo.db", stuck], check=True)
    home.erase()


def with_the_way_back_of_an_update(home: Home) -> None:
    """The pair made before an update lies beside."""
    storage = open_storage(home.config)
    try:
        backup.make_aside(home.config, storage, home.folder / "before-update-2026-01-01-000000", lambda *_: None)
    finally:
        storage.database.dispose()
    home.erase()


# Files of answers, and the check of everything.


def while_an_export_is_made(home: Home) -> None:
    """Files with her words are being written when she goes: they are made anew before they reach their place."""
    home.hilo.ask(home.her)
    home.her.say("4")
    home.sends(home.her, Kind.PHOTO, samples.jpeg())
    out = home.folder / "exported"
    with home.stopped("exported/.hilo-part-*/files", "export", "--out", str(out)):
        home.press()
    assert list(out.iterdir())


def while_everything_is_checked(home: Home) -> None:
    """The doctor has a copy of everything."""
    with home.stopped(".reading-*/hilo.db", "doctor"):
        home.press()
    assert not list(home.folder.glob(".reading-*"))


def after_a_check_was_killed(home: Home) -> None:
    """Its copy lies there until the next one."""
    left = home.folder / ".reading-4194303-left"
    left.mkdir()
    subprocess.run(["cp", home.folder / "hilo.db", left], check=True)
    home.erase()


def with_a_file_that_was_ordered(home: Home) -> None:
    """An admin has a file of answers that was not fetched yet."""
    rosa = home.hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    rosa.say("/exportar")
    for _ in range(4):
        if rosa.last.labels and not rosa.last.attachment:
            rosa.press(rosa.last.labels[0])
    home.erase()


# Killed, and without power (test_power_cut cuts it at every step).


def killed_while_erasing(home: Home) -> None:
    """The command is killed in its middle, and given again."""
    erasing = home.begin("erase", HER, "--yes")
    time.sleep(1.5)
    erasing.kill()
    erasing.communicate()
    home.command("cohort", "list")
    with home.hilo.reading() as unit:
        there = unit.people.get(home.her.person.id) is not None
    if there:
        home.erase()


def killed_after_the_commit(home: Home) -> None:
    """Nothing was finished; the next process that opens the database does that."""
    with home.hilo.storage.unit(clock.now() + timedelta(minutes=1)) as unit:
        erase(unit, home.her.person.id)
    home.copied()


# Beside a bot that is awake.


def beside_a_bot_that_is_awake(home: Home) -> None:
    """The bot has her key in memory; the command is another process."""
    with home.awake():
        home.erase()


def beside_an_awake_bot_while_somebody_joins(home: Home) -> None:
    """Somebody's key is being wrapped meanwhile."""
    with home.awake():
        erasing = home.begin("erase", HER, "--yes")
        late = [home.hilo.join(nickname=name) for name in ("Tardía", "Nueva")]
        said, _ = erasing.communicate(timeout=PATIENCE)
    assert erasing.returncode == 0, said
    with home.hilo.reading() as unit:
        assert [unit.people.known(each.person.id).nickname for each in late] == ["Tardía", "Nueva"]


def beside_a_bot_that_is_killed(home: Home) -> None:
    """The machine takes the bot away right after."""
    with home.awake() as bot:
        home.erase()
        bot.kill()


# Twice.


def twice_in_a_minute(home: Home) -> None:
    """Somebody else went seconds before: an epoch is owed."""
    home.erase(OTHERS[1])
    home.before = home.read()
    home.press()


def two_at_once(home: Home) -> None:
    """Two commands at the same time."""
    both = [home.begin("erase", name, "--yes") for name in (OTHERS[1], HER)]
    for each in both:
        said, _ = each.communicate(timeout=2 * PATIENCE)
        assert each.returncode == 0, said
    home.before = home.read()


def again_after_coming_back(home: Home) -> None:
    """Erased, came in again in the same chat, erased again."""
    home.erase()
    again = Phone(home.hilo, home.her.chat)
    again.say(f"/start {home.hilo.invite()}")
    again.say(languages.own_name("es"))
    again.press("Sí, quiero participar")
    again.say(HER)
    again.say(f"Para el equipo: {SAID}")
    home.ids[again.person.id.hex] = again
    home.copied()
    home.press(again)


# Somebody of the team.


def somebody_of_the_team(home: Home) -> None:
    """A facilitator who read, answered and signed."""
    home.ana.press("Contestar")
    home.ana.say("Mañana vamos.")
    home.ana.press(next(each for each in home.ana.last.labels if each.endswith("Ana")))
    home.erase("Ana")
    home.erase()


def a_facilitator_who_signed(home: Home) -> None:
    """Name and words of a signed reply are in a leader's messages."""
    zoe = home.hilo.facilitator(nickname=HER.replace("Xilo", "Quetza"))
    for label in ("Listo", "1 · Nada por ahora"):
        home.others[0].press(label)
    home.others[0].say("Para el equipo: ¿vienen?")
    home.others[0].press("Sí")
    home.before = home.read()
    zoe.say("/mensajes")
    zoe.press(next(each for each in zoe.last.labels if OTHERS[0] in each))
    zoe.press("Contestar")
    zoe.say("Ahí nos vemos en la troje.")
    zoe.press(next(each for each in zoe.last.labels if each.endswith("Quetzanenca")))
    home.ids[zoe.person.id.hex] = zoe
    home.copied()
    home.erase("Quetzanenca")
    home.two_minutes_later()
    home.before = home.read()  # the reply is not in it any more
    words = "Quetzanenca", "Ahí nos vemos en la troje."
    assert not [each for each in home.opened(words) if each.startswith(words)]
    home.erase()


# Restores and keys.


def after_an_earlier_restore(home: Home) -> None:
    """What was here before it is kept aside."""
    done = home.back_up()
    home.restore(str(done.data))
    assert list(home.folder.glob("before-restore-*"))
    home.erase()


def and_then_an_older_pair_comes_back(home: Home) -> None:
    """Last night's data with the newest keys file: she stays erased."""
    done = home.back_up()
    home.erase()
    home.command("backup")
    keys = max((home.folder / "backups").glob("*.keys"))
    home.restore(str(done.data), "--keys", str(keys))


def with_the_key_in_a_setting(home: Home) -> None:
    """And the folder of epochs named."""
    home.environment |= {
        "HILO_MASTER_KEY": (home.folder / "hilo.key").read_text("ascii").strip(),
        "HILO_EPOCHS": str(home.folder / "hilo.key.epochs"),
    }
    home.erase()


def with_a_damaged_key_beside(home: Home) -> None:
    """Somebody's key is damaged: that holds nothing up."""
    with closing(sqlite3.connect(home.folder / "hilo.db", isolation_level=None)) as file:
        file.execute(
            "UPDATE person_keys SET wrapped = zeroblob(65) WHERE person_id = ?", (home.others[1].person.id.hex,)
        )
    home.theirs = home.theirs[:1]
    home.before = home.read()
    home.erase()


def with_a_photo(home: Home) -> None:
    """A sealed file lies in the media folder, and was copied."""
    home.sends(home.her, Kind.PHOTO, samples.jpeg())
    if (home.folder / "media").is_dir():
        shutil.copytree(home.folder / "media", home.folder / "copied-media")
    home.copied()
    home.press()


Way = Callable[[Home], None]
WAYS: Final[tuple[Way, ...]] = (
    with_what_came_of_her_answers,
    with_her_name_in_the_record,
    while_an_export_is_made,
    with_her_nickname_on_an_invite,
    with_a_screen_that_waits,
    twice_in_a_minute,
    in_the_chat,
    at_the_terminal,
    beside_a_reader,
    beside_readers_of_several_moments,
    with_words_that_wait,
    with_a_call_for_help,
    with_a_photo,
    with_backups_at_hand,
    with_a_backup_elsewhere,
    with_a_backup_that_was_away,
    while_a_backup_copies,
    while_a_backup_is_verified,
    after_a_backup_was_killed,
    with_the_way_back_of_an_update,
    while_everything_is_checked,
    after_a_check_was_killed,
    with_a_file_that_was_ordered,
    killed_while_erasing,
    killed_after_the_commit,
    beside_a_bot_that_is_awake,
    beside_an_awake_bot_while_somebody_joins,
    beside_a_bot_that_is_killed,
    two_at_once,
    again_after_coming_back,
    somebody_of_the_team,
    a_facilitator_who_signed,
    after_an_earlier_restore,
    and_then_an_older_pair_comes_back,
    with_the_key_in_a_setting,
    with_a_damaged_key_beside,
)
