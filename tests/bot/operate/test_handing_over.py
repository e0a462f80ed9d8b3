"""`hilo handover` and `hilo inherited` at the server: written down by typing, somebody leaves, somebody finds it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot import clock
from bot.app import locked
from bot.cli.operate import backup
from bot.services.handover import ACCESS, ITEMS, TOKEN, WORDS
from storage.vault import create_key
from tests.bot.operate.test_rotating import config, paper, rotate
from tests.bot.rig import Rig
from tests.bot.shell import Shell
from tests.double import Double

SURE = {"es": "sí", "en": "yes"}
DAY = {"es": "31 de marzo de 2099", "en": "31 March 2099"}


@pytest.fixture
def house(console: Shell) -> Iterator[Rig]:
    """An installation with two admins and a leader; the commands of `console` open it."""
    it = Rig(console.folder, now=clock.now())
    for name in ("Rosa", "Ana"):
        it.facilitator(nickname=name, cohort=None, role="admin")
        it.advance(seconds=1)
    it.join(nickname="Ceiba")
    yield it
    it.close()


def fill(shell: Shell, *answers: str) -> str:
    return shell.good("handover", typed="\n".join(answers) + "\n")


def line(shell: Shell, mark: str, item: str, who: str) -> str:
    return f"  {mark} {shell.says(f'handover.item.{item}')}: {who}"


def owed(shell: Shell, what: str) -> str:
    return f"☐ {shell.says(f'handover.owed.{what}')}"


ANSWERS = ("1", "Ana", "1, 2, el primo de Rosa", "la contadora", "2099-03-31", "2", "Rosa")


def test_it_is_written_down_by_typing(console: Shell, house: Rig) -> None:
    """Numbers, names of the team, any other name; what is no day is asked again; Enter keeps what is there."""
    told = console.good("handover", "--show")
    assert told.count("☐ ") == len(ITEMS)
    said = fill(console, *ANSWERS[:4], "un día de estos", *ANSWERS[4:])

    assert f"✗ {console.says('cli.handover.day')}" in said
    assert line(console, "✓", "bot", "Rosa") in said
    assert line(console, "✓", "next", "Ana") in said
    assert line(console, "✓", "server", "Rosa, Ana, el primo de Rosa") in said
    assert line(console, "✓", "costs", "la contadora") in said
    assert line(console, "✓", "paid_until", DAY[console.language]) in said
    assert "☐" not in said
    said = fill(console, "", "", "", "", DAY[console.language], "", "")  # as people say it, too
    assert line(console, "✓", "paid_until", DAY[console.language]) in said
    again = fill(console, *[""] * len(ITEMS))
    assert said[said.index("  ✓") :] == again[again.index("  ✓") :]
    assert len(house.audited("holder.kept")) == len(ITEMS)
    assert all("primo" not in str(row) for row in house.audited("holder.kept"))
    stopped = console.says("cli.setup.stopped", command="hilo handover")
    assert console.refused("handover", typed="1\n") == stopped


def test_who_leaves_is_asked_about_and_what_is_due_is_said(console: Shell, house: Rig) -> None:
    """No ends it; yes ends her roles; what she held is to be changed, and stays so until it is."""
    fill(console, *ANSWERS)
    assert console.refused("handover", "--leaving", "Rosa", typed="no\n") == console.says("cli.nothing_done")
    assert "Rosa" in console.good("role", "list")
    said = console.good("handover", "--leaving", "rosa", typed=f"{SURE[console.language]}\n")
    assert console.says("team_leave.done", name="Rosa") in said
    assert all(owed(console, what) in said for what in (TOKEN, ACCESS, WORDS))
    assert "Rosa" not in console.good("role", "list")
    assert console("handover", "--leaving", "Ana", "--yes").sentence == console.says("role.last_admin")

    shown = console.good("handover", "--show")
    assert line(console, "☐", "bot", console.says("handover.nobody")) in shown
    assert owed(console, WORDS) in shown
    assert "Rosa" not in shown.replace("el primo de Rosa", "")
    rotate(console)
    shown = console.good("handover", "--show")
    assert owed(console, WORDS) not in shown
    assert owed(console, ACCESS) in shown
    fill(console, *["1"] * 4, "", "1", "1", SURE[console.language])
    shown = console.good("handover", "--show")
    assert owed(console, ACCESS) not in shown
    assert owed(console, TOKEN) in shown


def test_a_new_token_settles_what_was_owed(
    console: Shell, house: Rig, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same token changes nothing; another one, given to `hilo setup`, is what was due."""
    fill(console, *ANSWERS)
    console.good("handover", "--leaving", "Rosa", "--yes")
    console.settings |= {"HILO_TELEGRAM_API": double.url, "HILO_TELEGRAM_TOKEN": double.token}
    (console.folder / "a.yaml").write_text("name: Escuela\n", "utf-8")
    console.good("setup", "--from", "a.yaml")
    assert owed(console, TOKEN) in console.good("handover", "--show")
    console.settings["HILO_TELEGRAM_TOKEN"] = "5000000009:" + "A" * 35
    (console.folder / "b.yaml").write_text(f"token: '{double.token}'\n", "utf-8")
    console.good("setup", "--from", "b.yaml")

    assert owed(console, TOKEN) not in console.good("handover", "--show")


def test_whoever_finds_it_hears_what_is_here(console: Shell, house: Rig) -> None:
    """Whose it is, who runs it, where key and newest backup are, what was written down, what comes next; no change."""
    said = console.good("inherited")
    assert console.says("cli.inherited.asleep") in said
    assert console.says("cli.inherited.whose", name="la Escuela de Liderazgo", people=1) in said
    assert console.says("cli.inherited.admins", names="Rosa, Ana") in said
    assert console.says("cli.inherited.key", path=console.folder / "hilo.key") in said
    assert console.says("cli.inherited.no_backup") in said
    assert console.says("cli.inherited.nothing_written") in said
    assert "hilo handover --leaving" in said
    fill(console, *ANSWERS)
    console.good("backup")
    before = house.count("audit")
    said = console.good("inherited")
    (data,) = (console.folder / "backups").glob("*.data")
    assert console.says("cli.inherited.backup", data=data, keys=data.with_suffix(".keys").name) in said
    assert console.says("cli.inherited.holds", what=console.says("handover.item.bot"), who="Rosa") in said
    assert console.says("cli.inherited.nothing_written") not in said
    assert house.count("audit") == before
    with locked(config(console.folder)):
        assert console.says("cli.inherited.awake") in console.good("inherited")
    data.with_suffix(".keys").unlink()
    assert console.says("cli.inherited.backup_no_keys", data=data) in console.good("inherited")


def test_without_the_key_it_says_what_can_still_be_done(console: Shell, house: Rig) -> None:
    """No key, another's, one from before a change, a database that cannot be read, none at all: each its sentence."""
    key = console.folder / "hilo.key"
    old = key.read_bytes()
    day = f"{clock.now():%Y-%m-%d}"
    rotate(console)
    new = key.read_bytes()
    key.write_bytes(old)
    said = console.good("inherited")
    assert console.says("cli.inherited.retired", day=day, path=key) in said
    assert console.says("cli.inherited.without_key") in said
    key.unlink()
    said = console.good("inherited")
    assert console.says("cli.inherited.no_key", path=key) in said
    assert console.says("cli.inherited.without_key") in said
    assert not key.exists()
    key.write_bytes(new)
    assert console.says("cli.inherited.admins", names="Rosa, Ana") in console.good("inherited")


def test_an_empty_folder_and_a_foreign_key(console: Shell) -> None:
    """Nothing there yet: what a backup and the paper would do; somebody else's key is told as such."""
    assert console.says("cli.inherited.empty", home=console.folder) in console.good("inherited")
    assert not (console.folder / "hilo.db").exists()
    rig = Rig(console.folder, now=clock.now())
    rig.close()
    (console.folder / "hilo.key").unlink()
    create_key(console.folder / "hilo.key")
    said = console.good("inherited")

    assert console.says("cli.inherited.wrong_key", path=console.folder / "hilo.key") in said
    assert console.says("cli.inherited.without_key") in said


def test_the_way_the_page_names_works(
    console: Shell, house: Rig, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is gone: an empty machine, the newest two files, the paper; then who left is taken off the team."""
    fill(console, *ANSWERS)
    backup.make(config(console.folder), house.storage, None, lambda *_: None)
    words = paper(console.folder / "hilo.key", console.language)
    (data,) = (console.folder / "backups").glob("*.data")
    machine = tmp_path_factory.mktemp("machine")
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    console.folder, console.settings["HILO_HOME"] = machine, str(machine)
    assert console.says("cli.inherited.empty", home=machine) in console.good("inherited")
    console.good("key", "restore", typed=" ".join(words) + "\n")
    console.good("restore", str(data))
    said = console.good("inherited")
    assert console.says("cli.inherited.admins", names="Rosa, Ana") in said
    assert console.says("cli.inherited.holds", what=console.says("handover.item.bot"), who="Rosa") in said
    console.good("invite", "--role", "admin")
    console.good("handover", "--leaving", "Rosa", "--yes")

    assert owed(console, WORDS) in console.good("handover", "--show")
