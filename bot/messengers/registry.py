"""The list of messengers, including those that do not run now, since rows about people on them stay.

A new one needs an adapter, a line here, and its settings in `bot.config`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from bot.messengers import _telegram, web
from bot.messengers.port import BadToken, Capabilities, Hookable, Messenger
from bot.messengers.webhook import Hook, Webhook

_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class KnownMessenger:
    """One messenger: what it can do, and how its client is made from the settings.

    Attributes:
        capabilities: what it can do.
        connect: makes its client from the settings, and imports its library only then; None if it has no client.
        wanted: returns whether the settings ask for it.
        hook: returns where the settings want its updates brought, or None; only where its client is `Hookable`.
    """

    capabilities: Capabilities
    connect: Callable[[Any], Messenger] | None = None
    wanted: Callable[[Any], bool] = lambda _: False
    hook: Callable[[Any], Hook | None] = lambda _: None


class MessengerRegistry:
    """The known messengers, by name."""

    def __init__(self, known: Iterable[KnownMessenger]) -> None:
        """Keep the messengers, in the order in which people are told of them."""
        self._known = {each.capabilities.name: each for each in known}

    def __iter__(self) -> Iterator[Capabilities]:
        return (each.capabilities for each in self._known.values())

    def add(self, known: KnownMessenger) -> None:
        """Add a messenger."""
        self._known[known.capabilities.name] = known

    def forget(self, name: str) -> None:
        """Remove a messenger; its rows may stay."""
        self._known.pop(name, None)

    def of(self, name: str) -> Capabilities:
        """Return what a messenger can do; for an unknown one, the most cautious defaults."""
        known = self._known.get(name)
        return known.capabilities if known else Capabilities(name)

    def outside(self) -> frozenset[str]:
        """Return the names of those whose messages leave this machine: their rows wait until they run again."""
        return frozenset(each.name for each in self if not each.kept_here)

    def wanted(self, config: Any) -> list[str]:
        """Return the names of those that the settings ask for."""
        return [name for name, each in self._known.items() if each.wanted(config)]

    def connect(self, name: str, config: Any) -> Messenger:
        """Make a messenger's client; raises LookupError where it has none, BadToken, and whatever `connect` raises."""
        connect = self._known[name].connect
        if connect is None:
            raise LookupError(name)
        return connect(config)

    def webhook(self, client: Messenger, config: Any) -> Webhook | None:
        """Return the source of a client's updates where the settings want them brought, else None."""
        known = self._known.get(client.name)
        hook = known.hook(config) if known else None
        return Webhook(cast("Hookable", client), hook) if hook is not None else None


def _telegram_client(config: Any) -> Messenger:
    """Make the chosen Telegram client, importing only that one; raises BadToken or Rejected."""
    if not _TOKEN.fullmatch(config.token):
        raise BadToken("no token looks like this")  # the clients fail on a quote or a blank in it
    if config.client == "aiogram":
        from bot.messengers.aiogram import AiogramMessenger  # noqa: PLC0415  168 MB that only its user pays

        return AiogramMessenger(config.token, config.api, paid=config.paid)
    from bot.messengers.ptb import PtbMessenger  # noqa: PLC0415  only the chosen client is imported

    return PtbMessenger(config.token, config.api, paid=config.paid)


def _telegram_hook(config: Any) -> Hook | None:
    if not config.webhook_url:
        return None
    return Hook(config.webhook_url, config.webhook_secret, _telegram.SHOWN_IN)


MESSENGERS: Final = MessengerRegistry(
    (
        KnownMessenger(
            _telegram.CAPABILITIES, _telegram_client, lambda config: config.token is not None, _telegram_hook
        ),
        KnownMessenger(web.CAPABILITIES),
    )
)
of = MESSENGERS.of
