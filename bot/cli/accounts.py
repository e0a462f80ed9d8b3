"""Another account of this machine: check whether it can reach Hilo, and continue as it."""

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Problem


class CodeUnreachable(Problem):
    """Hilo's Python or code lies in a folder that the account it runs as may not enter."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the system; where the system does not know its name, the name is its number."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    home: str = "/"


def owner(folder: Path) -> Account | None:
    """Return the account that owns a folder, when root asks and the owner is not root; else None."""
    if os.geteuid() != 0 or not folder.is_dir() or (found := folder.stat()).st_uid == 0:
        return None
    try:
        entry = pwd.getpwuid(found.st_uid)
    except KeyError:  # the account was deleted, or belongs to another machine
        return Account(str(found.st_uid), found.st_uid, found.st_gid)
    groups = tuple(os.getgrouplist(entry.pw_name, found.st_gid))
    return Account(entry.pw_name, found.st_uid, found.st_gid, groups, entry.pw_dir)


def check(account: Account, code: Path, given: Path | None = None) -> None:
    """Make sure that an account can reach the code and the Python that runs it.

    Args:
        account: who is to run Hilo.
        code: the folder with the code.
        given: a folder that is about to become the account's, with everything in it.

    Raises:
        CodeUnreachable: it cannot; names the first folder that it may not enter.
    """
    if shut := _shut(account, code / "bot", given):
        raise CodeUnreachable("cli.account.code", user=account.name, shut=shut, folder=code)
    program = Path(sys.executable)
    for path in (program.absolute(), program.resolve(), Path(os.__file__).resolve()):
        if shut := _shut(account, path, given):
            raise CodeUnreachable("cli.account.python", user=account.name, shut=shut)


def become(account: Account) -> None:
    """Continue as an account, for good: the process cannot become root again."""
    os.setgroups(account.groups)
    os.setgid(account.gid)
    os.setuid(account.uid)


def _shut(account: Account, path: Path, given: Path | None) -> Path | None:
    """Return the first folder on the way to a path that an account may not enter, or None."""
    for place in reversed(path.parents):
        if not (given and place.is_relative_to(given)) and not _passes(account, place):
            return place
    return None


def _passes(account: Account, folder: Path) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid in {account.gid, *account.groups}:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
