"""Button arguments about the rest of a colleague's roles."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.rendering.arguments import Argument


class RestOf(Argument):
    """The colleague whose roles are to rest."""

    layout: ClassVar[str] = "r{person}"
    person: UUID


class RestStep(Argument):
    """What to decide: open it (`o`), let them rest on (`k`), ask before they are taken up again (`b`), do so (`y`)."""

    layout: ClassVar[str] = "{step}{person}"
    step: Literal["o", "k", "b", "y"]
    person: UUID
