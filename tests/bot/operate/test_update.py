"""`hilo update` against a real git remote: forward when the new version works, back by itself when it does not."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cli.operate.trust import TrustError, UpdateOffer
from bot.cli.operate.update import Update, Updated, UpdateError
from tests.bot.operate.test_doctor import installed
from tests.bot.shell import Shell

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
    offers: list[UpdateOffer] = field(default_factory=list)

    def publish(self, version: str, fails: str = "") -> str:
        """Put a new version into the remote; returns its short name."""
        (self.remote / "program").write_text(PROGRAM.format(version=version, fails=fails), "utf-8")
        git(self.remote, "add", "-A")
        git(self.remote, "commit", "--quiet", "-m", version)
        return git(self.remote, "rev-parse", "HEAD")[:8]

    def update(self, *, agreed: bool = True) -> Updated | None:
        def shown(offer: UpdateOffer) -> bool:
            self.offers.append(offer)
            return agreed

        aside = self.checkout / "backups"
        return Update(self.checkout, aside, lambda *_: None, service=False, agreed=shown)()

    @property
    def head(self) -> str:
        return git(self.checkout, "rev-parse", "HEAD")[:8]

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

    assert done is not None
    assert done.before == done.after
    assert not place.offers
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
        Update(tmp_path, tmp_path / "backups", lambda *_: None, service=False, agreed=lambda _: True)()

    assert error.value.code == "cli.update.git"


def test_root_updates_as_the_folder_s_owner(place: Place) -> None:
    """Git works in another user's folder, and no file of root's is left behind there."""
    if os.geteuid() != 0:
        pytest.skip("only root can go on as somebody else")
    place.publish("two")
    subprocess.run(["chown", "-R", "nobody", str(place.checkout), str(place.remote)], check=True)
    done = place.update()

    assert done is not None
    assert done.before != done.after
    assert {path.stat().st_uid for path in place.checkout.rglob("*")} == {place.checkout.stat().st_uid}


class Signer:
    """Somebody with an ssh key, who signs tags."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.key = folder / f"key-{name.partition(chr(64))[0]}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.key)], check=True)

    @property
    def line(self) -> str:
        """The line of the file of signers that allows this key."""
        kind, public, _ = self.key.with_suffix(".pub").read_text("utf-8").split()
        return f'{self.name} namespaces="git" {kind} {public}\n'

    def tag(self, remote: Path, name: str, commit: str = "HEAD") -> None:
        git(
            remote,
            *("-c", "gpg.format=ssh", "-c", f"user.signingKey={self.key}"),
            *("tag", "--sign", "--message", name, name, commit),
        )


@pytest.fixture
def rosa(ajar: Path) -> Signer:
    return Signer(ajar, "rosa@example.org")


@pytest.fixture
def guarded(place: Place, rosa: Signer) -> Place:
    """A checkout in which a file of signers stands."""
    (place.remote / "allowed_signers").write_text(rosa.line, "utf-8")
    place.publish("signers")
    place.update()
    place.offers.clear()
    return place


def test_what_is_about_to_be_trusted_is_said_before_anything_happens(place: Place) -> None:
    """From where, which commit, by whom, what it touches; and a no changes nothing."""
    before = place.head
    (place.remote / "requirements.txt").write_text("left-pad==1\n", "utf-8")
    (place.remote / "storage/migrations").mkdir(parents=True)
    (place.remote / "storage/migrations/0099.py").write_text("", "utf-8")
    after = place.publish("two")

    assert place.update(agreed=False) is None
    (offer,) = place.offers
    assert (offer.before[:8], offer.after[:8], offer.address) == (before, after, str(place.remote))
    assert (offer.tag, offer.signer) == (None, None)
    assert (offer.commits, offer.authors, offer.files) == (1, ("Rosa",), 3)
    assert offer.touches == ("libraries", "database")
    assert place.head == before
    assert not (place.checkout / "calls").exists()


def test_only_a_signed_tag_is_taken_once_a_file_of_signers_stands(guarded: Place, rosa: Signer) -> None:
    """What whoever can push adds is refused; the newest signed tag is taken, and not what lies after it."""
    before = guarded.head
    guarded.publish("pushed by somebody")
    with pytest.raises(TrustError) as error:
        guarded.update()
    assert error.value.code == "cli.update.unsigned"
    assert guarded.head == before

    signed = guarded.publish("signed")
    rosa.tag(guarded.remote, "v2")
    guarded.publish("after")
    assert guarded.update() == Updated(before, signed)
    (offer,) = guarded.offers
    fingerprint = subprocess.run(
        ["ssh-keygen", "-lf", str(rosa.key)], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    assert (offer.tag, offer.signer, offer.key) == ("v2", "rosa@example.org", fingerprint)
    assert guarded.head == signed


def test_a_tag_of_somebody_else_is_not_taken(guarded: Place, ajar: Path) -> None:
    """Not another's key, not even with a file of signers that the new version brings; nor a tag without a signature."""
    mallory = Signer(ajar, "mallory@example.org")
    before = guarded.head
    (guarded.remote / "allowed_signers").write_text(mallory.line, "utf-8")
    guarded.publish("mine now")
    mallory.tag(guarded.remote, "v2")
    git(guarded.remote, "tag", "v3")
    git(guarded.remote, "tag", "--annotate", "--message", "v4", "v4")
    with pytest.raises(TrustError):
        guarded.update()

    assert guarded.head == before


def test_a_signed_tag_does_not_lead_back_nor_under_another_name(guarded: Place, rosa: Signer) -> None:
    """An older signed version is no update, and one that was given a newer name is not what it says it is."""
    rosa.tag(guarded.remote, "v1", "HEAD~1")
    guarded.publish("two")
    rosa.tag(guarded.remote, "v2")
    before = guarded.head
    git(guarded.remote, "update-ref", "refs/tags/v9", "refs/tags/v2")
    git(guarded.remote, "update-ref", "-d", "refs/tags/v2")
    with pytest.raises(TrustError):
        guarded.update()

    assert guarded.head == before


def test_programs_named_in_the_checkout_s_own_settings_are_not_run(guarded: Place, rosa: Signer) -> None:
    """Neither a hook nor another program to check signatures, which whoever had the folder may have left there."""
    guarded.publish("two")
    Signer(guarded.remote.parent, "mallory@example.org").tag(guarded.remote, "v2")
    left = guarded.checkout / "left"
    lie = guarded.checkout.parent / "lie"
    good = 'Good "git" signature for rosa@example.org with X key Y'
    lie.write_text(f"#!/bin/sh\ntouch {left}\necho '{good}'\n", "utf-8")
    lie.chmod(0o755)
    for program in ("gpg.ssh.program", "gpg.program", "core.fsmonitor"):
        git(guarded.checkout, "config", program, str(lie))
    hook = guarded.checkout / ".git/hooks/post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {left}\n", "utf-8")
    hook.chmod(0o755)
    with pytest.raises(TrustError):
        guarded.update()
    git(guarded.checkout, "config", "core.fsmonitor", "false")
    rosa.tag(guarded.remote, "v3")

    assert guarded.update() is not None
    assert not left.exists()


def test_unsigned_nothing_is_installed_where_nobody_can_be_asked(
    place: Place, console: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command says that nobody signed it, and takes it with `--yes` alone."""
    installed(console)
    before = place.head
    place.publish("two")
    told = console("update", "--folder", str(place.checkout))
    assert told.code == 1
    assert told.err == f"✗ {console.says('cli.update.say_yes')}\n"
    assert console.says("cli.update.nobody_signed", address=place.remote) in told.out
    assert place.head == before

    assert console.says("cli.update.kept", days=7) in console.good("update", "--yes", "--folder", str(place.checkout))
    assert place.head != before
