"""What the buttons of signs carry."""

from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from bot.rendering.arguments import Argument

SignStep: TypeAlias = Literal["o", "e", "q", "x", "b", "l", "m", "k", "h", "g", "w", "r", "u"]


class OneSign(Argument):
    """A sign, and what to do with it.

    `o` shows it, `e` what was said before, `q` asks the group, `x` gives it up, `b` takes it up again; `l` asks when to
    look at it again, and `m`, `k` and `h` say in a month, three or six; `g` writes down what the group said, `w` what
    the team sees, `r` another wording; `u` takes back a judgement, whose id it carries.
    """

    layout: ClassVar[str] = "{step}{sign}[.{page}]"
    step: SignStep
    sign: UUID
    page: int = 0
