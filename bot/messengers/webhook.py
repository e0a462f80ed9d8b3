"""Updates that a messenger brings to an address of ours, in place of being asked for them."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from bot.messengers.letterbox import Letterbox
from bot.messengers.port import Batch, Hookable


@dataclass(frozen=True, slots=True)
class Hook:
    """Where updates are brought: the address, and the secret that whoever brings one has to show, in which header."""

    url: str
    secret: str = field(repr=False)
    header: str

    @property
    def path(self) -> str:
        """The path of the address, as a request names it."""
        return unquote(urlsplit(self.url).path)


class Webhook:
    """A source whose updates are brought; `client` is the messenger that brings them.

    Attributes:
        refused: how many requests came without the secret, since somebody looked.
    """

    def __init__(self, client: Hookable, hook: Hook) -> None:
        """Begin with nothing brought."""
        self.name = client.name
        self.client = client
        self.hook = hook
        self.refused = 0
        self._letterbox = Letterbox()

    async def bring(self, update: object) -> None:
        """Take one update, decoded from JSON, and return once it is kept; raises NotKept after ten seconds."""
        await self._letterbox.hand_over(self.client.translate(update))

    async def prepare(self) -> str | None:
        """Do nothing: `bot.pipeline.webhook_keeper` sets the address, and updates are taken even while that fails."""
        return None

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds for updates; an offset confirms every one before it to whoever brought it."""
        return await self._letterbox.fetch(offset, wait)

    async def acknowledge(self, callback: str) -> None:
        """Tell the messenger that a press was seen. Never raises."""
        await self.client.acknowledge(callback)

    def close(self) -> None:
        """Tell whoever brings an update that it was not kept: it comes again."""
        self._letterbox.close()
