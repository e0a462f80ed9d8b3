"""The help of every command, in the console's language to the last word, wrapped at words to the terminal's width."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, Final, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from bot.cli.console import words, wrapped

F = TypeVar("F", bound=Callable[..., Any])
LEFT: Final = 24  # columns of names; a longer one has its words on the next line
MARGIN: Final = 2
UNKNOWN: Final = "hilo.unknown"  # what was typed for a command and is none, in a context's notes
NEAR: Final = 0.6  # from how alike on a word is proposed
ENDS: Final = (". ", ": hilo ")  # where the first sentence of a help ends, and examples begin


class HiloCommand(TyperCommand):
    """A command whose help is ours."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return _written(self, ctx)


class HiloGroup(TyperGroup):
    """A group of commands whose help is ours, and whose commands are understood in Spanish, too."""

    def get_help(self, ctx: Any) -> str:
        """Return the help, with a line for each command."""
        return _written(self, ctx, [(name, each.help or "") for name, each in self.commands.items() if not each.hidden])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, or by one that people of another language type."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            found = super().get_command(ctx, _pairs("cli.help.named").get(cmd_name, cmd_name))
        if found is None:
            ctx.meta[UNKNOWN] = cmd_name  # the error that follows does not tell it
        return found

    def near(self, typed: str) -> str:
        """Return the command that was probably meant, or '' where none is near."""
        shown = {name: name for name, each in self.commands.items() if not each.hidden}
        meant = {other: name for other, name in _pairs("cli.help.named").items() if name in shown} | shown
        begins = sorted({name for word, name in meant.items() if len(typed) > 1 and word.startswith(typed)})
        if len(begins) == 1:
            return begins[0]
        found = get_close_matches(typed, meant, n=1, cutoff=NEAR)
        return meant[found[0]] if found else ""


class Program(typer.Typer):
    """A program, or a group of its commands, with this help."""

    def __init__(self, **given: Any) -> None:
        """Take what a `typer.Typer` takes."""
        super().__init__(**({"cls": HiloGroup, "rich_markup_mode": None} | given))

    def command(self, name: str | None = None, **given: Any) -> Callable[[F], F]:
        """Add a command."""
        return super().command(name, **({"cls": HiloCommand} | given))


def _pairs(code: str) -> dict[str, str]:
    """Return what a list of the catalogs pairs: `exportar=export, respaldar=backup`."""
    return dict(each.strip().split("=") for each in words(code).split(",") if "=" in each)


def _written(command: Any, ctx: Any, commands: Sequence[tuple[str, str]] = ()) -> str:
    found = command.get_params(ctx)
    arguments = [each for each in found if each.param_type_name == "argument" and not each.hidden]
    options = [each for each in found if each.param_type_name == "option" and not each.hidden]
    used = [_argument(each) for each in arguments]
    pieces = [ctx.command_path, *([words("cli.help.options")] if options else []), *used]
    pieces += [words("cli.help.command")] if commands else []
    lines = [words("cli.help.usage", how=" ".join(pieces)), ""]
    lines += [line for part in (command.help or "").split("\n") for line in wrapped(part, " " * MARGIN)]
    sections = (
        ("cli.help.arguments.title", [(_argument(each), each.help or "") for each in arguments]),
        ("cli.help.options.title", [_option(each) for each in options]),
        ("cli.help.commands.title", [(name, _first(told)) for name, told in commands]),
    )
    for title, rows in sections:
        if rows:
            lines += ["", words(title), *_list(rows)]
    return "\n".join(lines)


def _list(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return names with what they mean, in two columns."""
    column = min(LEFT, max(len(name) for name, _ in rows)) + 2 * MARGIN
    lines = []
    for name, told in rows:
        head = " " * MARGIN + name
        if len(head) + MARGIN > column:
            lines.append(head)
            head = ""
        lines += wrapped(told, " " * column, head.ljust(column)) if told else [head]
    return lines


def _first(told: str) -> str:
    """Return the first sentence of a help, without the example."""
    ends = [place for mark in ENDS if (place := told.find(mark)) > 0]
    return f"{told[: min(ends)]}." if ends else told.partition("\n")[0]


def argument_name(param: Any) -> str:
    """Return the name of what is typed, in capitals, in the console's language."""
    name = str(param.metavar or param.name or "").upper()
    return _pairs("cli.help.names").get(name, name)


def _argument(param: Any) -> str:
    """Return an argument's name as the help shows it: in capitals, in the console's language."""
    shown = argument_name(param)
    several = "…" if param.nargs == -1 else ""
    return f"{shown}{several}" if param.required else f"[{shown}{several}]"


def _option(param: Any) -> tuple[str, str]:
    """Return an option with what it takes, and what it means with what holds if it is left out."""
    if "--help" in param.opts:
        return "--help", words("cli.help.this")
    names = ", ".join(param.opts) + "".join(f", {each}" for each in param.secondary_opts)
    told = (param.help or "").rstrip()
    if param.is_flag or getattr(param, "count", False):
        return names, told
    kept = param.default if isinstance(param.default, (str, int)) and not isinstance(param.default, bool) else None
    if kept not in {None, ""}:
        told = f"{told.removesuffix('.')} {words('cli.help.otherwise', value=kept)}"
    return f"{names} {_value(param)}", told


def _value(param: Any) -> str:
    """Return what an option takes."""
    if choices := getattr(param.type, "choices", None):
        return "|".join(str(getattr(each, "value", each)) for each in choices)
    if param.metavar:
        return argument_name(param)
    kind = str(getattr(param.type, "name", ""))
    code = "number" if kind.startswith(("int", "float")) else "file" if kind in {"path", "file"} else "text"
    return words(f"cli.help.{code}")
