"""Whatever an earlier version left behind, this one goes on with: nothing is lost, and everything works on."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.cli.operate.doctor import examine
from bot.config import Config
from bot.web.pins import PinInput, verify_pin
from storage.database import HEAD
from storage.tables import WholeMinute, audit, consents, memberships, metadata, person_addresses, runs
from tests.bot.shell import Shell
from tests.floor.contents import contents
from tests.floor.ground import FLOORS, Ground, Later, unpack
from tests.floor.make import WAITING, make
from tests.storage.world import opened

PASSING = {"backup_late", "set_aside", "one_admin"}
"""What a doctor may find: the backup has grown old, one update was no good, and there was one admin alone."""


def held(later: Later) -> dict[str, Any]:
    """Return what it holds, as it was written down."""
    with later.reading() as unit:
        return dict(json.loads(json.dumps(contents(unit, later.media_store))))


def test_there_is_a_floor() -> None:
    """The first published version left one."""
    assert "0.1.0.tar.xz" in {path.name for path in FLOORS}


def test_no_row_is_lost(ground: Ground) -> None:
    """Every row of every table is there after the migration."""
    known = ground.tables()
    before = ground.rows(known)
    assert sum(map(len, before.values())) > 500
    with opened(ground.url) as database:
        database.migrate()
        assert database.version() == HEAD
    after = ground.rows(known)

    for name, keys in before.items():
        assert keys <= after[name], name


def test_rows_of_before_tell_minutes(later: Later) -> None:
    """Every moment of people's rows is cut to its minute, and what was in order is in that order still."""
    cut = [each for table in metadata.sorted_tables for each in table.c if isinstance(each.type, WholeMinute)]
    with later.reading() as unit:
        for column in cut:
            if column.table is not audit:  # its chain covers what it says
                moments = unit.connection.execute(select(column).where(column.is_not(None))).scalars().all()
                assert {(each.second, each.microsecond) for each in moments} <= {(0, 0)}, str(column)
        for table in (runs, consents, memberships, person_addresses):
            numbered = unit.connection.execute(select(table.c.person_id, table.c.seq)).all()
            assert len(set(numbered)) == len(numbered) > 0, table.name
            assert min(seq for _, seq in numbered) == 1


def test_everything_opens_and_says_what_it_said(later: Later) -> None:
    """People, answers with every revision, messages, agreements, files, purposes, pages and trail, word for word."""
    assert held(later) == later.told["contents"]


def test_an_open_question_is_answered_to_its_end(later: Later) -> None:
    """Words and buttons that stood in the chat before: the run goes on where it was, with the answers it had."""
    for name, done, nothing in (("Colibrí", "Es todo", "1 · Nada"), ("Hummingbird", "Done", "1 · Nothing")):
        phone = later.of(name)
        run = phone.run.id
        if name == "Hummingbird":
            phone.say("We dug the well.")
        phone.press(done)
        phone.press(next(label for label in phone.last.labels if label.startswith(nothing)))

        assert (phone.run.id, phone.run.status) == (run, "completed")
        assert phone.values["mood"] in {3, 4}
        assert len(phone.values) == 3


def test_what_was_offered_and_put_off_begins(later: Later) -> None:
    """The buttons under an offer and under a postponed run are still good; what is put off comes back by itself.

    Nobody had asked who sees a phone, so it comes back without a word of the question, which stands behind a button.
    """
    cedro, nopal = later.of("Cedro"), later.of("Nopal")
    cedro.press("Sí, ahora")
    nopal.press("Seguir donde me quedé")

    (put_off,) = (
        run
        for person in later.told["contents"]["people"].values()
        for run, was in person["runs"].items()
        if was["status"] == "postponed"
    )
    with later.reading() as unit:
        back = unit.runs.get(UUID(put_off), nopal.person)
    assert back is not None
    assert (cedro.run.status, back.status) == ("open", "open")
    assert (cedro.last.text or "").startswith("1 de ")
    asked = nopal.last.text or ""
    nopal.press("Más tarde")
    nopal.look()
    for _ in range(24):
        later.advance(hours=1)
        later.tick()
    assert nopal.last.text == "Hola. Cuando puedas, seguimos."
    nopal.press("Seguir donde me quedé")
    assert (nopal.last.text or "").endswith(asked)


def test_what_was_under_way_arrives(later: Later) -> None:
    """What waited to be said is said, and what waited to be handled is handled."""
    mar, mari = later.of("Mar"), later.of("Mari")
    later.settle()

    assert WAITING in [message.text for message in mar.heard]
    assert mari.last.labels[:2] == ["Sí", "No"]
    mari.press("Sí")
    assert ("to_team", "Mañana les cuento.") in mari.messages


def test_the_team_goes_on(later: Later) -> None:
    """A facilitator's page and her panel can still be pressed; what was new to her is."""
    ana = later.of("Ana")
    ana.press("Otra forma de leer")
    assert "Por fecha" in {label for message in ana.heard for label in message.labels}
    ana.say("/mensajes")
    assert any("Tule" in label or "comadre" in label for label in ana.last.labels)


def test_every_door_still_opens(later: Later) -> None:
    """An invite, a page in a browser, a personal link and a PIN that were made before."""
    newcomer = later.phone()
    newcomer.say(f"/start {later.told['invite']}")
    newcomer.say("Español")
    newcomer.press("Sí, quiero participar")
    assert newcomer.person.participation == "naming"

    with later.reading() as unit:
        session = unit.web_sessions.find(later.told["session"])
        assert session is not None
        ceiba = unit.people.at("web", session.chat)
        assert ceiba is not None
        link, pin = unit.web_links.find(later.told["link"]), unit.web_pins.get(ceiba)
        assert link is not None
        assert link.person_id == ceiba.id
        assert pin is not None
        assert verify_pin(PinInput("digits", tuple("2714")), pin)


def test_the_doctor_finds_nothing(ground: Ground, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, rows, trail and dialogs are found well."""
    monkeypatch.chdir(ground.home)
    for unpacked in (ground.home, ground.home / "backups"):  # with the modes of this machine
        unpacked.chmod(0o700)
    config = Config.load({"HILO_HOME": str(ground.home), "HILO_DATABASE_URL": ground.url})
    found = list(examine(config))

    assert {each.code for each in found if each.level == "bad"} <= PASSING
    assert {"database", "dialogs"} <= {each.code for each in found}


def test_the_backup_comes_back_with_the_key(archive: Path, empty_url: str, tmp_path: Path, shell: Shell) -> None:
    """On a new machine, with nothing but the pair and the key."""
    home, told = unpack(archive, tmp_path)
    (data,) = (home / "backups").glob("*.data")
    (home / "hilo.db").unlink()
    new = Ground(shell.folder, empty_url, told)
    (home / "hilo.key").rename(shell.folder / "hilo.key")
    shell.settings["HILO_DATABASE_URL"] = empty_url
    shell.good("restore", str(data), "--yes")

    later = Later(new)
    found = held(later)
    later.close()
    trail = found.pop("audit")
    since = [each[1] for each in trail].index("backup.restored") + 1
    del found["organisation"]["trail_since"]  # the first start after the restore notes it
    assert trail[since:] == told["contents"].pop("audit")
    assert found == told["contents"]


def test_this_version_can_leave_a_floor_too(tmp_path: Path) -> None:
    """Whoever publishes a version makes one, which this very version goes on with."""
    make(tmp_path / "now.tar.xz")
    home, told = unpack(tmp_path / "now.tar.xz", tmp_path)
    later = Later(Ground(home, f"sqlite:///{home / 'hilo.db'}", told))
    found = held(later)
    later.close()

    assert told["revision"] == HEAD
    assert found == told["contents"]
