"""Erasing somebody for good, from the commands and beside a running bot; and coming back where the epochs are lost."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.app import App, open_storage
from bot.cli.operate import backup, doctor, restore
from bot.cli.operate.backup import KEYS
from bot.config import Config, ConfigError
from bot.pipeline.epoch_keeper import EpochKeeper
from storage import epoch_change
from storage.erasure import erase
from storage.vault import load_key
from tests import opener
from tests.bot.rig import Rig, texts
from tests.bot.shell import Shell

HER, OTHER = "Xilonenca", "Amapola"
WORDS = (HER, "Hubo junta del agua.")


def config(folder: Path) -> Config:
    return Config.load({"HILO_HOME": str(folder)}, folder=folder)


def opens(folder: Path, ids: list[str], *more: Path) -> opener.Opened:
    """Open all that is left on the disk."""
    people = [f"person {each}" for each in ids]
    days = [f"inbox {clock.now() - timedelta(days=days):%Y-%m-%d}" for days in (-1, 0, 1)]
    return opener.everything([load_key(folder / "hilo.key")], [folder, *more], [*people, *days], WORDS)


def codes(folder: Path) -> set[str]:
    return {finding.code for finding in doctor.examine(config(folder))}


def back_up(folder: Path, place: Path | None = None) -> backup.Backup:
    storage = open_storage(config(folder))
    try:
        return backup.make(config(folder), storage, place, lambda *_: None)
    finally:
        storage.database.dispose()


@pytest.fixture
def hers(console: Shell) -> Iterator[tuple[Rig, str, str]]:
    """An installation with two leaders, one of whom answered; the ids of her and of the other."""
    hilo = Rig(console.folder, now=clock.now())
    other = hilo.join(nickname=OTHER)
    phone = hilo.join(nickname=HER)
    hilo.ask(phone)
    phone.say("2")
    phone.say(WORDS[1])
    yield hilo, phone.person.id.hex, other.person.id.hex
    hilo.close()


def test_erased_at_the_terminal_nothing_on_the_disk_opens(console: Shell, hers: tuple[Rig, str, str]) -> None:
    """Beside a process that reads on its old snapshot, with backups at hand: her key and words are noise at once."""
    hilo, her, other = hers
    back_up(console.folder)
    stuck = console.folder / "backups" / ".hilo-left"  # a backup that was killed
    stuck.mkdir()
    with hilo.storage.database.read() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM person_keys").scalar()
        shutil.copy(console.folder / "hilo.db", stuck / "hilo.db")
        assert opens(console.folder, [her]).owners >= {f"person {her}"}
        said = console.good("erase", HER, "--yes")

        assert console.says("cli.erase.backups_final") in said
        found = opens(console.folder, [her, other])
        assert f"person {her}" not in found.owners
        assert f"person {other}" in found.owners
        assert not found.words
    assert codes(console.folder) & {"erasure_undone", "epochs_missing", "damaged"} == set()
    with hilo.reading() as unit:
        assert OTHER in {person.nickname for person in unit.people.list()}


def test_what_is_away_is_named_and_done_when_it_is_back(console: Shell, hers: tuple[Rig, str, str]) -> None:
    """A stick that was taken out: the receipt names its folder; brought back, the next backup closes it."""
    hilo, her, _ = hers
    stick, drawer = console.folder / "usb", console.folder / "drawer"
    back_up(console.folder, stick)
    stick.rename(drawer)
    with hilo.unit() as unit:
        assert unit.organisation.get()["backup_places"] == [str(stick)]
    said = console.good("erase", HER, "--yes")
    assert console.says("cli.erase.backups_away", places=str(stick)) in said
    assert f"person {her}" in opens(console.folder, [her]).owners
    drawer.rename(stick)
    console.good("backup")

    assert not opens(console.folder, [her]).owners & {f"person {her}"}


def test_a_running_bot_finishes_within_two_minutes(hilo: Rig) -> None:
    """She presses, twice in a minute others did, too; the bot's keeper begins what is owed and lets the old keys go."""
    phones = [hilo.join(nickname=name) for name in (HER, "Ceiba", OTHER)]
    ids = [phone.person.id.hex for phone in phones]
    keeper = EpochKeeper(hilo.workers, hilo.folder)
    run = asyncio.new_event_loop()
    hilo.now += timedelta(minutes=5)
    for phone in phones[:2]:
        phone.say("/borrar")
        for code in ("button.erase_all", "button.erase_all_sure"):
            phone.press(texts().say(code, "es"))
        assert not run.run_until_complete(keeper.round()) or phone is phones[0]
        hilo.now += timedelta(seconds=5)
    hilo.now += timedelta(seconds=60)
    assert run.run_until_complete(keeper.round())
    run.close()

    found = opens(hilo.folder, ids)
    assert {owner for owner in found.owners if owner.startswith("person")} >= {f"person {ids[2]}"}
    assert not found.owners & {f"person {each}" for each in ids[:2]}
    assert len(list((hilo.folder / "hilo.key.epochs").iterdir())) == 1


@pytest.mark.proof
def test_the_words_and_the_newest_keys_file_open_what_the_folder_no_longer_does(
    console: Shell, hers: tuple[Rig, str, str]
) -> None:
    """The folder of epochs is lost: nothing starts, doctor says how to go on, and `key put` brings everybody back."""
    hilo, her, other = hers
    done = back_up(console.folder)
    late = hilo.join(nickname="Tardía").person.id.hex
    shutil.rmtree(console.folder / "hilo.key.epochs")
    with pytest.raises(ConfigError) as missing:
        App.open(config(console.folder))
    assert missing.value.code == "config.epochs_missing"
    assert "epochs_missing" in codes(console.folder)
    assert not opens(console.folder, [late]).owners & {f"person {late}"}
    no = console.refused("key", "put", str(done.keys), typed="\n")
    assert no.endswith(console.says("cli.nothing_done"))
    said = console.good("key", "put", str(done.keys), "--yes")

    assert texts().count("cli.key.put.lost", console.language, 1) in said
    storage = open_storage(config(console.folder))
    with storage.reading(clock.now()) as unit:
        names = {person.nickname for person in unit.people.list()}
        assert names >= {HER, OTHER}
        assert "Tardía" not in names
        assert unit.audit.verify() is None
    storage.database.dispose()
    assert opens(console.folder, [her, other]).owners >= {f"person {her}", f"person {other}"}
    assert console.refused("key", "put", str(done.keys)) == console.says(
        "cli.key.put.needless", path=config(console.folder).epochs
    )


def test_an_older_pair_brings_nobody_back_once_a_newer_keys_file_knows(
    console: Shell, hers: tuple[Rig, str, str], tmp_path: Path
) -> None:
    """On an empty machine, with the pair of last night and this morning's keys file, who was erased stays erased."""
    _, her, _ = hers
    old = back_up(console.folder, console.folder / "old")
    kept = old.keys.read_bytes()
    console.good("erase", HER, "--yes")
    new = back_up(console.folder)
    old.keys.write_bytes(kept)
    there = tmp_path / "elsewhere"
    there.mkdir()
    (there / "hilo.key").write_bytes((console.folder / "hilo.key").read_bytes())
    done = restore.restore(config(there), old.data, new.keys, lambda *_: None)

    assert done.erased_again == 1
    assert not opens(there, [her]).owners & {f"person {her}"}
    assert not opens(there, [her]).words


def test_after_a_restore_the_database_kept_aside_goes_with_the_next_erasure(
    console: Shell, hers: tuple[Rig, str, str]
) -> None:
    """It can be put back until then: its epoch's file lies with it."""
    hilo, her, other = hers
    hilo.storage.database.dispose()
    done = back_up(console.folder)
    console.good("restore", str(done.data), "--yes")
    (aside,) = console.folder.glob("before-restore-*")
    assert list((aside / "epochs").iterdir())
    assert f"person {her}" in opens(console.folder, [her]).owners
    storage = open_storage(config(console.folder))
    with storage.reading(clock.now()) as unit:
        row = epoch_change.row_of(unit)
        assert row is not None
        assert {path.stem for path in config(console.folder).epochs.glob("*.epoch")} == {row.name}  # type: ignore[union-attr]  # there is one
    storage.database.dispose()
    console.good("erase", HER, "--yes")

    assert not aside.exists()
    found = opens(console.folder, [her, other])
    assert f"person {her}" not in found.owners
    assert f"person {other}" in found.owners


def test_somebody_erased_while_a_backup_is_made_is_in_neither_file(
    console: Shell, hers: tuple[Rig, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy has her rows already when she is erased: it is made again, and its keys file never had hers."""
    hilo, her, other = hers
    real, done = backup.copies.take_keys, []

    def erasing(path: Path) -> None:
        real(path)
        if not done:
            done.append(path)
            with hilo.storage.unit(clock.now() + timedelta(minutes=5)) as unit:
                erase(unit, next(each.id for each in unit.people.list() if each.nickname == HER))

    monkeypatch.setattr(backup.copies, "take_keys", erasing)
    made = back_up(console.folder)

    assert made.people == 1
    assert len(list((console.folder / "backups").glob(f"*{KEYS}"))) == 1
    found = opens(console.folder, [her, other])
    assert f"person {her}" not in found.owners
    assert f"person {other}" in found.owners
    assert done


def test_a_key_in_a_setting_needs_the_folder_said(console: Shell, hers: tuple[Rig, str, str]) -> None:
    """Without HILO_EPOCHS nothing starts where epochs wrap the keys: nobody is taken for damaged."""
    assert hers
    console.settings["HILO_MASTER_KEY"] = (console.folder / "hilo.key").read_text("ascii").strip()
    assert console.refused("cohort", "list") == console.says("config.epochs_unset")
    console.settings["HILO_EPOCHS"] = str(console.folder / "hilo.key.epochs")
    console.good("cohort", "list")


def test_without_epochs_the_receipt_and_doctor_say_what_that_leaves(console: Shell) -> None:
    """A key in a setting alone: everything works, and it is said that older copies still open."""
    console.settings["HILO_MASTER_KEY"] = "07" * 32
    console.good("cohort", "add", "Sierra")
    assert console.says("cli.doctor.no_epochs") in console("doctor").out
