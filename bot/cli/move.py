"""`hilo move`: carry an organisation to another database, and back."""

from typing import Annotated

import typer
from sqlalchemy import make_url

from bot.cli import console
from bot.cli.console import say, words
from bot.cli.operate import moving
from bot.cli.operate.moving import MovePlan, NewOne
from bot.cli.operate.terminal import ProgressLine, Terminal
from bot.config import Config
from bot.errors import Problem
from storage.marks import MoveMark


def move(
    to: Annotated[str | None, typer.Option("--to", metavar="URL", help=words("cli.move.to"))] = None,
    undo: Annotated[bool, typer.Option("--undo", help=words("cli.move.undo"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=words("cli.option.yes"))] = False,
) -> None:
    """Move everything to another database; an address not given is asked for, as it has a password."""
    config = Config.load()
    console.step_down(config)
    terminal = Terminal(console.LANGUAGE)
    if undo:
        _undo(config, terminal, sure=yes)
        return
    url = to or terminal.ask(words("cli.move.where"), hidden=True)

    def agreed(planned: MovePlan) -> bool:
        size = f"{planned.extent.size / 1e6:.0f}"
        console.count("cli.move.what", planned.extent.rows, source=planned.source, place=planned.place, size=size)
        console.count("cli.move.long", planned.minutes)
        say("cli.move.meanwhile")
        if planned.kind != "empty":
            say(f"cli.move.{planned.kind}", place=planned.place)
        return yes or terminal.yes("cli.move.sure", otherwise=False)

    done = moving.move(config, url, agreed, ProgressLine("move"))
    if done is None:
        raise Problem("cli.nothing_done")
    console.count("cli.move.done", done.rows)
    say("cli.move.setting", setting=f"HILO_DATABASE_URL={done.place}")
    if make_url(url).password:
        say("cli.move.password")
    say("cli.move.next")
    say("cli.move.old", source=done.source)


def _undo(config: Config, terminal: Terminal, *, sure: bool) -> None:
    def agreed(mark: MoveMark, new_one: NewOne) -> bool:
        say(f"cli.move.undo.{new_one}", place=mark.place)
        return sure or terminal.yes("cli.move.undo.sure", otherwise=False)

    mark = moving.undo(config, agreed)
    if mark is None:
        raise Problem("cli.nothing_done")
    say("cli.move.undo.done", place=mark.place)
