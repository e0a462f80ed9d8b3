"""Update to a new version by git: with a backup first, and back to the old one when the new one does not start."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli import accounts
from bot.cli.operate import trust
from bot.cli.operate.backup import DATA, Progress
from bot.cli.operate.trust import GitFailed, UpdateOffer
from bot.errors import Problem

PATIENCE: Final = 900  # seconds for one step: an install on a small server takes its time
SERVICE: Final = "hilo"
STAMP: Final = ".venv/.run"  # the Makefile's stamp, for what a server needs


class UpdateError(Problem):
    """An update that was not done."""


@dataclass(frozen=True, slots=True)
class Updated:
    """From which version to which: git's short names; equal where there was nothing new."""

    before: str
    after: str


class StepFailed(GitFailed):
    """A step of the update failed."""

    def __init__(self, words: Sequence[str], said: str) -> None:
        """Keep the command, and the last line of its output."""
        super().__init__(" ".join(words))
        self.command = " ".join(words)
        self.said = said


def run(folder: Path, *words: str, both: bool = False) -> str:
    """Run a command in a folder and return its output, with its errors' where `both`; raises StepFailed.

    Root runs it as the folder's owner, except for commands to the system's services: git refuses to work in another
    user's folder, and a file owned by root there would stop the bot.
    """
    account = None if words[0] == "systemctl" else accounts.owner(folder)
    try:
        done = subprocess.run(  # noqa: S603  our own words
            words,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if both else subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=account.groups if account else None,
            env={**os.environ, "HOME": account.home} if account else None,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StepFailed(words, type(error).__name__) from error
    if done.returncode != 0:
        raise StepFailed(words, "".join((done.stderr or done.stdout).strip().splitlines()[-1:]))
    return done.stdout.strip()


class Update:
    """The steps, each a command of its own: the code that runs this is replaced on the way."""

    def __init__(
        self,
        folder: Path,
        aside: Path,
        progress: Progress,
        *,
        service: bool,
        agreed: Callable[[UpdateOffer], bool],
        command: Callable[..., str] = run,
    ) -> None:
        """Prepare an update.

        Args:
            folder: the checkout.
            aside: the folder for the pair of files that is made before, beside the data.
            progress: told after each step.
            service: whether the systemd service is to be stopped and started.
            agreed: shown what the update is about to trust, says whether to go on.
            command: runs a command in a folder.
        """
        self._folder = folder
        self._aside = aside
        self._progress = progress
        self._service = service
        self._agreed = agreed
        self._command = command

    def _do(self, *words: str) -> str:
        return self._command(self._folder, *words)

    def _git(self, *words: str) -> str:
        """Run git, and return its output with its errors': it tells there who signed."""
        return self._command(self._folder, "git", *trust.QUIET, *words, both="verify-tag" in words)

    def _hilo(self, *words: str) -> str:
        return self._do(str(self._folder / ".venv/bin/hilo"), *words)

    def _system(self, verb: str) -> None:
        if self._service:
            self._do("systemctl", verb, SERVICE)

    def __call__(self) -> Updated | None:
        """Update; return None where it was not agreed to.

        Raises:
            UpdateError: says what was wrong and that the old version runs again.
            TrustError: there is something newer that nobody signed whom this installation trusts.
        """
        try:
            self._git("rev-parse", "--git-dir")
            if self._git("status", "--porcelain", "--untracked-files=no"):
                raise UpdateError("cli.update.changed", folder=self._folder)
            installed = self._git("rev-parse", "HEAD")
            offer = trust.offered(self._git, self._folder)
        except StepFailed as failed:
            raise UpdateError("cli.update.git", command=failed.command, problem=failed.said) from failed
        if offer is None:
            return Updated(installed[:8], installed[:8])
        self._progress("fetch", 1.0)
        if not self._agreed(offer):
            return None
        backup = self._backup()
        try:
            self._system("stop")
            self._new(offer.after)
        except StepFailed as failed:
            self._back(offer.before, backup, failed)
            raise UpdateError(
                "cli.update.back", version=offer.before[:8], command=failed.command, problem=failed.said
            ) from failed
        return Updated(offer.before[:8], offer.after[:8])

    def _backup(self) -> Path:
        try:
            self._hilo("backup", "--before-update", str(self._aside))
        except StepFailed as failed:
            raise UpdateError("cli.update.no_backup", problem=failed.said) from failed
        self._progress("backup", 1.0)
        return max(self._aside.glob(f"hilo-*{DATA}"), key=lambda path: path.name)

    def _new(self, version: str) -> None:
        self._git("merge", "--ff-only", "--quiet", version)
        self._do("make", STAMP)
        self._progress("install", 1.0)
        self._hilo("migrate")
        self._progress("migrate", 1.0)
        self._system("start")
        self._hilo("status", *(("--wait",) if self._service else ("--asleep",)))
        self._progress("check", 1.0)

    def _back(self, version: str, backup: Path, why: StepFailed) -> None:
        """Go back to the old code, and to the database as it was."""
        try:
            self._system("stop")
            self._git("reset", "--hard", "--quiet", version)
            # However far the new version came, the old one's dependencies are installed again.
            (self._folder / STAMP).unlink(missing_ok=True)
            self._do("make", STAMP)
            self._hilo("restore", str(backup), "--yes")
            self._system("start")
        except StepFailed as failed:
            raise UpdateError(
                "cli.update.stuck",
                version=version[:8],
                backup=backup,
                command=why.command,
                second=failed.command,
                problem=failed.said,
            ) from failed
