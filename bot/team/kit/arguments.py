"""What the team's buttons carry, where it is the same for many: an id, with a page or with the second tap."""

from typing import ClassVar
from uuid import UUID

from bot.rendering.arguments import Argument


class OfId(Argument):
    """What something is about."""

    layout: ClassVar[str] = "{id}"
    id: UUID


class PageOf(Argument):
    """A page of what hangs on something."""

    layout: ClassVar[str] = "{id}[.{page}]"
    id: UUID
    page: int = 0


class SureOf(Argument):
    """What something is about, and whether it was asked and answered with a yes."""

    layout: ClassVar[str] = "{id}[.{sure:y}]"
    id: UUID
    sure: bool = False
