"""`hilo key rotate`, and what the paper opens: an empty machine, the newest two files of a backup, and the words."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.app import open_storage
from bot.cli.operate import backup, doctor, restore, rotating, words
from bot.cli.operate.backup import KEYS
from bot.config import Config
from storage.damage_scan import scan
from storage.erasure import erase
from storage.unit import Storage
from storage.vault import Vault, load_key
from tests.bot.rig import Rig
from tests.bot.shell import Shell

SURE = {"es": "sí", "en": "yes"}


def quiet(_step: str, _done: float) -> None:
    """Tell nobody how far it is."""


def config(folder: Path) -> Config:
    return Config.load({"HILO_HOME": str(folder)}, folder=folder)


def paper(path: Path, language: str = "en") -> list[str]:
    """Return a key's words, as somebody has them on paper."""
    return words.of_key(load_key(path), language)


def proposed(shell: Shell) -> list[str]:
    """Begin, and close the terminal with the words on it; return them."""
    assert shell.refused("key", "rotate", typed=f"{SURE[shell.language]}\n\n") == shell.says("cli.stopped")
    return paper(shell.folder / "hilo.key.new", shell.language)


def rotate(shell: Shell) -> str:
    """Rotate whole, with the words on one paper; return what was printed."""
    new = proposed(shell)
    typed = [SURE[shell.language], "", new[3], new[16], "no"]
    return shell.good("key", "rotate", typed="\n".join(typed) + "\n")


def backed_up(shell: Shell) -> tuple[Path, Path]:
    """Make a backup; return its data file and its keys file."""
    said = shell.good("backup").splitlines()
    (data,), (keys,) = ([Path(line) for line in said if line.endswith(end)] for end in (".data", KEYS))
    assert data.exists()
    assert keys.exists()
    return data, keys


def codes(shell: Shell) -> set[str]:
    return {finding.code for finding in doctor.examine(config(shell.folder))}


@pytest.fixture
def lived_in(console: Shell) -> Iterator[Rig]:
    """An installation with three leaders, one of whom answered; the commands of `console` open it."""
    it = Rig(console.folder, now=clock.now())
    for name in ("Amapola", "Luciérnaga", "Xilonen"):
        phone = it.join(nickname=name)
    it.ask(phone)
    phone.say("2")
    phone.say("Hubo junta del agua.")
    yield it
    it.close()


def names(storage: Storage) -> set[str | None]:
    """Return who is known, after checking that everything opens and the trail is whole."""
    with storage.reading(clock.now()) as unit:
        assert scan(unit) == []
        assert unit.audit.verify() is None
        return {person.nickname for person in unit.people.list()}


def test_the_key_gets_new_words(console: Shell, lived_in: Rig) -> None:
    """They are on paper before they hold; a backup is made that they open; what the old ones opened is deleted."""
    before = paper(console.folder / "hilo.key", console.language)
    _, old_keys = backed_up(console)
    said = rotate(console)

    after = paper(console.folder / "hilo.key", console.language)
    assert before != after
    assert not (console.folder / "hilo.key.new").exists()
    assert backup.key_mark(old_keys) in {None, backup.key_marks(_vault(console))[0]}
    assert console.says("cli.rotate.limit") in said
    assert {"rotation", "old_keys", "trail", "damaged", "wrong_key"} & codes(console) == set()
    (keys_file,) = (console.folder / "backups").glob(f"*{KEYS}")
    assert str(keys_file.with_suffix(".data")) in said
    storage = open_storage(config(console.folder))
    assert names(storage) == {"Amapola", "Luciérnaga", "Xilonen"}
    with storage.reading(clock.now()) as unit:
        assert unit.organisation.get()["key_holders"] == 1
        assert [entry.action for entry in unit.audit.list(3)] == ["key.rotated", "backup.verified", "key.replaced"]
    storage.database.dispose()


def test_words_that_are_not_on_paper_do_not_hold(console: Shell, lived_in: Rig) -> None:
    """Closed in between, nothing has changed; the next time the same words are shown; a wrong word is asked again."""
    before = (console.folder / "hilo.key").read_bytes()
    first = proposed(console)
    assert (console.folder / "hilo.key").read_bytes() == before
    assert console.refused("key", "rotate", typed="no\n") == console.says("cli.nothing_done")
    never = next(word for word in ("zebra", "zoo") if word != first[3])
    wrong = [SURE[console.language], "", never, "", first[3], first[16], "no"]
    assert f"✗ {console.says('cli.key.wrong')}" in console.good("key", "rotate", typed="\n".join(wrong) + "\n")

    assert paper(console.folder / "hilo.key", console.language) == first


def test_a_second_holder_writes_them_too(console: Shell, lived_in: Rig) -> None:
    """Two papers, and it is on record."""
    new = proposed(console)
    second = SURE[console.language]
    typed = [SURE[console.language], "", new[3], new[16], second, "", new[8], new[21]]
    console.good("key", "rotate", typed="\n".join(typed) + "\n")

    storage = open_storage(config(console.folder))
    with storage.reading(clock.now()) as unit:
        assert unit.organisation.get()["key_holders"] == 2
    storage.database.dispose()


def test_the_old_words_are_told_that_they_are_old(console: Shell, lived_in: Rig) -> None:
    """Typed after the file was lost, they are refused with the day; the new ones bring the file back."""
    old = paper(console.folder / "hilo.key", console.language)
    rotate(console)
    new = paper(console.folder / "hilo.key", console.language)
    key = console.folder / "hilo.key"
    was = key.read_bytes()
    key.unlink()
    day = f"{clock.now():%Y-%m-%d}"
    said = console("key", "restore", typed=" ".join(old) + "\n").err
    assert said == f"✗ {console.says('cli.key.retired', day=day)}\n"
    assert not key.exists()
    console.good("key", "restore", typed=" ".join(new) + "\n")

    assert key.read_bytes() == was


def test_an_old_file_in_the_keys_place_is_told_too(console: Shell, lived_in: Rig) -> None:
    """Somebody puts the old file back: every command says so, and doctor how to mend it."""
    key = console.folder / "hilo.key"
    old = key.read_bytes()
    rotate(console)
    key.write_bytes(old)

    assert console.refused("cohort", "list") == console.says("cli.key.retired", day=f"{clock.now():%Y-%m-%d}")
    assert "retired_key" in codes(console)


def test_a_setting_is_no_file_to_change(console: Shell, lived_in: Rig) -> None:
    """Where the key comes from HILO_MASTER_KEY, nothing is touched, and how to go on is said."""
    console.settings["HILO_MASTER_KEY"] = (console.folder / "hilo.key").read_text("ascii").strip()
    console.settings["HILO_EPOCHS"] = str(console.folder / "hilo.key.epochs")

    path = console.folder / "hilo.key"
    assert console.refused("key", "rotate", typed="yes\n") == console.says("cli.rotate.setting", path=path)
    assert not (console.folder / "hilo.key.new").exists()


def test_a_link_to_another_disk_stays_one(
    console: Shell, lived_in: Rig, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The new key lies where the link leads, and nowhere else."""
    key, disk = console.folder / "hilo.key", tmp_path_factory.mktemp("disk")
    shutil.move(key, disk / "school.key")
    key.symlink_to(disk / "school.key")
    old = (disk / "school.key").read_bytes()
    assert console.refused("key", "rotate", typed=f"{SURE[console.language]}\n\n") == console.says("cli.stopped")
    new = paper(disk / "school.key.new", console.language)
    console.good("key", "rotate", typed="\n".join([SURE[console.language], "", new[3], new[16], "no"]) + "\n")

    assert key.is_symlink()
    assert (disk / "school.key").read_bytes() != old
    assert [path.name for path in disk.iterdir()] == ["school.key"]


def test_what_could_not_be_finished_is_finished_later(
    console: Shell, lived_in: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room for the backup: the new words hold already, doctor says what is left, and the command goes on there."""
    _, old_keys = backed_up(console)
    monkeypatch.setattr(backup, "SPARE", 10**18)
    new = proposed(console)
    typed = "\n".join([SURE[console.language], "", new[3], new[16], "no"]) + "\n"
    assert console("key", "rotate", typed=typed).code == 1
    assert paper(console.folder / "hilo.key", console.language) == new
    assert {"rotation", "old_keys"} <= codes(console)
    monkeypatch.undo()
    said = console.good("key", "rotate")

    assert console.says("cli.rotate.again", day=f"{clock.now():%Y-%m-%d}") in said
    assert backup.key_mark(old_keys) in {None, backup.key_marks(_vault(console))[0]}
    assert {"rotation", "old_keys"} & codes(console) == set()


def test_two_do_not_rotate_at_once(console: Shell, lived_in: Rig) -> None:
    """The second one is told to wait."""
    with rotating.alone(config(console.folder)):
        assert console.refused("key", "rotate", typed="yes\n") == console.says("cli.rotate.elsewhere")


def test_folders_out_of_reach_are_named(
    console: Shell, lived_in: Rig, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A stick that is not there may hold what the old words open; one that is there gets a new backup, too."""
    away, here = tmp_path_factory.mktemp("away"), tmp_path_factory.mktemp("here")
    for place in (away, here):
        console.good("backup", "--to", str(place))
    shutil.rmtree(away)
    said = rotate(console)

    assert console.says("cli.rotate.away", path=away) in said
    (keys_file,) = here.glob(f"*{KEYS}")
    assert backup.key_mark(keys_file) == backup.key_marks(_vault(console))[0]


def _vault(shell: Shell) -> Vault:
    storage = open_storage(config(shell.folder))
    storage.database.dispose()
    return storage.vault


@pytest.mark.parametrize("rotated", [False, True], ids=["as it was", "after a rotation"])
def test_an_empty_machine_the_newest_two_files_and_the_paper(
    console: Shell,
    lived_in: Rig,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    rotated: bool,
) -> None:
    """Everything is there again, by the commands that the page names; whoever was erased is not."""
    console.good("backup")
    with lived_in.storage.unit(clock.now()) as unit:
        gone = next(person for person in unit.people.list() if person.nickname == "Amapola")
        erase(unit, gone.id)
        unit.audit.add("console", "person.erased", str(gone.id), {})
    if rotated:
        rotate(console)
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    stick = tmp_path_factory.mktemp("stick")
    newest = backed_up(console)
    for path in newest:
        shutil.copy(path, stick)
    of_key = paper(console.folder / "hilo.key", "es")
    machine = tmp_path_factory.mktemp("machine")
    console.folder, console.settings["HILO_HOME"] = machine, str(machine)
    console.good("key", "restore", typed=" ".join(of_key) + "\n")
    console.good("restore", str(stick / newest[0].name))

    storage = open_storage(config(machine))
    assert names(storage) == {"Luciérnaga", "Xilonen"}
    with storage.reading(clock.now()) as unit:
        (answered,) = (person for person in unit.people.list() if person.nickname == "Xilonen")
        run = unit.runs.latest(answered)
        assert run is not None
        assert "Hubo junta del agua." in str(unit.answers.of(run.id, answered))
    storage.database.dispose()


def test_an_older_data_file_opens_with_the_newest_keys(
    console: Shell, lived_in: Rig, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data from before the rotation, keys from after it: the new words open both, and seal again what was old."""
    data, _ = backed_up(console)
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    rotate(console)
    machine = tmp_path_factory.mktemp("machine")
    shutil.copy(console.folder / "hilo.key", machine)
    restored = restore.restore(config(machine), data, None, quiet)

    assert restored.people == 3
    storage = open_storage(config(machine))
    assert names(storage) == {"Amapola", "Luciérnaga", "Xilonen"}
    with storage.reading(clock.now()) as unit:
        assert not [code for code in doctor._rotation(unit) if code.code == "rotation"]
    storage.database.dispose()


def test_the_old_words_open_no_backup_that_is_left(console: Shell, lived_in: Rig, tmp_path: Path) -> None:
    """With the paper from before, and whatever lies in the folder of backups, an empty machine stays empty."""
    console.good("backup")
    old = (console.folder / "hilo.key").read_bytes()
    rotate(console)
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "hilo.key").write_bytes(old)
    for data in (console.folder / "backups").glob("*.data"):
        with pytest.raises(backup.BackupError) as error:
            restore.restore(config(machine), data, None, quiet)
        assert error.value.code == "cli.backup.foreign"
    assert not (machine / "hilo.db").exists()
