"""Explain a command line that is not valid, in the console's language and with what would be right."""

from typing import Any

import typer

from bot.cli import console
from bot.cli.help import UNKNOWN, HiloGroup, argument_name


def tell(error: typer.TyperException) -> int:
    """Say what is wrong with a command line, and return the exit code; a group without a command shows its help.

    Of its error classes typer exports only BadParameter and their base; the others are told apart by their attributes.
    """
    context = getattr(error, "ctx", None)
    if context is not None and error.message == context.get_help():
        typer.echo(error.message, err=True)
        return error.exit_code
    code, facts = _wrong(error, context)
    path = context.command_path if context else "hilo"
    console.refuse(console.words(code, **facts), console.words("cli.usage.help", command=path))
    return error.exit_code


def _wrong(error: typer.TyperException, context: typer.Context | None) -> tuple[str, dict[str, object]]:
    option = getattr(error, "option_name", None)
    if isinstance(error, typer.BadParameter):
        if hasattr(error, "param_type"):
            return "cli.usage.missing", {"name": _name(error.param)}
        low, high = (getattr(error.param and error.param.type, end, None) for end in ("min", "max"))
        code = "cli.usage.number" if high is not None else "cli.usage.value"
        return code, {"name": _name(error.param), "low": low, "high": high}
    if option is not None and not hasattr(error, "possibilities"):
        return "cli.usage.worth", {"option": option}
    if option is not None:
        known = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
        return "cli.usage.option.near" if known else "cli.usage.option", {"given": option, "known": known}
    commands = getattr(context and context.command, "commands", None)
    if commands is not None:
        given = str(context.meta.get(UNKNOWN) or "") if context is not None else ""
        if given and isinstance(group := getattr(context, "command", None), HiloGroup) and (near := group.near(given)):
            return "cli.usage.command.near", {"given": given, "known": near}
        shown = (name for name, command in commands.items() if not command.hidden)
        return "cli.usage.command", {"known": ", ".join(shown)}
    if context is not None and not any(param.param_type_name == "argument" for param in context.command.params):
        given = error.message.rpartition("(")[2].rstrip(")")
        return "cli.usage.extra.none", {"command": context.command_path, "given": given}
    return "cli.usage.extra", {}


def _name(param: Any) -> str:
    """Return an option as it is typed, an argument as the help shows it."""
    if param is None:
        return "?"
    name: str = next((text for text in param.opts if text.startswith("-")), argument_name(param))
    return name
