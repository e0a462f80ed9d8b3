"""`hilo update` against a real git remote: forward when the new version works, back by itself when it does not."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli.operate.update import Update, Updated, UpdateError

PROGRAM = """\
#!/bin/sh
# A stand-in for the installed command: it tells how it was called, and fails where this version is to fail.
echo "{version} $1" >> calls
for broken in {fails}; do [ "$1" = "$broken" ] && {{ echo "$1 is broken" >&2; exit 1; }}; done
[ "$1" = backup ] && mkdir -p "$3" && touch "$3/hilo-2026-12-06-043000.data"
exit 0
"""
MAKEFILE = """\
.venv/.run: program
\t@mkdir -p .venv/bin && cp program .venv/bin/hilo && chmod 755 .venv/bin/hilo && touch $@
"""


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Rosa", "-c", "user.email=rosa@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *identity, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@dataclass(frozen=True)
class Place:
    """A remote, and a checkout of it in which the first version is installed."""

    remote: Path
    checkout: Path

    def publish(self, version: str, fails: str = "") -> str:
        """Put a new version into the remote; returns its short name."""
        (self.remote / "program").write_text(PROGRAM.format(version=version, fails=fails), "utf-8")
        git(self.remote, "add", "-A")
        git(self.remote, "commit", "--quiet", "-m", version)
        return git(self.remote, "rev-parse", "HEAD")[:8]

    def update(self) -> Updated:
        return Update(self.checkout, self.checkout / "backups", lambda *_: None, service=False)()

    @property
    def calls(self) -> list[str]:
        """How the command was called, after which version."""
        return (self.checkout / "calls").read_text("utf-8").splitlines()

    @property
    def installed(self) -> str:
        return (self.checkout / ".venv/bin/hilo").read_text("utf-8")


@pytest.fixture
def place(ajar: Path) -> Place:
    remote, checkout = ajar / "remote", ajar / "checkout"
    remote.mkdir()
    git(remote, "init", "--quiet")
    (remote / "Makefile").write_text(MAKEFILE, "utf-8")
    (remote / ".gitignore").write_text(".venv/\ncalls\nbackups/\n", "utf-8")
    it = Place(remote, checkout)
    it.publish("one")
    git(ajar, "clone", "--quiet", str(remote), str(checkout))
    subprocess.run(["make", ".venv/.run"], cwd=checkout, check=True, capture_output=True)
    return it


def test_a_new_version_is_backed_up_for_installed_migrated_and_checked(place: Place) -> None:
    """The backup is the old version's, everything after it the new one's."""
    before = git(place.checkout, "rev-parse", "HEAD")[:8]
    after = place.publish("two")

    assert place.update() == Updated(before, after)
    assert place.calls == ["one backup", "two migrate", "two status"]
    assert git(place.checkout, "rev-parse", "HEAD")[:8] == after


def test_without_a_new_version_nothing_is_done(place: Place) -> None:
    """The newest version stays as it is, without even a backup."""
    done = place.update()

    assert done.before == done.after
    assert not (place.checkout / "calls").exists()


@pytest.mark.parametrize("step", ["migrate", "status"])
def test_a_version_that_does_not_work_is_left_again(place: Place, step: str) -> None:
    """When it does not migrate or wake, old code and old data are back, and what failed is said."""
    before = git(place.checkout, "rev-parse", "HEAD")
    place.publish("two", fails=step)
    with pytest.raises(UpdateError) as error:
        place.update()

    assert error.value.code == "cli.update.back"
    assert error.value.facts["problem"] == f"{step} is broken"
    assert git(place.checkout, "rev-parse", "HEAD") == before
    assert place.calls[-1] == "one restore"
    assert '"one $1"' in place.installed


def test_a_version_that_does_not_install_is_left_again(place: Place) -> None:
    """A broken build touches neither database nor the way back."""
    (place.remote / "Makefile").write_text(MAKEFILE + "\t@false\n", "utf-8")
    place.publish("two")
    with pytest.raises(UpdateError) as error:
        place.update()

    assert error.value.code == "cli.update.back"
    assert place.calls == ["one backup", "one restore"]


def test_without_a_backup_nothing_is_changed(place: Place) -> None:
    """If the old version cannot back up, the new one is not touched."""
    place.publish("broken", fails="backup")
    git(place.checkout, "pull", "--quiet")
    subprocess.run(["make", ".venv/.run"], cwd=place.checkout, check=True, capture_output=True)
    before = git(place.checkout, "rev-parse", "HEAD")
    place.publish("three")
    with pytest.raises(UpdateError) as error:
        place.update()

    assert error.value.code == "cli.update.no_backup"
    assert git(place.checkout, "rev-parse", "HEAD") == before


def test_what_was_changed_by_hand_is_not_written_over(place: Place) -> None:
    """A changed file stops the update before anything happens."""
    place.publish("two")
    (place.checkout / "Makefile").write_text("# mine\n", "utf-8")
    with pytest.raises(UpdateError) as error:
        place.update()

    assert error.value.code == "cli.update.changed"
    assert (place.checkout / "Makefile").read_text("utf-8") == "# mine\n"


def test_a_folder_that_comes_from_no_git_is_said(tmp_path: Path) -> None:
    """Where there is nothing to fetch from, that is the sentence."""
    with pytest.raises(UpdateError) as error:
        Update(tmp_path, tmp_path / "backups", lambda *_: None, service=False)()

    assert error.value.code == "cli.update.git"


def test_root_updates_as_the_folder_s_owner(place: Place) -> None:
    """Git works in another user's folder, and no file of root's is left behind there."""
    if os.geteuid() != 0:
        pytest.skip("only root can go on as somebody else")
    place.publish("two")
    subprocess.run(["chown", "-R", "nobody", str(place.checkout), str(place.remote)], check=True)
    done = place.update()

    assert done.before != done.after
    assert {path.stat().st_uid for path in place.checkout.rglob("*")} == {place.checkout.stat().st_uid}
