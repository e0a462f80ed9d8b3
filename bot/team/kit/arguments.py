"""Button arguments that many of the team's screens share: an id, with a page or a confirmation."""

from typing import ClassVar
from uuid import UUID

from bot.rendering.arguments import Argument


class OfId(Argument):
    """The id of the thing a button is about."""

    layout: ClassVar[str] = "{id}"
    id: UUID


class PageOf(Argument):
    """The id of a thing, and a page of a list that belongs to it."""

    layout: ClassVar[str] = "{id}[.{page}]"
    id: UUID
    page: int = 0


class SureOf(Argument):
    """The id of a thing, and whether the person confirmed the act."""

    layout: ClassVar[str] = "{id}[.{sure:y}]"
    id: UUID
    sure: bool = False
