"""How many descriptors this process may hold: each connection, file and socket takes one."""

import resource
from contextlib import suppress
from typing import Final

ENOUGH: Final = 65_536
RESERVE: Final = 256
"""Descriptors that visitors never get: those of the database, messengers, files and child processes, and of lines that
are accepted and not counted yet."""


def raise_limit() -> int:
    """Let this process hold as many descriptors as it may, `ENOUGH` at most; return how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # a system that allows less says so only now
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return allowed()


def allowed() -> int:
    """Return how many descriptors this process may hold now."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return ENOUGH if soft == resource.RLIM_INFINITY else soft
