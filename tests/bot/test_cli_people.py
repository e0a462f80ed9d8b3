"""People, roles and groups from the console: what the phone can do, for whoever has the server."""

from pathlib import Path

import pytest

from bot import clock
from storage.database import Database
from storage.unit import Storage, Unit
from tests.bot.ready import ready, vault_of
from tests.bot.rig import SIERRA
from tests.bot.shell import Shell

COAST = "Costa"


def inside(folder: Path) -> Storage:
    """Open the storage of a folder, beside the program."""
    return Storage(Database.open(f"sqlite:///{folder / 'hilo.db'}"), vault_of(folder))


def write(shell: Shell, nickname: str, cohort: str = SIERRA, *, waiting: bool = False) -> str:
    """Put somebody into a group; returns her code."""
    storage = inside(shell.folder)

    def add(unit: Unit) -> str:
        person = unit.people.create(clock.new_id(), unit.now, "active", "es")
        unit.people.change(person, nickname=nickname)
        found = unit.cohorts.by_name(cohort)
        assert found is not None
        unit.memberships.join(clock.new_id(), person.id, found.id, waiting=waiting)
        return person.pseudonym

    try:
        with storage.unit(clock.now()) as unit:
            return add(unit)
    finally:
        storage.database.dispose()


@pytest.fixture
def groups(console: Shell) -> Shell:
    """Two groups in an organisation that is ready, in each language."""
    ready(console.folder)
    console.good("cohort", "add", SIERRA)
    console.good("cohort", "add", COAST)
    return console


def test_people_are_listed_moved_removed_and_restored(groups: Shell) -> None:
    """By nickname or code; each step says what came of it, and what undoes it."""
    code = write(groups, "Ceiba")
    write(groups, "Nopal")
    listed = groups.good("people", "list", "--cohort", SIERRA)
    assert code in listed
    assert groups.says("cli.state.active") in listed
    told = groups.good("people", "move", "ceiba", "--to", COAST)
    assert told.strip() == groups.says("cli.people.moved", name="Ceiba", cohort=COAST)
    assert COAST in groups.good("people", "show", code)
    assert "restore" in groups.good("people", "remove", code)
    assert "Ceiba" not in groups.good("people", "list")
    groups.good("people", "restore", code, "--cohort", COAST)

    assert "Ceiba" in groups.good("people", "list", "--cohort", COAST)


def test_who_waits_is_let_in_or_not(groups: Shell) -> None:
    """Approving lets in who waits; nobody else can be approved."""
    write(groups, "Ceiba", waiting=True)
    write(groups, "Nopal", waiting=True)
    assert groups.says("cli.state.waiting") in groups.good("people", "list")
    groups.good("people", "approve", "Ceiba")
    groups.good("people", "approve", "Nopal", "--no")

    assert groups.says("cli.state.waiting") not in groups.good("people", "list")
    assert groups.refused("people", "approve", "Ceiba") == groups.says("cli.error.not_waiting", who="Ceiba")
    assert "Nopal" not in groups.good("people", "list")


def test_roles_are_granted_listed_and_revoked(groups: Shell) -> None:
    """With groups and a time; the last admin stays, and cannot be limited either."""
    code = write(groups, "Ana")
    groups.good("role", "grant", "Ana", "facilitator", "--cohort", SIERRA, "--cohort", COAST, "--days", "90")
    listed = groups.good("role", "list")
    assert listed.count("Ana") == 2
    groups.good("role", "revoke", code, "facilitator", "--cohort", COAST)
    assert groups.good("role", "list").count("Ana") == 1
    assert groups.refused("role", "revoke", "Ana", "admin") == groups.says("cli.error.no_role", who="Ana", role="admin")
    admin = next(line.split()[0] for line in groups.good("role", "list").splitlines() if " admin" in line)

    assert groups.refused("role", "revoke", admin, "admin") == groups.says("role.last_admin")
    assert groups.refused("role", "grant", admin, "admin", "--days", "3") == groups.says("role.last_admin")
    assert "facilitator" in groups.refused("role", "grant", "Ana", "facilitator")
    assert "admin" in groups.refused("role", "grant", "Ana", "admin", "--cohort", SIERRA)
    assert groups.refused("role", "grant", "Ana", "translator").endswith("facilitator, admin")


def test_what_a_group_agreed_is_changed_and_shown(groups: Shell) -> None:
    """What is left out stays; what cannot be is named with what can."""
    groups.good(
        "cohort", "change", SIERRA, "--hours", "evening", "--hours", "weekend", "--approval", "--form", "listen"
    )
    told = groups.good("cohort", "change", SIERRA, "--data", "scarce", "--language", "nah", "--zone", "America/Cancun")
    for word in ("evening, weekend", "listen", "scarce", "nah", "America/Cancun", groups.says("cli.approval.yes")):
        assert word in told
    assert groups.good("cohort", "show", SIERRA) == told
    assert groups.says("cli.approval.no") in groups.good("cohort", "change", SIERRA, "--no-approval")
    refused = groups.refused("cohort", "change", SIERRA, "--hours", "noon")

    assert refused == groups.says(
        "cli.error.one_of", option="--hours", given="noon", known="morning, afternoon, evening, weekend"
    )
    assert "Luna" in groups.refused("cohort", "change", SIERRA, "--zone", "Luna")


def test_an_unclear_name_is_said_so(groups: Shell) -> None:
    """Nobody of that name, several of it, several groups: each with what to do instead."""
    first, second = write(groups, "Ceiba"), write(groups, "Ceiba", COAST)
    told = groups.refused("people", "show", "Ceiba")
    assert first in told
    assert second in told
    assert groups.refused("people", "show", "Luna") == groups.says("cli.error.person", who="Luna")
    assert COAST in groups.refused("people", "move", second, "--to", COAST)
    assert groups.refused("people", "remove", first, "--cohort", COAST) == groups.says(
        "cli.error.no_member", who="Ceiba"
    )
    assert "hilo invite" in groups.refused("people", "restore", first, "--cohort", COAST)


def test_a_link_and_a_poster_need_an_address(groups: Shell) -> None:
    """With a public address there is a link for a person and a poster for a group; without, it says what lacks."""
    write(groups, "Ceiba")
    assert "HILO_PUBLIC_URL" in groups.refused("people", "link", "Ceiba")
    assert groups.refused("invite", "--cohort", SIERRA, "--poster", "p.pdf") == groups.says("cli.invite.no_link")
    groups.settings["HILO_PUBLIC_URL"] = "https://hilo.example.org"
    assert groups.good("people", "link", "Ceiba", "--forget-pin").startswith("https://hilo.example.org/l/")
    groups.good("invite", "--cohort", SIERRA, "--poster", "p.pdf", "--uses", "20")
    (groups.folder / "p.png").write_bytes(b"")
    (groups.folder / "p.png").chmod(0o644)
    groups.good("invite", "--cohort", SIERRA, "--poster", "p.png")
    for kind in ("png", "svg"):
        groups.good("invite", "--cohort", SIERRA, "--qr", f"q.{kind}")

    for name in ("p.pdf", "p.png", "q.png", "q.svg"):
        assert (groups.folder / name).stat().st_mode & 0o777 == 0o600
    assert b"<svg" in (groups.folder / "q.svg").read_bytes()
    assert (groups.folder / "q.png").read_bytes().startswith(b"\x89PNG")
    assert (groups.folder / "p.pdf").read_bytes().startswith(b"%PDF")
    assert (groups.folder / "p.png").read_bytes().startswith(b"\x89PNG")
    assert "p.txt" in groups.refused("invite", "--cohort", SIERRA, "--poster", "p.txt")
