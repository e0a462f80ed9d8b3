"""Say where Telegram brings messages, how that goes, and whether somebody else has changed it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import DatabaseError

from bot.cli import console
from bot.cli.operate.checks.finding import Finding
from bot.config import Config
from bot.messengers.port import CONFLICT, WEBHOOK, HookState
from storage.database import HEAD, BadUrl, Database, DatabaseDown, file_of
from storage.unit import Unit
from storage.webhooks import COUNTED_FOR, known_url

LATELY: Final = timedelta(hours=1)  # a failure so long ago is still told
SHORTEST: Final = 16  # letters of a secret that nobody guesses
TELEGRAM: Final = "telegram"


def findings(config: Config, state: HookState, now: datetime) -> Iterator[Finding]:
    """Check what Telegram says of this bot's webhook."""
    if config.webhook_secret and len(config.webhook_secret) < SHORTEST:
        yield Finding("webhook_secret_short", "bad")
    facts: dict[str, object] = {"url": state.url or config.webhook_url, "waiting": state.waiting}
    if state.url != (config.webhook_url or ""):
        if not state.url:
            yield Finding("webhook_unset", "note", facts)
        elif state.url == _set_before(config):
            yield Finding("webhook_before", "note", facts)
        else:
            yield Finding("webhook", "bad", facts)
    elif not state.url:
        return
    elif state.failed_at is not None and now - state.failed_at < LATELY:
        facts |= {"at": _moment(state.failed_at), "problem": state.problem or "?"}
        yield Finding("webhook_failing", "bad", facts) if state.waiting else Finding("webhook_failed", "note", facts)
    else:
        yield Finding("webhook_ours", "good", facts)


def _set_before(config: Config) -> str | None:
    """Return the address that Hilo itself had set last, or None where the database does not tell."""
    try:
        file = file_of(config.database_url)
        if file is not None and not file.exists():
            return None
        database = Database.open(config.database_url)
    except (BadUrl, OSError):
        return None
    try:
        with database.read() as connection:
            return known_url(connection, TELEGRAM) if database.version() == HEAD else None
    except (DatabaseDown, DatabaseError, OSError):
        return None
    finally:
        database.dispose()


def lines(unit: Unit, config: Config) -> Iterator[str]:
    """Say in sentences how bringing goes, as far as the database knows: what was refused, repeated, taken elsewhere."""
    row = unit.webhooks.of(TELEGRAM)
    if config.webhook_url:
        facts = {"url": config.webhook_url, "problem": row.problem, "waiting": row.waiting}
        yield console.words("cli.status.webhook_failing" if row.problem else "cli.status.webhook", **facts)
    for code, number, at in (
        ("cli.status.webhook_refused", row.refused, row.refused_at),
        ("cli.status.webhook_repeated", row.repeated, row.repeated_at),
    ):
        if at is not None and unit.now - at < COUNTED_FOR:
            yield console.words(code, number=number, at=_moment(at))
    since = unit.now - COUNTED_FOR
    taken = [at for code in (CONFLICT, WEBHOOK) for at, *_ in unit.audit.done(code, since)]
    if config.token and taken:
        yield console.words("cli.status.intruded", at=_moment(max(taken)))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
