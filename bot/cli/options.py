"""Options that many commands have."""

from typing import Annotated

import typer

from bot.cli.console import words

Practice = Annotated[bool, typer.Option("--practice", help=words("cli.option.practice"))]
