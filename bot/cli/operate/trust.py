"""What an update is about to trust: which commit, who signed it, and what changes.

Once a file of signers (git's and ssh's `allowed_signers`) stands in the checkout, only a tag is taken that one of them
signed and that leads on from what is installed. The file that counts is the one installed here, not the one that the
new version brings. Without it, whoever can write to the repository decides what runs here, and the command says so.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import Problem

SIGNERS: Final = "allowed_signers"
NAMED: Final = 5  # authors that a line names
QUIET: Final = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
"""No program that lies in the checkout's own settings is run, whoever wrote them."""
SSH_ONLY: Final = (
    *("-c", "gpg.ssh.program=ssh-keygen"),
    *("-c", "gpg.openpgp.program=false"),
    *("-c", "gpg.x509.program=false"),
)
GOOD: Final = re.compile(r'^Good "git" signature for (?P<who>.+) with \S+ key (?P<key>\S+)$', re.MULTILINE)
TOUCHED: Final = (
    ("signers", re.compile(rf"{SIGNERS}$")),
    ("libraries", re.compile(r"requirements[^/]*$")),
    ("installing", re.compile(r"(Makefile|pyproject\.toml)$")),
    ("database", re.compile(r"storage/migrations/")),
)

Git = Callable[..., str]
"""Runs git with these words and returns what it printed, on both channels; raises where it fails."""


class TrustError(Problem):
    """There is something newer, and nobody whom this installation trusts has signed it."""


class GitFailed(Exception):
    """A git command failed."""


@dataclass(frozen=True, slots=True)
class UpdateOffer:
    """What an update would take.

    Attributes:
        before: the commit that is installed.
        after: the commit that would be.
        address: where it comes from.
        tag: the signed tag; None where no file of signers stands.
        signer: who signed it, as the file of signers names them.
        key: their key's fingerprint.
        commits: how many commits lie between the two.
        authors: who wrote them, the first few.
        files: how many files change.
        touches: what among them decides over more than itself, as codes of `cli.update.touches`.
    """

    before: str
    after: str
    address: str
    tag: str | None
    signer: str | None
    key: str | None
    commits: int
    authors: tuple[str, ...]
    files: int
    touches: tuple[str, ...]


def offered(git: Git, folder: Path) -> UpdateOffer | None:
    """Fetch, and return what an update would take; None where this is the newest.

    Raises:
        TrustError: a file of signers stands, and nothing newer carries a signature that it allows.
        GitFailed: a git command failed.
    """
    before = git("rev-parse", "HEAD")
    git("fetch", "--quiet", "--tags")
    newest = git("rev-parse", "@{upstream}")
    ahead = git("merge-base", before, newest) != newest
    signers = folder / SIGNERS
    if not signers.exists():
        return _offer(git, before, newest) if ahead else None
    for tag in _newer(git, before):
        if signed := _signed(git, signers, tag):
            return _offer(git, before, git("rev-parse", f"refs/tags/{tag}^{{commit}}"), tag, signed)
    if ahead:
        raise TrustError("cli.update.unsigned", version=newest[:8], signers=SIGNERS)
    return None


def _newer(git: Git, before: str) -> list[str]:
    """Return the tags that lead on from a commit, the furthest first."""
    tags = git("tag", "--list", "--contains", before, "--merged", "@{upstream}").splitlines()
    steps = {tag: int(git("rev-list", "--count", f"{before}..refs/tags/{tag}")) for tag in tags}
    return sorted((tag for tag in tags if steps[tag]), key=lambda tag: steps[tag], reverse=True)


def _signed(git: Git, signers: Path, tag: str) -> tuple[str, str] | None:
    """Return who signed a tag, and with which key; None where nobody did whom the file of signers allows."""
    trusted = (*SSH_ONLY, "-c", f"gpg.ssh.allowedSignersFile={signers}")
    try:
        # A signed tag that was given another name says its own inside.
        if f"tag {tag}" not in git("cat-file", "tag", f"refs/tags/{tag}").partition("\n\n")[0].splitlines():
            return None
        good = GOOD.search(git(*trusted, "verify-tag", "--raw", f"refs/tags/{tag}"))
    except GitFailed:
        return None
    return (good["who"], good["key"]) if good else None


def _offer(
    git: Git, before: str, after: str, tag: str | None = None, signed: tuple[str, str] | None = None
) -> UpdateOffer:
    signer, key = signed or (None, None)
    changed = git("diff", "--name-only", before, after).splitlines()
    authors = dict.fromkeys(_plain(git("log", "--format=%an", f"{before}..{after}").splitlines()))
    return UpdateOffer(
        before=before,
        after=after,
        address="".join(_plain([git("remote", "get-url", _remote(git))])),
        tag=tag,
        signer=signer,
        key=key,
        commits=int(git("rev-list", "--count", f"{before}..{after}")),
        authors=(*list(authors)[:NAMED], *(["…"] if len(authors) > NAMED else [])),
        files=len(changed),
        touches=tuple(code for code, pattern in TOUCHED if any(pattern.match(name) for name in changed)),
    )


def _remote(git: Git) -> str:
    """Return the name of the remote that the checked out branch follows."""
    return git("rev-parse", "--abbrev-ref", "@{upstream}").partition("/")[0]


def _plain(said: Iterable[str]) -> list[str]:
    """Return what strangers wrote, without what a terminal would obey."""
    return ["".join(each if each.isprintable() else " " for each in line) for line in said]
