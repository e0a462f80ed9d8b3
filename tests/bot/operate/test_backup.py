"""Backups and going back to them: verified, complete, and never the way back for whoever was erased."""

import io
import json
import tarfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.app import locked, open_storage
from bot.cli.operate import backup, restore
from bot.cli.operate.backup import Backup, BackupError
from bot.config import Config, ConfigError
from bot.media.store import MediaStore
from storage import copies, keys_files
from storage.erasure import erase
from storage.unit import Storage
from storage.vault import Vault, create_key, load_key
from tests import media_rows
from tests.bot.rig import Rig
from tests.bot.samples import ogg
from tests.bot.shell import Shell
from tests.storage.conftest import Databases


def quiet(_step: str, _done: float) -> None:
    """Tell nobody how far it is."""


def config(folder: Path, **settings: str) -> Config:
    return Config.load({"HILO_HOME": str(folder), **settings}, folder=folder)


def filled(hilo: Rig) -> None:
    """One leader who answered a check-in, with a voice note on the shelf."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("Hubo junta del agua.")
    with hilo.unit() as unit:
        media_rows.keep(MediaStore(hilo.folder, ()), unit, unit.people.known(phone.person.id), ogg(), 3)


def made(hilo: Rig, to: Path | None = None) -> Backup:
    return backup.make(config(hilo.folder), hilo.storage, to, quiet)


def elsewhere(hilo: Rig, folder: Path) -> Config:
    """An empty place that has the organisation's key and nothing else."""
    folder.mkdir()
    (folder / "hilo.key").write_text((hilo.folder / "hilo.key").read_text("ascii"), "ascii")
    return config(folder)


def digests(storage: Storage) -> dict[str, tuple[int, str]]:
    with storage.database.read() as connection:
        return copies.digests(connection)


def test_a_backup_is_two_files_without_the_key_in_either(hilo: Rig) -> None:
    """Data and wrapped keys lie in two files for their owner alone; the data file has no wrapped key in any byte."""
    filled(hilo)
    done = made(hilo)
    with hilo.reading() as unit:
        wrapped = [bytes(row[0]) for row in unit.connection.exec_driver_sql("SELECT wrapped FROM person_keys")]
    data, keys = done.data.read_bytes(), done.keys.read_bytes()

    assert wrapped
    assert all(
        each not in content and each.hex().encode() not in content for each in wrapped for content in (data, keys)
    )
    assert len(json.loads(keys)["tables"]["person_keys"]) == len(wrapped)
    master = load_key(hilo.folder / "hilo.key")
    assert all(key not in content for key in (master, master.hex().encode()) for content in (data, keys))
    assert {path.stat().st_mode & 0o777 for path in (done.data, done.keys)} == {0o600}
    assert (done.people, done.files) == (1, 1)
    assert sorted(path.name for path in done.data.parent.iterdir()) == sorted([done.data.name, done.keys.name])


def test_a_verified_backup_is_on_record_and_on_the_trail(bare: Rig) -> None:
    """Only a backup that was verified counts before leaders are invited."""
    with bare.reading() as unit:
        assert unit.organisation.care().backup_verified_at is None
    made(bare)

    with bare.reading() as unit:
        assert unit.organisation.care().backup_verified_at is not None
    assert len(bare.audited("backup.verified")) == 1


def test_what_is_restored_elsewhere_is_what_was_backed_up(hilo: Rig, tmp_path: Path) -> None:
    """Every row and every file is there again, opened by the same key."""
    filled(hilo)
    with hilo.unit() as unit:
        assert unit.audit.begin()  # as an installation does when it is opened
    before = digests(hilo.storage)
    done = made(hilo)
    there = elsewhere(hilo, tmp_path / "elsewhere")
    restored = restore.restore(there, done.data, done.keys, quiet)

    assert (restored.people, restored.erased_again, restored.aside) == (1, 0, None)
    rig_files = sorted(path.name for path in (hilo.folder / "media").iterdir())
    assert sorted(path.name for path in (there.home / "media").iterdir()) == rig_files
    storage = open_storage(there)
    after = digests(storage)
    storage.database.dispose()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {
        "organisation",
        "audit",
        "audit_head",
        "outbox",
        "epoch",
        "person_keys",
        "inbox_keys",
        "restores",
    }
    assert not [path for path in there.home.iterdir() if path.name.startswith((".restore", "before"))]


def test_only_the_newest_two_keys_files_are_kept(hilo: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over every folder that backups were made in, keys older than the newest two are gone; data stays longer."""
    moment = clock.now()
    done = []
    for days, place in enumerate((None, tmp_path / "usb", None, None)):
        monkeypatch.setattr(clock, "now", lambda days=days: moment + timedelta(days=days))
        done.append(made(hilo, place))

    assert [each.keys.exists() for each in done] == [False, False, True, True]
    assert all(each.data.exists() for each in done)


def test_two_backups_of_one_second_have_two_names(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second takes the next second's name, so that neither is written over and the order stays."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    both = [made(hilo), made(hilo)]

    assert len({each.data for each in both}) == len({each.keys for each in both}) == 2
    assert sorted(each.data.name for each in both) == [each.data.name for each in both]
    assert all(each.data.stat().st_size and each.keys.stat().st_size for each in both)


def test_a_receipt_promises_what_the_backups_keep(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """From when no backup opens what is erased follows from how far apart they are made, not from a wish."""
    moment = clock.now()
    found = []
    for days in (0, 1, 8, 8.2, 9, 10):
        monkeypatch.setattr(clock, "now", lambda days=days: moment + timedelta(days=days))
        made(hilo)
        with hilo.reading() as unit:
            found.append(unit.organisation.get()["backup_days"])

    assert found == [1, 1, 7, 7, 7, 1]


def test_whoever_was_erased_since_stays_erased(hilo: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older data file opens with newer keys and brings nobody back; nor does one that is put over the trail."""
    filled(hilo)
    stays = hilo.join(nickname="Luciérnaga").person
    old = made(hilo)
    with hilo.storage.unit(clock.now()) as unit:
        gone = next(person for person in unit.people.list() if person.id != stays.id)
        erase(unit, gone.id)
        unit.audit.add("console", "person.erased", str(gone.id), {})
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(days=1))
    new = made(hilo)

    with_newer_keys = restore.restore(elsewhere(hilo, tmp_path / "one"), old.data, new.keys, quiet)
    assert (with_newer_keys.people, with_newer_keys.erased_again) == (1, 1)
    hilo.storage.database.dispose()
    over_it = restore.restore(config(hilo.folder), old.data, old.keys, quiet)
    assert (over_it.people, over_it.erased_again) == (1, 1)
    assert over_it.aside is not None
    assert (over_it.aside / "hilo.db").exists()


def test_what_may_have_been_said_since_is_not_said_twice(hilo: Rig, tmp_path: Path) -> None:
    """A row that waited when the copy was made counts as sent or not, nobody can tell."""
    phone = hilo.join()
    hilo.order()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 10)
    done = made(hilo)
    there = elsewhere(hilo, tmp_path / "elsewhere")
    restore.restore(there, done.data, None, quiet)
    storage = open_storage(there)
    with storage.reading(clock.now()) as unit:
        states = [row[0] for row in unit.connection.exec_driver_sql("SELECT state FROM outbox WHERE body NOT NULL")]
    storage.database.dispose()
    assert phone.person.participation == "active"
    assert "queued" not in states
    assert "sending" in states


def damaged(done: Backup) -> None:
    content = bytearray(done.data.read_bytes())
    content[len(content) // 2] ^= 0xFF
    done.data.write_bytes(content)


def cut(done: Backup) -> None:
    done.data.write_bytes(done.data.read_bytes()[:-20_000])


def other(done: Backup) -> None:
    done.data.write_bytes(b"a photo, perhaps")


def keys_damaged(done: Backup) -> None:
    content = json.loads(done.keys.read_text("utf-8"))
    content["tables"]["person_keys"] = []
    done.keys.write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize("harm", [damaged, cut, other, keys_damaged])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(hilo: Rig, harm: Callable[[Backup], None]) -> None:
    """A bit, a half, another file, keys taken out: it is said, and the living database is as it was."""
    filled(hilo)
    done = made(hilo)
    before = digests(hilo.storage)
    harm(done)
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), done.data, done.keys, quiet)

    assert error.value.code == "cli.backup.damaged"
    assert digests(hilo.storage) == before
    assert not [path for path in hilo.folder.iterdir() if path.name.startswith((".restore", "before"))]


def test_a_foreign_backup_is_refused(hilo: Rig, tmp_path: Path) -> None:
    """What was made with another organisation's key is not opened, and that is what is said."""
    done = made(hilo)
    there = tmp_path / "elsewhere"
    there.mkdir()
    create_key(there / "hilo.key")
    with pytest.raises(BackupError) as error:
        restore.restore(config(there), done.data, done.keys, quiet)

    assert error.value.code == "cli.backup.foreign"
    assert not (there / "hilo.db").exists()


@pytest.mark.parametrize(("key", "value"), [("format", 99), ("revision", "9999")])
def test_a_newer_backup_is_refused(hilo: Rig, key: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup of a newer Hilo says that it is newer."""
    monkeypatch.setattr(*((keys_files, "FORMAT") if key == "format" else (backup, "HEAD")), value)
    monkeypatch.setattr(backup, "_verify", lambda *_: None)  # it would refuse itself, rightly
    done = made(hilo)
    monkeypatch.undo()
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), done.data, done.keys, quiet)

    assert error.value.code == "cli.backup.newer"


def test_keys_older_than_the_data_are_refused(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that may lack someone's are not used: her answers would be lost without a word."""
    old = made(hilo)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(days=1))
    new = made(hilo)
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), new.data, old.keys, quiet)

    assert error.value.code == "cli.restore.old_keys"


def test_a_name_that_leads_outside_is_refused(hilo: Rig, tmp_path: Path) -> None:
    """No file of a backup is written outside of its place."""
    done = made(hilo)
    with tarfile.open(done.data, "w") as tar:
        tar.add(done.keys, "../outside")
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), done.data, done.keys, quiet)

    assert error.value.code == "cli.backup.damaged"
    assert not (tmp_path / "outside").exists()


def link(tar: tarfile.TarFile) -> None:
    """Add a link that leads nowhere."""
    entry = tarfile.TarInfo("media/x")
    entry.type, entry.linkname = tarfile.SYMTYPE, "nowhere"
    tar.addfile(entry)


def sparse(tar: tarfile.TarFile) -> None:
    """Add a file of four gigabytes that takes a kilobyte."""
    entry = tarfile.TarInfo("media/x")
    entry.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": str(4 << 30),
                         "GNU.sparse.map": "0,512", "GNU.sparse.name": "media/x"}  # fmt: skip  # one header, two lines
    entry.size = 512
    tar.addfile(entry, io.BytesIO(bytes(512)))


@pytest.mark.parametrize("add", [link, sparse])
def test_a_backup_with_something_else_in_it_is_refused(hilo: Rig, add: Callable[[tarfile.TarFile], None]) -> None:
    """A link, or a file that says it is far larger than the backup, is refused before anything of it is read."""
    done = made(hilo)
    with tarfile.open(done.data, "w", format=tarfile.PAX_FORMAT) as tar:
        add(tar)
    begun = time.process_time()
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), done.data, done.keys, quiet)
    assert error.value.code == "cli.backup.damaged"
    assert time.process_time() - begun < 1


def test_a_manifest_is_no_keys_file(hilo: Rig, tmp_path: Path) -> None:
    """Sealed with the same key, and something else: told as damage, and so the other way round."""
    done = made(hilo)
    other = tmp_path / "hilo-x.keys"
    with tarfile.open(done.data) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        other.write_bytes(manifest.read())
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), done.data, other, quiet)
    assert error.value.code == "cli.backup.damaged"
    with tarfile.open(done.data, "w") as tar:
        tar.add(done.keys, "manifest.json")
    with pytest.raises(BackupError) as error:
        restore.restore(config(hilo.folder), done.data, done.keys, quiet)
    assert error.value.code == "cli.backup.damaged"


def test_a_copy_that_differs_is_no_backup(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """When what comes out is not what went in, it is said, nothing is kept and nothing is on record."""
    filled(hilo)
    real = copies.put_keys

    def lossy(path: Path, keys: dict[str, list[list[str]]]) -> None:
        real(path, {**keys, "person_keys": keys["person_keys"][:-1]})

    monkeypatch.setattr(copies, "put_keys", lossy)
    with pytest.raises(BackupError) as error:
        made(hilo)

    assert error.value.code == "cli.backup.differs"
    assert list((hilo.folder / "backups").iterdir()) == []
    assert hilo.audited("backup.verified") == []


def test_a_disk_without_room_is_said_before_anything_is_written(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much is needed, and how much there is."""
    monkeypatch.setattr(backup, "SPARE", 10**18)
    with pytest.raises(BackupError) as error:
        made(hilo)

    assert error.value.code == "cli.backup.room"
    assert list((hilo.folder / "backups").iterdir()) == []


def test_the_key_opens_a_vault_of_its_own(tmp_path: Path) -> None:
    """The mark of a key tells it from another and is no part of it."""
    one, two = Vault(create_key(tmp_path / "a")), Vault(create_key(tmp_path / "b"))

    assert backup.key_marks(one) == backup.key_marks(one) != backup.key_marks(two)


@pytest.mark.proof
def test_a_backup_of_sqlite_is_restored_into_postgresql(hilo: Rig, tmp_path: Path, databases: Databases) -> None:
    """Into an empty database as it is, and into one that holds something only after that was backed up aside."""
    filled(hilo)
    done = made(hilo)
    there = elsewhere(hilo, tmp_path / "elsewhere")
    url = databases.create()
    there = Config.load({"HILO_HOME": str(there.home), "HILO_DATABASE_URL": url}, folder=there.home)
    assert not restore.holds_anything(there)
    first = restore.restore(there, done.data, done.keys, quiet)
    assert restore.holds_anything(there)
    second = restore.restore(there, done.data, done.keys, quiet)

    assert (first.people, first.aside, second.people) == (1, None, 1)
    assert second.aside is not None
    assert sorted(path.suffix for path in second.aside.glob("hilo-*")) == [".data", ".keys"]
    storage = open_storage(there)
    with storage.unit(clock.now()) as unit:
        assert [person.nickname for person in unit.people.list()] == ["Colibrí"]
        assert unit.audit.verify() is None
    storage.database.dispose()


def test_a_bot_that_is_awake_is_not_written_over(hilo: Rig) -> None:
    """Restoring under a running bot is refused before anything is looked at."""
    done = made(hilo)
    there = config(hilo.folder)
    with locked(there), pytest.raises(ConfigError) as error:
        restore.restore(there, done.data, done.keys, quiet)

    assert error.value.code == "cli.error.running"


def test_without_the_key_a_new_machine_is_told_to_type_it(hilo: Rig, console: Shell, tmp_path: Path) -> None:
    """Where nothing is yet, the key is what lacks: it is asked for by name, and nothing is made in its place."""
    done = made(hilo, tmp_path / "copies")
    console.settings["HILO_HOME"] = str(tmp_path / "new")
    key = tmp_path / "new" / "hilo.key"

    assert console.refused("restore", str(done.data)) == console.says("cli.restore.no_key", path=key)
    assert not key.exists()
