"""Which messengers there are: one list, also of those that do not run now, since rows about people on them stay.

A new one is an adapter, a line here, and its settings in `bot.config`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.messengers import _telegram, web
from bot.messengers.port import BadToken, Capabilities, Messenger

_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class KnownMessenger:
    """One messenger: what it can do, and how its client is made of the settings.

    Attributes:
        capabilities: what it can do.
        connect: makes its client of the settings, and loads its library only then; None for one that is no client.
        wanted: tells whether the settings ask for it.
    """

    capabilities: Capabilities
    connect: Callable[[Any], Messenger] | None = None
    wanted: Callable[[Any], bool] = lambda _: False


class MessengerRegistry:
    """The messengers that are known, by name."""

    def __init__(self, known: Iterable[KnownMessenger]) -> None:
        """Take them, in the order in which people are told of them."""
        self._known = {each.capabilities.name: each for each in known}

    def __iter__(self) -> Iterator[Capabilities]:
        return (each.capabilities for each in self._known.values())

    def add(self, known: KnownMessenger) -> None:
        """Make one more known."""
        self._known[known.capabilities.name] = known

    def forget(self, name: str) -> None:
        """Know one no more; its rows may stay."""
        self._known.pop(name, None)

    def of(self, name: str) -> Capabilities:
        """Return what a messenger can do; of one that nobody knows any more, the least is supposed."""
        known = self._known.get(name)
        return known.capabilities if known else Capabilities(name)

    def outside(self) -> frozenset[str]:
        """Name those whose messages leave this machine: what waits for one waits until it runs again."""
        return frozenset(each.name for each in self if not each.kept_here)

    def wanted(self, config: Any) -> list[str]:
        """Name those that the settings ask for."""
        return [name for name, each in self._known.items() if each.wanted(config)]

    def connect(self, name: str, config: Any) -> Messenger:
        """Make a messenger's client. Raises LookupError for one that has none, BadToken and whatever it raises."""
        connect = self._known[name].connect
        if connect is None:
            raise LookupError(name)
        return connect(config)


def _telegram_client(config: Any) -> Messenger:
    """Make the chosen Telegram client; only that one is imported. Raises BadToken or Rejected."""
    if not _TOKEN.fullmatch(config.token):
        raise BadToken("no token looks like this")  # a quote or a blank in it, and the clients stumble over it
    if config.client == "aiogram":
        from bot.messengers.aiogram import AiogramMessenger  # noqa: PLC0415  168 MB that only its user pays

        return AiogramMessenger(config.token, config.api)
    from bot.messengers.ptb import PtbMessenger  # noqa: PLC0415  only the chosen client is imported

    return PtbMessenger(config.token, config.api)


MESSENGERS: Final = MessengerRegistry(
    (
        KnownMessenger(_telegram.CAPABILITIES, _telegram_client, lambda config: config.token is not None),
        KnownMessenger(web.CAPABILITIES),
    )
)
of = MESSENGERS.of
