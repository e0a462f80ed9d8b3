"""A line that the command does not know, said in the console's language and with what would be right."""

# Of these, typer itself gives out BadParameter alone.
from typer._click import exceptions as wrong

from bot.cli import console


def tell(error: wrong.UsageError) -> int:
    """Say what was wrong with a line; returns the exit code. A family of commands without a word shows its help."""
    if isinstance(error, wrong.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    code, facts = _wrong(error)
    path = error.ctx.command_path if error.ctx else "hilo"
    console.refuse(console.words(code, **facts), console.words("cli.usage.help", command=path))
    return error.exit_code


def _wrong(error: wrong.UsageError) -> tuple[str, dict[str, object]]:
    match error:
        case wrong.NoSuchOption():
            known = ", ".join(sorted(error.possibilities or ()))
            code = "cli.usage.option.near" if known else "cli.usage.option"
            return code, {"given": error.option_name, "known": known}
        case wrong.BadOptionUsage():
            return "cli.usage.worth", {"option": error.option_name}
        case wrong.MissingParameter():
            return "cli.usage.missing", {"name": _name(error)}
        case wrong.BadParameter():
            low, high = (getattr(error.param and error.param.type, end, None) for end in ("min", "max"))
            code = "cli.usage.number" if high is not None else "cli.usage.value"
            return code, {"name": _name(error), "low": low, "high": high}
    commands = getattr(error.ctx and error.ctx.command, "commands", None)
    if commands is not None:
        shown = (name for name, command in commands.items() if not command.hidden)
        return "cli.usage.command", {"known": ", ".join(shown)}
    return "cli.usage.extra", {}


def _name(error: wrong.BadParameter) -> str:
    """Name an option as it is typed, an argument as the help shows it."""
    if error.param is None:
        return "?"
    return next((text for text in error.param.opts if text.startswith("-")), error.param.human_readable_name)
