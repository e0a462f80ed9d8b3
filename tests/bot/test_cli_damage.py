"""The commands where one value is damaged: each does its work for everybody else, and says what is left out."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from storage.damage_scan import SEALED_ELSEWHERE, scan
from storage.database import Database
from storage.mending import erasable
from storage.tables import (
    answers,
    audit,
    audit_head,
    former_keys,
    inbox_keys,
    media,
    messages,
    people,
    person_keys,
    runs,
    web_sessions,
)
from storage.unit import Storage
from tests.bot.damaged import WOUNDS, House, Wound
from tests.bot.ready import vault_of
from tests.bot.shell import Shell
from tests.by_day import CASES_ALIKE

READS = (
    ("people", "list"),
    ("people", "show", "Luz"),
    ("role", "list"),
    ("cohort", "list"),
    ("orders",),
    ("dialog", "list"),
    ("export", "--out", "csv"),
    ("export", "--out", "long", "--format", "jsonl", "--long"),
    ("export", "--out", "xlsx", "--format", "xlsx"),
    ("backup", "--to", "copies"),
)
FORMER = former_keys.c.wrapped
"""Without a former key nobody is recognised and nothing goes on: see the test that asks for a backup then."""
ONE = [wound for wound in WOUNDS if wound.kind == "flipped" and wound.column is not FORMER]
FIRST = (answers.c.value, messages.c.body, people.c.nickname, person_keys.c.wrapped, audit_head.c.head)
"""Where every test run looks; the other columns are looked at in the proofs."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Build the house once."""
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture
def console(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A terminal in the house's folder."""
    house.again()
    yield Shell(house.folder, monkeypatch, capsys, "en")
    for name in ("csv", "long", "xlsx", "copies"):
        shutil.rmtree(house.folder / name, ignore_errors=True)
    for left in house.folder.glob("before-restore-*"):
        shutil.rmtree(left)


@pytest.fixture(
    params=[pytest.param(one, id=str(one), marks=[] if one.column in {*FIRST} else pytest.mark.proof) for one in ONE]
)
def wound(request: pytest.FixtureRequest) -> Wound:
    """Every sealed column, with a bit flipped."""
    found: Wound = request.param
    return found


@pytest.mark.by_day("wound", why=CASES_ALIKE)
def test_every_command_that_reads_reads(house: House, console: Shell, wound: Wound) -> None:
    """Lists, exports, a backup and its restoring, erasing: none is stopped, and doctor says what there is to do."""
    house.wound(wound)
    for words in READS:
        console.good(*words)
    told = console("doctor")
    found = wound.column not in {*SEALED_ELSEWHERE, audit.c.detail, audit_head.c.head}
    assert told.err == ""
    assert bool(re.search("does not open|damaged", told.out, re.IGNORECASE)) == found, told.out
    if found:
        assert told.code == 1
    code = house.code(house.vera)
    erased = console.good("erase", code, "--yes")
    assert code in erased or "Vera" not in erased
    if "person_id" in wound.column.table.c or wound.column.table is people:
        assert not re.search("does not open|damaged", console("doctor").out, re.IGNORECASE)


def test_a_damaged_database_is_restored_as_it_is(shell: Shell) -> None:
    """A backup is a copy: what is damaged goes into it as it is, is said, and comes out again."""
    house = House(shell.folder)
    house.wound(Wound(answers.c.value, "flipped"))
    house.wound(Wound(person_keys.c.wrapped, "flipped"))
    assert "The key of one person is damaged" in shell.good("backup", "--to", "copies")
    house.again()
    data = next((house.folder / "copies").glob("*.data"))
    assert shell.good("restore", str(data), "--yes")
    house.close()
    database = Database.open(f"sqlite:///{shell.folder / 'hilo.db'}")
    with Storage(database, vault_of(shell.folder)).reading(house.rig.now) as unit:
        assert [each.table for each in scan(unit)] == ["person_keys"]
    database.dispose()


def test_an_export_says_what_it_leaves_out(house: House, console: Shell) -> None:
    """A damaged answer is an empty cell, which is said beside; everybody else's stand as they were."""
    before = console.good("export", "--out", "csv", "--format", "csv")
    house.wound(Wound(answers.c.value, "all"))
    house.wound(Wound(media.c.file, "flipped"))
    after = console.good("export", "--out", "long", "--long", "--format", "csv")
    assert "damaged" not in before
    assert "left out" in after
    text = "".join(path.read_text("utf-8") for path in sorted((house.folder / "long").glob("*.csv")))
    assert "agua" in text


def test_only_what_is_damaged_is_erased(house: House, console: Shell) -> None:
    """`erase --damaged` takes away what does not open, and says how much; then nothing of the kind is left."""
    for column in (answers.c.value, runs.c.state, messages.c.body, media.c.file):
        house.wound(Wound(column, "flipped"))
    house.wound(Wound(inbox_keys.c.wrapped, "flipped"))
    with house.rig.reading() as unit:
        number = len(erasable(scan(unit, house.rig.media_store.sealed)))
        answered = unit.runs.answered(house.person(unit, house.luz))
    assert number >= 5
    assert "erased" in console.good("erase", "--damaged", "--yes")
    with house.rig.reading() as unit:
        assert scan(unit, house.rig.media_store.sealed) == []
        assert unit.runs.answered(house.person(unit, house.luz)) == answered
    house.rig.again()
    house.vera.say("/menu")
    assert house.vera.news
    assert "Nothing damaged can be erased" in console.good("erase", "--damaged", "--yes")


@pytest.mark.parametrize("kind", ["flipped", "zero"])
def test_without_a_former_key_a_backup_is_asked_for(shell: Shell, kind: str) -> None:
    """Every command and doctor name the former key that is damaged, and what to do; that done, all is as it was."""
    house = House(shell.folder)
    shell.good("backup", "--to", "copies")
    data = next((shell.folder / "copies").glob("*.data"))
    before = shell.good("people", "list")
    house.wound(Wound(FORMER, kind))
    house.close()
    for words in READS:
        assert shell.refused(*words) == shell.says("cli.error.former_key")
    assert shell.says("cli.doctor.former_key") in shell("doctor").out
    shell.good("restore", str(data), "--yes")

    assert shell.good("people", "list") == before
    assert not re.search("does not open|damaged", shell("doctor").out, re.IGNORECASE)


@pytest.mark.proof
@pytest.mark.parametrize("changed", [False, True])
def test_a_wrong_key_is_no_damage(house: House, console: Shell, tmp_path: Path, *, changed: bool) -> None:
    """Another organisation's key opens nothing: nothing is set aside for that, and nothing is written.

    Where the key was changed once, the day of that is said too, as the key may be the one from before.
    """
    other = tmp_path / "other.key"
    other.write_text("11" * 32)
    other.chmod(0o600)
    if not changed:
        with house.rig.unit() as unit:
            unit.connection.execute(delete(former_keys))
    day = f"{house.changed_at:%Y-%m-%d}"
    error = console.says("cli.key.retired", day=day) if changed else console.says("cli.error.key")
    found = console.says("cli.doctor.retired_key", day=day) if changed else console.says("cli.doctor.wrong_key")
    rows = house.rig.rows("SELECT state FROM outbox ORDER BY seq")
    console.settings["HILO_KEY_FILE"] = str(other)
    assert console.refused("people", "list") == error
    assert found in console("doctor").out
    assert house.rig.rows("SELECT state FROM outbox ORDER BY seq") == rows


def test_a_browser_whose_session_is_damaged_is_nobodys(house: House) -> None:
    """The cookie opens nothing then, and the page asks for a link, as for any browser that is not known."""
    house.again()
    house.wound(Wound(web_sessions.c.chat, "flipped"))
    with house.rig.reading() as unit:
        assert unit.web_sessions.find("token") is None
