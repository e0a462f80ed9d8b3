"""Webhooks: whose address was set, and what a look at one tells about what may have been missed."""

from datetime import datetime

from bot.messengers.port import HookState
from bot.services.gaps import fetched
from bot.services.notices import intruded
from storage.tables import to_minute
from storage.unit import Unit


def was_set(unit: Unit, messenger: str, url: str, before: HookState, worked_at: datetime | None, *, taken: bool) -> str:
    """Note that a messenger brings updates to us from now on, and tell admins of whoever had changed that.

    Until now it brought them nowhere, or elsewhere, so the time since is a gap as in fetching.

    Args:
        unit: the transaction.
        messenger: which one.
        url: where it brings them.
        before: what it said before.
        worked_at: until when it worked; None: what the database knows.
        taken: whether this process had set it, so that somebody else has removed it since.

    Returns:
        The code of what admins were told; empty: nothing, since nobody else had a hand in it, or within the hour.
    """
    there = before.url if before.url not in {url, unit.webhooks.of(messenger).url} else ""
    code = f"{messenger}.webhook" if there else f"{messenger}.conflict" if taken and not before.url else ""
    unit.webhooks.note_set(messenger, url)
    unit.webhooks.note_look(messenger, before.failed_at, None, before.waiting)
    fetched(unit, messenger, worked_at)
    return code if code and intruded(unit, code, there) else ""


def taken_away(unit: Unit, messenger: str, address: str) -> bool:
    """Note that updates are fetched again; return whether the address where they were brought was ours."""
    own = unit.webhooks.of(messenger).url == address
    unit.webhooks.note_removed(messenger)
    return own


def looked(unit: Unit, messenger: str, state: HookState, worked_at: datetime | None, *, came: bool) -> bool:
    """Note what a look at our webhook shows; return whether updates are brought.

    A silence is no gap, as a bot may sleep between two messages. There is one where the messenger tells of a failure
    that was not looked into yet: from when it last worked until something comes again, or nothing waits any more.

    Args:
        unit: the transaction.
        messenger: whose webhook.
        state: what it says.
        worked_at: until when it worked; None: what the database knows.
        came: whether anything was brought since the last look.
    """
    row = unit.webhooks.of(messenger)
    # Minutes of failures are compared with each other alone: two clocks may differ.
    failed = bool(row.problem) or (state.failed_at is not None and to_minute(state.failed_at) != row.failed_at)
    if failed and state.waiting and not came:
        unit.webhooks.note_look(messenger, row.failed_at, state.problem or "?", state.waiting)
        return False
    unit.webhooks.note_look(messenger, state.failed_at or row.failed_at, None, state.waiting)
    if failed:
        fetched(unit, messenger, worked_at)
    else:
        unit.fetches.note(messenger)
    return True
